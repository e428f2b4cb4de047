/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLUID_NETWORK_H
#define FLUID_NETWORK_H

#include "end-times.h"
#include "flow-graph.h"

#include "ns3/route.h"

#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief A flow, as whoever adds it says it.
struct FlowRequest
{
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a number

    const ResourceList& resources;    //!< what it crosses, each once
    double bytes;                     //!< how many, at least zero
    uint32_t owner{NONE};             //!< whom it belongs to; told at its end
    double cap{FlowGraph::UNLIMITED}; //!< its rate at most, bytes per second, above zero
    uint32_t group{NONE};             //!< flows of one weight (SetWeight()); NONE: it has 1
    bool mayJoinCrowd{true};          //!< whether it has the same weight all along its path
    const RdmaLeg* onlyLeg{nullptr};  //!< its leg between hosts, if it has one only
};

/// @ingroup mixnet-core
/// @brief The end of a flow.
struct FlowEnd
{
    uint32_t owner; //!< as it was added
    Picoseconds in; //!< in what time its last byte is over
};

/**
 * @ingroup mixnet-core
 * @brief Flows that share what they cross, as they come, end and are held.
 *
 * What changes at an instant takes effect with the Solve() of that instant. Whoever owns this
 * object calls Solve() then, and TakeEnded() at NextEnd().
 *
 * A subclass says how they share: MaxMinNetwork, QueueNetwork.
 *
 * Guarantees: a flow ends once or is removed; equal calls give equal results.
 */
class FluidNetwork
{
  public:
    static constexpr uint32_t NONE = FlowRequest::NONE; //!< in place of a number

    /// The end of what does not end.
    static constexpr Picoseconds NEVER = EndTimes::NEVER;

    /// The latest end, 104 days.
    static constexpr Picoseconds LATEST = EndTimes::LATEST;

    virtual ~FluidNetwork() = default;

    /// @param now This instant; instants never go back. @param request The flow.
    /// @return its number; numbers of flows that are gone are used again.
    /// @throws std::invalid_argument when a value is out of range.
    virtual uint32_t Add(Picoseconds now, const FlowRequest& request) = 0;

    /// @param flow A flow. @param now This instant. @brief Takes it out.
    virtual void Remove(uint32_t flow, Picoseconds now) = 0;

    /// @param flow A flow. @param resources What it crosses from now on. @param now This instant.
    /// @return whether that is another path.
    virtual bool Reroute(uint32_t flow, const ResourceList& resources, Picoseconds now) = 0;

    /// @param flow A flow. @param held Whether it stands still; so does its crowd.
    virtual void SetHeld(uint32_t flow, bool held) = 0;

    /// @param group A group. @param weight Part of a flow that each of its flows counts as.
    virtual void SetWeight(uint32_t group, double weight) = 0;

    /// @param flow A flow. @param bytes Of what it has carried, to carry again.
    /// @param now This instant.
    virtual void Repeat(uint32_t flow, double bytes, Picoseconds now) = 0;

    /**
     * @brief A flow that is held, or will be, sends on to the end of its window.
     * @param flow The flow. @param window Bytes. @param keep Bytes that stay all the same, if that
     * many are left. @param now This instant.
     */
    virtual void LetWindowOut(uint32_t flow, double window, double keep, Picoseconds now) = 0;

    /// @param flow A flow. @param now This instant. @return bytes that have not crossed.
    virtual double Left(uint32_t flow, Picoseconds now) const = 0;

    /// @param flow A flow. @return its rate since the last Solve(), bytes per second.
    virtual double Rate(uint32_t flow) const = 0;

    /// @param now This instant. @brief Has what has changed take effect.
    virtual void Solve(Picoseconds now) = 0;

    /// @return when to call TakeEnded() next, as solved last; NEVER when no flow ends.
    virtual Picoseconds NextEnd() = 0;

    /// @param now This instant; NextEnd() at the latest. @brief Takes out the flows that are over.
    /// @return them; valid until the next call.
    virtual const std::vector<FlowEnd>& TakeEnded(Picoseconds now) = 0;
};

} // namespace mixnetcore

#endif // FLUID_NETWORK_H
