/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRANSFER_FLUID_H
#define TRANSFER_FLUID_H

#include "flow-paths.h"
#include "fluid-network.h"
#include "queue-network.h"

#include <memory>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Messages of a fabric as flows: at max-min fair rates over all that they cross, or, where
 * asked to, in queues that pause each other.
 *
 * In queues are messages with one leg between hosts, over packet switches; all others, and what
 * moves inside of servers, have max-min fair rates (FluidNetwork). A message whose pipeline limits
 * its rate has a resource of its own there.
 *
 * Times and sizes are those of FlowPaths, FluidNetwork and QueueFluid; whoever owns this object has
 * both of them go on.
 */
class TransferFluid
{
  public:
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a number

    /// @brief A message in the fluid.
    struct Part
    {
        uint32_t flow{NONE};  //!< its number, there; NONE: it is not in the fluid
        uint32_t limit{NONE}; //!< resource of its own, or NONE
        bool isQueued{false}; //!< whether it is in queues

        /// @return whether it is in the fluid.
        bool Exists() const
        {
            return flow != NONE;
        }
    };

    /**
     * @param plan The fabric. @param paths Its ways; outlives this object.
     * @param tolerance As of FluidNetwork.
     */
    TransferFluid(std::shared_ptr<const FabricPlan> plan, FlowPaths& paths, double tolerance);

    /// @param settings Sizes. @brief Has messages over packet switches wait in queues.
    void SetQueues(const QueueSettings& settings);

    /**
     * @param transfer A message. @param path Its way. @param bytes Of its volume, at most that.
     * @param now This instant.
     * @return it, at weight 1.
     */
    Part Add(const Transfer& transfer, const FlowPath& path, double bytes, Picoseconds now);

    /**
     * @param host A server. @param crossed What is crossed in it, as HostInterior counts.
     * @param bytes How many. @param now This instant.
     * @return number of a flow of MaxMin().
     */
    uint32_t AddInside(uint32_t host,
                       const std::vector<uint32_t>& crossed,
                       double bytes,
                       Picoseconds now);

    /// @param part A message whose flow has ended. @brief It is not in the fluid any more.
    void End(Part& part);

    /// @param part A message. @param now This instant. @brief Takes it out.
    void Remove(Part& part, Picoseconds now);

    /// @param part A message. @param path Its way by now. @return whether that is another.
    bool Reroute(Part& part, const FlowPath& path);

    /// @param part A message. @param held Whether it stands still.
    void SetHeld(const Part& part, bool held);

    /// @param part A message. @param weight Part of a flow that it counts as.
    void SetWeight(const Part& part, double weight);

    /// @param part A message. @param bytes Sent, that it sends again. @param now This instant.
    void Repeat(const Part& part, double bytes, Picoseconds now);

    /**
     * @brief A message that is held, or will be, sends on to the end of its window.
     * @param part The message. @param window Bytes. @param keep That it keeps at least, bytes.
     * @param now This instant.
     */
    void LetWindowOut(const Part& part, double window, double keep, Picoseconds now);

    /// @param part A message. @param now This instant. @return bytes that have not crossed.
    double Left(const Part& part, Picoseconds now) const;

    /// @param part A message. @return bytes per second.
    double Rate(const Part& part) const;

    /// @return what has max-min fair rates.
    FluidNetwork& MaxMin();

    /// @return what is in queues. There are some.
    QueueFluid& Queues();

  private:
    /// @param transfer A message. @return its only leg between hosts, if it is to be in queues.
    const RdmaLeg* QueuedLegOf(const Transfer& transfer) const;

    /// @brief Has the network know all resources of ways.
    void AddResources();

    /// @param path A way. @param limit Resource of its message's own, or NONE.
    /// @return what it crosses, as the network numbers it.
    ResourceList ResourcesOf(const FlowPath& path, uint32_t limit);

    /// @param path A way. @return a resource of its message's own if the way has a limit, or NONE.
    uint32_t TakeLimit(const FlowPath& path);

    std::shared_ptr<const FabricPlan> m_plan; //!< the fabric
    FlowPaths& m_paths;                       //!< ways
    FluidNetwork m_network;                   //!< max-min fair rates
    std::unique_ptr<QueueNetwork> m_queues;   //!< queues, if there are any
    std::vector<uint32_t> m_resourceOf;       //!< in the network, by resource of paths
    std::vector<uint32_t> m_freeLimits;       //!< resources of single messages
};

} // namespace mixnetcore

#endif // TRANSFER_FLUID_H
