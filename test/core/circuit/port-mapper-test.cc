/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/port-mapper.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// Hosts with their optical ports in each half; switch ports count upwards through the hosts.
std::vector<OpticalAttachment>
Attach(uint32_t hosts, uint32_t inHalf0, uint32_t inHalf1)
{
    std::vector<OpticalAttachment> attachments;
    for (uint32_t host = 0; host < hosts; ++host)
    {
        for (uint32_t nic = 0; nic < inHalf0 + inHalf1; ++nic)
        {
            const auto ocsPort = static_cast<uint32_t>(attachments.size());
            attachments.push_back({host, nic, nic < inHalf0 ? 0U : 1U, ocsPort});
        }
    }
    return attachments;
}

CircuitAllocation
Allocate(size_t hosts, const std::vector<Circuit>& pairs)
{
    CircuitAllocation allocation(hosts);
    for (const auto& [a, b] : pairs)
    {
        allocation.Join(a, b);
    }
    return allocation;
}

/// Joins random pairs of hosts with ports left, few of them, so that many pairs share circuits.
CircuitAllocation
DrawAllocation(std::mt19937& random, uint32_t hosts, uint32_t portsPerHost)
{
    CircuitAllocation allocation(hosts);
    const auto attempts = random() % (hosts * portsPerHost);
    for (uint32_t attempt = 0; attempt < attempts; ++attempt)
    {
        const auto a = random() % hosts;
        const auto b = random() % hosts;
        for (uint32_t n = random() % 3; n-- > 0;)
        {
            if (a != b && allocation.CircuitsOf(a) < portsPerHost &&
                allocation.CircuitsOf(b) < portsPerHost)
            {
                allocation.Join(a, b);
            }
        }
    }
    return allocation;
}

/// @return circuits of every pair, as the configuration has them.
CircuitAllocation
CountCircuits(const CircuitConfiguration& configuration,
              const std::vector<OpticalAttachment>& attachments,
              uint32_t hosts)
{
    CircuitAllocation allocation(hosts);
    for (const auto& [a, b] : configuration.Circuits())
    {
        allocation.Join(attachments[a].endpoint, attachments[b].endpoint);
    }
    return allocation;
}

/// @return circuits with each peer in half 0 minus those in half 1, at (host, peer).
std::map<std::pair<uint32_t, uint32_t>, int>
HalfDifferences(const CircuitConfiguration& configuration,
                const std::vector<OpticalAttachment>& attachments)
{
    std::map<std::pair<uint32_t, uint32_t>, int> differences;
    for (const auto& [a, b] : configuration.Circuits())
    {
        for (const auto& [near, far] : {std::pair(a, b), std::pair(b, a)})
        {
            differences[{attachments[near].endpoint, attachments[far].endpoint}] +=
                attachments[near].numaHalf == 0 ? 1 : -1;
        }
    }
    return differences;
}

/// @return ports that have another circuit, or none, or a new one.
std::set<uint32_t>
ChangedPorts(const CircuitConfiguration& before, const CircuitConfiguration& after)
{
    std::vector<Circuit> changed;
    std::set_symmetric_difference(before.Circuits().begin(),
                                  before.Circuits().end(),
                                  after.Circuits().begin(),
                                  after.Circuits().end(),
                                  std::back_inserter(changed));
    std::set<uint32_t> ports;
    for (const auto& [a, b] : changed)
    {
        ports.insert({a, b});
    }
    return ports;
}

/// @return the allocation with one circuit of the pair less.
CircuitAllocation
WithoutOne(const CircuitAllocation& allocation, size_t a, size_t b)
{
    CircuitAllocation result(allocation.Endpoints());
    for (size_t i = 0; i < allocation.Endpoints(); ++i)
    {
        for (size_t j = i + 1; j < allocation.Endpoints(); ++j)
        {
            const uint32_t less = i == std::min(a, b) && j == std::max(a, b) ? 1 : 0;
            for (auto n = allocation.Between(i, j); n > less; --n)
            {
                result.Join(i, j);
            }
        }
    }
    return result;
}

} // namespace

TEST(PortMapper, MapsNothingToNothing)
{
    EXPECT_EQ(PortMapper({}).Map(CircuitAllocation(0), {}).Size(), 0U);
    EXPECT_EQ(PortMapper(Attach(2, 3, 3)).Map(CircuitAllocation(2), {}).Size(), 0U);
}

TEST(PortMapper, TakesTheLowestPortForASingleCircuit)
{
    // Ports 0 to 5 are host 0, ports 6 to 11 host 1.
    const auto configuration = PortMapper(Attach(2, 3, 3)).Map(Allocate(2, {{0, 1}}), {});

    EXPECT_EQ(configuration, CircuitConfiguration({{0, 6}}));
}

