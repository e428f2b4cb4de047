/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * An expert load of your own: every EP rank sends all tokens to the experts of the next rank.
 *
 *     rank 0 --> rank 1 --> ... --> last rank --> rank 0
 *
 * Run:    ./ns3 run "next-rank-load --expertLoad=next-rank --model=mixtral-8x7b --layers=1"
 * Prints: what mixnet-training prints.
 */

#include "ns3/mixnet-module.h"

namespace
{

using namespace mixnetcore;

/**
 * @brief The worst load for a fabric that spreads over pairs: one destination for each rank.
 */
class NextRankLoad : public ExpertLoad
{
  public:
    /// @param site Who gates tokens.
    explicit NextRankLoad(const ExpertLoadSite& site)
        : m_tokens(site.ranks, site.model.paddedExperts)
    {
        const auto perRank = Experts() / SourceRanks();
        for (size_t rank = 0; rank < SourceRanks(); ++rank)
        {
            const auto first = (rank + 1) % SourceRanks() * perRank;
            auto left = site.model.AssignmentsPerMicrobatch();
            for (size_t expert = 0; expert < perRank; ++expert)
            {
                const Tokens share(left.Count() / (perRank - expert));
                m_tokens.At(rank, first + expert) = share;
                left = left - share;
            }
        }
    }

    TokenMatrix Draw(const LoadKey& /* key */) const override
    {
        return m_tokens;
    }

    size_t SourceRanks() const override
    {
        return m_tokens.Rows();
    }

    size_t Experts() const override
    {
        return m_tokens.Columns();
    }

    bool RepeatsItself() const override
    {
        return true;
    }

    std::string Description() const override
    {
        return "all tokens to the next EP rank";
    }

  private:
    TokenMatrix m_tokens; //!< by source rank and expert
};

} // namespace

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
main(int argc, char* argv[])
{
    ExpertLoads().Add(
        "next-rank",
        [](const OptionReader& /* options */, const ExpertLoadSite& site) {
            return std::make_shared<NextRankLoad>(site);
        },
        "all tokens to the next rank");
    return ns3::mixnet::RunMixnetTraining(argc, argv);
}
