/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MAX_MIN_NETWORK_H
#define MAX_MIN_NETWORK_H

#include "fluid-network.h"
#include "max-min-flows.h"

#include <deque>
#include <unordered_map>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Flows at max-min fair rates over resources with capacities (MaxMinFlows).
 *
 * Flows of one group have the same weight. So have flows without one; those that begin and end at
 * the same places are a group, too. The first FEW of a group are flows by themselves; what comes on
 * top of them forms crowds of those that cross the same, so that a flow costs the same whether few
 * or many others are on its path. (In a crowd the cap is that of the first: messages of other sizes
 * differ from it by a few headers.)
 */
class MaxMinNetwork : public FluidNetwork
{
  public:
    /// Flows of a group that are flows by themselves, at most.
    static constexpr uint32_t FEW = 16;

    /// @param tolerance As of MaxMinFlows.
    explicit MaxMinNetwork(double tolerance = 0);

    /// @param capacities Of all resources, as MaxMinFlows::AddResource(); those that are there stay
    /// as they were. @brief Adds the others.
    void AddResources(const std::vector<double>& capacities);

    uint32_t Add(Picoseconds now, const FlowRequest& request) override;
    void Remove(uint32_t flow, Picoseconds now) override;
    bool Reroute(uint32_t flow, const ResourceList& resources, Picoseconds now) override;

    void SetHeld(uint32_t flow, bool held) override
    {
        m_flows.SetHeld(flow, held);
    }

    void SetWeight(uint32_t group, double weight) override;

    void Repeat(uint32_t flow, double bytes, Picoseconds now) override
    {
        m_flows.Repeat(flow, bytes, now);
    }

    void LetWindowOut(uint32_t flow, double window, double keep, Picoseconds now) override
    {
        m_flows.Advance(flow, window, keep, now);
    }

    double Left(uint32_t flow, Picoseconds now) const override
    {
        return m_flows.Left(flow, now);
    }

    double Rate(uint32_t flow) const override
    {
        return m_flows.Rate(flow);
    }

    void Solve(Picoseconds now) override
    {
        m_flows.Solve(now);
    }

    Picoseconds NextEnd() override
    {
        return m_flows.NextEnd();
    }

    const std::vector<FlowEnd>& TakeEnded(Picoseconds now) override;

    /// @return its flows, for measuring.
    const MaxMinFlows& Flows() const
    {
        return m_flows;
    }

  private:
    /// @brief What is known of a flow.
    struct Entry
    {
        uint32_t owner; //!< whom it belongs to
        uint32_t group; //!< number of its group, or NONE
        uint32_t crowd; //!< number of its crowd, or NONE
    };

    /// @brief Flows that take part as one.
    struct Crowd
    {
        uint32_t flow;          //!< its number
        uint32_t members{0};    //!< how many there are
        double cap;             //!< rate of each at most
        ResourceList resources; //!< what each crosses
    };

    /// @brief Flows that have the same weight.
    struct Group
    {
        double weight{1};            //!< of each
        std::vector<uint32_t> alone; //!< flows by themselves, as they came
        std::vector<Crowd> crowds;   //!< all others
    };

    /// @param request A flow. @return number of its group, or NONE.
    uint32_t GroupOf(const FlowRequest& request);

    /// @param group A group. @param resources What a flow crosses. @param cap Its cap.
    /// @return the crowd of those that cross the same, which may be new.
    Crowd& CrowdOf(Group& group, const ResourceList& resources, double cap);

    /// @param group A group. @param flow Number of one of its crowds. @return that.
    static Crowd& CrowdWith(Group& group, uint32_t flow);

    /// @param group A group. @param flow Number of one of its crowds, of which a member has gone.
    void LeaveCrowd(Group& group, uint32_t flow);

    /// @param flow A flow that is gone. @brief Its group is without it.
    void LeaveGroup(uint32_t flow);

    MaxMinFlows m_flows;             //!< rates and ends
    uint32_t m_resources{0};         //!< how many there are
    std::vector<Entry> m_entries;    //!< by flow
    std::deque<Group> m_groups;      //!< by number
    std::vector<uint32_t> m_numbers; //!< of groups, by group as whoever adds flows counts, or NONE
    std::unordered_map<uint64_t, uint32_t>
        m_groupBetween;           //!< by the first and last that is crossed; looked up only
    std::vector<FlowEnd> m_ended; //!< by the last TakeEnded()
};

} // namespace mixnetcore

#endif // MAX_MIN_NETWORK_H
