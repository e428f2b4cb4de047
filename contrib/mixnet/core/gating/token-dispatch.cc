/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "token-dispatch.h"

#include "ns3/checks.h"
#include "ns3/largest-remainder.h"
#include "ns3/lists.h"

#include <algorithm>
#include <cstdint>

namespace mixnetcore
{

namespace
{

/**
 * @param load Its rows and columns.
 * @param group EP ranks.
 * @throws std::invalid_argument when one does not fit the other.
 */
void
CheckFit(const ExpertLoad& load, const ExpertParallelGroup& group)
{
    if (load.SourceRanks() != group.Ranks() || load.Experts() % group.Ranks() != 0)
    {
        Refuse(Phrase() << "an expert load of " << load.SourceRanks() << " source ranks x "
                        << load.Experts() << " experts; expected a row for each of the "
                        << group.Ranks() << " EP ranks and a multiple of them as columns");
    }
}

/**
 * @brief Spreads what crosses to one host over its ranks.
 * @param needed Tokens of one source that each rank of the host needs.
 * @param distinct How many different ones they are.
 * @return tokens that each rank gets over the network: at most what it needs.
 */
std::vector<uint64_t>
Spread(const std::vector<uint64_t>& needed, uint64_t distinct)
{
    return distinct == 0 ? std::vector<uint64_t>(needed.size(), 0)
                         : LargestRemainder(needed, distinct);
}

/**
 * @brief Passes tokens on between the ranks of a host until each has what it needs.
 * @param ranks The ranks.
 * @param needed Tokens that each needs.
 * @param got Tokens that each got over the network.
 * @param forwarded Where to add what is passed on.
 */
void
Forward(const std::vector<size_t>& ranks,
        const std::vector<uint64_t>& needed,
        const std::vector<uint64_t>& got,
        TokenMatrix& forwarded)
{
    for (size_t to = 0; to < ranks.size(); ++to)
    {
        const auto missing = needed[to] - got[to];
        if (missing == 0)
        {
            continue;
        }
        auto others = got;
        others[to] = 0;
        const auto parts = LargestRemainder(others, missing);
        for (size_t from = 0; from < ranks.size(); ++from)
        {
            forwarded.At(ranks[from], ranks[to]) += Tokens(parts[from]);
        }
    }
}

/**
 * @brief Turns tokens per (source, rank) into tokens sent once to each host and then passed on.
 * @param hosts Tokens of each source with an expert on each host.
 * @param group EP ranks on hosts.
 * @param dispatch Tokens for every rank; what crosses to other hosts is replaced.
 */
void
SendOncePerHost(const TokenMatrix& hosts, const ExpertParallelGroup& group, TokenDispatch& dispatch)
{
    for (size_t host = 0; host < group.Hosts(); ++host)
    {
        const auto ranks = group.RanksOfHost(host);
        for (size_t source = 0; source < group.Ranks(); ++source)
        {
            if (std::find(ranks.begin(), ranks.end(), source) != ranks.end())
            {
                continue;
            }
            const auto needed =
                Mapped(ranks, [&](size_t rank) { return dispatch.sent.At(source, rank).Count(); });
            const auto got = Spread(needed, hosts.At(source, host).Count());
            Forward(ranks, needed, got, dispatch.forwarded);
            for (size_t i = 0; i < ranks.size(); ++i)
            {
                dispatch.sent.At(source, ranks[i]) = Tokens(got[i]);
            }
        }
    }
}

/// @param tokens A matrix. @return the sum of each column.
std::vector<Tokens>
ColumnSums(const TokenMatrix& tokens)
{
    std::vector<Tokens> sums;
    for (size_t column = 0; column < tokens.Columns(); ++column)
    {
        sums.push_back(tokens.ColumnSum(column));
    }
    return sums;
}

} // namespace

TokenDispatch
DispatchTokens(const ExpertLoad& load,
               const LoadKey& key,
               const ExpertParallelGroup& group,
               Deduplication deduplication)
{
    CheckFit(load, group);
    const auto ranks = group.Ranks();
    const auto placesPerRank = load.Experts() / ranks;
    const auto assignments = load.Draw(key).Grouped(1, placesPerRank);
    TokenDispatch dispatch;
    dispatch.sent =
        deduplication == Deduplication::None ? assignments : load.DrawDistinct(key, placesPerRank);
    dispatch.forwarded = TokenMatrix(ranks, ranks);
    dispatch.assigned = ColumnSums(assignments);
    dispatch.received = ColumnSums(dispatch.sent);
    if (deduplication == Deduplication::Host && group.Hosts() > 1)
    {
        const auto hosts = load.DrawDistinct(key, load.Experts() / group.Hosts());
        SendOncePerHost(hosts, group, dispatch);
    }
    return dispatch;
}

Registry<Deduplication>&
Deduplications()
{
    static Registry<Deduplication> registry(
        "deduplication",
        {{"none", Deduplication::None, "once for each expert"},
         {"rank", Deduplication::Rank, "once for each EP rank"},
         {"host", Deduplication::Host, "once for each other server, and passed on inside"}});
    return registry;
}

} // namespace mixnetcore
