/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-description.h"

#include "ns3/circuit-graph.h"
#include "ns3/lists.h"
#include "ns3/number-text.h"
#include "ns3/unit-text.h"

#include <algorithm>
#include <sstream>

namespace ns3
{
namespace mixnet
{

using Json = nlohmann::ordered_json; //!< keeps fields in their order

namespace
{

/// @param count How many. @param one What one of them is called. @return both.
std::string
Counted(size_t count, const std::string& one)
{
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

/// @param plan A fabric. @return its schedule of several slots, if it has one.
const mixnetcore::CircuitSchedule*
RotationOf(const mixnetcore::FabricPlan& plan)
{
    const auto found = std::find_if(plan.schedules.begin(),
                                    plan.schedules.end(),
                                    [](const auto& schedule) { return schedule.slots.size() > 1; });
    return found == plan.schedules.end() ? nullptr : &*found;
}

/// @param rotation Several slots. @return part of the time in which circuits stand.
double
DutyOf(const mixnetcore::CircuitSchedule& rotation)
{
    double up = 0;
    for (const auto& slot : rotation.slots)
    {
        up += double(slot.duration.count());
    }
    return up / (up + double(rotation.guard.count()) * double(rotation.slots.size()));
}

/// @param plan A fabric. @return circuits that stand from the beginning to the end.
size_t
CountStanding(const mixnetcore::FabricPlan& plan)
{
    return mixnetcore::SumOf(plan.schedules, [](const mixnetcore::CircuitSchedule& schedule) {
        return schedule.slots.size() == 1 ? schedule.slots.front().circuits.Size() : size_t{0};
    });
}

/// @param plan A fabric. @return fibres that join NICs without a switch.
size_t
CountFibresBetweenNics(const mixnetcore::FabricPlan& plan)
{
    return std::count_if(plan.links.begin(), plan.links.end(), [&plan](const auto& link) {
        return link.a.node < plan.hosts && link.b.node < plan.hosts;
    });
}

/// @param fabric A fabric. @return bytes that each server has passed on.
std::vector<uint64_t>
RelayedBytesOf(const Fabric& fabric)
{
    return mixnetcore::Mapped(fabric.hosts, [](const FabricHost& host) {
        return host.transport->GetRelayedBytes();
    });
}

/// @param fabric A fabric. @return the most that a server has kept for others at a time; 0 where
/// messages are flows.
uint64_t
MostHeldBy(const Fabric& fabric)
{
    uint64_t most = 0;
    for (const auto& host : fabric.hosts)
    {
        most = std::max(most, host.packets ? host.packets->GetMostRelayHeld() : 0);
    }
    return most;
}

} // namespace

std::string
DescribeStandingCircuits(const FabricScenario& scenario)
{
    const auto& plan = scenario.plan;
    if (!scenario.routes)
    {
        return {};
    }
    std::ostringstream text;
    text << "Circuits: ";
    if (const auto* rotation = RotationOf(plan))
    {
        text << rotation->slots.size() << " matchings in turn on " << plan.schedules.size()
             << (plan.schedules.size() == 1 ? " switch" : " switches") << ", slots of "
             << mixnetcore::ExactText(rotation->slots.front().duration) << ", guard "
             << mixnetcore::ExactText(rotation->guard) << ": up "
             << mixnetcore::FixedText(100 * DutyOf(*rotation), 1) << " % of the time";
    }
    else
    {
        text << Counted(CountStanding(plan), "circuit") << (plan.controlDelay ? ", one way," : "")
             << " that stand from the beginning";
        if (const auto fibres = CountFibresBetweenNics(plan))
        {
            text << ", " << Counted(fibres, "fibre") << " from NIC to NIC";
        }
        text << ", " << Counted(plan.rings.size(), "ring");
        if (plan.controlDelay)
        {
            text << "; acknowledgements take a control path of "
                 << mixnetcore::ExactText(*plan.controlDelay)
                 << " and nothing of the circuits (assumed)";
        }
    }
    const auto& routes = *scenario.routes;
    text << "; bandwidth tax " << mixnetcore::FixedText(routes.bandwidthTax, 3)
         << " of the expected demand, " << mixnetcore::FixedText(routes.meanHops, 2)
         << " hops between servers on average, diameter ";
    if (routes.diameter == mixnetcore::CircuitGraph::NONE)
    {
        text << "none: some servers meet over packet switches only";
    }
    else
    {
        text << routes.diameter;
    }
    text << "\n";
    return text.str();
}

Json
SummarizeStandingCircuits(const FabricScenario& scenario)
{
    if (!scenario.routes)
    {
        return {};
    }
    const auto& plan = scenario.plan;
    const auto& routes = *scenario.routes;
    const bool isJoined = routes.diameter != mixnetcore::CircuitGraph::NONE;
    const auto* rotation = RotationOf(plan);
    return {{"standing", CountStanding(plan)},
            {"slots", rotation ? rotation->slots.size() : 1},
            {"upShare", rotation ? DutyOf(*rotation) : 1},
            {"rings", plan.rings.size()},
            {"controlPathSeconds",
             plan.controlDelay ? Json(plan.controlDelay->count() * 1e-12) : Json()},
            {"bandwidthTax", routes.bandwidthTax},
            {"meanHops", routes.meanHops},
            {"mostHops", routes.mostHops},
            {"diameter", isJoined ? Json(routes.diameter) : Json()}};
}

std::string
DescribeRelays(const Fabric& fabric)
{
    const auto bytes = RelayedBytesOf(fabric);
    const auto most = std::max_element(bytes.begin(), bytes.end());
    if (most == bytes.end() || *most == 0)
    {
        return {};
    }
    const auto all = mixnetcore::SumOf(bytes, [](uint64_t one) { return double(one); });
    std::ostringstream text;
    text << "relayed by servers    " << mixnetcore::FixedText(all * 1e-9, 3)
         << " GB for others, at most " << mixnetcore::FixedText(double(*most) * 1e-9, 3) << " GB ("
         << fabric.plan->nodes[most - bytes.begin()].name << ")";
    if (const auto held = MostHeldBy(fabric))
    {
        text << "; at most " << mixnetcore::FixedText(double(held) * 1e-6, 1)
             << " MB kept at a time";
    }
    text << "\n";
    return text.str();
}

Json
SummarizeRelays(const Fabric& fabric)
{
    const auto bytes = RelayedBytesOf(fabric);
    const bool any = std::any_of(bytes.begin(), bytes.end(), [](uint64_t one) { return one > 0; });
    return any ? Json(bytes) : Json();
}

} // namespace mixnet
} // namespace ns3
