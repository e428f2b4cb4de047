/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_PARTS_H
#define FABRIC_PARTS_H

#include "part-list.h"

#include "ns3/fabric-plan.h"
#include "ns3/registry.h"

#include <optional>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What joins a server and the leaf switch of its rack.
enum class ShortLink
{
    Fibre,        //!< a fibre between two transceivers, as all other links
    CopperCable,  //!< direct-attach copper
    OpticalCable, //!< active optical cable
};

/**
 * @ingroup mixnet-core
 * @brief What a fabric's parts are bought as, where its plan leaves that open.
 */
struct PartRules
{
    ShortLink shortLinks{ShortLink::Fibre}; //!< between servers and leaf switches
    bool hasOcsPortsForAll{false};          //!< an OCS port for each NIC of MixNet, electrical ones
                                            //!< included, as its authors' site counts
    bool panelsAreOcs{false};               //!< patch panels are bought as OCS
    uint64_t panelPorts{1008};              //!< ports of a patch panel; beyond, panels form a Clos
    double ocsPortsPerNic{1};               //!< by the fan-out of a NIC, OcsFanOuts()
};

/// @ingroup mixnet-core
/// @return links between servers and leaf switches, by name: fibre, copper, optical-cable.
Registry<ShortLink>& ShortLinks();

/**
 * @ingroup mixnet-core
 * @return OCS ports that a NIC takes, by the name of its fan-out.
 *
 * duplex: a fibre for each direction, a port with an input and an output. circulator: both
 * directions share one fibre, of which the two ends of a circuit take an input and an output
 * together. breakout: four lanes that are switched apart. That these could be circuits of their own
 * is not modelled.
 *
 * @see MixNet, section 9
 */
Registry<double>& OcsFanOuts();

/**
 * @ingroup mixnet-core
 * @brief Panels as many as it takes for a number of fibres.
 */
struct PanelTiers
{
    uint64_t tiers;  //!< of a folded Clos of panels; 1: a single one
    uint64_t ports;  //!< in use, of all tiers
    uint64_t fibres; //!< to NICs and between panels
};

/// @ingroup mixnet-core
/// @param nics NICs on a flat panel. @param panelPorts Ports of one that can be had, at least 2.
/// @return what it takes to build it.
PanelTiers TiersOfPanels(uint64_t nics, uint64_t panelPorts);

/**
 * @ingroup mixnet-core
 * @brief Counts the parts of a plan: each port and fibre that is there.
 *
 * A transceiver is at each end of a fibre that is at a NIC or at a port of a packet switch. Only
 * ports in use count, as the paper does. A switch whose circuits stand from beginning to end is a
 * patch panel.
 *
 * @param plan A fabric.
 * @param rules What parts are bought as.
 * @return the parts.
 */
PartList PartsOfPlan(const FabricPlan& plan, const PartRules& rules);

/**
 * @ingroup mixnet-core
 * @brief Counts as the authors of the paper do, per NIC and whatever the number of switches.
 *
 * With N NICs, e of them electrical: fat-tree and rail-optimized 5N switch ports, 6N transceivers
 * and 3N fibres; where a leaf has f N links up rather than N, (1 + 4f) N, (2 + 4f) N and (1 + 2f)
 * N; rail-only 4N, 5N and 2.5N; TopoOpt N transceivers, panel ports and fibres; MixNet 5e switch
 * ports, 5e + N transceivers, ceil(5e / 2) + (N - e) fibres and N - e OCS ports.
 *
 * @param plan A fabric.
 * @param rules What parts are bought as.
 * @return the parts; nothing for fabrics that they do not count.
 */
std::optional<PartList> PartsOfAuthors(const FabricPlan& plan, const PartRules& rules);

} // namespace mixnetcore

#endif // FABRIC_PARTS_H
