/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FAIR_SHARES_H
#define FAIR_SHARES_H

#include "flow-components.h"
#include "max-min-solver.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Rates that flows have at most, whatever they cross; takes memory only once any has one.
class FlowCaps
{
  public:
    /// @param flow A flow. @return its rate at most, bytes per second; infinity for no cap.
    double Of(uint32_t flow) const
    {
        return flow < m_caps.size() ? m_caps[flow] : NO_CAP;
    }

    /// @param flow A flow. @param cap Its rate at most, bytes per second; infinity for no cap.
    void Set(uint32_t flow, double cap)
    {
        if (flow >= m_caps.size() && cap < NO_CAP)
        {
            m_caps.resize(flow + 1, NO_CAP);
        }
        if (flow < m_caps.size())
        {
            m_caps[flow] = cap;
        }
    }

  private:
    static constexpr double NO_CAP = std::numeric_limits<double>::infinity(); //!< bytes per second

    std::vector<double> m_caps; //!< by flow, as far as any has one
};

/**
 * @ingroup mixnet-core
 * @brief Max-min fair rates of flows that come and go, solved only as far as a change reaches.
 *
 * Rates are max-min fair exactly when every flow has a bottleneck: a full resource on which no
 * other flow has a higher level (rate per weight), or its own cap. So after a change only those
 * flows need a new rate whose bottleneck is none any more, and they are found step by step:
 *
 * 1. Open are the flows that changed, and those whose bottleneck is a resource that changed.
 * 2. The open flows share what all others leave (MaxMinSolver).
 * 3. On what open flows cross, another flow opens if it has more than the open ones there could
 *    reach, or if its bottleneck is not full any more, or if an open flow exceeds it there.
 * 4. Until none opens, from 2. Where most of a component is open, all of it is.
 *
 * Guarantees: without slack the rates are those of all flows solved together, to about
 * MaxMinSolver::TOLERANCE; no resource carries more than its capacity beyond that;
 * flows of other components keep theirs bit by bit; equal calls give equal rates.
 *
 * A change costs the flows it reaches and their neighbours; memory is 24 bytes per flow and
 * resource.
 */
class FairShares
{
  public:
    /**
     * @param graph Flows and resources; stays alive.
     * @param components Theirs; stays alive.
     * @param slack Part of its capacity that a resource may leave idle, and by which levels of
     * flows with the same bottleneck may differ, before they are solved again; from 0 to 1.
     */
    FairShares(const FlowGraph& graph, const FlowComponents& components, double slack = 0);

    /// @param flow A flow that was attached, or attached again. @param weight How many flows it
    /// stands for, above zero. @param cap Its rate at most, above zero; infinity for no limit.
    void Add(uint32_t flow, double weight, double cap = FlowGraph::UNLIMITED);

    /// @param flow A flow that was detached; its rate is zero.
    void Remove(uint32_t flow);

    /// @param flow An attached flow. @param weight Its new weight, above zero. @param cap As Add().
    void SetWeight(uint32_t flow, double weight, double cap = FlowGraph::UNLIMITED);

    /// @param resource One whose capacity was changed.
    void ChangeCapacity(uint32_t resource);

    /**
     * @brief Shares anew what has changed. Components are up to date.
     * @return the flows whose rate may have changed, component by component; valid until the next
     * call.
     */
    const std::vector<uint32_t>& Solve();

    /// @param flow A flow. @return its rate, bytes per second; infinity where nothing limits it.
    double Rate(uint32_t flow) const
    {
        const auto& share = m_shares[flow];
        return share.level * share.weight;
    }

    /// @return crossings of flows and resources that have been solved so far, for measuring.
    uint64_t SolvedCrossings() const
    {
        return m_solvedCrossings;
    }

  private:
    static constexpr uint32_t NONE = FlowComponents::NONE; //!< in place of a number
    /// Relative distance below which levels are equal and resources full: above what
    /// MaxMinSolver treats so.
    static constexpr double SAME = 3 * MaxMinSolver::TOLERANCE;
    /// In place of the number of a solution: the flow is in m_changedFlows.
    static constexpr uint32_t LISTED = 0xffffffff;
    /// Times that flows open, one after another, before all of a component do.
    static constexpr uint32_t MOST_ROUNDS = 12;