TEST(PortMapper, PutsTwoCircuitsOfAPairIntoDifferentHalves)
{
    // Half 0 of host 0 begins at port 0, its half 1 at port 3; of host 1 at 6 and 9.
    const auto configuration = PortMapper(Attach(2, 3, 3)).Map(Allocate(2, {{0, 1}, {0, 1}}), {});

    EXPECT_EQ(configuration, CircuitConfiguration({{0, 6}, {3, 9}}));
}

TEST(PortMapper, PacksThemIntoOneHalfWhenToldSo)
{
    const auto configuration =
        PortMapper(Attach(2, 3, 3), NumaRule::Pack).Map(Allocate(2, {{0, 1}, {0, 1}}), {});

    EXPECT_EQ(configuration, CircuitConfiguration({{0, 6}, {1, 7}}));
}

TEST(PortMapper, UsesEveryPortOfAFullPair)
{
    const auto attachments = Attach(2, 3, 3);
    const auto allocation = Allocate(2, std::vector<Circuit>(6, {0, 1}));

    const auto configuration = PortMapper(attachments).Map(allocation, {});

    EXPECT_EQ(configuration.Size(), 6U);
    EXPECT_FALSE(configuration.Fault(12));
}

TEST(PortMapper, DoesNotDependOnTheOrderOfTheAttachments)
{
    auto attachments = Attach(4, 3, 3);
    const auto allocation = Allocate(4, {{0, 1}, {0, 1}, {2, 1}, {3, 0}});
    const auto before = PortMapper(attachments).Map(allocation, {});

    std::reverse(attachments.begin(), attachments.end());

    EXPECT_EQ(PortMapper(attachments).Map(allocation, {}), before);
}

TEST(PortMapper, KeepsThePortsOfACircuitThatStays)
{
    // Left alone it would take ports 0 and 6.
    const CircuitConfiguration previous({{4, 8}});

    EXPECT_EQ(PortMapper(Attach(2, 3, 3)).Map(Allocate(2, {{0, 1}}), previous), previous);
}

TEST(PortMapper, GivesUpACircuitThatWouldSpoilTheSpread)
{
    // Both previous circuits end in half 0 of host 0 (ports 0, 1): one has to move to half 1.
    const CircuitConfiguration previous({{0, 6}, {1, 9}});

    const auto configuration =
        PortMapper(Attach(2, 3, 3)).Map(Allocate(2, {{0, 1}, {0, 1}}), previous);

    EXPECT_EQ(configuration, CircuitConfiguration({{0, 6}, {3, 9}}));
}

TEST(PortMapper, GivesUpTheCircuitOfTheFullerHalf)
{
    // Three circuits, two of them in half 0 at both hosts; (0, 6) lies in both fuller halves.
    const CircuitConfiguration previous({{0, 6}, {1, 9}, {3, 7}});

    const auto configuration =
        PortMapper(Attach(2, 3, 3)).Map(Allocate(2, {{0, 1}, {0, 1}}), previous);

    EXPECT_EQ(configuration, CircuitConfiguration({{1, 9}, {3, 7}}));
}

TEST(PortMapper, GivesUpTheCircuitWhosePortAnotherPairNeeds)
{
    // Two ports in each half: host 0 has 0, 1 and 2, 3, host 1 begins at 4, host 2 at 8, host 3 at
    // 12. Pair (0, 1) has to give up one of its circuits, at ports 0 and 2. Pair (0, 2) has one in
    // half 1 of host 0 and gets a second, which belongs into half 0: so (0, 1) gives up port 0.
    const CircuitConfiguration previous({{0, 4}, {2, 6}, {3, 8}, {1, 12}});

    const auto configuration =
        PortMapper(Attach(4, 2, 2)).Map(Allocate(4, {{0, 1}, {0, 2}, {0, 2}, {0, 3}}), previous);

    EXPECT_EQ(configuration, CircuitConfiguration({{0, 10}, {2, 6}, {3, 8}, {1, 12}}));
}

TEST(PortMapper, IgnoresPreviousCircuitsThatMakeNoSense)
{
    // An unknown port, both ends at host 0, a port used twice, a port joined with itself.
    const CircuitConfiguration previous({{0, 99}, {1, 2}, {5, 11}, {5, 10}, {8, 8}});

    const auto configuration = PortMapper(Attach(2, 3, 3)).Map(Allocate(2, {{0, 1}}), previous);

    EXPECT_EQ(configuration, CircuitConfiguration({{5, 10}}));
}

