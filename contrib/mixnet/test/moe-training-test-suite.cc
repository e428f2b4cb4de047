/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "mixnet-test-case.h"
#include "training-run.h"

#include <cmath>
#include <numeric>
#include <set>

using namespace ns3;
using namespace ns3::mixnet;
using mixnetcore::PhaseKey;
using mixnetcore::PhaseKind;
using mixnetcore::PhaseRecord;
using mixnetcore::TokenMatrix;

namespace tests
{

namespace
{

using RankState = MoeTrainingApplication::RankState;

/// @param setup What a run is made of. @return its layout in words.
std::string
LayoutName(const TrainingSetup& setup)
{
    return "EP" + std::to_string(setup.ranks) + " x TP" + std::to_string(setup.tensorParallel);
}

/// @param ranks EP degree. @param tensorParallel TP degree. @param hidden Elements per token.
/// @return a run of that layout with a load that differs from layer to layer.
TrainingSetup
Layout(size_t ranks, size_t tensorParallel, uint64_t hidden)
{
    TrainingSetup setup;
    setup.ranks = ranks;
    setup.tensorParallel = tensorParallel;
    setup.hidden = hidden;
    setup.seed = 7;
    return setup;
}

/// @param record A phase. @return all of its numbers.
auto
Numbers(const PhaseRecord& record)
{
    return std::make_tuple(mixnetcore::PackPhase(record.key),
                           record.start,
                           record.duration,
                           record.dark,
                           record.changedPorts,
                           record.circuits,
                           record.optical.Count(),
                           record.electrical.Count(),
                           record.nvswitch.Count(),
                           record.lowerBound);
}

/// @param rows Rows and columns. @param value Value of every place. @return the matrix.
TokenMatrix
Filled(size_t rows, uint64_t value)
{
    TokenMatrix tokens(rows, rows);
    for (size_t row = 0; row < rows; ++row)
    {
        for (size_t column = 0; column < rows; ++column)
        {
            tokens.At(row, column) = mixnetcore::Tokens(value);
        }
    }
    return tokens;
}

/**
 * @ingroup mixnet-tests
 * @brief A case that trains, with checks of what holds in every run that gets to its end.
 */
class TrainingTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    /// @param run A run that is over.
    void CheckAll(const TrainingRun& run)
    {
        CheckCompletion(run);
        CheckFrames(run);
        CheckTiling(run);
        CheckComputing(run);
        CheckBytes(run);
        CheckBounds(run);
        CheckDecisions(run);
    }

    /// @param run A run that is over. @brief Every rank is through, every phase recorded once.
    void CheckCompletion(const TrainingRun& run)
    {
        NS_TEST_EXPECT_MSG_EQ(run.group.GetUnfinishedPhases().size(), 0, "every rank is through");
        NS_TEST_EXPECT_MSG_EQ(run.group.GetFailedMessages(), 0, "no message failed");
        for (const auto& engine : run.group.engines)
        {
            NS_TEST_EXPECT_MSG_EQ(engine->GetWaiting(), 0, "no GPU waits");
        }
        std::set<uint64_t> phases;
        for (const auto& record : run.records)
        {
            phases.insert(mixnetcore::PackPhase(record.key));
        }
        const size_t expected = size_t{5} * run.setup.layers * run.setup.microbatches;
        NS_TEST_EXPECT_MSG_EQ(run.records.size(), expected, "five phases per layer");
        NS_TEST_EXPECT_MSG_EQ(phases.size(), expected, "each once");
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
        NS_TEST_EXPECT_MSG_EQ(run.fabric.GetRetransmittedFrames(), 0, "none was sent again");
    }

    /// @param run A run that is over. @brief Phases follow one another without gap or overlap.
    void CheckTiling(const TrainingRun& run)
    {
        const auto control = mixnetcore::Picoseconds(2000 * run.setup.controlLatencyNs);
        mixnetcore::Picoseconds sum(0);
        mixnetcore::Picoseconds last(0);
        for (const auto& record : run.records)
        {
            const bool dispatch = record.key.kind == PhaseKind::Dispatch;
            const auto wait = record.dark + (dispatch ? control : mixnetcore::Picoseconds(0));
            NS_TEST_EXPECT_MSG_EQ(record.start.count(),
                                  (last + wait).count(),
                                  ToString(record.key.kind) << " begins where the last ended");
            sum += wait + record.duration;
            last = record.End();
        }
        NS_TEST_EXPECT_MSG_EQ(sum.count(), last.count(), "durations and waits add up");
    }

