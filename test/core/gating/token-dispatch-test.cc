/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/synthetic-expert-load.h"
#include "ns3/token-dispatch.h"

#include <gtest/gtest.h>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

namespace
{

/// A load of tokens written out: for each source rank, the experts of each of its tokens.
class WrittenLoad : public ExpertLoad
{
  public:
    /// @param experts Expert places. @param tokens Experts of each token of each source rank.
    WrittenLoad(size_t experts, const std::vector<std::vector<std::set<size_t>>>& tokens)
        : m_experts(experts),
          m_tokens(tokens)
    {
    }

    TokenMatrix Draw(const LoadKey& key) const override
    {
        return DrawDistinct(key, 1);
    }

    TokenMatrix DrawDistinct(const LoadKey& /* key */, size_t placesPerGroup) const override
    {
        TokenMatrix matrix(m_tokens.size(), m_experts / placesPerGroup);
        for (size_t source = 0; source < m_tokens.size(); ++source)
        {
            for (const auto& experts : m_tokens[source])
            {
                std::set<size_t> groups;
                for (const auto expert : experts)
                {
                    groups.insert(expert / placesPerGroup);
                }
                for (const auto group : groups)
                {
                    matrix.At(source, group) += Tokens(1);
                }
            }
        }
        return matrix;
    }

    size_t SourceRanks() const override
    {
        return m_tokens.size();
    }

    size_t Experts() const override
    {
        return m_experts;
    }

    bool RepeatsItself() const override
    {
        return true;
    }

    std::string Description() const override
    {
        return "written out";
    }

  private:
    size_t m_experts;                                    //!< expert places
    std::vector<std::vector<std::set<size_t>>> m_tokens; //!< experts of each token of each source
};

/// A load that only knows counts.
class CountsOnly : public WrittenLoad
{
  public:
    using WrittenLoad::WrittenLoad;

    TokenMatrix DrawDistinct(const LoadKey& key, size_t placesPerGroup) const override
    {
        return placesPerGroup == 1 ? WrittenLoad::DrawDistinct(key, 1)
                                   : ExpertLoad::DrawDistinct(key, placesPerGroup);
    }
};

/**
 * Four ranks of two experts, two ranks per host (hosts 0: experts 0 to 3, 1: experts 4 to 7). Three
 * tokens of rank 0: one with both experts of rank 2, one with experts on both ranks of host 1 and
 * one with an expert on either host. The other ranks have no tokens.
 */
const WrittenLoad LOAD(8, {{{4, 5}, {4, 6}, {2, 7}}, {}, {}, {}});

/// @return four EP ranks, one GPU each, on hosts of two.
ExpertParallelGroup
FourRanks()
{
    return {4, 1, 2};
}

} // namespace

TEST(DispatchTokens, SendsATokenForEveryExpertByDefault)
{
    // Rank 1 gets a token, rank 2 three assignments, rank 3 two.
    const auto tokens = DispatchTokens(LOAD, {}, FourRanks(), Deduplication::None);
    EXPECT_EQ(tokens.sent, (TokenMatrix{{0, 1, 3, 2}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}));
    EXPECT_EQ(tokens.forwarded, TokenMatrix(4, 4));
    EXPECT_EQ(tokens.assigned[2], Tokens(3));
    EXPECT_EQ(tokens.received, tokens.assigned);
}

TEST(DispatchTokens, SendsATokenOncePerRankIfAsked)
{
    // The first token has both experts on rank 2.
    const auto tokens = DispatchTokens(LOAD, {}, FourRanks(), Deduplication::Rank);
    EXPECT_EQ(tokens.sent, (TokenMatrix{{0, 1, 2, 2}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}));
    EXPECT_EQ(tokens.assigned[2], Tokens(3));
    EXPECT_EQ(tokens.received[2], Tokens(2));
}

TEST(DispatchTokens, SendsATokenOncePerHostIfAsked)
{
    // Three tokens cross to host 1, whose ranks need two each: 1.5 of the three each, the first
    // remainder to the lower rank; rank 3 lacks one, which it gets from rank 2.
    const auto tokens = DispatchTokens(LOAD, {}, FourRanks(), Deduplication::Host);
    EXPECT_EQ(tokens.sent, (TokenMatrix{{0, 1, 2, 1}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}));
    EXPECT_EQ(tokens.forwarded,
              (TokenMatrix{{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 1}, {0, 0, 0, 0}}));
    EXPECT_EQ(tokens.received[3], Tokens(2));
}

