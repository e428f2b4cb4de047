/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "topoopt-planner.h"

#include "degree-split.h"
#include "demand-matching.h"
#include "patch-board.h"
#include "patch-connector.h"
#include "ring-permutations.h"

#include "ns3/checks.h"
#include "ns3/lists.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace mixnetcore
{

namespace
{

/// @brief An all-reduce, and the rings it has got.
struct RingGroup
{
    std::vector<uint32_t> hosts;                      //!< its members
    uint64_t bytes;                                   //!< that each sends
    uint32_t nicsPerRing;                             //!< NICs that a ring takes of each
    std::vector<std::pair<uint32_t, uint32_t>> rings; //!< numbers of their NICs; the second counts
                                                      //!< where a ring takes two
};

/// @param matrix Bytes from host to host. @return those that leave a host.
Bytes
BytesBetweenHosts(const DemandMatrix& matrix)
{
    return matrix.WithoutDiagonal().Total();
}

/// @param traffic Of a job. @return bytes that its rings carry.
Bytes
RingBytesOf(const HostTraffic& traffic)
{
    return SumOf(traffic.allReduce, [](const AllReduceGroup& group) { return group.RingBytes(); });
}

/**
 * @param spec A fabric.
 * @throws std::invalid_argument naming field, value and range of the first thing that is wrong.
 */
void
CheckHardware(const TopoOptSpec& spec)
{
    CheckHostsAndDelay(spec.hosts, spec.linkDelay);
    if (spec.host.electricalNics != 0)
    {
        Refuse(Phrase() << "electricalNics = " << spec.host.electricalNics
                        << ": 0 on patch panels, all NICs end there");
    }
    if (spec.host.opticalDegree == 0)
    {
        Refuse("opticalDegree = 0: at least 1 NIC at patch panels");
    }
    if (spec.controlDelay < Picoseconds::zero())
    {
        Refuse(Phrase() << "controlDelay = " << spec.controlDelay.count() << " ps: at least 0 ps");
    }
}

/**
 * @param group An all-reduce.
 * @param spec The fabric.
 * @throws std::invalid_argument as CheckHardware().
 */
void
CheckGroup(const AllReduceGroup& group, const TopoOptSpec& spec)
{
    const auto& hosts = group.hosts;
    if (hosts.size() < 2)
    {
        Refuse(Phrase() << "an all-reduce of " << hosts.size() << " hosts: at least 2");
    }
    const bool isAscending =
        std::adjacent_find(hosts.begin(), hosts.end(), std::greater_equal<>()) == hosts.end();
    if (!isAscending || hosts.back() >= spec.hosts)
    {
        Refuse(Phrase() << "an all-reduce of hosts " << hosts.front() << " to " << hosts.back()
                        << ": ascending, each once, at most " << spec.hosts - 1);
    }
    if (!spec.duplex || hosts.size() == 2 || group.bytes == Bytes(0))
    {
        return;
    }
    if (spec.host.opticalDegree < 2)
    {
        Refuse(Phrase() << "duplex rings of " << hosts.size()
                        << " hosts take 2 NICs of each: opticalDegree = 1 is not enough; one-way "
                           "circuits take 1");
    }
    if (!spec.flatPanel && hosts.size() % 2 != 0)
    {
        Refuse(Phrase() << "a duplex ring of " << hosts.size() << " hosts, from host "
                        << hosts.front()
                        << " on: an odd one cannot be laid over two panels; take one flat panel, "
                           "or one-way circuits");
    }
}

/**
 * @param spec A fabric.
 * @throws std::invalid_argument as CheckHardware().
 */
void
CheckTraffic(const TopoOptSpec& spec)
{
    const auto& matrix = spec.traffic.modelParallel;
    if (matrix.Rows() > 0 && (matrix.Rows() != spec.hosts || matrix.Columns() != spec.hosts))
    {
        Refuse(Phrase() << "traffic of " << matrix.Rows() << " x " << matrix.Columns()
                        << " hosts: as many as there are hosts, " << spec.hosts);
    }
    for (const auto& group : spec.traffic.allReduce)
    {
        CheckGroup(group, spec);
    }
}

/// @param spec A fabric. @return bytes between its hosts, but for gradients.
DemandMatrix
DemandOf(const TopoOptSpec& spec)
{
    const auto& given = spec.traffic.modelParallel;
    const bool isKnown = given.Rows() > 0 && (BytesBetweenHosts(given) > Bytes(0) ||
                                              RingBytesOf(spec.traffic) > Bytes(0));
    return isKnown ? given : DemandMatrix(spec.hosts, spec.hosts, [](size_t from, size_t to) {
        return Bytes(from == to ? 0 : 1);
    });
}

/// @param spec A fabric. @return its all-reduces, those of most bytes a member first.
std::vector<RingGroup>
GroupsOf(const TopoOptSpec& spec)
{
    std::vector<RingGroup> groups;
    for (const auto& [hosts, bytes] : spec.traffic.allReduce)
    {
        const auto sent = AllReduceGroup{hosts, bytes}.RingBytes().Count() / hosts.size();
        if (sent > 0)
        {
            groups.push_back({hosts, sent, spec.duplex && hosts.size() > 2 ? 2U : 1U, {}});
        }
    }
    std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
        return std::tuple(b.bytes, a.hosts) < std::tuple(a.bytes, b.hosts);
    });
    return groups;
}

