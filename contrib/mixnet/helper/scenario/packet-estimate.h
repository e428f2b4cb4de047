/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PACKET_ESTIMATE_H
#define PACKET_ESTIMATE_H

#include "all-to-all-scenario.h"
#include "training-scenario.h"

#include <string>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What a run will cost to simulate packet by packet, reckoned before it.
 *
 * Packet-hops are data frames times the lines that each is put on: bytes that leave their server,
 * over MTU, times the NICs and switch ports that send them. Of training, bytes are those of
 * collectives in closed form:
 *
 * - all-to-alls under even load: of n ranks with k A bytes each, (n - ranks per server) / n leave;
 *   there and back, in each pass, MoE layer and microbatch;
 * - tensor-parallel collectives only where a rank spans h servers: h - 1 times their buffers;
 * - activations from stage to stage: all;
 * - gradients: 2 (h - 1) times what a rank holds, h servers of its group (a ring over them).
 *
 * On a fabric with circuits, all-to-alls cross them, one hop, as far as servers have ports for
 * their peers; everything else takes shortest paths. Sides that have flows cost nothing.
 *
 * Not modelled: retransmissions, tokens sent once per rank or server (which are fewer), uneven
 * load, frames that are not full. Small runs have been within a factor of two (suite
 * mixnet-packet-estimate).
 */
struct PacketEstimate
{
    /// Data packet-hops per second of wall time: two thirds of what the reference all-to-all N=8
    /// reaches in the documentation's table of costs (fidelity-benchmark).
    static constexpr double HOPS_PER_SECOND = 2.5e6;

    static constexpr double LONG_SECONDS = 600; //!< wall time that is worth a line

    double hops{0}; //!< data frames times lines

    /// @return wall time it will take, seconds.
    double Seconds() const
    {
        return hops / HOPS_PER_SECOND;
    }

    /// @return for people, what it will take and how to have it as flows; empty unless it is long.
    std::string Describe() const;

    /// @param program Its name. @brief Says the same on standard error, if there is anything to
    /// say.
    void Tell(const std::string& program) const;
};

/// @ingroup mixnet
/// @param scenario A training job. @return what its packets will cost.
PacketEstimate EstimateJob(const TrainingScenario& scenario);

/// @ingroup mixnet
/// @param scenario Flows. @return what their packets will cost.
PacketEstimate EstimateFlows(const AllToAllScenario& scenario);

} // namespace mixnet
} // namespace ns3

#endif // PACKET_ESTIMATE_H