    /// @param run A run that is over. @brief Every rank computes for as long as its work takes.
    void CheckComputing(const TrainingRun& run)
    {
        const auto& compute = run.workload->Compute();
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
                                  expected.count(),
                                  ToString(phase.kind) << " of rank " << rank);
        }
    }

    /// @param run A run that is over. @brief Dispatch and combine carry the token matrix.
    void CheckBytes(const TrainingRun& run)
    {
        for (const auto& record : run.records)
        {
            if (!record.IsAllToAll())
            {
                continue;
            }
            auto expected = run.DispatchBytes(record.key);
            if (record.key.kind == PhaseKind::Combine)
            {
                expected = TrainingRun::Transposed(expected);
            }
            const auto found = run.arrived.find(record.key);
            const auto arrived =
                found == run.arrived.end() ? TrainingRun::GpuBytes() : found->second;
            NS_TEST_EXPECT_MSG_EQ((arrived == expected),
                                  true,
                                  ToString(record.key.kind)
                                      << " brings every byte to its GPU exactly once");
            uint64_t betweenHosts = 0;
            for (const auto& [pair, bytes] : expected)
            {
                const bool within = pair.first / 8 == pair.second / 8;
                betweenHosts += within ? 0 : bytes;
            }
            NS_TEST_EXPECT_MSG_EQ(record.optical.Count() + record.electrical.Count(),
                                  betweenHosts,
                                  "bytes between hosts cross one side or the other once");
        }
        NS_TEST_EXPECT_MSG_EQ((run.posted == run.arrived), true, "nothing else was sent");
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
            if (record.IsAllToAll())
            {
                NS_TEST_EXPECT_MSG_EQ_TOL(record.lowerBound.count() * 1e-12,
                                          BoundOf(run, record),
                                          rounding,
                                          ToString(record.key.kind) << "'s bound");
            }
        }
    }

    /// @param run A run that is over. @param record An all-to-all.
    /// @return its bound, seconds from its start, by when the ranks began.
    static double BoundOf(const TrainingRun& run, const PhaseRecord& record)
    {
        const auto bytes = record.key.kind == PhaseKind::Dispatch
                               ? run.DispatchBytes(record.key)
                               : TrainingRun::Transposed(run.DispatchBytes(record.key));
        const auto& configuration = ConfigurationFor(run, record.key);
        const auto begin = [&](size_t rank) {
            return run.spans.at({record.key, static_cast<uint32_t>(rank)}).begin;
        };
        double end = 0;
        for (size_t rank = 0; rank < run.setup.ranks; ++rank)
        {
            // What sets out when this rank does, or later, must all be carried from then on.
            TrainingRun::GpuBytes later;
            for (const auto& [pair, count] : bytes)
            {
                if (begin(pair.first / run.setup.tensorParallel) >= begin(rank))
                {
                    later[pair] = count;
                }
            }
            if (!later.empty())
            {
                end = std::max(end,
                               begin(rank).GetPicoSeconds() * 1e-12 +
                                   run.LowerBoundSeconds(later, configuration));
            }
        }
        return std::max(0.0, end - record.start.count() * 1e-12);
    }

    /// @param run A run. @param phase An all-to-all. @return circuits it had.
    static const mixnetcore::CircuitConfiguration& ConfigurationFor(const TrainingRun& run,
                                                                    const PhaseKey& phase)
    {
        const auto found =
            std::find_if(run.decisions.begin(),
                         run.decisions.end(),
                         [&](const CircuitDecision& decision) {
                             return decision.phase == phase.With(PhaseKind::Dispatch);
                         });
        NS_ABORT_MSG_IF(found == run.decisions.end(), "a phase without circuits");
        return found->configuration;
    }

    /// @param run A run that is over. @brief Records tell what the controller decided, and when.
    void CheckDecisions(const TrainingRun& run)
    {
        const auto dispatches = run.RecordsOf(PhaseKind::Dispatch);
        NS_TEST_ASSERT_MSG_EQ(run.decisions.size(), dispatches.size(), "one per dispatch");
        const uint32_t ports = run.fabric.opticalSwitches.front()->GetNPorts();
        auto before = mixnetcore::CircuitConfiguration().Peers(ports);
        for (size_t i = 0; i < dispatches.size(); ++i)
        {
            const auto& decision = run.decisions[i];
            const auto& record = dispatches[i];
            const auto now = decision.configuration.Peers(ports);
            uint32_t changed = 0;
            for (uint32_t port = 0; port < ports; ++port)
            {
                changed += now[port] == before[port] ? 0 : 1;
            }
            before = now;
            NS_TEST_EXPECT_MSG_EQ((decision.phase == record.key), true, "for this phase");
            NS_TEST_EXPECT_MSG_EQ(record.changedPorts, changed, "ports with another peer, or none");
            NS_TEST_EXPECT_MSG_EQ(record.circuits, decision.configuration.Size(), "circuits");
            NS_TEST_EXPECT_MSG_EQ(record.dark.count(),
                                  (changed == 0 ? 0 : run.setup.blackoutNs * 1000),
                                  "the blackout is the delay");
            const auto gated = run.LastEnd(record.key.With(PhaseKind::Gating));
            NS_TEST_EXPECT_MSG_EQ(decision.decidedAt,
                                  gated + NanoSeconds(run.setup.controlLatencyNs),
                                  "decided when the last gate is through, and told");
        }
        for (const auto& record : run.RecordsOf(PhaseKind::Combine))
        {
            NS_TEST_EXPECT_MSG_EQ(record.changedPorts, 0, "combine changes no port");
            NS_TEST_EXPECT_MSG_EQ(record.dark.count(), 0, "and waits for no light");
            NS_TEST_EXPECT_MSG_EQ(record.circuits,
                                  ConfigurationFor(run, record.key).Size(),
                                  "combine has the circuits of its dispatch");
        }
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

/**
 * @ingroup mixnet-tests
 * @brief The measured matrix, a rank per host: as fast as its slowest line.
 */
class MeasuredTrainingTestCase : public TrainingTestCase
{
  public:
    /**
     * @param linkRateGbps Line rate of a NIC, Gb/s.
     * @param mtu Payload per frame.
     */
    MeasuredTrainingTestCase(uint64_t linkRateGbps, uint32_t mtu)
        : TrainingTestCase("The measured dispatch at " + std::to_string(linkRateGbps) +
                           " Gbps, MTU " + std::to_string(mtu) + ", takes its bound"),
          m_linkRateGbps(linkRateGbps),
          m_mtu(mtu)
    {
    }

  private:
    void DoRun() override
    {
        TrainingSetup setup;
        setup.linkRate = m_linkRateGbps * 1'000'000'000;
        setup.mtu = m_mtu;
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        CheckNoLoss(run);
        CheckSpeed(run);
        NS_TEST_ASSERT_MSG_EQ(run.decisions.size(), 1, "one dispatch");
        NS_TEST_EXPECT_MSG_EQ(run.decisions[0].configuration.Size(), 24, "6 ports of 8 hosts");
        // The longest leg is the circuit from host 3 to host 0: 10897 tokens of 2048 bytes.
        const auto record = run.RecordsOf(PhaseKind::Dispatch).front();
        const double bound = 10897.0 * 2048 * 8 / setup.linkRate * (m_mtu + 82) / m_mtu;
        NS_TEST_EXPECT_MSG_EQ_TOL(record.lowerBound.count() * 1e-12, bound, 1e-4 * bound, "bound");
        NS_TEST_EXPECT_MSG_LT(record.duration.count() * 1e-12, 1.03 * bound, "duration");
        NS_TEST_EXPECT_MSG_EQ(record.changedPorts, 48, "all ports");
    }

    uint64_t m_linkRateGbps; //!< line rate of a NIC, Gb/s
    uint32_t m_mtu;          //!< payload per frame
};

/**
 * @ingroup mixnet-tests
 * @brief The literal reading of the allocator leaves most pairs to the electrical side, where
 * more comes to host 0 than the packet switch can hold: frames are lost there, and sent again.
 */
class LiteralAllocatorTestCase : public TrainingTestCase
{
  public:
    LiteralAllocatorTestCase()
        : TrainingTestCase("The literal allocator trains over 6 circuits")
    {
    }

  private:
    void DoRun() override
    {
        TrainingSetup setup;
        setup.allocator = "greedy-literal";
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        NS_TEST_ASSERT_MSG_EQ(run.decisions.size(), 1, "one dispatch");
        NS_TEST_EXPECT_MSG_EQ(run.decisions[0].configuration.Size(), 6, "circuits");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Other layouts of ranks on GPUs get to their end with every byte.
 */
class LayoutTestCase : public TrainingTestCase
{
  public:
    /**
     * @param setup What the run is made of.
     * @param bound Whether a dispatch is long enough to be compared with its bound.
     */
    LayoutTestCase(const TrainingSetup& setup, bool bound)
        : TrainingTestCase(LayoutName(setup) + " trains, and every byte arrives once each way"),
          m_setup(setup),
          m_bound(bound)
    {
    }

  private:
    void DoRun() override
    {
        TrainingRun run(m_setup);
        run.Run();
        CheckAll(run);
        CheckNoLoss(run);
        if (m_bound)
        {
            CheckSpeed(run);
        }
        if (m_setup.ranks * m_setup.tensorParallel <= TrainingSetup::GPUS_PER_HOST)
        {
            const auto record = run.RecordsOf(PhaseKind::Dispatch).front();
            NS_TEST_EXPECT_MSG_EQ(record.circuits, 0, "a single host needs no circuit");
            NS_TEST_EXPECT_MSG_EQ(record.optical.Count() + record.electrical.Count(),
                                  0,
                                  "nor any NIC");
            NS_TEST_EXPECT_MSG_GT(record.nvswitch.Count(), 0, "but its NVSwitch");
        }
    }

    TrainingSetup m_setup; //!< what the run is made of
    bool m_bound;          //!< whether to compare with bounds
};

/**
 * @ingroup mixnet-tests
 * @brief Microbatches and layers follow one another; circuits that stay are left alone.
 */
class SeveralLayersTestCase : public TrainingTestCase
{
  public:
    SeveralLayersTestCase()
        : TrainingTestCase("Two microbatches of two layers reconfigure some ports, not all")
    {
    }

  private:
    void DoRun() override
    {
        auto setup = Layout(8, 8, 512);
        setup.layers = 2;
        setup.microbatches = 2;
        setup.firstLayer = 5;
        setup.expertFfn = 64; // ranks that are early combine while others wait for tokens
        setup.iteration = 3;
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        CheckNoLoss(run);
        NS_TEST_ASSERT_MSG_EQ(run.records.size(), 20, "five phases of four");
        size_t index = 0;
        for (uint32_t microbatch = 0; microbatch < 2; ++microbatch)
        {
            for (uint32_t layer = 5; layer < 7; ++layer)
            {
                for (const auto kind : {PhaseKind::Attention,
                                        PhaseKind::Gating,
                                        PhaseKind::Dispatch,
                                        PhaseKind::Expert,
                                        PhaseKind::Combine})
                {
                    PhaseKey expected;
                    expected.iteration = 3;
                    expected.microbatch = microbatch;
                    expected.layer = layer;
                    expected.kind = kind;
                    NS_TEST_EXPECT_MSG_EQ((run.records[index++].key == expected),
                                          true,
                                          "layer after layer, then the next microbatch");
                }
            }
        }
        size_t partial = 0;
        for (size_t i = 1; i < run.decisions.size(); ++i)
        {
            const auto changed = run.decisions[i].changedPorts;
            NS_TEST_EXPECT_MSG_LT(changed, 48, "some circuits stay");
            partial += changed > 0 ? 1 : 0;
            NS_TEST_EXPECT_MSG_EQ((run.decisions[i].demand == run.decisions[i - 1].demand),
                                  false,
                                  "the load never repeats itself");
        }
        NS_TEST_EXPECT_MSG_GT(partial, 0, "some change");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Control messages make a run longer by twice their latency, and by nothing else.
 */
class ControlLatencyTestCase : public TrainingTestCase
{
  public:
    /**
     * @param blackoutNs Reconfiguration delay.
     */
    explicit ControlLatencyTestCase(int64_t blackoutNs)
        : TrainingTestCase("With a blackout of " + std::to_string(blackoutNs) +
                           " ns, control latency is waited for twice per dispatch"),
          m_blackoutNs(blackoutNs)
    {
    }

  private:
    void DoRun() override
    {
        // Above the microsecond that the light of a new circuit takes to the NICs: hosts that are
        // told sooner wait for it in their dispatch.
        constexpr int64_t SHORT_NS = 1'001;
        constexpr int64_t MORE_NS = 7'777;
        auto setup = Layout(8, 4, 64);
        setup.layers = 2;
        setup.blackoutNs = m_blackoutNs;
        setup.controlLatencyNs = SHORT_NS;
        std::vector<PhaseRecord> sooner;
        {
            TrainingRun run(setup);
            run.Run();
            CheckAll(run);
            sooner = run.records;
        }
        Simulator::Destroy();
        setup.controlLatencyNs = SHORT_NS + MORE_NS;
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        NS_TEST_ASSERT_MSG_EQ(run.records.size(), sooner.size(), "the same phases");
        int64_t shift = 0;
        for (size_t i = 0; i < sooner.size(); ++i)
        {
            shift += sooner[i].key.kind == PhaseKind::Dispatch ? 2 * MORE_NS * 1000 : 0;
            NS_TEST_EXPECT_MSG_EQ(run.records[i].start.count(),
                                  sooner[i].start.count() + shift,
                                  "later by both ways per dispatch");
            NS_TEST_EXPECT_MSG_EQ(run.records[i].duration.count(),
                                  sooner[i].duration.count(),
                                  "as long");
        }
    }

    int64_t m_blackoutNs; //!< reconfiguration delay
};

/**
 * @ingroup mixnet-tests
 * @brief Loads at the edge: nothing to send, everything to one rank, one rank that sends nothing.
 */
class EdgeLoadTestCase : public TrainingTestCase
{
  public:
    EdgeLoadTestCase()
        : TrainingTestCase("Loads without traffic, with one expert and with a silent rank train")
    {
    }

  private:
    void DoRun() override
    {
        constexpr size_t RANKS = 8;
        auto home = Filled(RANKS, 0);
        auto hot = Filled(RANKS, 0);
        auto silent = Filled(RANKS, 100);
        for (size_t rank = 0; rank < RANKS; ++rank)
        {
            home.At(rank, rank) = mixnetcore::Tokens(800);
            hot.At(rank, 3) = mixnetcore::Tokens(800);
            silent.At(5, rank) = mixnetcore::Tokens(rank == 5 ? 800 : 0);
            silent.At(rank, 5) = mixnetcore::Tokens(rank == 5 ? 800 : 0);
        }
        for (const auto& record : Train(home))
        {
            NS_TEST_EXPECT_MSG_EQ(record.circuits, 0, "nothing to join");
            NS_TEST_EXPECT_MSG_EQ(record.duration.count() * (record.IsAllToAll() ? 1 : 0),
                                  0,
                                  "nothing to wait for");
        }
        const auto hotRecords = Train(hot);
        NS_TEST_ASSERT_MSG_EQ(hotRecords.size(), 5, "five phases");
        // The hot host has 6 ports for 7 peers: the seventh comes over the electrical NICs.
        NS_TEST_EXPECT_MSG_EQ(hotRecords[2].circuits, 6, "circuits end at the hot host");
        NS_TEST_EXPECT_MSG_EQ(hotRecords[2].electrical.Count(), 800 * 2 * HIDDEN, "one peer");
        NS_TEST_EXPECT_MSG_EQ(hotRecords[2].optical.Count(), 6 * 800 * 2 * HIDDEN, "six peers");
        Train(silent);
    }

    /// @param tokens Load. @return records of a run with it.
    std::vector<PhaseRecord> Train(const TokenMatrix& tokens)
    {
        TrainingSetup setup;
        setup.hidden = HIDDEN;
        setup.tokens = tokens;
        std::vector<PhaseRecord> records;
        {
            TrainingRun run(setup);
            run.Run();
            CheckAll(run);
            records = run.records;
        }
        Simulator::Destroy();
        return records;
    }

    static constexpr uint64_t HIDDEN = 256; //!< elements per token
};

/**
 * @ingroup mixnet-tests
 * @brief Every rank goes through the states of a layer in their order, layer by layer.
 */
class RankStatesTestCase : public TrainingTestCase
{
  public:
    RankStatesTestCase()
        : TrainingTestCase("Ranks go through their states in order")
    {
    }

  private:
    void DoRun() override
    {
        auto setup = Layout(16, 1, 32);
        setup.layers = 2;
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        std::vector<RankState> expected;
        for (uint32_t layer = 0; layer < setup.layers; ++layer)
        {
            for (const auto state : {RankState::Attention,
                                     RankState::Gating,
                                     RankState::AwaitingCircuits,
                                     RankState::Dispatch,
                                     RankState::Expert,
                                     RankState::Combine})
            {
                expected.push_back(state);
            }
        }
        expected.push_back(RankState::Idle);
        for (uint32_t rank = 0; rank < setup.ranks; ++rank)
        {
            std::vector<RankState> states;
            auto last = RankState::Idle;
            for (const auto& change : run.changes)
            {
                if (change.rank == rank)
                {
                    NS_TEST_EXPECT_MSG_EQ((change.from == last), true, "from where it was");
                    states.push_back(change.to);
                    last = change.to;
                }
            }
            NS_TEST_EXPECT_MSG_EQ((states == expected), true, "states of rank " << rank);
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Equal seeds give equal records, other seeds others.
 */
class SeedTestCase : public TrainingTestCase
{
  public:
    SeedTestCase()
        : TrainingTestCase("Equal seeds give equal records, other seeds others")
    {
    }

  private:
    void DoRun() override
    {
        const auto first = Train(1);
        const auto again = Train(1);
        const auto other = Train(2);
        NS_TEST_EXPECT_MSG_EQ(first.size(), 10, "five phases of two layers");
        NS_TEST_EXPECT_MSG_EQ((first == again), true, "the same seed");
        NS_TEST_EXPECT_MSG_EQ((first == other), false, "another seed");
    }

    /// @param seed Of the load. @return all numbers of the run.
    std::vector<decltype(Numbers(PhaseRecord()))> Train(uint64_t seed)
    {
        auto setup = Layout(8, 4, 64);
        setup.seed = seed;
        setup.layers = 2;
        std::vector<decltype(Numbers(PhaseRecord()))> numbers;
        {
            TrainingRun run(setup);
            run.Run();
            std::transform(run.records.begin(),
                           run.records.end(),
                           std::back_inserter(numbers),
                           Numbers);
        }
        Simulator::Destroy();
        return numbers;
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A fibre that is cut for good ends the run with ranks that wait, and says which.
 */
class FibreCutTrainingTestCase : public TrainingTestCase
{
  public:
    /**
     * @param side Which side the fibre is on.
     */
    explicit FibreCutTrainingTestCase(mixnetcore::NicRole side)
        : TrainingTestCase(std::string("An ") +
                           (side == mixnetcore::NicRole::Optical ? "optical" : "electrical") +
                           " fibre cut for good in a dispatch ends the run and leaves ranks"),
          m_side(side)
    {
    }

  private:
    void DoRun() override
    {
        TrainingSetup setup;
        setup.linkDownTimeoutNs = 100'000;
        TrainingRun run(setup);
        m_run = &run;
        run.group.controller->TraceConnectWithoutContext(
            "CircuitsReady",
            MakeCallback(&FibreCutTrainingTestCase::HandleReady, this));
        bool ended = false;
        Simulator::Schedule(Seconds(100), [&ended]() {
            ended = Simulator::IsFinished();
            Simulator::Stop();
        });
        run.Run();
        NS_TEST_EXPECT_MSG_EQ(ended, true, "events end by themselves");
        const auto unfinished = run.group.GetUnfinishedPhases();
        NS_TEST_EXPECT_MSG_GT(unfinished.size(), 0, "ranks wait");
        for (const auto& each : unfinished)
        {
            const bool waits =
                each.state == RankState::Dispatch || each.state == RankState::Combine;
            NS_TEST_EXPECT_MSG_EQ(waits, true, "for bytes of an all-to-all");
        }
        NS_TEST_EXPECT_MSG_GT(run.failures.size(), 0, "messages failed");
        NS_TEST_EXPECT_MSG_EQ(run.group.GetFailedMessages(), run.failures.size(), "and count");
        NS_TEST_EXPECT_MSG_EQ(run.RecordsOf(PhaseKind::Combine).size(), 0, "combine never ends");
        const auto counters = run.fabric.GetCounters();
        NS_TEST_EXPECT_MSG_EQ(counters.sent.frames,
                              counters.received.frames + counters.AllDropped().frames,
                              "none is in flight any more");
        NS_TEST_EXPECT_MSG_GT(counters.Dropped(DropReason::FibreCut).frames, 0, "some were lost");
        if (m_side == mixnetcore::NicRole::Optical)
        {
            // Darkness takes one fibre to the near NIC, two to the far one.
            for (const auto& failure : run.failures)
            {
                const auto after = failure - m_cutAt - NanoSeconds(setup.linkDownTimeoutNs);
                const bool inTime = after == MicroSeconds(1) || after == MicroSeconds(2);
                NS_TEST_EXPECT_MSG_EQ(inTime, true, "the timeout after darkness came: " << after);
            }
        }
    }

    /// @param decision Circuits of the dispatch that is about to begin.
    void HandleReady(const CircuitDecision& decision)
    {
        // Fibres to the optical switch come first, by its port; those of host 0 lead the others.
        const uint32_t ports = m_run->fabric.opticalSwitches.front()->GetNPorts();
        const uint32_t fibre = m_side == mixnetcore::NicRole::Optical
                                   ? decision.configuration.Circuits().front().first
                                   : ports;
        m_cutAt = Simulator::Now() + MicroSeconds(50);
        Simulator::Schedule(MicroSeconds(50), &Fibre::Cut, m_run->fabric.fibres.at(fibre));
    }

    mixnetcore::NicRole m_side;  //!< which side the fibre is on
    TrainingRun* m_run{nullptr}; //!< the run
    Time m_cutAt;                //!< when it is cut
};

/**
 * @ingroup mixnet-tests
 * @brief A group that does not fit its region is refused.
 */
class GroupRefusalTestCase : public MixnetTestCase
{
  public:
    GroupRefusalTestCase()
        : MixnetTestCase("A group that does not fit its region is refused by numbers")
    {
    }

  private:
    void DoRun() override
    {
        const auto message = AbortMessageOf([]() {
            const TrainingRun run((TrainingSetup()));
            mixnetcore::MixnetRegionSpec spec;
            spec.hosts = 4;
            const auto fabric = FabricHelper().Install(mixnetcore::PlanMixnetRegion(spec));
            TrainingHelper().Install(fabric, 0, run.workload);
        });
        NS_TEST_EXPECT_MSG_NE(message.find("8 hosts does not fit a region of 4"),
                              std::string::npos,
                              "both sizes");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of MoeTrainingApplication with its helpers, collective engine and controller.
 */
class MoeTrainingTestSuite : public TestSuite
{
  public:
    MoeTrainingTestSuite()
        : TestSuite("mixnet-moe-training", TestSuite::Type::SYSTEM)
    {
        AddTestCase(new MeasuredTrainingTestCase(400, 16384));
        AddTestCase(new MeasuredTrainingTestCase(100, 4096));
        AddTestCase(new LiteralAllocatorTestCase);
        AddTestCase(new LayoutTestCase(Layout(8, 4, 2048), true));
        AddTestCase(new LayoutTestCase(Layout(16, 1, 512), true));
        AddTestCase(new LayoutTestCase(Layout(16, 2, 512), true));
        AddTestCase(new LayoutTestCase(Layout(32, 1, 256), true));
        AddTestCase(new LayoutTestCase(Layout(64, 1, 8), false));
        AddTestCase(new LayoutTestCase(Layout(8, 1, 1024), true));  // one host
        AddTestCase(new LayoutTestCase(Layout(4, 2, 1024), false)); // one host
        AddTestCase(new LayoutTestCase(Layout(4, 1, 1024), false)); // half a host
        AddTestCase(new SeveralLayersTestCase);
        AddTestCase(new ControlLatencyTestCase(25'000));
        AddTestCase(new ControlLatencyTestCase(0));
        AddTestCase(new EdgeLoadTestCase);
        AddTestCase(new RankStatesTestCase);
        AddTestCase(new SeedTestCase);
        AddTestCase(new FibreCutTrainingTestCase(mixnetcore::NicRole::Optical));
        AddTestCase(new FibreCutTrainingTestCase(mixnetcore::NicRole::Electrical));
        AddTestCase(new GroupRefusalTestCase);
    }
};

static MoeTrainingTestSuite g_moeTrainingTestSuite; //!< the suite

} // namespace

} // namespace tests
