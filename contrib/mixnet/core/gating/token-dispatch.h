/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TOKEN_DISPATCH_H
#define TOKEN_DISPATCH_H

#include "expert-load.h"

#include "ns3/expert-parallel-group.h"
#include "ns3/registry.h"

#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief How often a token is sent that goes to several experts of one rank or host.
enum class Deduplication
{
    None, //!< once for each of its experts
    Rank, //!< once for each EP rank that has some of its experts
    Host, //!< once for each other host that has some of its experts, and passed on inside
};

/**
 * @ingroup mixnet-core
 * @brief The tokens that the dispatch of one gating moves. The combine moves them back.
 *
 * With Deduplication::Host, a token for several ranks of another host crosses the network once, to
 * one of those ranks, and is passed on over the NVSwitch; the combine adds up inside the host and
 * sends one sum back. Which rank gets it: the tokens of a source spread over the ranks of the host
 * in proportion to what each needs. Inside the source's own host a token is sent to each rank.
 *
 * Guarantees: sent(s, d) + what s's tokens are forwarded to d = the tokens of s with an expert on
 * d, and all of it without deduplication is the assignments.
 */
struct TokenDispatch
{
    TokenMatrix sent;             //!< from each EP rank to each; (r, r) is what stays on rank r
    TokenMatrix forwarded;        //!< between ranks of a host afterwards; zero but for Host
    std::vector<Tokens> assigned; //!< assignments to each rank's experts: their work
    std::vector<Tokens> received; //!< tokens each rank holds in the end: the size of its buffer
};

/**
 * @ingroup mixnet-core
 * @param load Which tokens go where; its rows are the ranks of the group.
 * @param key Which gating.
 * @param group EP ranks on hosts.
 * @param deduplication How often a token is sent.
 * @return the tokens moved.
 * @throws std::invalid_argument when the load does not fit the group, or cannot tell.
 */
TokenDispatch DispatchTokens(const ExpertLoad& load,
                             const LoadKey& key,
                             const ExpertParallelGroup& group,
                             Deduplication deduplication);

/// @ingroup mixnet-core
/// @return the kinds of deduplication by name: none, rank and host.
Registry<Deduplication>& Deduplications();

} // namespace mixnetcore

#endif // TOKEN_DISPATCH_H
