/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_ENGINE_H
#define FLOW_ENGINE_H

#include "flow-delivery.h"
#include "flow-relays.h"
#include "flow-windows.h"

#include "ns3/event-id.h"
#include "ns3/max-min-network.h"
#include "ns3/queue-network.h"

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
 * links; where other hosts relay it, one for each leg between hosts (FlowRelays). Rates change only
 * when a message begins or ends, or when a path opens or closes, and then only for what shares a
 * resource with it, directly or over others (MaxMinFlows). What begins at one instant is solved
 * once. Messages between the same two NICs share one queue pair and have the weight of one flow
 * together, as they take turns there. A message costs the same whether few or many others are on
 * its queue pair (MaxMinNetwork).
 *
 * It joins what has a concern each: FlowMessages keeps the messages in flight, FlowLinks says what
 * is up, FlowConnections which queue pairs that lets go on, FlowLosses what is lost with a link,
 * FlowDelivery when a message whose fluid is over has ended, FlowRelays which leg of a message that
 * is passed on comes next, FlowWindows what may have waited in switches. When a queue pair waits
 * for too long its messages end Failed.
 *
 * Guarantees: every message ends once; no resource carries more than its capacity; equal calls give
 * equal results.
 *
 * Queues (SetQueues): messages with one leg between hosts, over packet switches, go through queues
 * that pause each other, in steps; what they cross inside of servers, and the limit of their
 * pipeline, are not looked at then.
 *
 * Memory: a message takes 184 bytes, 128 more here, and its flow what MaxMinFlows or QueueFluid
 * say; a queue pair about 110, kept for the next message. Messages whose ends fall together, in
 * time and at a host, share one event.
 *
 * Error, against packets: a queue pair that crosses two full ports may get less than a max-min fair
 * share; messages shorter than a window all leave at once, whatever ports behind are full.
 *
 * Not modelled: frames: congestion control, ECN and, without SetQueues, queues and PFC; load of
 * acknowledgements; ends of messages that are lost between switches; chunks that wait for each
 * other's turn inside of servers.
 */
