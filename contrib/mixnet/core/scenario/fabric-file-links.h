/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_FILE_LINKS_H
#define FABRIC_FILE_LINKS_H

#include "ns3/fabric-plan.h"
#include "ns3/json-item.h"
#include "ns3/route.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Reads switches and links of a fabric file, and knows then which NIC ends where.
 *
 * Refuses with std::invalid_argument, in one line: file, field, value and rule.
 */
class FabricFileLinks
{
  public:
    /// @param plan The fabric, with its hosts; gains nodes and links.
    explicit FabricFileLinks(FabricPlan& plan);

    /// @param items Elements of "switches". @brief Adds them to the nodes.
    void ReadSwitches(const std::vector<JsonItem>& items);

    /// @param items Elements of "links". @param rate Of those without a NIC that say nothing.
    /// @param delay Of those that say nothing. @brief Adds the links; switches get their ports.
    void ReadLinks(const std::vector<JsonItem>& items, BitsPerSecond rate, Picoseconds delay);

    /// @param item Name of an optical circuit switch. @return its node.
    uint32_t ReadOpticalSwitch(const JsonItem& item) const;

    /**
     * @param item A port of a switch at which a NIC ends: its number, or the NIC as host0/3.
     * @param opticalSwitch Node of the switch.
     * @return number of the port.
     */
    uint32_t ReadCircuitEnd(const JsonItem& item, uint32_t opticalSwitch) const;

    /// @return the first electrical NIC without a link, if there is one.
    std::optional<NicId> FindUnlinked() const;

  private:
    using PortKey = std::pair<uint32_t, uint32_t>; //!< node, port

    /// @param item An end of a link. @param name Of its node. @return the node.
    uint32_t NodeOf(const JsonItem& item, const std::string& name) const;

    /// @param item An end of a link. @return its port, which is used from then on.
    PortPlan TakeEnd(const JsonItem& item);

    /// @param item An end of a link. @param node A switch. @return its lowest port that is free.
    uint32_t FreePort(const JsonItem& item, uint32_t node);

    /// @param item What the link says of its rate. @param link The link. @return that rate.
    BitsPerSecond ReadRate(const JsonItem& item, const LinkPlan& link) const;

    /// @param item A link. @param link Its ends. @brief Checks that they fit each other.
    void CheckEnds(const JsonItem& item, const LinkPlan& link) const;

    /// @param port A port. @return the NIC that it is; none of a switch.
    const NicPlan* NicOf(const PortPlan& port) const;

    /// @param link A link. @return the NIC at one of its ends; none between switches.
    const NicPlan* NicOf(const LinkPlan& link) const;

    /// @param port A port. @return it with what it is a port of, for messages.
    std::string Describe(const PortPlan& port) const;

    FabricPlan& m_plan;                       //!< the fabric
    std::map<std::string, uint32_t> m_nodeOf; //!< switches by name
    std::vector<bool> m_isFixed;              //!< by node: whether it says how many ports it has
    std::vector<uint32_t> m_nextFree;         //!< by node: lowest port that may be free
    std::map<PortKey, PortPlan> m_farEnd;     //!< by port that is used: the other end
    std::map<PortKey, std::string> m_userOf;  //!< by port that is used: which link uses it
};

} // namespace mixnetcore

#endif // FABRIC_FILE_LINKS_H
