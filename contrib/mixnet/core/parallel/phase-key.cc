/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "phase-key.h"

#include <stdexcept>

namespace mixnetcore
{

namespace
{

// Bits of each field, in the order of PhaseKey::Fields().
constexpr unsigned ITERATION_BITS = 11;  //!< up to 2048 iterations
constexpr unsigned REPLICA_BITS = 10;    //!< up to 1024 replicas
constexpr unsigned STAGE_BITS = 6;       //!< up to 64 stages
constexpr unsigned REGION_BITS = 12;     //!< up to 4096 regions
constexpr unsigned MICROBATCH_BITS = 10; //!< up to 1024 microbatches
constexpr unsigned LAYER_BITS = 8;       //!< up to 256 layers
constexpr unsigned DIRECTION_BITS = 1;   //!< forward or backward
constexpr unsigned RECOMPUTE_BITS = 1;   //!< whether forward is done once more
constexpr unsigned KIND_BITS = 5;        //!< up to 32 kinds of phases
static_assert(ITERATION_BITS + REPLICA_BITS + STAGE_BITS + REGION_BITS + MICROBATCH_BITS +
                      LAYER_BITS + DIRECTION_BITS + RECOMPUTE_BITS + KIND_BITS <=
                  64,
              "a phase must fit");

/**
 * @param packed Fields so far.
 * @param value Next field.
 * @param bits Its bits.
 * @param name Its name.
 * @return fields with the next one behind.
 */
uint64_t
Append(uint64_t packed, uint64_t value, unsigned bits, const char* name)
{
    if (value >> bits != 0)
    {
        throw std::invalid_argument(std::string("phase with ") + name + " = " +
                                    std::to_string(value) + ": must be below " +
                                    std::to_string(uint64_t{1} << bits));
    }
    return packed << bits | value;
}

/**
 * @param[in,out] packed Fields; the last is taken away.
 * @param bits Its bits.
 * @return the last field.
 */
uint32_t
TakeLast(uint64_t& packed, unsigned bits)
{
    const auto value = static_cast<uint32_t>(packed & ((uint64_t{1} << bits) - 1));
    packed >>= bits;
    return value;
}

} // namespace

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

uint64_t
PackPhase(const PhaseKey& key)
{
    uint64_t packed = 0;
    packed = Append(packed, key.iteration, ITERATION_BITS, "iteration");
    packed = Append(packed, key.replica, REPLICA_BITS, "replica");
    packed = Append(packed, key.stage, STAGE_BITS, "stage");
    packed = Append(packed, key.region, REGION_BITS, "region");
    packed = Append(packed, key.microbatch, MICROBATCH_BITS, "microbatch");
    packed = Append(packed, key.layer, LAYER_BITS, "layer");
    packed = Append(packed, static_cast<uint64_t>(key.direction), DIRECTION_BITS, "direction");
    packed = Append(packed, key.recompute, RECOMPUTE_BITS, "recompute");
    return Append(packed, static_cast<uint64_t>(key.kind), KIND_BITS, "kind");
}

PhaseKey
UnpackPhase(uint64_t packed)
{
    PhaseKey key;
    key.kind = static_cast<PhaseKind>(TakeLast(packed, KIND_BITS));
    key.recompute = TakeLast(packed, RECOMPUTE_BITS) != 0;
    key.direction = static_cast<Direction>(TakeLast(packed, DIRECTION_BITS));
    key.layer = TakeLast(packed, LAYER_BITS);
    key.microbatch = TakeLast(packed, MICROBATCH_BITS);
    key.region = TakeLast(packed, REGION_BITS);
    key.stage = TakeLast(packed, STAGE_BITS);
    key.replica = TakeLast(packed, REPLICA_BITS);
    key.iteration = TakeLast(packed, ITERATION_BITS);
    return key;
}

} // namespace mixnetcore
