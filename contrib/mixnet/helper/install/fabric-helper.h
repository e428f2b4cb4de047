/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_HELPER_H
#define FABRIC_HELPER_H

#include "ns3/control-path.h"
#include "ns3/fabric-plan.h"
#include "ns3/fibre.h"
#include "ns3/flow-engine.h"
#include "ns3/flow-transport.h"
#include "ns3/forwarding-plan.h"
#include "ns3/node-container.h"
#include "ns3/object-factory.h"
#include "ns3/ocs-switch.h"
#include "ns3/packet-switch.h"
#include "ns3/packet-transport.h"

#include <map>
#include <memory>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief How messages are carried.
enum class Fidelity
{
    Packet, //!< frame by frame: the reference
    Flow,   //!< as a fluid at max-min fair rates
};

/// @ingroup mixnet
/// @param fidelity A level. @return its name, as in options and results.
const char* ToString(Fidelity fidelity);

/**
 * @ingroup mixnet
 * @brief One installed server.
 */
struct FabricHost
{
    Ptr<Node> node;                  //!< its node
    Ptr<NvSwitchHost> server;        //!< its inside
    std::vector<Ptr<RdmaNic>> nics;  //!< its NICs by number
    Ptr<MessageTransport> transport; //!< carries its messages
    Ptr<PacketTransport> packets;    //!< those at packet level; none without
    Ptr<FlowTransport> flows;        //!< those at flow level; none without
};

/**
 * @ingroup mixnet
 * @brief What queue pairs may hold in a packet switch, and what there is for it.
 */
struct BufferNeed
{
    std::string name;  //!< of the switch; empty without one
    double windows{0}; //!< of the queue pairs that use links it shares, at one time, bytes
    double buffer{0};  //!< its shared buffer, bytes

    /// @return windows over buffer; 0 without a switch.
    double Ratio() const
    {
        return buffer > 0 ? windows / buffer : 0;
    }
};

/**
 * @ingroup mixnet
 * @brief An installed fabric: the objects that stand for a plan.
 */
struct Fabric
{
    std::shared_ptr<const mixnetcore::FabricPlan> plan; //!< what was installed
    NodeContainer nodes;                                //!< in the order of the plan
    std::vector<FabricHost> hosts;                      //!< in the order of the plan
    std::vector<Ptr<OcsSwitch>> opticalSwitches;        //!< in the order of the plan
    std::vector<Ptr<PacketSwitch>> packetSwitches;      //!< in the order of the plan
    std::vector<Ptr<Fibre>> fibres;                     //!< by link of the plan
    Ptr<FabricRouting> routing;                         //!< tables of packet switches
    Ptr<ControlPath> controlPath;                       //!< of one-way circuits; none without
    Ptr<FlowEngine> flowEngine; //!< carries messages at flow level; none without

    /// @param region A region. @return its optical circuit switches, by plane.
    std::vector<Ptr<OcsSwitch>> GetOpticalSwitches(uint32_t region) const;

    /// @param node Node of the plan, an optical circuit switch. @return it.
    Ptr<OcsSwitch> GetOpticalSwitch(uint32_t node) const;

    /// @param host A host. @param nic A NIC of it. @return bytes that it has put on its line.
    uint64_t GetSentBytes(uint32_t host, uint32_t nic) const;

    /**
     * @param at An instant; nothing has happened since, nor after it.
     * @return bytes that each NIC has put on its line by then, host by host. Of a frame all bytes
     * count when its first one leaves; of a flow, what has left.
     */
    std::vector<uint64_t> GetSentBytesAt(const Time& at) const;

    /// @param host A host. @param nic A NIC of it. @return bytes that it has taken off its line.
    uint64_t GetReceivedBytes(uint32_t host, uint32_t nic) const;

    /// @return payload of a full frame over what it takes of a line.
    double PayloadEfficiency() const;

    /**
     * @brief Adds up what NICs have sent and taken in, and all losses.
     *
     * Switches of either kind make and consume no frames; only their losses count. So sent =
     * received + dropped + in flight, frames that wait in a packet switch among the last.
     *
     * @return the sum.
     */
    FrameCounters GetCounters() const;