TEST(DispatchTokens, SendsToEachRankOfItsOwnHost)
{
    // Experts 0 and 2 are on both ranks of host 0: one token stays, the same goes to rank 1.
    const WrittenLoad load(8, {{{0, 2}}, {}, {}, {}});
    const auto tokens = DispatchTokens(load, {}, FourRanks(), Deduplication::Host);
    EXPECT_EQ(tokens.sent, (TokenMatrix{{1, 1, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}}));
    EXPECT_EQ(tokens.forwarded.Total(), Tokens(0));
}

TEST(DispatchTokens, BringsEveryTokenWhereItIsNeeded)
{
    // 16 ranks on 2 hosts, 4 of 64 experts. Into every rank: sent + forwarded = its distinct
    // tokens. Into every host from outside: the host's distinct tokens of outside sources.
    SyntheticExpertLoadOptions options;
    options.sourceRanks = 16;
    options.experts = 64;
    options.expertPlaces = 64;
    options.topK = 4;
    options.tokensPerSource = Tokens(1000);
    const SyntheticExpertLoad load(options);
    const ExpertParallelGroup group(16, 1, 8);
    const LoadKey key{3, 1, 4, 1};
    const auto once = DispatchTokens(load, key, group, Deduplication::Host);
    const auto perRank = load.DrawDistinct(key, 4);
    const auto perHost = load.DrawDistinct(key, 32);
    for (size_t rank = 0; rank < 16; ++rank)
    {
        EXPECT_EQ(once.sent.ColumnSum(rank) + once.forwarded.ColumnSum(rank),
                  perRank.ColumnSum(rank));
        EXPECT_EQ(once.received[rank], perRank.ColumnSum(rank));
        EXPECT_EQ(once.forwarded.At(rank, rank), Tokens(0));
        for (size_t other = 0; other < 16; ++other)
        {
            EXPECT_TRUE(rank / 8 == other / 8 || once.forwarded.At(rank, other) == Tokens(0));
        }
    }
    const auto crossing = once.sent.Grouped(1, 8);
    for (size_t source = 0; source < 16; ++source)
    {
        EXPECT_EQ(crossing.At(source, 1 - source / 8), perHost.At(source, 1 - source / 8));
    }
}

TEST(DispatchTokens, SavesMoreTheLargerTheGroup)
{
    SyntheticExpertLoadOptions options;
    options.sourceRanks = 16;
    options.experts = 64;
    options.expertPlaces = 64;
    options.topK = 6;
    options.tokensPerSource = Tokens(1000);
    const SyntheticExpertLoad load(options);
    const ExpertParallelGroup group(16, 1, 8);
    const auto total = [&](Deduplication kind) {
        return DispatchTokens(load, {}, group, kind).sent.Total();
    };
    EXPECT_EQ(total(Deduplication::None), Tokens(16 * 1000 * 6));
    EXPECT_LT(total(Deduplication::Rank), total(Deduplication::None));
    EXPECT_LT(total(Deduplication::Host), total(Deduplication::Rank));
}

TEST(DispatchTokens, IsPerRankOnASingleHost)
{
    const ExpertParallelGroup group(4, 1, 8);
    EXPECT_EQ(DispatchTokens(LOAD, {}, group, Deduplication::Host).sent,
              DispatchTokens(LOAD, {}, group, Deduplication::Rank).sent);
}

TEST(DispatchTokens, RefusesToDeduplicateCounts)
{
    const CountsOnly load(8, {{{4, 5}}, {}, {}, {}});
    EXPECT_NO_THROW(DispatchTokens(load, {}, FourRanks(), Deduplication::None));
    try
    {
        DispatchTokens(load, {}, FourRanks(), Deduplication::Rank);
        FAIL();
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_EQ(std::string(error.what()),
                  "expert load \"written out\" counts assignments only, which do not tell how many "
                  "tokens go to several experts of a rank or host; expected no deduplication");
    }
}

TEST(DispatchTokens, RefusesALoadOfAnotherSize)
{
    EXPECT_THROW(DispatchTokens(LOAD, {}, {2, 1, 2}, Deduplication::None), std::invalid_argument);
}

TEST(TokenBytes, AreTokensTimesTheirSize)
{
    EXPECT_EQ(TokenBytes(TokenMatrix{{1, 2}, {0, 3}}, Bytes(10)),
              (DemandMatrix{{10, 20}, {0, 30}}));
}

TEST(Deduplication, IsKnownByItsNames)
{
    EXPECT_EQ(Deduplications().Get("none"), Deduplication::None);
    EXPECT_EQ(Deduplications().Get("rank"), Deduplication::Rank);
    EXPECT_EQ(Deduplications().Get("host"), Deduplication::Host);
    EXPECT_EQ(Deduplications().Names().size(), 3U);
    EXPECT_EQ(Deduplications().Get("Rank"), Deduplication::Rank) << "in letters of any case";
    EXPECT_THROW(Deduplications().Get("ranks"), std::invalid_argument);
}