    /// @brief What a flow gets.
    struct Share
    {
        double level{0};           //!< rate per weight
        double weight{1};          //!< how many flows it stands for
        uint32_t bottleneck{NONE}; //!< the resource that gives it this level; NONE: its cap
        uint32_t opened{0};        //!< number of the last solution that opened it, or LISTED
    };

    /// @brief What is known of a resource between solutions.
    struct Limit
    {
        uint32_t limited{0}; //!< flows whose bottleneck it is
        uint32_t touched{0}; //!< number of the last solution in which open flows crossed it
        uint32_t local{0};   //!< its number in that
        double left{0};      //!< of its capacity, when it was solved last
    };

    /// @brief A resource that open flows cross.
    struct Touched
    {
        uint32_t resource; //!< which
        uint32_t others;   //!< flows that are not open
        double taken;      //!< by those, bytes per second
    };

    /// @brief A change of a component.
    struct Change
    {
        uint32_t resource; //!< that changed, or NONE
        uint32_t flow;     //!< that changed, or NONE
        uint32_t next;     //!< index of the next change of the same component, or NONE
    };

    /// @brief Indices of the changes of a component.
    struct ChangeList
    {
        uint32_t first{NONE}; //!< of them; NONE when there is none
        uint32_t last{NONE};  //!< of them
    };

    /// @param resource A resource. @return what is known of it.
    Limit& LimitOf(uint32_t resource);

    /// @param flow A flow. @brief It has no bottleneck for now.
    void Unlimit(uint32_t flow);

    /// @param flow A flow. @brief Lists it as changed, unless it is.
    void List(uint32_t flow);

    /// @brief Lists changes by component.
    void ListChanges();

    /// @param component A component. @param resource That changed, or NONE. @param flow That
    /// changed, or NONE. @brief Lists the change.
    void AddChange(uint32_t component, uint32_t resource, uint32_t flow);

    /// @brief Gives the next solution its number.
    void CountSolution();

    /// @param component A component that has changed.
    void SolveComponent(uint32_t component);

    /// @param flow A flow. @brief Opens it, and touches what it crosses.
    void Open(uint32_t flow);

    /// @param resource A resource. @brief Opens the flows whose bottleneck it is.
    void OpenLimited(uint32_t resource);

    /// @param component A component. @brief Opens all of it.
    void OpenAll(uint32_t component);

    /// @param resource A resource. @return it, touched.
    Touched& Touch(uint32_t resource);

    /// @brief Shares among open flows what the others leave.
    void Fill();

    /// @param local A resource that open flows cross, with others. @brief Opens the others that
    /// would not be fair.
    void OpenUnfair(uint32_t local);

    /// @param local A resource that has filled up. @return the level that open flows could reach
    /// there if others had no more; no limit where no other has more than they.
    double MostFairAt(uint32_t local) const;

    /// @brief Makes the levels of open flows theirs.
    void Keep();

    const FlowGraph& m_graph;                 //!< flows and resources
    const FlowComponents& m_components;       //!< what is tied together
    double m_same;                            //!< relative distance of what counts as equal
    std::vector<Share> m_shares;              //!< by flow
    FlowCaps m_caps;                          //!< by flow
    std::vector<Limit> m_limits;              //!< by resource
    std::vector<uint32_t> m_changedFlows;     //!< since the last solution, each once
    std::vector<uint32_t> m_changedResources; //!< since the last solution
    std::vector<Change> m_changes;            //!< of this solution
    std::vector<ChangeList> m_changesOf;      //!< by component; none between solutions
    std::vector<uint32_t> m_changedParts;     //!< components, in the order of their first change
    uint32_t m_solution{0};                   //!< number of the last
    uint64_t m_solvedCrossings{0};            //!< for measuring
    std::vector<uint32_t> m_set;              //!< by the last Solve()

    // Of the component being solved
    std::vector<uint32_t> m_open;   //!< flows, in the order in which they opened
    std::vector<Touched> m_touched; //!< what they cross
    MaxMinSolver m_solver;          //!< shares among them
};

} // namespace mixnetcore

#endif // FAIR_SHARES_H
