/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/training-totals.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

/**
 * @param kind What.
 * @param start When it begins, ps.
 * @param duration How long it takes, ps.
 * @return a phase without bytes.
 */
PhaseRecord
Phase(PhaseKind kind, int64_t start, int64_t duration)
{
    PhaseRecord record;
    record.key.kind = kind;
    record.start = Picoseconds(start);
    record.duration = Picoseconds(duration);
    return record;
}

} // namespace

TEST(TrainingTotals, AreZeroWithoutPhases)
{
    const TrainingTotals totals;
    EXPECT_EQ(totals.Phases(), 0U);
    EXPECT_EQ(totals.IterationTime(), Picoseconds(0));
    EXPECT_EQ(totals.ExposedReconfiguration(), Picoseconds(0));
    EXPECT_EQ(totals.AllToAllTime(), Picoseconds(0));
    EXPECT_EQ(totals.AllToAllShare(), 0);
    EXPECT_EQ(totals.Optical() + totals.Electrical() + totals.Nvswitch(), Bytes(0));
}

TEST(TrainingTotals, TheIterationEndsWithItsLastPhase)
{
    TrainingTotals totals;
    totals.Add(Phase(PhaseKind::Attention, 0, 10));
    totals.Add(Phase(PhaseKind::Combine, 30, 5));
    EXPECT_EQ(totals.IterationTime(), Picoseconds(35));
    EXPECT_EQ(totals.Phases(), 2U);
}

TEST(TrainingTotals, TheOrderOfPhasesDoesNotMatter)
{
    TrainingTotals totals;
    totals.Add(Phase(PhaseKind::Combine, 30, 5));
    totals.Add(Phase(PhaseKind::Attention, 0, 10));
    EXPECT_EQ(totals.IterationTime(), Picoseconds(35));
}

TEST(TrainingTotals, OnlyDispatchAndCombineAreAllToAlls)
{
    // 4 + 16 of 1 + 2 + 4 + 8 + 16
    TrainingTotals totals;
    totals.Add(Phase(PhaseKind::Attention, 0, 1));
    totals.Add(Phase(PhaseKind::Gating, 1, 2));
    totals.Add(Phase(PhaseKind::Dispatch, 3, 4));
    totals.Add(Phase(PhaseKind::Expert, 7, 8));
    totals.Add(Phase(PhaseKind::Combine, 15, 16));
    EXPECT_EQ(totals.AllToAllTime(), Picoseconds(20));
    EXPECT_DOUBLE_EQ(totals.AllToAllShare(), 20.0 / 31);
}

TEST(TrainingTotals, BlackoutsAddUpAndAreNoPartOfDurations)
{
    TrainingTotals totals;
    auto dispatch = Phase(PhaseKind::Dispatch, 10, 5);
    dispatch.dark = Picoseconds(7);
    totals.Add(dispatch);
    dispatch.start = Picoseconds(30);
    dispatch.dark = Picoseconds(3);
    totals.Add(dispatch);
    EXPECT_EQ(totals.ExposedReconfiguration(), Picoseconds(10));
    EXPECT_EQ(totals.AllToAllTime(), Picoseconds(10));
    EXPECT_EQ(totals.IterationTime(), Picoseconds(35));
}

TEST(TrainingTotals, BytesAddUpByTheirWay)
{
    TrainingTotals totals;
    auto record = Phase(PhaseKind::Dispatch, 0, 1);
    record.optical = Bytes(1);
    record.electrical = Bytes(20);
    record.nvswitch = Bytes(300);
    totals.Add(record);
    totals.Add(record);
    EXPECT_EQ(totals.Optical(), Bytes(2));
    EXPECT_EQ(totals.Electrical(), Bytes(40));
    EXPECT_EQ(totals.Nvswitch(), Bytes(600));
}

TEST(TrainingTotals, BytesGoBeyond32Bits)
{
    TrainingTotals totals;
    auto record = Phase(PhaseKind::Combine, 0, 1);
    record.optical = Bytes(uint64_t{1} << 40);
    totals.Add(record);
    totals.Add(record);
    EXPECT_EQ(totals.Optical(), Bytes(uint64_t{1} << 41));
}
