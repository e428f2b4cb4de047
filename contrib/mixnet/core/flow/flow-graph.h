/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_GRAPH_H
#define FLOW_GRAPH_H

#include <boost/container/small_vector.hpp>
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
 * Attaching and detaching cost time in proportion to the resources of the flow. Memory: a flow of
 * up to 8 resources takes 96 bytes, and 8 for each of them in the resource's list.
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

    using CrossedList = boost::container::small_vector<Crossed, 8>; //!< of a flow

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
    const CrossedList& ResourcesOf(uint32_t flow) const
    {
        return m_flows[flow].crossed;
    }

    /// @param flow A flow that is not attached. @brief Enters it into the lists of its resources.
    void Attach(uint32_t flow);

    /// @param flow An attached flow. @brief Takes it out of the lists of its resources.
    void Detach(uint32_t flow);

  private:
    /// @brief A flow.
    struct Flow
    {
        Flow() = default;
        /// @param other What moves here, as when a list grows.
        Flow(Flow&& other) noexcept = default;
        /// @param other What moves here. @return this.
        Flow& operator=(Flow&& other) noexcept = default;

        CrossedList crossed; //!< what it crosses
    };

    /// @brief A resource.
    struct Resource
    {
        double capacity;             //!< bytes per second
        std::vector<Crossing> flows; //!< those that are attached
    };

    std::vector<Flow> m_flows;         //!< by number
    std::vector<Resource> m_resources; //!< by number
};

} // namespace mixnetcore

#endif // FLOW_GRAPH_H
