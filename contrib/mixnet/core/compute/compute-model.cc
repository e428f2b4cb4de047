/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "compute-model.h"

#include "ns3/checks.h"
#include "ns3/model-parameters.h"

#include <string>

namespace mixnetcore
{

namespace
{

__extension__ using Wide = unsigned __int128; //!< room for a product of two 64-bit numbers

constexpr int64_t PASSES_BACKWARD = 2; //!< gradients of inputs and of weights
constexpr uint64_t PER_MULTIPLY = 2;   //!< a multiplication and an addition
constexpr Wide MOST = Wide{1} << 62;   //!< bound that leaves room for both ways

/**
 * @param numerator Picoseconds, times the denominator.
 * @param denominator Above zero.
 * @param what What takes that time.
 * @return the time, rounded to the nearest picosecond.
 * @throws std::invalid_argument when it is beyond what is represented.
 */
Picoseconds
RoundedTime(Wide numerator, Wide denominator, const std::string& what)
{
    const auto time = (numerator + denominator / 2) / denominator;
    if (time >= MOST)
    {
        Refuse(what + " takes more than 50 days; expected less");
    }
    return Picoseconds(static_cast<int64_t>(time));
}

} // namespace

ComputeModel::ComputeModel(const ModelSpec& model,
                           uint64_t tensorParallel,
                           FlopsPerSecond ratePerGpu)
    : ComputeModel(model, tensorParallel, ComputeRates(ratePerGpu))
{
}

ComputeModel::ComputeModel(const ModelSpec& model,
                           uint64_t tensorParallel,
                           const ComputeRates& rates,
                           const std::optional<ComputeProfile>& profile)
    : m_model(model),
      m_tensorParallel(tensorParallel),
      m_rates(rates),
      m_profile(profile)
{
    if (tensorParallel == 0)
    {
        Refuse("compute model of " + model.name + " with 0 GPUs per rank; expected at least 1");
    }
    CheckProfile();
    for (const auto kind : ComputeKinds())
    {
        Time(kind, Direction::Forward); // refuses what is beyond 64 bits
    }
}

void
ComputeModel::CheckProfile() const
{
    for (const auto kind : {ComputeKind::SharedExpert, ComputeKind::Dense})
    {
        if (m_profile && m_profile->TimeOf(kind) && WorkPerToken(kind) == 0)
        {
            Refuse("profile " + m_profile->Description() + " lists " + ToString(kind) + ", which " +
                   m_model.name + " has not");
        }
    }
}

Picoseconds
ComputeModel::Expert(Direction direction, Tokens arrived) const
{
    return CheckedSum(Time(ComputeKind::Expert, direction, arrived),
                      Time(ComputeKind::SharedExpert, direction),
                      "the experts of a microbatch");
}

Picoseconds
ComputeModel::Time(ComputeKind kind, Direction direction, Tokens arrived) const
{
    const bool backward = direction == Direction::Backward;
    const auto what = ToString(kind) + " of a microbatch of " + m_model.name;
    const auto measured = m_profile ? m_profile->TimeOf(kind) : std::nullopt;
    if (measured)
    {
        const auto time = backward ? measured->backward : measured->forward;
        return RoundedTime(Wide(time.count()) * TokensOf(kind, arrived).Count(),
                           measured->tokens.Count(),
                           what);
    }
    constexpr Wide picosecondsPerSecond = 1'000'000'000'000;
    const auto forward = RoundedTime(Work(kind, arrived).Count() * picosecondsPerSecond,
                                     Wide{m_rates.Of(kind).Count()} * m_tensorParallel,
                                     what);
    return backward ? PASSES_BACKWARD * forward : forward;
}

Flops
ComputeModel::Work(ComputeKind kind, Tokens arrived) const
{
    const auto tokens = TokensOf(kind, arrived);
    const auto work = Wide{WorkPerToken(kind)} * tokens.Count();
    if (work >= MOST)
    {
        Refuse(Phrase() << ToString(kind) << " of " << tokens.Count() << " tokens of "
                        << m_model.name << " takes more than 4e18 operations; expected less");
    }
    return Flops(static_cast<uint64_t>(work));
}

Flops
ComputeModel::ScoreWorkPerToken() const
{
    const auto& mla = m_model.latentAttention;
    const auto query = mla ? mla->nopeSize + mla->ropeSize : m_model.headSize;
    const auto value = mla ? mla->valueSize : m_model.headSize;
    // Half of the sequence on average
    return Flops(PER_MULTIPLY * m_model.sequenceLength * m_model.heads * (query + value) / 2);
}

uint64_t
ComputeModel::WorkPerToken(ComputeKind kind) const
{
    const auto gated = PER_MULTIPLY * 3 * m_model.hidden; // three matrices
    switch (kind)
    {
    case ComputeKind::Attention:
        return PER_MULTIPLY * CountAttentionParameters(m_model).Count() +
               ScoreWorkPerToken().Count();
    case ComputeKind::Gating:
        return PER_MULTIPLY * m_model.hidden * m_model.experts;
    case ComputeKind::Expert:
        return gated * m_model.expertFfn;
    case ComputeKind::SharedExpert:
        return gated * m_model.sharedFfn;
    case ComputeKind::Dense:
        return gated * m_model.denseFfn;
    case ComputeKind::Head:
        return PER_MULTIPLY * m_model.hidden * m_model.vocabulary;
    }
    Refuse("no such kind of work");
}

} // namespace mixnetcore
