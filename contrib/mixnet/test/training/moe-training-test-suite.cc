/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/training-test-case.h"

#include "ns3/training-trace.h"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace ns3;
using namespace ns3::mixnet;
using mixnetcore::PhaseRecord;
using mixnetcore::TokenMatrix;

namespace tests
{

namespace
{

using RankState = MoeTrainingApplication::RankState; //!< what a rank does

/// @param record A phase. @return all of its numbers.
auto
Numbers(const PhaseRecord& record)
{
    return std::make_tuple(record.key,
                           record.start,
                           record.duration,
                           record.dark,
                           record.exposed,
                           record.computeWait,
                           record.insideTime,
                           record.queueTime,
                           record.lineTime,
                           record.changedPorts,
                           record.circuits,
                           record.optical.Count(),
                           record.electrical.Count(),
                           record.nvswitch.Count(),
                           record.lowerBound);
}

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
        CheckBounds(run);
        NS_TEST_EXPECT_MSG_EQ(run.records.size(), 4 * 14, "seven phases each way of four");
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
        // Above the microsecond that the signal of a new circuit takes to the NICs: hosts that are
        // told sooner wait for it in their dispatch.
        constexpr int64_t SHORT_NS = 1'001;
        constexpr int64_t MORE_NS = 7'777;
        auto setup = Layout(8, 4, 64);
        setup.layers = 2;
        setup.backward = false;
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
 * @brief Loads at the edge: no token at all, nothing to send, everything to one rank, one rank that
 * gets nothing, one rank that neither gets nor sends.
 */
class EdgeLoadTestCase : public TrainingTestCase
{
  public:
    /**
     * @param fabric Which fabric.
     */
    explicit EdgeLoadTestCase(TestFabric fabric)
        : TrainingTestCase(std::string("Loads without tokens, without traffic, with one expert, "
                                       "with a silent rank train on ") +
                           (fabric == TestFabric::Mixnet ? "MixNet" : "an ideal switch")),
          m_fabric(fabric)
    {
    }

  private:
    void DoRun() override
    {
        constexpr size_t RANKS = 8;
        auto home = Filled(RANKS, 0);
        auto hot = Filled(RANKS, 0);
        auto idle = Filled(RANKS, 100);
        auto silent = Filled(RANKS, 100);
        for (size_t rank = 0; rank < RANKS; ++rank)
        {
            home.At(rank, rank) = mixnetcore::Tokens(800);
            hot.At(rank, 3) = mixnetcore::Tokens(800);
            idle.At(rank, 5) = mixnetcore::Tokens(0);
            silent.At(5, rank) = mixnetcore::Tokens(rank == 5 ? 800 : 0);
            silent.At(rank, 5) = mixnetcore::Tokens(rank == 5 ? 800 : 0);
        }
        for (const auto& tokens : {Filled(RANKS, 0), home})
        {
            for (const auto& record : Train(tokens))
            {
                NS_TEST_EXPECT_MSG_EQ(record.circuits, 0, "nothing to join");
                NS_TEST_EXPECT_MSG_EQ(record.duration.count() * (record.IsAllToAll() ? 1 : 0),
                                      0,
                                      "nothing to wait for");
            }
        }
        const auto hotRecords = Train(hot);
        if (m_fabric == TestFabric::Mixnet && HasSize(hotRecords, 14, "seven phases each way"))
        {
            // The hot host has 6 ports for 7 peers: the seventh comes over the electrical NICs.
            const auto& dispatch = hotRecords[2];
            NS_TEST_EXPECT_MSG_EQ(dispatch.circuits, 6, "circuits end at the hot host");
            NS_TEST_EXPECT_MSG_EQ(dispatch.electrical.Count(), 800 * 2 * HIDDEN, "one peer");
            NS_TEST_EXPECT_MSG_EQ(dispatch.optical.Count(), 6 * 800 * 2 * HIDDEN, "six peers");
        }
        Train(idle);
        Train(silent);
    }

