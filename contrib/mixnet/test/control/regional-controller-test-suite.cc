/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/test-region.h"

#include <algorithm>
#include <iterator>

namespace tests
{

namespace
{

/// @param phases Phases. @return the all-to-alls among them.
std::vector<PhaseKey>
AllToAllsAmong(const std::vector<PhaseKey>& phases)
{
    std::vector<PhaseKey> result;
    std::copy_if(phases.begin(), phases.end(), std::back_inserter(result), [](const auto& phase) {
        return phase.IsAllToAll();
    });
    return result;
}

/**
 * @ingroup mixnet-tests
 * @brief Hosts are told one blackout and two latencies after the last of them has reported.
 */
class WaitingTimeTestCase : public MixnetTestCase
{
  public:
    /**
     * @param blackoutNs Reconfiguration delay.
     * @param latencyNs Of control messages, each way.
     */
    WaitingTimeTestCase(int64_t blackoutNs, int64_t latencyNs)
        : MixnetTestCase("A phase waits for a blackout of " + std::to_string(blackoutNs) +
                         " ns and twice a latency of " + std::to_string(latencyNs) + " ns"),
          m_blackoutNs(blackoutNs),
          m_latencyNs(latencyNs)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t HOSTS = 8;
        const auto blackout = NanoSeconds(m_blackoutNs);
        const auto latency = NanoSeconds(m_latencyNs);
        const auto last = MicroSeconds(HOSTS);
        RegionSetup setup;
        setup.blackout = blackout;
        setup.latency = latency;
        TestRegion region(setup);
        for (uint32_t endpoint = 0; endpoint < HOSTS; ++endpoint)
        {
            // The highest host reports first, host 0 last.
            region.ReportAt(MicroSeconds(HOSTS - endpoint),
                            Dispatch(0),
                            endpoint,
                            MeasuredDemand());
        }
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(region.decisions.size(), 1, "one decision");
        const auto& decision = region.decisions.front();
        NS_TEST_EXPECT_MSG_EQ(decision.decidedAt, last + latency, "when the last row is there");
        NS_TEST_EXPECT_MSG_EQ(decision.readyAt - decision.decidedAt, blackout, "the blackout");
        NS_TEST_ASSERT_MSG_EQ(region.answers.size(), HOSTS, "every host is told once");
        for (uint32_t endpoint = 0; endpoint < HOSTS; ++endpoint)
        {
            const auto& answer = region.answers[endpoint];
            NS_TEST_EXPECT_MSG_EQ(answer.endpoint, endpoint, "in the order of hosts");
            NS_TEST_EXPECT_MSG_EQ(answer.at, last + latency + blackout + latency, "told when");
            NS_TEST_EXPECT_MSG_EQ(answer.context,
                                  region.fabric.hosts[endpoint].node->GetId(),
                                  "told in the context of its node");
            NS_TEST_EXPECT_MSG_EQ(
                (answer.decision.configurations.front() == decision.configurations.front()),
                true,
                "told the circuits in force");
        }
    }

    int64_t m_blackoutNs; //!< reconfiguration delay
    int64_t m_latencyNs;  //!< of control messages
};

/**
 * @ingroup mixnet-tests
 * @brief Without demand between hosts there is nothing to join and nothing to wait for.
 */
class NoDemandTestCase : public MixnetTestCase
{
  public:
    /**
     * @param hosts Hosts of the region.
     */
    explicit NoDemandTestCase(uint32_t hosts)
        : MixnetTestCase("A region of " + std::to_string(hosts) +
                         " hosts that send only to themselves gets its answer at once"),
          m_hosts(hosts)
    {
    }

  private:
    void DoRun() override
    {
        DemandMatrix demand(m_hosts, m_hosts);
        for (uint32_t host = 0; host < m_hosts; ++host)
        {
            demand.At(host, host) = Bytes(1000);
        }
        RegionSetup setup;
        setup.hosts = m_hosts;
        TestRegion region(setup);
        region.ReportAllAt(MicroSeconds(1), Dispatch(0), demand);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(region.answers.size(), m_hosts, "every host is told");
        for (const auto& answer : region.answers)
        {
            NS_TEST_EXPECT_MSG_EQ(answer.at, MicroSeconds(1), "at once");
            NS_TEST_EXPECT_MSG_EQ(answer.decision.configurations.front().Size(), 0, "no circuit");
            NS_TEST_EXPECT_MSG_EQ(answer.decision.changedPorts, 0, "no port");
        }
    }

    uint32_t m_hosts; //!< hosts of the region
};

/**
 * @ingroup mixnet-tests
 * @brief Rows of the next phase may come before the current one is complete.
 */
class EarlyRowTestCase : public MixnetTestCase
{
  public:
    EarlyRowTestCase()
        : MixnetTestCase("Rows are sorted by phase, and the states follow the phases")
    {
    }

