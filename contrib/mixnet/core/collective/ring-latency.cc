/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ring-latency.h"

#include <algorithm>
#include <cmath>

namespace mixnetcore
{

namespace
{

constexpr const char* WHAT = "the steps of an all-reduce"; //!< what takes these times

} // namespace

RingLatency::RingLatency(std::shared_ptr<const FabricPlan> plan,
                         std::shared_ptr<const ForwardingPlan> forwarding,
                         const FlowFraming& framing,
                         std::shared_ptr<const AllToAllRouter> router)
    : m_plan(plan),
      m_paths(plan, std::move(forwarding), framing),
      m_router(std::move(router))
{
}

Picoseconds
RingLatency::PerStep(const GradientRing& ring, Bytes bytes)
{
    const Key key{ring.hosts, ring.nic, bytes.Count()};
    const auto known = m_known.find(key);
    if (known != m_known.end())
    {
        return known->second;
    }
    // The ring's own bytes go at line rate, without the overhead of frames.
    const auto own = TransmissionTime(bytes, ring.rate);
    Picoseconds sum(0);
    for (const auto host : ring.hosts)
    {
        Picoseconds longest = -own;
        for (const auto& transfer : ring.StepFrom(host, bytes, m_router.get()))
        {
            const auto path = m_paths.Of(transfer);
            const double rate = std::min(path.narrowest, path.limit);
            const auto fluid = CheckedTime(std::round(path.volume / rate * 1e12), WHAT);
            longest = std::max(longest, CheckedSum(path.toEnd, fluid - own, WHAT));
        }
        sum = CheckedSum(sum, longest, WHAT);
    }
    const Picoseconds mean = sum / static_cast<int64_t>(ring.hosts.size());
    m_known.emplace(key, mean);
    return mean;
}

Picoseconds
RingLatency::SavedByMerging(const GradientRing& ring, uint32_t steps)
{
    const auto hosts = ring.hosts.size();
    const uint64_t all = 2 * (hosts - 1);
    const Bytes kept = EvenShare(ring.bytes, hosts - 1, hosts);
    const Bytes round = ring.bytes - kept;
    const auto apart = PerStep(ring, EvenShare(round * 2, 0, all));
    const auto merged = PerStep(ring, EvenShare(round * 2, 0, steps));
    return std::max(Picoseconds(0),
                    CheckedProduct(apart, all, WHAT) - CheckedProduct(merged, steps, WHAT));
}

} // namespace mixnetcore
