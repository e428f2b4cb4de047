/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "utilisation-trace.h"

#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace ns3
{
namespace mixnet
{

UtilisationTrace::UtilisationTrace(TraceEventFile& file,
                                   const Fabric& fabric,
                                   std::vector<NicGroup> groups,
                                   const Time& span)
    : m_file(file),
      m_fabric(fabric),
      m_groups(std::move(groups)),
      m_samples(fabric.hosts.size() * fabric.plan->host.nics.size(),
                MostSpans(fabric, m_groups.size()),
                ToPicoseconds(span)),
      m_clock(SampleClock::Install())
{
    m_clock->Start(span, [this](const Time& before) { return Look(before); });
}

UtilisationTrace::~UtilisationTrace()
{
    m_clock->Stop();
}

size_t
UtilisationTrace::MostSpans(const Fabric& fabric, size_t groups)
{
    constexpr size_t MOST = 4096;              // more than a screen has columns
    constexpr size_t LEAST = 16;               // less is no picture
    constexpr size_t MOST_NUMBERS = 4'000'000; // of 8 bytes, in memory
    constexpr size_t MOST_EVENTS = 200'000;    // of about 130 bytes, in the file
    const size_t nics = fabric.hosts.size() * fabric.plan->host.nics.size();
    const size_t counters = 2 * groups;
    return std::clamp(std::min(MOST_NUMBERS / std::max<size_t>(1, nics),
                               MOST_EVENTS / std::max<size_t>(1, counters)),
                      LEAST,
                      MOST);
}

Time
UtilisationTrace::Span() const
{
    return ToTime(m_samples.Span());
}

Time
UtilisationTrace::Look(const Time& before)
{
    // Frames had left by the first end of a span; flows have moved on evenly until the last.
    const auto first = m_samples.Next();
    Read(ToTime(first));
    const auto last = m_samples.LastEnd(ToPicoseconds(before) - mixnetcore::Picoseconds(1));
    if (last > first)
    {
        Read(ToTime(last));
    }
    return ToTime(m_samples.Next());
}

void
UtilisationTrace::Read(const Time& at)
{
    m_samples.Add(ToPicoseconds(at), m_fabric.GetSentBytesAt(at));
}

UtilisationTrace::Busy
UtilisationTrace::BusyOf(const NicGroup& group,
                         const std::vector<uint32_t>& nics,
                         size_t sample) const
{
    const auto& plan = m_fabric.plan->host.nics;
    const double seconds = double(m_samples.Span().count()) * 1e-12;
    const auto rounded = [](double percent) { return std::round(percent * 1e6) * 1e-6; };
    Busy busy;
    for (const auto host : group.hosts)
    {
        for (const auto nic : nics)
        {
            const auto bytes = m_samples.At(sample, host * plan.size() + nic);
            const double percent = 100 * 8.0 * double(bytes) / (plan[nic].rate.Count() * seconds);
            busy.mean += percent / double(group.hosts.size() * nics.size());
            busy.busiest = std::max(busy.busiest, percent);
        }
    }
    return {rounded(busy.mean), rounded(busy.busiest)};
}

void
UtilisationTrace::Write(const NicGroup& group, mixnetcore::NicRole side)
{
    const auto nics = m_fabric.plan->host.NicsOn(side);
    if (nics.empty())
    {
        return;
    }
    const char* const name = side == mixnetcore::NicRole::Optical
                                 ? "optical NICs sending, % of line rate"
                                 : "electrical NICs sending, % of line rate";
    std::optional<Busy> before;
    for (size_t sample = 0; sample <= m_samples.Size(); ++sample)
    {
        const auto busy = sample < m_samples.Size() ? BusyOf(group, nics, sample) : Busy{};
        if (!(before == busy))
        {
            m_file.Counter(group.process,
                           name,
                           ToTime(m_samples.Span() * int64_t(sample)),
                           {{"mean", busy.mean}, {"busiest", busy.busiest}});
        }
        before = busy;
    }
}

void
UtilisationTrace::Close()
{
    m_clock->Stop();
    Read(Simulator::Now());
    for (const auto& group : m_groups)
    {
        Write(group, mixnetcore::NicRole::Optical);
        Write(group, mixnetcore::NicRole::Electrical);
    }
}

} // namespace mixnet
} // namespace ns3
