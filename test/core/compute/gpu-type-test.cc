/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/compute-model.h"
#include "ns3/gpu-type.h"

#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

TEST(GpuType, KnowsTheRateOfThePaper)
{
    EXPECT_EQ(GpuTypes().Get("h800").achieved, ComputeModel::DEFAULT_RATE_PER_GPU);
}

TEST(GpuType, AchievesBetweenATenthAndHalfOfItsPeak)
{
    for (const auto& type : GpuTypes().Entries())
    {
        if (type.achieved != FlopsPerSecond(0))
        {
            EXPECT_GT(type.achieved.Count(), type.peak.Count() / 10) << type.name;
            EXPECT_LT(type.achieved.Count(), type.peak.Count() / 2) << type.name;
        }
    }
}

TEST(GpuType, HasTheNvlinkOfItsGeneration)
{
    // Links of 25 GB/s each way, those of NVLink 5 of 50: 12, 18, the H800's 8 of 18, and 18.
    constexpr uint64_t link = 25 * 8;
    EXPECT_EQ(GpuTypes().Get("a100").nvlink.Count(), 12 * link * 1'000'000'000);
    EXPECT_EQ(GpuTypes().Get("h100").nvlink.Count(), 18 * link * 1'000'000'000);
    EXPECT_EQ(GpuTypes().Get("h800").nvlink.Count(), 8 * link * 1'000'000'000);
    EXPECT_EQ(GpuTypes().Get("b200").nvlink.Count(), 18 * 2 * link * 1'000'000'000);
}

TEST(GpuType, DefaultsToOneWithAPublishedRate)
{
    EXPECT_GT(GpuTypes().Entries().front().achieved, FlopsPerSecond(0));
}

TEST(GpuType, IsFoundByItsName)
{
    for (const auto& name : GpuTypes().Names())
    {
        EXPECT_EQ(GpuTypes().Get(name).name, name);
    }
    // 2039 GB/s
    EXPECT_EQ(GpuTypes().Get("a100").memoryBandwidth, BitsPerSecond(16'312'000'000'000));
}

TEST(GpuType, RefusesAnUnknownName)
{
    try
    {
        GpuTypes().Get("v100");
        FAIL() << "there is no such type";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(),
                     "unknown GPU type 'v100'; known: h100, h800, a100, b200; did you mean h100?");
    }
}
