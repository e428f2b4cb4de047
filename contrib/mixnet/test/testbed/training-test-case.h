/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_TEST_CASE_H
#define TRAINING_TEST_CASE_H

#include "mixnet-test-case.h"
#include "training-run.h"

#include "ns3/training-totals.h"

#include <cmath>
#include <set>
#include <string>

namespace tests
{

/// @param rows Rows and columns. @param value Value of every place. @return the matrix.
inline mixnetcore::TokenMatrix
Filled(size_t rows, uint64_t value)
{
    mixnetcore::TokenMatrix tokens(rows, rows);
    for (size_t row = 0; row < rows; ++row)
    {
        for (size_t column = 0; column < rows; ++column)
        {
            tokens.At(row, column) = mixnetcore::Tokens(value);
        }
    }
    return tokens;
}

/// @param rows Rows and columns. @param shift How far all that a rank has travels.
/// @param value Its assignments. @return the matrix; all ranks have the same to do.
inline mixnetcore::TokenMatrix
Shifted(size_t rows, size_t shift, uint64_t value)
{
    mixnetcore::TokenMatrix tokens(rows, rows);
    for (size_t row = 0; row < rows; ++row)
    {
        tokens.At(row, (row + shift) % rows) = mixnetcore::Tokens(value);
    }
    return tokens;
}

/// @param setup What a run is made of. @return its layout and fabric in words.
inline std::string
LayoutName(const TrainingSetup& setup)
{
    return "EP" + std::to_string(setup.ranks) + "/TP" + std::to_string(setup.tensorParallel) +
           (setup.IsOptical() ? " on MixNet" : " on an ideal switch");
}

/// @param ranks EP degree. @param tensorParallel TP degree. @param hidden Elements per token.
/// @param fabric Which fabric.
/// @return a run of that layout with a load that differs from layer to layer.
inline TrainingSetup
Layout(size_t ranks, size_t tensorParallel, uint64_t hidden, TestFabric fabric = TestFabric::Mixnet)
{
    TrainingSetup setup;
    setup.fabric = fabric;
    setup.ranks = ranks;
    setup.tensorParallel = tensorParallel;
    setup.hidden = hidden;
    setup.seed = 7;
    return setup;
}

/**
 * @ingroup mixnet-tests
 * @brief A case that trains, with checks of what holds in every run that gets to its end.
 */
class TrainingTestCase : public MixnetTestCase
{
  protected:
    using PhaseKey = mixnetcore::PhaseKey;                //!< which phase
    using PhaseKind = mixnetcore::PhaseKind;              //!< what
    using Direction = mixnetcore::Direction;              //!< which way
    using PhaseRecord = mixnetcore::PhaseRecord;          //!< a row of the results
    using CircuitDecision = ns3::mixnet::CircuitDecision; //!< circuits

    using MixnetTestCase::MixnetTestCase;

    /// @param run A run that is over.
    void CheckAll(const TrainingRun& run)
    {
        CheckCompletion(run);
        CheckSequence(run);
        CheckFrames(run);
        CheckComputing(run);
        CheckBytes(run);
        CheckDecisions(run);
        CheckTiling(run);
        CheckExposure(run);
        CheckExplanation(run);
    }

    /// @param setup What a run is made of. @param direction Which way.
    /// @return kinds of phase of a layer, in order.
    static std::vector<PhaseKind> LayerKinds(const TrainingSetup& setup, Direction direction)
    {
        const bool isForward = direction == Direction::Forward;
        std::vector<PhaseKind> inside{PhaseKind::Expert};
        if (setup.HasTensorCollectives())
        {
            inside = {PhaseKind::AllGather, PhaseKind::Expert, PhaseKind::ReduceScatter};
        }
        std::vector<PhaseKind> kinds{PhaseKind::Combine};
        if (isForward)
        {
            kinds = {PhaseKind::Attention, PhaseKind::Gating, PhaseKind::Dispatch};
        }
        kinds.insert(kinds.end(), inside.begin(), inside.end());
        if (isForward)
        {
            kinds.push_back(PhaseKind::Combine);
        }
        else
        {
            kinds.insert(kinds.end(),
                         {PhaseKind::Dispatch, PhaseKind::Gating, PhaseKind::Attention});
        }
        return kinds;
    }

