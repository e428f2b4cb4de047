/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "compute-model.h"

#include <stdexcept>
#include <string>

namespace mixnetcore
{

ComputeModel::ComputeModel(const ModelSpec& model,
                           uint64_t tensorParallel,
                           FlopsPerSecond ratePerGpu)
    : m_model(model),
      m_tensorParallel(tensorParallel),
      m_ratePerGpu(ratePerGpu)
{
    if (tensorParallel == 0 || ratePerGpu.Count() == 0)
    {
        throw std::invalid_argument("compute model of " + model.name + " with " +
                                    std::to_string(tensorParallel) + " GPUs per rank at " +
                                    std::to_string(ratePerGpu.Count()) +
                                    " FLOP/s each; expected both above zero");
    }
}

Picoseconds
ComputeModel::Attention() const
{
    return TimeOf(AttentionWork());
}

Picoseconds
ComputeModel::Gating() const
{
    return TimeOf(GatingWork());
}

Picoseconds
ComputeModel::Expert(Tokens arrived) const
{
    return TimeOf(ExpertWork(arrived));
}

Flops
ComputeModel::AttentionWork() const
{
    const auto queries = m_model.heads * m_model.headSize;
    const auto keys = m_model.kvHeads * m_model.headSize;
    const auto projections = 2 * m_model.hidden * (2 * queries + 2 * keys);
    const auto scores = 2 * m_model.sequenceLength * queries;
    return Flops(projections + scores) * m_model.TokensPerMicrobatch().Count();
}

Flops
ComputeModel::GatingWork() const
{
    return Flops(2 * m_model.hidden * m_model.experts) * m_model.TokensPerMicrobatch().Count();
}

Flops
ComputeModel::ExpertWork(Tokens arrived) const
{
    const auto routed = Flops(6 * m_model.hidden * m_model.expertFfn) * arrived.Count();
    const auto shared =
        Flops(6 * m_model.hidden * m_model.sharedFfn) * m_model.TokensPerMicrobatch().Count();
    return routed + shared;
}

Picoseconds
ComputeModel::TimeOf(Flops work) const
{
    __extension__ using Wide = unsigned __int128;
    constexpr Wide picosecondsPerSecond = 1'000'000'000'000;
    const auto rate = Wide{m_ratePerGpu.Count()} * m_tensorParallel;
    return Picoseconds(
        static_cast<int64_t>((work.Count() * picosecondsPerSecond + rate / 2) / rate));
}

} // namespace mixnetcore
