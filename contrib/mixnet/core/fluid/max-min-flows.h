/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MAX_MIN_FLOWS_H
#define MAX_MIN_FLOWS_H

#include "component-ends.h"
#include "fair-shares.h"
#include "flow-crowd.h"

#include "ns3/mixnet-units.h"

#include <deque>

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
 * Many flows that cross the same with the same weight may be a crowd: it takes part as one flow of
 * their weight together (FlowCrowd), so that a member costs the others nothing. Its next end is
 * that of the member that is over next.
 *
 * A flow ends at the first picosecond at which its last byte is over. With a tolerance, it may wait
 * for others of its component that end soon after it, so that all of them end together: for at most
 * that part of the longest one's duration, as known at that time, and for at most LONGEST_SHARE
 * times that part of its own. Meanwhile it keeps its share, so no flow ends before its bytes could
 * have passed. What flows leave idle of a resource when they end is shared once it is more than
 * IDLE_SHARE times that part of it.
 *
 * A flow that would end later than LATEST at the rate that it has is told to end then: whoever gets
 * there has a time that cannot be told.
 *
 * Guarantees: without a tolerance the rates are those of all flows solved together, within the
 * solver's tolerance; bytes added = bytes of ended flows + bytes taken out + bytes left + bytes
 * carried of flows in flight; flows that share nothing do not change each other's ends; equal calls
 * give equal results, bit by bit.
 *
 * Memory: a flow takes about 125 bytes, and 16 for each resource that it crosses; a member of a
 * crowd about 110.
 */
class MaxMinFlows
{
  public:
    /// The end of what does not end.
    static constexpr Picoseconds NEVER = EndTimes::NEVER;

    /// The latest end, 104 days.
    static constexpr Picoseconds LATEST = EndTimes::LATEST;

    /// Part of its own duration for which a flow may wait for others, in units of the tolerance.
    static constexpr double LONGEST_SHARE = 10;

    /// Part of a resource that may be idle before it is shared, in units of the tolerance.
    static constexpr double IDLE_SHARE = 5;

    /**
     * @param tolerance Part of the longest flow's duration for which a flow may wait for others,
     * and for what may be idle; from 0 to 1.
     * @throws std::invalid_argument when it is not.
     */
    explicit MaxMinFlows(double tolerance = 0);

    /**
     * @param capacity Bytes per second, at least zero; infinity for no limit.
     * @return number of the new resource, counted from 0.
     */
    uint32_t AddResource(double capacity)
    {
        return m_graph.AddResource(capacity);
    }

    /// @param resource A resource. @param capacity As with AddResource().
    void SetCapacity(uint32_t resource, double capacity);

    /**
     * @param now This instant; instants never go back.
     * @param resources What it crosses, each once.
     * @param weight How many flows it stands for, above zero.
     * @param bytes How many, at least zero.
     * @param cap Its rate at most, bytes per second, above zero; infinity for no limit of its own.
     * @return number of the new flow; numbers of flows that are gone are used again.
     * @throws std::invalid_argument when there is no such resource or a value is out of range.
     */
    uint32_t AddFlow(Picoseconds now,
                     const ResourceList& resources,
                     double weight,
                     double bytes,
                     double cap = FlowGraph::UNLIMITED);

    /**
     * @param resources What its members cross, each once.
     * @param weight How many flows each of them stands for, above zero.
     * @param cap Rate of each of them at most, as AddFlow().
     * @return number of a crowd without members; numbers are those of flows.
     * @throws std::invalid_argument as AddFlow().
     */
    uint32_t AddCrowd(const ResourceList& resources,
                      double weight,
                      double cap = FlowGraph::UNLIMITED);

    /**
     * @param now This instant.
     * @param crowd A crowd.
     * @param bytes How many, at least zero.
     * @return number of the new flow, a member of it.
     * @throws std::invalid_argument when a value is out of range.
     */
    uint32_t AddMember(Picoseconds now, uint32_t crowd, double bytes);

    /// @param member A member of a crowd. @param crowd Another, which it belongs to from now on.
    /// @param now This instant.
    void MoveMember(uint32_t member, uint32_t crowd, Picoseconds now);

