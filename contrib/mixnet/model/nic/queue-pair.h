/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef QUEUE_PAIR_H
#define QUEUE_PAIR_H

#include "congestion-control.h"
#include "loss-recovery.h"
#include "outgoing-messages.h"
#include "queue-pair-receiver.h"

#include "ns3/callback.h"
#include "ns3/event-id.h"
#include "ns3/roce-frame.h"

#include <memory>
#include <optional>
#include <vector>

namespace ns3
{
namespace mixnet
{

class RdmaNic;

/**
 * @ingroup mixnet
 * @brief One end of a reliable connection between two NICs, both directions.
 *
 * QueuePairReceiver is the receiving half; this class the sending half, and what both share.
 *
 * Sending: messages are cut into frames of one MTU, numbered through. At most a window of frames is
 * unacknowledged, and a paced sender keeps its rate; both are the CongestionControl's. The sender
 * asks for an acknowledgement in every AckInterval-th frame, in the last of a message and in the
 * last that the window lets out; in every frame when its pace is so slow that AckInterval of them
 * take more than half a timeout. When the window has become narrower than what is in flight, and
 * nothing of that asks, one frame more leaves, to ask.
 *
 * Losses are found by the retransmission timer, which only progress restarts, and which doubles
 * with every repetition up to BackoffLimit times. When it has expired more than RetryLimit times in
 * a row, all messages of the queue pair end with RetryExceeded. Beyond that it depends on the NIC's
 * attribute OutOfOrder, which both ends must share:
 *
 * - In order (GoBackN): the receiver takes frames in order only. On a gap it sends one NACK per
 *   expected number, again after NackInterval; the sender goes back to the number named. So it does
 *   when the timer expires.
 * - Out of order (SelectiveRepeat), for packet spraying: the receiver takes frames as they come and
 *   a gap means nothing. When the timer expires the sender asks for a report: the receiver answers
 *   with an acknowledgement and a NACK for each number that is missing, and the sender repeats
 *   exactly those. So frames get through although some of the paths they are sprayed over lead
 *   nowhere. Messages are handed over in the order they were posted all the same.
 *
 * Congestion: a receiver of marked frames sends CNPs, one per CnpInterval at most. A pause of data
 * does not stop the timer: one that outlasts it makes the sender repeat what is in flight when the
 * pause ends, and one that outlasts all repetitions ends messages with RetryExceeded.
 *
 * Link down: while the NIC sees no signal from the peer, the queue pair is suspended: it sends
 * nothing, its timer and retry count stand still. When it returns it goes back to the oldest
 * unacknowledged frame. After LinkDownTimeout all its messages end with LinkDownTimeout.
 *
 * After an error, or a withdrawn message, numbers are skipped; the next frame tells the receiver
 * which, as a connection set up anew would. A receiver that still misses a number before them does
 * not skip. When one of them is reported missing, that frame is repeated in its place.
 *
 * Guarantees: every message ends exactly once; at the receiver, every message that ends with
 * Success is handed over exactly once and in order.
 *
 * Not modelled: connection set-up messages, registration of memory, READ and atomic operations. The
 * request for a report is a reserved bit of the BTH; the time stamp that acknowledgements echo
 * takes no bytes, as NICs that measure round trips remember it themselves.
 *
 * @see InfiniBand specification, volume 1, chapter 9 (transport layer), for the mechanisms
 */
class QueuePair : private LossRecovery::Sender
{
  public:
    /// Called when a message has ended.
    using CompletionCallback = OutgoingMessages::CompletionCallback;

    /**
     * @param nic NIC this end is in; it outlives the queue pair.
     * @param peer NIC of the other end.
     * @param number Which of the queue pairs between the two.
     */
    QueuePair(RdmaNic& nic, NicAddress peer, uint32_t number);
    ~QueuePair();
    QueuePair(const QueuePair&) = delete;
    QueuePair& operator=(const QueuePair&) = delete;

    /**
     * @brief Sends a message after those posted before.
     * @param message The message.
     * @param completion Called once, when it has ended.
     */
    void Post(Ptr<const RdmaMessage> message, CompletionCallback completion);

    /**
     * @brief Takes a message back; it ends with Withdrawn now.
     * @param message The message.
     * @return whether it had not ended yet.
     */
    bool Withdraw(Ptr<const RdmaMessage> message);

    /// @return NIC of the other end.
    NicAddress GetPeer() const
    {
        return m_peer;
    }

    /// @return which of the queue pairs between the two NICs it is.
    uint32_t GetNumber() const
    {
        return m_number;
    }

    /// @return whether messages have not ended yet.
    bool HasOutstanding() const
    {
        return m_numbers.unacknowledged < m_outgoing.End();
    }

    /// @return whether it is suspended: there is no signal from the peer.
    bool IsSuspended() const
    {
        return !m_reachable;
    }

    /// @return frames retransmitted so far.
    uint64_t GetRetransmittedFrames() const
    {
        return m_retransmitted;
    }

    /// @return how fast it sends; made when it is first asked for or a message is posted.
    Ptr<CongestionControl> GetCongestionControl();