  private:
    void DoRun() override
    {
        const DemandMatrix first{{0, 7}, {0, 0}};
        const DemandMatrix second{{0, 5}, {9, 0}};
        RegionSetup setup;
        setup.hosts = 2;
        setup.blackout = MicroSeconds(10);
        setup.phases = Dispatches(2);
        TestRegion region(setup);
        region.ReportAt(MicroSeconds(1), Dispatch(0), 0, first);
        region.ReportAt(MicroSeconds(2), Dispatch(1), 0, second);
        region.ReportAt(MicroSeconds(3), Dispatch(0), 1, first);
        region.ReportAt(MicroSeconds(40), Dispatch(1), 1, second);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(region.decisions.size(), 2, "a decision each");
        NS_TEST_EXPECT_MSG_EQ((region.decisions[0].lease.demand == Dispatch(0)),
                              true,
                              "first phase");
        NS_TEST_EXPECT_MSG_EQ((region.decisions[0].demand == first), true, "first demand");
        NS_TEST_EXPECT_MSG_EQ(region.decisions[0].decidedAt, MicroSeconds(3), "first complete");
        NS_TEST_EXPECT_MSG_EQ((region.decisions[1].lease.demand == Dispatch(1)),
                              true,
                              "second phase");
        NS_TEST_EXPECT_MSG_EQ((region.decisions[1].demand == second), true, "second demand");
        NS_TEST_EXPECT_MSG_EQ(region.decisions[1].decidedAt, MicroSeconds(40), "second complete");
        using State = RegionalController::State;
        const std::vector<State> expected{State::Reconfiguring, // row of host 1 at 3 us
                                          State::Idle,          // signal at 13 us
                                          State::Reconfiguring, // last row at 40 us
                                          State::Idle,          // the circuits are there already
                                          State::Done};         // it was the last
        NS_TEST_EXPECT_MSG_EQ((region.states == expected), true, "states");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Circuits change when every host is through with every all-to-all that uses them.
 */
class ReleaseTestCase : public MixnetTestCase
{
  public:
    /**
     * @param latencyNs Of control messages, each way.
     */
    explicit ReleaseTestCase(int64_t latencyNs)
        : MixnetTestCase("Circuits wait for the last host to be through with the last all-to-all "
                         "on them, and " +
                         std::to_string(latencyNs) + " ns for its message"),
          m_latencyNs(latencyNs)
    {
    }

  private:
    void DoRun() override
    {
        const DemandMatrix first{{0, 7, 0}, {0, 0, 0}, {0, 0, 0}};
        const DemandMatrix second{{0, 0, 5}, {0, 0, 0}, {0, 0, 0}};
        const auto combine = Dispatch(0).With(mixnetcore::PhaseKind::Combine);
        RegionSetup setup;
        setup.hosts = 3;
        setup.latency = NanoSeconds(m_latencyNs);
        setup.phases = {Dispatch(0), combine, Dispatch(1)};
        setup.holds[{0, Dispatch(0)}] = MicroSeconds(500);
        setup.holds[{1, combine}] = MicroSeconds(800);
        TestRegion region(setup);
        region.ReportAllAt(MicroSeconds(1), Dispatch(0), first);
        region.ReportAllAt(MicroSeconds(2), Dispatch(1), second);
        Simulator::Run();
        if (!HasSize(region.decisions, 2, "one for both all-to-alls, one for the third"))
        {
            return;
        }
        const auto& decision = region.decisions[0];
        NS_TEST_EXPECT_MSG_EQ((decision.lease.phases == std::vector{Dispatch(0), combine}),
                              true,
                              "the combine shares the circuits of its dispatch");
        const auto told = decision.readyAt + setup.latency;
        NS_TEST_EXPECT_MSG_EQ(region.decisions[1].decidedAt,
                              told + MicroSeconds(800) + setup.latency,
                              "when host 1 is through with the combine");
    }

    int64_t m_latencyNs; //!< of control messages
};

/**
 * @ingroup mixnet-tests
 * @brief The circuits of a policy that reuses them: uniform, then each demand from its combine on.
 */
class ReusePolicyTestCase : public MixnetTestCase
{
  public:
    ReusePolicyTestCase()
        : MixnetTestCase("Policy reuse starts with uniform circuits and changes for combines")
    {
    }

  private:
    void DoRun() override
    {
        RegionSetup setup;
        setup.policy = "reuse";
        setup.phases = PhasesOfLayers(2);
        TestRegion region(setup);
        auto second = Dispatch(0);
        second.layer = 1;
        region.ReportAllAt(MicroSeconds(100), Dispatch(0), MeasuredDemand());
        region.ReportAllAt(MicroSeconds(200), second, MeasuredDemand().Transposed());
        Simulator::Run();
        if (!HasSize(region.decisions, 4, "uniform, layer 0, layer 1 both ways, layer 0"))
        {
            return;
        }
        const auto& uniform = region.decisions[0];
        NS_TEST_EXPECT_MSG_EQ(uniform.decidedAt, Time(0), "uniform at once");
        for (size_t from = 0; from < 8; ++from)
        {
            for (size_t to = 0; to < 8; ++to)
            {
                NS_TEST_EXPECT_MSG_EQ(uniform.demand.At(from, to).Count(),
                                      (from == to ? 0 : 1),
                                      "every host as much for every other");
            }
        }
        const auto all = AllToAllsAmong(setup.phases);
        size_t next = 0;
        const std::vector<size_t> shares{1, 2, 3, 2};
        for (size_t i = 0; i < shares.size(); ++i)
        {
            const std::vector<PhaseKey> expected(all.begin() + next,
                                                 all.begin() + next + shares[i]);
            next += shares[i];
            NS_TEST_EXPECT_MSG_EQ((region.decisions[i].lease.phases == expected),
                                  true,
                                  "all-to-alls of lease " << i);
        }
        NS_TEST_EXPECT_MSG_EQ(next, all.size(), "all of them");
        NS_TEST_EXPECT_MSG_EQ(region.decisions[1].decidedAt, MicroSeconds(100), "layer 0 is known");
        NS_TEST_EXPECT_MSG_EQ(region.decisions[2].decidedAt, MicroSeconds(200), "layer 1 is known");
        NS_TEST_EXPECT_MSG_EQ((region.decisions[3].lease.demand == Dispatch(0)), true, "and back");
        NS_TEST_EXPECT_MSG_EQ((region.decisions[3].demand == MeasuredDemand()),
                              true,
                              "the demand is remembered for the way back");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What a user or a caller gets wrong is said before anything is simulated with it.
 */
class ControllerRefusalTestCase : public MixnetTestCase
{
  public:
    ControllerRefusalTestCase()
        : MixnetTestCase("Unknown names and rows that do not fit are refused by name")
    {
    }

  private:
    void DoRun() override
    {
        RegionSetup setup;
        setup.hosts = 2;
        setup.allocator = "best";
        ExpectRefused(setup, "attributes of RegionalController", "best", "greedy");
        setup.allocator = "greedy";
        setup.policy = "hope";
        ExpectRefused(setup, "attributes of RegionalController", "hope", "block, reuse");
        setup.policy = "block";
        setup.numaRule = "stack";
        ExpectRefused(setup, "attributes of RegionalController", "stack", "spread, pack");
        setup.numaRule = "spread";
        const auto twice = AbortMessageOf([setup]() {
            TestRegion region(setup);
            region.ReportAt(MicroSeconds(1), Dispatch(0), 1, DemandMatrix(2, 2));
            region.ReportAt(MicroSeconds(2), Dispatch(0), 1, DemandMatrix(2, 2));
            Simulator::Run();
        });
        NS_TEST_EXPECT_MSG_NE(twice.find("endpoint 1 reported"), NOWHERE, "a second row");
        const auto wide = AbortMessageOf([setup]() {
            TestRegion region(setup);
            region.ReportAt(MicroSeconds(1), Dispatch(0), 1, DemandMatrix(3, 3));
            Simulator::Run();
        });
        NS_TEST_EXPECT_MSG_NE(wide.find("for 3 endpoints"), NOWHERE, "a row of three");
    }

    /**
     * @brief Checks what a region says before it aborts.
     * @param setup What it is made of.
     * @param attribute What is wrong.
     * @param value Its value.
     * @param allowed What it may be.
     */
    void ExpectRefused(const RegionSetup& setup,
                       const std::string& attribute,
                       const std::string& value,
                       const std::string& allowed)
    {
        const auto message = AbortMessageOf([setup]() {
            TestRegion region(setup);
            Simulator::Run();
        });
        NS_TEST_EXPECT_MSG_NE(message.find(attribute), NOWHERE, "the attribute");
        NS_TEST_EXPECT_MSG_NE(message.find(value), NOWHERE, "its value");
        NS_TEST_EXPECT_MSG_NE(message.find(allowed), NOWHERE, "what is allowed");
    }

    static constexpr size_t NOWHERE = std::string::npos; //!< not found
};

/**
 * @ingroup mixnet-tests
 * @brief When RegionalController decides, and whom it tells.
 */
class RegionalControllerTestSuite : public TestSuite
{
  public:
    RegionalControllerTestSuite()
        : TestSuite("mixnet-regional-controller", TestSuite::Type::UNIT)
    {
        for (const int64_t blackoutNs : {0, 1, 25'000, 25'000'000})
        {
            for (const int64_t latencyNs : {0, 3'000})
            {
                AddTestCase(new WaitingTimeTestCase(blackoutNs, latencyNs));
            }
        }
        AddTestCase(new NoDemandTestCase(1));
        AddTestCase(new NoDemandTestCase(4));
        AddTestCase(new EarlyRowTestCase);
        AddTestCase(new ReleaseTestCase(0));
        AddTestCase(new ReleaseTestCase(3'000));
        AddTestCase(new ReusePolicyTestCase);
        AddTestCase(new ControllerRefusalTestCase);
    }
};

static RegionalControllerTestSuite g_regionalControllerTestSuite; //!< the suite

} // namespace

} // namespace tests
