/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/max-min-rates.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <numeric>
#include <random>
#include <stdexcept>

using namespace mixnetcore;
using namespace mixnetcore::tests;

namespace
{

constexpr double NO_LIMIT = std::numeric_limits<double>::infinity();

/// Relative error allowed where levels have been merged or sums rounded.
constexpr double ROUNDING = 1e-8;

/// A problem drawn at random.
struct Problem
{
    std::vector<double> capacities; //!< some equal, some zero, some infinite
    std::vector<FlowDemand> flows;  //!< some without resources
};

Problem
DrawProblem(std::mt19937& random, uint32_t mostResources, uint32_t mostFlows)
{
    Problem problem;
    for (auto r = random() % (mostResources + 1); r-- > 0;)
    {
        const auto kind = random() % 20;
        problem.capacities.push_back(kind == 0   ? 0
                                     : kind == 1 ? NO_LIMIT
                                     : kind < 10 ? 1 + random() % 4
                                                 : 1 + random() * 1e-7);
    }
    for (auto f = random() % (mostFlows + 1); f-- > 0;)
    {
        FlowDemand flow;
        for (uint32_t r = 0; r < problem.capacities.size(); ++r)
        {
            if (random() % problem.capacities.size() < 3)
            {
                flow.resources.push_back(r);
            }
        }
        flow.weight = random() % 2 ? 1 : 0.1 * (1 + random() % 40);
        flow.cap = random() % 4 ? NO_LIMIT : 0.25 * (1 + random() % 8);
        problem.flows.push_back(flow);
    }
    return problem;
}

/// Progressive filling as written down: sums afresh for every level, one resource at a time.
std::vector<double>
FillStepByStep(const Problem& problem)
{
    std::vector<double> rates(problem.flows.size(), NO_LIMIT);
    while (true)
    {
        auto left = problem.capacities;
        std::vector<double> growing(left.size());
        for (size_t f = 0; f < rates.size(); ++f)
        {
            for (const auto r : problem.flows[f].resources)
            {
                (rates[f] < NO_LIMIT ? left : growing)[r] +=
                    rates[f] < NO_LIMIT ? -rates[f] : problem.flows[f].weight;
            }
        }
        size_t full = left.size();
        for (size_t r = 0; r < left.size(); ++r)
        {
            if (growing[r] > 0 && left[r] < NO_LIMIT &&
                (full == left.size() || left[r] / growing[r] < left[full] / growing[full]))
            {
                full = r;
            }
        }
        // A flow at its cap grows no further.
        double level = full < left.size() ? std::max(0.0, left[full] / growing[full]) : NO_LIMIT;
        size_t capped = rates.size();
        for (size_t f = 0; f < rates.size(); ++f)
        {
            const auto& flow = problem.flows[f];
            if (rates[f] == NO_LIMIT && flow.cap / flow.weight < level)
            {
                level = flow.cap / flow.weight;
                capped = f;
            }
        }
        if (capped < rates.size())
        {
            rates[capped] = problem.flows[capped].cap;
            continue;
        }
        if (full == left.size())
        {
            return rates;
        }
        for (size_t f = 0; f < rates.size(); ++f)
        {
            const auto& [resources, weight, cap] = problem.flows[f];
            if (rates[f] == NO_LIMIT &&
                std::find(resources.begin(), resources.end(), full) != resources.end())
            {
                rates[f] = weight * level;
            }
        }
    }
}

/// @return sum of the rates across each resource.
std::vector<double>
Loads(const Problem& problem, const std::vector<double>& rates)
{
    std::vector<double> loads(problem.capacities.size());
    for (size_t f = 0; f < rates.size(); ++f)
    {
        for (const auto r : problem.flows[f].resources)
        {
            loads[r] += rates[f];
        }
    }
    return loads;
}

/// @return whether a flow is at its cap, or crosses a full resource on which no flow has more per
/// weight.
bool
HasBottleneck(const Problem& problem, const std::vector<double>& rates, size_t flow)
{
    const auto loads = Loads(problem, rates);
    const auto& mine = problem.flows[flow];
    if (rates[flow] >= mine.cap * (1 - ROUNDING))
    {
        return true;
    }
    return std::any_of(mine.resources.begin(), mine.resources.end(), [&](uint32_t r) {
        if (loads[r] < problem.capacities[r] * (1 - ROUNDING))
        {
            return false;
        }
        for (size_t f = 0; f < rates.size(); ++f)
        {
            const auto& [resources, weight, cap] = problem.flows[f];
            if (std::find(resources.begin(), resources.end(), r) != resources.end() &&
                rates[f] / weight > rates[flow] / mine.weight * (1 + ROUNDING))
            {
                return false;
            }
        }
        return true;
    });
}

bool
CrossesFiniteResource(const Problem& problem, size_t flow)
{
    const auto& resources = problem.flows[flow].resources;
    return std::any_of(resources.begin(), resources.end(), [&](uint32_t r) {
        return problem.capacities[r] < NO_LIMIT;
    });
}

} // namespace

