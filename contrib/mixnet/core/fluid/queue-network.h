/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef QUEUE_NETWORK_H
#define QUEUE_NETWORK_H

#include "flow-paths.h"
#include "fluid-network.h"
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
 * messages are sprayed, in steps.
 *
 * It carries flows with one leg between hosts, over packet switches; what they cross inside of
 * servers, and their caps, are not looked at. An end of these is known when the step that it is in
 * begins.
 *
 * Links that shortest paths offer at the same distance are one queue, and the switches at their
 * ends one switch, as in FlowPaths. Parts are made as flows need them.
 *
 * Sizes are in the unit of FlowPaths: payload, overhead of frames included.
 */
class QueueNetwork : public FluidNetwork
{
  public:
    /// @param paths Paths of the fabric; outlives this object. @param settings Sizes.
    QueueNetwork(FlowPaths& paths, const QueueSettings& settings);

    uint32_t Add(Picoseconds now, const FlowRequest& request) override;

    void Remove(uint32_t flow, Picoseconds /* now */) override
    {
        m_hasChanged = true;
        m_fluid.RemoveFlow(flow);
    }

    bool Reroute(uint32_t flow, const ResourceList& resources, Picoseconds now) override;

    void SetHeld(uint32_t flow, bool held) override
    {
        m_hasChanged = true;
        m_fluid.SetHeld(flow, held);
    }

    void SetWeight(uint32_t group, double weight) override
    {
        m_hasChanged = true;
        m_fluid.SetWeight(group, weight);
    }

    void Repeat(uint32_t flow, double bytes, Picoseconds /* now */) override
    {
        m_hasChanged = true;
        m_fluid.Repeat(flow, bytes);
    }

    void LetWindowOut(uint32_t flow,
                      double /* window */,
                      double keep,
                      Picoseconds /* now */) override
    {
        m_hasChanged = true;
        m_fluid.LetWindowOut(flow, keep); // it knows the window
    }

    double Left(uint32_t flow, Picoseconds /* now */) const override
    {
        return m_fluid.Left(flow);
    }

    double Rate(uint32_t flow) const override
    {
        return m_fluid.Rate(flow);
    }

    void Solve(Picoseconds now) override;

    Picoseconds NextEnd() override
    {
        return m_next;
    }

    const std::vector<FlowEnd>& TakeEnded(Picoseconds now) override;

    /// @return whether steps change nothing more, until something else changes.
    bool IsStill() const;

  private:
    /// @brief What is known of a flow.
    struct Entry
    {
        uint32_t owner;                //!< whom it belongs to
        RdmaLeg leg;                   //!< from NIC to NIC
        std::vector<uint32_t> crossed; //!< links and bundles, as FlowPaths counts
    };

    /// @param stretches A path. @return the same, switch by switch.
    QueueFluid::Path PathOf(const std::vector<FlowPaths::Stretch>& stretches);

    /// @param stretch A link or bundle. @return the input that it feeds.
    uint32_t InputOf(const FlowPaths::Stretch& stretch);

    /// @param stretch A link or bundle. @return the queue before it.
    uint32_t QueueOf(const FlowPaths::Stretch& stretch);

    /// @param stretch The line of a NIC. @return the source.
    uint32_t SourceOf(const FlowPaths::Stretch& stretch);

    FlowPaths& m_paths;                                   //!< paths
    QueueSettings m_settings;                             //!< sizes
    QueueFluid m_fluid;                                   //!< queues
    std::map<std::vector<uint32_t>, uint32_t> m_switches; //!< by nodes
    std::map<uint32_t, uint32_t> m_inputs;                //!< by resource that feeds them
    std::map<uint32_t, uint32_t> m_queues;                //!< by resource
    std::map<uint32_t, uint32_t> m_sources;               //!< by resource
    std::vector<Entry> m_entries;                         //!< by flow
    Picoseconds m_next{NEVER};                            //!< beginning of the next step
    bool m_hasChanged{false};                             //!< whether flows were, since Solve()
    uint32_t m_stillSteps{0};                             //!< in which nothing has moved
    std::vector<FlowEnd> m_ended;                         //!< by the last TakeEnded()
};

} // namespace mixnetcore

#endif // QUEUE_NETWORK_H
