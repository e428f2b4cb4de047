/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "phase-key.h"

#include <cstdint>

namespace mixnetcore
{

std::string
ToString(PhaseKind kind)
{
    switch (kind)
    {
    case PhaseKind::PipelineReceive:
        return "pipelineReceive";
    case PhaseKind::Embedding:
        return "embedding";
    case PhaseKind::AttentionGather:
        return "attentionGather";
    case PhaseKind::Attention:
        return "attention";
    case PhaseKind::AttentionScatter:
        return "attentionScatter";
    case PhaseKind::Gating:
        return "gating";
    case PhaseKind::Dispatch:
        return "dispatch";
    case PhaseKind::AllGather:
        return "allGather";
    case PhaseKind::Expert:
        return "expert";
    case PhaseKind::Dense:
        return "dense";
    case PhaseKind::ReduceScatter:
        return "reduceScatter";
    case PhaseKind::Combine:
        return "combine";
    case PhaseKind::Head:
        return "head";
    case PhaseKind::PipelineSend:
        return "pipelineSend";
    case PhaseKind::ExpertReduce:
        return "expertReduce";
    case PhaseKind::SharedReduce:
        return "sharedReduce";
    case PhaseKind::Optimizer:
        return "optimizer";
    case PhaseKind::DispatchForward:
        return "dispatchForward";
    case PhaseKind::CombineForward:
        return "combineForward";
    }
    return "";
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
