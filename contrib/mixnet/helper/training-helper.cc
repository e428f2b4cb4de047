/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-helper.h"

#include "ns3/abort.h"

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
                        uint32_t region,
                        std::shared_ptr<const mixnetcore::MoeGroupWorkload> workload) const
{
    const auto& plan = fabric.plan->regions.at(region);
    NS_ABORT_MSG_IF(plan.hosts.size() != workload->Group().Hosts(),
                    "an EP group on " << workload->Group().Hosts()
                                      << " hosts does not fit a region of " << plan.hosts.size());
    TrainingGroup group;
    group.ranks = workload->Group().Ranks();
    group.controller = m_controllerFactory.Create<RegionalController>();
    group.controller->SetRegion(plan, fabric.opticalSwitches.at(region));
    fabric.nodes.Get(plan.opticalSwitch)->AddApplication(group.controller);
    for (uint32_t endpoint = 0; endpoint < plan.hosts.size(); ++endpoint)
    {
        const auto& host = fabric.hosts.at(plan.hosts[endpoint]);
        const auto engine = CreateObject<CollectiveEngine>();
        engine->SetTransport(host.transport);
        const auto application = m_applicationFactory.Create<MoeTrainingApplication>();
        host.node->AddApplication(application);
        application->SetWorkload(workload, fabric.plan, region, endpoint);
        application->SetCollectiveEngine(engine);
        application->SetController(group.controller);
        group.engines.push_back(engine);
        group.transports.push_back(host.transport);
        group.applications.push_back(application);
    }
    return group;
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
