/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-planner.h"

#include "fat-tree-planner.h"
#include "ideal-switch-planner.h"
#include "mixnet-planner.h"
#include "patch-panels.h"
#include "rail-planner.h"
#include "rotor-planner.h"
#include "topoopt-planner.h"

#include "ns3/checks.h"

#include <utility>

namespace mixnetcore
{

namespace
{

/// @param options Values of options. @return ports of a packet switch; 0 to have them chosen.
uint32_t
ReadRadix(const OptionReader& options)
{
    return static_cast<uint32_t>(options.Count("radix", 0, 1 << 16, "ports"));
}

/// @param options Values of options. @return rate of links between packet switches, if it is not
/// that of the NICs.
std::optional<BitsPerSecond>
ReadUplinkRate(const OptionReader& options)
{
    return options.Text("uplinkRate") == "linkRate" ? std::nullopt
                                                    : std::optional(options.Rate("uplinkRate"));
}

/// @param options Values of options. @param oversubscription Downlinks per uplink of a leaf.
/// @return a Clos network.
ClosSpec
ReadClos(const OptionReader& options, uint64_t oversubscription)
{
    const auto tiers = static_cast<uint32_t>(options.Count("tiers", 1, 3, "tiers"));
    return {tiers,
            ReadRadix(options),
            static_cast<uint32_t>(oversubscription),
            ReadUplinkRate(options)};
}

/// @param options Values of options. @param site The servers. @return regions with circuits.
MixnetSpec
ReadRegions(const OptionReader& options, const FabricSite& site)
{
    auto host = site.host;
    const uint32_t nics = host.electricalNics; // of the site: all that a server has
    host.opticalDegree = options.Count("opticalDegree", 1, HostSpec::MOST_NICS, "NICs");
    host.electricalNics = options.Count("electricalNics", 1, HostSpec::MOST_NICS, "NICs");
    if (host.opticalDegree + host.electricalNics > nics)
    {
        Refuse(Phrase() << "options --opticalDegree=" << options.Text("opticalDegree")
                        << ", --electricalNics=" << options.Text("electricalNics")
                        << ": must be at most " << nics
                        << " NICs together, one for each GPU of a server, or as --nics says");
    }
    MixnetSpec spec{site.hosts, host, site.linkDelay, site.hostsPerRegion, ReadClos(options, 1)};
    spec.planes = static_cast<uint32_t>(options.Count("planes", 1, host.opticalDegree, "switches"));
    return spec;
}

/// @param options Values of options. @param site The servers. @return MixNet's fabric.
FabricPlan
ReadMixnet(const OptionReader& options, const FabricSite& site)
{
    return PlanMixnet(ReadRegions(options, site));
}

/// @param options Values of options. @param site The servers. @return matchings in turn.
FabricPlan
ReadRotor(const OptionReader& options, const FabricSite& site)
{
    return PlanRotor(
        {ReadRegions(options, site), options.Duration("slotTime"), options.Duration("guardTime")});
}

/// @param options Values of options. @param site The servers. @return a non-blocking fat-tree.
FabricPlan
ReadFatTree(const OptionReader& options, const FabricSite& site)
{
    return PlanFatTree({site.hosts, site.host, ReadClos(options, 1), site.linkDelay});
}

/// @param options Values of options. @param site The servers. @return one with fewer uplinks.
FabricPlan
ReadOversubscribed(const OptionReader& options, const FabricSite& site)
{
    const auto ratio = options.Count("oversubscription", 2, 1 << 10, "downlinks");
    return PlanFatTree({site.hosts, site.host, ReadClos(options, ratio), site.linkDelay});
}

/// @param options Values of options. @param site The servers. @return rails below a fat-tree.
FabricPlan
ReadRailOptimized(const OptionReader& options, const FabricSite& site)
{
    return PlanRailOptimized(
        {site.hosts, site.host, ReadRadix(options), site.linkDelay, ReadUplinkRate(options)});
}

/// @param options Values of options. @param site The servers. @return a network for each rail.
FabricPlan
ReadRailOnly(const OptionReader& options, const FabricSite& site)
{
    return PlanRailOnly(
        {site.hosts, site.host, ReadRadix(options), site.linkDelay, ReadUplinkRate(options)});
}

/// @param site The servers. @return one switch for all.
FabricPlan
ReadIdealSwitch(const OptionReader& /* options */, const FabricSite& site)
{
    return PlanIdealSwitch({site.hosts, site.host, site.linkDelay});
}

/// @param options Values of options. @param site The servers. @return patch panels for its job.
FabricPlan
ReadTopoOpt(const OptionReader& options, const FabricSite& site)
{
    TopoOptSpec spec;
    spec.hosts = site.hosts;
    spec.host = site.host;
    spec.linkDelay = site.linkDelay;
    spec.host.opticalDegree = std::exchange(spec.host.electricalNics, 0);
    spec.flatPanel = PanelLayouts().Get(options.Choice("panels", PanelLayouts().Names()));
    spec.duplex = CircuitKinds().Get(options.Choice("circuits", CircuitKinds().Names()));
    if (!spec.duplex)
    {
        spec.controlDelay = options.Duration("controlPathDelay");
    }
    if (site.traffic)
    {
        spec.traffic = site.traffic();
    }
    return PlanTopoOpt(spec);
}

} // namespace

Registry<FabricPlanner>&
FabricPlanners()
{
    static Registry<FabricPlanner> registry(
        "fabric",
        {{"mixnet", FabricPlanner{ReadMixnet, 8, true}, "regions with circuits beside a fat-tree"},
         {"fat-tree", FabricPlanner{ReadFatTree, 1}, "non-blocking"},
         {"oversub-fat-tree",
          FabricPlanner{ReadOversubscribed, 1},
          "fewer uplinks than downlinks at the leaf"},
         {"rail-optimized", FabricPlanner{ReadRailOptimized}, "rails that meet above the leaf"},
         {"rail-only", FabricPlanner{ReadRailOnly}, "rails that do not meet"},
         {"rotor", FabricPlanner{ReadRotor, 8, true}, "matchings in turn, whatever the traffic"},
         {"topoopt",
          FabricPlanner{ReadTopoOpt},
          "one-shot circuits on patch panels, planned for the job; servers relay"},
         {"ideal-switch", FabricPlanner{ReadIdealSwitch, 1}, "all NICs on one switch"}},
        "the path of a JSON file");
    return registry;
}

} // namespace mixnetcore
