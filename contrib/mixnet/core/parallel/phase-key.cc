/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "phase-key.h"

#include <array>

namespace mixnetcore
{

std::string
ToString(PhaseKind kind)
{
    constexpr std::array<const char*, 19> NAMES{"pipelineReceive",
                                                "embedding",
                                                "attentionGather",
                                                "attention",
                                                "attentionScatter",
                                                "gating",
                                                "dispatch",
                                                "allGather",
                                                "expert",
                                                "dense",
                                                "reduceScatter",
                                                "combine",
                                                "head",
                                                "pipelineSend",
                                                "expertReduce",
                                                "sharedReduce",
                                                "optimizer",
                                                "dispatchForward",
                                                "combineForward"};
    return NAMES.at(static_cast<size_t>(kind));
}

std::string
ToString(Direction direction)
{
    return direction == Direction::Forward ? "forward" : "backward";
}

std::string
Describe(const PhaseKey& key)
{
    return ToString(key.kind) + ", " + ToString(key.direction) + ", of iteration " +
           std::to_string(key.iteration) + ", stage " + std::to_string(key.stage) + ", replica " +
           std::to_string(key.replica) + ", layer " + std::to_string(key.layer) + ", microbatch " +
           std::to_string(key.microbatch);
}

size_t
PhaseHash::operator()(const PhaseKey& key) const
{
    // Fields that differ between phases of one run at different bits, and then all bits mixed.
    uint64_t hash = key.iteration;
    for (const uint32_t field : {key.replica, key.stage, key.region, key.microbatch, key.layer})
    {
        hash = (hash << 10 | hash >> 54) ^ field;
    }
    hash = hash << 7 ^ static_cast<uint64_t>(key.kind) << 2 ^
           static_cast<uint64_t>(key.direction) << 1 ^ static_cast<uint64_t>(key.recompute);
    constexpr uint64_t ODD = 0x9e3779b97f4a7c15; // 2^64 over the golden ratio
    hash *= ODD;
    return hash ^ hash >> 32;
}

} // namespace mixnetcore
