/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_DELIVERY_H
#define FLOW_DELIVERY_H

#include "flow-losses.h"

#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace ns3
{
namespace mixnet
{

class FlowTransport;

/**
 * @ingroup mixnet
 * @brief Brings messages whose fluid is over to their end: at the GPU, and at the sender.
 *
 * A message is at its GPU when its fluid is over and the time has passed that its last part still
 * needs: propagation, a frame for every switch, a chunk for every stage but the slowest; less what
 * its first chunk takes to its NIC, as far as others had that NIC meanwhile. It ends Delivered when
 * an acknowledgement would be back; one with several legs between hosts ControlLatency after it has
 * arrived.
 *
 * One that ends early has arrived as far as it has come, as its host is told one ControlLatency
 * later; its sender is told after a second one.
 *
 * Ends that fall together, in time and at a host, share one event.
 */
class FlowDelivery
{
  public:
    /// @brief Whom to tell.
    class Owner
    {
      public:
        virtual ~Owner() = default;

        /// @param place A message that has arrived, and of which its sender knows.
        virtual void NotifyOver(uint32_t place) = 0;

        /// @param message A message that is at its GPU. @param last Where its last part was when.
        virtual void NotifyAtEnd(const Message& message, const ChunkTiming& last) = 0;

        /// @param place A message whose last frames are lost, or the acknowledgement.
        /// @param since For how long its fluid has been over.
        virtual void NotifyEndLost(uint32_t place, mixnetcore::Picoseconds since) = 0;
    };

    /**
     * @param owner Whom to tell. @param messages In flight. @param connections Queue pairs.
     * @param losses What is lost. @param framing Sizes. All outlive this.
     * @param plan The fabric.
     */
    FlowDelivery(Owner& owner,
                 FlowMessages& messages,
                 const FlowConnections& connections,
                 const FlowLosses& losses,
                 const mixnetcore::FlowFraming& framing,
                 std::shared_ptr<const mixnetcore::FabricPlan> plan);

    /// @param transport Transport of the next host, which is told of arrivals.
    /// @param node Its ns-3 node.
    void AddHost(Ptr<FlowTransport> transport, uint32_t node);

    /// @param host A host. @return its transport.
    const Ptr<FlowTransport>& TransportOf(uint32_t host) const
    {
        return m_transports.at(host);
    }

    /// @param host A host. @return its ns-3 node.
    uint32_t NodeOf(uint32_t host) const
    {
        return m_nodes.at(host);
    }

    /// @param place A message whose fluid is over. @param in In what time. @brief Has its last part
    /// come to the end, at the next call of Schedule().
    void Finish(uint32_t place, mixnetcore::Picoseconds in);

    /// @brief Schedules what Finish() has noted: one event for all at the same time and host.
    void Schedule();

    /**
     * @brief Has a message end before all of it has arrived; it is in flight no more.
     * @param completion Whom to tell.
     * @param end How it ends, with the bytes that have come.
     * @param hasArrived Whether these are all, and its destination was told.
     */
    void EndEarly(const MessageTransport::CompletionCallback& completion,
                  const MessageCompletion& end,
                  bool hasArrived);

    /**
     * @brief Has a message that was relayed end: for its sender when it is told by the last host,
     * and where not all has arrived as with EndEarly().
     * @param completion Whom to tell.
     * @param end How it ends.
     */
    void EndRelayed(const MessageTransport::CompletionCallback& completion,
                    const MessageCompletion& end);

    /**
     * @brief Counts bytes at the NICs that a message has crossed.
     * @param crossing The message.
     * @param volume What has crossed of it, in the unit of its path.
     */
    void Count(const FlowMessage& crossing, double volume)
    {
        AddCrossed(crossing, volume, m_sent, &m_received);
    }

    /**
     * @param crossing A message. @param volume What has crossed of it, in the unit of its path.
     * @param[in,out] sent Gets the bytes on the line that are out of NICs, by address.
     * @param[in,out] received The same, into NICs; may be none.
     */
    void AddCrossed(const FlowMessage& crossing,
                    double volume,
                    std::vector<uint64_t>& sent,
                    std::vector<uint64_t>* received = nullptr) const;

    /// @param host A host. @return messages that it sends, of whose early end it is not told yet.
    uint64_t CountEnding(uint32_t host) const
    {
        return m_ending.at(host);
    }

    /// @param address A NIC. @return bytes on its line out, of messages that have crossed, and of
    /// those that ended early as far as they had.
    uint64_t SentBytes(NicAddress address) const
    {
        return m_sent.at(address);
    }

    /// @return the same of all NICs, by address.
    const std::vector<uint64_t>& SentBytes() const
    {
        return m_sent;
    }

    /// @param address A NIC. @return bytes on its line in, likewise.
    uint64_t ReceivedBytes(NicAddress address) const
    {
        return m_received.at(address);
    }

  private:
    /// @brief One end of a message whose fluid is over.
    struct Ending
    {
        uint32_t place;  //!< of the message
        uint32_t launch; //!< as it was launched last
        bool isAnswer;   //!< whether its acknowledgement would be back, rather than it at its GPU
    };

    /// @param at When it would be. @param host Where. @param ending The end of a message.
    /// @brief Has it wait for Schedule().
    void Note(mixnetcore::Picoseconds at, uint32_t host, const Ending& ending);

    /// @param batch Number of the ends that would be now.
    void HandleEndings(uint32_t batch);

    /// @param ending The end of a message. @return whether it is still to come.
    bool IsAwaited(const Ending& ending) const;

    /// @param ending The end of a message: would be at its GPU now.
    void HandleArrival(const Ending& ending);

    /// @param ending The end of a message: its acknowledgement would be back now.
    void HandleAnswer(const Ending& ending);

    /// @param ending The end of a message. @brief Says so if all know of it.
    void CheckOver(const Ending& ending);

    /// @param finished A message whose fluid is over. @return how much of the time that its first
    /// chunk takes to the first NIC has passed while others had that NIC.
    Time HiddenTime(const FlowMessage& finished) const;

    /// @param finished A message that arrives. @return where its last chunk was when.
    ChunkTiming TimingOf(const FlowMessage& finished) const;

    /// @param delay After which a message has ended. @param completion Whom to tell. @param end
    /// How.
    void EndAfter(const Time& delay,
                  const MessageTransport::CompletionCallback& completion,
                  const MessageCompletion& end);

    /// @param transfer A message. @return time of a control message between its hosts.
    Time LatencyBetween(const mixnetcore::Transfer& transfer) const;

    /// @param message A message. @return chunks of it that may be unacknowledged.
    uint32_t DepthOf(const FlowMessage& message) const;

    Owner& m_owner;                                       //!< whom to tell
    FlowMessages& m_messages;                             //!< in flight
    const FlowConnections& m_connections;                 //!< queue pairs
    const FlowLosses& m_losses;                           //!< what is lost
    const mixnetcore::FlowFraming& m_framing;             //!< sizes
    std::shared_ptr<const mixnetcore::FabricPlan> m_plan; //!< the fabric

    std::vector<Ptr<FlowTransport>> m_transports; //!< by host
    std::vector<uint32_t> m_nodes;                //!< ns-3 node of each host
    std::vector<uint64_t> m_ending;               //!< see CountEnding(), by host
    std::vector<uint64_t> m_sent;                 //!< bytes on the line, by address
    std::vector<uint64_t> m_received;             //!< bytes on the line, by address

    std::deque<std::vector<Ending>> m_batches; //!< ends at one time, at one host; by number
    std::vector<uint32_t> m_freeBatches;       //!< numbers to use again
    std::map<std::pair<mixnetcore::Picoseconds, uint32_t>, uint32_t>
        m_planned; //!< batches for Schedule(), by time and host
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_DELIVERY_H
