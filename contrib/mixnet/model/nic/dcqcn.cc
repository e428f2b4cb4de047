/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "dcqcn.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/ns3-compatibility.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(Dcqcn);

TypeId
Dcqcn::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::Dcqcn")
            .SetParent<CongestionControl>()
            .SetGroupName("Mixnet")
            .AddConstructor<Dcqcn>()
            .AddAttribute("WindowLimit",
                          "Unacknowledged payload at most, in windows of the path (DCQCN has no "
                          "window; 8 leaves it to the rate unless eight times what the path "
                          "holds is queued, and bounds what receivers must remember).",
                          UintegerValue(8),
                          MakeUintegerAccessor(&Dcqcn::m_windowLimit),
                          MakeUintegerChecker<uint32_t>(1))
            // Decrease
            .AddAttribute("Gain",
                          "Weight g of the newest in alpha, 0 to 1 (paper, section 5: 1/256).",
                          DoubleValue(1.0 / 256),
                          MakeDoubleAccessor(&Dcqcn::m_gain),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("AlphaInterval",
                          "Time without a CNP after which alpha falls, again and again, above 0 "
                          "(paper: 55 us, more than the 50 us between CNPs; 1 us in newer NICs).",
                          TimeValue(MicroSeconds(55)),
                          MakeTimeAccessor(&Dcqcn::m_alphaInterval),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("DecreaseInterval",
                          "Time between two cuts, at least (NICs: 4 us).",
                          TimeValue(MicroSeconds(4)),
                          MakeTimeAccessor(&Dcqcn::m_decreaseInterval),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("MinimumRate",
                          "Rate below which no cut goes, above 0 (published models: 100 Mb/s).",
                          DataRateValue(DataRate("100Mb/s")),
                          MakeDataRateAccessor(&Dcqcn::m_minimumRate),
                          MakeDataRateChecker())
            // Increase
            .AddAttribute("IncreaseInterval",
                          "Time between two stages of the timer, above 0 (paper, section 5: 55 us, "
                          "in place of the 1500 us of QCN; 300 us and 900 us are in use).",
                          TimeValue(MicroSeconds(55)),
                          MakeTimeAccessor(&Dcqcn::m_increaseInterval),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("ByteCounter",
                          "Bytes on the wire between two stages of the byte counter (paper, "
                          "section 5: 10 MB).",
                          UintegerValue(10'000'000),
                          MakeUintegerAccessor(&Dcqcn::m_byteCounter),
                          MakeUintegerChecker<uint64_t>(1))
            .AddAttribute("RecoveryStages",
                          "Stages F that halve the distance to the target before it is raised "
                          "(paper: 5).",
                          UintegerValue(5),
                          MakeUintegerAccessor(&Dcqcn::m_recoveryStages),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("AdditiveIncrease",
                          "What an additive stage adds to the target rate where the line rate is "
                          "StepReference, above 0 (published models: 50 Mb/s).",
                          DataRateValue(DataRate("50Mb/s")),
                          MakeDataRateAccessor(&Dcqcn::m_additiveStep),
                          MakeDataRateChecker())
            .AddAttribute("HyperIncrease",
                          "What a hyper stage adds likewise, above 0 (published models: 100 Mb/s).",
                          DataRateValue(DataRate("100Mb/s")),
                          MakeDataRateAccessor(&Dcqcn::m_hyperStep),
                          MakeDataRateChecker())
            .AddAttribute("StepReference",
                          "Line rate that AdditiveIncrease and HyperIncrease are meant for; other "
                          "lines have steps in proportion (the paper's testbed: 40 Gb/s). 0 for "
                          "the same steps on every line.",
                          DataRateValue(DataRate("40Gb/s")),
                          MakeDataRateAccessor(&Dcqcn::m_stepReference),
                          MakeDataRateChecker());
    return tid;
}

void
Dcqcn::DoDispose()
{
    m_timer.Cancel();
    CongestionControl::DoDispose();
}

void
Dcqcn::CheckAttributes() const
{
    NS_ABORT_MSG_IF(m_alphaInterval.IsZero(),
                    "Dcqcn attribute AlphaInterval is 0; it must be above zero");
    NS_ABORT_MSG_IF(m_increaseInterval.IsZero(),
                    "Dcqcn attribute IncreaseInterval is 0; it must be above zero");
    NS_ABORT_MSG_IF(m_additiveStep.GetBitRate() == 0,
                    "Dcqcn attribute AdditiveIncrease is 0; it must be above zero");
    NS_ABORT_MSG_IF(m_hyperStep.GetBitRate() == 0,
                    "Dcqcn attribute HyperIncrease is 0; it must be above zero");
    NS_ABORT_MSG_IF(m_minimumRate.GetBitRate() == 0,
                    "Dcqcn attribute MinimumRate is 0; it must be above zero");
}

void
Dcqcn::DoStart()
{
    CheckAttributes();
    m_line = static_cast<double>(GetPath().lineRate.GetBitRate());
    m_current = m_target = m_line;
    const auto reference = static_cast<double>(m_stepReference.GetBitRate());
    const double scale = reference > 0 ? m_line / reference : 1;
    m_additive = scale * static_cast<double>(m_additiveStep.GetBitRate());
    m_hyper = scale * static_cast<double>(m_hyperStep.GetBitRate());
    SetWindow(GetLargestWindow());
}

double
Dcqcn::GetAlpha() const
{
    if (!m_notified)
    {
        return m_alpha;
    }
    // (1 - g) to the power of the intervals since, by squaring: the same bits on every machine.
    double alpha = m_alpha;
    double factor = 1 - m_gain;
    for (int64_t intervals = Div(Simulator::Now() - m_cutAt, m_alphaInterval); intervals > 0;
         intervals >>= 1)
    {
        alpha *= (intervals & 1) != 0 ? factor : 1;
        factor *= factor;
    }
    return alpha;
}

void
Dcqcn::HandleCongestionNotification()
{
    const Time now = Simulator::Now();
    if (m_notified && now - m_cutAt < m_decreaseInterval)
    {
        return;
    }
    CatchUp();
    const double alpha = GetAlpha();
    const double floor = std::min(m_line, static_cast<double>(m_minimumRate.GetBitRate()));
    m_target = m_current;
    m_current = std::max(floor, m_current * (1 - alpha / 2));
    m_alpha = (1 - m_gain) * alpha + m_gain;
    m_notified = true;
    m_cutAt = now;
    m_bytes = 0;
    m_byteStages = 0;
    m_timerStages = 0;
    m_nextStage = now + m_increaseInterval;
    ResumeTimer();
    SetRate(DataRate(static_cast<uint64_t>(m_current)));
}

void
Dcqcn::HandleSent(uint32_t wireBytes)
{
    if (m_idle)
    {
        m_idle = false;
        CatchUp();
        ResumeTimer();
    }
    if (!IsRecovering())
    {
        return;
    }
    m_bytes += wireBytes;
    while (m_bytes >= m_byteCounter && IsRecovering())
    {
        m_bytes -= m_byteCounter;
        ++m_byteStages;
        Increase();
    }
}

void
Dcqcn::HandleIdle()
{
    // The event is left alone: messages may follow one another closely.
    m_idle = true;
}

void
Dcqcn::ResumeTimer()
{
    if (!m_idle && IsRecovering() && !IsPending(m_timer))
    {
        m_timer = Simulator::Schedule(m_nextStage - Simulator::Now(), &Dcqcn::HandleTimer, this);
    }
}

void
Dcqcn::HandleTimer()
{
    if (!m_idle)
    {
        CatchUp();
        ResumeTimer();
    }
}

void
Dcqcn::CatchUp()
{
    while (IsRecovering() && Simulator::Now() >= m_nextStage)
    {
        m_nextStage += m_increaseInterval;
        ++m_timerStages;
        Increase();
    }
}

void
Dcqcn::Increase()
{
    if (std::min(m_timerStages, m_byteStages) > m_recoveryStages)
    {
        m_target += m_hyper;
    }
    else if (std::max(m_timerStages, m_byteStages) > m_recoveryStages)
    {
        m_target += m_additive;
    }
    m_target = std::min(m_target, m_line);
    m_current = (m_current + m_target) / 2;
    if (m_line - m_current < m_additive && m_target >= m_line)
    {
        m_current = m_line;
    }
    SetRate(DataRate(static_cast<uint64_t>(m_current)));
}

} // namespace mixnet
} // namespace ns3
