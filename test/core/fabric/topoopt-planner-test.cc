/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/circuit-graph.h"
#include "ns3/fabric-choice.h"
#include "ns3/keyed-random.h"
#include "ns3/topoopt-planner.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <set>

using namespace mixnetcore;

namespace
{

using Hosts = std::vector<uint32_t>;

TopoOptSpec
OnPanels(uint32_t hosts, uint32_t degree)
{
    TopoOptSpec spec;
    spec.hosts = hosts;
    spec.host.opticalDegree = degree;
    spec.host.electricalNics = 0;
    return spec;
}

/// @return hosts from one on, a step apart.
Hosts
HostsFrom(uint32_t first, uint32_t count, uint32_t step = 1)
{
    Hosts hosts;
    for (uint32_t n = 0; n < count; ++n)
    {
        hosts.push_back(first + n * step);
    }
    return hosts;
}

/// @return a job that only reduces gradients of all hosts.
TopoOptSpec
WithRingsOnly(uint32_t hosts, uint32_t degree)
{
    auto spec = OnPanels(hosts, degree);
    spec.traffic.modelParallel = DemandMatrix(hosts, hosts);
    spec.traffic.allReduce = {{HostsFrom(0, hosts), Bytes(1000)}};
    return spec;
}

/// @return a job in groups of hosts that exchange much, each with its neighbour a little; gradients
/// are reduced by hosts at the same place of all groups, and by all of a group.
TopoOptSpec
WithGroups(uint32_t groups, uint32_t size, uint32_t degree)
{
    auto spec = OnPanels(groups * size, degree);
    const KeyedRandom random(5);
    spec.traffic.modelParallel = DemandMatrix(spec.hosts, spec.hosts, [&](size_t a, size_t b) {
        const bool isNeighbour = a % size == b % size && (a + size == b || b + size == a);
        const auto inside = 20'000 + random.At(a).Bits(b) % 10'000;
        return Bytes(a / size == b / size ? inside : (isNeighbour ? 3'000 : 0));
    });
    for (uint32_t place = 0; place < size && groups > 1; place += 2)
    {
        spec.traffic.allReduce.push_back({HostsFrom(place, groups, size), Bytes(4000)});
    }
    spec.traffic.allReduce.push_back({HostsFrom(0, size), Bytes(500)});
    return spec;
}

/// @return circuits by the hosts at which they begin and end.
std::map<std::pair<uint32_t, uint32_t>, uint32_t>
CircuitsByHosts(const FabricPlan& plan)
{
    std::map<std::pair<uint32_t, uint32_t>, uint32_t> count;
    for (const auto& circuit : CircuitsOf(plan))
    {
        ++count[{circuit.from.host, circuit.to.host}];
    }
    return count;
}

/// @brief Expects a fabric whose circuits can be patched, and are those of its rings and more.
void
ExpectSound(const FabricPlan& plan, bool isFlat)
{
    for (const auto& schedule : plan.schedules)
    {
        ASSERT_EQ(schedule.slots.size(), 1U);
        EXPECT_EQ(schedule.slots[0].duration, Picoseconds(0));
        EXPECT_EQ(schedule.slots[0].circuits.Fault(plan.nodes[schedule.opticalSwitch].ports),
                  std::nullopt);
    }
    std::set<std::pair<uint32_t, uint32_t>> sending;
    std::set<std::pair<uint32_t, uint32_t>> receiving;
    for (const auto& [from, to] : CircuitsOf(plan))
    {
        EXPECT_TRUE(sending.insert({from.host, from.nic}).second);
        EXPECT_TRUE(receiving.insert({to.host, to.nic}).second);
        EXPECT_NE(from.host, to.host);
        EXPECT_TRUE(isFlat || from.nic == to.nic);
    }
    const CircuitGraph graph(plan.hosts, CircuitsOf(plan));
    EXPECT_NE(graph.Diameter(), CircuitGraph::NONE);
}

/// @brief Expects that each host of a ring sends by the NIC of the ring to the next.
void
ExpectRingsLaid(const FabricPlan& plan)
{
    std::map<std::pair<uint32_t, uint32_t>, NicId> to;
    for (const auto& circuit : CircuitsOf(plan))
    {
        to.insert({{circuit.from.host, circuit.from.nic}, circuit.to});
    }
    for (const auto& ring : plan.rings)
    {
        EXPECT_EQ(std::set(ring.hosts.begin(), ring.hosts.end()).size(), ring.hosts.size());
        for (size_t n = 0; n < ring.hosts.size(); ++n)
        {
            const auto next = ring.hosts[(n + 1) % ring.hosts.size()];
            const NicId expected{next, ring.nic};
            EXPECT_EQ(to.at({ring.hosts[n], ring.nic}), expected);
        }
    }
}

/// @return rings of a group.
size_t
RingsOf(const FabricPlan& plan, const Hosts& group)
{
    return std::count_if(plan.rings.begin(), plan.rings.end(), [&](const RingPlan& ring) {
        return std::set(ring.hosts.begin(), ring.hosts.end()) ==
               std::set(group.begin(), group.end());
    });
}

/// @return the message with which a fabric is refused, empty when it is not.
std::string
RefusalOnPanels(const TopoOptSpec& spec)
{
    return tests::Refusal([&] { PlanTopoOpt(spec); });
}

/// @brief Options with the values that a test gives.
class GivenOptions : public OptionReader
{
  public:
    explicit GivenOptions(std::map<std::string, std::string> values)
        : m_values(std::move(values))
    {
    }

    const std::string& Text(const std::string& name) const override
    {
        m_read.insert(name);
        return m_values.at(name);
    }

    const std::string& Peek(const std::string& name) const override
    {
        return m_values.at(name);
    }

    bool WasRead(const std::string& name) const
    {
        return m_read.count(name) > 0;
    }

  private:
    std::map<std::string, std::string> m_values;
    mutable std::set<std::string> m_read;
};

} // namespace

TEST(TopoOptPlanner, GivesEachNicOfAHostAPanel)
{
    const auto plan = PlanTopoOpt(OnPanels(5, 4));

    EXPECT_EQ(plan.name, "topoopt");
    EXPECT_EQ(plan.host.NicsOn(NicRole::Optical), (Hosts{0, 1, 2, 3}));
    ASSERT_EQ(plan.nodes.size(), 5U + 4);
    ASSERT_EQ(plan.links.size(), 5U * 4);
    for (uint32_t nic = 0; nic < 4; ++nic)
    {
        EXPECT_EQ(plan.nodes[5 + nic].role, NodeRole::OpticalCircuitSwitch);
        EXPECT_EQ(plan.nodes[5 + nic].name, "panel" + std::to_string(nic));
        EXPECT_EQ(plan.nodes[5 + nic].ports, 5U);
        EXPECT_EQ(plan.schedules.at(nic).opticalSwitch, 5 + nic);
    }
    for (const auto& [host, panel, rate, delay] : plan.links)
    {
        EXPECT_EQ(panel.node, 5 + host.port);
        EXPECT_EQ(panel.port, host.node);
        EXPECT_EQ(delay, std::chrono::microseconds(1));
    }
}

TEST(TopoOptPlanner, PutsAllNicsOnOneFlatPanel)
{
    auto spec = OnPanels(5, 4);
    spec.flatPanel = true;

    const auto plan = PlanTopoOpt(spec);

    ASSERT_EQ(plan.nodes.size(), 5U + 1);
    EXPECT_EQ(plan.nodes[5].name, "panel0");
    EXPECT_EQ(plan.nodes[5].ports, 5U * 4);
    for (const auto& link : plan.links)
    {
        EXPECT_EQ(link.b.node, 5U);
        EXPECT_EQ(link.b.port, link.a.node * 4 + link.a.port);
    }
}

TEST(TopoOptPlanner, LetsAllHostsPassBytesOn)
{
    const auto plan = PlanTopoOpt(OnPanels(4, 3));

    EXPECT_EQ(plan.router, "relay");
    EXPECT_EQ(plan.relays, (Hosts{0, 1, 2, 3}));
    EXPECT_TRUE(plan.regions.empty());
}

TEST(TopoOptPlanner, OneWayCircuitsHaveAControlPathAndDuplexOnesNone)
{
    auto spec = OnPanels(4, 3);
    EXPECT_EQ(PlanTopoOpt(spec).controlDelay, std::chrono::microseconds(2));
    spec.controlDelay = Picoseconds(7);
    EXPECT_EQ(PlanTopoOpt(spec).controlDelay, Picoseconds(7));
    spec.duplex = true;
    EXPECT_EQ(PlanTopoOpt(spec).controlDelay, std::nullopt);
}

TEST(TopoOptPlanner, OneHostHasNobodyToReach)
{
    const auto plan = PlanTopoOpt(OnPanels(1, 2));

    EXPECT_EQ(plan.schedules.size(), 2U);
    EXPECT_TRUE(CircuitsOf(plan).empty());
}

TEST(TopoOptPlanner, IsAFullMeshOfOneMoreHostsThanNics)
{
    for (const uint32_t degree : {1U, 3U, 5U, 7U})
    {
        for (const bool duplex : {false, true})
        {
            auto spec = OnPanels(degree + 1, degree);
            spec.duplex = duplex;
            const auto plan = PlanTopoOpt(spec);

            ExpectSound(plan, false);
            const auto circuits = CircuitsByHosts(plan);
            EXPECT_EQ(circuits.size(), degree * (degree + 1));
            for (const auto& [pair, count] : circuits)
            {
                EXPECT_EQ(count, 1U);
            }
        }
    }
}

TEST(TopoOptPlanner, OneNicOfEachIsARingOfAll)
{
    // Links of pairs are opened, one direction of each, until all are on one circle.
    const auto plan = PlanTopoOpt(OnPanels(8, 1));

    ExpectSound(plan, false);
    EXPECT_EQ(CircuitGraph(8, CircuitsOf(plan)).Diameter(), 7U);
}

TEST(TopoOptPlanner, WithoutAnAllReduceThereAreNoRings)
{
    auto spec = OnPanels(6, 4);
    spec.traffic.allReduce = {{{0, 1, 2}, Bytes(0)}};

    EXPECT_TRUE(PlanTopoOpt(spec).rings.empty());
}

TEST(TopoOptPlanner, WithNothingElseAllNicsAreInRings)
{
    const auto plan = PlanTopoOpt(WithRingsOnly(16, 4));

    ExpectSound(plan, false);
    ExpectRingsLaid(plan);
    ASSERT_EQ(plan.rings.size(), 4U);
    std::set<uint32_t> steps;
    for (uint32_t ring = 0; ring < 4; ++ring)
    {
        const auto& hosts = plan.rings[ring].hosts;
        EXPECT_EQ(plan.rings[ring].nic, ring);
        const auto step = (hosts[1] + 16 - hosts[0]) % 16;
        EXPECT_EQ(std::gcd(step, 16U), 1U);
        steps.insert(step);
        for (uint32_t n = 0; n < 16; ++n)
        {
            EXPECT_EQ(hosts[n], n * step % 16);
        }
    }
    EXPECT_EQ(steps.size(), 4U);
    EXPECT_EQ(*steps.begin(), 1U);
}

TEST(TopoOptPlanner, SplitsNicsByBytes)
{
    // Rings of 4 hosts carry 2 x 3 x 100 = 600 bytes; 12 pairs 50 each, 600 as well: 2 NICs of 4
    // each. Two rounds of equal demand are a circle over the hosts.
    auto spec = OnPanels(4, 4);
    spec.traffic.allReduce = {{{0, 1, 2, 3}, Bytes(100)}};
    spec.traffic.modelParallel =
        DemandMatrix(4, 4, [](size_t a, size_t b) { return Bytes(a == b ? 0 : 50); });

    const auto plan = PlanTopoOpt(spec);

    ExpectSound(plan, false);
    ExpectRingsLaid(plan);
    EXPECT_EQ(plan.rings.size(), 2U);
    EXPECT_EQ(CircuitsOf(plan).size(), 4U * 4);
}

TEST(TopoOptPlanner, LinksThePairsOfMostDemand)
{
    auto spec = OnPanels(4, 1);
    spec.duplex = true;
    spec.host.opticalDegree = 2;
    // 0 - 3 and 1 - 2 of 10; then the circle is closed by 0 - 1 and 2 - 3 of 1.
    spec.traffic.modelParallel = DemandMatrix(4, 4);
    spec.traffic.modelParallel.At(0, 3) = Bytes(10);
    spec.traffic.modelParallel.At(2, 1) = Bytes(10);
    spec.traffic.modelParallel.At(0, 1) = Bytes(6);
    spec.traffic.modelParallel.At(3, 2) = Bytes(6);

    const auto plan = PlanTopoOpt(spec);

    // Halved once, 10 is below 6.
    EXPECT_EQ(plan.schedules[0].slots[0].circuits.Circuits(),
              (std::vector<Circuit>{{0, 3}, {1, 2}}));
    EXPECT_EQ(plan.schedules[1].slots[0].circuits.Circuits(),
              (std::vector<Circuit>{{0, 1}, {2, 3}}));
}

TEST(TopoOptPlanner, HoldsGroupsTogether)
{
    for (const uint32_t degree : {2U, 4U, 7U})
    {
        for (const bool isFlat : {false, true})
        {
            for (const bool duplex : {false, true})
            {
                // A duplex ring takes two NICs; one more is for what joins it to others.
                auto spec = WithGroups(4, 4, duplex ? degree + 1 : degree);
                spec.flatPanel = isFlat;
                spec.duplex = duplex;

                const auto plan = PlanTopoOpt(spec);

                ExpectSound(plan, isFlat);
                if (!duplex)
                {
                    ExpectRingsLaid(plan);
                }
            }
        }
    }
}

TEST(TopoOptPlanner, LeavesAtMostOneNicOfAPanelDark)
{
    for (const uint32_t size : {3U, 4U, 5U})
    {
        const auto plan = PlanTopoOpt(WithGroups(3, size, 5));

        for (const auto& schedule : plan.schedules)
        {
            // One-way circuits: as many as NICs that are in use.
            EXPECT_GE(schedule.slots[0].circuits.Size() + 1, plan.hosts);
        }
    }
}

TEST(TopoOptPlanner, LeavesNoNicOfAFlatPanelDarkIfTheyAreEven)
{
    auto spec = OnPanels(9, 8);
    spec.flatPanel = true;

    // 72 NICs; 9 hosts have 8 others each.
    EXPECT_EQ(CircuitsOf(PlanTopoOpt(spec)).size(), 72U);
    EXPECT_EQ(CircuitsByHosts(PlanTopoOpt(spec)).size(), 72U);
}

TEST(TopoOptPlanner, GroupsOfOneHostShareItsRings)
{
    // Of 4 NICs of each host all are for rings. A member of the large group sends 2 x 3/4 x 4000 =
    // 6000 bytes, one of a pair 2 x 1/2 x 2000 = 2000: 3 rings and 1.
    auto spec = OnPanels(4, 4);
    spec.traffic.modelParallel = DemandMatrix(4, 4);
    spec.traffic.allReduce = {{{0, 1}, Bytes(2000)},
                              {{2, 3}, Bytes(2000)},
                              {{0, 1, 2, 3}, Bytes(4000)}};

    const auto plan = PlanTopoOpt(spec);

    ExpectSound(plan, false);
    ExpectRingsLaid(plan);
    EXPECT_EQ(RingsOf(plan, {0, 1, 2, 3}), 3U);
    EXPECT_EQ(RingsOf(plan, {0, 1}), 1U);
    EXPECT_EQ(RingsOf(plan, {2, 3}), 1U);
    EXPECT_EQ(plan.rings[0].hosts.size(), 4U); // most bytes first
}

TEST(TopoOptPlanner, NicsThatAreLeftMakeMoreRings)
{
    // The ring joins the two hosts: all NICs are for rings.
    auto spec = OnPanels(2, 7);
    spec.traffic.modelParallel = DemandMatrix(2, 2);
    spec.traffic.modelParallel.At(0, 1) = Bytes(1);
    spec.traffic.allReduce = {{{0, 1}, Bytes(1000)}};
    EXPECT_EQ(PlanTopoOpt(spec).rings.size(), 7U);

    // Hosts 2 and 3 have no all-reduce: their NICs link them. Hosts 0 and 1 exchange nothing but
    // gradients: all their NICs but those that hold the fabric together become rings.
    auto apart = OnPanels(4, 4);
    apart.traffic.modelParallel = DemandMatrix(4, 4);
    apart.traffic.modelParallel.At(2, 3) = Bytes(1000);
    apart.traffic.allReduce = {{{0, 1}, Bytes(500)}};
    // Shares are 1000 : 1000, so 2 rings, then a link that joins 0 and 1 to the others, then a
    // ring.
    const auto plan = PlanTopoOpt(apart);
    ExpectSound(plan, false);
    ExpectRingsLaid(plan);
    EXPECT_EQ(RingsOf(plan, {0, 1}), 3U);
}

TEST(TopoOptPlanner, ADuplexRingTakesTwoNicsOfEachHost)
{
    auto spec = WithRingsOnly(8, 4);
    spec.duplex = true;

    const auto plan = PlanTopoOpt(spec);

    ExpectSound(plan, false);
    ASSERT_EQ(plan.rings.size(), 4U) << "two, and each in both directions";
    // 8 hosts with 4 NICs: 16 duplex circuits, 8 of each ring.
    const auto circuits = CircuitsByHosts(plan);
    EXPECT_EQ(CircuitsOf(plan).size(), 2U * 16);
    for (const auto& ring : plan.rings)
    {
        for (size_t n = 0; n < 8; ++n)
        {
            EXPECT_EQ(circuits.at({ring.hosts[n], ring.hosts[(n + 1) % 8]}), 1U);
        }
    }
}

TEST(TopoOptPlanner, ADuplexRingOfTwoHostsIsOneCircuit)
{
    auto spec = WithRingsOnly(2, 3);
    spec.duplex = true;

    const auto plan = PlanTopoOpt(spec);

    EXPECT_EQ(plan.rings.size(), 3U);
    ExpectRingsLaid(plan);
    EXPECT_EQ(plan.schedules[2].slots[0].circuits.Circuits(), (std::vector<Circuit>{{0, 1}}));
}

TEST(TopoOptPlanner, AnOddDuplexRingNeedsAFlatPanel)
{
    auto spec = WithRingsOnly(5, 4);
    spec.duplex = true;
    EXPECT_EQ(
        RefusalOnPanels(spec),
        "a duplex ring of 5 hosts, from host 0 on: an odd one cannot be laid over two panels; "
        "take one flat panel, or one-way circuits");

    spec.flatPanel = true;
    const auto plan = PlanTopoOpt(spec);
    ExpectSound(plan, true);
    EXPECT_EQ(plan.rings.size(), 4U) << "two, and each in both directions";
    // Steps 1 and 2 of 5 hosts are all pairs.
    EXPECT_EQ(CircuitsByHosts(plan).size(), 5U * 4);
}

TEST(TopoOptPlanner, StepsOfOneGroupAreThoseOfCoinChange)
{
    for (const uint32_t hosts : {7U, 16U, 30U})
    {
        for (const uint32_t degree : {1U, 2U, 4U, 8U})
        {
            const auto plan = PlanTopoOpt(WithRingsOnly(hosts, degree));
            const CircuitGraph graph(hosts, CircuitsOf(plan));
            // Fewest coins that add up to a distance, or to it and some times round.
            std::vector<uint32_t> coins(hosts * hosts, 0);
            for (uint32_t sum = 1; sum < coins.size(); ++sum)
            {
                coins[sum] = hosts;
                for (const auto& ring : plan.rings)
                {
                    const auto step = (ring.hosts[1] + hosts - ring.hosts[0]) % hosts;
                    if (step <= sum)
                    {
                        coins[sum] = std::min(coins[sum], coins[sum - step] + 1);
                    }
                }
            }
            for (uint32_t from = 0; from < hosts; ++from)
            {
                for (uint32_t to = 0; to < hosts; ++to)
                {
                    auto fewest = hosts;
                    for (uint32_t sum = (to + hosts - from) % hosts; sum < coins.size();
                         sum += hosts)
                    {
                        fewest = std::min(fewest, coins[sum]);
                    }
                    EXPECT_EQ(graph.Hops(from, to), fewest);
                }
            }
        }
    }
}

TEST(TopoOptPlanner, GivesTheSamePlanForTheSameJob)
{
    const auto spec = WithGroups(8, 8, 8);
    const auto plan = PlanTopoOpt(spec);
    const auto again = PlanTopoOpt(spec);

    ASSERT_EQ(plan.schedules.size(), again.schedules.size());
    for (size_t panel = 0; panel < plan.schedules.size(); ++panel)
    {
        EXPECT_EQ(plan.schedules[panel].slots[0].circuits,
                  again.schedules[panel].slots[0].circuits);
    }
    ASSERT_EQ(plan.rings.size(), again.rings.size());
    for (size_t ring = 0; ring < plan.rings.size(); ++ring)
    {
        EXPECT_EQ(plan.rings[ring].hosts, again.rings[ring].hosts);
        EXPECT_EQ(plan.rings[ring].nic, again.rings[ring].nic);
    }
}

TEST(TopoOptPlanner, RefusesHostsThatHaveNotOnlyOpticalNics)
{
    auto spec = OnPanels(4, 3);
    spec.host.electricalNics = 1;
    EXPECT_EQ(RefusalOnPanels(spec), "electricalNics = 1: 0 on patch panels, all NICs end there");
    EXPECT_EQ(RefusalOnPanels(OnPanels(4, 0)), "opticalDegree = 0: at least 1 NIC at patch panels");
    EXPECT_EQ(RefusalOnPanels(OnPanels(4, 1025)),
              "opticalDegree = 1025: at most 1024 NICs of a server");
}

TEST(TopoOptPlanner, RefusesNoHostsAndNegativeDelays)
{
    EXPECT_EQ(RefusalOnPanels(OnPanels(0, 3)), "hosts = 0: at least 1");
    auto spec = OnPanels(4, 3);
    spec.controlDelay = Picoseconds(-1);
    EXPECT_EQ(RefusalOnPanels(spec), "controlDelay = -1 ps: at least 0 ps");
    spec.linkDelay = Picoseconds(-2);
    EXPECT_EQ(RefusalOnPanels(spec), "linkDelay = -2 ps: at least 0 ps");
}

TEST(TopoOptPlanner, JoinsStagesByRoundsOfTheirOwnWhereTokensOutweighActivations)
{
    // Four stages of four hosts, which exchange 1000 with each other, and each host 1 with the same
    // of the next stage. Without a ring of all, six rounds would leave no link between stages; two
    // rounds of links between them join all, stages 0 and 1, 2 and 3 in the first.
    auto spec = OnPanels(16, 6);
    spec.traffic.modelParallel = DemandMatrix(16, 16, [](uint32_t from, uint32_t to) {
        const bool isStage = from / 4 == to / 4 && from != to;
        const bool isNext = std::max(from, to) - std::min(from, to) == 4;
        return Bytes(isStage ? 1000 : isNext ? 1 : 0);
    });
    const auto plan = PlanTopoOpt(spec);
    const CircuitGraph graph(16, CircuitsOf(plan));
    for (uint32_t host = 0; host < 16; ++host)
    {
        size_t within = 0;
        for (uint32_t other = 0; other < 16; ++other)
        {
            within += other / 4 == host / 4 ? graph.Between(host, other).size() : 0;
        }
        if (host + 4 < 16)
        {
            EXPECT_EQ(graph.Between(host, host + 4).size(), 1U) << host << " to the next stage";
            EXPECT_EQ(graph.Between(host + 4, host).size(), 1U) << "and back";
        }
        const bool isMiddle = host >= 4 && host < 12;
        EXPECT_EQ(within, isMiddle ? 4U : 5U) << "all others";
    }
}

TEST(TopoOptPlanner, RefusesTrafficOfOtherHosts)
{
    auto spec = OnPanels(4, 3);
    spec.traffic.modelParallel = DemandMatrix(3, 3);
    EXPECT_EQ(RefusalOnPanels(spec), "traffic of 3 x 3 hosts: as many as there are hosts, 4");

    spec = OnPanels(4, 3);
    for (const Hosts& hosts : {Hosts{1, 4}, Hosts{4, 1}})
    {
        spec.traffic.allReduce = {{hosts, Bytes(1)}};
        EXPECT_EQ(RefusalOnPanels(spec),
                  "an all-reduce of hosts " + std::to_string(hosts[0]) + " to " +
                      std::to_string(hosts[1]) + ": ascending, each once, at most 3");
    }
    spec.traffic.allReduce = {{{2}, Bytes(1)}};
    EXPECT_EQ(RefusalOnPanels(spec), "an all-reduce of 1 hosts: at least 2");
}

TEST(TopoOptPlanner, RefusesADuplexRingOverOneNic)
{
    auto spec = WithRingsOnly(4, 1);
    spec.duplex = true;
    EXPECT_EQ(
        RefusalOnPanels(spec),
        "duplex rings of 4 hosts take 2 NICs of each: opticalDegree = 1 is not enough; one-way "
        "circuits take 1");
}

TEST(TopoOptPlanner, RefusesHostsThatDoNotReachOthers)
{
    // Two rings, and no NIC that could join them.
    auto spec = OnPanels(4, 1);
    spec.traffic.modelParallel = DemandMatrix(4, 4);
    spec.traffic.allReduce = {{{0, 1}, Bytes(1)}, {{2, 3}, Bytes(1)}};
    EXPECT_EQ(RefusalOnPanels(spec),
              "host 2 and host 0 do not reach each other over circuits: opticalDegree = 1 leaves "
              "nothing that could join them beside their own rings and links; take 2 NICs a server "
              "or more");

    // Four hosts with one duplex circuit each.
    auto pairs = OnPanels(4, 1);
    pairs.duplex = true;
    EXPECT_EQ(RefusalOnPanels(pairs),
              "host 2 and host 0 do not reach each other over circuits: opticalDegree = 1 leaves "
              "nothing that could join them beside their own rings and links; take 2 NICs a server "
              "or more, or one-way circuits");
}

TEST(TopoOptPlanner, IsAFabricWithOptions)
{
    FabricSite site;
    site.hosts = 4;
    site.host.opticalDegree = 0;
    site.host.electricalNics = 3;
    site.linkDelay = Picoseconds(9);
    site.traffic = [] { return HostTraffic{DemandMatrix(4, 4), {{HostsFrom(0, 4), Bytes(100)}}}; };
    const GivenOptions options(
        {{"panels", "flat"}, {"circuits", "simplex"}, {"controlPathDelay", "5us"}});

    const auto plan = PlanFabric("topoopt", options, site);

    EXPECT_EQ(plan.name, "topoopt");
    EXPECT_EQ(plan.nodes.size(), 4U + 1);
    EXPECT_EQ(plan.host.nics.size(), 3U);
    EXPECT_EQ(plan.rings.size(), 3U);
    EXPECT_EQ(plan.controlDelay, std::chrono::microseconds(5));
    EXPECT_EQ(plan.links.front().delay, site.linkDelay);
}

TEST(TopoOptPlanner, ReadsNothingOfAControlPathWhereCircuitsCarryBothWays)
{
    FabricSite site;
    site.hosts = 4;
    site.host.opticalDegree = 0;
    site.host.electricalNics = 8;
    const GivenOptions options(
        {{"panels", "per-nic"}, {"circuits", "duplex"}, {"controlPathDelay", "5us"}});

    const auto plan = PlanFabric("topoopt", options, site);

    EXPECT_EQ(plan.nodes.size(), 4U + 8);
    EXPECT_EQ(plan.controlDelay, std::nullopt);
    EXPECT_FALSE(options.WasRead("controlPathDelay")); // it decides nothing
}
