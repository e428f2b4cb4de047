/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef LOAD_OPTIONS_H
#define LOAD_OPTIONS_H

#include "program-options.h"

#include "ns3/expert-load.h"
#include "ns3/model-spec.h"
#include "ns3/parallel-plan.h"
#include "ns3/token-dispatch.h"

#include <memory>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What of a load is drawn: some options have an effect on the first iteration or layer only
 * together with others.
 */
struct LoadSpan
{
    uint64_t iterations{1}; //!< from 0 to the last one
    uint64_t layers{1};     //!< MoE layers, from the first on
};

/**
 * @ingroup mixnet
 * @brief Declares the options that say which tokens go to which experts.
 * @param options Where to declare them; --seed is the program's.
 */
void AddLoadOptions(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads the options that say which tokens go to which experts, as MakeExpertLoad().
 * @param options The options.
 * @param model The model.
 * @param plan The ranks of an EP group: how many, and how they lie on hosts.
 * @param span What is drawn.
 * @return which tokens go where.
 * @throws std::invalid_argument with one line that says which option or file is wrong.
 */
std::shared_ptr<const mixnetcore::ExpertLoad> ParseLoadOptions(const ProgramOptions& options,
                                                               const mixnetcore::ModelSpec& model,
                                                               const mixnetcore::ParallelPlan& plan,
                                                               const LoadSpan& span);

/**
 * @ingroup mixnet
 * @brief Declares --deduplicate: how often a token with several experts on a rank is sent.
 * @param options Where to declare it.
 */
void AddDeduplicationOption(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads --deduplicate.
 * @param options The options.
 * @param load Which tokens go where.
 * @param ranksPerHost EP ranks of a host; 0 where nothing is passed on inside of hosts.
 * @return how often a token is sent.
 * @throws std::invalid_argument with one line when it is host and nothing is passed on, or when the
 *         load does not tell which experts share a token.
 */
mixnetcore::Deduplication ParseDeduplicationOption(const ProgramOptions& options,
                                                   const mixnetcore::ExpertLoad& load,
                                                   size_t ranksPerHost);

} // namespace mixnet
} // namespace ns3

#endif // LOAD_OPTIONS_H