TEST(MaxMinSolver, HasNoRatesWithoutFlows)
{
    EXPECT_TRUE(MaxMinRates({}, {}).empty());
    EXPECT_TRUE(MaxMinRates({1, 2}, {}).empty());
}

TEST(MaxMinSolver, GivesASingleFlowTheSmallestCapacityOnItsWay)
{
    EXPECT_EQ(MaxMinRates({5, 3, 4}, {{{0, 1, 2}}}), (std::vector<double>{3}));
}

TEST(MaxMinSolver, SharesAResourceEvenly)
{
    EXPECT_EQ(MaxMinRates({12}, {{{0}}, {{0}}, {{0}}}), (std::vector<double>{4, 4, 4}));
}

TEST(MaxMinSolver, SharesAResourceByWeight)
{
    // Weights 1 + 3 share 12: 3 and 9.
    EXPECT_EQ(MaxMinRates({12}, {{{0}, 1}, {{0}, 3}}), (std::vector<double>{3, 9}));
}

TEST(MaxMinSolver, GivesAFlowOfWeightThreeWhatThreeFlowsGet)
{
    const auto one = MaxMinRates({12, 5}, {{{0}, 3}, {{0, 1}, 2}, {{1}, 1}});
    const auto many = MaxMinRates({12, 5}, {{{0}}, {{0}}, {{0}}, {{0, 1}}, {{0, 1}}, {{1}}});

    EXPECT_DOUBLE_EQ(one[0], many[0] + many[1] + many[2]);
    EXPECT_DOUBLE_EQ(one[1], many[3] + many[4]);
    EXPECT_DOUBLE_EQ(one[2], many[5]);
}

TEST(MaxMinSolver, LeavesWhatABottleneckedFlowCannotUseToTheOthers)
{
    // Resource 1 (2) holds flows 0 and 1 at 1 each; flow 2 gets the other 9 of resource 0 (10).
    EXPECT_EQ(MaxMinRates({10, 2}, {{{0, 1}}, {{1}}, {{0}}}), (std::vector<double>{1, 1, 9}));
}

TEST(MaxMinSolver, FillsLevelAfterLevel)
{
    // Flow k crosses resources 0 and k + 1 of capacity 1, 2, 3; resource 0 has 9: 1 + 2 + 3 fit,
    // the fourth flow, free otherwise, takes the other 3.
    EXPECT_EQ(MaxMinRates({9, 1, 2, 3}, {{{0, 1}}, {{0, 2}}, {{0, 3}}, {{0}}}),
              (std::vector<double>{1, 2, 3, 3}));
}

TEST(MaxMinSolver, FillsACrossbarOfEqualPortsAtOnce)
{
    // 8 senders to 8 receivers, all pairs but the diagonal: 1/7 of a port each.
    std::vector<FlowDemand> flows;
    for (uint32_t from = 0; from < 8; ++from)
    {
        for (uint32_t to = 0; to < 8; ++to)
        {
            if (from != to)
            {
                flows.push_back({{from, 8 + to}});
            }
        }
    }

    const auto rates = MaxMinRates(std::vector<double>(16, 450e9), flows);

    EXPECT_EQ(rates, std::vector<double>(56, 450e9 / 7));
}

TEST(MaxMinSolver, GivesEqualFlowsEqualRatesDespiteRounding)
{
    // Two flows held at 0.1 and 0.3 leave 1.6 of resource 0 to flows 2 and 3, as much as resource
    // 1 has for flows 4 and 5; but in doubles 2 - 0.1 - 0.3 is less than 1.6.
    const auto rates =
        MaxMinRates({2, 1.6, 0.1, 0.3}, {{{0, 2}}, {{0, 3}}, {{0}}, {{0}}, {{1}}, {{1}}});

    ASSERT_LT(2 - 0.1 - 0.3, 1.6);
    EXPECT_DOUBLE_EQ(rates[2], 0.8);
    EXPECT_EQ(rates[2], rates[3]);
    EXPECT_EQ(rates[2], rates[4]);
    EXPECT_EQ(rates[4], rates[5]);
}

TEST(MaxMinSolver, KeepsApartLevelsThatDiffer)
{
    // 1 and 1 + 1e-6: well beyond the tolerance.
    EXPECT_EQ(MaxMinRates({1, 1 + 1e-6}, {{{0}}, {{1}}}), (std::vector<double>{1, 1 + 1e-6}));
}