    /**
     * @brief Adds up what every NIC and every port of a packet switch has sent and taken in.
     * @return the sum: a frame counts once for each line it was put on.
     */
    FrameCounters GetHopCounters() const;

    /// @return frames that queue pairs have retransmitted.
    uint64_t GetRetransmittedFrames() const;

    /// @return messages that have not ended at their senders.
    uint64_t CountOutgoing() const;

    /// @return the packet switches, by node of the plan.
    std::map<uint32_t, Ptr<PacketSwitch>> SwitchesByNode() const;

    /// @return how messages are cut into chunks and frames.
    mixnetcore::FlowFraming Framing() const;

    /**
     * @brief Looks for where packets would wait, of messages that have been flows so far.
     *
     * A queue pair has a window of bytes in the network at most. Where more windows meet before
     * full links between switches than the buffer there holds, a switch would pause its neighbours,
     * or lose frames without PFC.
     *
     * @return the switch that is shortest of buffer.
     */
    BufferNeed GetLargestBufferNeed() const;

    /**
     * @brief Fixes the random streams of all devices.
     * @param stream First stream index to use.
     * @return how many were used.
     */
    int64_t AssignStreams(int64_t stream);

    /// @brief Initialises all nodes and what is installed on them, so that what cannot be is
    /// refused before a run begins or anything is written.
    void Initialize() const;
};

/**
 * @ingroup mixnet
 * @brief Makes nodes, devices and fibres of a FabricPlan.
 *
 * Rates, delays and numbers come from the plan; everything else from attributes, which are set
 * here for all devices of a kind. Packet switches are made for the MTU of the NICs.
 */
class FabricHelper
{
  public:
    FabricHelper();

    /**
     * @param name Attribute of RdmaNic.
     * @param value Its value.
     */
    void SetNicAttribute(const std::string& name, const AttributeValue& value)
    {
        m_nicFactory.Set(name, value);
    }

    /**
     * @param name Attribute of OcsSwitch.
     * @param value Its value.
     */
    void SetOcsAttribute(const std::string& name, const AttributeValue& value)
    {
        m_ocsFactory.Set(name, value);
    }

    /**
     * @param name Attribute of PacketSwitch.
     * @param value Its value.
     */
    void SetPacketSwitchAttribute(const std::string& name, const AttributeValue& value)
    {
        m_switchFactory.Set(name, value);
    }

    /**
     * @param name Attribute of PacketTransport and FlowTransport.
     * @param value Its value.
     */
    void SetTransportAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @param name Attribute of FabricRouting.
     * @param value Its value.
     */
    void SetRoutingAttribute(const std::string& name, const AttributeValue& value)
    {
        m_routingFactory.Set(name, value);
    }

    /// @param fidelity How messages are carried; packet by packet unless told otherwise.
    void SetFidelity(Fidelity fidelity);

    /**
     * @brief Says how messages over one side of the fabric are carried. Where the sides differ,
     * messages that stay in their server are flows, and all bytes inside of servers are one fluid.
     * @param side The side.
     * @param fidelity How its messages are carried.
     */
    void SetFidelity(mixnetcore::NicRole side, Fidelity fidelity)
    {
        (side == mixnetcore::NicRole::Optical ? m_optical : m_electrical) = fidelity;
    }

    /**
     * @param name Attribute of FlowEngine.
     * @param value Its value.
     */
    void SetFlowAttribute(const std::string& name, const AttributeValue& value)
    {
        m_flowFactory.Set(name, value);
    }

    /**
     * @brief Says whether messages that are flows over packet switches wait in queues that pause
     * each other (FlowEngine::SetQueues), rather than have max-min fair rates; they do not unless
     * told.
     * @param queues Whether they do; needs spraying, and packet switches with PFC.
     */
    void SetFlowQueues(bool queues)
    {
        m_flowQueues = queues;
    }

