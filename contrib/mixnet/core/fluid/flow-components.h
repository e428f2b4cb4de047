/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_COMPONENTS_H
#define FLOW_COMPONENTS_H

#include "flow-graph.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Which flows share a resource, directly or over others, as they come and go.
 *
 * A flow that comes joins the components of its resources together. Where flows have only left, a
 * component stays as it was, although it may have fallen into parts, until half of those that ever
 * joined it are gone; then its parts are found. A resource of infinite capacity joins nothing.
 *
 * Each flow has a slot in its component; slots are numbered from 0 and not used again. Moved()
 * lists the flows that got another component or slot.
 *
 * Guarantees: flows of different components share no resource of finite capacity; joining and
 * leaving cost, over time, the crossings of a flow times the logarithm of the flows of its
 * component; equal calls give equal numbers.
 */
class FlowComponents
{
  public:
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a number

    /// @param graph Whose flows these are; stays alive.
    explicit FlowComponents(const FlowGraph& graph);

    /// @param flow A flow that was attached. @brief It ties together what it crosses.
    void Join(uint32_t flow);

    /// @param flow A flow that was detached.
    void Leave(uint32_t flow);

    /// @param resource One that has a limit now. @brief It ties together the flows that cross it.
    void Tie(uint32_t resource);

    /// @brief Finds the parts of components of which half has gone.
    void Split();

    /// @param flow A flow. @return number of its component; NONE when it is in none.
    uint32_t Of(uint32_t flow) const
    {
        return flow < m_flows.size() ? m_flows[flow].component : NONE;
    }

    /// @param flow A flow in a component. @return its slot there.
    uint32_t SlotOf(uint32_t flow) const
    {
        return m_flows[flow].slot;
    }

    /// @param resource A resource. @return the component of the flows that cross it, or NONE.
    uint32_t At(uint32_t resource) const
    {
        return resource < m_componentAt.size() ? m_componentAt[resource] : NONE;
    }

    /// @param component A component. @return its flows by slot; NONE for those that have left.
    const std::vector<uint32_t>& FlowsOf(uint32_t component) const
    {
        return m_components[component].flows;
    }

    /// @param component A component. @return how many flows are in it.
    size_t Size(uint32_t component) const
    {
        return m_components[component].flows.size() - m_components[component].gone;
    }

    /// @return flows that got another component or slot since ClearMoved(); some may have left.
    const std::vector<uint32_t>& Moved() const
    {
        return m_moved;
    }

    /// @return numbers of components that came to an end since ClearMoved(); others may have them.
    const std::vector<uint32_t>& Freed() const
    {
        return m_freed;
    }

    /// @brief Forgets what has moved and was freed.
    void ClearMoved();

  private:
    /// @brief Where a flow is.
    struct Member
    {
        uint32_t component{NONE}; //!< number of its component
        uint32_t slot{0};         //!< in that
    };

    /// @brief Flows that were joined.
    struct Component
    {
        std::vector<uint32_t> flows; //!< by slot
        size_t gone{0};              //!< of them
        bool isShrunk{false};        //!< whether it is in m_shrunk
    };

    /// @return number of a new component.
    uint32_t Create();

    /// @param number A component without flows. @brief Has the number used again.
    void Free(uint32_t number);

    /// @param flow A flow. @param component Where it gets a slot.
    void Place(uint32_t flow, uint32_t component);

    /// @param one A component. @param other Another. @return the number of both together.
    uint32_t Merge(uint32_t one, uint32_t other);

    /// @param resource A resource. @param component Of the flows that cross it.
    void Label(uint32_t resource, uint32_t component);

    /// @param flow One that is in no component. @brief Makes one of all that it is tied to.
    void Find(uint32_t flow);

    const FlowGraph& m_graph;               //!< flows and resources
    std::vector<Member> m_flows;            //!< by flow
    std::vector<uint32_t> m_componentAt;    //!< by resource
    std::vector<Component> m_components;    //!< by number
    std::vector<uint32_t> m_freeComponents; //!< numbers to use again
    std::vector<uint32_t> m_shrunk;         //!< components of which half has gone
    std::vector<uint32_t> m_moved;          //!< since ClearMoved()
    std::vector<uint32_t> m_freed;          //!< since ClearMoved()
    std::vector<uint32_t> m_parted;         //!< flows of a component that is taken apart
};

} // namespace mixnetcore

#endif // FLOW_COMPONENTS_H
