/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_ENGINE_H
#define FLOW_ENGINE_H

#include "message-transport.h"

#include "ns3/event-id.h"
#include "ns3/flow-paths.h"
#include "ns3/fluid-network.h"
#include "ns3/ocs-switch.h"
#include "ns3/packet-switch.h"
#include "ns3/rdma-nic.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

namespace ns3
{
namespace mixnet
{

class FlowTransport;

/**
 * @ingroup mixnet
 * @brief Carries the messages of all hosts of a fabric as a fluid, at max-min fair rates.
 *
 * A message is one flow over all that it crosses (FlowPaths): NVSwitch ports, NICs, bundles of
 * links. Rates change only when a message begins or ends, or when a way opens or closes, and then
 * only for what shares a resource with it, directly or over others (FluidNetwork). What begins at
 * one instant is solved once. Messages between the same two NICs share one queue pair and have the
 * weight of one flow together, as they take turns there.
 *
 * A message is at its GPU when its fluid is over and the time has passed that its last part still
 * needs: propagation, a frame for every switch, a chunk for every stage but the slowest; less what
 * its first chunk takes to its NIC, as far as others had that NIC meanwhile. It ends Delivered when
 * an acknowledgement would be back.
 *
 * Light: the devices of the fabric are there and see light as with packets. A queue pair is held up
 * while its line is closed: a NIC of the two is dark, its circuit does not join them, or no links
 * between switches lead on. When a circuit or line closes, what was sent and not yet acknowledged
 * is sent again later: what leaves in one and a half times the propagation between the NICs, and
 * half of AckInterval frames. A queue pair goes on when light returns to its NIC, or, where only
 * its peer or a link between switches was dark, when its retransmission timer would next expire
 * (doubling as BackoffLimit says). After LinkDownTimeout without light, or when the timer would
 * have expired more than RetryLimit times, its messages end Failed.
 *
 * Guarantees: every message ends once; no resource carries more than its capacity; equal calls give
 * equal results.
 *
 * Error, against packets: a queue pair that crosses two full ports may get less than a max-min fair
 * share; messages shorter than a window all leave at once, whatever ports behind are full.
 *
 * Not modelled: frames: queues, congestion control, PFC, ECN, the buffers of switches; load of
 * acknowledgements; losses of what is under way in the last link when a line closes; chunks that
 * wait for each other's turn inside of servers.
 */
class FlowEngine : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FlowEngine();
    ~FlowEngine() override;

    /**
     * @brief Says over what messages travel.
     * @param plan The fabric.
     * @param forwarding Tables of its packet switches.
     * @param framing Sizes of frames and chunks.
     */
    void SetFabric(std::shared_ptr<const mixnetcore::FabricPlan> plan,
                   std::shared_ptr<const mixnetcore::ForwardingPlan> forwarding,
                   const mixnetcore::FlowFraming& framing);

    /**
     * @brief Makes queue pairs keep to the ports that their hash chooses.
     * @param switches Packet switches by node index; their PortSelector is EcmpSelector.
     */
    void SetFlowHash(std::map<uint32_t, Ptr<PacketSwitch>> switches);

    /**
     * @brief Adds a host; hosts come in the order of the plan.
     * @param transport Its transport.
     * @param nics Its NICs by number.
     */
    void AddHost(Ptr<FlowTransport> transport, const std::vector<Ptr<RdmaNic>>& nics);

    /**
     * @brief Watches both ends of a link between packet switches.
     * @param link Link of the plan.
     * @param a Port at one end. @param b Port at the other.
     */
    void AddSwitchLink(uint32_t link, Ptr<FibrePort> a, Ptr<FibrePort> b);

    /**
     * @brief Watches circuits.
     * @param ocs An optical circuit switch.
     * @param addresses Address of the NIC behind each of its ports.
     */
    void AddOpticalSwitch(Ptr<OcsSwitch> ocs, const std::vector<NicAddress>& addresses);

