/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/training-test-case.h"

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

/// Seconds within which the last acknowledgement comes: over two fibres, and behind a frame.
constexpr double ACKNOWLEDGEMENT = 3e-6;

/// Seconds within which all ranks end an all-to-all in which they have as much to do.
constexpr double APART = 15e-6;

/// @param blackoutNs Reconfiguration delay. @param policy Name of a policy. @param layers Layers.
/// @return a run of a rank per host, all with as much to do; every layer needs other circuits.
TrainingSetup
ShiftedSetup(int64_t blackoutNs, const std::string& policy, uint32_t layers)
{
    constexpr size_t RANKS = 8;
    constexpr uint64_t TOKENS = 8192;
    TrainingSetup setup;
    setup.blackoutNs = blackoutNs;
    setup.policy = policy;
    setup.layers = layers;
    for (uint32_t layer = 0; layer < layers; ++layer)
    {
        setup.tokens.push_back(Shifted(RANKS, 1 + layer, TOKENS));
    }
    return setup;
}

/// @param time A time. @return its seconds.
double
SecondsOf(mixnetcore::Picoseconds time)
{
    return time.count() * 1e-12;
}

/**
 * @ingroup mixnet-tests
 * @brief Exposed and hidden parts of blackouts, by what every rank did meanwhile, with loads that
 * differ between ranks and layers.
 */
class ExposureTestCase : public TrainingTestCase
{
  public:
    /**
     * @param policy Name of a policy.
     * @param blackoutNs Reconfiguration delay.
     * @param controlLatencyNs Of control messages, each way.
     * @param recompute Whether forward is done once more before backward.
     */
    ExposureTestCase(const std::string& policy,
                     int64_t blackoutNs,
                     int64_t controlLatencyNs,
                     bool recompute)
        : TrainingTestCase("Policy " + policy + " with a blackout of " +
                           std::to_string(blackoutNs) + " ns and control latency of " +
                           std::to_string(controlLatencyNs) +
                           " ns exposes what nothing else hides" +
                           (recompute ? ", also when forward is recomputed" : "")),
          m_policy(policy),
          m_blackoutNs(blackoutNs),
          m_controlLatencyNs(controlLatencyNs),
          m_recompute(recompute)
    {
    }

  private:
    void DoRun() override
    {
        auto setup = Layout(8, 8, 64);
        setup.layers = 3;
        setup.microbatches = 2;
        setup.policy = m_policy;
        setup.recompute = m_recompute;
        setup.blackoutNs = m_blackoutNs;
        setup.controlLatencyNs = m_controlLatencyNs;
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        CheckNoLoss(run);
        NS_TEST_EXPECT_MSG_GT(run.blackouts.size(), 0, "some blackouts");
        for (const auto& record : run.records)
        {
            const bool isForwardDispatch = record.key.direction == Direction::Forward &&
                                           !record.key.recompute &&
                                           record.key.kind == PhaseKind::Dispatch;
            if (!isForwardDispatch)
            {
                continue;
            }
            auto expected = record.dark;
            if (m_policy == "reuse")
            {
                // None but the first has a blackout: that of the uniform circuits, from the start.
                const auto& compute = run.job.work->Compute();
                const bool isFirst = record.key == run.RecordsOf(PhaseKind::Dispatch).front().key;
                const auto before = compute.Attention() + compute.Gating();
                NS_TEST_EXPECT_MSG_EQ((record.dark.count() > 0), isFirst, "circuits are kept");
                expected = std::max(mixnetcore::Picoseconds(0), record.dark - before);
            }
            NS_TEST_EXPECT_MSG_EQ(record.exposed.count(), expected.count(), "what is waited for");
        }
    }

    std::string m_policy;       //!< name of the policy
    int64_t m_blackoutNs;       //!< reconfiguration delay
    int64_t m_controlLatencyNs; //!< of control messages
    bool m_recompute;           //!< whether forward is done once more
};

/**
 * @ingroup mixnet-tests
 * @brief Block: forward every blackout is exposed; backward the gating and attention of the layer
 * before hide what they can, at twice their time forward.
 */
