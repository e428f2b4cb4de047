/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "greedy-circuit-allocator.h"

#include <queue>
#include <stdexcept>
#include <string>
#include <tuple>

namespace mixnetcore
{

namespace
{

__extension__ using Wide = unsigned __int128; //!< holds a demand times a number of circuits

/// Two endpoints and what they have to exchange.
struct Pair
{
    size_t low;           //!< endpoint with the lower index
    size_t high;          //!< endpoint with the higher index
    Wide demand;          //!< bytes in both directions together
    uint32_t circuits{0}; //!< circuits so far
};

/// Orders pairs so that a priority queue serves the slowest first.
struct IsServedLater
{
    /**
     * @param a A pair.
     * @param b Another pair.
     * @return whether b comes before a.
     */
    bool operator()(const Pair& a, const Pair& b) const
    {
        // a.demand / a.circuits against b.demand / b.circuits, multiplied out. No circuits on one
        // side only makes that side infinite; none on both sides makes both products zero: a tie.
        const Wide timeOfA = a.demand * b.circuits;
        const Wide timeOfB = b.demand * a.circuits;
        if (timeOfA != timeOfB)
        {
            return timeOfA < timeOfB;
        }
        return std::tie(a.demand, b.low, b.high) < std::tie(b.demand, a.low, a.high);
    }
};

/// Pairs, the one to be served next on top.
using PairQueue = std::priority_queue<Pair, std::vector<Pair>, IsServedLater>;

/**
 * @param demand Bytes between endpoints.
 * @param opticalPorts Ports of each endpoint.
 * @throws std::invalid_argument when the sizes do not fit.
 */
void
CheckSizes(const DemandMatrix& demand, const std::vector<uint32_t>& opticalPorts)
{
    if (demand.Rows() != demand.Columns() || demand.Rows() != opticalPorts.size())
    {
        throw std::invalid_argument("demand is " + std::to_string(demand.Rows()) + " x " +
                                    std::to_string(demand.Columns()) +
                                    ": it must be square, with one row for each of the " +
                                    std::to_string(opticalPorts.size()) + " endpoints");
    }
}

/**
 * @param demand Bytes between endpoints.
 * @return the pairs that have something to exchange, without circuits, the first to serve on top.
 */
PairQueue
PairsWithDemand(const DemandMatrix& demand)
{
    std::vector<Pair> pairs;
    for (size_t low = 0; low < demand.Rows(); ++low)
    {
        for (size_t high = low + 1; high < demand.Rows(); ++high)
        {
            const Wide both = Wide{demand.At(low, high).Count()} + demand.At(high, low).Count();
            if (both > 0)
            {
                pairs.push_back({low, high, both});
            }
        }
    }
    return PairQueue(IsServedLater(), std::move(pairs));
}

} // namespace

GreedyCircuitAllocator::GreedyCircuitAllocator(StopRule stopRule)
    : m_stopRule(stopRule)
{
}

CircuitAllocation
GreedyCircuitAllocator::Allocate(const DemandMatrix& demand,
                                 const std::vector<uint32_t>& opticalPorts) const
{
    CheckSizes(demand, opticalPorts);
    CircuitAllocation allocation(opticalPorts.size());
    auto freePorts = opticalPorts;
    auto pairs = PairsWithDemand(demand);
    while (!pairs.empty())
    {
        auto slowest = pairs.top();
        pairs.pop();
        if (freePorts[slowest.low] > 0 && freePorts[slowest.high] > 0)
        {
            allocation.Join(slowest.low, slowest.high);
            --freePorts[slowest.low];
            --freePorts[slowest.high];
            ++slowest.circuits;
            pairs.push(slowest);
        }
        else if (m_stopRule == StopRule::FirstFailure)
        {
            break;
        }
        // An exhausted pair is not put back: ports never become free again.
    }
    return allocation;
}

} // namespace mixnetcore
