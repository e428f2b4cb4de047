/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLUID_NETWORK_H
#define FLUID_NETWORK_H

#include "max-min-solver.h"

#include "ns3/mixnet-units.h"

#include <limits>
#include <queue>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Flows that share resources max-min fairly, as they come, end and are held up.
 *
 * Flows and resources are numbered by this object. What changes at an instant (flows, weights,
 * capacities) takes effect with the Solve() of that instant:
 *
 * 1. From what has changed, find the connected components: flows that share a resource, directly or
 *    over others. A resource of infinite capacity joins nothing.
 * 2. Solve each of them by itself (MaxMinSolver); all other flows keep their rate.
 * 3. Each component has one next end: the earliest of its flows.
 *
 * A flow ends at the first picosecond at which its last byte is over. With a tolerance, flows of
 * the same component that end at most that part of their own duration later end with it.
 *
 * Guarantees: without a tolerance the rates are those of all flows solved together, within the
 * solver's tolerance; bytes added = bytes of ended flows + bytes taken out + bytes left + bytes
 * carried of flows under way; a change costs time in proportion to its component, and the logarithm
 * of the number of components; equal calls give equal results, bit by bit.
 */
class FluidNetwork
{
  public:
    /// The end of what does not end.
    static constexpr Picoseconds NEVER = Picoseconds::max();

    /**
     * @param tolerance Part of its duration by which a flow may end early, from 0 to 1.
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
    uint32_t AddFlow(Picoseconds now, std::vector<uint32_t> resources, double weight, double bytes);

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
    void SetResources(uint32_t flow, std::vector<uint32_t> resources);

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
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a number

    /// @brief A flow.
    struct Flow
    {
        std::vector<uint32_t> resources; //!< what it crosses
        std::vector<uint32_t> places;    //!< its place in the list of each of them
        double weight;                   //!< how many flows it stands for
        double bytes;                    //!< how many there were
        double left;                     //!< bytes left when the rate was set last
        double rate;                     //!< bytes per second
        Picoseconds begin;               //!< when it was added
        Picoseconds since;               //!< when the rate was set last
        Picoseconds end;                 //!< when it ends at this rate
        uint32_t component;              //!< number of its component, or NONE
        uint64_t visited;                //!< number of the last search that has met it
        bool exists;                     //!< whether the number is in use
        bool held;                       //!< whether it is held up
        bool changed;                    //!< whether it is in m_changedFlows
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
        uint64_t visited;            //!< number of the last search that has met it
        uint32_t local;              //!< its number in the component being solved
        bool changed;                //!< whether it is in m_changedResources
    };

    /// @brief Flows that were solved together.
    struct Component
    {
        std::vector<uint32_t> flows; //!< its flows
        Picoseconds end;             //!< the earliest of their ends
        uint64_t serial;             //!< tells it from others of the same number
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

    /// @param flow A flow. @brief Remembers that its component is to be solved.
    void MarkFlow(uint32_t flow);

    /// @param resource A resource. @brief Remembers that its component is to be solved.
    void MarkResource(uint32_t resource);

    /// @param flow A flow. @brief Enters it into the lists of its resources.
    void Attach(uint32_t flow);

    /// @param flow A flow. @brief Takes it out of the lists of its resources.
    void Detach(uint32_t flow);

    /// @param number A component. @brief Forgets it; its flows are in none.
    void Dissolve(uint32_t number);

    /// @param flow First of a component. @param resource Or a resource of it, or NONE.
    /// @param now This instant. @brief Finds and solves it.
    void SolveComponent(uint32_t flow, uint32_t resource, Picoseconds now);

    /// @param flow A flow. @brief Adds it to the component being found.
    void Visit(uint32_t flow);

    /// @param resource A resource. @brief Adds it, and its flows, to the component being found.
    void VisitResource(uint32_t resource);

    /// @param flow A flow. @param rate From now on. @param now This instant.
    static void SetRate(Flow& flow, double rate, Picoseconds now);

    double m_tolerance;                       //!< part of its duration a flow may end early
    std::vector<Flow> m_flows;                //!< by number
    std::vector<uint32_t> m_freeFlows;        //!< numbers to use again
    std::vector<Resource> m_resources;        //!< by number
    std::vector<Component> m_components;      //!< by number
    std::vector<uint32_t> m_freeComponents;   //!< numbers to use again
    std::vector<uint32_t> m_changedFlows;     //!< since the last solution
    std::vector<uint32_t> m_changedResources; //!< since the last solution
    std::priority_queue<End, std::vector<End>, std::greater<>> m_ends; //!< of components, and old
    uint64_t m_search{0};          //!< number of the last search
    uint64_t m_serial{0};          //!< of the last component
    uint64_t m_solvedCrossings{0}; //!< for measuring
    uint64_t m_earlyEnds{0};       //!< for measuring
    size_t m_size{0};              //!< flows that are there

    // Of the component being solved
    std::vector<uint32_t> m_foundFlows;     //!< its flows
    std::vector<uint32_t> m_foundResources; //!< its resources
    std::vector<double> m_capacities;       //!< of its resources
    std::vector<FlowDemand> m_demands;      //!< its flows as the solver sees them
    std::vector<double> m_rates;            //!< what the solver gives
    MaxMinSolver m_solver;                  //!< shares resources
};

} // namespace mixnetcore

#endif // FLUID_NETWORK_H
