/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-helper.h"

#include "fabric-options.h"

#include "ns3/abort.h"

#include <numeric>

namespace ns3
{
namespace mixnet
{

TrainingHelper::TrainingHelper()
    : m_applicationFactory("ns3::mixnet::MoeTrainingApplication"),
      m_controllerFactory("ns3::mixnet::RegionalController")
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

TrainingGroup
TrainingHelper::Install(const Fabric& fabric,
                        std::shared_ptr<const mixnetcore::MoeGroupWorkload> workload,
                        mixnetcore::PhaseSequenceSpec sequence) const
{
    const auto& plan = *fabric.plan;
    const bool isOptical = !plan.regions.empty();
    sequence.tensorCollectives = workload->Group().TensorParallel() > 1;
    const auto program =
        std::make_shared<const mixnetcore::PhaseList>(mixnetcore::PhaseSequence(sequence));
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
    group.ranks = workload->Group().Ranks();
    std::shared_ptr<const mixnetcore::AllToAllRouter> router;
    if (isOptical)
    {
        group.controller = InstallController(fabric, sequence.region, program->PhasesOf(0));
    }
    else
    {
        router = MakeElectricalRouter(plan);
    }
    for (uint32_t endpoint = 0; endpoint < hosts.size(); ++endpoint)
    {
        const auto& host = fabric.hosts.at(hosts[endpoint]);
        const auto engine = CreateObject<CollectiveEngine>();
        engine->SetTransport(host.transport);
        const auto application = m_applicationFactory.Create<MoeTrainingApplication>();
        host.node->AddApplication(application);
        application->SetWorkload(workload, program, hosts, endpoint);
        application->SetCollectiveEngine(engine);
        if (isOptical)
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
    return group;
}

Ptr<RegionalController>
TrainingHelper::InstallController(const Fabric& fabric,
                                  uint32_t region,
                                  const std::vector<mixnetcore::PhaseKey>& phases) const
{
    const auto controller = m_controllerFactory.Create<RegionalController>();
    controller->SetRegion(fabric.plan, region, fabric.opticalSwitches.at(region));
    controller->SetPhases(phases);
    fabric.nodes.Get(fabric.plan->regions[region].opticalSwitch)->AddApplication(controller);
    return controller;
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

} // namespace mixnet
} // namespace ns3