    /// @param setup What a run is made of. @return phases that every rank is to go through.
    static std::vector<PhaseKey> ExpectedSequence(const TrainingSetup& setup)
    {
        std::vector<PhaseKey> phases;
        PhaseKey key;
        key.iteration = setup.iteration;
        const auto add = [&](Direction direction, bool recompute) {
            key.direction = direction;
            key.recompute = recompute;
            for (const auto kind : LayerKinds(setup, direction))
            {
                phases.push_back(key.With(kind));
            }
        };
        const uint32_t end = setup.firstLayer + setup.layers;
        for (key.microbatch = 0; key.microbatch < setup.microbatches; ++key.microbatch)
        {
            for (key.layer = setup.firstLayer; key.layer < end; ++key.layer)
            {
                add(Direction::Forward, false);
            }
            while (setup.backward && key.layer > setup.firstLayer)
            {
                --key.layer;
                if (setup.recompute)
                {
                    add(Direction::Forward, true);
                }
                add(Direction::Backward, false);
            }
        }
        return phases;
    }

    /// Circuits that some all-to-alls share.
    struct Share
    {
        std::optional<PhaseKey> demand; //!< dispatch whose demand they are for; uniform without
        std::vector<PhaseKey> phases;   //!< the all-to-alls
    };

    /**
     * @brief Block: every all-to-all has circuits for its own demand. Reuse: a dispatch of the
     * forward pass has those of the all-to-all before it.
     * @param setup What a run is made of.
     * @return who shares circuits, in order.
     */
    static std::vector<Share> ExpectedShares(const TrainingSetup& setup)
    {
        std::vector<Share> shares;
        for (const auto& phase : ExpectedSequence(setup))
        {
            if (phase.kind != PhaseKind::Dispatch && phase.kind != PhaseKind::Combine)
            {
                continue;
            }
            auto own = phase.With(PhaseKind::Dispatch);
            own.direction = Direction::Forward;
            own.recompute = false;
            std::optional<PhaseKey> demand = own;
            if (setup.policy == "reuse" && phase == own)
            {
                demand = shares.empty() ? std::nullopt : shares.back().demand;
            }
            if (shares.empty() || !(shares.back().demand == demand))
            {
                shares.push_back({demand, {}});
            }
            shares.back().phases.push_back(phase);
        }
        return shares;
    }

    /// @param run A run that is over. @brief Every rank is through, nothing failed.
    void CheckCompletion(const TrainingRun& run)
    {
        NS_TEST_EXPECT_MSG_EQ(run.group.GetUnfinishedPhases().size(), 0, "every rank is through");
        NS_TEST_EXPECT_MSG_EQ(run.group.GetFailedMessages(), 0, "no message failed");
        for (const auto& engine : run.group.engines)
        {
            NS_TEST_EXPECT_MSG_EQ(engine->GetWaiting(), 0, "no GPU waits");
        }
    }

    /// @param run A run that is over. @brief Every rank goes through the phases in their order.
    void CheckSequence(const TrainingRun& run)
    {
        const auto expected = ExpectedSequence(run.setup);
        NS_TEST_EXPECT_MSG_EQ(run.order.size(), run.setup.ranks, "all ranks");
        for (const auto& [rank, phases] : run.order)
        {
            NS_TEST_EXPECT_MSG_EQ((phases == expected), true, "phases of rank " << rank);
        }
        std::vector<PhaseKey> recorded;
        for (const auto& record : run.records)
        {
            recorded.push_back(record.key);
        }
        NS_TEST_EXPECT_MSG_EQ((recorded == expected), true, "a record each, in their order");
    }

    /// @param run A run that is over. @brief Frames sent = received + dropped, none in flight.
    void CheckFrames(const TrainingRun& run)
    {
        const auto counters = run.fabric.GetCounters();
        const auto dropped = counters.AllDropped();
        NS_TEST_EXPECT_MSG_EQ(counters.sent.frames,
                              counters.received.frames + dropped.frames,
                              "no frame is missing");
        NS_TEST_EXPECT_MSG_EQ(counters.sent.bytes,
                              counters.received.bytes + dropped.bytes,
                              "nor any byte");
    }

    /// @param run A run that is over. @brief Circuits change when they are idle, so none is lost.
    void CheckNoLoss(const TrainingRun& run)
    {
        NS_TEST_EXPECT_MSG_EQ(run.fabric.GetCounters().AllDropped().frames, 0, "none was lost");
        NS_TEST_EXPECT_MSG_EQ(run.fabric.GetRetransmittedFrames(), 0, "none was retransmitted");
    }

