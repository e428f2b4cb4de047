/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef COMPUTE_KIND_H
#define COMPUTE_KIND_H

#include "gpu-type.h"

#include <string>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What a rank computes, by the matrices that take part.
enum class ComputeKind
{
    Attention,    //!< projections, scores and values of one layer
    Gating,       //!< choice of experts in one layer
    Expert,       //!< routed experts of one layer, on the tokens that arrived
    SharedExpert, //!< shared experts of one layer, on the rank's own tokens
    Dense,        //!< feed-forward block of one dense layer
    Head,         //!< output of the model
};

/// @ingroup mixnet-core
/// @return all kinds.
const std::vector<ComputeKind>& ComputeKinds();

/// @ingroup mixnet-core
/// @param kind A kind. @return its name in files and messages: attention, shared-expert, ...
std::string ToString(ComputeKind kind);

/**
 * @ingroup mixnet-core
 * @brief Achieved rate of one GPU for each kind of work.
 */
class ComputeRates
{
  public:
    /**
     * @param all The rate for every kind; above zero.
     * @throws std::invalid_argument when it is zero.
     */
    explicit ComputeRates(FlopsPerSecond all);

    /**
     * @param kind A kind.
     * @param rate Its rate; above zero.
     * @return this object.
     * @throws std::invalid_argument when it is zero.
     */
    ComputeRates& Set(ComputeKind kind, FlopsPerSecond rate);

    /// @param kind A kind. @return its rate.
    FlopsPerSecond Of(ComputeKind kind) const
    {
        return m_rates.at(static_cast<size_t>(kind));
    }

  private:
    std::vector<FlopsPerSecond> m_rates; //!< by kind
};

} // namespace mixnetcore

#endif // COMPUTE_KIND_H
