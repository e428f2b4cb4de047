/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PHASE_SEQUENCE_H
#define PHASE_SEQUENCE_H

#include "ns3/phase-key.h"

#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What decides which phases an EP group goes through.
 */
struct PhaseSequenceSpec
{
    uint32_t iteration{0};        //!< training iteration
    uint32_t region{0};           //!< region of the group
    uint32_t firstLayer{0};       //!< first layer, in the model
    uint32_t layers{1};           //!< layers
    uint32_t microbatches{1};     //!< microbatches
    bool backward{true};          //!< whether the backward pass follows the forward pass
    bool recompute{false};        //!< whether forward is done once more before backward
    bool tensorCollectives{true}; //!< whether ranks are several GPUs (TP above 1)
};

/**
 * @ingroup mixnet-core
 * @brief The phases that every rank of an EP group goes through, in order.
 *
 * Per microbatch all layers forward, then all layers backward in reverse order, as with 1F1B on a
 * single stage. A layer forward: attention, gating, dispatch, all-gather, expert, reduce-scatter,
 * combine. Backward is its mirror: combine, all-gather (the gradient of a reduce-scatter), expert,
 * reduce-scatter, dispatch, gating, attention. With recompute the forward phases of a layer come
 * once more before its backward phases, collectives included.
 *
 * @param spec What to go through.
 * @return the phases.
 */
std::vector<PhaseKey> PhaseSequence(const PhaseSequenceSpec& spec);

} // namespace mixnetcore

#endif // PHASE_SEQUENCE_H
