/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MODEL_PARAMETERS_H
#define MODEL_PARAMETERS_H

#include "model-spec.h"

#include "ns3/mixnet-units.h"

#include <cstdint>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Names trained parameters.
inline constexpr char PARAMETER_UNIT[] = "parameters";

/// @ingroup mixnet-core
/// @brief A number of trained parameters.
using Parameters = Quantity<PARAMETER_UNIT>;

/**
 * @ingroup mixnet-core
 * @brief Parameters by the part of the model they belong to.
 */
struct ParameterCount
{
    Parameters embedding;     //!< of tokens at the input
    Parameters attention;     //!< projections of all layers
    Parameters denseFfn;      //!< blocks of dense layers
    Parameters gate;          //!< choice of experts
    Parameters routedExperts; //!< experts that are chosen
    Parameters sharedExperts; //!< experts that every token uses
    Parameters norms;         //!< scales of all norms
    Parameters head;          //!< output; none when tied to the embedding

    /// @return all of them.
    Parameters Total() const;

    /// @param other What to add, part by part. @return this object.
    ParameterCount& operator+=(const ParameterCount& other);
};

/**
 * @ingroup mixnet-core
 * @brief Parameters of one layer.
 *
 * With hidden size d, H heads of size h, K heads of keys and values, E experts of inner size f,
 * shared experts of inner size g, a dense block of inner size D; latent attention with ranks q
 * (query), c (keys and values) and head parts n, r, v:
 *
 * | part           | parameters                                           |
 * |----------------|------------------------------------------------------|
 * | attention      | 2dHh + 2dKh                                          |
 * | latent         | dq + qH(n + r) + d(c + r) + cH(n + v) + Hvd          |
 * | latent, q = 0  | dH(n + r) + d(c + r) + cH(n + v) + Hvd               |
 * | dense block    | 3dD                                                  |
 * | MoE block      | dE + 3dEf + 3dg                                      |
 * | norms          | 2d, of latent attention q + c more                   |
 *
 * Not counted: biases, the one-output gate of a shared expert.
 *
 * @param model The model.
 * @param layer Below its number of layers.
 * @return what the layer has; embedding and head are none.
 * @throws std::out_of_range when there is no such layer.
 */
ParameterCount CountLayerParameters(const ModelSpec& model, uint64_t layer);

/**
 * @ingroup mixnet-core
 * @param model The model.
 * @return parameters of the attention of one layer, norms aside.
 */
Parameters CountAttentionParameters(const ModelSpec& model);

/**
 * @ingroup mixnet-core
 * @brief All parameters: layers, both embeddings (one when tied), the last norm.
 * @param model The model.
 * @return what it has; empty experts have none.
 */
ParameterCount CountParameters(const ModelSpec& model);

/**
 * @ingroup mixnet-core
 * @brief The parameters that one token uses: all but the experts it does not choose.
 *
 * Counts input embedding and head, as the publishers of Mixtral, LLaMA-MoE and Qwen do; DeepSeek's
 * 36.7 billion are without one of them. A tied matrix counts once.
 *
 * @param model The model.
 * @return what a token uses.
 */
ParameterCount CountActiveParameters(const ModelSpec& model);

} // namespace mixnetcore

#endif // MODEL_PARAMETERS_H