class BlockBackwardTestCase : public TrainingTestCase
{
  public:
    /**
     * @param blackoutNs Reconfiguration delay.
     * @param isHidden Whether it is shorter than what hides it.
     */
    BlockBackwardTestCase(int64_t blackoutNs, bool isHidden)
        : TrainingTestCase("Block: a blackout of " + std::to_string(blackoutNs) +
                           " ns is exposed forward, and backward " +
                           (isHidden ? "hidden by attention" : "by what attention does not hide")),
          m_blackoutNs(blackoutNs),
          m_isHidden(isHidden)
    {
    }

  private:
    void DoRun() override
    {
        const auto setup = ShiftedSetup(m_blackoutNs, "block", 3);
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        CheckNoLoss(run);
        const auto blackout = mixnetcore::Picoseconds(1000 * m_blackoutNs);
        const auto& compute = run.job.work->Compute();
        const auto hiding = 2 * (compute.Attention() + compute.Gating());
        NS_TEST_EXPECT_MSG_EQ((hiding > blackout), m_isHidden, "as said");
        const auto forward = run.RecordsOf(PhaseKind::Dispatch);
        const auto backward = run.RecordsOf(PhaseKind::Combine, Direction::Backward);
        if (!HasSize(forward, 3, "layers forward") || !HasSize(backward, 3, "layers backward"))
        {
            return;
        }
        for (const auto& record : forward)
        {
            NS_TEST_EXPECT_MSG_EQ(record.changedPorts, 48, "all ports");
            NS_TEST_EXPECT_MSG_EQ(record.exposed.count(), blackout.count(), "nothing hides it");
        }
        NS_TEST_EXPECT_MSG_EQ(backward[0].dark.count(), 0, "the last layer has its circuits");
        // Ranks end a dispatch some microseconds apart, and the first of them waits the longest.
        const double expected = std::max(0.0, SecondsOf(blackout - hiding));
        for (const size_t layer : {1, 2})
        {
            NS_TEST_EXPECT_MSG_EQ(backward[layer].changedPorts, 48, "all ports");
            NS_TEST_EXPECT_MSG_EQ_TOL(SecondsOf(backward[layer].exposed),
                                      expected,
                                      (m_isHidden ? 0 : APART),
                                      "the rest is exposed");
        }
        mixnetcore::TrainingTotals totals;
        for (const auto& record : run.records)
        {
            totals.Add(record);
        }
        NS_TEST_EXPECT_MSG_EQ_TOL(SecondsOf(totals.ExposedReconfiguration()),
                                  3 * SecondsOf(blackout) + 2 * expected,
                                  2 * APART,
                                  "in all");
        NS_TEST_EXPECT_MSG_EQ_TOL(SecondsOf(totals.HiddenReconfiguration()),
                                  2 * SecondsOf(std::min(blackout, hiding)),
                                  2 * APART,
                                  "the rest is hidden");
    }

    int64_t m_blackoutNs; //!< reconfiguration delay
    bool m_isHidden;      //!< whether it is shorter than what hides it
};

/**
 * @ingroup mixnet-tests
 * @brief Reuse: a dispatch keeps the circuits that are there, and they change in the expert.
 */
class ReuseTestCase : public TrainingTestCase
{
  public:
    /**
     * @param blackoutNs Reconfiguration delay.
     * @param isHidden Whether it is shorter than what hides it.
     */
    ReuseTestCase(int64_t blackoutNs, bool isHidden)
        : TrainingTestCase("Reuse: a blackout of " + std::to_string(blackoutNs) +
                           " ns runs while experts compute and is " +
                           (isHidden ? "hidden" : "hidden in part")),
          m_blackoutNs(blackoutNs),
          m_isHidden(isHidden)
    {
    }

