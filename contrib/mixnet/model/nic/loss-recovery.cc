/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "loss-recovery.h"

#include "ns3/log.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("LossRecovery");

void
LossRecovery::HandleAnswer(const Time& /* roundTrip */)
{
}

bool
LossRecovery::CountTimeout(uint64_t limit)
{
    ++m_timeouts;
    return m_timeouts <= limit;
}

Time
LossRecovery::Timeout(const Time& once, uint32_t backoffLimit) const
{
    return once * (int64_t{1} << std::min<uint64_t>(m_timeouts, backoffLimit));
}

void
LossRecovery::HandleProgress()
{
    m_timeouts = 0;
    m_repeats.erase(m_repeats.begin(), m_repeats.lower_bound(m_sender.Numbers().unacknowledged));
}

void
LossRecovery::Forget()
{
    m_probe = false;
    m_repeats.clear();
}

std::optional<uint64_t>
LossRecovery::RemedyFor(uint64_t sequence) const
{
    const auto& numbers = m_sender.Numbers();
    const auto remedy = m_sender.Messages().RemedyFor(sequence);
    const bool isInFlight = remedy && *remedy >= numbers.unacknowledged && *remedy < numbers.next;
    return isInFlight ? remedy : std::nullopt;
}

std::optional<LossRecovery::Repeat>
LossRecovery::TakeRepeat()
{
    while (!m_repeats.empty())
    {
        const uint64_t sequence = *m_repeats.begin();
        const auto remedy = RemedyFor(sequence);
        // One frame says of all numbers skipped before it that they are.
        m_repeats.erase(m_repeats.begin(), m_repeats.upper_bound(remedy.value_or(sequence)));
        if (remedy)
        {
            return Repeat{*remedy, false};
        }
    }
    if (!std::exchange(m_probe, false))
    {
        return std::nullopt;
    }
    const auto highest = m_sender.Numbers().highest;
    const auto* last = m_sender.Messages().LastBefore(highest);
    return last ? std::optional(Repeat{std::min(highest, last->End()) - 1, true}) : std::nullopt;
}

void
GoBackN::HandleNegativeAcknowledgement(uint64_t sequence)
{
    m_sender.AcknowledgeBefore(sequence);
    const auto& messages = m_sender.Messages();
    const auto oldest = m_sender.Numbers().unacknowledged;
    const bool mayWaitForSkipped = !messages.IsEmpty() && messages.Front().first == oldest &&
                                   messages.Front().skippedFrom < oldest;
    const bool isOld = sequence < oldest && !mayWaitForSkipped;
    if (oldest < messages.End() && m_sender.IsReachable() && !isOld)
    {
        m_sender.NotifyLoss();
        // Only progress restarts the timer, so that NACKs alone cannot go on for
        // ever.
        m_sender.Rewind();
    }
}

void
GoBackN::HandleTimeout()
{
    NS_LOG_LOGIC("goes back to frame " << m_sender.Numbers().unacknowledged);
    m_sender.Rewind();
    m_sender.RestartTimer();
}

void
SelectiveRepeat::HandleNegativeAcknowledgement(uint64_t sequence)
{
    if (RemedyFor(sequence) && m_repeats.insert(sequence).second)
    {
        m_sender.NotifyLoss();
        m_sender.NotifyRepeats();
    }
}

void
SelectiveRepeat::HandleTimeout()
{
    const auto& numbers = m_sender.Numbers();
    NS_LOG_LOGIC("asks what is missing before frame " << numbers.highest);
    m_probe = true;
    m_recoveryEnd = numbers.highest;
    // The oldest number may tell of skipped ones, without which the last is out
    // of reach. And where a round has not helped, it goes along: behind a probe
    // alone it could meet the same path again.
    const auto& oldest = m_sender.Messages().Front();
    const bool tellsOfSkipped =
        oldest.first == numbers.unacknowledged && oldest.skippedFrom < oldest.first;
    const bool isFirstRound = m_timeouts + m_answeredRounds <= 1;
    if (tellsOfSkipped || (!isFirstRound && numbers.unacknowledged + 1 < numbers.highest))
    {
        m_repeats.insert(numbers.unacknowledged);
    }
    m_sender.RestartTimer();
    m_sender.NotifyRepeats();
}

void
SelectiveRepeat::HandleAnswer(const Time& roundTrip)
{
    if (m_sender.IsTimed() && m_sender.Numbers().unacknowledged < m_recoveryEnd)
    {
        m_answered = true;
        m_answerTrip = roundTrip;
        m_sender.RestartTimer();
    }
}

bool
SelectiveRepeat::CountTimeout(uint64_t limit)
{
    if (!std::exchange(m_answered, false))
    {
        return LossRecovery::CountTimeout(limit) &&
               m_answeredRounds <= ANSWERED_ROUNDS * (limit + 1);
    }
    m_timeouts = 0;
    ++m_answeredRounds;
    return m_answeredRounds <= ANSWERED_ROUNDS * (limit + 1);
}

Time
SelectiveRepeat::Timeout(const Time& once, uint32_t backoffLimit) const
{
    return m_answered ? std::min(once, m_answerTrip * ANSWER_TRIPS)
                      : LossRecovery::Timeout(once, backoffLimit);
}

void
SelectiveRepeat::HandleProgress()
{
    LossRecovery::HandleProgress();
    m_answeredRounds = 0;
    m_answered = m_answered && m_sender.Numbers().unacknowledged < m_recoveryEnd;
}

void
SelectiveRepeat::HandleQuiet()
{
    LossRecovery::HandleQuiet();
    m_answeredRounds = 0;
    m_answered = false;
}

void
SelectiveRepeat::Forget()
{
    LossRecovery::Forget();
    m_answered = false;
}

} // namespace mixnet
} // namespace ns3
