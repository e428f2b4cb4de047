/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLUID_NETWORK_H
#define FLUID_NETWORK_H

#include "end-times.h"
#include "max-min-solver.h"

#include "ns3/mixnet-units.h"

#include <boost/container/small_vector.hpp>
#include <limits>
#include <memory>
#include <queue>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Numbers of the resources that a flow crosses, each once.
using ResourceList = boost::container::small_vector<uint32_t, 8>;

/**
 * @ingroup mixnet-core
 * @brief Flows that share resources max-min fairly, as they come, end and are held up.
 *
 * Flows and resources are numbered by this object. What changes at an instant (flows, weights,
 * capacities) takes effect with the Solve() of that instant:
 *
 * 1. Where flows came, or weights, ways or capacities changed, find the connected components: flows
 *    that share a resource, directly or over others. A resource of infinite capacity joins nothing.
 *    Each of them is solved by itself (MaxMinSolver); all other flows keep their rate.
 * 2. A component that flows have only left goes on from its last solution, until half of its flows
 *    are gone; then it is found anew, perhaps in parts.
 * 3. Each component has one next end: the earliest of its flows.
 *
 * A flow ends at the first picosecond at which its last byte is over. With a tolerance, flows of
 * the same component end with it that would end later by at most that part of the longest one's
 * duration, as known at that time, and by at most LONGEST_SHARE times that part of their own.
 *
 * Guarantees: without a tolerance the rates are those of all flows solved together, within the
 * solver's tolerance; bytes added = bytes of ended flows + bytes taken out + bytes left + bytes
 * carried of flows under way; a change costs time in proportion to its component at most, and the
 * logarithm of the number of components; equal calls give equal results, bit by bit.
 *
 * Memory: a flow of up to 8 resources takes 160 bytes, and for each of them 8 in the resource's
 * list and about 12 in the solver.
 */
class FluidNetwork
{
  public:
    /// The end of what does not end.
    static constexpr Picoseconds NEVER = EndTimes::NEVER;

    /// Part of its own duration by which a flow may end early, in units of the tolerance.
    static constexpr double LONGEST_SHARE = 10;

    /**
     * @param tolerance Part of the longest flow's duration by which a flow may end early, from 0 to
     * 1.
     * @throws std::invalid_argument when it is not.
     */
    explicit FluidNetwork(double tolerance = 0);

    /**
     * @param capacity Bytes per second, at least zero; infinity for no limit.
     * @return number of the new resource, counted from 0.
     */
    uint32_t AddResource(double capacity);

    /// @param resource A resource. @param capacity As with AddResource().
    void SetCapacity(uint32_t resource, double capacity);

    /// @param resource A resource. @return its capacity, bytes per second.
    double Capacity(uint32_t resource) const;

    /**
     * @param now This instant; instants never go back.
     * @param resources What it crosses, each once.
     * @param weight How many flows it stands for, above zero.
     * @param bytes How many, at least zero.
     * @return number of the new flow; numbers of flows that are gone are used again.
     * @throws std::invalid_argument when there is no such resource or a value is out of range.
     */
    uint32_t AddFlow(Picoseconds now, const ResourceList& resources, double weight, double bytes);

    /**
     * @param flow A flow.
     * @param now This instant.
     * @return bytes that are left of it, which go with it.
     */
    double RemoveFlow(uint32_t flow, Picoseconds now);

    /// @param flow A flow. @param weight Its new weight, above zero.
    void SetWeight(uint32_t flow, double weight);

    /**
     * @brief Holds a flow up, or lets it go on; meanwhile it takes no part.
     * @param flow A flow.
     * @param held Whether it is held up.
     */
    void SetHeld(uint32_t flow, bool held);

    /// @param flow A flow. @param resources What it crosses from now on, each once.
    void SetResources(uint32_t flow, const ResourceList& resources);