    /**
     * @param flow A flow, or a crowd without members.
     * @param now This instant.
     * @return bytes that are left of it, which go with it.
     */
    double RemoveFlow(uint32_t flow, Picoseconds now);

    /// @param flow A flow that is in no crowd, or a crowd, of which each member has that weight.
    /// @param weight Its new weight, above zero.
    void SetWeight(uint32_t flow, double weight);

    /**
     * @brief Holds a flow up, or lets it go on; meanwhile it takes no part.
     * @param flow A flow; with a member of a crowd, all of it.
     * @param held Whether it is held up.
     */
    void SetHeld(uint32_t flow, bool held);

    /// @param flow A flow that is in no crowd. @param resources What it crosses from now on, each
    /// once.
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
    double Rate(uint32_t flow) const
    {
        return m_flows[PartOf(flow)].rate;
    }

    /**
     * @brief Shares resources anew wherever something has changed.
     * @param now This instant.
     */
    void Solve(Picoseconds now);

    /// @return when to call TakeEnded() next, as solved last; NEVER when no flow ends.
    Picoseconds NextEnd()
    {
        return m_ends.Next();
    }

    /**
     * @brief Takes out the flows that are over, unless they wait for others; NextEnd() is later
     * then.
     * @param now This instant; NextEnd() at the latest.
     * @return their numbers, component by component; valid until the next call.
     */
    std::vector<uint32_t>& TakeEnded(Picoseconds now);

    /// @return flows that are there; a crowd is none, its members are.
    size_t Size() const
    {
        return m_size;
    }

    /// @return ends of components that are noted, as ComponentEnds::Noted().
    size_t NotedEnds() const
    {
        return m_ends.Noted();
    }

    /// @return crossings of flows and resources that have been solved so far, for measuring.
    uint64_t SolvedCrossings() const
    {
        return m_shares.SolvedCrossings();
    }

    /// @return flows that have waited for others after their last byte was over.
    uint64_t LateEnds() const
    {
        return m_lateEnds;
    }

  private:
    /// Part of a flow's bytes that computing in floating point may add or take.
    static constexpr double ROUNDING = 1e-14;
    /// Relative distance below which a rate stays as it was.
    static constexpr double SAME_RATE = 1e-12;
    static constexpr uint32_t NONE = FlowComponents::NONE; //!< in place of a number
    static constexpr size_t CACHE_LINE = 64;               //!< bytes

    /// @brief What has a number.
    enum class Kind : uint8_t
    {
        None,   //!< nothing; the number is free
        Single, //!< a flow in no crowd
        Crowd,  //!< flows that take part as one
        Member, //!< a flow in a crowd
    };

    /// @brief A flow; all of it is looked at when its rate changes.
    struct alignas(CACHE_LINE) Flow
    {
        double bytes;          //!< how many there were
        double left;           //!< bytes left when the rate was set last; of a member: progress of
                               //!< its crowd at which it is over
        double rate;           //!< bytes per second; of a crowd: of each member
        Picoseconds begin;     //!< when it was added; of a crowd: when it was empty last
        Picoseconds since;     //!< when the rate was set last
        Picoseconds end;       //!< when it ends at this rate
        double weight;         //!< how many flows it stands for; of a crowd: each member
        Kind kind{Kind::None}; //!< what it is
        bool held;             //!< whether it is held up
        uint32_t crowd;        //!< of a crowd: its place in m_crowds; of a member: its crowd
    };

    /// @param flow A flow that is there. @return it.
    const Flow& At(uint32_t flow) const;

    /// @return a number for a flow, which may be one behind the last.
    uint32_t NextNumber() const
    {
        return m_freeFlows.empty() ? m_flows.size() : m_freeFlows.back();
    }

    /// @param flow What gets NextNumber(). @param resources What it crosses. @param cap Its rate at
    /// most, of a crowd of each member. @return that number.
    uint32_t Insert(const Flow& flow, const ResourceList& resources, double cap);

    /// @param flow What gets NextNumber(). @return that number.
    uint32_t Insert(const Flow& flow);

    /// @param flow A crowd. @return its members.
    FlowCrowd& MembersOf(const Flow& flow)
    {
        return m_crowds[flow.crowd];
    }