    /// @param tokens Load. @return records of a run with it.
    std::vector<PhaseRecord> Train(const TokenMatrix& tokens)
    {
        TrainingSetup setup;
        setup.fabric = m_fabric;
        setup.hidden = HIDDEN;
        setup.tokens = {tokens};
        std::vector<PhaseRecord> records;
        {
            TrainingRun run(setup);
            run.Run();
            CheckAll(run);
            CheckBounds(run);
            records = run.records;
        }
        Simulator::Destroy();
        return records;
    }

    static constexpr uint64_t HIDDEN = 256; //!< elements per token

    TestFabric m_fabric; //!< which fabric
};

/**
 * @ingroup mixnet-tests
 * @brief Forward, backward and recomputed phases: which there are, how long, what they carry.
 */
class PassesTestCase : public TrainingTestCase
{
  public:
    /**
     * @param tensorParallel TP degree.
     */
    explicit PassesTestCase(size_t tensorParallel)
        : TrainingTestCase(
              "With TP " + std::to_string(tensorParallel) +
              ", backward computes twice as long, and recomputing is one more forward"),
          m_tensorParallel(tensorParallel)
    {
    }

  private:
    void DoRun() override
    {
        const auto forward = Train(false, false);
        const auto both = Train(true, false);
        const auto thrice = Train(true, true);
        const size_t phases = LAYERS * (m_tensorParallel > 1 ? 7 : 5);
        NS_TEST_EXPECT_MSG_EQ(forward.phases, phases, "phases forward");
        NS_TEST_EXPECT_MSG_EQ(both.phases, 2 * phases, "and backward");
        NS_TEST_EXPECT_MSG_EQ(thrice.phases, 3 * phases, "and once more");
        NS_TEST_EXPECT_MSG_EQ(both.allToAlls, 2 * forward.allToAlls, "all-to-alls backward");
        NS_TEST_EXPECT_MSG_EQ(thrice.allToAlls, 3 * forward.allToAlls, "and once more");
        NS_TEST_EXPECT_MSG_GT(forward.bytes, 0, "some bytes");
        NS_TEST_EXPECT_MSG_EQ(both.bytes, 2 * forward.bytes, "backward has as many bytes");
        NS_TEST_EXPECT_MSG_EQ(thrice.bytes, 3 * forward.bytes, "and once more");
        for (const auto& [rank, once] : forward.computing)
        {
            NS_TEST_EXPECT_MSG_EQ(both.computing.at(rank), 3 * once, "1 forward, 2 backward");
            NS_TEST_EXPECT_MSG_EQ(thrice.computing.at(rank), 4 * once, "1 more forward");
        }
    }

    /// What came of a run.
    struct Outcome
    {
        size_t phases{0};                   //!< phases
        size_t allToAlls{0};                //!< all-to-alls among them
        uint64_t bytes{0};                  //!< that came to GPUs
        std::map<uint32_t, Time> computing; //!< time of computing phases by rank
    };

    /// @param backward Whether backward follows. @param recompute Whether forward is done again.
    /// @return what came of it.
    Outcome Train(bool backward, bool recompute)
    {
        auto setup = Layout(16, m_tensorParallel, 16);
        setup.layers = LAYERS;
        setup.backward = backward;
        setup.recompute = recompute;
        Outcome outcome;
        {
            TrainingRun run(setup);
            run.Run();
            CheckAll(run);
            CheckNoLoss(run);
            outcome.phases = run.records.size();
            for (const auto& record : run.records)
            {
                outcome.allToAlls += record.IsAllToAll() ? 1 : 0;
            }
            for (const auto& [phase, bytes] : run.arrived)
            {
                for (const auto& [pair, count] : bytes)
                {
                    outcome.bytes += count;
                }
            }
            for (const auto& [key, span] : run.spans)
            {
                const auto& phase = key.first;
                const bool computes = !phase.IsAllToAll() && !phase.IsTensorCollective();
                outcome.computing[key.second] += computes ? span.end - span.begin : Time(0);
            }
        }
        Simulator::Destroy();
        return outcome;
    }

    static constexpr uint32_t LAYERS = 2; //!< layers