TEST(MaxMinSolver, GivesNothingAcrossAResourceOfZeroCapacity)
{
    EXPECT_EQ(MaxMinRates({0, 6}, {{{0, 1}}, {{0}}, {{1}}}), (std::vector<double>{0, 0, 6}));
}

TEST(MaxMinSolver, IsUnboundedWithoutResourcesAndOnInfiniteOnes)
{
    EXPECT_EQ(MaxMinRates({NO_LIMIT, 4}, {{{}}, {{0}}, {{0, 1}}}),
              (std::vector<double>{NO_LIMIT, NO_LIMIT, 4}));
}

TEST(MaxMinSolver, StopsAFlowAtItsCapAndLeavesTheRestToOthers)
{
    // Of 12, a cap of 2 leaves 10 to one other, or 5 each to two; a cap above the share is none.
    EXPECT_EQ(MaxMinRates({12}, {{{0}, 1, 2}, {{0}}}), (std::vector<double>{2, 10}));
    EXPECT_EQ(MaxMinRates({12}, {{{0}}, {{0}, 1, 2}, {{0}}}), (std::vector<double>{5, 2, 5}));
    EXPECT_EQ(MaxMinRates({12}, {{{0}, 1, 7}, {{0}}}), (std::vector<double>{6, 6}));
    EXPECT_EQ(MaxMinRates({12}, {{{0}, 3, 6}, {{0}, 1}}), (std::vector<double>{6, 6}));
    EXPECT_EQ(MaxMinRates({}, {{{}, 1, 3}}), (std::vector<double>{3})) << "crosses nothing";
}

TEST(MaxMinSolver, LeavesUnusedResourcesAlone)
{
    EXPECT_EQ(MaxMinRates({7, 0, 3}, {{{2}}}), (std::vector<double>{3}));
}

TEST(MaxMinSolver, SurvivesWeightsFarApart)
{
    // Resource 1 holds flow 0 at 1, so that 2 of the 3 of resource 0 are left for flow 1. The sum
    // of the weights there, 1e18 + 1, is 1e18 in doubles.
    const auto rates = MaxMinRates({3, 1}, {{{0, 1}, 1e18}, {{0}, 1}});

    EXPECT_DOUBLE_EQ(rates[0], 1);
    EXPECT_DOUBLE_EQ(rates[1], 2);
}

TEST(MaxMinSolver, EqualsFillingStepByStep)
{
    std::mt19937 random(8);
    for (int run = 0; run < 20000; ++run)
    {
        const auto problem = DrawProblem(random, 12, 30);
        const auto rates = MaxMinRates(problem.capacities, problem.flows);
        const auto expected = FillStepByStep(problem);
        for (size_t f = 0; f < rates.size(); ++f)
        {
            if (expected[f] == NO_LIMIT)
            {
                ASSERT_EQ(rates[f], NO_LIMIT);
            }
            else
            {
                ASSERT_NEAR(rates[f], expected[f], ROUNDING * std::max(1.0, expected[f]));
            }
        }
    }
}

TEST(MaxMinSolver, NeverExceedsACapacityAndGivesEveryFlowABottleneck)
{
    std::mt19937 random(9);
    for (int run = 0; run < 2000; ++run)
    {
        const auto problem = DrawProblem(random, 20, 60);
        const auto rates = MaxMinRates(problem.capacities, problem.flows);
        const auto loads = Loads(problem, rates);
        for (size_t r = 0; r < loads.size(); ++r)
        {
            ASSERT_LE(loads[r], problem.capacities[r] * (1 + ROUNDING));
        }
        for (size_t f = 0; f < rates.size(); ++f)
        {
            ASSERT_GE(rates[f], 0);
            ASSERT_EQ(rates[f] < NO_LIMIT,
                      CrossesFiniteResource(problem, f) || problem.flows[f].cap < NO_LIMIT);
            ASSERT_LE(rates[f], problem.flows[f].cap);
            ASSERT_TRUE(rates[f] == NO_LIMIT || HasBottleneck(problem, rates, f));
        }
    }
}