TEST(PortMapper, MovesOneCircuitWithoutTouchingOthers)
{
    // Four hosts, two circuits for each of (0, 1), (0, 2) and (1, 3). One of (0, 1) becomes one of
    // (2, 3): two ports go dark for good, two others light up; 8 ends stay.
    const PortMapper mapper(Attach(4, 3, 3));
    const auto before =
        mapper.Map(Allocate(4, {{0, 1}, {0, 1}, {0, 2}, {0, 2}, {1, 3}, {1, 3}}), {});
    const auto after =
        mapper.Map(Allocate(4, {{0, 1}, {2, 3}, {0, 2}, {0, 2}, {1, 3}, {1, 3}}), before);

    EXPECT_EQ(ChangedPorts(before, after).size(), 4U);
}

TEST(PortMapper, DarkensTwoPortsForOneCircuitLess)
{
    const uint32_t hosts = 6;
    const PortMapper mapper(Attach(hosts, 3, 3));
    std::mt19937 random(4);
    for (int run = 0; run < 1000; ++run)
    {
        const auto allocation = DrawAllocation(random, hosts, 6);
        const auto before =
            mapper.Map(allocation, mapper.Map(DrawAllocation(random, hosts, 6), {}));
        for (uint32_t i = 0; i < hosts; ++i)
        {
            for (uint32_t j = 0; j < i; ++j)
            {
                if (allocation.Between(i, j) > 0)
                {
                    const auto after = mapper.Map(WithoutOne(allocation, i, j), before);
                    ASSERT_EQ(ChangedPorts(before, after).size(), 2U);
                }
            }
        }
    }
}

TEST(PortMapper, MapsEveryCircuitOntoPortsUsedOnce)
{
    std::mt19937 random(5);
    for (int run = 0; run < 3000; ++run)
    {
        const uint32_t hosts = 2 + random() % 7;
        const uint32_t inHalf0 = 1 + random() % 4;
        const uint32_t inHalf1 = random() % 5;
        const auto rule = run % 2 ? NumaRule::Spread : NumaRule::Pack;
        const auto attachments = Attach(hosts, inHalf0, inHalf1);
        const PortMapper mapper(attachments, rule);
        CircuitConfiguration configuration;
        for (int change = 0; change < 3; ++change)
        {
            const auto allocation = DrawAllocation(random, hosts, inHalf0 + inHalf1);
            configuration = mapper.Map(allocation, configuration);
            ASSERT_FALSE(configuration.Fault(attachments.size()));
            ASSERT_EQ(CountCircuits(configuration, attachments, hosts), allocation);
        }
    }
}

TEST(PortMapper, ChangesNothingForTheSameAllocation)
{
    std::mt19937 random(6);
    for (int run = 0; run < 3000; ++run)
    {
        const uint32_t hosts = 2 + random() % 7;
        const uint32_t inHalf0 = 1 + random() % 4;
        const uint32_t inHalf1 = random() % 5;
        const auto rule = run % 2 ? NumaRule::Spread : NumaRule::Pack;
        const PortMapper mapper(Attach(hosts, inHalf0, inHalf1), rule);
        const auto other = mapper.Map(DrawAllocation(random, hosts, inHalf0 + inHalf1), {});
        const auto allocation = DrawAllocation(random, hosts, inHalf0 + inHalf1);

        const auto once = mapper.Map(allocation, other);

        ASSERT_EQ(mapper.Map(allocation, once), once);
    }
}

TEST(PortMapper, SpreadsEveryPairEvenlyOverEqualHalvesWhateverCameBefore)
{
    std::mt19937 random(7);
    for (int run = 0; run < 3000; ++run)
    {
        const uint32_t hosts = 2 + random() % 7;
        const uint32_t perHalf = 1 + random() % 4;
        const auto attachments = Attach(hosts, perHalf, perHalf);
        const PortMapper packing(attachments, NumaRule::Pack);
        const auto packed = packing.Map(DrawAllocation(random, hosts, 2 * perHalf), {});

        const auto configuration =
            PortMapper(attachments).Map(DrawAllocation(random, hosts, 2 * perHalf), packed);

        for (const auto& [pair, difference] : HalfDifferences(configuration, attachments))
        {
            ASSERT_LE(std::abs(difference), 1);
        }
    }
}

TEST(PortMapper, RefusesMoreCircuitsThanPortsAndTellsTheEndpoint)
{
    auto attachments = Attach(2, 3, 3);
    attachments.pop_back();
    try
    {
        PortMapper(attachments).Map(Allocate(2, std::vector<Circuit>(6, {0, 1})), {});
        FAIL() << "mapped more circuits than ports";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(), "endpoint 1 has 6 circuits: at most 5, its optical ports");
    }
}

TEST(PortMapper, RefusesASwitchPortWithTwoFibres)
{
    EXPECT_THROW(PortMapper({{0, 0, 0, 7}, {1, 0, 0, 7}}), std::invalid_argument);
}

TEST(PortMapper, RefusesAThirdHalf)
{
    EXPECT_THROW(PortMapper({{0, 0, 2, 0}}), std::invalid_argument);
}