    size_t m_tensorParallel; //!< TP degree
};

/**
 * @ingroup mixnet-tests
 * @brief An all-gather or reduce-scatter of n GPUs moves n - 1 shards through each port.
 */
class TensorCollectiveTestCase : public TrainingTestCase
{
  public:
    /**
     * @param algorithm direct or ring.
     * @param ranks EP degree.
     * @param tensorParallel TP degree.
     */
    TensorCollectiveTestCase(const std::string& algorithm, size_t ranks, size_t tensorParallel)
        : TrainingTestCase("All-gather and reduce-scatter of " + std::to_string(tensorParallel) +
                           " GPUs take, " + algorithm + ", " + std::to_string(tensorParallel - 1) +
                           " shards at the rate of a port"),
          m_algorithm(algorithm),
          m_ranks(ranks),
          m_tensorParallel(tensorParallel)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t TOKENS = 4096;
        TrainingSetup setup;
        setup.ranks = m_ranks;
        setup.tensorParallel = m_tensorParallel;
        setup.tensorAlgorithm = m_algorithm;
        // All ranks have as much to do, so that they do it at once, each on its own GPUs.
        setup.tokens = {Shifted(m_ranks, 1, TOKENS)};
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        CheckNoLoss(run);
        const double shard = TOKENS * setup.hidden * 2.0 / m_tensorParallel;
        const double seconds = (m_tensorParallel - 1) * shard / (setup.gpuPortRate / 8.0);
        size_t collectives = 0;
        for (const auto& [key, span] : run.spans)
        {
            if (key.first.IsTensorCollective())
            {
                ++collectives;
                NS_TEST_EXPECT_MSG_EQ_TOL((span.end - span.begin).GetPicoSeconds(),
                                          std::llround(seconds * 1e12),
                                          1000,
                                          ToString(key.first.kind));
            }
        }
        NS_TEST_EXPECT_MSG_EQ(collectives, 4 * m_ranks, "two each way for every rank");
    }

    std::string m_algorithm; //!< direct or ring
    size_t m_ranks;          //!< EP degree
    size_t m_tensorParallel; //!< TP degree
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
        // Forward a dispatch waits for its demand to be known; backward circuits are there in time.
        std::vector<RankState> expected;
        for (uint32_t layer = 0; layer < setup.layers; ++layer)
        {
            expected.insert(expected.end(),
                            {RankState::Computing, // attention, gating
                             RankState::AwaitingCircuits,
                             RankState::Communicating,   // dispatch
                             RankState::Computing,       // expert
                             RankState::Communicating}); // combine
        }
        for (uint32_t layer = 0; layer < setup.layers; ++layer)
        {
            if (layer > 0)
            {
                expected.push_back(RankState::Communicating); // combine; the first goes on
            }
            expected.insert(expected.end(),
                            {RankState::Computing,     // expert
                             RankState::Communicating, // dispatch
                             RankState::Computing});   // gating, attention
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
        NS_TEST_EXPECT_MSG_EQ(first.size(), 28, "seven phases of two layers, each way");
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
 * @brief What a fibre that is cut for good did not carry takes another route, and ranks go on.
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
                           " fibre cut for good in a dispatch costs a timeout and no bytes"),
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
        const auto timeline = CreateTempDirFilename("run.json");
        TrainingTrace trace(TimelineSpec{timeline}, run.fabric, run.groups);
        bool ended = false;
        Simulator::Schedule(Seconds(100), [&ended]() {
            ended = Simulator::IsFinished();
            Simulator::Stop();
        });
        run.Run();
        NS_TEST_EXPECT_MSG_EQ(ended, true, "events end by themselves");
        const auto unfinished = run.group.GetUnfinishedPhases();
        NS_TEST_EXPECT_MSG_EQ(unfinished.size(), 0, "every rank is through");
        NS_TEST_ASSERT_MSG_GT(run.failures.size(), 0, "messages failed");
        NS_TEST_EXPECT_MSG_EQ(run.group.GetFailedMessages(), run.failures.size(), "and count");
        NS_TEST_EXPECT_MSG_GT(run.RecordsOf(PhaseKind::Combine).size(), 0, "combine ends");
        const auto counters = run.fabric.GetCounters();
        NS_TEST_EXPECT_MSG_EQ(counters.sent.frames,
                              counters.received.frames + counters.AllDropped().frames,
                              "none is in flight any more");
        NS_TEST_EXPECT_MSG_GT(counters.Dropped(DropReason::FibreCut).frames, 0, "some were lost");
        if (m_side == mixnetcore::NicRole::Optical)
        {
            // Loss of signal takes one fibre to the near NIC, two to the far one; then a control
            // message to the other host and one back take 5 us each.
            const auto after =
                run.failures.front() - m_cutAt - NanoSeconds(setup.linkDownTimeoutNs);
            const bool inTime = after == MicroSeconds(11) || after == MicroSeconds(12);
            NS_TEST_EXPECT_MSG_EQ(inTime, true, "the timeout after loss of signal: " << after);
        }
        trace.Close();
        const auto named = [&timeline](const std::string& name) { return TimesOf(name, timeline); };
        NS_TEST_EXPECT_MSG_EQ((named("cut") == std::vector<Time>{m_cutAt}), true, "the cut");
        NS_TEST_EXPECT_MSG_EQ((named("message failed") == run.failures), true, "what failed");
        NS_TEST_EXPECT_MSG_EQ(named("splice").size(), 0, "nothing was spliced");
    }

