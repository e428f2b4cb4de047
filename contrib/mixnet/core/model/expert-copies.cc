/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "expert-copies.h"

#include "ns3/checks.h"

#include <algorithm>
#include <numeric>
#include <tuple>

namespace mixnetcore
{

namespace
{

/// @param tokens Tokens of each expert. @param places Places. @return copies of each expert.
std::vector<size_t>
CountCopies(const std::vector<uint64_t>& tokens, size_t places)
{
    std::vector<size_t> copies(tokens.size(), 1);
    for (auto left = places - tokens.size(); left > 0; --left)
    {
        size_t busiest = 0;
        for (size_t expert = 1; expert < tokens.size(); ++expert)
        {
            __extension__ using Wide = unsigned __int128;
            if (Wide{tokens[expert]} * copies[busiest] > Wide{tokens[busiest]} * copies[expert])
            {
                busiest = expert;
            }
        }
        ++copies[busiest];
    }
    return copies;
}

/// @brief What a rank has so far.
struct RankPlaces
{
    double tokens{0};            //!< that it is expected to get
    std::vector<size_t> experts; //!< of its places
};

} // namespace

ExpertCopies::ExpertCopies(const std::vector<uint64_t>& tokens, size_t places, size_t ranks)
    : m_places(tokens.size())
{
    if (tokens.empty() || places < tokens.size() || ranks == 0 || places % ranks != 0)
    {
        Refuse(Phrase() << tokens.size() << " experts on " << places << " places of " << ranks
                        << " ranks; expected an expert at least, a place for each, and ranks that "
                           "divide the places");
    }
    const auto copies = CountCopies(tokens, places);
    const auto perCopy = [&](size_t expert) {
        return double(tokens[expert]) / double(copies[expert]);
    };
    std::vector<size_t> order(tokens.size());
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
        return perCopy(a) > perCopy(b);
    });
    std::vector<RankPlaces> filled(ranks);
    const auto perRank = places / ranks;
    for (const auto expert : order)
    {
        for (size_t copy = 0; copy < copies[expert]; ++copy)
        {
            const auto rankOf = [&](const RankPlaces& rank) {
                const auto& own = rank.experts;
                return std::make_tuple(own.size() == perRank,
                                       std::count(own.begin(), own.end(), expert) > 0,
                                       rank.tokens);
            };
            auto& rank = *std::min_element(
                filled.begin(),
                filled.end(),
                [&](const RankPlaces& a, const RankPlaces& b) { return rankOf(a) < rankOf(b); });
            m_places[expert].push_back((&rank - filled.data()) * perRank + rank.experts.size());
            rank.experts.push_back(expert);
            rank.tokens += perCopy(expert);
        }
        std::sort(m_places[expert].begin(), m_places[expert].end());
    }
}

} // namespace mixnetcore
