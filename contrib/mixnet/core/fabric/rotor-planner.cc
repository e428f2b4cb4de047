/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "rotor-planner.h"

#include "round-robin.h"

#include "ns3/checks.h"

#include <map>
#include <numeric>

namespace mixnetcore
{

namespace
{

/**
 * @param plan A fabric. @param region Its hosts. @param plane Where their circuits are.
 * @param spec How long they stand.
 * @return all matchings of the hosts, one after the other.
 */
CircuitSchedule
ScheduleOf(const FabricPlan& plan,
           const RegionPlan& region,
           const OpticalPlane& plane,
           const RotorSpec& spec)
{
    const auto rounds = RoundRobin(region.endpoints.size());
    const auto nics = plan.host.NicsOn(NicRole::Optical);
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> portOf; // by endpoint and NIC
    for (const auto& attachment : plane.attachments)
    {
        portOf[{attachment.endpoint, attachment.nic}] = attachment.ocsPort;
    }
    CircuitSchedule schedule{plane.opticalSwitch, {}, spec.guard};
    for (size_t slot = 0; slot < rounds.size(); ++slot)
    {
        std::vector<Circuit> circuits;
        for (size_t place = 0; place < nics.size(); ++place)
        {
            const auto nic = nics[place];
            if (portOf.count({0, nic}) == 0)
            {
                continue; // of another plane
            }
            const auto ahead = place * rounds.size() / nics.size();
            for (const auto& [a, b] : rounds[(slot + ahead) % rounds.size()])
            {
                circuits.emplace_back(portOf.at({a, nic}), portOf.at({b, nic}));
            }
        }
        const bool stands = rounds.size() == 1;
        schedule.slots.push_back(
            {CircuitConfiguration(std::move(circuits)), stands ? Picoseconds(0) : spec.slot});
    }
    return schedule;
}

} // namespace

FabricPlan
PlanRotor(const RotorSpec& spec)
{
    if (spec.slot <= Picoseconds(0))
    {
        Refuse(Phrase() << "slot = " << spec.slot.count() << " ps: above 0 ps");
    }
    if (spec.guard < Picoseconds(0))
    {
        Refuse(Phrase() << "guard = " << spec.guard.count() << " ps: at least 0 ps");
    }
    auto plan = PlanMixnet(spec.fabric);
    plan.name = "rotor";
    for (const auto& region : plan.regions)
    {
        if (region.endpoints.size() < 2)
        {
            continue; // nobody to meet
        }
        for (const auto& plane : region.planes)
        {
            plan.schedules.push_back(ScheduleOf(plan, region, plane, spec));
        }
    }
    plan.regions.clear();
    plan.relays.resize(plan.hosts);
    std::iota(plan.relays.begin(), plan.relays.end(), 0);
    plan.router = plan.schedules.empty() ? "spread" : "relay";
    return plan;
}

} // namespace mixnetcore
