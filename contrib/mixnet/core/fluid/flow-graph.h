/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_GRAPH_H
#define FLOW_GRAPH_H

#include <boost/container/small_vector.hpp>
#include <boost/range/iterator_range.hpp>
#include <cstdint>
#include <limits>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Numbers of the resources that a flow crosses, each once.
using ResourceList = boost::container::small_vector<uint32_t, 8>;

/**
 * @ingroup mixnet-core
 * @brief Which flows cross which resources, as flows come and go.
 *
 * Flows are numbered by the caller, densely from 0; resources by this object. A flow is attached
 * or not; only attached flows are in the lists of their resources.
 *
 * Attaching and detaching cost time in proportion to the resources of the flow. Memory: a flow
 * takes 12 bytes and 16 for each of its resources, half of these in the lists of the resources. A
 * number that is used again keeps its memory.
 */
class FlowGraph
{
  public:
    /// The capacity of what limits nothing.
    static constexpr double UNLIMITED = std::numeric_limits<double>::infinity();

    /// @brief A resource, as a flow sees it.
    struct Crossed
    {
        uint32_t resource; //!< which
        uint32_t place;    //!< of the flow in its list
    };

    /// @brief A crossing, as the resource sees it.
    struct Crossing
    {
        uint32_t flow;  //!< the flow
        uint32_t index; //!< index of the resource in the flow's list
    };

    /// What a flow crosses; valid until resources of any flow are set.
    using CrossedList = boost::iterator_range<const Crossed*>;

    /**
     * @param capacity Bytes per second, at least zero; UNLIMITED for no limit.
     * @return number of the new resource, counted from 0.
     * @throws std::invalid_argument when it is negative or not a number.
     */
    uint32_t AddResource(double capacity);

    /// @param resource A resource. @param capacity As with AddResource().
    /// @return whether it was another.
    bool SetCapacity(uint32_t resource, double capacity);

    /// @param resource A resource. @return its capacity, bytes per second.
    double Capacity(uint32_t resource) const
    {
        return m_resources[resource].capacity;
    }

    /// @param resource A resource. @return whether it limits anything.
    bool IsFinite(uint32_t resource) const
    {
        return m_resources[resource].capacity < UNLIMITED;
    }

    /// @param resource A resource. @return the attached flows that cross it, in no special order.
    const std::vector<Crossing>& FlowsAt(uint32_t resource) const
    {
        return m_resources[resource].flows;
    }

    /**
     * @param flow A flow that is not attached.
     * @param resources What it crosses, each once.
     * @throws std::invalid_argument when there is no such resource.
     */
    void SetResources(uint32_t flow, const ResourceList& resources);

    /// @param flow A flow. @return what it crosses, or will when it is attached.
    CrossedList ResourcesOf(uint32_t flow) const
    {
        const auto& looked = m_flows[flow];
        const auto* first = m_crossed.data() + looked.first;
        return {first, first + looked.size};
    }

    /// @param flow A flow that is not attached. @brief Enters it into the lists of its resources.
    void Attach(uint32_t flow);

    /// @param flow An attached flow. @brief Takes it out of the lists of its resources.
    void Detach(uint32_t flow);

  private:
    /// @brief Where in m_crossed a flow has what it crosses.
    struct Flow
    {
        uint32_t first{0}; //!< place of the first
        uint32_t size{0};  //!< how many there are
        uint32_t span{0};  //!< for how many
    };

    /// @brief A resource.
    struct Resource
    {
        double capacity;             //!< bytes per second
        std::vector<Crossing> flows; //!< those that are attached
    };

    /// @param size How many a flow crosses. @return place of the first of a span for them.
    uint32_t TakeSpan(uint32_t size);

    std::vector<Flow> m_flows;                      //!< by number
    std::vector<Resource> m_resources;              //!< by number
    std::vector<Crossed> m_crossed;                 //!< of all flows
    std::vector<std::vector<uint32_t>> m_freeSpans; //!< places to use again, by size
};

} // namespace mixnetcore

#endif // FLOW_GRAPH_H
