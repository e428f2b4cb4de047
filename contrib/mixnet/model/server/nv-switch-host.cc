/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "nv-switch-host.h"

#include "ns3/abort.h"
#include "ns3/ns3-compatibility.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"

#include <algorithm>
#include <cmath>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(NvSwitchHost);

TypeId
NvSwitchHost::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::NvSwitchHost")
                            .SetParent<FabricDevice>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<NvSwitchHost>()
                            .AddTraceSource("TransferBegin",
                                            "Bytes begin to move from one GPU to another.",
                                            MakeTraceSourceAccessor(&NvSwitchHost::m_beginTrace),
                                            "ns3::mixnet::NvSwitchHost::TransferTracedCallback")
                            .AddTraceSource("TransferEnd",
                                            "Bytes have moved from one GPU to another.",
                                            MakeTraceSourceAccessor(&NvSwitchHost::m_endTrace),
                                            "ns3::mixnet::NvSwitchHost::TransferTracedCallback");
    return tid;
}

NvSwitchHost::NvSwitchHost() = default;

NvSwitchHost::~NvSwitchHost() = default;

void
NvSwitchHost::DoDispose()
{
    m_solution.Cancel();
    m_nextEnd.Cancel();
    m_flows.clear();
    m_fluid = nullptr;
    FabricDevice::DoDispose();
}

void
NvSwitchHost::SetPlan(const mixnetcore::HostPlan& plan)
{
    NS_ABORT_MSG_IF(plan.gpus == 0, "NvSwitchHost: a server needs at least one GPU");
    NS_ABORT_MSG_IF(plan.gpuPortRate.Count() == 0,
                    "NvSwitchHost: the rate of a GPU's port is 0; it must be above zero");
    m_plan = plan;
    m_interior = mixnetcore::HostInterior(plan);
}

const mixnetcore::HostPlan&
NvSwitchHost::GetPlan() const
{
    return m_plan;
}

void
NvSwitchHost::SetFluid(Fluid fluid)
{
    m_fluid = std::move(fluid);
}

void
NvSwitchHost::Transfer(uint32_t fromGpu, uint32_t toGpu, uint64_t bytes, TransferCallback done)
{
    NS_ABORT_MSG_IF(fromGpu >= m_plan.gpus || toGpu >= m_plan.gpus || fromGpu == toGpu,
                    "NvSwitchHost has GPUs 0 to "
                        << m_plan.gpus - 1 << "; no transfer is possible from GPU " << fromGpu
                        << " to GPU " << toGpu);
    m_beginTrace(fromGpu, toGpu, bytes);
    Begin(m_interior.Between(fromGpu, toGpu),
          bytes,
          [this, fromGpu, toGpu, bytes, done = std::move(done)] {
              m_endTrace(fromGpu, toGpu, bytes);
              done();
          });
}

void
NvSwitchHost::TransferToNic(uint32_t nic, uint64_t bytes, TransferCallback done)
{
    auto crossed = m_interior.IntoNic(nic);
    if (crossed.empty())
    {
        done();
        return;
    }
    Begin(std::move(crossed), bytes, std::move(done));
}

void
NvSwitchHost::TransferFromNic(uint32_t nic, uint64_t bytes, TransferCallback done)
{
    auto crossed = m_interior.OutOfNic(nic);
    if (crossed.empty())
    {
        done();
        return;
    }
    Begin(std::move(crossed), bytes, std::move(done));
}

void
NvSwitchHost::Begin(std::vector<uint32_t> crossed, uint64_t bytes, TransferCallback done)
{
    if (m_fluid)
    {
        ++m_carried;
        m_fluid(crossed, bytes, [this, bytes, done = std::move(done)] {
            --m_carried;
            m_transferred += bytes;
            done();
        });
        return;
    }
    const Time now = Simulator::Now();
    m_flows.push_back({bytes, double(bytes), 0, now, now, std::move(done)});
    m_demands.push_back({std::move(crossed), 1});
    RequestSolution();
}

void
NvSwitchHost::RequestSolution()
{
    if (!IsPending(m_solution))
    {
        m_solution = Simulator::ScheduleNow(&NvSwitchHost::Solve, this);
    }
}

void
NvSwitchHost::Solve()
{
    m_nextEnd.Cancel();
    if (m_flows.empty())
    {
        return;
    }
    m_solver.Solve(m_interior.Capacities(), m_demands, m_rates);
    const Time now = Simulator::Now();
    Time nextEnd = Time::Max();
    for (size_t i = 0; i < m_flows.size(); ++i)
    {
        auto& flow = m_flows[i];
        if (flow.rate != m_rates[i])
        {
            const double elapsed = (now - flow.since).GetPicoSeconds() * 1e-12;
            flow.remaining = std::max(0.0, flow.remaining - flow.rate * elapsed);
            flow.rate = m_rates[i];
            flow.since = now;
            // A time of whole picoseconds stays so.
            const double left = std::max(0.0, flow.remaining - ROUNDING * double(flow.bytes));
            flow.end = now + ToTime(mixnetcore::CheckedTime(std::ceil(left / flow.rate * 1e12),
                                                            "a transfer inside of a server"));
        }
        nextEnd = std::min(nextEnd, flow.end);
    }
    m_nextEnd = Simulator::Schedule(nextEnd - now, &NvSwitchHost::HandleEnds, this);
}

void
NvSwitchHost::HandleEnds()
{
    const Time now = Simulator::Now();
    std::vector<Flow> ended;
    size_t kept = 0;
    for (size_t i = 0; i < m_flows.size(); ++i)
    {
        // A transfer of this instant has no rate yet; its turn comes with the solution.
        if (m_flows[i].rate > 0 && m_flows[i].end <= now)
        {
            ended.push_back(std::move(m_flows[i]));
        }
        else
        {
            if (kept != i)
            {
                m_flows[kept] = std::move(m_flows[i]);
                m_demands[kept] = std::move(m_demands[i]);
            }
            ++kept;
        }
    }
    m_flows.resize(kept);
    m_demands.resize(kept);
    RequestSolution();
    for (const auto& flow : ended)
    {
        m_transferred += flow.bytes;
        flow.done();
    }
}

size_t
NvSwitchHost::GetTransfersUnderWay() const
{
    return m_flows.size() + m_carried;
}

uint64_t
NvSwitchHost::GetTransferredBytes() const
{
    return m_transferred;
}

} // namespace mixnet
} // namespace ns3
