/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef LOSS_RECOVERY_H
#define LOSS_RECOVERY_H

#include "outgoing-messages.h"

#include "ns3/nstime.h"

#include <optional>
#include <set>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief Numbers of the frames that a queue pair sends.
struct SendNumbers
{
    uint64_t unacknowledged; //!< oldest unacknowledged number
    uint64_t next;           //!< number to send next
    uint64_t highest;        //!< after the highest number sent
    uint64_t asked;          //!< after the last number sent that asks to be acknowledged

    /// @return whether frames are in flight, or were when they were lost.
    bool IsInFlight() const
    {
        return unacknowledged < highest;
    }
};

/**
 * @ingroup mixnet
 * @brief What the sending half of a queue pair does about frames that are lost.
 *
 * It hears of NACKs, answers and timeouts, and lets the sender go back, or names single frames to
 * repeat. The retransmission timer itself is the queue pair's; how long it takes, and how many
 * timeouts are too many, is decided here: unless a subclass says otherwise, a timeout doubles with
 * every one before it that brought no progress.
 */
class LossRecovery
{
  public:
    /// @brief The sending half, as seen from here.
    class Sender
    {
      public:
        /// @return the numbers of its frames.
        virtual const SendNumbers& Numbers() const = 0;

        /// @return messages that have not ended.
        virtual const OutgoingMessages& Messages() const = 0;

        /// @return whether the link up to the peer is there.
        virtual bool IsReachable() const = 0;

        /// @return whether the retransmission timer runs.
        virtual bool IsTimed() const = 0;

        /// @param expected Number before which all frames have arrived.
        virtual void AcknowledgeBefore(uint64_t expected) = 0;

        /// @brief A frame is known to be lost before the timer has expired.
        virtual void NotifyLoss() = 0;

        /// @brief There are frames to repeat.
        virtual void NotifyRepeats() = 0;

        /// @brief Sends everything unacknowledged again.
        virtual void Rewind() = 0;

        /// @brief Starts the timer anew when frames are unacknowledged, else stops it.
        virtual void RestartTimer() = 0;

      protected:
        ~Sender() = default;
    };

    /// @brief A frame to repeat.
    struct Repeat
    {
        uint64_t sequence;  //!< its number
        bool reportRequest; //!< whether the peer is to report what is missing
                            //!< before it
    };

    /// @param sender The sending half; it outlives the recovery.
    explicit LossRecovery(Sender& sender)
        : m_sender(sender)
    {
    }

    virtual ~LossRecovery() = default;
    LossRecovery(const LossRecovery&) = delete;
    LossRecovery& operator=(const LossRecovery&) = delete;

    /// @param sequence The number that a NACK names.
    virtual void HandleNegativeAcknowledgement(uint64_t sequence) = 0;

    /// @brief The timer has expired, not too often yet.
    virtual void HandleTimeout() = 0;

    /// @param roundTrip Of a frame that the peer has answered, whether it tells of progress or not.
    virtual void HandleAnswer(const Time& roundTrip);

    /// @return whether the peer has answered since the last timeout, of those sent before it.
    virtual bool IsAnswered() const
    {
        return false;
    }

    /// @param limit Timeouts in a row that are not too many. @brief Counts one.
    /// @return whether to go on.
    virtual bool CountTimeout(uint64_t limit);

    /// @param once Without any before it. @param backoffLimit How often it doubles at most.
    /// @return time without progress until the timer expires.
    virtual Time Timeout(const Time& once, uint32_t backoffLimit) const;

    /// @brief Frames were acknowledged: the count of timeouts begins anew.
    virtual void HandleProgress();

    /// @brief Nothing is in flight any more.
    virtual void HandleQuiet()
    {
        m_timeouts = 0;
    }

    /// @brief All frames are retransmitted, or none of them is of use any more.
    virtual void Forget();

    /// @return whether single frames wait to be repeated.
    bool HasRepeats() const
    {
        return m_probe || !m_repeats.empty();
    }

    /// @return the next frame to repeat, if any is still of use.
    std::optional<Repeat> TakeRepeat();

    /// @brief Numbers were skipped, or acknowledged: forgets to probe for what is not in flight.
    void HandleMove()
    {
        m_probe = m_probe && m_sender.Numbers().IsInFlight();
    }

  protected:
    /**
     * @param sequence A number that the peer misses.
     * @return number of the frame that ends this: itself or, when it was given up, the next one
     * that is of use, which says so; none when that is acknowledged or will be sent anyway.
     */
    std::optional<uint64_t> RemedyFor(uint64_t sequence) const;

    Sender& m_sender;             //!< the sending half
    uint64_t m_timeouts{0};       //!< in a row, without anything heard
    bool m_probe{false};          //!< whether the last frame is to be repeated
    std::set<uint64_t> m_repeats; //!< numbers to repeat
};

/**
 * @ingroup mixnet
 * @brief Goes back to the oldest unacknowledged frame, at a NACK and at a timeout, for receivers
 * that take frames in order only.
 *
 * @see InfiniBand specification, volume 1, section 9.7 (reliable service)
 */
class GoBackN : public LossRecovery
{
  public:
    using LossRecovery::LossRecovery;

    // Inherited from LossRecovery
    void HandleNegativeAcknowledgement(uint64_t sequence) override;
    void HandleTimeout() override;
};

/**
 * @ingroup mixnet
 * @brief Repeats the frames that are reported missing, for receivers that take frames as they come.
 *
 * At a timeout the last frame sent is repeated, with a request for a report; where that was not
 * enough, the oldest unacknowledged one goes along the next time. From an answer on the timer is a
 * few round trips, and a timeout counts in full only if nothing was heard since the one before;
 * ANSWERED_ROUNDS of the others count as one.
 */
class SelectiveRepeat : public LossRecovery
{
  public:
    using LossRecovery::LossRecovery;

    // Inherited from LossRecovery
    void HandleNegativeAcknowledgement(uint64_t sequence) override;
    void HandleTimeout() override;
    void HandleAnswer(const Time& roundTrip) override;

    bool IsAnswered() const override
    {
        return m_answered;
    }

    bool CountTimeout(uint64_t limit) override;
    Time Timeout(const Time& once, uint32_t backoffLimit) const override;
    void HandleProgress() override;
    void HandleQuiet() override;
    void Forget() override;

  private:
    /// Round trips until a frame is repeated again where the peer answers.
    static constexpr int64_t ANSWER_TRIPS = 4;

    /// Rounds without progress, with answers, that count as much as one without.
    static constexpr uint64_t ANSWERED_ROUNDS = 16;

    uint64_t m_recoveryEnd{0};    //!< numbers before it may be missing
    bool m_answered{false};       //!< whether the peer has answered since the last timeout
    Time m_answerTrip;            //!< round trip of that answer
    uint64_t m_answeredRounds{0}; //!< timeouts without progress although the peer answers
};

} // namespace mixnet
} // namespace ns3

#endif // LOSS_RECOVERY_H