    /// @param flow A crowd. @return its members.
    const FlowCrowd& MembersOf(const Flow& flow) const
    {
        return m_crowds[flow.crowd];
    }

    /// @param flow A flow or crowd. @return the weight at which it takes part.
    double WeightOf(const Flow& flow) const;

    /// @param flow Number of a flow or crowd. @return its rate at most.
    double CapOf(uint32_t flow) const;

    /// @param flow A flow or crowd. @return whether it takes part, or will from the next solution.
    bool TakesPart(const Flow& flow) const;

    /// @param flow A flow of any kind. @return number of what takes part for it.
    uint32_t PartOf(uint32_t flow) const;

    /// @param crowd A crowd. @param now This instant. @brief Brings its progress up to date.
    void Pass(uint32_t crowd, Picoseconds now);

    /// @param member A flow of that kind. @param crowd Its crowd. @param left Bytes to carry.
    /// @param now This instant.
    void Join(uint32_t member, uint32_t crowd, double left, Picoseconds now);

    /// @param member A member of a crowd. @param now This instant. @brief It is in none.
    void Part(uint32_t member, Picoseconds now);

    /// @param flow A flow or crowd that takes part, whose weight has changed. @brief Has its rate
    /// and end found with the next solution.
    void UpdateShare(uint32_t flow)
    {
        m_shares.SetWeight(flow, WeightOf(m_flows[flow]), CapOf(flow));
    }

    /// @param crowd A crowd. @param member One of its members. @return when that is over.
    Picoseconds EndOf(const Flow& crowd, const Flow& member) const;

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

    /// @param begin When a flow was added. @param end When it is over. @param latest Last end of
    /// its component. @return until when it may wait for others.
    Picoseconds Deadline(Picoseconds begin, Picoseconds end, Picoseconds latest) const;

    /// @param end An end, at most LATEST. @param picoseconds A span of time. @return that much
    /// later, or LATEST.
    static Picoseconds Later(Picoseconds end, double picoseconds);

    /// @param number A component. @return when the flows that end together with its first one all
    /// have.
    Picoseconds GatheredEnd(uint32_t number);

    /// @param number A flow or crowd. @param now This instant. @brief Lists it, or its members, as
    /// far as they are over.
    void ListEnded(uint32_t number, Picoseconds now);

    /// @param number A component of which a flow is over. @param now This instant. @brief Lists
    /// those of its flows that are, or notes when to come back for them.
    void FindEnded(uint32_t number, Picoseconds now);

    /// @param number A flow or crowd. @param rate From now on. @param now This instant.
    void SetRate(uint32_t number, double rate, Picoseconds now);

    /// @param left Bytes. @param rate Bytes per second. @param since From when on.
    /// @return when they are over.
    static Picoseconds EndAfter(double left, double rate, Picoseconds since);

    double m_tolerance;                  //!< part of its duration for which a flow may wait
    FlowGraph m_graph;                   //!< which flows cross which resources
    FlowComponents m_parts{m_graph};     //!< which flows are tied together
    FairShares m_shares;                 //!< rates
    std::vector<Flow> m_flows;           //!< by number
    std::vector<uint32_t> m_freeFlows;   //!< numbers to use again
    std::deque<FlowCrowd> m_crowds;      //!< by place
    std::vector<uint32_t> m_freeCrowds;  //!< places to use again
    FlowCaps m_caps;                     //!< by number; of a crowd, of each member
    ComponentEnds m_ends;                //!< when flows end
    std::vector<uint32_t> m_entered;     //!< flows that take part from the next solution on
    std::vector<uint32_t> m_stopped;     //!< flows that were held up since the last solution
    std::vector<uint32_t> m_candidates;  //!< slots that may end together
    std::vector<Picoseconds> m_gathered; //!< ends of flows that may end together
    std::vector<uint32_t> m_ended;       //!< flows that TakeEnded() took
    uint64_t m_lateEnds{0};              //!< for measuring
    size_t m_size{0};                    //!< flows that are there
};

} // namespace mixnetcore

#endif // MAX_MIN_FLOWS_H
