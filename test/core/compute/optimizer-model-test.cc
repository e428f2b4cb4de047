/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/gpu-type.h"
#include "ns3/optimizer-model.h"

#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

TEST(OptimizerModel, MovesThirtyBytesPerParameter)
{
    // 4 gradient + 2 * 4 copy + 2 * 8 moments + 2 weight; 10^9 parameters at 3350 GB/s: 8.955 ms
    const OptimizerModel model(GpuTypes().Get("h800").memoryBandwidth);
    EXPECT_EQ(model.Step(Parameters(1'000'000'000), 1),
              Picoseconds((int64_t{30} * 1'000'000'000'000 + 1675) / 3350));
}

TEST(OptimizerModel, SharesTheStepOverReplicas)
{
    // At 8 b/s a byte takes a second; 10 parameters over 4 GPUs: 3 on the slowest.
    const OptimizerModel model(BitsPerSecond(8));
    EXPECT_EQ(model.Step(Parameters(10), 4), Picoseconds(int64_t{90} * 1'000'000'000'000));
    EXPECT_EQ(model.Step(Parameters(8), 4), Picoseconds(int64_t{60} * 1'000'000'000'000));
}

TEST(OptimizerModel, TakesNoTimeForNothing)
{
    EXPECT_EQ(OptimizerModel(BitsPerSecond(8)).Step(Parameters(0), 4), Picoseconds(0));
}

TEST(OptimizerModel, TakesTheGivenTime)
{
    EXPECT_EQ(OptimizerModel(Picoseconds(5)).Step(Parameters(1'000'000'000), 1), Picoseconds(5));
}

TEST(OptimizerModel, RefusesNumbersThatMakeNoSense)
{
    EXPECT_THROW(OptimizerModel(BitsPerSecond(0)), std::invalid_argument);
    EXPECT_THROW(OptimizerModel(Picoseconds(-1)), std::invalid_argument);
    EXPECT_THROW(OptimizerModel(BitsPerSecond(8)).Step(Parameters(1), 0), std::invalid_argument);
}
