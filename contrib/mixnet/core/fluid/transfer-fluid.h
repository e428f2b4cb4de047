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

#include <deque>
#include <memory>
#include <unordered_map>
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
 * Messages of one queue pair are a group: each has the same weight, which is said for all of them.
 * So are messages without one that begin and end at the same places. The first FEW of a group are
 * flows by themselves; what comes on top of them forms crowds of those that cross the same, so that
 * a message costs the same whether few or many others are on its way. (In a crowd the limit of the
 * pipeline is that of the first: messages of other sizes differ from it by a few headers.)
 *
 * Times and sizes are those of FlowPaths, FluidNetwork and QueueFluid; whoever owns this object has
 * both of them go on.
 */
class TransferFluid
{
  public:
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a number

    /// Messages of a group that are flows by themselves, at most.
    static constexpr uint32_t FEW = 16;

    /// @brief Which queue pair a message shares with others.
    struct Sharing
    {
        uint32_t connection{NONE}; //!< the queue pair that gives it its weight, or NONE
        bool isOnly{true};         //!< whether it has no other
    };

    /// @brief A message in the fluid.
    struct Part
    {
        uint32_t flow{NONE};  //!< its number, there; NONE: it is not in the fluid
        uint32_t limit{NONE}; //!< resource of its own, or NONE
        uint32_t group{NONE}; //!< its group, or NONE
        uint32_t crowd{NONE}; //!< number of its crowd, or NONE
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
     * @param now This instant. @param sharing Its queue pair.
     * @return it; at weight 1 until SetWeight() says another.
     */
    Part Add(const Transfer& transfer,
             const FlowPath& path,
             double bytes,
             Picoseconds now,
             const Sharing& sharing);

    /**
     * @param host A server. @param crossed What is crossed in it, as HostInterior counts.
     * @param bytes How many. @param now This instant.
     * @return it, at a max-min fair rate.
     */
    Part AddInside(uint32_t host,
                   const std::vector<uint32_t>& crossed,
                   double bytes,
                   Picoseconds now);

    /// @param part A message whose flow has ended. @brief It is not in the fluid any more.
    void End(Part& part);

    /// @param part A message. @param now This instant. @brief Takes it out.
    void Remove(Part& part, Picoseconds now);

    /// @param part A message. @param path Its way by now. @param now This instant.
    /// @return whether that is another.
    bool Reroute(Part& part, const FlowPath& path, Picoseconds now);

    /// @param part A message. @param held Whether it stands still.
    void SetHeld(const Part& part, bool held);

    /// @param connection A queue pair. @param weight Part of a flow that each of its messages
    /// counts as. @brief Costs the number of FEW and of ways that its messages take.
    void SetWeight(uint32_t connection, double weight);

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
    /// @brief What a message crosses in the network.
    struct Crossed
    {
        ResourceList resources; //!< shared with others
        double limit;           //!< rate that its pipeline allows; UNLIMITED where that is no limit
    };

    /// @brief Messages that take part as one.
    struct Crowd
    {
        uint32_t flow;    //!< its number in the network
        uint32_t limit;   //!< resource that only they cross, or NONE
        uint32_t members; //!< how many there are
        Crossed crossed;  //!< what each crosses
    };

    /// @brief Messages that have the same weight.
    struct Group
    {
        double weight{1};            //!< of each
        std::vector<uint32_t> alone; //!< flows by themselves, as they came
        std::vector<Crowd> crowds;   //!< all others
    };

    /// @param path A way. @return what it crosses.
    Crossed CrossedBy(const FlowPath& path);

    /// @param resources What is shared. @param limit A resource more, or NONE. @return all.
    static ResourceList With(ResourceList resources, uint32_t limit);

    /// @param crossed What a message crosses. @param bytes How many. @param now This instant.
    /// @param sharing Its queue pair. @return it, at a max-min fair rate.
    Part AddToNetwork(const Crossed& crossed,
                      double bytes,
                      Picoseconds now,
                      const Sharing& sharing);

    /// @param sharing Of a message. @param resources What it shares. @return its group, or NONE.
    uint32_t GroupOf(const Sharing& sharing, const ResourceList& resources);

    /// @param group A group. @param crossed By a message. @return the crowd of those that cross
    /// the same, which may be new.
    Crowd& CrowdOf(Group& group, const Crossed& crossed);

    /// @param group A group. @param flow Number of one of its crowds. @return that.
    static Crowd& CrowdWith(Group& group, uint32_t flow);

    /// @param crowd A crowd. @param more Members that come, or go if negative.
    void Resize(Crowd& crowd, int32_t more);

    /// @param group A group. @param crowd One of its crowds, of which a member has gone.
    void LeaveCrowd(Group& group, Crowd& crowd);

    /// @param transfer A message. @return its only leg between hosts, if it is to be in queues.
    const RdmaLeg* QueuedLegOf(const Transfer& transfer) const;

    /// @brief Has the network know all resources of ways.
    void AddResources();

    /// @param limit Rate that a pipeline allows. @return a resource for it, or NONE if that is no
    /// limit.
    uint32_t TakeLimit(double limit);

    std::shared_ptr<const FabricPlan> m_plan; //!< the fabric
    FlowPaths& m_paths;                       //!< ways
    FluidNetwork m_network;                   //!< max-min fair rates
    std::unique_ptr<QueueNetwork> m_queues;   //!< queues, if there are any
    std::vector<uint32_t> m_resourceOf;       //!< in the network, by resource of paths
    std::vector<uint32_t> m_freeLimits;       //!< resources of single messages
    std::deque<Group> m_groups;               //!< by number
    std::vector<uint32_t> m_groupOf;          //!< by queue pair, or NONE
    std::unordered_map<uint64_t, uint32_t>
        m_groupInside; //!< by the first and last that is crossed; looked up only
};

} // namespace mixnetcore

#endif // TRANSFER_FLUID_H
