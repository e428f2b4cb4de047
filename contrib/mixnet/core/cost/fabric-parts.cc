/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-parts.h"

#include "ns3/checks.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace mixnetcore
{

namespace
{

/// @brief Adds links between servers and leaf switches. @param rules What they are.
/// @param rate Their line rate. @param links How many. @param[in,out] parts Where to.
void
AddShortLinks(const PartRules& rules, BitsPerSecond rate, double links, PartList& parts)
{
    switch (rules.shortLinks)
    {
    case ShortLink::Fibre:
        parts.Add(PartKind::Transceiver, rate, 2 * links);
        parts.Add(PartKind::Fibre, rate, links);
        break;
    case ShortLink::CopperCable:
        parts.Add(PartKind::CopperCable, rate, links);
        break;
    case ShortLink::OpticalCable:
        parts.Add(PartKind::OpticalCable, rate, links);
        break;
    }
}

/// @param plan A fabric. @return switches that are patch panels: node indices.
std::set<uint32_t>
PanelsOf(const FabricPlan& plan)
{
    std::set<uint32_t> panels;
    for (const auto& schedule : plan.schedules)
    {
        if (schedule.slots.size() == 1)
        {
            panels.insert(schedule.opticalSwitch);
        }
    }
    return panels;
}

/// @brief What the authors' rules count with.
struct AuthorsBasis
{
    double nics{0};                  //!< N
    double electrical{0};            //!< e
    BitsPerSecond electricalRate{0}; //!< of e
    BitsPerSecond opticalRate{0};    //!< of the others
    double uplinks{1};               //!< f, links up of leaf switches over links down
};

/// @param plan A fabric. @return what its parts are counted by.
AuthorsBasis
BasisOf(const FabricPlan& plan)
{
    AuthorsBasis basis;
    for (const auto& nic : plan.host.nics)
    {
        const bool isElectrical = nic.role == NicRole::Electrical;
        basis.nics += plan.hosts;
        basis.electrical += isElectrical ? plan.hosts : 0;
        (isElectrical ? basis.electricalRate : basis.opticalRate) = nic.rate;
    }
    double down = 0;
    double up = 0;
    for (const auto& link : plan.links)
    {
        const auto tierOf = [&](const PortPlan& end) { return plan.nodes[end.node].tier; };
        const auto low = std::min(tierOf(link.a), tierOf(link.b));
        const auto high = std::max(tierOf(link.a), tierOf(link.b));
        down += low == 0 && high == 1 ? 1 : 0;
        up += low == 1 && high == 2 ? 1 : 0;
    }
    basis.uplinks = down > 0 && up > 0 ? up / down : 1;
    return basis;
}

/**
 * @brief Adds packet switches of three tiers with what they have links to.
 * @param nics NICs below them. @param uplinks Links up of a leaf over links down.
 * @param rate Line rate. @param rules What links to servers are. @param[in,out] parts Where to.
 */
void
AddThreeTiers(double nics,
              double uplinks,
              BitsPerSecond rate,
              const PartRules& rules,
              PartList& parts)
{
    parts.Add(PartKind::ElectricalPort, rate, nics * (1 + 4 * uplinks));
    AddShortLinks(rules, rate, nics, parts);
    parts.Add(PartKind::Transceiver, rate, nics * 4 * uplinks);
    parts.Add(PartKind::Fibre, rate, nics * 2 * uplinks);
}

/// @param basis What is counted by. @param rules What parts are bought as. @return MixNet's.
PartList
AuthorsMixnet(const AuthorsBasis& basis, const PartRules& rules)
{
    PartList parts;
    const double optical = basis.nics - basis.electrical;
    const auto rate = basis.electricalRate;
    parts.Add(PartKind::Nic, rate, basis.electrical);
    parts.Add(PartKind::Nic, basis.opticalRate, optical);
    parts.Add(PartKind::ElectricalPort, rate, 5 * basis.electrical);
    AddShortLinks(rules, rate, basis.electrical, parts);
    parts.Add(PartKind::Transceiver, rate, 4 * basis.electrical);
    parts.Add(PartKind::Transceiver, basis.opticalRate, optical);
    // Half of all switch ports, of which those to servers stand above.
    parts.Add(PartKind::Fibre, rate, std::ceil(2.5 * basis.electrical) - basis.electrical);
    parts.Add(PartKind::Fibre, basis.opticalRate, optical);
    parts.Add(PartKind::OcsPort,
              basis.opticalRate,
              rules.ocsPortsPerNic * (rules.hasOcsPortsForAll ? basis.nics : optical));
    return parts;
}

/// @param basis What is counted by. @param rules What parts are bought as. @return TopoOpt's.
PartList
AuthorsTopoOpt(const AuthorsBasis& basis, const PartRules& rules)
{
    PartList parts;
    const auto rate = basis.opticalRate;
    parts.Add(PartKind::Nic, rate, basis.nics);
    parts.Add(PartKind::Transceiver, rate, basis.nics);
    parts.Add(rules.panelsAreOcs ? PartKind::OcsPort : PartKind::PanelPort, rate, basis.nics);
    parts.Add(PartKind::Fibre, rate, basis.nics);
    return parts;
}

} // namespace

Registry<ShortLink>&
ShortLinks()
{
    static Registry<ShortLink> registry(
        "link to a leaf switch",
        {{"fibre", ShortLink::Fibre, "a fibre between two transceivers"},
         {"copper", ShortLink::CopperCable, "direct-attach copper (DAC)"},
         {"optical-cable", ShortLink::OpticalCable, "active optical cable (AOC)"}});
    return registry;
}

Registry<double>&
OcsFanOuts()
{
    static Registry<double> registry("fan-out",
                                     {{"duplex", 1, "a fibre for each direction, one port"},
                                      {"circulator", 0.5, "one fibre for both, half a port"},
                                      {"breakout", 4, "four lanes, a port each"}});
    return registry;
}

PanelTiers
TiersOfPanels(uint64_t nics, uint64_t panelPorts)
{
    if (panelPorts < 4 && nics > panelPorts)
    {
        Refuse(Phrase() << "patch panels of " << panelPorts << " ports: must be at least 4 for "
                        << nics << " NICs");
    }
    uint64_t tiers = 1;
    for (double capacity = double(panelPorts); capacity < double(nics);
         capacity *= std::floor(double(panelPorts) / 2))
    {
        ++tiers;
    }
    return {tiers, (2 * tiers - 1) * nics, tiers * nics};
}

PartList
PartsOfPlan(const FabricPlan& plan, const PartRules& rules)
{
    PartList parts;
    const auto panels = rules.panelsAreOcs ? std::set<uint32_t>() : PanelsOf(plan);
    std::map<uint32_t, uint64_t> onPanels;
    double withoutOcs = 0;
    for (const auto& link : plan.links)
    {
        bool isShort = false;
        bool isOptical = false;
        uint32_t nics = 0;
        uint32_t ends = 0; // that light leaves and enters electronics at
        bool isPanel = false;
        for (const auto& end : {link.a, link.b})
        {
            const auto& node = plan.nodes[end.node];
            switch (node.role)
            {
            case NodeRole::Host:
                ++nics;
                ++ends;
                break;
            case NodeRole::PacketSwitch:
                parts.Add(PartKind::ElectricalPort, link.rate, 1);
                isShort = node.tier <= 1;
                ++ends;
                break;
            case NodeRole::OpticalCircuitSwitch:
                isOptical = true;
                if (panels.count(end.node) > 0)
                {
                    isPanel = true;
                    ++onPanels[end.node];
                    break;
                }
                parts.Add(PartKind::OcsPort, link.rate, rules.ocsPortsPerNic);
                break;
            }
        }
        parts.Add(PartKind::Nic, link.rate, nics);
        withoutOcs += isOptical ? 0 : nics;
        if (isShort && nics == 1)
        {
            AddShortLinks(rules, link.rate, 1, parts);
            continue;
        }
        parts.Add(PartKind::Transceiver, link.rate, ends);
        parts.Add(PartKind::Fibre, link.rate, isPanel ? 0 : 1);
    }
    for (const auto& [panel, nics] : onPanels)
    {
        const auto tiers = TiersOfPanels(nics, rules.panelPorts);
        parts.Add(PartKind::PanelPort, BitsPerSecond(0), double(tiers.ports));
        parts.Add(PartKind::Fibre, BitsPerSecond(0), double(tiers.fibres));
    }
    if (rules.hasOcsPortsForAll && !plan.regions.empty())
    {
        parts.Add(PartKind::OcsPort, BitsPerSecond(0), rules.ocsPortsPerNic * withoutOcs);
    }
    return parts;
}

std::optional<PartList>
PartsOfAuthors(const FabricPlan& plan, const PartRules& rules)
{
    const auto basis = BasisOf(plan);
    if (plan.name == "mixnet")
    {
        return AuthorsMixnet(basis, rules);
    }
    if (plan.name == "topoopt")
    {
        return AuthorsTopoOpt(basis, rules);
    }
    PartList parts;
    const auto rate = basis.electricalRate;
    parts.Add(PartKind::Nic, rate, basis.nics);
    if (plan.name == "fat-tree" || plan.name == "rail-optimized" || plan.name == "oversub-fat-tree")
    {
        AddThreeTiers(basis.nics,
                      plan.name == "oversub-fat-tree" ? basis.uplinks : 1,
                      rate,
                      rules,
                      parts);
        return parts;
    }
    if (plan.name == "rail-only")
    {
        parts.Add(PartKind::ElectricalPort, rate, 4 * basis.nics);
        AddShortLinks(rules, rate, basis.nics, parts);
        parts.Add(PartKind::Transceiver, rate, 3 * basis.nics);
        parts.Add(PartKind::Fibre, rate, 1.5 * basis.nics);
        return parts;
    }
    return std::nullopt;
}

} // namespace mixnetcore
