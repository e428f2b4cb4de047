/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/training-test-case.h"

using namespace ns3;
using namespace ns3::mixnet;
using namespace mixnetcore;

namespace tests
{

namespace
{

/// What the slowest NIC carries in a dispatch over given circuits, bytes.
struct Score
{
    double optical{0};    //!< over pairs with circuits: the larger direction / circuits
    double electrical{0}; //!< over hosts: bytes without circuits, out or in / electrical NICs
};

/**
 * @param run A run. @param dispatch Its dispatch. @param decision Circuits of it.
 * @return its score, from the token counts.
 */
Score
ScoreOf(const TrainingRun& run, const PhaseKey& dispatch, const CircuitDecision& decision)
{
    const auto tokens = run.TokensOf(dispatch);
    const auto circuits = run.CircuitsBetweenHosts(decision.configurations.front());
    const double bytesPerToken = 2.0 * run.setup.hidden;
    std::vector<double> out(run.setup.ranks);
    std::vector<double> in(run.setup.ranks);
    Score score;
    for (size_t from = 0; from < run.setup.ranks; ++from)
    {
        for (size_t to = 0; to < run.setup.ranks; ++to)
        {
            if (from == to)
            {
                continue;
            }
            const double bytes = tokens.At(from, to).Count() * bytesPerToken;
            const auto found = circuits.find(std::minmax(from, to));
            if (found != circuits.end())
            {
                score.optical = std::max(score.optical, bytes / found->second);
                continue;
            }
            out[from] += bytes / run.setup.electricalNics;
            in[to] += bytes / run.setup.electricalNics;
        }
    }
    for (size_t host = 0; host < run.setup.ranks; ++host)
    {
        score.electrical = std::max({score.electrical, out[host], in[host]});
    }
    return score;
}

/// @return token counts in which two pairs have far more than all others.
TokenMatrix
SkewedTokens()
{
    TokenMatrix tokens(8, 8);
    for (size_t from = 0; from < 8; ++from)
    {
        for (size_t to = 0; to < 8; ++to)
        {
            tokens.At(from, to) = Tokens(from / 2 == to / 2 ? 14584 : 600 + 100 * (to % 3));
        }
    }
    return tokens;
}

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief A dispatch takes what the slowest NIC of its circuits takes.
 */
class DispatchScoreTestCase : public MixnetTestCase
{
  public:
    /// @param setup What it is made of. @param load Its load, in words.
    DispatchScoreTestCase(const TrainingSetup& setup, const std::string& load)
        : MixnetTestCase("A dispatch of the " + load + " load over " +
                         std::to_string(setup.opticalDegree) +
                         " optical NICs takes no less than its circuits' score, and as long where "
                         "circuits decide that: " +
                         ToString(setup.optical)),
          m_setup(setup)
    {
    }

  private:
    void DoRun() override
    {
        TrainingRun run(m_setup);
        run.Run();
        NS_TEST_EXPECT_MSG_EQ(run.group.GetUnfinishedPhases().size(), 0, "all are through");
        const auto dispatches = run.RecordsOf(PhaseKind::Dispatch);
        HasSize(dispatches, 1, "one dispatch");
        for (const auto& dispatch : dispatches)
        {
            const auto decided =
                std::find_if(run.decisions.begin(), run.decisions.end(), [&](const auto& each) {
                    return each.lease.phases.front() == dispatch.key;
                });
            if (decided == run.decisions.end())
            {
                NS_TEST_EXPECT_MSG_EQ(true, false, "a dispatch has circuits of its own");
                continue;
            }
            Check(dispatch, ScoreOf(run, dispatch.key, *decided));
        }
    }

    /// @param dispatch A dispatch. @param score Of its circuits.
    void Check(const PhaseRecord& dispatch, const Score& score)
    {
        const double rate = m_setup.linkRate / 8.0 * m_setup.mtu / (m_setup.mtu + 82.0);
        const double seconds = dispatch.duration.count() * 1e-12;
        NS_TEST_EXPECT_MSG_GT(dispatch.circuits, 0, "there are circuits");
        NS_TEST_EXPECT_MSG_GT(seconds * rate,
                              std::max(score.optical, score.electrical) - 8,
                              "never below the score, but for rounding");
        if (score.optical >= score.electrical)
        {
            NS_TEST_EXPECT_MSG_LT(seconds * rate, score.optical * 1.03, "circuits decide");
        }
    }

    TrainingSetup m_setup; //!< what it is made of
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of dispatches against the score that allocators strive for.
 */
class DispatchScoreTestSuite : public TestSuite
{
  public:
    DispatchScoreTestSuite()
        : TestSuite("mixnet-dispatch-score", Type::SYSTEM)
    {
        for (uint32_t degree = 1; degree <= 6; ++degree)
        {
            for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
            {
                TrainingSetup setup;
                setup.opticalDegree = degree;
                setup.optical = fidelity;
                setup.electrical = fidelity;
                setup.blackoutNs = 0;
                setup.backward = false;
                AddTestCase(new DispatchScoreTestCase(setup, "measured"));
                setup.tokens = {SkewedTokens()};
                AddTestCase(new DispatchScoreTestCase(setup, "skewed"));
            }
        }
    }
};

static DispatchScoreTestSuite g_dispatchScoreTestSuite; //!< the suite

} // namespace tests
