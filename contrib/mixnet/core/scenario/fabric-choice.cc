/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-choice.h"

#include "fabric-file.h"

#include "ns3/checks.h"
#include "ns3/option-names.h"

#include <memory>
#include <numeric>
#include <stdexcept>

namespace mixnetcore
{

namespace
{

/// @param plan A fabric with regions, from a file. @param site What is asked for.
/// @throws std::invalid_argument when its regions are not the groups of the site.
void
CheckRegionsOfSite(const FabricPlan& plan, const FabricSite& site)
{
    const auto size = site.hostsPerRegion == 0 ? site.hosts : site.hostsPerRegion;
    std::vector<uint32_t> group(size);
    for (uint32_t region = 0; region < site.hosts / size; ++region)
    {
        std::iota(group.begin(), group.end(), region * size);
        if (region >= plan.regions.size() || plan.regions[region].Hosts() != group)
        {
            Refuse(Phrase() << "must have hosts " << group.front() << " to " << group.back()
                            << " as regions[" << region << "], in this order: a region for every "
                            << size << " servers that exchange most");
        }
    }
}

/// @param plan A fabric from a file. @param site What is asked for.
/// @throws std::invalid_argument when it has other servers.
void
CheckSite(const FabricPlan& plan, const FabricSite& site)
{
    const auto count = [](uint32_t servers, uint32_t gpus) {
        return std::to_string(servers) + (servers == 1 ? " server of " : " servers of ") +
               std::to_string(gpus) + (gpus == 1 ? " GPU" : " GPUs");
    };
    if (plan.hosts != site.hosts || plan.host.gpus != site.host.gpus)
    {
        Refuse("has " + count(plan.hosts, plan.host.gpus) + "; must have the " +
               count(site.hosts, site.host.gpus) + " that are asked for");
    }
    if (!plan.regions.empty())
    {
        CheckRegionsOfSite(plan, site);
    }
}

} // namespace

std::string
ParseFabricName(const OptionReader& options)
{
    const auto& name = options.Text("fabric");
    return IsJsonPath(name) ? name : options.Choice("fabric", FabricPlanners().Names());
}

FabricPlanner
FabricPlannerOf(const std::string& name)
{
    if (!IsJsonPath(name))
    {
        return FabricPlanners().Get(name);
    }
    const auto plan = std::make_shared<const FabricPlan>(ReadFabricFile(name));
    return {[plan](const OptionReader& /* options */, const FabricSite& site) {
                CheckSite(*plan, site);
                return *plan;
            },
            plan->host.gpus,
            !plan->regions.empty()};
}

FabricPlan
PlanFabric(const std::string& name, const OptionReader& options, const FabricSite& site)
{
    const bool isFile = IsJsonPath(name);
    const auto kind = isFile ? name : FabricPlanners().NameOf(name);
    try
    {
        auto plan = FabricPlannerOf(name).plan(options, site);
        plan.name = isFile ? plan.name : kind;
        return plan;
    }
    catch (const std::invalid_argument& error)
    {
        const std::string text = error.what();
        Refuse(text.rfind("option", 0) == 0 ? text : "option --fabric=" + name + ": " + text);
    }
}

} // namespace mixnetcore
