/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/layer-split.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

TEST(LayerSplit, DealsTheSameNumberToEveryStageWhenThatComesOut)
{
    const LayerSplit split(56, 8, 1);
    for (size_t stage = 0; stage < 8; ++stage)
    {
        EXPECT_EQ(split.LayersOf({stage, 0}), (LayerRange{7 * stage, 7}));
    }
}

TEST(LayerSplit, GivesTheFirstStagesOneMore)
{
    // 61 = 13 * 4 + 3 * 3
    const LayerSplit split(61, 16, 1);
    for (size_t stage = 0; stage < 16; ++stage)
    {
        EXPECT_EQ(split.LayersOnStage(stage), stage < 13 ? 4U : 3U);
    }
    EXPECT_EQ(split.LayersOf({13, 0}), (LayerRange{52, 3}));
    EXPECT_EQ(split.LayersOf({15, 0}).End(), 61U);
}

TEST(LayerSplit, RunsThroughAllStagesBeforeTheNextChunk)
{
    // 10 layers, 2 stages of 2 chunks: 3, 3, 2, 2 in the order of the model
    const LayerSplit split(10, 2, 2);
    EXPECT_EQ(split.LayersOf({0, 0}), (LayerRange{0, 3}));
    EXPECT_EQ(split.LayersOf({1, 0}), (LayerRange{3, 3}));
    EXPECT_EQ(split.LayersOf({0, 1}), (LayerRange{6, 2}));
    EXPECT_EQ(split.LayersOf({1, 1}), (LayerRange{8, 2}));
    EXPECT_EQ(split.LayersOnStage(0), 5U);
}

TEST(LayerSplit, TakesAListAsItIs)
{
    const LayerSplit split(6, 3, 1, {1, 4, 1});
    EXPECT_EQ(split.LayersOf({1, 0}), (LayerRange{1, 4}));
    EXPECT_EQ(split.LayersOf({2, 0}), (LayerRange{5, 1}));
}

TEST(LayerSplit, FindsEveryLayerInTheChunkThatHoldsIt)
{
    for (size_t stages = 1; stages <= 6; ++stages)
    {
        for (size_t chunks = 1; chunks <= 3; ++chunks)
        {
            const LayerSplit split(19, stages, chunks);
            for (size_t layer = 0; layer < 19; ++layer)
            {
                const auto range = split.LayersOf(split.PlaceOf(layer));
                EXPECT_GE(layer, range.first);
                EXPECT_LT(layer, range.End());
            }
            EXPECT_EQ(split.PlaceOf(0), split.First());
            EXPECT_EQ(split.PlaceOf(18), split.Last());
        }
    }
}

TEST(LayerSplit, PutsEverythingOnASingleStage)
{
    const LayerSplit split(1, 1, 1);
    EXPECT_EQ(split.LayersOf({0, 0}), (LayerRange{0, 1}));
    EXPECT_EQ(split.First(), split.Last());
}

TEST(LayerSplit, RefusesMoreChunksThanLayers)
{
    EXPECT_EQ(tests::Refusal([] { LayerSplit(3, 4, 1); }),
              "3 layers on 4 pipeline stages; expected at least one layer for each");
    EXPECT_EQ(tests::Refusal([] { LayerSplit(61, 16, 4); }),
              "61 layers on 16 pipeline stages of 4 chunks each; expected at least one layer for "
              "each");
}

TEST(LayerSplit, RefusesZeroStagesOrChunks)
{
    EXPECT_EQ(tests::Refusal([] { LayerSplit(3, 0, 1); }), "PP degree is 0; expected at least 1");
    EXPECT_EQ(tests::Refusal([] { LayerSplit(3, 1, 0); }),
              "0 chunks per pipeline stage; expected at least 1");
}

TEST(LayerSplit, RefusesAListThatDoesNotFit)
{
    EXPECT_EQ(tests::Refusal([] {
                  LayerSplit(6, 3, 1, {3, 3});
              }),
              "layers per stage: a list of 2 numbers for 3 pipeline stages; expected 3 numbers, in "
              "the order of the model");
    EXPECT_EQ(tests::Refusal([] {
                  LayerSplit(6, 2, 1, {6, 0});
              }),
              "layers per stage: number 1 (from 0) is 0; expected at least 1");
    const std::string sum = "layers per stage: the list does not add up to the 6 layers of the "
                            "model";
    EXPECT_EQ(tests::Refusal([] { LayerSplit(6, 2, 1, {3, 2}); }), sum);
    EXPECT_EQ(tests::Refusal([] { LayerSplit(6, 2, 1, {3, 4}); }), sum);
    // These add up to 6 only where 64 bits wrap around.
    EXPECT_EQ(tests::Refusal([] { LayerSplit(6, 2, 1, {7, ~size_t{0}}); }), sum);
}

TEST(LayerSplit, RefusesWhatIsNotThere)
{
    const LayerSplit split(4, 2, 1);
    EXPECT_THROW(split.PlaceOf(4), std::out_of_range);
    EXPECT_THROW(split.LayersOf({2, 0}), std::out_of_range);
    EXPECT_THROW(split.LayersOf({0, 1}), std::out_of_range);
    EXPECT_THROW(split.LayersOnStage(2), std::out_of_range);
}
