/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef QUEUE_NETWORK_H
#define QUEUE_NETWORK_H

#include "flow-paths.h"
#include "queue-fluid.h"

#include <map>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What of packet switches and frames decides over pauses.
struct QueueSettings
{
    double buffer;    //!< of a switch, payload bytes
    double alpha;     //!< threshold of an input, as part of what is free
    double window;    //!< of a queue pair, payload bytes
    double ofLine{1}; //!< part of a line that acknowledgements leave
};

/**
 * @ingroup mixnet-core
 * @brief The packet switches of a fabric as queues that pause each other (QueueFluid), over which
 * messages are sprayed.
 *
 * Links that shortest paths offer at the same distance are one queue, and the switches at their
 * ends one switch, as in FlowPaths. Parts are made as flows need them.
 *
 * Sizes are in the unit of FlowPaths: payload, overhead of frames included.
 */
class QueueNetwork
{
  public:
    /// @param paths Ways of the fabric; outlives this object. @param settings Sizes.
    QueueNetwork(FlowPaths& paths, const QueueSettings& settings);

    /// @param leg From NIC to NIC, over packet switches. @param bytes Its size.
    /// @param group Flows of the same weight, as of QueueFluid::AddFlow().
    /// @return number of the flow.
    uint32_t AddFlow(const RdmaLeg& leg, double bytes, uint32_t group);

    /// @param flow A flow. @return whether its way leads elsewhere by now; what its source has not
    /// sent goes there.
    bool Reroute(uint32_t flow);

    /// @return queues, and their flows.
    QueueFluid& Fluid();

  private:
    /// @param stretches A way. @return the same, switch by switch.
    QueueFluid::Way WayOf(const std::vector<FlowPaths::Stretch>& stretches);

    /// @param stretch A link or bundle. @return the input that it feeds.
    uint32_t InputOf(const FlowPaths::Stretch& stretch);

    /// @param stretch A link or bundle. @return the queue before it.
    uint32_t QueueOf(const FlowPaths::Stretch& stretch);

    /// @param stretch The line of a NIC. @return the source.
    uint32_t SourceOf(const FlowPaths::Stretch& stretch);

    FlowPaths& m_paths;                                   //!< ways
    QueueSettings m_settings;                             //!< sizes
    QueueFluid m_fluid;                                   //!< queues
    std::map<std::vector<uint32_t>, uint32_t> m_switches; //!< by nodes
    std::map<uint32_t, uint32_t> m_inputs;                //!< by resource that feeds them
    std::map<uint32_t, uint32_t> m_queues;                //!< by resource
    std::map<uint32_t, uint32_t> m_sources;               //!< by resource
    std::vector<RdmaLeg> m_legs;                          //!< by flow
    std::vector<std::vector<uint32_t>> m_crossed;         //!< resources, by flow
};

} // namespace mixnetcore

#endif // QUEUE_NETWORK_H