    /// @param run A run that is over. @brief Every rank computes for as long as its work takes,
    /// backward for twice that.
    void CheckComputing(const TrainingRun& run)
    {
        const auto& compute = run.job.work->Compute();
        for (const auto& [key, span] : run.spans)
        {
            const auto& [phase, rank] = key;
            mixnetcore::Picoseconds expected(0);
            if (phase.kind == PhaseKind::Attention)
            {
                expected = compute.Attention();
            }
            else if (phase.kind == PhaseKind::Gating)
            {
                expected = compute.Gating();
            }
            else if (phase.kind == PhaseKind::Expert)
            {
                expected = compute.Expert(run.TokensOf(phase).ColumnSum(rank));
            }
            else
            {
                continue;
            }
            NS_TEST_EXPECT_MSG_EQ((span.end - span.begin).GetPicoSeconds(),
                                  expected.count() *
                                      (phase.direction == Direction::Backward ? 2 : 1),
                                  ToString(phase.kind) << " of rank " << rank);
        }
    }

    /// @param run A run that is over. @brief Every byte comes to its GPU once, on the right side.
    void CheckBytes(const TrainingRun& run)
    {
        for (const auto& record : run.records)
        {
            if (!record.IsAllToAll() && !record.key.IsTensorCollective())
            {
                continue;
            }
            const auto expected =
                record.IsAllToAll() ? run.AllToAllBytes(record.key) : run.TensorBytes(record.key);
            const auto found = run.arrived.find(record.key);
            const auto arrived =
                found == run.arrived.end() ? TrainingRun::GpuBytes() : found->second;
            NS_TEST_EXPECT_MSG_EQ((arrived == expected),
                                  true,
                                  ToString(record.key.direction)
                                      << " " << ToString(record.key.kind)
                                      << " brings every byte to its GPU exactly once");
            CheckSides(run, record, expected);
        }
        NS_TEST_EXPECT_MSG_EQ((run.posted == run.arrived), true, "nothing else was sent");
    }

    /// @param run A run that is over. @param record A phase. @param bytes From GPU to GPU.
    /// @brief Pairs of hosts with circuits use these, all others packet switches.
    void CheckSides(const TrainingRun& run,
                    const PhaseRecord& record,
                    const TrainingRun::GpuBytes& bytes)
    {
        const auto between = run.BetweenHosts(bytes);
        std::map<std::pair<size_t, size_t>, uint32_t> circuits;
        if (const auto* decision = DecisionFor(run, record.key))
        {
            circuits = run.CircuitsBetweenHosts(decision->configurations.front());
        }
        uint64_t optical = 0;
        for (size_t from = 0; from < between.Rows(); ++from)
        {
            for (size_t to = 0; to < between.Columns(); ++to)
            {
                optical +=
                    circuits.count(std::minmax(from, to)) > 0 ? between.At(from, to).Count() : 0;
            }
        }
        NS_TEST_EXPECT_MSG_EQ(record.optical.Count(), optical, "bytes of pairs with circuits");
        NS_TEST_EXPECT_MSG_EQ(record.electrical.Count(),
                              between.Total().Count() - optical,
                              "bytes of all other pairs of hosts");
        if (record.key.IsTensorCollective())
        {
            uint64_t all = 0;
            for (const auto& [pair, count] : bytes)
            {
                all += count;
            }
            NS_TEST_EXPECT_MSG_EQ(record.nvswitch.Count(), all, "each crosses the NVSwitch once");
        }
    }

    /// @param run A run. @param phase A phase. @return circuits it had; null without.
    static const CircuitDecision* DecisionFor(const TrainingRun& run, const PhaseKey& phase)
    {
        const auto shares = ExpectedShares(run.setup);
        for (size_t i = 0; i < std::min(shares.size(), run.decisions.size()); ++i)
        {
            const auto& phases = shares[i].phases;
            if (std::find(phases.begin(), phases.end(), phase) != phases.end())
            {
                return &run.decisions[i];
            }
        }
        return nullptr;
    }