    /**
     * @brief Moves bytes inside of a server, in the same fluid as messages.
     * @param host The server. @param crossed What they cross, as HostInterior counts.
     * @param bytes How many. @param done Called once, later, in the context of the server.
     */
    void MoveInside(uint32_t host,
                    const std::vector<uint32_t>& crossed,
                    uint64_t bytes,
                    std::function<void()> done);

    // Called by FlowTransport only.

    /// @param message A message that sets out now. @param completion Called once, later.
    void Begin(Ptr<const Message> message, MessageTransport::CompletionCallback completion);

    /// @param id Number of a message. @return whether it had not ended yet; it has now.
    bool Withdraw(MessageId id);

    /// @return part of its duration by which a message may end early.
    double GetEndTolerance() const;

    /// @return messages that ended early, within the tolerance.
    uint64_t GetEarlyEnds() const;

    /// @return messages under way.
    size_t GetMessagesUnderWay() const;

    /// @param address A NIC. @return bytes on its line out, of messages that have crossed.
    uint64_t GetSentBytes(NicAddress address) const;

    /// @param address A NIC. @return bytes on its line in, of messages that have crossed.
    uint64_t GetReceivedBytes(NicAddress address) const;

  protected:
    void DoDispose() override;

  private:
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a number

    /// @brief What a queue pair's messages share.
    struct Connection
    {
        mixnetcore::RdmaLeg leg;     //!< from NIC to NIC
        std::vector<uint32_t> flows; //!< of messages on it
        bool open{false};            //!< whether messages move
        bool retries{false};         //!< closed while its own NIC had light
        Time closedAt;               //!< when it closed, or had a message while closed
        EventId failure;             //!< end of patience
        EventId resumption;          //!< the timer that finds its line open
    };

    /// @brief A message whose fluid moves, by number of its flow.
    struct UnderWay
    {
        Ptr<const Message> message;                      //!< the message
        MessageTransport::CompletionCallback completion; //!< whom to tell
        mixnetcore::FlowPath path;                       //!< its way
        std::vector<uint32_t> connections;               //!< of its legs between hosts
        uint32_t limit;                                  //!< resource of its own, or NONE
        Time begun;                                      //!< when it was posted
    };

    /// @brief A message whose fluid is over, until its sender knows.
    struct Ending
    {
        Ptr<const Message> message;                      //!< the message
        MessageTransport::CompletionCallback completion; //!< whom to tell
        EventId event;                                   //!< the acknowledgement
    };

    /// @param leg From NIC to NIC. @return number of its connection.
    uint32_t ConnectionOf(const mixnetcore::RdmaLeg& leg);

    /// @param number A connection. @return whether its line leads to its end now.
    bool IsOpen(uint32_t number);

    /// @param number A connection. @brief Looks at its line, holds messages up or lets them go on.
    void UpdateConnection(uint32_t number);

    /// @param number A connection. @brief Its line is closed.
    void Close(uint32_t number);

    /// @param number A connection. @brief Its line is open again, and its sender knows.
    void Reopen(uint32_t number);

    /// @param number A closed connection. @brief Begins to wait for its line, unless it does.
    void StartPatience(uint32_t number);

    /// @param number A connection that has waited for too long. @brief Fails its messages.
    void HandleFailure(uint32_t number);

    /// @param connection A connection. @return expiries of its timer: time of the next after now,
    /// since it closed.
    Time NextRetry(const Connection& connection) const;

    /// @param connection A connection. @return time in which its timer expires too often.
    Time RetryTime(const Connection& connection) const;

    /// @param flow A flow. @brief Gives the messages of its queue pair equal parts.
    void UpdateWeights(uint32_t flow);

    /// @param flow A flow. @return whether all its connections are open.
    bool IsMoving(uint32_t flow) const;

    /// @param flow A flow. @param closed A connection of it. @brief Has sent again what was not
    /// acknowledged.
    void RepeatUnacknowledged(uint32_t flow, const Connection& closed);

    /// @brief Makes known to the network what ways cross that it does not know yet.
    void AddResources();

    /// @param flow A flow that has left the network. @return what was known of it.
    UnderWay TakeOut(uint32_t flow);