    /// @return bytes of messages received so far, each byte once.
    uint64_t GetReceivedBytes() const
    {
        return m_receiver.GetReceivedBytes();
    }

    // Called by RdmaNic only.

    /// @brief Signal from the peer is there, or gone.
    /// @param reachable Whether it is there.
    void SetReachable(bool reachable);

    /// @return whether a data frame could leave now.
    bool CanSendData() const;

    /// @return the next data frame, if there still is one. @pre CanSendData()
    std::optional<RoceFrame> TakeData();

    /// @return whether an acknowledgement or NACK waits and may leave now.
    bool CanSendControl() const
    {
        return (m_reachable || m_hasControlPath) && m_receiver.HasControl();
    }

    /// @return that frame. @pre CanSendControl()
    RoceFrame TakeControl();

    /**
     * @brief A frame of this queue pair has arrived.
     * @param frame The frame.
     */
    void HandleFrame(const RoceFrame& frame);

    /// @brief Forgets all messages without completions, at the end of a simulation.
    void Dispose();

    bool inDataRing{false};    //!< whether the NIC has it in its ring of senders
    bool inControlRing{false}; //!< whether the NIC has it in its queue for control frames

  private:
    /// A message that has not ended.
    using Outgoing = OutgoingMessages::Outgoing;

    // Inherited from LossRecovery::Sender
    const SendNumbers& Numbers() const override;

    const OutgoingMessages& Messages() const override
    {
        return m_outgoing;
    }

    bool IsReachable() const override
    {
        return m_reachable;
    }

    bool IsTimed() const override
    {
        return m_timed;
    }

    void AcknowledgeBefore(uint64_t expected) override
    {
        Acknowledge(expected, std::nullopt);
    }

    void NotifyLoss() override;
    void NotifyRepeats() override;
    void Rewind() override;
    void RestartTimer() override;

    /// @param frame An acknowledgement.
    void HandleAcknowledgement(const RoceFrame& frame);

    /**
     * @brief Ends the messages that have arrived whole.
     * @param expected Number before which all have arrived.
     * @param roundTrip Of the frame that asked; none for a NACK, of which the congestion control
     *        hears as a loss only.
     */
    void Acknowledge(uint64_t expected, const std::optional<Time>& roundTrip);

    /**
     * @brief Moves on over what has arrived.
     * @param expected Number before which all have arrived, above m_unacknowledged.
     * @param ended Gets the messages that have arrived whole.
     * @return payload that is new, bytes.
     */
    uint64_t Advance(uint64_t expected, std::vector<Outgoing>& ended);

    /// @param frame A NACK.
    void HandleNegativeAcknowledgement(const RoceFrame& frame);

    /// @param outgoing A message. @param sequence Number of one of its frames.
    /// @return that frame.
    RoceFrame MakeData(const Outgoing& outgoing, uint64_t sequence) const;

    /// @return whether the window lets one more new frame out.
    bool IsWindowOpen() const;

    /// @param frame The next new frame. @return whether it asks for an acknowledgement.
    bool IsToAsk(const RoceFrame& frame) const;

    /// @return the next frame to repeat, if any is still of use.
    std::optional<RoceFrame> TakeRepeat();

    /// @brief Window or rate have changed.
    void HandleControlChange();

    /// @brief Takes withdrawn messages off the front, and skips those ahead.
    void SkipWithdrawn();

    /// @brief Stops what only waits for something in flight, or only for signal, if there is none.
    void StopTimers();

    /// @brief Tells the congestion control when nothing is left to send.
    void NotifyIdle();

    /// @param status How all messages end.
    void EndAll(CompletionStatus status);

    /// @brief The retransmission timer's event.
    void HandleTimer();

    /// @brief Ends all messages when the signal has been gone for too long.
    void LinkDownTimerStart();

    RdmaNic& m_nic;          //!< NIC of this end
    NicAddress m_peer;       //!< NIC of the other end
    uint32_t m_number;       //!< which queue pair between the two
    bool m_hasControlPath;   //!< whether control frames do not need it
    bool m_reachable{false}; //!< whether there is a signal from the peer

    // Sender
    OutgoingMessages m_outgoing; //!< messages that have not ended
    SendNumbers m_numbers;       //!< of its frames
    /// What is done about lost frames
    std::unique_ptr<LossRecovery> m_recovery;
    uint64_t m_retransmitted{0};      //!< frames retransmitted
    Time m_deadline;                  //!< when the retransmission timer expires
    bool m_timed{false};              //!< whether the timer runs
    EventId m_timer;                  //!< its event, at the deadline or before
    EventId m_linkDown;               //!< link-down timeout
    Ptr<CongestionControl> m_control; //!< window and rate
    uint64_t m_windowFrames{0};       //!< unacknowledged frames at most
    Time m_sendAgainAt;               //!< when the pace allows the next frame
    EventId m_pace;                   //!< event of that

    QueuePairReceiver m_receiver; //!< the other half
};

} // namespace mixnet
} // namespace ns3

#endif // QUEUE_PAIR_H
