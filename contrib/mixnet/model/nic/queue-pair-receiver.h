/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef QUEUE_PAIR_RECEIVER_H
#define QUEUE_PAIR_RECEIVER_H

#include "receive-window.h"

#include "ns3/roce-frame.h"

#include <deque>
#include <map>
#include <set>

namespace ns3
{
namespace mixnet
{

class QueuePair;
class RdmaNic;

/**
 * @ingroup mixnet
 * @brief The receiving half of a queue pair: what has arrived, and what is owed to the sender.
 *
 * An acknowledgement answers every frame that asks for one, as soon as all before it have arrived;
 * one that has not left yet covers what arrives meanwhile. Beyond that it depends on the NIC's
 * attribute OutOfOrder:
 *
 * - In order: frames are taken in order only. On a gap one NACK leaves per expected number, again
 *   after NackInterval.
 * - Out of order: frames are taken as they come, and a gap means nothing. A request for a report is
 *   answered with an acknowledgement and a NACK for each number that is missing before it.
 *
 * Numbers that the sender has given up are skipped when the frame after them says so, once none
 * before them is missing.
 *
 * Marked frames are answered with CNPs, one per CnpInterval at most. Control frames leave in this
 * order: CNP, acknowledgement or NACK, reports.
 *
 * Guarantees: every message that ends with Success at its sender is handed over exactly once, in
 * the order in which they were posted.
 *
 * Not modelled: the time stamp that acknowledgements echo takes no bytes, as NICs that measure
 * round trips remember it themselves.
 */
class QueuePairReceiver
{
  public:
    /**
     * @param nic NIC of this end; it outlives the receiver.
     * @param queuePair The queue pair it is the receiving half of.
     */
    QueuePairReceiver(RdmaNic& nic, QueuePair& queuePair);
    QueuePairReceiver(const QueuePairReceiver&) = delete;
    QueuePairReceiver& operator=(const QueuePairReceiver&) = delete;

    /// @param frame A data frame.
    void HandleData(const RoceFrame& frame);

    /// @return whether a CNP, acknowledgement or NACK waits to leave.
    bool HasControl() const
    {
        return m_owesCnp || m_owed != Owed::Nothing || !m_missed.empty();
    }

    /// @return that frame. @pre HasControl()
    RoceFrame TakeControl();

    /// @return bytes of messages received so far, each byte once.
    uint64_t GetReceivedBytes() const
    {
        return m_receivedBytes;
    }

    /// @brief Forgets all messages, at the end of a simulation.
    void Dispose()
    {
        m_waiting.clear();
    }

  private:
    /// What is owed to the sender, beside a CNP and reports.
    enum class Owed : uint8_t
    {
        Nothing,                 //!< nothing
        Acknowledgement,         //!< of what has arrived
        NegativeAcknowledgement, //!< for the expected number
    };

    /// @brief Hands over the messages that are whole, with all before them.
    void Deliver();

    /// @brief Sends a NACK for the expected number, unless that was done lately.
    void ReportGap();

    /// @param frame A data frame. @brief Acknowledges it if it or one that waited for it asks.
    void AnswerRequests(const RoceFrame& frame);

    /// @param owed What to send to the peer.
    void Owe(Owed owed);

    RdmaNic& m_nic;                 //!< NIC of this end
    QueuePair& m_queuePair;         //!< what it is half of
    ReceiveWindow m_window;         //!< what has arrived
    Owed m_owed{Owed::Nothing};     //!< what the peer waits for
    bool m_owesCnp{false};          //!< whether the peer is to be told of congestion
    uint32_t m_receivedMessages{0}; //!< messages handed over
    uint64_t m_receivedBytes{0};    //!< bytes received
    Time m_echo;                    //!< time stamp to send back with what is owed
    uint64_t m_nacked{UINT64_MAX};  //!< number of the last NACK
    Time m_nackedAt;                //!< when it was decided
    Time m_nextCnp;                 //!< when the peer may be told of congestion again
    std::deque<uint64_t> m_missed;  //!< numbers to tell the peer that they are missing
    /// Last frames of messages that wait for earlier frames, by number
    std::map<uint64_t, Ptr<const RdmaMessage>> m_waiting;
    std::set<uint64_t> m_requests; //!< numbers that ask for an acknowledgement and wait likewise
};

} // namespace mixnet
} // namespace ns3

#endif // QUEUE_PAIR_RECEIVER_H
