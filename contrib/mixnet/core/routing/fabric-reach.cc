/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-reach.h"

#include "all-to-all-router.h"
#include "circuit-router.h"
#include "forwarding-plan.h"

#include "ns3/checks.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace mixnetcore
{

namespace
{

/// A NIC, and another one that it does not reach.
using UnreachedNics = std::pair<NicId, NicId>;

/// A host, and another one that it does not reach.
using UnreachedHosts = std::pair<uint32_t, uint32_t>;

/// @brief NICs of a fabric at one access switch.
struct NicsAtSwitch
{
    NicId first;                //!< one of the lowest host
    std::optional<NicId> other; //!< the first one of another host
};

/// @brief Which NICs reach each other over packet switches.
class ElectricalReach
{
  public:
    /// @param plan The fabric.
    explicit ElectricalReach(const FabricPlan& plan)
        : m_plan(plan),
          m_forwarding(plan)
    {
    }

    /// @param nics Numbers of NICs. @return the first two of them, of different hosts, without a
    /// path from one to the other.
    std::optional<UnreachedNics> Missing(const std::vector<uint32_t>& nics) const
    {
        std::map<uint32_t, NicsAtSwitch> bySwitch; // by number of the access switch
        for (uint32_t host = 0; host < m_plan.hosts; ++host)
        {
            for (const auto nic : nics)
            {
                const auto access =
                    m_forwarding.Access().at(host * m_plan.host.nics.size() + nic).accessSwitch;
                auto& at =
                    bySwitch.try_emplace(access, NicsAtSwitch{{host, nic}, {}}).first->second;
                if (!at.other && at.first.host != host)
                {
                    at.other = {host, nic};
                }
            }
        }
        for (const auto& [access, at] : bySwitch)
        {
            if (const auto missing = MissingFrom(access, at, bySwitch))
            {
                return missing;
            }
        }
        return std::nullopt;
    }

  private:
    /// @param access Number of an access switch. @param at NICs there. @param others Those of all.
    /// @return one of them, and one elsewhere that it does not reach.
    std::optional<UnreachedNics> MissingFrom(uint32_t access,
                                             const NicsAtSwitch& at,
                                             const std::map<uint32_t, NicsAtSwitch>& others) const
    {
        const auto& table = m_forwarding.TableOf(m_forwarding.AccessNodes().at(access));
        for (size_t run = 0; run < table.intervals.size(); ++run)
        {
            const auto end = run + 1 < table.intervals.size()
                                 ? others.lower_bound(table.intervals[run + 1].firstAccess)
                                 : others.end();
            auto other = table.intervals[run].group == SwitchTable::NO_GROUP
                             ? others.lower_bound(table.intervals[run].firstAccess)
                             : end;
            for (; other != end; ++other)
            {
                if (other->first != access)
                {
                    if (const auto pair = OfDifferentHosts(at, other->second))
                    {
                        return pair;
                    }
                }
            }
        }
        return std::nullopt;
    }

    /// @param a NICs at a switch. @param b At another. @return one of each, of different hosts.
    static std::optional<UnreachedNics> OfDifferentHosts(const NicsAtSwitch& a,
                                                         const NicsAtSwitch& b)
    {
        if (a.first.host != b.first.host)
        {
            return UnreachedNics{a.first, b.first};
        }
        if (b.other)
        {
            return UnreachedNics{a.first, *b.other};
        }
        return a.other ? std::optional(UnreachedNics{*a.other, b.first}) : std::nullopt;
    }

    const FabricPlan& m_plan;    //!< the fabric
    ForwardingPlan m_forwarding; //!< tables of its packet switches
};

/// @param plan A fabric. @param reach Of its NICs. @return NICs of the same number, the first of
/// which does not reach the second.
std::optional<UnreachedNics>
MissingByNumber(const FabricPlan& plan, const ElectricalReach& reach)
{
    for (const auto nic : plan.host.NicsOn(NicRole::Electrical))
    {
        if (const auto missing = reach.Missing({nic}))
        {
            return missing;
        }
    }
    return std::nullopt;
}

/// @param host A server. @return whether every GPU has an electrical NIC, and no NIC is optical.
bool
HasOwnNics(const HostPlan& host)
{
    std::vector<bool> hasNic(host.gpus);
    for (const auto& nic : host.nics)
    {
        hasNic.at(nic.gpu) = true;
    }
    return host.NicsOn(NicRole::Optical).empty() &&
           std::find(hasNic.begin(), hasNic.end(), false) == hasNic.end();
}

/// @param graph Circuits. @return the first hosts without a path over them: one of the two is 0.
std::optional<UnreachedHosts>
MissingByRelays(const CircuitGraph& graph)
{
    std::vector<bool> isReached(graph.Hosts());
    std::vector<uint32_t> reached{0};
    isReached[0] = true;
    for (size_t place = 0; place < reached.size(); ++place)
    {
        for (const auto host : graph.Next(reached[place]))
        {
            if (!isReached[host])
            {
                isReached[host] = true;
                reached.push_back(host);
            }
        }
    }
    for (uint32_t host = 1; host < graph.Hosts(); ++host)
    {
        if (!isReached[host])
        {
            return UnreachedHosts{0, host};
        }
        if (graph.Hops(host, 0) == CircuitGraph::NONE)
        {
            return UnreachedHosts{host, 0};
        }
    }
    return std::nullopt;
}

/// @param graph Circuits. @return the first hosts without a path of one or two of them.
std::optional<UnreachedHosts>
MissingByTwoHops(const CircuitGraph& graph)
{
    for (uint32_t from = 0; from < graph.Hosts(); ++from)
    {
        std::vector<bool> isReached(graph.Hosts());
        isReached[from] = true;
        for (const auto over : graph.Next(from))
        {
            isReached[over] = true;
            for (const auto to : graph.Next(over))
            {
                isReached[to] = true;
            }
        }
        const auto missing = std::find(isReached.begin(), isReached.end(), false);
        if (missing != isReached.end())
        {
            return UnreachedHosts{from, missing - isReached.begin()};
        }
    }
    return std::nullopt;
}

/// @param plan A fabric. @param router Its router. @throws std::invalid_argument when a path leads
/// over a host that is no relay.
void
CheckPathsOverRelays(const FabricPlan& plan, const CircuitRouter& router)
{
    std::vector<bool> isRelay(plan.hosts);
    for (const auto host : plan.relays)
    {
        isRelay.at(host) = true;
    }
    if (std::find(isRelay.begin(), isRelay.end(), false) == isRelay.end())
    {
        return;
    }
    for (uint32_t from = 0; from < plan.hosts; ++from)
    {
        for (uint32_t to = 0; to < plan.hosts; ++to)
        {
            for (const auto& path : router.PathsBetween(from, to))
            {
                for (size_t place = 1; place + 1 < path.hosts.size(); ++place)
                {
                    if (!isRelay[path.hosts[place]])
                    {
                        Refuse(Phrase() << "host " << path.hosts[place]
                                        << " is no relay, but bytes from host " << from
                                        << " to host " << to << " go over it");
                    }
                }
            }
        }
    }
}

/// @param missing What does not reach what. @throws std::invalid_argument always.
[[noreturn]] void
RefuseMissing(const UnreachedNics& missing)
{
    const auto& [from, to] = missing;
    Refuse(Phrase() << "host" << from.host << "/" << from.nic << " cannot reach host" << to.host
                    << "/" << to.nic
                    << ": no path over packet switches that goes first up and then down by their "
                       "tiers");
}

/// @param plan A fabric with electrical NICs. @throws std::invalid_argument when one of them does
/// not reach another of its number.
void
CheckByNumber(const FabricPlan& plan)
{
    if (const auto missing = MissingByNumber(plan, ElectricalReach(plan)))
    {
        RefuseMissing(*missing);
    }
}

/// @param plan A fabric of which circuits or packet switches carry what relays pass on.
/// @param router Its router.
void
CheckCircuitReach(const FabricPlan& plan, const CircuitRouter& router)
{
    const auto missing = plan.router == "valiant" ? MissingByTwoHops(router.Graph())
                                                  : MissingByRelays(router.Graph());
    if (missing)
    {
        if (plan.host.NicsOn(NicRole::Electrical).empty())
        {
            Refuse(Phrase() << "host" << missing->first << " cannot reach host" << missing->second
                            << ": no path over " << (plan.router == "valiant" ? "two " : "")
                            << "circuits, and no electrical NICs");
        }
        CheckByNumber(plan);
    }
    CheckPathsOverRelays(plan, router);
}

} // namespace

std::string
UsualRouter(const FabricPlan& plan)
{
    if (!plan.regions.empty())
    {
        return "delegate";
    }
    if (!plan.schedules.empty() || !CircuitsOf(plan).empty())
    {
        return "relay";
    }
    if (!HasOwnNics(plan.host))
    {
        return "spread";
    }
    const ElectricalReach reach(plan);
    const bool isOfRails = reach.Missing(plan.host.NicsOn(NicRole::Electrical)).has_value() &&
                           !MissingByNumber(plan, reach).has_value();
    return isOfRails ? "rail" : "own-nic";
}

void
CheckReach(const FabricPlan& plan)
{
    const auto electrical = plan.host.NicsOn(NicRole::Electrical);
    if (plan.router == "delegate" && plan.hosts > 1 && electrical.empty())
    {
        Refuse("host0 cannot reach host1 at all times: circuits of regions change, and there are "
               "no electrical NICs");
    }
    const auto router = MakeRouter(plan);
    if (plan.hosts < 2)
    {
        return;
    }
    if (plan.router == "relay" || plan.router == "valiant")
    {
        CheckCircuitReach(plan, dynamic_cast<const CircuitRouter&>(*router));
    }
    else if (plan.router == "own-nic")
    {
        if (const auto missing = ElectricalReach(plan).Missing(electrical))
        {
            RefuseMissing(*missing);
        }
    }
    else if (plan.router == "delegate" || plan.router == "rail" || plan.router == "spread")
    {
        CheckByNumber(plan);
    }
}

} // namespace mixnetcore