    /// @param run A run that is over. @brief The controller decides for the right phases, by the
    /// right demand, as soon as it can.
    void CheckDecisions(const TrainingRun& run)
    {
        if (!run.setup.IsOptical())
        {
            NS_TEST_EXPECT_MSG_EQ(run.decisions.size(), 0, "nothing to decide");
            return;
        }
        const auto shares = ExpectedShares(run.setup);
        if (!HasSize(run.decisions, shares.size(), "decisions"))
        {
            return;
        }
        const uint32_t ports = run.fabric.opticalSwitches.front()->GetNPorts();
        const auto latency = ns3::NanoSeconds(run.setup.controlLatencyNs);
        auto before = mixnetcore::CircuitConfiguration().Peers(ports);
        size_t blackout = 0;
        for (size_t i = 0; i < shares.size(); ++i)
        {
            const auto& decision = run.decisions[i];
            NS_TEST_EXPECT_MSG_EQ((decision.lease.phases == shares[i].phases), true, "for whom");
            NS_TEST_EXPECT_MSG_EQ((decision.lease.demand == shares[i].demand), true, "by what");
            const bool sameBytes = decision.demand.WithoutDiagonal() == DemandOf(run, shares[i]);
            NS_TEST_EXPECT_MSG_EQ(sameBytes, true, "its bytes");
            ns3::Time known;
            if (shares[i].demand)
            {
                known = run.LastEnd(shares[i].demand->With(PhaseKind::Gating)) + latency;
            }
            auto earliest = known;
            auto latest = known;
            if (i > 0)
            {
                const auto released = run.LastEnd(shares[i - 1].phases.back()) + latency;
                earliest = std::max({known, released, run.decisions[i - 1].readyAt});
                latest = std::max(earliest, released + AcknowledgementTime(run));
            }
            NS_TEST_EXPECT_MSG_EQ((decision.decidedAt >= earliest), true, "when all is there");
            NS_TEST_EXPECT_MSG_EQ((decision.decidedAt <= latest), true, "and acknowledged");
            const auto now = decision.configurations.front().Peers(ports);
            uint32_t changed = 0;
            for (uint32_t port = 0; port < ports; ++port)
            {
                changed += now[port] == before[port] ? 0 : 1;
            }
            before = now;
            NS_TEST_EXPECT_MSG_EQ(decision.changedPorts, changed, "ports with another peer");
            if (changed > 0 && blackout < run.blackouts.size())
            {
                const auto& dark = run.blackouts[blackout++];
                NS_TEST_EXPECT_MSG_EQ(dark.darkPorts, changed, "they go dark");
                NS_TEST_EXPECT_MSG_EQ(decision.decidedAt, dark.begin, "from the decision");
                NS_TEST_EXPECT_MSG_EQ(decision.readyAt, dark.end, "until the signal is back");
                NS_TEST_EXPECT_MSG_EQ(dark.end - dark.begin,
                                      ns3::NanoSeconds(run.setup.blackoutNs),
                                      "for the delay");
            }
            else
            {
                NS_TEST_EXPECT_MSG_EQ(decision.readyAt, decision.decidedAt, "no wait");
            }
            CheckCircuitsOfRecords(run, i);
        }
        NS_TEST_EXPECT_MSG_EQ(run.blackouts.size(), blackout, "no blackout without a decision");
    }

    /// @param run A run. @return the longest that an acknowledgement takes over a circuit: two
    /// fibres, behind a frame that is being sent.
    static ns3::Time AcknowledgementTime(const TrainingRun& run)
    {
        const double frame = (run.setup.mtu + 200) * 8.0 / run.setup.linkRate;
        return ns3::MicroSeconds(2) + ns3::Seconds(2 * frame);
    }

    /// @param run A run that is over. @param i A decision. @brief Records tell what it was.
    void CheckCircuitsOfRecords(const TrainingRun& run, size_t i)
    {
        const auto& decision = run.decisions[i];
        for (const auto& phase : decision.lease.phases)
        {
            const auto& record = RecordOf(run, phase);
            const bool isFirst = phase == decision.lease.phases.front();
            NS_TEST_EXPECT_MSG_EQ(record.circuits,
                                  decision.configurations.front().Size(),
                                  "circuits");
            NS_TEST_EXPECT_MSG_EQ(record.changedPorts,
                                  (isFirst ? decision.changedPorts : 0),
                                  "only the first of those that share circuits changes ports");
            NS_TEST_EXPECT_MSG_EQ(
                record.dark.count(),
                (isFirst ? (decision.readyAt - decision.decidedAt).GetPicoSeconds() : 0),
                "and has a blackout");
        }
    }

    /// @param run A run. @param phase Which. @return its record.
    static const PhaseRecord& RecordOf(const TrainingRun& run, const PhaseKey& phase)
    {
        const auto found = std::find_if(run.records.begin(),
                                        run.records.end(),
                                        [&](const auto& record) { return record.key == phase; });
        NS_ABORT_MSG_IF(found == run.records.end(), "a phase without record");
        return *found;
    }