    /**
     * @brief Has some of a flow carried again.
     * @param flow A flow.
     * @param bytes How many, at least zero; no more than it has carried are taken.
     * @param now This instant.
     * @return how many were taken.
     */
    double Repeat(uint32_t flow, double bytes, Picoseconds now);

    /// @param flow A flow. @param now This instant. @return bytes that are left of it.
    double Left(uint32_t flow, Picoseconds now) const;

    /// @param flow A flow. @return its rate since the last Solve(), bytes per second.
    double Rate(uint32_t flow) const;

    /// @return whether something has changed since the last Solve().
    bool HasChanged() const;

    /**
     * @brief Shares resources anew wherever something has changed.
     * @param now This instant.
     */
    void Solve(Picoseconds now);

    /// @return when the next flow ends, as solved last; NEVER when none does.
    Picoseconds NextEnd();

    /**
     * @brief Takes out the flows that are over.
     * @param now This instant; NextEnd() at the latest.
     * @return their numbers, ascending within a component.
     */
    std::vector<uint32_t> TakeEnded(Picoseconds now);

    /// @return flows that are there.
    size_t Size() const;

    /// @return crossings of flows and resources that have been solved so far, for measuring.
    uint64_t SolvedCrossings() const;

    /// @return flows that have ended earlier than their last byte would be over.
    uint64_t EarlyEnds() const;

  private:
    /// Part of a flow's bytes that computing in floating point may add or take.
    static constexpr double ROUNDING = 1e-14;
    /// Relative distance below which a rate stays as it was.
    static constexpr double SAME_RATE = 1e-12;
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a number
    /// Components of fewer flows are found anew when flows leave; they keep no solver.
    static constexpr size_t SMALL = 16;

    /// @brief A resource, as a flow sees it.
    struct Crossed
    {
        uint32_t resource; //!< which
        uint32_t place;    //!< of the flow in its list
    };

    /// @brief A flow.
    struct Flow
    {
        boost::container::small_vector<Crossed, 8> crossed; //!< what it crosses
        double weight;                                      //!< how many flows it stands for
        double bytes;                                       //!< how many there were
        double left;        //!< bytes left when the rate was set last
        double rate;        //!< bytes per second
        Picoseconds begin;  //!< when it was added
        Picoseconds since;  //!< when the rate was set last
        Picoseconds end;    //!< when it ends at this rate
        uint32_t component; //!< number of its component, or NONE
        uint32_t local;     //!< its number in that
        uint32_t visited;   //!< number of the last search that has met it
        bool exists;        //!< whether the number is in use
        bool held;          //!< whether it is held up
        bool changed;       //!< whether it is in m_changedFlows
    };

    /// @brief A crossing, as the resource sees it.
    struct Crossing
    {
        uint32_t flow;  //!< the flow
        uint32_t index; //!< index of the resource in the flow's list
    };

    /// @brief A resource.
    struct Resource
    {
        double capacity;             //!< bytes per second
        std::vector<Crossing> flows; //!< those that cross it and are not held up
        uint32_t visited;            //!< number of the last search that has met it
        uint32_t local;              //!< its number in the component being solved
        bool changed;                //!< whether it is in m_changedResources
    };

    /// @brief Flows that were solved together.
    struct Component
    {
        std::vector<uint32_t> flows;          //!< its flows by local number, some gone
        std::unique_ptr<MaxMinSolver> solver; //!< its last solution; none for a small one
        EndTimes ends;                        //!< of its flows
        Picoseconds begin;                    //!< the earliest of its flows' beginnings
        Picoseconds longest;                  //!< the latest end when it was found
        size_t gone{0};                       //!< flows that have left it
        uint64_t serial{0};                   //!< tells its solution from others of the same number
        bool changed{false};                  //!< whether it is in m_changedComponents
    };

    /// @brief The next end of a component.
    struct End
    {
        Picoseconds at;     //!< when
        uint64_t serial;    //!< of the component
        uint32_t component; //!< its number

