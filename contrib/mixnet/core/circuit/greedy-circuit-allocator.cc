/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "greedy-circuit-allocator.h"

#include <algorithm>
#include <queue>
#include <stdexcept>
#include <string>
#include <tuple>

namespace mixnetcore
{

namespace
{

__extension__ using Wide = unsigned __int128; //!< holds a demand times a number of circuits

/// Ports that two endpoints have left.
struct PortsLeft
{
    uint32_t poorer{0}; //!< of the endpoint that has fewer
    uint64_t sum{0};    //!< of both together

    /// @param other Ports of another pair. @return whether this pair has fewer.
    bool operator<(const PortsLeft& other) const
    {
        return std::tie(poorer, sum) < std::tie(other.poorer, other.sum);
    }

    /// @param other Ports of another pair. @return whether both pairs have as many.
    bool operator==(const PortsLeft& other) const
    {
        return poorer == other.poorer && sum == other.sum;
    }
};

/// Two endpoints and what they have to exchange.
struct Pair
{
    size_t low;           //!< endpoint with the lower index
    size_t high;          //!< endpoint with the higher index
    Wide demand;          //!< bytes in both directions together
    PortsLeft ports;      //!< where they decide a tie: when the pair was put into its queue
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
        return std::tie(a.ports, a.demand, b.low, b.high) <
               std::tie(b.ports, b.demand, a.low, a.high);
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
 * @return the pairs that have something to exchange, without circuits.
 */
std::vector<Pair>
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
                pairs.push_back({low, high, both, {}});
            }
        }
    }
    return pairs;
}

} // namespace

GreedyCircuitAllocator::GreedyCircuitAllocator(TieRule tieRule, StopRule stopRule)
    : m_tieRule(tieRule),
      m_stopRule(stopRule)
{
}

CircuitAllocation
GreedyCircuitAllocator::Allocate(const DemandMatrix& demand,
                                 const std::vector<uint32_t>& opticalPorts) const
{
    CheckSizes(demand, opticalPorts);
    CircuitAllocation allocation(opticalPorts.size());
    auto freePorts = opticalPorts;
    const auto portsOf = [this, &freePorts](const Pair& pair) {
        const uint64_t low = freePorts[pair.low];
        const uint64_t high = freePorts[pair.high];
        return m_tieRule == TieRule::Demand
                   ? PortsLeft{}
                   : PortsLeft{static_cast<uint32_t>(std::min(low, high)), low + high};
    };
    auto waiting = PairsWithDemand(demand);
    for (auto& pair : waiting)
    {
        pair.ports = portsOf(pair);
    }
    PairQueue pairs(IsServedLater(), std::move(waiting));
    while (!pairs.empty())
    {
        auto slowest = pairs.top();
        pairs.pop();
        if (const auto ports = portsOf(slowest); !(ports == slowest.ports))
        {
            // Others have taken ports since: pairs only fall behind, so this one may be put back.
            slowest.ports = ports;
            pairs.push(slowest);
        }
        else if (freePorts[slowest.low] > 0 && freePorts[slowest.high] > 0)
        {
            allocation.Join(slowest.low, slowest.high);
            --freePorts[slowest.low];
            --freePorts[slowest.high];
            ++slowest.circuits;
            slowest.ports = portsOf(slowest);
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