    /// @param run A run. @param share Who shares circuits. @return bytes between hosts that decide.
    static mixnetcore::DemandMatrix DemandOf(const TrainingRun& run, const Share& share)
    {
        if (share.demand)
        {
            return run.BetweenHosts(run.DispatchBytes(*share.demand));
        }
        const size_t hosts = run.fabric.hosts.size();
        mixnetcore::DemandMatrix uniform(hosts, hosts);
        for (size_t from = 0; from < hosts; ++from)
        {
            for (size_t to = 0; to < hosts; ++to)
            {
                uniform.At(from, to) = mixnetcore::Bytes(from == to ? 0 : 1);
            }
        }
        return uniform;
    }

    /// @param run A run that is over. @brief Phases follow one another without gap or overlap but
    /// for circuits, and add up.
    void CheckTiling(const TrainingRun& run)
    {
        const auto latency = ns3::NanoSeconds(run.setup.controlLatencyNs);
        mixnetcore::TrainingTotals totals;
        mixnetcore::Picoseconds durations(0);
        mixnetcore::Picoseconds last(0);
        for (const auto& record : run.records)
        {
            auto start = last;
            for (const auto& decision : run.decisions)
            {
                if (decision.lease.phases.front() == record.key)
                {
                    const auto told = decision.readyAt + latency;
                    start = std::max(start, mixnetcore::Picoseconds(told.GetPicoSeconds()));
                }
            }
            NS_TEST_EXPECT_MSG_EQ(record.start.count(),
                                  start.count(),
                                  ToString(record.key.kind) << " begins where the last ended, or "
                                                               "when there are circuits");
            durations += record.duration;
            last = record.End();
            totals.Add(record);
        }
        NS_TEST_EXPECT_MSG_EQ(totals.IterationTime().count(), last.count(), "to the last end");
        NS_TEST_EXPECT_MSG_EQ((durations + totals.WaitingBetweenPhases()).count(),
                              last.count(),
                              "durations and waits add up");
    }

    /**
     * @brief A rank that has ended what comes before an all-to-all waits for the rest of a blackout
     * that has begun by then, or that begins later; of all ranks the longest counts.
     * @param run A run that is over.
     */
    void CheckExposure(const TrainingRun& run)
    {
        mixnetcore::TrainingTotals totals;
        for (const auto& record : run.records)
        {
            totals.Add(record);
            ns3::Time exposed;
            const auto* decision = DecisionFor(run, record.key);
            if (decision != nullptr && decision->lease.phases.front() == record.key)
            {
                exposed = ExposedOf(run, *decision);
            }
            NS_TEST_EXPECT_MSG_EQ(record.exposed.count(),
                                  exposed.GetPicoSeconds(),
                                  ToString(record.key.direction)
                                      << " " << ToString(record.key.kind)
                                      << " waits for what computing does not hide");
        }
        ns3::Time dark;
        for (const auto& blackout : run.blackouts)
        {
            dark += blackout.end - blackout.begin;
        }
        const auto hidden = totals.HiddenReconfiguration();
        NS_TEST_EXPECT_MSG_EQ((totals.ExposedReconfiguration() + hidden).count(),
                              dark.GetPicoSeconds(),
                              "exposed and hidden add up to all blackouts");
        NS_TEST_EXPECT_MSG_EQ((hidden.count() >= 0), true, "nothing is exposed twice");
    }

    /// @param run A run. @param decision Circuits. @return part of their blackout that is waited
    /// for.
    static ns3::Time ExposedOf(const TrainingRun& run, const CircuitDecision& decision)
    {
        ns3::Time exposed;
        for (const auto& [rank, phases] : run.order)
        {
            const auto ready = ReadyFor(run, decision.lease.phases.front(), rank);
            const auto from = std::max(ready, decision.decidedAt);
            exposed = std::max(exposed, decision.readyAt - from);
        }
        return exposed;
    }

    /// @param run A run. @param phase A phase, not the first. @param rank A rank.
    /// @return when the rank had ended what comes before.
    static ns3::Time ReadyFor(const TrainingRun& run, const PhaseKey& phase, uint32_t rank)
    {
        const auto& phases = run.order.at(rank);
        const auto found = std::find(phases.begin(), phases.end(), phase);
        return run.spans.at({*std::prev(found), rank}).end;
    }

