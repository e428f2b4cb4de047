/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-helper.h"

#include "ns3/fabric-options.h"

#include "ns3/abort.h"
#include "ns3/gateway-router.h"
#include "ns3/gradient-plan.h"
#include "ns3/uinteger.h"

#include <numeric>

namespace ns3
{
namespace mixnet
{

namespace
{

/// @param fabric The fabric. @return ways over its packet switches; none without NICs on them.
std::shared_ptr<const mixnetcore::AllToAllRouter>
MakeStaticRouter(const Fabric& fabric)
{
    const auto& plan = *fabric.plan;
    if (plan.host.NicsOn(mixnetcore::NicRole::Electrical).empty())
    {
        return nullptr;
    }
    if (plan.regions.empty())
    {
        return MakeElectricalRouter(plan);
    }
    return std::make_shared<const mixnetcore::GatewayRouter>(plan.host);
}

/// @param fabric The fabric. @return latencies of rings over it.
std::shared_ptr<mixnetcore::RingLatency>
MakeRingLatency(const Fabric& fabric)
{
    mixnetcore::FlowFraming framing;
    framing.mtu = fabric.hosts.front().nics.front()->GetMtu();
    framing.frameOverhead = wire::ROCE_OVERHEAD;
    framing.firstOverhead = wire::RDMA_HEADER;
    UintegerValue chunk;
    UintegerValue depth;
    const auto& host = fabric.hosts.front();
    const auto transport = host.flows ? Ptr<MessageTransport>(host.flows) : host.transport;
    if (transport->GetAttributeFailSafe("ChunkSize", chunk) &&
        transport->GetAttributeFailSafe("PipelineDepth", depth))
    {
        framing.chunkBytes = chunk.Get();
        framing.pipelineDepth = depth.Get();
    }
    return std::make_shared<mixnetcore::RingLatency>(fabric.plan,
                                                     fabric.routing->GetForwarding(),
                                                     framing);
}

} // namespace

TrainingHelper::TrainingHelper()
    : m_applicationFactory("ns3::mixnet::MoeTrainingApplication"),
      m_controllerFactory("ns3::mixnet::RegionalController"),
      m_reducerFactory("ns3::mixnet::GradientReducer")
{
}

void
TrainingHelper::SetApplicationAttribute(const std::string& name, const AttributeValue& value)
{
    m_applicationFactory.Set(name, value);
}

void
TrainingHelper::SetControllerAttribute(const std::string& name, const AttributeValue& value)
{
    m_controllerFactory.Set(name, value);
}

void
TrainingHelper::SetReducerAttribute(const std::string& name, const AttributeValue& value)
{
    m_reducerFactory.Set(name, value);
}

TrainingGroup
TrainingHelper::Install(const Fabric& fabric,
                        std::shared_ptr<const mixnetcore::MoeGroupWorkload> workload,
                        mixnetcore::PhaseSequenceSpec sequence) const
{
    const auto& plan = *fabric.plan;
    const bool isOptical = !plan.regions.empty();
    sequence.tensorCollectives = workload->Group().TensorParallel() > 1;
    std::vector<uint32_t> hosts(plan.hosts);
    std::iota(hosts.begin(), hosts.end(), 0);
    if (isOptical)
    {
        hosts = plan.regions.at(sequence.region).hosts;
    }
    NS_ABORT_MSG_IF(hosts.size() < workload->Group().Hosts() ||
                        (isOptical && hosts.size() > workload->Group().Hosts()),
                    "an EP group on " << workload->Group().Hosts()
                                      << " hosts does not fit a region of " << hosts.size());
    hosts.resize(workload->Group().Hosts());

    TrainingGroup group;
    group.workload = workload;
    group.program =
        std::make_shared<const mixnetcore::PhaseList>(mixnetcore::PhaseSequence(sequence));
    InstallGroup(fabric, hosts, sequence.region, group);
    return group;
}

void
TrainingHelper::InstallGroup(const Fabric& fabric,
                             const std::vector<uint32_t>& hosts,
                             uint32_t region,
                             TrainingGroup& group) const
{
    const auto between = MakeStaticRouter(fabric);
    std::shared_ptr<const mixnetcore::AllToAllRouter> router;
    if (fabric.plan->regions.empty())
    {
        router = MakeElectricalRouter(*fabric.plan);
    }
    else
    {
        group.controller = InstallController(fabric, region, group.program);
    }
    for (uint32_t endpoint = 0; endpoint < hosts.size(); ++endpoint)
    {
        const auto& host = fabric.hosts.at(hosts[endpoint]);
        const auto engine = CreateObject<CollectiveEngine>();
        engine->SetTransport(host.transport);
        const auto application = m_applicationFactory.Create<MoeTrainingApplication>();
        host.node->AddApplication(application);
        application->SetWorkload(group.workload, group.program, hosts, endpoint);
        application->SetCollectiveEngine(engine);
        application->SetStaticRouter(between);
        if (group.controller)
        {
            application->SetController(group.controller);
        }
        else
        {
            application->SetRouter(router);
        }
        group.engines.push_back(engine);
        group.transports.push_back(host.transport);
        group.applications.push_back(application);
    }
}

std::vector<TrainingGroup>
TrainingHelper::InstallJob(const Fabric& fabric, const TrainingJobSpec& job) const
{
    const auto& plan = job.program->Plan();
    const auto layout = plan.GroupLayout();
    const auto gradients =
        std::make_shared<const mixnetcore::GradientPlan>(job.program, job.work, fabric.plan->host);
    const auto latency = MakeRingLatency(fabric);
    std::vector<TrainingGroup> groups(plan.ExpertGroups());
    for (uint32_t number = 0; number < groups.size(); ++number)
    {
        auto& group = groups[number];
        group.workload = std::make_shared<const mixnetcore::MoeGroupWorkload>(job.model,
                                                                              layout,
                                                                              job.load,
                                                                              *job.compute,
                                                                              job.deduplication);
        group.program =
            std::make_shared<const mixnetcore::StageProgram>(job.program,
                                                             number / plan.DataParallel(),
                                                             number % plan.DataParallel(),
                                                             job.iterations);
        std::vector<uint32_t> hosts(layout.Hosts());
        std::iota(hosts.begin(), hosts.end(), number * layout.Hosts());
        NS_ABORT_MSG_IF(
            !fabric.plan->regions.empty() && fabric.plan->regions.at(number).hosts != hosts,
            "region " << number << " of the fabric does not hold the hosts of EP group " << number);
        InstallGroup(fabric, hosts, number, group);
        for (uint32_t endpoint = 0; endpoint < hosts.size(); ++endpoint)
        {
            const auto reducer = m_reducerFactory.Create<GradientReducer>();
            reducer->SetPlan(gradients,
                             hosts[endpoint],
                             layout.PartsOfHost(endpoint).size(),
                             group.engines[endpoint]);
            reducer->SetRingLatency(latency);
            group.applications[endpoint]->SetJob(
                {job.program, job.work, reducer, static_cast<uint32_t>(hosts.size())});
            group.reducers.push_back(reducer);
        }
    }
    return groups;
}

Ptr<RegionalController>
TrainingHelper::InstallController(const Fabric& fabric,
                                  uint32_t region,
                                  std::shared_ptr<const mixnetcore::PhaseProgram> program) const
{
    const auto controller = m_controllerFactory.Create<RegionalController>();
    controller->SetRegion(fabric.plan, region, fabric.opticalSwitches.at(region));
    controller->SetProgram(std::move(program));
    fabric.nodes.Get(fabric.plan->regions[region].opticalSwitch)->AddApplication(controller);
    return controller;
}

size_t
TrainingGroup::Ranks() const
{
    return workload->Group().Parts();
}

uint64_t
TrainingGroup::GetFailedMessages() const
{
    uint64_t failed = 0;
    for (const auto& engine : engines)
    {
        failed += engine->GetFailedMessages();
    }
    return failed;
}

std::vector<MoeTrainingApplication::UnfinishedPhase>
TrainingGroup::GetUnfinishedPhases() const
{
    std::vector<MoeTrainingApplication::UnfinishedPhase> result;
    for (const auto& application : applications)
    {
        for (const auto& phase : application->GetUnfinishedPhases())
        {
            result.push_back(phase);
        }
    }
    return result;
}

std::string
ToString(const MoeTrainingApplication::UnfinishedPhase& unfinished)
{
    const auto& phase = unfinished.phase;
    return std::string(MoeTrainingApplication::ToString(unfinished.state)) + " in " +
           ToString(phase.kind) + ", " + ToString(phase.direction) + ", of layer " +
           std::to_string(phase.layer) + ", microbatch " + std::to_string(phase.microbatch);
}

std::vector<std::string>
DescribeUnfinished(const std::vector<TrainingGroup>& groups)
{
    constexpr size_t MOST = 10;
    std::vector<std::string> lines;
    for (const auto& group : groups)
    {
        for (const auto& unfinished : group.GetUnfinishedPhases())
        {
            const auto& phase = unfinished.phase;
            lines.push_back("iteration " + std::to_string(phase.iteration) + ", stage " +
                            std::to_string(phase.stage) + ", replica " +
                            std::to_string(phase.replica) + ", EP rank " +
                            std::to_string(unfinished.rank) + " is " + ToString(unfinished));
            if (lines.size() == MOST)
            {
                lines.emplace_back("and maybe more");
                return lines;
            }
        }
    }
    return lines;
}

} // namespace mixnet
} // namespace ns3
