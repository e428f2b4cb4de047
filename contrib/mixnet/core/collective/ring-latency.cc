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
                         const FlowFraming& framing)
    : m_plan(plan),
      m_paths(plan, std::move(forwarding), framing)
{
}

Picoseconds
RingLatency::PerStep(const std::vector<uint32_t>& hosts, uint32_t nic, Bytes bytes)
{
    const Key key{hosts.front(), hosts.size(), nic, bytes.Count()};
    const auto known = m_known.find(key);
    if (known != m_known.end())
    {
        return known->second;
    }
    const auto gpu = m_plan->host.nics.at(nic).gpu;
    Picoseconds sum(0);
    for (size_t place = 0; place < hosts.size(); ++place)
    {
        const uint32_t from = hosts[place];
        const uint32_t to = hosts[(place + 1) % hosts.size()];
        const auto path = m_paths.Of({{from, gpu},
                                      {to, gpu},
                                      bytes,
                                      {RdmaLeg{{from, nic}, {to, nic}, NicRole::Electrical}}});
        const double rate = std::min(path.narrowest, path.limit);
        // The ring's own bytes go at line rate, without the overhead of frames.
        const auto fluid = CheckedTime(std::round(path.volume / rate * 1e12), WHAT);
        const auto own = TransmissionTime(bytes, m_plan->host.nics[nic].rate);
        sum = CheckedSum(sum, CheckedSum(path.toEnd, fluid - own, WHAT), WHAT);
    }
    const Picoseconds mean = sum / static_cast<int64_t>(hosts.size());
    m_known.emplace(key, mean);
    return mean;
}

Picoseconds
RingLatency::SavedByMerging(const std::vector<uint32_t>& hosts,
                            uint32_t nic,
                            Bytes bytes,
                            uint32_t steps)
{
    const uint64_t all = 2 * (hosts.size() - 1);
    const Bytes kept = EvenShare(bytes, hosts.size() - 1, hosts.size());
    const Bytes round = bytes - kept;
    const auto apart = PerStep(hosts, nic, EvenShare(round * 2, 0, all));
    const auto merged = PerStep(hosts, nic, EvenShare(round * 2, 0, steps));
    return std::max(Picoseconds(0),
                    CheckedProduct(apart, all, WHAT) - CheckedProduct(merged, steps, WHAT));
}

} // namespace mixnetcore