/// @brief Lays the circuits of a fabric.
class TopoOptCircuits
{
  public:
    /// @param spec The fabric.
    explicit TopoOptCircuits(const TopoOptSpec& spec)
        : m_board({spec.hosts, spec.host.opticalDegree, spec.flatPanel, spec.duplex}),
          m_groups(GroupsOf(spec))
    {
        const auto demand = DemandOf(spec);
        const auto degree = spec.host.opticalDegree;
        uint32_t nicsPerRing = 1;
        for (const auto& group : m_groups)
        {
            nicsPerRing = std::max(nicsPerRing, group.nicsPerRing);
        }
        auto forRings =
            SplitDegree(RingBytesOf(spec.traffic), BytesBetweenHosts(demand), degree, nicsPerRing);
        if (forRings == degree && degree > nicsPerRing && !GroupsJoin(demand))
        {
            --forRings;
        }
        DemandMatcher matcher(demand, degree - forRings);
        LayRings(forRings);
        LayLinks(matcher, degree - forRings);
        ConnectParts(m_board, matcher, BridgeSource::FreeNics);
        UseRest(matcher);
        ConnectParts(m_board, matcher, BridgeSource::Links);
        ChooseSteps();
        CheckReach();
    }

    /// @return the circuits.
    const PatchBoard& Board() const
    {
        return m_board;
    }

    /// @return the rings.
    const std::vector<RingPlan>& Rings() const
    {
        return m_rings;
    }

  private:
    /// @param group Gains a ring if all members have NICs left. @return whether it has.
    bool AddRing(RingGroup& group)
    {
        const auto nic = m_board.FreeAtAll(group.hosts);
        auto second = nic;
        if (nic && group.nicsPerRing == 2)
        {
            second = m_board.FreeAtAll(group.hosts, *nic + 1);
        }
        if (!nic || !second)
        {
            return false;
        }
        group.rings.emplace_back(*nic, *second);
        m_board.LayRing(group.hosts, *nic, *second); // ChooseSteps() puts them in order
        return true;
    }

    /// @param nics NICs of each host for rings. @brief Gives groups their rings.
    void LayRings(uint32_t nics)
    {
        const auto rings =
            ShareRings(Mapped(m_groups,
                              [](const RingGroup& group) {
                                  return RingShare{group.hosts, group.bytes, group.nicsPerRing};
                              }),
                       m_board.Spec().hosts,
                       nics);
        for (size_t group = 0; group < m_groups.size(); ++group)
        {
            for (uint32_t ring = 0; ring < rings[group] && AddRing(m_groups[group]); ++ring)
            {
            }
        }
    }

    /// @param pairs Hosts that get a link.
    void Link(const Matching& pairs)
    {
        for (const auto& [a, b] : pairs)
        {
            m_board.Link(a, b);
        }
    }

