/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_ENGINE_H
#define FLOW_ENGINE_H

#include "flow-connections.h"
#include "message-transport.h"

#include "ns3/event-id.h"
#include "ns3/fabric-routing.h"
#include "ns3/flow-paths.h"
#include "ns3/transfer-fluid.h"
#include "ns3/window-peaks.h"

#include <boost/container/small_vector.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
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
 * weight of one flow together, as they take turns there. A message costs the same whether few or
 * many others are on its queue pair (TransferFluid).
 *
 * A message is at its GPU when its fluid is over and the time has passed that its last part still
 * needs: propagation, a frame for every switch, a chunk for every stage but the slowest; less what
 * its first chunk takes to its NIC, as far as others had that NIC meanwhile. It ends Delivered when
 * an acknowledgement would be back.
 *
 * Light: a queue pair is held up while its line is closed (FlowConnections). When a circuit or line
 * closes, what was sent and not yet acknowledged is sent again later: what leaves in one and a half
 * times the propagation between the NICs, and half of AckInterval frames. Where darkness takes the
 * last frame of a message, or its acknowledgement, the same is sent again of what was over already.
 * When a queue pair waits for too long its messages end Failed.
 *
 * Guarantees: every message ends once; no resource carries more than its capacity; equal calls give
 * equal results.
 *
 * Queues (SetQueues): messages with one leg between hosts, over packet switches, go through queues
 * that pause each other, in steps; what they cross inside of servers, and the limit of their
 * pipeline, are not looked at then.
 *
 * Memory: a message takes 160 bytes, 128 more here, and its flow what FluidNetwork or QueueFluid
 * say; a queue pair about 110, kept for the next message. Messages whose ends fall together, in
 * time and at a host, share one event.
 *
 * Error, against packets: a queue pair that crosses two full ports may get less than a max-min fair
 * share; messages shorter than a window all leave at once, whatever ports behind are full.
 *
 * Not modelled: frames: congestion control, ECN and, without SetQueues, queues and PFC; load of
 * acknowledgements; ends of messages that are lost between switches, or on a leg that is not the
 * last; chunks that wait for each other's turn inside of servers.
 */