  private:
    void DoRun() override
    {
        const auto setup = ShiftedSetup(m_blackoutNs, "reuse", 3);
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        CheckNoLoss(run);
        const auto dispatches = run.RecordsOf(PhaseKind::Dispatch);
        const auto combines = run.RecordsOf(PhaseKind::Combine);
        if (!HasSize(dispatches, 3, "dispatches") || !HasSize(combines, 3, "combines") ||
            !HasSize(run.decisions, 1 + 3 + 2, "uniform, each layer forward, two of them back"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(run.decisions[0].lease.demand.has_value(), false, "no demand yet");
        NS_TEST_EXPECT_MSG_EQ((run.decisions[0].decidedAt == Time(0)), true, "at once");
        for (size_t layer = 0; layer < 3; ++layer)
        {
            const auto& decision = run.decisions[layer + 1];
            NS_TEST_EXPECT_MSG_EQ(dispatches[layer].circuits,
                                  run.decisions[layer].configurations.front().Size(),
                                  "circuits of the layer before");
            NS_TEST_EXPECT_MSG_EQ(dispatches[layer].key.layer, layer, "in order");
            NS_TEST_EXPECT_MSG_EQ((decision.lease.demand == dispatches[layer].key),
                                  true,
                                  "they change for the combine of their own");
            CheckRunsInside(run, decision, dispatches[layer].key, combines[layer]);
        }
        // Pairs of layer 1 have no circuits from layer 0.
        NS_TEST_EXPECT_MSG_EQ(dispatches[1].optical.Count(), 0, "all over packet switches");
        NS_TEST_EXPECT_MSG_EQ(combines[1].electrical.Count(), 0, "the combine over circuits");
    }

    /// @param run A run. @param decision Circuits. @param dispatch Phase before the expert.
    /// @param combine Phase behind it.
    void CheckRunsInside(const TrainingRun& run,
                         const CircuitDecision& decision,
                         const PhaseKey& dispatch,
                         const PhaseRecord& combine)
    {
        const auto blackout = NanoSeconds(m_blackoutNs);
        const auto after = (decision.decidedAt - run.LastEnd(dispatch)).GetSeconds();
        NS_TEST_EXPECT_MSG_EQ((after >= 0 && after < ACKNOWLEDGEMENT), true, "behind the dispatch");
        NS_TEST_EXPECT_MSG_EQ(decision.readyAt, decision.decidedAt + blackout, "a blackout");
        // All tokens of a rank on all its GPUs, before and behind the expert.
        const double tokens = run.TokensOf(dispatch).ColumnSum(0).Count();
        const double gather = tokens * run.setup.hidden * 2 * 7 / 8 / (run.setup.gpuPortRate / 8.0);
        const double expert =
            SecondsOf(run.job.work->Compute().Expert(run.TokensOf(dispatch).ColumnSum(0)));
        const double hiding = 2 * gather + expert;
        NS_TEST_EXPECT_MSG_EQ((hiding > m_blackoutNs * 1e-9), m_isHidden, "as said");
        // The rank that was through with the dispatch first waits the longest.
        auto first = decision.decidedAt;
        for (const auto& [rank, phases] : run.order)
        {
            first = std::min(first, run.spans.at({dispatch, rank}).end);
        }
        const double apart = (decision.decidedAt - first).GetSeconds();
        const double expected = std::max(0.0, m_blackoutNs * 1e-9 - hiding + apart);
        NS_TEST_EXPECT_MSG_EQ_TOL(SecondsOf(combine.exposed),
                                  expected,
                                  (m_isHidden ? 0 : ACKNOWLEDGEMENT),
                                  "all-gather, expert and reduce-scatter hide the rest");
    }

    int64_t m_blackoutNs; //!< reconfiguration delay
    bool m_isHidden;      //!< whether it is shorter than what hides it
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of training under the policies by which circuits change.
 */
class MoeTrainingPoliciesTestSuite : public TestSuite
{
  public:
    MoeTrainingPoliciesTestSuite()
        : TestSuite("mixnet-moe-training-policies", TestSuite::Type::SYSTEM)
    {
        for (const auto* policy : {"block", "reuse"})
        {
            for (const int64_t blackoutNs : {10'000, 25'000'000})
            {
                AddTestCase(new ExposureTestCase(policy, blackoutNs, 0, false));
            }
            AddTestCase(new ExposureTestCase(policy, 10'000, 3'000, false));
            AddTestCase(new ExposureTestCase(policy, 10'000, 0, true));
        }
        AddTestCase(new BlockBackwardTestCase(10'000, true));
        AddTestCase(new BlockBackwardTestCase(400'000, true));
        AddTestCase(new BlockBackwardTestCase(25'000'000, false));
        AddTestCase(new ReuseTestCase(10'000, true));
        AddTestCase(new ReuseTestCase(25'000'000, false));
    }
};

static MoeTrainingPoliciesTestSuite g_moeTrainingPoliciesTestSuite; //!< the suite

} // namespace

} // namespace tests
