/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef EXPERT_LOADS_H
#define EXPERT_LOADS_H

#include "expert-load.h"

#include "ns3/model-spec.h"
#include "ns3/option-reader.h"
#include "ns3/registry.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What an expert load is made for: who gates tokens, and what of it is drawn.
struct ExpertLoadSite
{
    ModelSpec model;             //!< experts, tokens of a microbatch, MoE layers
    size_t ranks{1};             //!< EP ranks
    size_t tensorParallel{1};    //!< GPUs of a rank: each records its part of the tokens in a trace
    size_t ranksPerHost{1};      //!< EP ranks of a host: tokens can be told apart per rank and host
    uint64_t seed{1};            //!< for what is drawn at random
    uint64_t iterations{1};      //!< training iterations, from 0 to the last one
    uint64_t layers{1};          //!< MoE layers, from the first on
    bool tellsTokensApart{true}; //!< whether a token with several experts has to be known as one
};

/// @ingroup mixnet-core
/// @brief Makes a load from the values of options, of which it reads those that concern it.
/// Throws std::invalid_argument with one line when they do not fit.
using ExpertLoadMaker =
    std::function<std::shared_ptr<const ExpertLoad>(const OptionReader&, const ExpertLoadSite&)>;

/// @ingroup mixnet-core
/// @return the loads that have a name: synthetic.
Registry<ExpertLoadMaker>& ExpertLoads();

/**
 * @ingroup mixnet-core
 * @brief Makes the load that the option expertLoad names: one of ExpertLoads(), a routing trace (a
 * file *.jsonl, or a folder of them), or else a file with one measured matrix.
 * @param options Values of options.
 * @param site What it is made for.
 * @return which tokens go where.
 * @throws std::invalid_argument with one line that says which option or file is wrong.
 */
std::shared_ptr<const ExpertLoad> MakeExpertLoad(const OptionReader& options,
                                                 const ExpertLoadSite& site);

} // namespace mixnetcore

#endif // EXPERT_LOADS_H
