/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "gradient-reducer.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <numeric>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("GradientReducer");

NS_OBJECT_ENSURE_REGISTERED(GradientReducer);

using mixnetcore::Bytes;
using mixnetcore::PhaseKey;

TypeId
GradientReducer::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::GradientReducer")
            .SetParent<Object>()
            .SetGroupName("Mixnet")
            .AddConstructor<GradientReducer>()
            .AddAttribute("MaxSteps",
                          "Steps of a ring that are simulated one by one, at least 2; of a ring "
                          "with more, neighbouring steps are merged.",
                          UintegerValue(256),
                          MakeUintegerAccessor(&GradientReducer::m_maxSteps),
                          MakeUintegerChecker<uint32_t>(2))
            .AddAttribute("StepLatency",
                          "Latency of a step between neighbours of a ring, for steps that are "
                          "merged: propagation, switches and frames; if negative, that of the "
                          "fabric's plan.",
                          TimeValue(NanoSeconds(-1)),
                          MakeTimeAccessor(&GradientReducer::m_stepLatency),
                          MakeTimeChecker());
    return tid;
}

GradientReducer::GradientReducer()
    : m_handleStep(MakeCallback(&GradientReducer::HandleStep, this))
{
}

void
GradientReducer::DoDispose()
{
    m_engine = nullptr;
    m_open.clear();
    Object::DoDispose();
}

void
GradientReducer::SetPlan(std::shared_ptr<const mixnetcore::GradientPlan> plan,
                         uint32_t host,
                         uint32_t ranks,
                         Ptr<CollectiveEngine> engine)
{
    m_plan = plan;
    m_host = host;
    m_ranks = ranks;
    m_engine = engine;
}

void
GradientReducer::Join(const PhaseKey& reduce, DoneCallback done)
{
    const auto found = std::find_if(m_open.begin(), m_open.end(), [&](const Open& open) {
        return open.reduce == reduce;
    });
    auto& open = found != m_open.end() ? *found : m_open.emplace_back(Open{reduce, {}});
    NS_ABORT_MSG_IF(open.done.size() == m_ranks,
                    "more ranks than the " << m_ranks << " of host " << m_host
                                           << " join an all-reduce");
    open.done.push_back(done);
    NS_LOG_LOGIC("host " << m_host << ", " << ToString(reduce.kind) << ": " << open.done.size()
                         << " of " << m_ranks << " ranks have joined");
    Proceed();
}

void
GradientReducer::Proceed()
{
    if (m_isBusy || m_open.empty() || m_open.front().done.size() < m_ranks)
    {
        return;
    }
    m_isBusy = true;
    const auto& reduce = m_open.front().reduce;
    m_hosts = m_plan->HostsOf(reduce, m_host).size();
    RunInside(BEFORE, m_plan->FlowsBefore(reduce, m_host), &GradientReducer::RingsStart);
}

void
GradientReducer::RunInside(Part part,
                           const std::vector<mixnetcore::ScheduledFlow>& flows,
                           void (GradientReducer::*through)(const mixnetcore::MessageKey&,
                                                            uint64_t))
{
    std::vector<uint32_t> gpus(m_plan->Gpus());
    std::iota(gpus.begin(), gpus.end(), 0);
    m_engine->Run(KeyOf(part), flows, gpus, MakeCallback(through, this));
}

mixnetcore::MessageKey
GradientReducer::KeyOf(Part part, uint32_t step) const
{
    // All hosts of the ring agree on it.
    auto phase = m_open.front().reduce;
    phase.replica = 0;
    phase.region = 0;
    phase.microbatch = 0;
    return {phase, part, step};
}

Bytes
GradientReducer::BytesOf(const Ring& ring, uint32_t step) const
{
    // Two rounds, each of all parts of the buffer but one: the smallest, so that no ring with bytes
    // begins with a step that has none, which nobody would wait for.
    const Bytes kept = mixnetcore::EvenShare(ring.plan.bytes, m_hosts - 1, m_hosts);
    const Bytes round = ring.plan.bytes - kept;
    return mixnetcore::EvenShare(round * 2, step, ring.steps);
}

void
GradientReducer::RingsStart(const mixnetcore::MessageKey& /* key */, uint64_t /* tag */)
{
    m_rings.clear();
    const uint32_t steps = 2 * (m_hosts - 1);
    const auto plans = m_plan->RingsOf(m_open.front().reduce, m_host);
    m_ringCount = plans.size();
    for (uint32_t number = 0; number < m_ringCount; ++number)
    {
        if (steps > 0 && plans[number].bytes > Bytes(0))
        {
            m_rings.push_back({plans[number], number, std::min(steps, m_maxSteps)});
        }
    }
    m_ringsLeft = m_rings.size();
    if (m_rings.empty())
    {
        RingsComplete();
        return;
    }
    for (uint32_t ring = 0; ring < m_rings.size(); ++ring)
    {
        StepStart(ring, 0);
    }
}

void
GradientReducer::StepStart(uint32_t ring, uint32_t step)
{
    auto& going = m_rings[ring];
    const auto bytes = BytesOf(going, step);
    const auto key = KeyOf(RINGS, step * m_ringCount + going.number);
    m_engine->Expect(key, going.plan.gpu, bytes, m_handleStep);
    if (bytes == Bytes(0))
    {
        return;
    }
    const Time begin = std::max(Simulator::Now(), going.lineFree);
    going.lineFree = begin + ToTime(mixnetcore::TransmissionTime(bytes, going.plan.rate));
    const auto transfers = going.plan.StepFrom(m_host, bytes, m_router.get());
    Simulator::Schedule(begin - Simulator::Now(),
                        [this, key, transfers] { m_engine->Send(key, transfers); });
}

void
GradientReducer::HandleStep(const mixnetcore::MessageKey& key, uint32_t /* gpu */)
{
    const auto number = key.index % m_ringCount;
    const auto found = std::find_if(m_rings.begin(), m_rings.end(), [number](const Ring& ring) {
        return ring.number == number;
    });
    if (++found->received < found->steps)
    {
        StepStart(found - m_rings.begin(), found->received);
        return;
    }
    if (--m_ringsLeft == 0)
    {
        Simulator::Schedule(MergedLatency(*found), &GradientReducer::RingsComplete, this);
    }
}

Time
GradientReducer::MergedLatency(const Ring& ring) const
{
    const int64_t merged = 2 * (m_hosts - 1) - ring.steps;
    if (merged == 0 || !m_stepLatency.IsStrictlyNegative())
    {
        return m_stepLatency * merged;
    }
    NS_ABORT_MSG_UNLESS(m_latency, "a GradientReducer that merges steps has no latency for them");
    return ToTime(m_latency->SavedByMerging(ring.plan, ring.steps));
}

void
GradientReducer::RingsComplete()
{
    const auto& reduce = m_open.front().reduce;
    RunInside(AFTER, m_plan->FlowsAfter(reduce, m_host), &GradientReducer::Complete);
}

void
GradientReducer::Complete(const mixnetcore::MessageKey& /* key */, uint64_t /* tag */)
{
    const auto done = std::move(m_open.front().done);
    m_open.pop_front();
    m_isBusy = false;
    for (const auto& callback : done)
    {
        callback();
    }
    Proceed();
}

} // namespace mixnet
} // namespace ns3
