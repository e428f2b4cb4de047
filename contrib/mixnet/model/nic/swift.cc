/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "swift.h"

#include "ns3/abort.h"
#include "ns3/double.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(Swift);

TypeId
Swift::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::Swift")
            .SetParent<CongestionControl>()
            .SetGroupName("Mixnet")
            .AddConstructor<Swift>()
            // Window
            .AddAttribute("WindowLimit",
                          "Largest window, and the first, in windows of the path (1: what keeps "
                          "an idle path busy; more would only wait in queues).",
                          DoubleValue(1),
                          MakeDoubleAccessor(&Swift::m_windowLimit),
                          MakeDoubleChecker<double>(0.001, 1000))
            .AddAttribute("MinimumWindow",
                          "Smallest window, frames (published models: 0.001).",
                          DoubleValue(0.001),
                          MakeDoubleAccessor(&Swift::m_minimumWindow),
                          MakeDoubleChecker<double>(1e-6, 1))
            // Target
            .AddAttribute("BaseTarget",
                          "Round trip that is aimed at, without hops and flow scaling; 0 for the "
                          "path's round trip and the time that its window takes on the line.",
                          TimeValue(Time(0)),
                          MakeTimeAccessor(&Swift::m_baseTarget),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("HopTarget",
                          "What each hop adds to the target (paper, section 3.5; 0: the default "
                          "BaseTarget knows the path's length already).",
                          TimeValue(Time(0)),
                          MakeTimeAccessor(&Swift::m_hopTarget),
                          MakeTimeChecker(Time(0)))
            .AddAttribute("Hops",
                          "Switches on the way, for HopTarget.",
                          UintegerValue(0),
                          MakeUintegerAccessor(&Swift::m_hops),
                          MakeUintegerChecker<uint32_t>())
            .AddAttribute("FlowScalingRange",
                          "The most that flow scaling adds to the target, in base targets; 0 for "
                          "no flow scaling (published models: 5).",
                          DoubleValue(5),
                          MakeDoubleAccessor(&Swift::m_flowScalingRange),
                          MakeDoubleChecker<double>(0, 1000))
            .AddAttribute("FlowScalingLeast",
                          "Window with all of the range, frames (published models: 0.1).",
                          DoubleValue(0.1),
                          MakeDoubleAccessor(&Swift::m_flowScalingLeast),
                          MakeDoubleChecker<double>(1e-6))
            .AddAttribute("FlowScalingMost",
                          "Window with nothing of it, frames, above FlowScalingLeast (published "
                          "models: 100).",
                          DoubleValue(100),
                          MakeDoubleAccessor(&Swift::m_flowScalingMost),
                          MakeDoubleChecker<double>(1e-6))
            // Changes
            .AddAttribute("AdditiveIncrease",
                          "Growth below the target, frames per round trip, above 0 (published "
                          "models: 1).",
                          DoubleValue(1),
                          MakeDoubleAccessor(&Swift::m_additiveIncrease),
                          MakeDoubleChecker<double>(1e-6))
            .AddAttribute("Beta",
                          "Part of the excess over the target to shrink by (published models: "
                          "0.8).",
                          DoubleValue(0.8),
                          MakeDoubleAccessor(&Swift::m_beta),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("MaxDecrease",
                          "Part of the window to shrink by at most, and after a loss, 0 to 1 "
                          "(published models: 0.5).",
                          DoubleValue(0.5),
                          MakeDoubleAccessor(&Swift::m_maxDecrease),
                          MakeDoubleChecker<double>(0, 1))
            .AddAttribute("RetransmitLimit",
                          "Timeouts in a row after which the window is the smallest (paper, "
                          "algorithm 1, which names no value; 5: below the retries of a NIC).",
                          UintegerValue(5),
                          MakeUintegerAccessor(&Swift::m_retransmitLimit),
                          MakeUintegerChecker<uint32_t>(1));
    return tid;
}

void
Swift::DoStart()
{
    NS_ABORT_MSG_UNLESS(m_flowScalingLeast < m_flowScalingMost,
                        "Swift attribute FlowScalingLeast is "
                            << m_flowScalingLeast << " frames; it must be below FlowScalingMost, "
                            << m_flowScalingMost << " frames");
    const auto& path = GetPath();
    m_roundTrip = path.roundTrip;
    const Time base = m_baseTarget.IsZero()
                          ? path.roundTrip + SerialisationTime(path.window, path.lineRate)
                          : m_baseTarget;
    m_fixedTarget = base + m_hopTarget * static_cast<int64_t>(m_hops);
    m_scalingRange = m_flowScalingRange * static_cast<double>(base.GetPicoSeconds());
    const double most = 1 / std::sqrt(m_flowScalingMost);
    m_scalingSlope = m_scalingRange / (1 / std::sqrt(m_flowScalingLeast) - most);
    m_scalingOffset = -m_scalingSlope * most;
    m_frames = static_cast<double>(GetLargestWindow()) / path.mtu;
    Apply();
}

uint64_t
Swift::GetLargestWindow() const
{
    const double bytes = m_windowLimit * static_cast<double>(GetPath().window);
    return std::max<uint64_t>(GetPath().mtu, static_cast<uint64_t>(bytes));
}

Time
Swift::GetTarget() const
{
    const double scaled = m_scalingSlope / std::sqrt(m_frames) + m_scalingOffset;
    const double bounded = std::clamp(scaled, 0.0, m_scalingRange);
    return m_fixedTarget + PicoSeconds(static_cast<uint64_t>(bounded));
}

void
Swift::HandleAcknowledgement(uint64_t bytes, const Time& roundTrip)
{
    m_timeouts = 0;
    m_roundTrip = roundTrip;
    const Time target = GetTarget();
    if (roundTrip < target)
    {
        const double acknowledged = static_cast<double>(bytes) / GetPath().mtu;
        m_frames += m_additiveIncrease * acknowledged / std::max(1.0, m_frames);
    }
    else
    {
        const auto excess = static_cast<double>((roundTrip - target).GetPicoSeconds());
        const double part = excess / static_cast<double>(roundTrip.GetPicoSeconds());
        Decrease(1 - std::min(m_beta * part, m_maxDecrease));
    }
    Apply();
}

void
Swift::HandleLoss(bool timeout)
{
    m_timeouts = timeout ? m_timeouts + 1 : 0;
    if (m_timeouts >= m_retransmitLimit)
    {
        m_frames = m_minimumWindow;
    }
    else
    {
        Decrease(1 - m_maxDecrease);
    }
    Apply();
}

void
Swift::Decrease(double factor)
{
    const Time now = Simulator::Now();
    if (factor < 1 && (!m_decreased || now - m_decreasedAt >= m_roundTrip))
    {
        m_frames *= factor;
        m_decreased = true;
        m_decreasedAt = now;
    }
}

void
Swift::Apply()
{
    const auto& path = GetPath();
    const double largest = static_cast<double>(GetLargestWindow()) / path.mtu;
    m_frames = std::clamp(m_frames, m_minimumWindow, largest);
    SetWindow(static_cast<uint64_t>(m_frames * path.mtu));
    if (m_frames >= 1)
    {
        SetRate(path.lineRate);
        return;
    }
    const double picoseconds = std::max(1.0, static_cast<double>(m_roundTrip.GetPicoSeconds()));
    const double rate = m_frames * path.frameBytes * 8e12 / picoseconds;
    const auto line = static_cast<double>(path.lineRate.GetBitRate());
    SetRate(DataRate(static_cast<uint64_t>(std::clamp(rate, 1.0, line))));
}

} // namespace mixnet
} // namespace ns3
