/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_FILE_CIRCUITS_H
#define FABRIC_FILE_CIRCUITS_H

#include "fabric-file-links.h"

#include <set>
#include <string>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What lists of hosts in a fabric file say for all of them.
inline constexpr const char* ALL_HOSTS = "all";

/// @ingroup mixnet-core
/// @param hosts How many there are. @return their numbers, ascending.
std::vector<uint32_t> AllHostsOf(uint32_t hosts);

/// @ingroup mixnet-core
/// @param plan A fabric. @return whether schedules have one-way circuits.
bool HasOneWayCircuits(const FabricPlan& plan);

/**
 * @ingroup mixnet-core
 * @param item Numbers of hosts, each once, or ALL_HOSTS.
 * @param hosts How many there are.
 * @param least How many the list has at least.
 * @return them.
 * @throws std::invalid_argument with one line: file, field, value and rule.
 */
std::vector<uint32_t> ReadHostList(const JsonItem& item, uint32_t hosts, size_t least);

/**
 * @ingroup mixnet-core
 * @brief Finds what ends at a switch of a region.
 * @param plan A fabric.
 * @param opticalSwitch Node of an optical circuit switch.
 * @param endpoints Of the region.
 * @return the plane, its attachments ascending by port; NICs of no endpoint are left out.
 */
OpticalPlane PlaneOf(const FabricPlan& plan,
                     uint32_t opticalSwitch,
                     const std::vector<Endpoint>& endpoints);

/**
 * @ingroup mixnet-core
 * @param plan A fabric.
 * @param hosts Hosts of a region.
 * @param switches Nodes of its optical circuit switches.
 * @return every GPU of these hosts that has a NIC there, host by host, ascending.
 */
std::vector<Endpoint> GpuEndpoints(const FabricPlan& plan,
                                   const std::vector<uint32_t>& hosts,
                                   const std::vector<uint32_t>& switches);

/**
 * @ingroup mixnet-core
 * @brief Reads what a fabric file says of circuits: regions, schedules, rings and routes.
 *
 * Refuses with std::invalid_argument, in one line: file, field, value and rule.
 */
class FabricFileCircuits
{
  public:
    /// @param plan The fabric, with its links. @param links What ends where.
    FabricFileCircuits(FabricPlan& plan, const FabricFileLinks& links);

    /// @param items Elements of "regions". @brief Adds them.
    void ReadRegions(const std::vector<JsonItem>& items);

    /// @param items Elements of "schedules". @brief Adds them.
    void ReadSchedules(const std::vector<JsonItem>& items);

    /// @param items Elements of "rings". @brief Adds them. @pre Schedules are there.
    void ReadRings(const std::vector<JsonItem>& items);

    /// @param items Elements of "routes". @brief Adds them. @pre Schedules are there.
    void ReadRoutes(const std::vector<JsonItem>& items);

    /// @return node of the first optical circuit switch without a region or schedule, if any.
    std::optional<uint32_t> FindUnused() const;

  private:
    /// @param item Name of an optical circuit switch. @return its node, which is used from then on.
    uint32_t TakeSwitch(const JsonItem& item);

    /// @param region A region with endpoints and planes. @param item What it is read from.
    void CheckRegion(const RegionPlan& region, const JsonFields& item) const;

    /// @param item A slot. @param opticalSwitch Node of the switch. @param isOnly Whether there is
    /// no other. @return the slot.
    CircuitSlot ReadSlot(const JsonItem& item, uint32_t opticalSwitch, bool isOnly) const;

    /// @param from A NIC. @param to Another. @return whether a circuit leads from one to the other.
    bool HasCircuit(const NicId& from, const NicId& to);

    /// @param from A host. @param to Another. @return whether a circuit leads from one to the
    /// other.
    bool HasCircuitBetween(uint32_t from, uint32_t to);

    /// @brief Collects the circuits, unless that is done.
    void CollectCircuits();

    FabricPlan& m_plan;                              //!< the fabric
    const FabricFileLinks& m_links;                  //!< what ends where
    std::map<uint32_t, std::string> m_userOf;        //!< of optical switches: what uses them
    std::map<uint32_t, std::string> m_regionOf;      //!< by host: what its region is called
    std::set<std::vector<uint32_t>> m_circuits;      //!< host, NIC, host, NIC
    std::set<std::pair<uint32_t, uint32_t>> m_pairs; //!< hosts that circuits join
    bool m_hasCollected{false};                      //!< whether the two are there
};

} // namespace mixnetcore

#endif // FABRIC_FILE_CIRCUITS_H