class FlowEngine : public Object, private FlowConnections::Owner
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
     * @param forwarding Tables of its packet switches, all links being up.
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
     * @brief Has messages that cross packet switches wait in their queues, and pause each other:
     * QueueNetwork in place of max-min fair rates. Needs spraying; before any host is added.
     * @param settings Sizes.
     */
    void SetQueues(const mixnetcore::QueueSettings& settings);

    /// @param routing Routing of the fabric, which tells of links between switches.
    void SetRouting(Ptr<FabricRouting> routing);

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

    /**
     * @brief What queue pairs may have held, at most, in packet switches before links that they
     * share.
     */
    struct HeldWindows
    {
        std::vector<uint32_t> switches; //!< nodes that send over these links, ascending
        double bytes;                   //!< windows of the queue pairs that used them at one time
    };

    /// @return the windows before all links between switches that may have been full.
    std::vector<HeldWindows> GetHeldWindows() const;

    /// @return whether messages in queues wait for each other and move no more, until something
    /// else changes.
    bool IsDeadlocked() const;

    // Called by FlowTransport only.

    /// @param message A message that sets out now. @param completion Called once, later.
    void Begin(Ptr<const Message> message, MessageTransport::CompletionCallback completion);

    /// @param id Number of a message. @return whether it had not ended yet; it has now. Looks at
    /// all messages under way.
    bool Withdraw(MessageId id);

    /// @param host A host. @return messages that it sends and that have not ended. Looks at all.
    uint64_t CountOutgoing(uint32_t host) const;

    /// @param address A NIC. @return bytes on its line out, of messages that have crossed.
    uint64_t GetSentBytes(NicAddress address) const;

    /// @param address A NIC. @return bytes on its line in, of messages that have crossed.
    uint64_t GetReceivedBytes(NicAddress address) const;

  protected:
    void DoDispose() override;

  private:
    /// @brief A queue pair of a message.
    struct Use
    {
        uint32_t number; //!< of the queue pair
        uint32_t entry;  //!< of the message there
    };

    /// @brief A message that has not ended yet.
    struct UnderWay
    {
        Ptr<const Message> message;                         //!< the message; none for a free place
        MessageTransport::CompletionCallback completion;    //!< whom to tell
        mixnetcore::FlowMeasures way;                       //!< of its way
        boost::container::small_vector<Use, 2> connections; //!< of its legs between hosts
        mixnetcore::TransferFluid::Part part;               //!< in the fluid, until that is over
        Time begun;                                         //!< when it was posted
        uint64_t generation;                                //!< of its way
        uint32_t launches{0}; //!< into the fluid, of this and others at its place
        bool isRepeated;      //!< whether its end was lost, and retransmitted
        bool hasArrived;      //!< whether all is at its GPU
        bool hasEnded;        //!< whether its sender was told
        bool isWithdrawn;     //!< whether its sender took it back
    };

    /// @param link A link between switches. @param up Whether it is, from now on.
    void HandleLink(uint32_t link, bool up);

    /// @param forwarding Tables of the switches from now on.
    void HandleTables(const std::shared_ptr<const mixnetcore::ForwardingPlan>& forwarding);

    // Inherited from FlowConnections::Owner
    void NotifyClosed(uint32_t connection, bool isSevered) override;
    void NotifyLost(uint32_t connection) override;
    FlowConnections::Pace PaceOf(uint32_t connection) const override;
    void NotifyOpened(uint32_t connection) override;
    void NotifyFailed(uint32_t connection) override;
    void NotifyWaysChanged() override;

    /// @param underWay A message. @return whether all its queue pairs are open.
    bool IsMoving(const UnderWay& underWay) const;

    /// @param place A message. @param sender NIC at which its way is closed. @brief Has sent again
    /// what was not acknowledged.
    void RepeatUnacknowledged(uint32_t place, Ptr<RdmaNic> sender);

    /// @param place A message. @param connection Its queue pair, which waits for lost frames.
    /// @brief The rest of a window gets through, but for the last frame.
    void FinishWindow(uint32_t place, uint32_t connection);

    /// @param connection A queue pair. @brief Gives its messages equal parts.
    void UpdateWeights(uint32_t connection);

    /// @param connection A queue pair. @param begins Whether its first message begins, or its last
    /// has left. @brief Counts its window.
    void CountWindow(uint32_t connection, bool begins);

    /// @brief Counts the windows of all queue pairs with messages.
    void CountWindows();

    /// @return a free place.
    uint32_t TakePlace();

    /// @brief Finds the ways of all messages again.
    void UpdateWays();

    /// @param place A message that moves. @brief Finds its way again.
    void UpdateWay(uint32_t place);

    /// @param place A message that does not move. @param bytes Of it, as the network counts.
    /// @brief Has them move.
    void Launch(uint32_t place, double bytes);

    /// @brief Goes on with queues by a step, as long as there are flows in them that move.
    void StepQueues();

    /// @return whether steps of the queues change nothing more.
    bool IsStill() const;

    /// @param place A message that moved. @brief It takes part in nothing but its queue pairs.
    void Rest(uint32_t place);

    /// @param place A message that is over, or will not be. @brief It leaves the network and its
    /// queue pairs.
    void Leave(uint32_t place);

    /// @param place A message under way. @return its bytes that have crossed.
    uint64_t CarriedBytes(uint32_t place) const;

    /// @param place A message. @param status How it ends. @param bytes That have arrived.
    /// @brief Tells its sender, unless it was told.
    void End(uint32_t place, MessageStatus status, uint64_t bytes);

    /// @param place A message that has left all. @brief Others may have its place.
    void Free(uint32_t place);

    /// @brief Has the rates solved at this instant, after all that happens at it.
    void RequestSolution();

    /// @brief Solves, and ends what is over.
    void Solve();

    /// @param finished A message whose fluid is over. @return how much of the time that its first
    /// chunk takes to the first NIC has passed while others had that NIC.
    Time HiddenTime(const UnderWay& finished) const;

    /// @param place A message whose fluid is over. @param in In what time. @brief Has its last part
    /// come to the end, at the next call of ScheduleEndings().
    void Finish(uint32_t place, mixnetcore::Picoseconds in);

    /// @brief Schedules what Finish() has noted: one event for all at the same time and host.
    void ScheduleEndings();

    /// @brief Bytes that move inside of a server for others.
    struct Move
    {
        uint32_t host;                        //!< the server
        std::function<void()> done;           //!< whom to tell
        mixnetcore::TransferFluid::Part part; //!< in the fluid
    };

    /// @param places Messages whose fluid is over. @brief Brings their last parts to the end.
    void FinishAll(const std::vector<uint32_t>& places);

    /// @param part A message in the fluid. @return where its place is kept.
    uint32_t& PlaceOf(const mixnetcore::TransferFluid::Part& part);

    /// @brief Finds ways again if links have changed, or what may be full.
    void UpdateWaysIfChanged();

    /// @param ended Flows that are over; keeps messages. @brief Tells who had the others moved.
    void EndMoves(std::vector<uint32_t>& ended);

    /// @brief One end of a message whose fluid is over.
    struct Ending
    {
        uint32_t place;  //!< of the message
        uint32_t launch; //!< as it was launched last
        bool isAnswer;   //!< whether its acknowledgement would be back, rather than it at its GPU
    };

    /// @param at When it would be. @param host Where. @param ending The end of a message.
    /// @brief Has it wait for ScheduleEndings().
    void NoteEnding(mixnetcore::Picoseconds at, uint32_t host, const Ending& ending);

    /// @param batch Number of the ends that would be now.
    void HandleEndings(uint32_t batch);

    /// @param ending The end of a message. @return whether it is still to come.
    bool IsAwaited(const Ending& ending) const;

    /// @param sent A message whose fluid is over. @param since For how long. @return whether
    /// darkness has taken its last frame.
    bool LosesLastFrame(const UnderWay& sent, mixnetcore::Picoseconds since) const;

    /// @param ending The end of a message: would be at its GPU now.
    void HandleArrival(const Ending& ending);

    /// @param ending The end of a message: its acknowledgement would be back now.
    void HandleAnswer(const Ending& ending);

    /// @param ending The end of a message. @brief Frees its place if all know of it.
    void FreeWhenOver(const Ending& ending);

    /// @param place A message whose fluid is over. @param since For how long. @brief Its last
    /// frames are lost, or the acknowledgement is: has them sent again.
    void SendEndAgain(uint32_t place, mixnetcore::Picoseconds since);

    /// @param underWay A message. @return its bytes that are sent and not acknowledged, at a rate.
    /// @param rate The rate, bytes per second. @param sender The NIC.
    double Unacknowledged(const UnderWay& underWay, double rate, Ptr<RdmaNic> sender) const;

    /// @param underWay A message. @return payload of its last frame, bytes.
    uint32_t LastFrame(const UnderWay& underWay) const;

    /// @param finished A message whose fluid is over. @brief Counts its bytes at the NICs.
    void Count(const UnderWay& finished);

    /// @param finished A message that arrives. @return where its last chunk was when.
    ChunkTiming TimingOf(const UnderWay& finished) const;

    /// @param underWay A message. @return chunks of it that may be unacknowledged.
    uint32_t DepthOf(const UnderWay& underWay) const;

    /// @param bytes Of a message. @return those of its chunks but the last.
    uint64_t BeforeLastChunk(uint64_t bytes) const;

    std::shared_ptr<const mixnetcore::FabricPlan> m_plan; //!< the fabric
    mixnetcore::FlowFraming m_framing;                    //!< sizes
    std::unique_ptr<mixnetcore::FlowPaths> m_paths;       //!< ways
    std::unique_ptr<FlowConnections> m_connections;       //!< queue pairs
    std::unique_ptr<mixnetcore::TransferFluid> m_fluid;   //!< what moves
    uint64_t m_generation{0};                             //!< of the ways

    std::vector<Ptr<FlowTransport>> m_transports;    //!< by host
    std::vector<uint32_t> m_nodes;                   //!< ns-3 node of each host
    std::vector<uint64_t> m_sent;                    //!< bytes on the line, by address
    std::vector<uint64_t> m_received;                //!< bytes on the line, by address
    std::map<uint32_t, Ptr<PacketSwitch>> m_hashing; //!< by node, with ECMP

    mixnetcore::WindowPeaks m_windows; //!< by bundle of links between switches

    std::deque<UnderWay> m_underWay;            //!< by place
    std::vector<uint32_t> m_freePlaces;         //!< to use again
    std::vector<uint32_t> m_placeOfFlow;        //!< by flow at max-min fair rates
    std::vector<uint32_t> m_placeOfQueued;      //!< by flow in queues
    std::unordered_map<uint32_t, Move> m_moves; //!< by flow; looked up only

    std::deque<std::vector<Ending>> m_batches; //!< ends at one time, at one host; by number
    std::vector<uint32_t> m_freeBatches;       //!< numbers to use again
    std::map<std::pair<mixnetcore::Picoseconds, uint32_t>, uint32_t>
        m_planned; //!< batches for ScheduleEndings(), by time and host

    EventId m_solution;        //!< of this instant
    bool m_isRequested{false}; //!< whether there is one still to come
    EventId m_nextEnd;         //!< the next end
    EventId m_step;            //!< the next of the queues
    uint32_t m_stillSteps{0};  //!< of the queues, in which nothing has moved
    double m_endTolerance;     //!< attribute
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_ENGINE_H