        /// @param other Another. @return whether it is later; ties go to the older component.
        bool operator>(const End& other) const
        {
            return at != other.at ? at > other.at : serial > other.serial;
        }
    };

    /// @param flow A flow that is there. @return it.
    const Flow& At(uint32_t flow) const;

    /// @param resources Of a flow. @throws std::invalid_argument when there is no such resource.
    void CheckResources(const ResourceList& resources) const;

    /// @param flow A flow. @brief Remembers that its component is to be found anew.
    void MarkFlow(uint32_t flow);

    /// @param resource A resource. @brief Remembers that its component is to be found anew.
    void MarkResource(uint32_t resource);

    /// @param flow A flow. @brief Enters it into the lists of its resources.
    void Attach(uint32_t flow);

    /// @param flow A flow. @brief Takes it out of the lists of its resources.
    void Detach(uint32_t flow);

    /// @param flow A flow. @brief Takes it out of its component, which is to be solved again.
    void Leave(uint32_t flow);

    /// @param number A component. @brief Forgets it; its flows are in none.
    void Dissolve(uint32_t number);

    /// @param number A component that flows have left. @param now This instant.
    /// @brief Solves it again.
    void Continue(uint32_t number, Picoseconds now);

    /// @param flow First of a component. @param resource Or a resource of it, or NONE.
    /// @param now This instant. @brief Finds and solves it.
    void SolveComponent(uint32_t flow, uint32_t resource, Picoseconds now);

    /// @param flow First of a component. @param resource Or a resource of it, or NONE.
    /// @return its crossings; m_foundFlows and m_foundResources are set.
    size_t Find(uint32_t flow, uint32_t resource);

    /// @param solver Gets what was found.
    void Load(MaxMinSolver& solver) const;

    /// @return number of a new component of what was found.
    uint32_t NewComponent();

    /// @param flow A flow. @brief Adds it to the component being found.
    void Visit(uint32_t flow);

    /// @param resource A resource. @brief Adds it, and its flows, to the component being found.
    void VisitResource(uint32_t resource);

    /// @param number A component. @brief Notes its next end in place of what was noted.
    void NoteEnd(uint32_t number);

    /// @param component Of a flow. @param flow The flow. @param now This instant.
    /// @return whether it may end now, within the tolerance.
    bool MayEnd(const Component& component, const Flow& flow, Picoseconds now) const;

    /// @param flow A flow. @param rate From now on. @param now This instant.
    static void SetRate(Flow& flow, double rate, Picoseconds now);

    double m_tolerance;                        //!< part of its duration a flow may end early
    std::vector<Flow> m_flows;                 //!< by number
    std::vector<uint32_t> m_freeFlows;         //!< numbers to use again
    std::vector<Resource> m_resources;         //!< by number
    std::vector<Component> m_components;       //!< by number
    std::vector<uint32_t> m_freeComponents;    //!< numbers to use again
    std::vector<uint32_t> m_changedFlows;      //!< since the last solution
    std::vector<uint32_t> m_changedResources;  //!< since the last solution
    std::vector<uint32_t> m_changedComponents; //!< that flows have left since then
    std::vector<uint32_t> m_orphans;           //!< flows whose component was dissolved
    std::vector<std::unique_ptr<MaxMinSolver>> m_freeSolvers; //!< to use again, memory and all
    std::priority_queue<End, std::vector<End>, std::greater<>> m_ends; //!< of components, and old
    uint32_t m_search{0};          //!< number of the last search
    uint64_t m_serial{0};          //!< of the last solution of a component
    uint64_t m_solvedCrossings{0}; //!< for measuring
    uint64_t m_earlyEnds{0};       //!< for measuring
    size_t m_size{0};              //!< flows that are there

    // Of the component being solved
    std::vector<uint32_t> m_foundFlows;     //!< its flows
    std::vector<uint32_t> m_foundResources; //!< its resources
    MaxMinSolver m_solver;                  //!< solves small ones
};

} // namespace mixnetcore

#endif // FLUID_NETWORK_H
