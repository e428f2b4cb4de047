/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/ocs-technology.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;
using namespace std::chrono_literals;

namespace
{

/**
 * @param pairs Circuits set up together.
 * @return 20 000 evenly spread quantiles of the prototype's time, ascending.
 */
std::vector<Picoseconds>
PrototypeTimes(uint32_t pairs)
{
    constexpr int count = 20'000;
    std::vector<Picoseconds> times;
    for (int i = 0; i < count; ++i)
    {
        times.push_back(
            ReconfigurationTime(OcsTechnologies().Get("prototype"), (i + 0.5) / count, pairs));
    }
    return times;
}

/**
 * @param times Some times.
 * @return their mean, milliseconds.
 */
double
MeanMilliseconds(const std::vector<Picoseconds>& times)
{
    double sum = 0;
    for (const auto& time : times)
    {
        sum += std::chrono::duration<double, std::milli>(time).count();
    }
    return sum / times.size();
}

/**
 * @param pairs Circuits set up together.
 * @return 99th percentile of the prototype's time, milliseconds.
 */
double
Percentile99(uint32_t pairs)
{
    return std::chrono::duration<double, std::milli>(
               ReconfigurationTime(OcsTechnologies().Get("prototype"), 0.99, pairs))
        .count();
}

} // namespace

// Paper, Table 2: ports and time of what reports both; "minutes" are two to five here.
TEST(OcsTechnology, TableHoldsThePublishedValues)
{
    struct Row
    {
        const char* name;
        uint32_t ports;
        Picoseconds fastest;
        Picoseconds slowest;
    };

    for (const auto& row : {Row{"robotic", 1008, 2min, 5min},
                            Row{"piezo", 576, 10ms, 25ms},
                            Row{"mems-3d", 320, 10ms, 15ms},
                            Row{"rotornet", 128, 10us, 10us},
                            Row{"silicon-photonics", 32, 7us, 7us},
                            Row{"plzt", 16, 10ns, 10ns}})
    {
        const auto& technology = OcsTechnologies().Get(row.name);
        EXPECT_EQ(technology.name, row.name);
        EXPECT_EQ(technology.ports, row.ports) << row.name;
        EXPECT_EQ(technology.fastest, row.fastest) << row.name;
        EXPECT_EQ(technology.slowest, row.slowest) << row.name;
        EXPECT_FALSE(technology.measuredByPairs) << row.name;
    }
    EXPECT_TRUE(OcsTechnologies().Get("prototype").measuredByPairs);
}

TEST(OcsTechnology, NamesAreUnique)
{
    std::vector<std::string> names;
    for (const auto& technology : OcsTechnologies().Entries())
    {
        names.push_back(technology.name);
    }
    std::sort(names.begin(), names.end());

    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
}

TEST(OcsTechnology, UnknownNameIsRefusedNamingTheKnownOnes)
{
    for (const std::string name : {"magic", "", "piezzo"})
    {
        try
        {
            OcsTechnologies().Get(name);
            FAIL() << "'" << name << "' is not a technology";
        }
        catch (const std::invalid_argument& error)
        {
            const std::string message = error.what();
            EXPECT_NE(message.find("'" + name + "'"), std::string::npos) << message;
            for (const auto& technology : OcsTechnologies().Entries())
            {
                EXPECT_NE(message.find(technology.name), std::string::npos) << message;
            }
        }
    }
}

// Quantile q of a uniform distribution: fastest + q (slowest - fastest).
TEST(OcsTechnology, TimeIsUniformBetweenFastestAndSlowest)
{
    const auto& piezo = OcsTechnologies().Get("piezo");
    EXPECT_EQ(ReconfigurationTime(piezo, 0.2, 1), 13ms);
    EXPECT_EQ(ReconfigurationTime(piezo, 0.5, 1), 17'500us);
    EXPECT_EQ(ReconfigurationTime(piezo, 1e-9, 1), 10ms);
    EXPECT_EQ(ReconfigurationTime(piezo, 1 - 1e-9, 1), 25ms);
    EXPECT_EQ(ReconfigurationTime(OcsTechnologies().Get("robotic"), 0.5, 1), 210s);
}

TEST(OcsTechnology, TimeOfAFixedTechnologyIsExact)
{
    for (const double quantile : {1e-9, 0.3, 1 - 1e-9})
    {
        EXPECT_EQ(ReconfigurationTime(OcsTechnologies().Get("plzt"), quantile, 8), 10ns);
        EXPECT_EQ(ReconfigurationTime(OcsTechnologies().Get("rotornet"), quantile, 64), 10us);
    }
}

TEST(OcsTechnology, OnlyThePrototypeDependsOnPairs)
{
    for (const auto& technology : OcsTechnologies().Entries())
    {
        EXPECT_EQ(ReconfigurationTime(technology, 0.7, 1) ==
                      ReconfigurationTime(technology, 0.7, 16),
                  technology.name != "prototype")
            << technology.name;
    }
}

TEST(OcsTechnology, TimesAreWholeMicrosecondsOrNanosecondsBelowAMillisecond)
{
    for (const auto& technology : OcsTechnologies().Entries())
    {
        for (const double quantile : {0.123456789, 0.777, 0.9999})
        {
            const auto time = ReconfigurationTime(technology, quantile, 3);
            EXPECT_EQ(time % (time < 1ms ? Picoseconds(1ns) : Picoseconds(1us)), Picoseconds(0))
                << technology.name << " at " << quantile;
        }
    }
}

// Paper, appendix C, Figure 21: 41.44, 42.44, 46.75 ms and 60, 62, 68 ms for 1, 4, 16 pairs.
TEST(OcsTechnology, PrototypeHasTheMeasuredMeanFor1And4And16Pairs)
{
    EXPECT_NEAR(MeanMilliseconds(PrototypeTimes(1)), 41.44, 0.001 * 41.44);
    EXPECT_NEAR(MeanMilliseconds(PrototypeTimes(4)), 42.44, 0.001 * 42.44);
    EXPECT_NEAR(MeanMilliseconds(PrototypeTimes(16)), 46.75, 0.001 * 46.75);
}

TEST(OcsTechnology, PrototypeHasTheMeasured99thPercentileFor1And4And16Pairs)
{
    EXPECT_NEAR(Percentile99(1), 60, 0.001);
    EXPECT_NEAR(Percentile99(4), 62, 0.001);
    EXPECT_NEAR(Percentile99(16), 68, 0.001);
}

// 10 pairs are half-way from 4 to 16.
TEST(OcsTechnology, PrototypeIsInterpolatedBetweenTheMeasuredPairs)
{
    EXPECT_NEAR(MeanMilliseconds(PrototypeTimes(10)), (42.44 + 46.75) / 2, 0.001 * 44.6);
    EXPECT_NEAR(Percentile99(10), (62.0 + 68.0) / 2, 0.001);
    EXPECT_NEAR(Percentile99(2), 60 + (62.0 - 60.0) / 3, 0.001);
}

TEST(OcsTechnology, PrototypeIsHeldBeyondTheMeasuredPairs)
{
    EXPECT_EQ(PrototypeTimes(0), PrototypeTimes(1));
    EXPECT_EQ(PrototypeTimes(17), PrototypeTimes(16));
    EXPECT_EQ(PrototypeTimes(288), PrototypeTimes(16));
}

TEST(OcsTechnology, PrototypeTimesRiseWithTheQuantileAndStayPositive)
{
    const auto times = PrototypeTimes(4);

    EXPECT_GT(times.front(), Picoseconds(0));
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
    EXPECT_GT(times.back(), times[times.size() / 2]);
}