class FlowEngine : public Object,
                   private FlowConnections::Owner,
                   private FlowDelivery::Owner,
                   private FlowRelays::Owner
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
    void SetFlowHash(std::map<uint32_t, Ptr<PacketSwitch>> switches)
    {
        m_hashing = std::move(switches);
    }

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
    void SetRouting(Ptr<FabricRouting> routing)
    {
        m_connections->Links().SetRouting(routing);
    }

    /**
     * @brief Watches circuits.
     * @param ocs An optical circuit switch.
     * @param addresses Address of the NIC behind each of its ports.
     */
    void AddOpticalSwitch(Ptr<OcsSwitch> ocs, const std::vector<NicAddress>& addresses)
    {
        m_connections->Links().AddOpticalSwitch(ocs, addresses);
    }

    /**
     * @brief Moves bytes inside of a server, in the same fluid as messages.
     * @param host The server. @param crossed What they cross, as HostInterior counts.
     * @param bytes How many. @param done Called once, later, in the context of the server.
     */
    void MoveInside(uint32_t host,
                    const std::vector<uint32_t>& crossed,
                    uint64_t bytes,
                    std::function<void()> done);

    /// @return the windows before all links between switches that may have been full.
    std::vector<FlowWindows::Held> GetHeldWindows() const
    {
        return m_windows->List();
    }

    /// @return whether messages in queues wait for each other and move no more, until something
    /// else changes.
    bool IsDeadlocked() const;

    // Called by FlowTransport only.

    /// @param message A message that sets out now. @param completion Called once, later.
    void Begin(Ptr<const Message> message, MessageTransport::CompletionCallback completion);

    /// @param id Number of a message. @return whether some of it had not left, and it was not
    /// ending, yet. Looks at all messages in flight.
    bool Withdraw(MessageId id);

    /// @param host A host. @return messages that it sends and that have not ended. Looks at all.
    uint64_t CountOutgoing(uint32_t host) const
    {
        return m_messages.CountOutgoing(host) + m_relays->CountOutgoing(host) +
               m_delivery->CountEnding(host);
    }

    /// @param address A NIC. @return bytes on its line out, of messages that have crossed, and of
    /// those that ended early as far as they had.
    uint64_t GetSentBytes(NicAddress address) const
    {
        return m_delivery->SentBytes(address);
    }

    /**
     * @param at An instant; nothing has happened since, nor after it.
     * @return bytes on the line out of each NIC by then, by address, of messages that are crossing
     * as well. (In queues, SetQueues(), these count to the end of a step.) Looks at all messages in
     * flight.
     */
    std::vector<uint64_t> GetSentBytesAt(const Time& at) const;

    /// @param address A NIC. @return bytes on its line in, likewise.
    uint64_t GetReceivedBytes(NicAddress address) const
    {
        return m_delivery->ReceivedBytes(address);
    }

  protected:
    void DoDispose() override;

  private:
    // Inherited from FlowConnections::Owner
    void NotifyClosed(uint32_t connection, bool isSevered) override;
    void NotifyLost(uint32_t connection) override;

    FlowConnections::Pace PaceOf(uint32_t connection) const override
    {
        return m_losses->PaceOf(connection);
    }

    void NotifyOpened(uint32_t connection) override;
    void NotifyFailed(uint32_t connection) override;

    void NotifyPathsChanged() override
    {
        RequestSolution();
    }

    // Inherited from FlowDelivery::Owner
    void NotifyAtEnd(const Message& message, const ChunkTiming& last) override;
    void NotifyOver(uint32_t place) override;
    void NotifyEndLost(uint32_t place, mixnetcore::Picoseconds since) override;

    // Inherited from FlowRelays::Owner
    void BeginPart(Ptr<const Message> part) override;
    uint64_t DropPart(MessageId id) override;
    void NotifyRelayed(const Message& message, const ChunkTiming& last) override;
    void NotifyKept(uint32_t relay, uint64_t bytes) override;
    void EndRelayed(const MessageTransport::CompletionCallback& completion,
                    const MessageCompletion& end) override;

    /// @param message A message with one leg between hosts at most. @param completion Called once.
    /// @brief Has it move.
    void MoveMessage(Ptr<const Message> message, MessageTransport::CompletionCallback completion);

    /// @param completion A part of a message whose acknowledgement is back.
    void HandlePartAnswer(const MessageCompletion& completion);

    /// @param route Of a message. @return whether it goes part by part.
    bool GoesByParts(const mixnetcore::Route& route) const;

    /// @param place A message in the fluid. @return its bytes that have crossed; it is in flight no
    /// more, and nobody is told.
    uint64_t Drop(uint32_t place);

    /// @param message A message. @return its path, of which the networks know all resources.
    mixnetcore::FlowPath PathOf(const Message& message);

    /// @param request The flow of a message. @return the network that carries it.
    mixnetcore::FluidNetwork* NetworkFor(const mixnetcore::FlowRequest& request) const;

    /// @param message A message. @return whether all its queue pairs are open.
    bool IsMoving(const FlowMessage& message) const;

    /// @param connection A queue pair. @brief Gives its messages equal parts.
    void UpdateWeights(uint32_t connection);

    /// @brief Finds the paths of all messages again if links have changed, or what may be full.
    void UpdatePaths();

    /// @param place A message that moves. @brief Finds its path again.
    void UpdatePath(uint32_t place);

    /// @param place A message that does not move. @param bytes Of it, as the network counts.
    /// @brief Has them move.
    void Launch(uint32_t place, double bytes);

    /// @param place A message that moved. @brief It takes part in nothing but its queue pairs.
    void Rest(uint32_t place);

    /// @param place A message that is over, or will not be. @brief It leaves the network and its
    /// queue pairs.
    void Leave(uint32_t place);

    /**
     * @brief Has a message go on no more, unless all of it has left.
     * @param place The message.
     * @param status How it ends for its sender.
     * @param failedLeg The leg that has failed, if any.
     * @return whether it goes on no more.
     */
    bool EndEarly(uint32_t place,
                  MessageStatus status,
                  const std::optional<mixnetcore::RdmaLeg>& failedLeg);

    /// @param place A message in the fluid. @param at An instant. @return what has crossed of it by
    /// then, in the unit of its path; nothing of what was counted before.
    double CrossedAt(uint32_t place, mixnetcore::Picoseconds at) const;

    /// @param place A message in the fluid. @return its bytes that have crossed: whole chunks.
    uint64_t CarriedBytes(uint32_t place) const;

    /// @brief Has the rates solved at this instant, after all that happens at it.
    void RequestSolution();

    /// @brief Solves, and ends what is over.
    void Solve();

    /// @param ended What is over in the fluid. @brief Brings the last parts of messages to the end,
    /// and tells who had other bytes moved.
    void Finish(const std::vector<mixnetcore::FlowEnd>& ended);

    /// As owners of flows, moves have this bit; messages are their places.
    static constexpr uint32_t MOVES = uint32_t{1} << 31;

    /// @brief Bytes that move inside of a server for others.
    struct Move
    {
        uint32_t host;              //!< the server
        std::function<void()> done; //!< whom to tell
    };

    mixnetcore::FlowFraming m_framing;                   //!< sizes
    FlowMessages m_messages;                             //!< in flight
    std::unique_ptr<mixnetcore::FlowPaths> m_paths;      //!< of the fabric
    std::unique_ptr<mixnetcore::MaxMinNetwork> m_maxMin; //!< what moves at max-min fair rates
    std::unique_ptr<mixnetcore::QueueNetwork> m_queues;  //!< what waits in queues; none without
    std::vector<mixnetcore::FluidNetwork*> m_networks;   //!< both, in the order to solve
    std::unique_ptr<FlowConnections> m_connections;      //!< queue pairs
    std::unique_ptr<FlowWindows> m_windows;              //!< of queue pairs
    std::unique_ptr<FlowLosses> m_losses;                //!< where links go down
    std::unique_ptr<FlowDelivery> m_delivery;            //!< what is over
    std::unique_ptr<FlowRelays> m_relays;                //!< what other hosts pass on
    MessageTransport::CompletionCallback m_partAnswered; //!< made once, as that is expensive
    bool m_hasRelays{false};                             //!< whether circuits have relays
    uint64_t m_generation{0};                            //!< of the paths

    std::map<uint32_t, Ptr<PacketSwitch>> m_hashing; //!< by node, with ECMP
    std::unordered_map<uint32_t, Move> m_moves;      //!< by owner; looked up only
    uint32_t m_nextMove{0};                          //!< owner of the next, without MOVES

    EventId m_solution;        //!< of this instant
    bool m_isRequested{false}; //!< whether there is one still to come
    EventId m_nextEnd;         //!< the next end
    double m_endTolerance;     //!< attribute
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_ENGINE_H
