/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "greedy-circuit-allocator.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <queue>
#include <tuple>

namespace mixnetcore
{

namespace
{

__extension__ using Wide = unsigned __int128; //!< holds a demand times a number of circuits

/// Ports that two endpoints have left: of the one that has fewer, and of both together.
using PortsLeft = std::pair<uint32_t, uint64_t>;

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

/// The ports that endpoints have left.
class FreePorts
{
  public:
    /// @param endpoints Who has how many.
    explicit FreePorts(const std::vector<EndpointPorts>& endpoints)
    {
        for (const auto& endpoint : endpoints)
        {
            m_byPlane.push_back(endpoint.opticalPorts);
            m_all.push_back(std::accumulate(endpoint.opticalPorts.begin(),
                                            endpoint.opticalPorts.end(),
                                            uint32_t{0}));
        }
    }

    /// @param pair Two endpoints. @return ports that they have left, in all planes.
    PortsLeft Of(const Pair& pair) const
    {
        const uint64_t low = m_all[pair.low];
        const uint64_t high = m_all[pair.high];
        return {static_cast<uint32_t>(std::min(low, high)), low + high};
    }

    /// @param pair Two endpoints. @return plane in which a circuit may join them: of several, that
    /// in which the poorer has most ports left, then the lowest; none when there is none.
    std::optional<size_t> PlaneFor(const Pair& pair) const
    {
        std::optional<size_t> best;
        uint32_t most = 0;
        for (size_t plane = 0; plane < m_byPlane[pair.low].size(); ++plane)
        {
            const auto ports = std::min(m_byPlane[pair.low][plane], m_byPlane[pair.high][plane]);
            if (ports > most)
            {
                best = plane;
                most = ports;
            }
        }
        return best;
    }

    /// @param pair Two endpoints that a circuit joins. @param plane In which plane.
    void Take(const Pair& pair, size_t plane)
    {
        for (const auto endpoint : {pair.low, pair.high})
        {
            --m_byPlane[endpoint][plane];
            --m_all[endpoint];
        }
    }

  private:
    std::vector<std::vector<uint32_t>> m_byPlane; //!< by endpoint and plane
    std::vector<uint32_t> m_all;                  //!< by endpoint
};

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

CircuitChoice
GreedyCircuitAllocator::Choose(const AllocationContext& context) const
{
    context.Check();
    CircuitChoice choice{{context.Planes(), CircuitAllocation(context.endpoints.size())}};
    FreePorts freePorts(context.endpoints);
    const auto portsOf = [this, &freePorts](const Pair& pair) {
        return m_tieRule == TieRule::Demand ? PortsLeft{} : freePorts.Of(pair);
    };
    auto waiting = PairsWithDemand(context.demand);
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
        else if (const auto plane = freePorts.PlaneFor(slowest))
        {
            choice.planes[*plane].Join(slowest.low, slowest.high);
            freePorts.Take(slowest, *plane);
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
    return choice;
}

} // namespace mixnetcore