    /**
     * @brief Lays a round of links between parts that circuits do not join yet, by demand, and
     * beside them links of hosts that have no such demand.
     * @param board Gains links. @param matcher Chooses pairs.
     * @return links between parts.
     */
    static size_t JoinParts(PatchBoard& board, DemandMatcher& matcher)
    {
        const auto parts = board.Parts();
        const auto joining =
            matcher.ExtraRound(DemandMatcher::Pairs::WithDemand, [&](uint32_t a, uint32_t b) {
                return parts[a] != parts[b] && board.MayLink(a, b);
            });
        std::vector<char> isBusy(board.Spec().hosts);
        for (const auto& [a, b] : joining)
        {
            board.Link(a, b);
            isBusy[a] = isBusy[b] = 1;
        }
        const auto others =
            matcher.ExtraRound(DemandMatcher::Pairs::WithDemand, [&](uint32_t a, uint32_t b) {
                return !isBusy[a] && !isBusy[b] && board.MayLink(a, b);
            });
        for (const auto& [a, b] : others)
        {
            board.Link(a, b);
        }
        return joining.size();
    }

    /// @param matcher Chooses pairs. @param most Rounds that there are.
    /// @return how many it would take from here on to join all parts that have demand.
    uint32_t RoundsToJoin(DemandMatcher matcher, uint32_t most) const
    {
        auto board = m_board;
        uint32_t rounds = 0;
        while (rounds < most && JoinParts(board, matcher) > 0)
        {
            ++rounds;
        }
        return rounds;
    }

    /// @param demand Bytes between hosts. @return whether rings join all that have some, over
    /// others.
    bool GroupsJoin(const DemandMatrix& demand) const
    {
        std::vector<uint32_t> part(demand.Rows());
        std::iota(part.begin(), part.end(), 0);
        for (const auto& group : m_groups)
        {
            for (const auto host : group.hosts)
            {
                const auto [from, to] = std::minmax(part[host], part[group.hosts.front()]);
                std::replace(part.begin(), part.end(), uint32_t{to}, uint32_t{from});
            }
        }
        for (size_t from = 0; from < demand.Rows(); ++from)
        {
            for (size_t to = 0; to < demand.Columns(); ++to)
            {
                if (part[from] != part[to] && demand.At(from, to) > Bytes(0))
                {
                    return false;
                }
            }
        }
        return true;
    }

    /// @param board Circuits. @param matcher What pairs count. @return whether circuits join all
    /// pairs that have demand, over others.
    static bool JoinsDemand(const PatchBoard& board, const DemandMatcher& matcher)
    {
        const auto parts = board.Parts();
        for (uint32_t a = 0; a < parts.size(); ++a)
        {
            for (uint32_t b = 0; b < a; ++b)
            {
                if (parts[a] != parts[b] && matcher.Worth(a, b) > 0)
                {
                    return false;
                }
            }
        }
        return true;
    }

    /// @param board Gains links. @param matcher Chooses pairs. @param rounds How often.
    static void LayByDemand(PatchBoard& board, DemandMatcher& matcher, uint32_t rounds)
    {
        for (uint32_t round = 0; round < rounds; ++round)
        {
            const auto pairs =
                matcher.NextRound([&board](uint32_t a, uint32_t b) { return board.MayLink(a, b); });
            for (const auto& [a, b] : pairs)
            {
                board.Link(a, b);
            }
        }
    }

    /// @param matcher Chooses pairs. @param rounds How often. @brief Lays rounds of links by
    /// demand, and at last as many that join parts as are needed, if those do not.
    void LayLinks(DemandMatcher& matcher, uint32_t rounds)
    {
        auto board = m_board;
        auto byDemand = matcher;
        LayByDemand(board, byDemand, rounds);
        if (JoinsDemand(board, byDemand))
        {
            m_board = std::move(board);
            matcher = std::move(byDemand);
            return;
        }
        for (uint32_t left = rounds; left > 0; --left)
        {
            if (RoundsToJoin(matcher, left) < left || JoinParts(m_board, matcher) == 0)
            {
                LayByDemand(m_board, matcher, 1);
            }
        }
    }

