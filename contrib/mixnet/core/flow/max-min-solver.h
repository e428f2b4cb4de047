/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MAX_MIN_SOLVER_H
#define MAX_MIN_SOLVER_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief One flow as the solver sees it.
 */
struct FlowDemand
{
    std::vector<uint32_t> resources; //!< indices of what it crosses, each at most once
    double weight{1.0};              //!< how many identical flows it stands for, above zero
};

/**
 * @ingroup mixnet-core
 * @brief Max-min fair rates by progressive filling.
 *
 * All rates grow together, in proportion to the weights, until a resource is full; the flows that
 * cross it keep their rate and the rest grows on.
 *
 * Guarantees: no resource carries more than its capacity beyond rounding; every flow that crosses
 * at least one resource of finite capacity crosses a full one on which no other flow has a higher
 * rate per weight; equal inputs give equal outputs, bit by bit. Resources that fill up at levels
 * (rate per weight) closer together than TOLERANCE fill up at the lowest of these levels, so that
 * what is equal but for rounding stays equal; "full" and "higher" are meant within it.
 *
 * Takes O(I log I) for I crossings of flows and resources, if weights differ by less than a few
 * powers of ten. An object keeps its working memory: use one object for many solutions.
 */
class MaxMinSolver
{
  public:
    /// Relative distance below which two filling levels are the same.
    static constexpr double TOLERANCE = 1e-10;

    /**
     * @param capacities Capacity of each resource, at least zero, in any unit; infinity for one
     * that never fills up.
     * @param flows The flows.
     * @param[out] rates Rate of each flow in the unit of the capacities (for a weighted flow all
     * its members together); infinity for a flow that crosses no resource of finite capacity, zero
     * for one that crosses a resource of zero capacity.
     * @throws std::invalid_argument when a resource does not exist, a capacity is negative or not a
     * number, or a weight is not above zero or infinite; rates are then unspecified.
     */
    void Solve(const std::vector<double>& capacities,
               const std::vector<FlowDemand>& flows,
               std::vector<double>& rates);

  private:
    /// A resource while it fills up.
    struct Resource
    {
        double left;         //!< capacity that frozen flows leave
        double weight;       //!< sum over the flows that still grow
        double summedWeight; //!< the same when it was last summed up afresh
        uint32_t growing;    //!< number of flows that still grow
        uint32_t flowsBegin; //!< its first entry in m_flowsOf
        uint32_t flowsEnd;   //!< behind its last entry in m_flowsOf
    };

    /// A resource in the queue; its level is a lower bound, since levels only rise.
    struct QueueEntry
    {
        double level;      //!< rate per weight at which it was going to fill up
        uint32_t resource; //!< which
    };

    /**
     * @param capacities Capacity of each resource.
     * @param flows The flows.
     * @throws std::invalid_argument as Solve().
     */
    void Load(const std::vector<double>& capacities, const std::vector<FlowDemand>& flows);

    /**
     * @brief Lists the flows of each resource.
     * @param flows The flows.
     */
    void ListFlows(const std::vector<FlowDemand>& flows);

    /// Queues every resource that can fill up.
    void FillQueue();

    /// @param entry A resource to put into the queue.
    void Enqueue(QueueEntry entry);

    /// @return the resource that may fill up next, taken out of the queue.
    QueueEntry TakeNext();

    /**
     * @param a An entry.
     * @param b Another entry.
     * @return whether a comes after b; ties go to the lower resource.
     */
    static bool IsLater(const QueueEntry& a, const QueueEntry& b);

    /**
     * @param index A resource with growing flows.
     * @param flows The flows.
     * @return rate per weight at which it is going to fill up if no other does before.
     */
    double Level(uint32_t index, const std::vector<FlowDemand>& flows);

    /**
     * @brief Ends the growth of all flows across a full resource.
     * @param index The resource.
     * @param level Rate per weight reached.
     * @param flows The flows.
     * @param rates Rate of each flow, infinite while it grows.
     */
    void Freeze(uint32_t index,
                double level,
                const std::vector<FlowDemand>& flows,
                std::vector<double>& rates);

    std::vector<Resource> m_resources; //!< in the order of the capacities
    std::vector<uint32_t> m_flowsOf;   //!< indices of flows, resource by resource
    std::vector<char> m_isGrowing;     //!< whether each flow still grows
    std::vector<QueueEntry> m_queue;   //!< heap, the lowest (level, resource) first
};

/**
 * @ingroup mixnet-core
 * @brief Max-min fair rates of a single problem.
 *
 * @param capacities As MaxMinSolver::Solve().
 * @param flows As MaxMinSolver::Solve().
 * @return rate of each flow, as MaxMinSolver::Solve().
 * @throws std::invalid_argument as MaxMinSolver::Solve().
 */
std::vector<double> MaxMinRates(const std::vector<double>& capacities,
                                const std::vector<FlowDemand>& flows);

} // namespace mixnetcore

#endif // MAX_MIN_SOLVER_H
