/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GRADIENT_REDUCER_H
#define GRADIENT_REDUCER_H

#include "collective-engine.h"

#include "ns3/gradient-plan.h"
#include "ns3/ring-latency.h"

#include <deque>
#include <memory>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief One host's part in the all-reduces of gradients.
 *
 * Ranks of the host join an all-reduce when their gradients are complete. When all have, it waits
 * for those before it, and then goes through the parts of a GradientPlan:
 *
 * 1. Flows among the host's GPUs.
 * 2. Rings, all at once. A ring over n hosts has 2(n - 1) steps, of bytes /
 *    n each; a host sends a step when it has received the one before, and when the NIC, at its line
 *    rate, has had the time for the step that it sent before: a host that is late has received
 *    several, and sends them one after the other. With more than MaxSteps steps, neighbouring ones
 *    are merged so that as many as MaxSteps are left, and the latency of those that are not
 *    simulated, StepLatency or what the fabric's plan gives (RingLatency), is added at the end: on
 *    an idle fabric that takes the same time.
 * 3. Flows among the host's GPUs.
 *
 * Guarantees: every rank that has joined is told once; all hosts go through all-reduces in the same
 * order if their ranks join in the same order.
 * Not modelled: time of the additions; sums that begin before all GPUs of the host are ready.
 */
class GradientReducer : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    GradientReducer();

    /**
     * @param plan What is reduced with whom; shared by the hosts.
     * @param host This host, as plan and fabric number it.
     * @param ranks EP ranks of this host: how many have to join.
     * @param engine What sends and counts for this host.
     */
    void SetPlan(std::shared_ptr<const mixnetcore::GradientPlan> plan,
                 uint32_t host,
                 uint32_t ranks,
                 Ptr<CollectiveEngine> engine);

    /**
     * @brief Gives merged steps their latency, unless the attribute StepLatency does.
     * @param latency Of rings of the fabric; shared by the hosts.
     */
    void SetRingLatency(std::shared_ptr<mixnetcore::RingLatency> latency)
    {
        m_latency = std::move(latency);
    }

    /**
     * @brief Says how hosts of a ring are reached whose NICs are not joined.
     * @param router The routes; shared by the hosts.
     */
    void SetRouter(std::shared_ptr<const mixnetcore::AllToAllRouter> router)
    {
        m_router = std::move(router);
    }

    /// Called when an all-reduce has ended.
    using DoneCallback = Callback<void>;

    /**
     * @brief A rank's gradients are complete.
     * @param reduce An ExpertReduce or SharedReduce.
     * @param done Called once when the sums are on all GPUs of this host, never before Join has
     * returned.
     */
    void Join(const mixnetcore::PhaseKey& reduce, DoneCallback done);

    /// @return all-reduces that ranks have joined and that have not ended.
    size_t GetOpen() const
    {
        return m_open.size();
    }

  protected:
    void DoDispose() override;

  private:
    /// Collectives of an all-reduce, as MessageKey counts them.
    enum Part : uint32_t
    {
        BEFORE, //!< the flows before the rings
        RINGS,  //!< steps of the rings
        AFTER,  //!< the flows after them
    };

    /// @brief An all-reduce that has not ended.
    struct Open
    {
        mixnetcore::PhaseKey reduce;    //!< which
        std::vector<DoneCallback> done; //!< whom to tell
    };

    /// @brief A ring that goes around.
    struct Ring
    {
        mixnetcore::GradientRing plan; //!< its NIC, hosts and buffer
        uint32_t number;               //!< among all rings, as its hosts agree
        uint32_t steps;                //!< how many are simulated
        uint32_t received{0};          //!< steps that have come
        Time lineFree;                 //!< when the NIC has had the time for what was sent
    };

    /// @brief Begins with the first all-reduce that all ranks have joined, if none is going on.
    void Proceed();

    /// @param part What happens inside of the host. @param flows Among its GPUs.
    /// @param through Is called when they have arrived.
    void RunInside(Part part,
                   const std::vector<mixnetcore::ScheduledFlow>& flows,
                   void (GradientReducer::*through)(const mixnetcore::MessageKey&, uint64_t));

    /// @brief Begins with the rings: the GPUs have their sums.
    void RingsStart(const mixnetcore::MessageKey& /* key */, uint64_t /* tag */);

    /// @param ring Index of a ring. @param step Which step. @brief Sends it to the next host, and
    /// waits for that of the host before.
    void StepStart(uint32_t ring, uint32_t step);

    /// @param key Of the step that this host has got.
    void HandleStep(const mixnetcore::MessageKey& key, uint32_t /* gpu */);

    /// @param ring A ring that is around. @return latencies of steps that were not simulated.
    Time MergedLatency(const Ring& ring) const;

    /// @brief All rings are around.
    void RingsComplete();

    /// @brief Tells who has joined, and goes on with the next: the sums are on all GPUs.
    void Complete(const mixnetcore::MessageKey& /* key */, uint64_t /* tag */);

    /// @param part A part of the all-reduce that goes on. @param step A step of it.
    /// @return what its messages belong to.
    mixnetcore::MessageKey KeyOf(Part part, uint32_t step = 0) const;

    /// @param ring A ring. @param step One of its steps. @return its bytes.
    mixnetcore::Bytes BytesOf(const Ring& ring, uint32_t step) const;

    std::shared_ptr<const mixnetcore::GradientPlan> m_plan;     //!< what is reduced with whom
    uint32_t m_host{0};                                         //!< this host
    uint32_t m_ranks{0};                                        //!< of this host
    Ptr<CollectiveEngine> m_engine;                             //!< sends and counts
    CollectiveEngine::ReadyCallback m_handleStep;               //!< made once, as that is expensive
    std::deque<Open> m_open;                                    //!< joined by some, in order
    bool m_isBusy{false};                                       //!< whether the first is going on
    std::shared_ptr<mixnetcore::RingLatency> m_latency;         //!< of merged steps
    std::shared_ptr<const mixnetcore::AllToAllRouter> m_router; //!< where NICs are not joined
    uint32_t m_hosts{0};                                        //!< of the one that goes on
    uint32_t m_ringCount{0};   //!< its rings, those without bytes too
    std::vector<Ring> m_rings; //!< of the one that goes on
    uint32_t m_ringsLeft{0};   //!< that are not around
    uint32_t m_maxSteps;       //!< attribute
    Time m_stepLatency;        //!< attribute
};

} // namespace mixnet
} // namespace ns3

#endif // GRADIENT_REDUCER_H