    /**
     * @brief Says whether packet switches spray frames, so that electrical NICs must take them out
     * of order; they do unless told otherwise. The switches' own part is their PortSelector.
     * @param spraying Whether they do.
     */
    void SetSpraying(bool spraying)
    {
        m_spraying = spraying;
    }

    /**
     * @param plan The fabric.
     * @return its objects. Aborts when time is coarser than a picosecond.
     */
    Fabric Install(const mixnetcore::FabricPlan& plan) const;

    /// @param fabric Where to look. @param port Port of the plan. @return its device.
    static Ptr<FibrePort> PortOf(const Fabric& fabric, const mixnetcore::PortPlan& port);

  private:
    /// @param fabric Where to add. @param index Node of the plan, a host.
    void InstallHost(Fabric& fabric, uint32_t index) const;

    /// @param plan A fabric. @param fidelity A level. @return whether one of its sides has it.
    bool Uses(const mixnetcore::FabricPlan& plan, Fidelity fidelity) const;

    /// @param fabric With the hosts before. @param host Where to add what carries messages.
    /// @param index Its number.
    void InstallTransport(const Fabric& fabric, FabricHost& host, uint32_t index) const;

    /// @param fabric Where to add. @param link Link of the plan.
    void InstallLink(Fabric& fabric, const mixnetcore::LinkPlan& link) const;

    /// @param fabric Where to add what carries messages at flow level.
    void InstallFlowEngine(Fabric& fabric) const;

    /// @param fabric Where to give optical circuit switches what no controller commands.
    static void InstallSchedules(Fabric& fabric);

    /// @param fabric Where to add a control path, if it has one-way circuits.
    static void InstallControlPath(Fabric& fabric);

    /// @param fabric Where to add: packet switches get ports with the rates of their links.
    static void InstallSwitchPorts(const Fabric& fabric);

    /// @param fabric Where to give packet switches their tables.
    void InstallRoutes(Fabric& fabric) const;

    /**
     * @param fabric Where to look.
     * @param number A NIC, the same in every host.
     * @return time of a full frame to the farthest NIC of its side and of the answer, on an idle
     * path.
     */
    static Time RoundTrip(const Fabric& fabric, uint32_t number);

    /**
     * @param fabric Where to look.
     * @param window Unacknowledged bytes of a queue pair.
     * @return bytes that a frame may find waiting before it, all ports on its way together: a
     * window of every NIC, but no more than the buffers hold.
     */
    static double LongestQueue(const Fabric& fabric, double window);

    /// @param nic A NIC without a window of its own. @return the largest window of a path, bytes,
    /// with which its congestion control stays below what sequence numbers can tell apart.
    static double LargestWindow(const RdmaNic& nic);

    /// @param fabric Where to tell NICs what suits it: a window of what is in flight in a round
    /// trip and in two intervals of acknowledgements; a timeout of twice a round trip through the
    /// longest queue.
    static void SuggestPaths(const Fabric& fabric);

    /// @param fabric A fabric. @return what of its switches and NICs decides over pauses.
    static mixnetcore::QueueSettings QueueSettingsOf(const Fabric& fabric);

    bool m_flowQueues{false};                //!< whether flows wait in queues
    bool m_spraying{true};                   //!< whether electrical NICs take frames out of order
    ObjectFactory m_nicFactory;              //!< makes NICs
    ObjectFactory m_ocsFactory;              //!< makes optical circuit switches
    ObjectFactory m_switchFactory;           //!< makes packet switches
    ObjectFactory m_routingFactory;          //!< makes the routing of fabrics
    ObjectFactory m_packetFactory;           //!< makes transports of packets
    ObjectFactory m_flowTransportFactory;    //!< makes transports of flows
    ObjectFactory m_flowFactory;             //!< makes flow engines
    Fidelity m_optical{Fidelity::Packet};    //!< level of the optical side
    Fidelity m_electrical{Fidelity::Packet}; //!< level of the electrical side
};

} // namespace mixnet
} // namespace ns3

#endif // FABRIC_HELPER_H
