/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAFFIC_MATRICES_H
#define TRAFFIC_MATRICES_H

#include "traffic-volume.h"

#include "ns3/demand-matrix.h"
#include "ns3/expert-load.h"

#include <cstddef>
#include <cstdint>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Bytes between GPUs in one iteration, one matrix for each parallelism.
 *
 * GPUs are those of the plan's placement. Traffic of a TP group goes between all pairs alike,
 * gradients go to the next member of a ring, activations to the next stage and their gradients
 * back. Tokens go where the load sends them: what dispatch moves, combine moves back; both ways in
 * each pass.
 *
 * Guarantees: each matrix but that of the tokens adds up to TrafficVolume::Sent(); so does that of
 * the tokens under an even load.
 *
 * @see MixNet, section 3, Figure 5
 */
struct TrafficMatrices : public ByParallelism<DemandMatrix>
{
    static constexpr size_t MAX_GPUS = 2048; //!< four matrices of these take 134 MB
};

/**
 * @ingroup mixnet-core
 * @param volume Model, plan and iteration.
 * @param load Which tokens go where: its layer l is the model's MoE layer l.
 * @param iteration Which iteration.
 * @return bytes between GPUs.
 * @throws std::invalid_argument when the load does not fit the plan, or there are more than
 *         MAX_GPUS GPUs.
 */
TrafficMatrices TrafficBetweenGpus(const TrafficVolume& volume,
                                   const ExpertLoad& load,
                                   uint32_t iteration);

} // namespace mixnetcore

#endif // TRAFFIC_MATRICES_H
