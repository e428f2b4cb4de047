/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MAX_MIN_SOLVER_H
#define MAX_MIN_SOLVER_H

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Max-min fair rates by progressive filling.
 *
 * All rates grow together, in proportion to the weights, until a resource is full; the flows that
 * cross it keep their rate and the rest grows on. A flow may have a cap: it grows no further.
 *
 * Guarantees: no resource carries more than its capacity beyond rounding; every flow that crosses
 * at least one resource of finite capacity is at its cap, or crosses a full one on which no other
 * flow has a higher rate per weight; equal calls give equal rates, bit by bit. Resources that fill
 * up at levels closer together than TOLERANCE fill up at the lowest of these levels, so that what
 * is equal but for rounding stays equal; "full" and "higher" are meant within it.
 *
 * Takes O(I log I) for I crossings of flows and resources, if weights differ by less than a few
 * powers of ten. An object keeps its working memory: use one object for many problems.
 */
class MaxMinSolver
{
  public:
    /// Relative distance below which two filling levels are the same.
    static constexpr double TOLERANCE = 1e-10;
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of an index

    /// @brief Forgets resources and flows.
    void Clear();

    /**
     * @param capacity At least zero, in any unit; infinity for one that never fills up.
     * @return index of the new resource, counted from 0.
     * @throws std::invalid_argument when it is negative or not a number.
     */
    uint32_t AddResource(double capacity);

    /**
     * @param weight How many identical flows it stands for; above zero, finite.
     * @param cap Its rate at most, above zero; infinity for no limit of its own.
     * @return index of the new flow, which crosses nothing so far.
     * @throws std::invalid_argument when the weight is out of range.
     */
    uint32_t AddFlow(double weight, double cap = std::numeric_limits<double>::infinity());

    /// @param resource What the newest flow crosses, too; it did not so far.
    /// @throws std::invalid_argument when it does not exist.
    void Cross(uint32_t resource)
    {
        if (resource >= m_resources.size())
        {
            ThrowNoResource(resource);
        }
        m_crossings.push_back(resource);
        ++m_crossingsBegin.back();
    }

    /// @return crossings of flows and resources.
    size_t Crossings() const
    {
        return m_crossings.size();
    }

    /// @param resource A resource. @param capacity As with AddResource().
    /// @throws std::invalid_argument as AddResource().
    void SetCapacity(uint32_t resource, double capacity);

    /// @brief Shares the resources among the flows; anew if that was done before.
    void Solve();

    /**
     * @param flow A flow.
     * @return its rate in the unit of the capacities (for a weighted flow all its members
     * together); infinity when it crosses no resource of finite capacity, zero when it crosses one
     * of zero capacity.
     */
    double Rate(uint32_t flow) const
    {
        return m_levels[flow] * m_weights[flow];
    }

    /// @param flow A flow. @return its rate per weight.
    double Level(uint32_t flow) const
    {
        return m_levels[flow];
    }

    /// @param flow A flow. @return the resource that was full when its growth ended; NONE when
    /// that was its cap, or nothing.
    uint32_t Bottleneck(uint32_t flow) const
    {
        return m_bottlenecks[flow] == CAP ? NONE : m_bottlenecks[flow];
    }

    /// @param resource A resource. @return what the flows leave of its capacity, but for rounding.
    double Left(uint32_t resource) const
    {
        return m_resources[resource].left;
    }

    /// @param resource A resource. @return whether it was full when the growth of some flow ended.
    bool IsBottleneck(uint32_t resource) const
    {
        return m_resources[resource].isBottleneck;
    }

    /// @param resource A resource. @return the highest rate per weight of a flow that crosses it.
    double Highest(uint32_t resource) const
    {
        return m_resources[resource].highest;
    }

  private:
    static constexpr uint32_t CAP = NONE - 1; //!< as bottleneck: the flow's own cap

    /// The cap of a flow.
    struct Cap
    {
        double level;  //!< its rate per weight at most
        uint32_t flow; //!< which
    };

    /// A resource while it fills up.
    struct Resource
    {
        double capacity;     //!< what it carries at most
        double left;         //!< capacity that flows leave whose growth has ended
        double weight;       //!< sum over the flows that still grow
        double summedWeight; //!< the same when it was last summed up afresh
        uint32_t growing;    //!< number of flows that still grow
        uint32_t flowsBegin; //!< its first entry in m_flowsOf
        uint32_t flowsEnd;   //!< behind its last entry in m_flowsOf
        double highest;      //!< level of the last flow whose growth has ended
        bool isBottleneck;   //!< whether it ended the growth of any
    };

    /// What may end growth next; its level is a lower bound, since levels only rise.
    struct QueueEntry
    {
        double level;   //!< rate per weight at which it was going to
        uint32_t index; //!< of a resource; behind those, of a cap

        /// @param other Another. @return whether it comes later; ties go to the lower index.
        bool operator>(const QueueEntry& other) const
        {
            return level != other.level ? level > other.level : index > other.index;
        }
    };

    /// @param resource One that the newest flow crosses. @throws std::invalid_argument: there is
    /// none.
    [[noreturn]] void ThrowNoResource(uint32_t resource) const;

    /// @param resource A resource. @param capacity Of it. @throws std::invalid_argument when that
    /// is none.
    static void CheckCapacity(size_t resource, double capacity);

    /// @brief Has all flows grow from nothing.
    void Restart();

    /// @brief Lists the flows of each resource.
    void ListFlows();

    /// @brief Queues what may end growth.
    void FillQueue();

    /// @brief Fills what is queued.
    void Fill();

    /// @param index Of what is queued. @return whether it may still end the growth of a flow.
    bool IsGrowing(uint32_t index) const;

    /// @brief Moves the first of the queue to its place. @return whether that is another.
    bool SinkFirst();

    /// @param index Of what is queued. @return rate per weight at which it is going to end growth
    /// if nothing else does before.
    double LevelOf(uint32_t index);

    /// @param index Of what is queued. @param level Rate per weight reached. @brief Ends the growth
    /// of its flows.
    void Freeze(uint32_t index, double level);

    /// @param flow A flow that grows. @param level Rate per weight reached. @param bottleneck What
    /// ends its growth.
    void FreezeFlow(uint32_t flow, double level, uint32_t bottleneck);

    std::vector<Resource> m_resources;         //!< by index
    std::vector<uint32_t> m_crossings;         //!< resources, flow by flow
    std::vector<uint32_t> m_crossingsBegin{0}; //!< first entry of each flow, and the end
    std::vector<double> m_weights;             //!< by flow
    std::vector<Cap> m_caps;                   //!< of the flows that have one
    std::vector<double> m_levels;              //!< by flow
    std::vector<uint32_t> m_bottlenecks;       //!< by flow; NONE while it grows
    std::vector<uint32_t> m_flowsOf;           //!< flows, resource by resource
    std::vector<QueueEntry> m_queue;           //!< heap, the lowest (level, index) first
};

} // namespace mixnetcore

#endif // MAX_MIN_SOLVER_H