TEST(MaxMinSolver, SharesAnewWhenCapacitiesChange)
{
    std::mt19937 random(11);
    for (int run = 0; run < 100; ++run)
    {
        const auto problem = DrawProblem(random, 12, 30);
        MaxMinSolver solver;
        for (size_t resource = 0; resource < problem.capacities.size(); ++resource)
        {
            solver.AddResource(1);
        }
        for (const auto& flow : problem.flows)
        {
            const auto number = solver.AddFlow(flow.weight, flow.cap);
            ASSERT_EQ(number, &flow - problem.flows.data());
            for (const auto resource : flow.resources)
            {
                solver.Cross(resource);
            }
        }
        solver.Solve(); // and again with others
        for (uint32_t resource = 0; resource < problem.capacities.size(); ++resource)
        {
            solver.SetCapacity(resource, problem.capacities[resource]);
        }
        solver.Solve();
        const auto expected = MaxMinRates(problem.capacities, problem.flows);
        for (uint32_t f = 0; f < expected.size(); ++f)
        {
            ASSERT_EQ(solver.Rate(f), expected[f]);
        }
    }
    MaxMinSolver solver;
    EXPECT_THROW(solver.AddFlow(0), std::invalid_argument);
    EXPECT_EQ(solver.AddFlow(1), 0U);
    EXPECT_THROW(solver.Cross(0), std::invalid_argument);
    solver.AddResource(1);
    EXPECT_THROW(solver.SetCapacity(0, -1), std::invalid_argument);
}

TEST(MaxMinSolver, GrowsWithTheUnit)
{
    // In another unit, a power of two so that nothing rounds differently.
    std::mt19937 random(10);
    for (int run = 0; run < 200; ++run)
    {
        auto problem = DrawProblem(random, 12, 30);
        auto expected = MaxMinRates(problem.capacities, problem.flows);
        for (auto* values : {&problem.capacities, &expected})
        {
            for (auto& value : *values)
            {
                value *= 1024;
            }
        }
        for (auto& flow : problem.flows)
        {
            flow.cap *= 1024;
        }
        ASSERT_EQ(MaxMinRates(problem.capacities, problem.flows), expected);
    }
}

TEST(MaxMinSolver, TellsTheBottleneckOfEachFlowAndWhatIsLeft)
{
    for (uint32_t seed = 0; seed < 150; ++seed)
    {
        std::mt19937 random(seed);
        const auto problem = DrawProblem(random, 20, 120);
        MaxMinSolver solver;
        MaxMinRates(solver, problem.capacities, problem.flows);
        std::vector<double> used(problem.capacities.size());
        std::vector<double> highest(problem.capacities.size());
        for (uint32_t f = 0; f < problem.flows.size(); ++f)
        {
            ASSERT_EQ(solver.Rate(f), solver.Level(f) * problem.flows[f].weight);
            for (const auto r : problem.flows[f].resources)
            {
                used[r] += solver.Rate(f);
                highest[r] = std::max(highest[r], solver.Level(f));
            }
        }
        for (uint32_t r = 0; r < problem.capacities.size(); ++r)
        {
            const double capacity = problem.capacities[r];
            if (capacity < NO_LIMIT)
            {
                ASSERT_NEAR(solver.Left(r), capacity - used[r], ROUNDING * capacity) << seed;
                ASSERT_EQ(solver.Highest(r), highest[r]) << seed;
            }
        }
        for (uint32_t f = 0; f < problem.flows.size(); ++f)
        {
            const auto r = solver.Bottleneck(f);
            if (r == MaxMinSolver::NONE)
            {
                ASSERT_GE(solver.Rate(f), problem.flows[f].cap * (1 - ROUNDING)) << seed;
                continue;
            }
            const auto& crossed = problem.flows[f].resources;
            ASSERT_EQ(std::count(crossed.begin(), crossed.end(), r), 1) << seed;
            ASSERT_TRUE(solver.IsBottleneck(r)) << seed;
            ASSERT_LE(solver.Left(r), ROUNDING * problem.capacities[r]) << seed;
            ASSERT_EQ(solver.Level(f), highest[r]) << seed;
        }
    }
}

TEST(MaxMinSolver, DoesNotRememberThePreviousProblem)
{
    std::mt19937 random(11);
    MaxMinSolver solver;
    for (int run = 0; run < 500; ++run)
    {
        const auto problem = DrawProblem(random, 12, 30);
        ASSERT_EQ(MaxMinRates(solver, problem.capacities, problem.flows),
                  MaxMinRates(problem.capacities, problem.flows));
    }
}

TEST(MaxMinSolver, RefusesResourcesThatDoNotExist)
{
    EXPECT_THROW(MaxMinRates({1}, {{{1}}}), std::invalid_argument);
    EXPECT_THROW(MaxMinRates({}, {{{0}}}), std::invalid_argument);
}

TEST(MaxMinSolver, RefusesCapacitiesThatAreNegativeOrNoNumbers)
{
    EXPECT_THROW(MaxMinRates({-1}, {}), std::invalid_argument);
    EXPECT_THROW(MaxMinRates({std::nan("")}, {}), std::invalid_argument);
}

TEST(MaxMinSolver, RefusesWeightsThatAreNotAboveZeroOrInfinite)
{
    for (const auto weight : {0.0, -1.0, std::nan(""), NO_LIMIT})
    {
        EXPECT_THROW(MaxMinRates({1}, {{{0}, weight}}), std::invalid_argument);
    }
}
