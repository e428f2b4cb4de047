/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "nv-switch-host.h"

#include "ns3/abort.h"
#include "ns3/log.h"
#include "ns3/ns3-compatibility.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"
#include "ns3/trace-source-accessor.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("NvSwitchHost");

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

void
NvSwitchHost::DoDispose()
{
    m_solution.Cancel();
    m_nextEnd.Cancel();
    m_moves.clear();
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
    m_network.AddResources(m_interior.Capacities());
}

void
NvSwitchHost::Transfer(uint32_t fromGpu, uint32_t toGpu, uint64_t bytes, TransferCallback done)
{
    NS_ABORT_MSG_IF(fromGpu >= m_plan.gpus || toGpu >= m_plan.gpus || fromGpu == toGpu,
                    "NvSwitchHost has GPUs 0 to "
                        << m_plan.gpus - 1 << "; no transfer is possible from GPU " << fromGpu
                        << " to GPU " << toGpu);
    NS_LOG_LOGIC("GPU " << fromGpu << " to GPU " << toGpu << ", " << bytes << " bytes");
    m_beginTrace(fromGpu, toGpu, bytes);
    Begin(m_interior.Between(fromGpu, toGpu),
          bytes,
          [this, fromGpu, toGpu, bytes, done = std::move(done)] {
              m_endTrace(fromGpu, toGpu, bytes);
              done();
          });
}

void
NvSwitchHost::BeginIfCrossing(const std::vector<uint32_t>& crossed,
                              uint64_t bytes,
                              TransferCallback done)
{
    if (crossed.empty())
    {
        done();
        return;
    }
    Begin(crossed, bytes, std::move(done));
}

void
NvSwitchHost::Begin(const std::vector<uint32_t>& crossed, uint64_t bytes, TransferCallback done)
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
    const mixnetcore::ResourceList resources(crossed.begin(), crossed.end());
    m_network.Add(ToPicoseconds(Simulator::Now()), {resources, double(bytes), m_nextMove});
    m_moves[m_nextMove++] = {bytes, std::move(done)};
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
    const auto now = ToPicoseconds(Simulator::Now());
    m_network.Solve(now);
    const auto next = m_network.NextEnd();
    NS_ABORT_MSG_IF(next == mixnetcore::FluidNetwork::LATEST,
                    "a transfer inside of a server would end more than 104 days after the start of "
                    "the simulation, which is as far as times go (2^63 ps)");
    if (next < mixnetcore::FluidNetwork::NEVER)
    {
        m_nextEnd = Simulator::Schedule(ToTime(next - now), &NvSwitchHost::HandleEnds, this);
    }
}

void
NvSwitchHost::HandleEnds()
{
    std::vector<Move> ended;
    auto ends = m_network.TakeEnded(ToPicoseconds(Simulator::Now()));
    // In the order in which they began.
    std::sort(ends.begin(), ends.end(), [](const auto& a, const auto& b) {
        return a.owner < b.owner;
    });
    for (const auto& end : ends)
    {
        ended.push_back(std::move(m_moves.extract(end.owner).mapped()));
    }
    RequestSolution();
    for (const auto& move : ended)
    {
        m_transferred += move.bytes;
        move.done();
    }
}

} // namespace mixnet
} // namespace ns3
