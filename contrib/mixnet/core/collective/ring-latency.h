/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RING_LATENCY_H
#define RING_LATENCY_H

#include "gradient-plan.h"

#include "ns3/flow-paths.h"

#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What a step of a ring over hosts takes beside the time of its bytes, on an idle fabric.
 *
 * A message from a host to the next takes what FlowPaths says: its bytes with the overhead of their
 * frames over the slowest of what they cross, propagation, a frame for every packet switch, and a
 * chunk for every other stage. What is beyond payload / rate is its latency. Data goes around a
 * ring once or twice, so that the mean over its edges counts.
 *
 * Guarantees: a pure function of its arguments. What has been asked for is remembered.
 * Not modelled: other traffic.
 */
class RingLatency
{
  public:
    /**
     * @param plan The fabric.
     * @param forwarding Tables of its packet switches.
     * @param framing Sizes of frames and chunks.
     * @param router Routes between hosts, for rings whose NICs are not joined.
     */
    RingLatency(std::shared_ptr<const FabricPlan> plan,
                std::shared_ptr<const ForwardingPlan> forwarding,
                const FlowFraming& framing,
                std::shared_ptr<const AllToAllRouter> router = nullptr);

    /**
     * @param ring The ring, of at least two hosts.
     * @param bytes Payload of a step.
     * @return mean over the edges of the ring of a message's time beyond payload over rate; of
     * several messages side by side that of the longest.
     * @throws std::invalid_argument when there is no way between neighbours.
     */
    Picoseconds PerStep(const GradientRing& ring, Bytes bytes);

    /**
     * @brief The time that merging the steps of a ring saves, and that is to be added again.
     *
     * A ring of n hosts has 2 (n - 1) steps of bytes / n each. In fewer steps with as many bytes in
     * all the latencies of some are missing, and those that are left may have others.
     *
     * @param ring The ring, of at least two hosts, with the size of its buffer.
     * @param steps How many steps are left, at least 1.
     * @return latencies of all steps less those of the steps that are left; zero if that is less.
     */
    Picoseconds SavedByMerging(const GradientRing& ring, uint32_t steps);

  private:
    /// Hosts, NIC and bytes of a step.
    using Key = std::tuple<std::vector<uint32_t>, uint32_t, uint64_t>;

    std::shared_ptr<const FabricPlan> m_plan;       //!< the fabric
    FlowPaths m_paths;                              //!< paths over it
    std::shared_ptr<const AllToAllRouter> m_router; //!< between NICs that are not joined
    std::map<Key, Picoseconds> m_known;             //!< what has been asked for
};

} // namespace mixnetcore

#endif // RING_LATENCY_H
