/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-helper.h"

#include "ns3/abort.h"
#include "ns3/circuit-recovery.h"
#include "ns3/gradient-plan.h"
#include "ns3/laid-rings.h"
#include "ns3/lists.h"

#include <numeric>

namespace ns3
{
namespace mixnet
{

namespace
{

/// @param fabric The fabric. @return routes that do not wait for a controller; none where all do.
std::shared_ptr<const mixnetcore::AllToAllRouter>
MakeStaticRouter(const Fabric& fabric)
{
    const auto& plan = *fabric.plan;
    const bool isElectrical = !plan.host.NicsOn(mixnetcore::NicRole::Electrical).empty();
    return isElectrical || plan.regions.empty() ? mixnetcore::MakeRouter(plan) : nullptr;
}

/// @param fabric The fabric. @param hosts Of a group. @param group The group.
/// @return which endpoints of the group's region its GPUs belong to.
std::shared_ptr<const mixnetcore::EndpointTable>
MakeEndpointTable(const Fabric& fabric,
                  const std::vector<uint32_t>& hosts,
                  const TrainingGroup& group)
{
    std::vector<std::pair<uint32_t, uint32_t>> gpus;
    std::vector<uint32_t> used(hosts.size());
    for (size_t gpu = 0; gpu < group.layout.Gpus(); ++gpu)
    {
        const auto place = group.layout.HostOfGpu(gpu);
        gpus.emplace_back(hosts[place], used[place]++);
    }
    return std::make_shared<const mixnetcore::EndpointTable>(
        fabric.plan->regions[group.number].endpoints,
        gpus);
}

} // namespace

TrainingHelper::TrainingHelper()
    : m_applicationFactory("ns3::mixnet::MoeTrainingApplication"),
      m_controllerFactory("ns3::mixnet::RegionalController"),
      m_reducerFactory("ns3::mixnet::GradientReducer")
{
}

std::vector<TrainingGroup>
TrainingHelper::Install(const Fabric& fabric, const TrainingJobSpec& job) const
{
    const auto layout = job.Plan().GroupLayout();
    std::vector<TrainingGroup> groups(job.Plan().ExpertGroups());
    NS_ABORT_MSG_IF(groups.size() * layout.Hosts() > fabric.plan->hosts,
                    groups.size() << " EP groups on " << layout.Hosts()
                                  << " hosts each do not fit a fabric of " << fabric.plan->hosts);
    const auto hosts = std::make_shared<MoeTrainingApplication::GroupHosts>(groups.size());
    for (uint32_t number = 0; number < groups.size(); ++number)
    {
        auto& group = groups[number];
        auto& ofGroup = hosts->at(number);
        ofGroup.resize(layout.Hosts());
        std::iota(ofGroup.begin(), ofGroup.end(), number * layout.Hosts());
        NS_ABORT_MSG_IF(
            !fabric.plan->regions.empty() && fabric.plan->regions.at(number).Hosts() != ofGroup,
            "region " << number << " of the fabric does not hold the hosts of EP group " << number);
        group.number = number;
        group.layout = layout;
        const auto stage = number / job.Plan().DataParallel();
        const auto replica = number % job.Plan().DataParallel();
        group.lastPhase = job.program->LastPhaseOf(stage, replica);
        for (size_t step = 0; step <= job.program->StepsOf(stage).size(); ++step)
        {
            group.phases += job.program->PhasesOf(stage, replica, step).size() * layout.Parts() *
                            job.iterations;
        }
        group.tasks = std::make_shared<const mixnetcore::StageTasks>(job.program,
                                                                     job.work,
                                                                     number,
                                                                     job.iterations);
    }
    for (auto& group : groups)
    {
        InstallGroup(fabric, hosts, group);
    }
    const auto& program = job.program->Options();
    if (program.backward && !program.excerpt)
    {
        InstallReducers(fabric, job, groups);
    }
    return groups;
}

void
TrainingHelper::InstallGroup(const Fabric& fabric,
                             std::shared_ptr<const MoeTrainingApplication::GroupHosts> hosts,
                             TrainingGroup& group) const
{
    const auto between = MakeStaticRouter(fabric);
    const auto recovery =
        mixnetcore::MakeRecoveryRouter(fabric.plan, fabric.routing->GetForwarding());
    std::shared_ptr<const mixnetcore::EndpointTable> endpoints;
    if (!fabric.plan->regions.empty())
    {
        endpoints = MakeEndpointTable(fabric, hosts->at(group.number), group);
        group.controller = InstallController(fabric, group);
        group.controller->SetDemandInAdvance([endpoints, tasks = group.tasks](const auto& phase) {
            return endpoints->Between(tasks->DemandOf(phase).dispatch);
        });
    }
    for (uint32_t endpoint = 0; endpoint < group.layout.Hosts(); ++endpoint)
    {
        const auto& host = fabric.hosts.at(hosts->at(group.number)[endpoint]);
        const auto engine = CreateObject<CollectiveEngine>();
        engine->SetTransport(host.transport);
        engine->SetRecovery(recovery);
        const auto application = m_applicationFactory.Create<MoeTrainingApplication>();
        host.node->AddApplication(application);
        application->SetTasks(group.tasks, {group.layout, hosts, group.number, endpoint});
        application->SetCollectiveEngine(engine);
        application->SetStaticRouter(between);
        if (group.controller)
        {
            application->SetControlChannel(group.controller->GetChannel(), endpoints);
        }
        else
        {
            application->SetRouter(between);
        }
        group.engines.push_back(engine);
        group.transports.push_back(host.transport);
        group.applications.push_back(application);
    }
}

void
TrainingHelper::InstallReducers(const Fabric& fabric,
                                const TrainingJobSpec& job,
                                std::vector<TrainingGroup>& groups) const
{
    const auto gradients =
        std::make_shared<const mixnetcore::GradientPlan>(job.program,
                                                         job.work,
                                                         fabric.plan->host,
                                                         mixnetcore::LaidRingsOf(*fabric.plan));
    const auto router = MakeStaticRouter(fabric);
    const auto latency = std::make_shared<mixnetcore::RingLatency>(fabric.plan,
                                                                   fabric.routing->GetForwarding(),
                                                                   fabric.Framing(),
                                                                   router);
    for (auto& group : groups)
    {
        for (uint32_t endpoint = 0; endpoint < group.engines.size(); ++endpoint)
        {
            const auto reducer = m_reducerFactory.Create<GradientReducer>();
            reducer->SetPlan(gradients,
                             group.transports[endpoint]->GetHost(),
                             group.layout.PartsOfHost(endpoint).size(),
                             group.engines[endpoint]);
            reducer->SetRingLatency(latency);
            reducer->SetRouter(router);
            group.applications[endpoint]->SetReducer(reducer);
            group.reducers.push_back(reducer);
        }
    }
}

Ptr<RegionalController>
TrainingHelper::InstallController(const Fabric& fabric, const TrainingGroup& group) const
{
    const auto controller = m_controllerFactory.Create<RegionalController>();
    controller->SetRegion(fabric.plan, group.number, fabric.GetOpticalSwitches(group.number));
    controller->SetProgram(group.tasks);
    const auto& planes = fabric.plan->regions[group.number].planes;
    fabric.nodes.Get(planes.front().opticalSwitch)->AddApplication(controller);
    return controller;
}

void
TrainingGroup::ConnectApplications(const std::string& trace, const CallbackBase& sink) const
{
    for (const auto& application : applications)
    {
        application->TraceConnectWithoutContext(trace, sink);
    }
}

void
TrainingGroup::ConnectTransports(const std::string& trace, const CallbackBase& sink) const
{
    for (const auto& transport : transports)
    {
        transport->TraceConnectWithoutContext(trace, sink);
    }
}

void
TrainingGroup::ConnectDecisions(const CallbackBase& sink) const
{
    if (controller)
    {
        controller->TraceConnectWithoutContext("CircuitsReady", sink);
    }
}

uint32_t
TrainingGroup::RankOf(const mixnetcore::GpuId& gpu) const
{
    const auto endpoint = gpu.host % layout.Hosts();
    return (endpoint * layout.GpusPerHost() + gpu.gpu) / layout.GpusPerPart();
}

uint64_t
TrainingGroup::GetFailedMessages() const
{
    return mixnetcore::SumOf(engines,
                             [](const auto& engine) { return engine->GetFailedMessages(); });
}

std::vector<MoeTrainingApplication::UnfinishedPhase>
TrainingGroup::GetUnfinishedPhases() const
{
    std::vector<MoeTrainingApplication::UnfinishedPhase> result;
    for (const auto& application : applications)
    {
        const auto phases = application->GetUnfinishedPhases();
        result.insert(result.end(), phases.begin(), phases.end());
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

uint64_t
CountFailedMessages(const std::vector<TrainingGroup>& groups)
{
    return mixnetcore::SumOf(groups, [](const auto& group) { return group.GetFailedMessages(); });
}

} // namespace mixnet
} // namespace ns3
