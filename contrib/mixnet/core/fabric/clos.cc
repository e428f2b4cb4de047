/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "clos.h"

#include "ns3/checks.h"

#include <algorithm>
#include <cassert>
#include <limits>

namespace mixnetcore
{

namespace
{

constexpr uint32_t MAX_TIERS = 3;    //!< of switches: leaves, spines, core switches
constexpr uint32_t MAX_RADIX = 1024; //!< above one tier: 102.4 Tb/s in ports of 100 Gb/s

/// @param tiers How many. @return that in words.
std::string
TiersInWords(uint32_t tiers)
{
    return std::to_string(tiers) + (tiers == 1 ? " tier" : " tiers");
}

/**
 * @param spec A network.
 * @throws std::invalid_argument naming field, value and range of the first thing that is wrong.
 */
void
Check(const ClosSpec& spec)
{
    if (spec.tiers < 1 || spec.tiers > MAX_TIERS)
    {
        Refuse(Phrase() << "tiers = " << spec.tiers << ": from 1 to " << MAX_TIERS);
    }
    if (spec.tiers == 1)
    {
        if (spec.oversubscription != 1)
        {
            Refuse(Phrase() << "oversubscription = " << spec.oversubscription
                            << ": 1 with 1 tier, without uplinks");
        }
        return;
    }
    if (spec.radix % 2 != 0 || spec.radix > MAX_RADIX)
    {
        Refuse(Phrase() << "radix = " << spec.radix << ": an even number from 2 to " << MAX_RADIX
                        << ", or 0 to have it chosen");
    }
    const auto radix = spec.radix == 0 ? MAX_RADIX : spec.radix;
    if (spec.oversubscription < 1 || spec.oversubscription >= radix)
    {
        Refuse(Phrase() << "oversubscription = " << spec.oversubscription << ": from 1 to "
                        << radix - 1 << " with radix " << radix
                        << ", for a leaf to have an uplink");
    }
}

/// @param spec A network. @param radix Ports of its switches. @return it with these.
ClosSpec
WithRadix(ClosSpec spec, uint32_t radix)
{
    spec.radix = radix;
    return spec;
}

/**
 * @param spec A network, checked but for its radix.
 * @param radix An even number.
 * @param nics NICs to be joined.
 * @return whether switches of this radix have room for them.
 */
bool
Fits(const ClosSpec& spec, uint32_t radix, uint64_t nics)
{
    return spec.oversubscription < radix && ClosCapacity(WithRadix(spec, radix)) >= nics;
}

/**
 * @param plan The fabric; gains a tier of switches without ports.
 * @param count How many.
 * @param node What they are, named without their number.
 * @return node index of the first.
 */
uint32_t
AddTier(FabricPlan& plan, uint32_t count, const NodePlan& node)
{
    const auto first = static_cast<uint32_t>(plan.nodes.size());
    for (uint32_t number = 0; number < count; ++number)
    {
        plan.nodes.push_back(node);
        plan.nodes.back().name += std::to_string(number);
    }
    return first;
}

/**
 * @brief Joins two switches, at the next port of each.
 * @param plan The fabric; gains a link.
 * @param lower Node index of the lower one.
 * @param upper Node index of the upper one.
 * @param rate Of the link.
 */
void
Join(FabricPlan& plan, uint32_t lower, uint32_t upper, BitsPerSecond rate)
{
    const auto delay = plan.links.back().delay;
    plan.links.push_back(
        {{lower, plan.nodes[lower].ports++}, {upper, plan.nodes[upper].ports++}, rate, delay});
}

} // namespace

ClosShape
ShapeOf(const ClosSpec& spec)
{
    Check(spec);
    assert(spec.radix > 0);
    const auto half = spec.radix / 2;
    const auto uplinks = spec.radix / (spec.oversubscription + 1);
    const auto downlinks = spec.oversubscription * uplinks;
    switch (spec.tiers)
    {
    case 1:
        return {spec.radix, 0, 1, 0, 1};
    case 2:
        return {downlinks, uplinks, spec.radix, 0, 1};
    default:
        return {downlinks, uplinks, half, half, spec.radix};
    }
}

uint32_t
ClosCapacity(const ClosSpec& spec)
{
    constexpr auto most = std::numeric_limits<uint32_t>::max();
    const auto largest = spec.tiers == 1 ? most : MAX_RADIX;
    const auto shape = ShapeOf(WithRadix(spec, spec.radix == 0 ? largest : spec.radix));
    const auto nics = uint64_t{shape.downlinks} * shape.leavesPerPod * shape.pods;
    return static_cast<uint32_t>(std::min<uint64_t>(nics, most));
}

ClosSpec
ResolveRadix(const ClosSpec& spec, uint64_t nics)
{
    Check(spec);
    if (nics == 0)
    {
        Refuse(Phrase() << "nics = " << nics << ": at least 1");
    }
    if (const auto most = ClosCapacity(WithRadix(spec, 0)); nics > most)
    {
        Refuse(Phrase() << "nics = " << nics << ": at most " << most << " in "
                        << TiersInWords(spec.tiers) << " at oversubscription "
                        << spec.oversubscription);
    }
    if (spec.tiers == 1)
    {
        if (spec.radix != 0 && spec.radix < nics)
        {
            Refuse(Phrase() << "radix = " << spec.radix << ": at least " << nics
                            << ", one port per NIC");
        }
        return WithRadix(spec, spec.radix == 0 ? static_cast<uint32_t>(nics) : spec.radix);
    }
    if (spec.radix == 0)
    {
        uint32_t radix = 4;
        while (!Fits(spec, radix, nics))
        {
            radix *= 2;
        }
        return WithRadix(spec, radix);
    }
    if (!Fits(spec, spec.radix, nics))
    {
        uint32_t needed = spec.radix + 2;
        while (!Fits(spec, needed, nics))
        {
            needed += 2;
        }
        Refuse(Phrase() << "radix = " << spec.radix << ": at least " << needed << " for " << nics
                        << " NICs in " << TiersInWords(spec.tiers) << " at oversubscription "
                        << spec.oversubscription << "; it has room for " << ClosCapacity(spec));
    }
    return spec;
}

void
AddClos(FabricPlan& plan,
        const std::vector<PortPlan>& nics,
        const ClosSpec& spec,
        const std::string& prefix,
        Picoseconds delay,
        std::optional<Bytes> buffer)
{
    const auto resolved = ResolveRadix(spec, nics.size());
    const auto downlinks = ShapeOf(resolved).downlinks;
    std::vector<std::vector<PortPlan>> leaves;
    for (size_t nic = 0; nic < nics.size(); ++nic)
    {
        if (nic % downlinks == 0)
        {
            leaves.emplace_back();
        }
        leaves.back().push_back(nics[nic]);
    }
    AddClosOfLeaves(plan, leaves, resolved, prefix, delay, buffer);
}

void
AddClosOfLeaves(FabricPlan& plan,
                const std::vector<std::vector<PortPlan>>& leaves,
                const ClosSpec& spec,
                const std::string& prefix,
                Picoseconds delay,
                std::optional<Bytes> buffer)
{
    const auto shape = ShapeOf(spec);
    const auto leafCount = static_cast<uint32_t>(leaves.size());
    const auto pods = (leafCount + shape.leavesPerPod - 1) / shape.leavesPerPod;
    const auto spineCount = pods * shape.uplinks;
    assert(leafCount > 0 && pods <= shape.pods);

    const auto firstLeaf = static_cast<uint32_t>(plan.nodes.size());
    for (uint32_t leaf = 0; leaf < leafCount; ++leaf)
    {
        assert(!leaves[leaf].empty() && leaves[leaf].size() <= shape.downlinks);
        const auto name = prefix + "leaf" + std::to_string(leaf);
        AddSwitch(plan, leaves[leaf], {NodeRole::PacketSwitch, name, 0, buffer, 1}, delay);
    }
    const auto rate = spec.uplinkRate.value_or(plan.links.back().rate);
    const auto firstSpine =
        AddTier(plan, spineCount, {NodeRole::PacketSwitch, prefix + "spine", 0, buffer, 2});
    for (uint32_t leaf = 0; leaf < leafCount; ++leaf)
    {
        const auto pod = leaf / shape.leavesPerPod;
        for (uint32_t spine = 0; spine < shape.uplinks; ++spine)
        {
            Join(plan, firstLeaf + leaf, firstSpine + pod * shape.uplinks + spine, rate);
        }
    }
    const auto firstCore = AddTier(plan,
                                   shape.uplinks * shape.spineUplinks,
                                   {NodeRole::PacketSwitch, prefix + "core", 0, buffer, 3});
    for (uint32_t spine = 0; spine < spineCount; ++spine)
    {
        const auto group = spine % shape.uplinks;
        for (uint32_t number = 0; number < shape.spineUplinks; ++number)
        {
            Join(plan, firstSpine + spine, firstCore + group * shape.spineUplinks + number, rate);
        }
    }
}

} // namespace mixnetcore