    /// @param name Of events. @param timeline A file of trace events. @return when there were such.
    static std::vector<Time> TimesOf(const std::string& name, const std::string& timeline)
    {
        std::ifstream file(timeline);
        std::vector<Time> times;
        const auto json = nlohmann::json::parse(file);
        for (const auto& event : json.at("traceEvents"))
        {
            if (event.at("name") == name)
            {
                times.push_back(PicoSeconds(std::llround(event.at("ts").get<double>() * 1e6)));
            }
        }
        return times;
    }

    /// @param decision Circuits of an all-to-all that is about to begin.
    void HandleReady(const CircuitDecision& decision)
    {
        if (!m_cutAt.IsZero())
        {
            return; // circuits of a later phase
        }
        // Fibres to the optical switch come first, by its port; those of host 0 lead the others.
        const uint32_t ports = m_run->fabric.opticalSwitches.front()->GetNPorts();
        const uint32_t fibre = m_side == mixnetcore::NicRole::Optical
                                   ? decision.configurations.front().Circuits().front().first
                                   : ports;
        m_cutAt = Simulator::Now() + MicroSeconds(50);
        Simulator::Schedule(MicroSeconds(50), &Fibre::Cut, m_run->fabric.fibres.at(fibre));
    }

    mixnetcore::NicRole m_side;  //!< which side the fibre is on
    TrainingRun* m_run{nullptr}; //!< the run
    Time m_cutAt;                //!< when it is cut; zero before
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
            mixnetcore::MixnetSpec spec;
            spec.hosts = 4;
            spec.electrical.tiers = 1;
            const auto fabric = FabricHelper().Install(mixnetcore::PlanMixnet(spec));
            TrainingHelper().Install(fabric, run.job);
        });
        NS_TEST_EXPECT_MSG_NE(message.find("1 EP groups on 8 hosts each do not fit a fabric of 4"),
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
        AddTestCase(new SeveralLayersTestCase);
        AddTestCase(new ControlLatencyTestCase(25'000));
        AddTestCase(new ControlLatencyTestCase(0));
        AddTestCase(new EdgeLoadTestCase(TestFabric::Mixnet));
        AddTestCase(new EdgeLoadTestCase(TestFabric::Ideal));
        AddTestCase(new PassesTestCase(1));
        AddTestCase(new PassesTestCase(4));
        for (const auto* algorithm : {"direct", "ring"})
        {
            AddTestCase(new TensorCollectiveTestCase(algorithm, 2, 4));
            AddTestCase(new TensorCollectiveTestCase(algorithm, 4, 2));
            AddTestCase(new TensorCollectiveTestCase(algorithm, 1, 8));
        }
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
