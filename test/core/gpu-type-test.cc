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

TEST(GpuType, StartsWithTheDefaultRate)
{
    EXPECT_EQ(GpuTypes().front().name, "h800");
    EXPECT_EQ(GpuTypes().front().achieved, ComputeModel::DEFAULT_RATE_PER_GPU);
}

TEST(GpuType, AchievesLessThanItsPeak)
{
    // NVIDIA's data sheets, BF16 without sparsity: A100 312, H100 and H800 989 TFLOP/s
    for (const auto& type : GpuTypes())
    {
        const uint64_t peak = type.name == "a100" ? 312 : 989;
        EXPECT_LT(type.achieved, FlopsPerSecond(peak * 1'000'000'000'000)) << type.name;
        EXPECT_GT(type.achieved, FlopsPerSecond(peak * 100'000'000'000)) << type.name;
    }
}

TEST(GpuType, IsFoundByItsName)
{
    for (const auto& name : GpuTypeNames())
    {
        EXPECT_EQ(FindGpuType(name).name, name);
    }
    // 2039 GB/s
    EXPECT_EQ(FindGpuType("a100").memoryBandwidth, BitsPerSecond(16'312'000'000'000));
}

TEST(GpuType, RefusesAnUnknownName)
{
    try
    {
        FindGpuType("v100");
        FAIL() << "there is no such type";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(), "unknown GPU type 'v100'; expected one of h800, h100, a100");
    }
}
