/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "phase-sequence.h"

#include <initializer_list>

namespace mixnetcore
{

namespace
{

/// Phases of a layer forward.
constexpr std::initializer_list<PhaseKind> FORWARD{PhaseKind::Attention,
                                                   PhaseKind::Gating,
                                                   PhaseKind::Dispatch,
                                                   PhaseKind::AllGather,
                                                   PhaseKind::Expert,
                                                   PhaseKind::ReduceScatter,
                                                   PhaseKind::Combine};

/// Phases of a layer backward; the gradient of a reduce-scatter is an all-gather, and vice versa.
constexpr std::initializer_list<PhaseKind> BACKWARD{PhaseKind::Combine,
                                                    PhaseKind::AllGather,
                                                    PhaseKind::Expert,
                                                    PhaseKind::ReduceScatter,
                                                    PhaseKind::Dispatch,
                                                    PhaseKind::Gating,
                                                    PhaseKind::Attention};

} // namespace

std::vector<PhaseKey>
PhaseSequence(const PhaseSequenceSpec& spec)
{
    std::vector<PhaseKey> sequence;
    PhaseKey key;
    key.iteration = spec.iteration;
    key.region = spec.region;
    const auto addLayer = [&](uint32_t layer, Direction direction, bool recompute) {
        key.layer = spec.firstLayer + layer;
        key.direction = direction;
        key.recompute = recompute;
        for (const auto kind : direction == Direction::Forward ? FORWARD : BACKWARD)
        {
            const auto phase = key.With(kind);
            if (spec.tensorCollectives || !phase.IsTensorCollective())
            {
                sequence.push_back(phase);
            }
        }
    };
    for (key.microbatch = 0; key.microbatch < spec.microbatches; ++key.microbatch)
    {
        for (uint32_t layer = 0; layer < spec.layers; ++layer)
        {
            addLayer(layer, Direction::Forward, false);
        }
        for (uint32_t layer = spec.layers; spec.backward && layer-- > 0;)
        {
            if (spec.recompute)
            {
                addLayer(layer, Direction::Forward, true);
            }
            addLayer(layer, Direction::Backward, false);
        }
    }
    return sequence;
}

} // namespace mixnetcore