    /// @param run A run that is over. @brief The parts of an all-to-all add up to it, and its last
    /// part has been on a line for as long as that takes.
    void CheckExplanation(const TrainingRun& run)
    {
        for (const auto& record : run.records)
        {
            if (!record.IsAllToAll())
            {
                continue;
            }
            const auto parts = record.insideTime + record.queueTime + record.lineTime;
            const bool empty =
                record.optical + record.electrical + record.nvswitch == mixnetcore::Bytes(0);
            if (empty || record.queueTime.count() > 0)
            {
                NS_TEST_EXPECT_MSG_EQ(parts.count(), record.duration.count(), "parts add up");
            }
            else
            {
                NS_TEST_EXPECT_MSG_EQ((parts >= record.duration), true, "no queue: began earlier");
            }
            NS_TEST_EXPECT_MSG_EQ((record.computeWait.count() >= 0), true, "ranks wait for ranks");
            NS_TEST_EXPECT_MSG_EQ(record.computeWait.count(),
                                  ComputeWait(run, record.key).GetPicoSeconds(),
                                  "from the first rank's begin to the last's");
        }
    }

    /// @param run A run. @param phase Which. @return time between the first rank's begin and the
    /// last's.
    static ns3::Time ComputeWait(const TrainingRun& run, const PhaseKey& phase)
    {
        auto first = ns3::Time::Max();
        ns3::Time last;
        for (const auto& [rank, phases] : run.order)
        {
            const auto begin = run.spans.at({phase, rank}).begin;
            first = std::min(first, begin);
            last = std::max(last, begin);
        }
        return last - first;
    }

    /// @param run A run that is over. @brief Bounds are what they say, and hold.
    void CheckBounds(const TrainingRun& run)
    {
        // Shares are whole bytes: at most one byte more per message and NIC.
        const double gpus = run.setup.ranks * run.setup.tensorParallel;
        const double rounding = gpus * gpus * 8 / run.setup.linkRate;
        for (const auto& record : run.records)
        {
            NS_TEST_EXPECT_MSG_EQ((record.lowerBound <= record.duration),
                                  true,
                                  ToString(record.key.kind) << " is not faster than its bound");
            if (!record.IsAllToAll())
            {
                continue;
            }
            const double expected = BoundOf(run, record);
            NS_TEST_EXPECT_MSG_GT(record.lowerBound.count() * 1e-12,
                                  expected - rounding,
                                  ToString(record.key.kind) << "'s bound");
            // Ranks of one host share their lines unevenly; it shows when they begin one by one.
            if (ComputeWait(run, record.key).IsZero() ||
                run.setup.tensorParallel == TrainingSetup::GPUS_PER_HOST)
            {
                NS_TEST_EXPECT_MSG_LT(record.lowerBound.count() * 1e-12,
                                      expected + rounding,
                                      ToString(record.key.kind) << "'s bound");
            }
        }
    }

    /// @param run A run that is over. @param record An all-to-all.
    /// @return its bound, seconds from its start, by when the ranks began.
    static double BoundOf(const TrainingRun& run, const PhaseRecord& record)
    {
        const auto bytes = run.AllToAllBytes(record.key);
        const auto* decision = DecisionFor(run, record.key);
        const auto configuration =
            decision ? decision->configurations.front() : mixnetcore::CircuitConfiguration();
        const auto beginOf = [&](size_t rank) {
            return run.spans.at({record.key, static_cast<uint32_t>(rank)}).begin;
        };
        std::set<ns3::Time> begins;
        for (size_t rank = 0; rank < run.setup.ranks; ++rank)
        {
            begins.insert(beginOf(rank));
        }
        double end = 0;
        for (const auto& begin : begins)
        {
            // What sets out then, or later, must all be carried from then on.
            TrainingRun::GpuBytes later;
            for (const auto& [pair, count] : bytes)
            {
                if (beginOf(pair.first / run.setup.tensorParallel) >= begin)
                {
                    later[pair] = count;
                }
            }
            if (!later.empty())
            {
                end = std::max(end,
                               begin.GetPicoSeconds() * 1e-12 +
                                   run.LowerBoundSeconds(later, configuration));
            }
        }
        return std::max(0.0, end - record.start.count() * 1e-12);
    }

    /// @param run A run that is over. @brief Every dispatch is within 3 % of its bound.
    void CheckSpeed(const TrainingRun& run)
    {
        for (const auto& record : run.RecordsOf(PhaseKind::Dispatch))
        {
            NS_TEST_EXPECT_MSG_LT(record.duration.count() * 1e-12,
                                  1.03 * BoundOf(run, record),
                                  "dispatch of layer " << record.key.layer << ", microbatch "
                                                       << record.key.microbatch);
        }
    }
};

} // namespace tests

#endif // TRAINING_TEST_CASE_H
