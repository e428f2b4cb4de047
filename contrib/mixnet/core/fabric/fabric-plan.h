/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_PLAN_H
#define FABRIC_PLAN_H

#include "host-plan.h"

#include "ns3/port-mapper.h"

#include <string>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What a node of a fabric is.
enum class NodeRole
{
    Host,                 //!< server; its ports are its NICs
    OpticalCircuitSwitch, //!< layer-1 switch of a region
    PacketSwitch,         //!< Ethernet switch
};

/// @ingroup mixnet-core
/// @brief One node of a fabric.
struct NodePlan
{
    NodeRole role;                 //!< what it is
    std::string name;              //!< for tables, traces and pictures
    uint32_t ports;                //!< number of ports
    std::optional<Bytes> buffer{}; //!< of a packet switch; without one as its model has it
};

/// @ingroup mixnet-core
/// @brief A port of a node.
struct PortPlan
{
    uint32_t node; //!< index in FabricPlan::nodes
    uint32_t port; //!< port of that node
};

/// @ingroup mixnet-core
/// @brief A fibre between two ports.
struct LinkPlan
{
    PortPlan a;         //!< one end
    PortPlan b;         //!< the other end
    BitsPerSecond rate; //!< line rate, each way
    Picoseconds delay;  //!< propagation
};

/// @ingroup mixnet-core
/// @brief Hosts under one optical circuit switch and one controller.
struct RegionPlan
{
    std::vector<uint32_t> hosts;                //!< node indices, in the order of endpoints
    uint32_t opticalSwitch{0};                  //!< node index
    std::vector<OpticalAttachment> attachments; //!< optical ports of the hosts
};

/**
 * @ingroup mixnet-core
 * @brief A fabric as a plain value: what is installed, simulated and priced.
 *
 * Hosts come first among the nodes and are alike.
 */
struct FabricPlan
{
    std::string name;                //!< kind of fabric, as users call it
    HostPlan host;                   //!< inside of every host
    uint32_t hosts{0};               //!< nodes 0 to hosts - 1 are hosts
    std::vector<NodePlan> nodes;     //!< all nodes
    std::vector<LinkPlan> links;     //!< all fibres
    std::vector<RegionPlan> regions; //!< optical regions; none in an electrical fabric
};

/**
 * @ingroup mixnet-core
 * @brief Adds the hosts of a fabric, its first nodes.
 * @param plan The fabric, with its host plan and without nodes.
 * @param hosts How many.
 */
void AddHosts(FabricPlan& plan, uint32_t hosts);

/**
 * @ingroup mixnet-core
 * @brief Puts a switch behind all NICs of one side.
 *
 * NIC number k on that side of host h ends at switch port h * (NICs on that side) + k.
 *
 * @param plan The fabric, with its hosts; gains a node and its links.
 * @param side Which NICs.
 * @param node The switch, without its number of ports.
 * @param delay Propagation of a fibre.
 * @return node index of the switch.
 */
uint32_t AddSwitch(FabricPlan& plan, NicRole side, NodePlan node, Picoseconds delay);

} // namespace mixnetcore

#endif // FABRIC_PLAN_H
