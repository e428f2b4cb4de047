/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLUID_NETWORK_H
#define FLUID_NETWORK_H

#include "end-times.h"
#include "fair-shares.h"

#include "ns3/mixnet-units.h"

#include <queue>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Flows that share resources max-min fairly, as they come, end and are held up.
 *
 * Flows and resources are numbered by this object. What changes at an instant (flows, weights,
 * capacities) takes effect with the Solve() of that instant: rates are found anew as far as the
 * changes reach (FairShares), all other flows keep theirs. Flows that share resources, directly or
 * over others, are a component (FlowComponents), and each component has one next end: the earliest
 * of its flows.
 *
 * A flow ends at the first picosecond at which its last byte is over. With a tolerance, flows of
 * the same component end with it that would end later by at most that part of the longest one's
 * duration, as known at that time, and by at most LONGEST_SHARE times that part of their own; and
 * what flows leave idle of a resource when they end is shared once it is more than IDLE_SHARE times
 * that part of it.
 *
 * Guarantees: without a tolerance the rates are those of all flows solved together, within the
 * solver's tolerance; bytes added = bytes of ended flows + bytes taken out + bytes left + bytes
 * carried of flows under way; flows that share nothing do not change each other's ends; equal calls
 * give equal results, bit by bit.
 *
 * Memory: a flow takes about 125 bytes, and 16 for each resource that it crosses.
 */
class FluidNetwork
{
  public:
    /// The end of what does not end.
    static constexpr Picoseconds NEVER = EndTimes::NEVER;

    /// Part of its own duration by which a flow may end early, in units of the tolerance.
    static constexpr double LONGEST_SHARE = 10;

    /// Part of a resource that may be idle before it is shared, in units of the tolerance.
    static constexpr double IDLE_SHARE = 5;

    /**
     * @param tolerance Part of the longest flow's duration by which a flow may end early, and for
     * what may be idle; from 0 to 1.
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

    /// @param flow A flow. @return what it crosses, in the order in which that was said.
    ResourceList ResourcesOf(uint32_t flow) const;

    /**
     * @brief Has some of a flow carried again.
     * @param flow A flow.
     * @param bytes How many, at least zero; no more than it has carried are taken.
     * @param now This instant.
     * @return how many were taken.
     */
    double Repeat(uint32_t flow, double bytes, Picoseconds now);

    /**
     * @brief Has some of a flow carried at once.
     * @param flow A flow.
     * @param bytes How many, at least zero.
     * @param keep Bytes that stay all the same, if that many are left.
     * @param now This instant.
     */
    void Advance(uint32_t flow, double bytes, double keep, Picoseconds now);

    /// @param flow A flow. @param now This instant. @return bytes that are left of it.
    double Left(uint32_t flow, Picoseconds now) const;

    /// @param flow A flow. @return its rate since the last Solve(), bytes per second.
    double Rate(uint32_t flow) const;

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
     * @return their numbers, component by component; valid until the next call.
     */
    std::vector<uint32_t>& TakeEnded(Picoseconds now);

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
    static constexpr uint32_t NONE = FlowComponents::NONE; //!< in place of a number
    static constexpr size_t CACHE_LINE = 64;               //!< bytes

    /// @brief A flow; all of it is looked at when its rate changes.
    struct alignas(CACHE_LINE) Flow
    {
        double bytes;       //!< how many there were
        double left;        //!< bytes left when the rate was set last
        double rate;        //!< bytes per second
        Picoseconds begin;  //!< when it was added
        Picoseconds since;  //!< when the rate was set last
        Picoseconds end;    //!< when it ends at this rate
        double weight;      //!< how many flows it stands for
        bool exists{false}; //!< whether the number is in use
        bool held;          //!< whether it is held up
    };

    /// @brief The ends of a component's flows.
    struct Component
    {
        EndTimes ends;            //!< by slot
        Picoseconds begin{NEVER}; //!< the earliest of its flows' beginnings
        uint64_t serial{0};       //!< of what was noted last
        bool changed{false};      //!< whether it is in m_changed
    };

    /// @brief The next end of a component.
    struct End
    {
        Picoseconds at;     //!< when
        uint64_t serial;    //!< of the component
        uint32_t component; //!< its number

        /// @param other Another. @return whether it is later; ties go to what was noted before.
        bool operator>(const End& other) const
        {
            return at != other.at ? at > other.at : serial > other.serial;
        }
    };

    /// @param flow A flow that is there. @return it.
    const Flow& At(uint32_t flow) const;

    /// @param flow A flow that is not held up. @brief It takes part from the next solution on.
    void Enter(uint32_t flow);

    /// @param flow A flow that is not held up. @brief It takes part no more.
    void Leave(uint32_t flow);

    /// @brief Brings components up to date.
    void UpdateComponents();

    /// @brief Gives the ends of flows that have moved to their components.
    void MoveEnds();

    /// @param flow A flow. @param left Bytes that are left from now on. @param now This instant.
    void SetLeft(uint32_t flow, double left, Picoseconds now);

    /// @param flow A flow in a component. @brief Has its end known there.
    void SetEnd(uint32_t flow);

    /// @param component A component whose ends have changed. @return it.
    Component& Change(uint32_t component);

    /// @brief Notes the next ends of the components that have changed.
    void NoteEnds();

    /// @param flow A flow. @param latest Last end of its component. @param now This instant.
    /// @return whether it may end now, within the tolerance.
    bool MayEnd(const Flow& flow, Picoseconds latest, Picoseconds now) const;

    /// @param number A component of which a flow ends. @param now This instant. @brief Lists those
    /// of its flows that do.
    void FindEnded(uint32_t number, Picoseconds now);

    /// @param flow A flow. @param rate From now on. @param now This instant.
    static void SetRate(Flow& flow, double rate, Picoseconds now);

    double m_tolerance;                  //!< part of its duration a flow may end early
    FlowGraph m_graph;                   //!< which flows cross which resources
    FlowComponents m_parts{m_graph};     //!< which flows are tied together
    FairShares m_shares;                 //!< rates
    std::vector<Flow> m_flows;           //!< by number
    std::vector<uint32_t> m_freeFlows;   //!< numbers to use again
    std::vector<Component> m_components; //!< by number
    std::vector<uint32_t> m_entered;     //!< flows that take part from the next solution on
    std::vector<uint32_t> m_stopped;     //!< flows that were held up since the last solution
    std::vector<uint32_t> m_changed;     //!< components whose ends have changed since then
    std::vector<uint32_t> m_candidates;  //!< slots that may end
    std::vector<uint32_t> m_ended;       //!< flows that TakeEnded() took
    std::priority_queue<End, std::vector<End>, std::greater<>> m_ends; //!< of components, and old
    uint64_t m_serial{0};                                              //!< of the last noted end
    uint64_t m_earlyEnds{0};                                           //!< for measuring
    size_t m_size{0};                                                  //!< flows that are there
};

} // namespace mixnetcore

#endif // FLUID_NETWORK_H