    /// @return the group with the most bytes a ring that gains one more; none if none does.
    bool AddRingToLargest()
    {
        __extension__ using Wide = unsigned __int128;
        std::vector<RingGroup*> order;
        for (auto& group : m_groups)
        {
            order.push_back(&group);
        }
        std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
            return a->bytes * Wide{b->rings.size()} > b->bytes * Wide{a->rings.size()};
        });
        return std::any_of(order.begin(), order.end(), [this](auto* group) {
            return AddRing(*group);
        });
    }

    /// @param matcher Chooses pairs. @brief Uses NICs that are left.
    void UseRest(DemandMatcher& matcher)
    {
        while (AddRingToLargest())
        {
        }
        for (const auto pairs : {DemandMatcher::Pairs::WithDemand, DemandMatcher::Pairs::All})
        {
            while (true)
            {
                const auto matching = matcher.ExtraRound(pairs, m_mayLink);
                if (matching.empty())
                {
                    break;
                }
                Link(matching);
            }
        }
    }

    /// @brief Puts the rings of each group in the order of their steps.
    void ChooseSteps()
    {
        const auto direction =
            m_board.Spec().duplex ? RingDirection::BothWays : RingDirection::OneWay;
        for (const auto& group : m_groups)
        {
            const auto steps =
                SelectPermutations(group.hosts.size(), group.rings.size(), direction);
            for (size_t ring = 0; ring < steps.size(); ++ring)
            {
                const auto [nic, second] = group.rings[ring];
                auto order = RingOrder(group.hosts, steps[ring]);
                m_board.LayRing(order, nic, second);
                m_rings.push_back({order, nic});
                if (m_board.Spec().duplex && group.hosts.size() > 2)
                {
                    std::reverse(order.begin(), order.end());
                    m_rings.push_back({std::move(order), second}); // the other way
                }
            }
        }
    }

    /// @throws std::invalid_argument when a host does not reach another.
    void CheckReach() const
    {
        const auto parts = m_board.Parts();
        const auto other =
            std::find_if(parts.begin(), parts.end(), [](uint32_t part) { return part != 0; });
        if (other == parts.end())
        {
            return;
        }
        const auto nics = m_board.Spec().nics;
        const std::string hint = m_board.Spec().duplex ? ", or one-way circuits" : "";
        Refuse(Phrase() << "host " << other - parts.begin()
                        << " and host 0 do not reach each other "
                        << "over circuits: opticalDegree = " << nics
                        << " leaves nothing that could join them beside their own rings and links; "
                        << "take " << nics + 1 << " NICs a server or more" << hint);
    }

    PatchBoard m_board;              //!< the circuits
    std::vector<RingGroup> m_groups; //!< all-reduces
    std::vector<RingPlan> m_rings;   //!< in the order of their groups
    /// Whether free NICs can join two hosts.
    DemandMatcher::MayLink m_mayLink{
        [this](uint32_t a, uint32_t b) { return m_board.MayLink(a, b); }};
};

/// @param plan A fabric with its hosts; gains its panels. @param board What they hold.
/// @param delay Propagation of a fibre.
void
AddPanels(FabricPlan& plan, const PatchBoard& board, Picoseconds delay)
{
    std::vector<std::vector<PortPlan>> ports(board.Panels());
    for (uint32_t nic = 0; nic < board.Nics(); ++nic)
    {
        ports[board.PanelOf(nic)].push_back({board.HostOf(nic), nic % board.Spec().nics});
    }
    auto configurations = board.Configurations();
    for (uint32_t panel = 0; panel < board.Panels(); ++panel)
    {
        const NodePlan node{NodeRole::OpticalCircuitSwitch, "panel" + std::to_string(panel), 0};
        CircuitSchedule schedule;
        schedule.opticalSwitch = AddSwitch(plan, ports[panel], node, delay);
        schedule.slots.push_back({std::move(configurations[panel]), Picoseconds(0)});
        plan.schedules.push_back(std::move(schedule));
    }
}

} // namespace

FabricPlan
PlanTopoOpt(const TopoOptSpec& spec)
{
    CheckHardware(spec);
    CheckTraffic(spec);
    FabricPlan plan;
    plan.name = "topoopt";
    plan.router = "relay";
    plan.host = PlanHost(spec.host);
    AddHosts(plan, spec.hosts);
    const TopoOptCircuits circuits(spec);
    AddPanels(plan, circuits.Board(), spec.linkDelay);
    plan.rings = circuits.Rings();
    plan.relays.resize(spec.hosts);
    std::iota(plan.relays.begin(), plan.relays.end(), 0);
    if (!spec.duplex)
    {
        plan.controlDelay = spec.controlDelay;
    }
    return plan;
}

} // namespace mixnetcore