    /// @param address A NIC whose light has changed.
    void HandleNicLight(NicAddress address);

    /// @param link A link between switches whose light has changed.
    void HandleSwitchLight(uint32_t link);

    /// @brief Finds new ways after links between switches have changed.
    void Reroute();

    /// @param ocs Number of an optical switch. @param a A port. @param b Another.
    void HandleCircuitUp(uint32_t ocs, uint32_t a, uint32_t b);

    /// @param ocs Number of an optical switch. @param a A port. @param b Another.
    void HandleCircuitDown(uint32_t ocs, uint32_t a, uint32_t b);

    /// @param address A NIC. @param peer The NIC that its circuit leads to, or NONE.
    void SetPeer(NicAddress address, NicAddress peer);

    /// @brief Has the rates solved at this instant, after all that happens at it.
    void RequestSolution();

    /// @brief Solves, and ends what is over.
    void Solve();

    /// @param finished A message whose fluid is over. @return how much of the time that its first
    /// chunk takes to the first NIC has passed while others had that NIC.
    Time HiddenTime(const UnderWay& finished) const;

    /// @param flow A flow that is over. @brief Brings its last part to the end.
    void Finish(uint32_t flow);

    /// @brief Bytes that move inside of a server for others.
    struct Move
    {
        uint32_t host;              //!< the server
        std::function<void()> done; //!< whom to tell
    };

    /// @param move Bytes that are over. @brief Tells who had them moved.
    void NotifyMoved(Move move);

    /// @param message A message. @param crossed When it was at its last NIC. @param path Its way.
    /// @param begun When it was posted. @return where its last chunk was when.
    ChunkTiming TimingOf(const Message& message,
                         const mixnetcore::FlowPath& path,
                         const Time& begun) const;

    /// @param id A message that has ended. @brief Tells who posted it.
    void NotifyEnd(MessageId id);

    std::shared_ptr<const mixnetcore::FabricPlan> m_plan; //!< the fabric
    mixnetcore::FlowFraming m_framing;                    //!< sizes
    std::unique_ptr<mixnetcore::FlowPaths> m_paths;       //!< ways
    std::unique_ptr<mixnetcore::FluidNetwork> m_network;  //!< rates
    std::vector<uint32_t> m_resourceOf;                   //!< in the network, by resource of paths
    std::vector<uint32_t> m_freeLimits;                   //!< resources of single messages

    std::vector<Ptr<FlowTransport>> m_transports;        //!< by host
    std::vector<Ptr<RdmaNic>> m_nics;                    //!< by address
    std::vector<uint32_t> m_linkOf;                      //!< link of the plan, by address
    std::vector<NicAddress> m_peers;                     //!< at the end of a circuit, by address
    std::vector<uint64_t> m_sent;                        //!< bytes on the line, by address
    std::vector<uint64_t> m_received;                    //!< bytes on the line, by address
    std::vector<std::vector<NicAddress>> m_opticalPorts; //!< by switch and port
    std::map<uint32_t, std::pair<Ptr<FibrePort>, Ptr<FibrePort>>> m_switchLinks; //!< by link
    std::map<uint32_t, Ptr<PacketSwitch>> m_hashing; //!< by node, with ECMP

    std::vector<Connection> m_connections;                 //!< in the order of first use
    std::vector<std::vector<uint32_t>> m_connectionsOfNic; //!< by address
    std::map<std::pair<NicAddress, NicAddress>, uint32_t> m_connectionOf; //!< numbers

    std::vector<std::optional<UnderWay>> m_underWay;  //!< by flow
    std::unordered_map<MessageId, uint32_t> m_flowOf; //!< looked up only
    std::unordered_map<MessageId, Ending> m_endings;  //!< looked up only
    std::unordered_map<uint32_t, Move> m_moves;       //!< by flow; looked up only

    EventId m_solution;    //!< of this instant
    EventId m_nextEnd;     //!< the next end
    EventId m_rerouting;   //!< of this instant
    double m_endTolerance; //!< attribute
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_ENGINE_H
