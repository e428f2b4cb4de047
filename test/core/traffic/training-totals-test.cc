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
    EXPECT_EQ(totals.WaitingBetweenPhases(), Picoseconds(0));
    EXPECT_EQ(totals.HiddenReconfiguration(), Picoseconds(0));
    EXPECT_TRUE(totals.TimeByPhase().empty());
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
}

TEST(TrainingTotals, BlackoutsAddUpAndAreNoPartOfDurations)
{
    // Of 7 ps of darkness 7 were waited for, of 5 ps 3, of 4 ps none.
    TrainingTotals totals;
    auto dispatch = Phase(PhaseKind::Dispatch, 10, 5);
    dispatch.dark = Picoseconds(7);
    dispatch.exposed = Picoseconds(7);
    totals.Add(dispatch);
    dispatch.start = Picoseconds(30);
    dispatch.dark = Picoseconds(5);
    dispatch.exposed = Picoseconds(3);
    totals.Add(dispatch);
    dispatch.start = Picoseconds(40);
    dispatch.dark = Picoseconds(4);
    dispatch.exposed = Picoseconds(0);
    totals.Add(dispatch);
    EXPECT_EQ(totals.ExposedReconfiguration(), Picoseconds(7 + 3));
    EXPECT_EQ(totals.HiddenReconfiguration(), Picoseconds(2 + 4));
    EXPECT_EQ(totals.AllToAllTime(), Picoseconds(15));
    EXPECT_EQ(totals.IterationTime(), Picoseconds(45));
}

TEST(TrainingTotals, DurationsAndWaitingAddUpToTheIteration)
{
    // Gaps of 2, 0 and 7 ps before the phases.
    TrainingTotals totals;
    totals.Add(Phase(PhaseKind::Attention, 2, 10));
    totals.Add(Phase(PhaseKind::Gating, 12, 3));
    totals.Add(Phase(PhaseKind::Dispatch, 22, 4));
    EXPECT_EQ(totals.WaitingBetweenPhases(), Picoseconds(2 + 0 + 7));
    Picoseconds durations{0};
    for (const auto& [phase, duration] : totals.TimeByPhase())
    {
        durations += duration;
    }
    EXPECT_EQ(durations, Picoseconds(10 + 3 + 4));
    EXPECT_EQ(durations + totals.WaitingBetweenPhases(), totals.IterationTime());
}

TEST(TrainingTotals, TimeAddsUpByDirectionAndKind)
{
    TrainingTotals totals;
    totals.Add(Phase(PhaseKind::Expert, 0, 1));
    totals.Add(Phase(PhaseKind::Expert, 1, 20));
    totals.Add(Phase(PhaseKind::AllGather, 21, 300));
    auto backward = Phase(PhaseKind::Expert, 321, 4000);
    backward.key.direction = Direction::Backward;
    totals.Add(backward);
    auto recomputed = Phase(PhaseKind::AllGather, 4321, 50'000);
    recomputed.key.recompute = true; // forward once more
    totals.Add(recomputed);

    const std::map<std::pair<Direction, PhaseKind>, Picoseconds> expected{
        {{Direction::Forward, PhaseKind::Expert}, Picoseconds(21)},
        {{Direction::Forward, PhaseKind::AllGather}, Picoseconds(50'300)},
        {{Direction::Backward, PhaseKind::Expert}, Picoseconds(4000)}};
    EXPECT_EQ(totals.TimeByPhase(), expected);
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
