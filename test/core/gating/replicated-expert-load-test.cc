/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/measured-expert-load.h"
#include "ns3/replicated-expert-load.h"
#include "ns3/synthetic-expert-load.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <sstream>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// @return a skewed load of 24 experts, of which a token has 4, on 8 ranks.
std::shared_ptr<const ExpertLoad>
Skewed()
{
    SyntheticExpertLoadOptions options;
    options.sourceRanks = 8;
    options.experts = 24;
    options.expertPlaces = 24;
    options.topK = 4;
    options.tokensPerSource = Tokens(512);
    options.skew = 1;
    return std::make_shared<SyntheticExpertLoad>(options);
}

/// @param tokens Assignments. @param perRank Places of a rank. @return of the busiest rank.
Tokens
Busiest(const TokenMatrix& tokens, size_t perRank)
{
    Tokens most;
    for (size_t first = 0; first < tokens.Columns(); first += perRank)
    {
        Tokens sum;
        for (size_t place = first; place < first + perRank; ++place)
        {
            sum += tokens.ColumnSum(place);
        }
        most = std::max(most, sum);
    }
    return most;
}

} // namespace

TEST(ReplicatedExpertLoad, HasTheTokensOfTheLoad)
{
    const auto load = Skewed();
    const ReplicatedExpertLoad replicated(load, 32);
    EXPECT_EQ(replicated.Experts(), 32U);
    EXPECT_EQ(replicated.SourceRanks(), 8U);
    for (const LoadKey& key : {LoadKey{0, 0, 0, 0}, LoadKey{2, 1, 3, 1}})
    {
        const auto once = load->Draw(key);
        const auto copied = replicated.Draw(key);
        for (size_t source = 0; source < 8; ++source)
        {
            EXPECT_EQ(copied.RowSum(source), once.RowSum(source));
        }
        EXPECT_EQ(copied, replicated.Draw(key));
    }
}

TEST(ReplicatedExpertLoad, RelievesTheBusiestRank)
{
    // Of the gating that copies are laid by: experts stay with a rank's mean plus one copy at most.
    const auto load = Skewed();
    const ReplicatedExpertLoad replicated(load, 32);
    EXPECT_LT(Busiest(replicated.Draw({}), 4), Busiest(load->Draw({}), 3));
}

TEST(ReplicatedExpertLoad, CountsTokensOncePerGroup)
{
    // A token is in a group of places at most as often as it has experts there, and once at least
    // for all groups together.
    const ReplicatedExpertLoad replicated(Skewed(), 32);
    EXPECT_EQ(replicated.DrawDistinct({}, 1), replicated.Draw({}));
    const auto assignments = replicated.Draw({});
    const auto distinct = replicated.DrawDistinct({}, 4);
    for (size_t source = 0; source < 8; ++source)
    {
        for (size_t group = 0; group < 8; ++group)
        {
            Tokens sum;
            Tokens most;
            for (size_t place = 4 * group; place < 4 * group + 4; ++place)
            {
                sum += assignments.At(source, place);
                most = std::max(most, assignments.At(source, place));
            }
            EXPECT_LE(distinct.At(source, group), sum);
            EXPECT_GE(distinct.At(source, group), most);
        }
    }
    const auto all = replicated.DrawDistinct({}, 32);
    EXPECT_EQ(all.At(0, 0), Tokens(512));
}

TEST(ReplicatedExpertLoad, CopiesTheExpertThatIsMeasuredBusiest)
{
    // Rank 0 sends expert 0's tokens to its first place, rank 1 to the other: two ranks of two
    // places, three experts of 10, 2 and 4 tokens.
    std::istringstream input("[[5,1,2],[5,1,2]]");
    const auto load =
        std::make_shared<MeasuredExpertLoad>(input, "tokens.txt", 2, 3, Tokens(8), Tokens(0));
    const ReplicatedExpertLoad replicated(load, 4);
    const auto tokens = replicated.Draw({});
    EXPECT_EQ(tokens.ColumnSum(0) + tokens.ColumnSum(1), Tokens(5 + 4));
    EXPECT_EQ(tokens.ColumnSum(2) + tokens.ColumnSum(3), Tokens(5 + 2));
    EXPECT_NE(replicated.Description().find("1 copies"), std::string::npos);
    EXPECT_THROW(replicated.DrawDistinct({}, 2), std::invalid_argument);
}

TEST(ReplicatedExpertLoad, RefusesTooFewPlaces)
{
    EXPECT_THROW(ReplicatedExpertLoad(Skewed(), 16), std::invalid_argument);
    EXPECT_THROW(ReplicatedExpertLoad(Skewed(), 25), std::invalid_argument);
}
