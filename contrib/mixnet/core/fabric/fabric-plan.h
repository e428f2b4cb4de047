/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_PLAN_H
#define FABRIC_PLAN_H

#include "host-plan.h"

#include "ns3/circuit-allocation.h"
#include "ns3/circuit-configuration.h"
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
    uint32_t tier{0};              //!< 1 leaf, 2 spine, 3 core switch; 0 for all others
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
/// @brief One optical circuit switch of a region, and what ends there.
struct OpticalPlane
{
    uint32_t opticalSwitch{0};                  //!< node index
    std::vector<OpticalAttachment> attachments; //!< optical ports of the region's endpoints
};

/// @ingroup mixnet-core
/// @brief Endpoints under one controller, and the switches between which circuits are chosen.
struct RegionPlan
{
    std::vector<Endpoint> endpoints;  //!< in the order in which attachments number them
    std::vector<OpticalPlane> planes; //!< a circuit stays in its plane

    /// @return hosts with endpoints, each once, in their order.
    std::vector<uint32_t> Hosts() const;

    /// @param plane Index of a plane. @return its optical ports at each endpoint.
    std::vector<uint32_t> PortsOf(size_t plane) const;
};

/// @ingroup mixnet-core
/// @brief What an optical circuit switch holds for a while.
struct CircuitSlot
{
    CircuitConfiguration circuits; //!< the circuits
    Picoseconds duration{0}; //!< how long all of them carry a signal, above 0; of an only slot
                             //!< 0: for ever
};

/**
 * @ingroup mixnet-core
 * @brief What an optical circuit switch holds that no controller commands.
 *
 * One slot stands from the beginning to the end, as on a patch panel. Several are taken in turn,
 * again and again, whatever the traffic: slot, guard, slot, guard, ... In a guard ports that change
 * are dark.
 */
struct CircuitSchedule
{
    uint32_t opticalSwitch{0};      //!< node index
    std::vector<CircuitSlot> slots; //!< in their order, at least one
    Picoseconds guard{0};           //!< time between two slots
};

/// @ingroup mixnet-core
/// @brief A ring of an all-reduce that circuits have been laid for.
struct RingPlan
{
    std::vector<uint32_t>
        hosts;       //!< in the order of the ring, at least 2; the last sends to the first
    uint32_t nic{0}; //!< NIC by which each sends to the next, and receives
};

/// @ingroup mixnet-core
/// @brief A path over circuits, by way of servers that pass bytes on.
struct HostRoute
{
    uint32_t from{0};           //!< host that sends
    uint32_t to{0};             //!< host that receives
    std::vector<uint32_t> over; //!< hosts in between, in their order
    double share{1};            //!< of the pair's bytes, over the sum of all its routes
};

/**
 * @ingroup mixnet-core
 * @brief A fabric as a plain value: what is installed, simulated and priced.
 *
 * Hosts come first among the nodes and are alike.
 *
 * Optical NICs end at optical circuit switches, or at each other. Circuits of a switch are chosen
 * by the controller of a region, or follow a schedule.
 */
struct FabricPlan
{
    std::string name;                //!< kind of fabric, as users call it
    HostPlan host;                   //!< inside of every host
    uint32_t hosts{0};               //!< nodes 0 to hosts - 1 are hosts
    std::vector<NodePlan> nodes;     //!< all nodes
    std::vector<LinkPlan> links;     //!< all fibres
    std::vector<RegionPlan> regions; //!< optical regions; none in an electrical fabric
    std::string router{"own-nic"};   //!< how bytes find their NICs, one of AllToAllRouters()
    std::vector<uint32_t> relays;    //!< hosts that may pass on bytes of others

    // Without a controller
    std::vector<CircuitSchedule> schedules; //!< of optical circuit switches, each once
    std::vector<RingPlan> rings;            //!< what circuits have been laid for
    std::vector<HostRoute> routes;          //!< of pairs that have others than the shortest
    /// One-way delay of acknowledgements where circuits are one way: they, and loss of signal, go
    /// back on a control path that takes nothing of what data has. None: they go back on the
    /// circuit, and there are no one-way circuits.
    std::optional<Picoseconds> controlDelay;
};

/**
 * @ingroup mixnet-core
 * @param plan The fabric.
 * @param region Index of one of its regions.
 * @return its endpoints, with the ports and NICs they have.
 */
std::vector<EndpointPorts> EndpointsOf(const FabricPlan& plan, size_t region);

/**
 * @ingroup mixnet-core
 * @brief Adds the hosts of a fabric, its first nodes.
 * @param plan The fabric, with its host plan and without nodes.
 * @param hosts How many.
 */
void AddHosts(FabricPlan& plan, uint32_t hosts);

/**
 * @ingroup mixnet-core
 * @param plan The fabric, with its hosts.
 * @param side Which NICs.
 * @param firstHost First of the hosts.
 * @param hosts How many hosts.
 * @return their ports on that side, host by host, ascending by number.
 */
std::vector<PortPlan> NicPorts(const FabricPlan& plan,
                               NicRole side,
                               uint32_t firstHost,
                               uint32_t hosts);

/**
 * @ingroup mixnet-core
 * @brief Puts one switch behind NICs: the NIC at place n of the list ends at switch port n.
 * @param plan The fabric, with its hosts; gains a node and its links.
 * @param nics Ports of hosts; fibres have the rates of these NICs.
 * @param node The switch, without its number of ports.
 * @param delay Propagation of a fibre.
 * @return node index of the switch.
 */
uint32_t AddSwitch(FabricPlan& plan,
                   const std::vector<PortPlan>& nics,
                   NodePlan node,
                   Picoseconds delay);

/**
 * @ingroup mixnet-core
 * @brief Checks what all planners of fabrics take.
 * @param hosts Servers.
 * @param linkDelay Propagation of a fibre.
 * @throws std::invalid_argument when there are no servers or the delay is negative; the message
 * names field, value and range.
 */
void CheckHostsAndDelay(uint32_t hosts, Picoseconds linkDelay);

/**
 * @ingroup mixnet-core
 * @brief Checks that hosts suit a fabric without optical circuit switches.
 * @param host Inside of each.
 * @param fabric What is planned, as in "on a fat-tree".
 * @throws std::invalid_argument when a NIC is optical; the message names field, value and range.
 */
void CheckNoOpticalNics(const HostSpec& host, const std::string& fabric);

} // namespace mixnetcore

#endif // FABRIC_PLAN_H
