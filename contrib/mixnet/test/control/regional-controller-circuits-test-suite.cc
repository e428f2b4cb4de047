/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/test-region.h"

#include <algorithm>

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief The measured demand takes all ports, or the six circuits of the literal reading.
 */
class MeasuredDemandTestCase : public MixnetTestCase
{
  public:
    /**
     * @param allocator Its name.
     * @param circuits How many it is to give.
     */
    MeasuredDemandTestCase(const std::string& allocator, size_t circuits)
        : MixnetTestCase("Allocator " + allocator + " gives the measured demand " +
                         std::to_string(circuits) + " circuits"),
          m_allocator(allocator),
          m_circuits(circuits)
    {
    }

  private:
    void DoRun() override
    {
        RegionSetup setup;
        setup.allocator = m_allocator;
        TestRegion region(setup);
        region.ReportAllAt(MicroSeconds(1), Dispatch(0), MeasuredDemand());
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(region.decisions.size(), 1, "one decision");
        const auto& decision = region.decisions.front();
        NS_TEST_EXPECT_MSG_EQ(decision.configurations.front().Size(), m_circuits, "circuits");
        NS_TEST_EXPECT_MSG_EQ(decision.changedPorts, 2 * m_circuits, "two dark ports each");
        NS_TEST_EXPECT_MSG_EQ((decision.demand == MeasuredDemand()), true, "the rows as reported");
        const auto inForce = region.fabric.opticalSwitches.front()->GetConfiguration();
        NS_TEST_EXPECT_MSG_EQ((inForce == decision.configurations.front()),
                              true,
                              "the switch holds them");
    }

    std::string m_allocator; //!< its name
    size_t m_circuits;       //!< how many it is to give
};

/**
 * @ingroup mixnet-tests
 * @brief The same demand, or its transpose, needs no change and no wait.
 */
class UnchangedDemandTestCase : public MixnetTestCase
{
  public:
    UnchangedDemandTestCase()
        : MixnetTestCase("The same demand and its transpose change no port and wait for nothing")
    {
    }

  private:
    void DoRun() override
    {
        RegionSetup setup;
        setup.phases = Dispatches(3);
        TestRegion region(setup);
        region.ReportAllAt(MicroSeconds(0), Dispatch(0), MeasuredDemand());
        region.ReportAllAt(MicroSeconds(100), Dispatch(1), MeasuredDemand());
        region.ReportAllAt(MicroSeconds(200), Dispatch(2), MeasuredDemand().Transposed());
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(region.decisions.size(), 3, "a decision each");
        for (const size_t later : {1, 2})
        {
            NS_TEST_EXPECT_MSG_EQ(region.decisions[later].changedPorts, 0, "no port");
            NS_TEST_EXPECT_MSG_EQ(region.decisions[later].readyAt,
                                  MicroSeconds(100 * later),
                                  "no wait");
            NS_TEST_EXPECT_MSG_EQ((region.decisions[later].configurations.front() ==
                                   region.decisions[0].configurations.front()),
                                  true,
                                  "the same circuits");
        }
        NS_TEST_EXPECT_MSG_EQ(region.answers.size(), 3 * 8, "every host is told each time");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Circuits that another demand needs, too, stay up.
 */
class PartialChangeTestCase : public MixnetTestCase
{
  public:
    PartialChangeTestCase()
        : MixnetTestCase("A demand that shares a pair with the one before leaves its circuits up")
    {
    }

  private:
    void DoRun() override
    {
        // Each pair with demand fills the six ports of both hosts: first 0-1 and 2-3, then 0-1 and
        // 4-5. So the ports of 2 and 3 lose their circuits, and those of 4 and 5 get theirs.
        DemandMatrix first(6, 6);
        first.At(0, 1) = Bytes(1000);
        first.At(2, 3) = Bytes(1000);
        DemandMatrix second(6, 6);
        second.At(0, 1) = Bytes(1000);
        second.At(4, 5) = Bytes(1000);
        RegionSetup setup;
        setup.hosts = 6;
        setup.phases = Dispatches(2);
        TestRegion region(setup);
        region.ReportAllAt(MicroSeconds(0), Dispatch(0), first);
        region.ReportAllAt(MicroSeconds(100), Dispatch(1), second);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(region.decisions.size(), 2, "a decision each");
        NS_TEST_EXPECT_MSG_EQ(region.decisions[0].changedPorts, 4 * DEGREE, "hosts 0 to 3");
        NS_TEST_EXPECT_MSG_EQ(region.decisions[1].changedPorts, 4 * DEGREE, "hosts 2 to 5");
        NS_TEST_EXPECT_MSG_EQ(region.PortsThatDiffer(1), 4 * DEGREE, "as the circuits say");
        const auto before = region.decisions[0].configurations.front().Peers(6 * DEGREE);
        const auto after = region.decisions[1].configurations.front().Peers(6 * DEGREE);
        for (uint32_t port = 0; port < 2 * DEGREE; ++port)
        {
            NS_TEST_EXPECT_MSG_EQ(before[port].has_value(), true, "hosts 0 and 1 are joined");
            NS_TEST_EXPECT_MSG_EQ((before[port] == after[port]), true, "and stay so");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Of a pair that needs fewer circuits than before, those that it needs stay up.
 */
class FewerCircuitsTestCase : public MixnetTestCase
{
  public:
    FewerCircuitsTestCase()
        : MixnetTestCase("A pair that gives half of its circuits away keeps the other half up")
    {
    }

  private:
    void DoRun() override
    {
        // All ports of host 0 lead to host 2; later half of them to host 1, for equal demands.
        DemandMatrix first(3, 3);
        first.At(0, 2) = Bytes(1000);
        DemandMatrix second(3, 3);
        second.At(0, 1) = Bytes(1000);
        second.At(0, 2) = Bytes(1000);
        RegionSetup setup;
        setup.hosts = 3;
        setup.phases = Dispatches(2);
        TestRegion region(setup);
        region.ReportAllAt(MicroSeconds(0), Dispatch(0), first);
        region.ReportAllAt(MicroSeconds(100), Dispatch(1), second);
        Simulator::Run();
        NS_TEST_ASSERT_MSG_EQ(region.decisions.size(), 2, "a decision each");
        const auto& before = region.decisions[0].configurations.front().Circuits();
        const auto& after = region.decisions[1].configurations.front().Circuits();
        NS_TEST_EXPECT_MSG_EQ(before.size(), DEGREE, "circuits of hosts 0 and 2");
        NS_TEST_EXPECT_MSG_EQ(after.size(), DEGREE, "circuits of host 0");
        const auto kept = std::count_if(after.begin(), after.end(), [&](const auto& circuit) {
            return std::find(before.begin(), before.end(), circuit) != before.end();
        });
        NS_TEST_EXPECT_MSG_EQ(kept, DEGREE / 2, "half stay");
        // Three ports of each host change: those of host 0 to another peer, of 1 up, of 2 down.
        NS_TEST_EXPECT_MSG_EQ(region.decisions[1].changedPorts, 3 * DEGREE / 2, "the others");
        NS_TEST_EXPECT_MSG_EQ(region.PortsThatDiffer(1), 3 * DEGREE / 2, "as the circuits say");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The rule for halves is that of the attribute.
 */
class NumaRuleTestCase : public MixnetTestCase
{
  public:
    NumaRuleTestCase()
        : MixnetTestCase("Two circuits of a pair end in both halves, or packed in one")
    {
    }

  private:
    void DoRun() override
    {
        // Three pairs of hosts that can have two circuits each: 2 ports of 6 for each peer.
        for (const std::string rule : {"spread", "pack"})
        {
            DemandMatrix demand(4, 4);
            for (size_t from = 0; from < 4; ++from)
            {
                for (size_t to = 0; to < 4; ++to)
                {
                    demand.At(from, to) = Bytes(from == to ? 0 : 1000);
                }
            }
            RegionSetup setup;
            setup.hosts = 4;
            setup.numaRule = rule;
            size_t inOne = 0;
            {
                TestRegion region(setup);
                region.ReportAllAt(MicroSeconds(1), Dispatch(0), demand);
                Simulator::Run();
                if (!HasSize(region.decisions, 1, "one decision"))
                {
                    return;
                }
                inOne = PairsInOneHalf(region.decisions[0].configurations.front());
            }
            Simulator::Destroy();
            // With three ports in each half, two of the three pairs of a host can be packed.
            NS_TEST_EXPECT_MSG_EQ(inOne, (rule == "pack" ? 4 * 2 : 0), rule);
        }
    }

    /// @param configuration Circuits. @return hosts and peers whose circuits share a half.
    static size_t PairsInOneHalf(const mixnetcore::CircuitConfiguration& configuration)
    {
        std::map<std::pair<uint32_t, uint32_t>, std::vector<uint32_t>> halves;
        for (const auto& [a, b] : configuration.Circuits())
        {
            // Optical NICs 1, 2, 3 are in half 0; 5, 6, 7 in half 1.
            halves[{a / DEGREE, b / DEGREE}].push_back(a % DEGREE / 3);
            halves[{b / DEGREE, a / DEGREE}].push_back(b % DEGREE / 3);
        }
        return std::count_if(halves.begin(), halves.end(), [](const auto& entry) {
            const auto& of = entry.second;
            return std::count(of.begin(), of.end(), of.front()) == std::ptrdiff_t(of.size());
        });
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Which circuits RegionalController gives, and which it leaves up.
 */
class RegionalControllerCircuitsTestSuite : public TestSuite
{
  public:
    RegionalControllerCircuitsTestSuite()
        : TestSuite("mixnet-regional-controller-circuits", TestSuite::Type::UNIT)
    {
        AddTestCase(new MeasuredDemandTestCase("greedy", 24));
        AddTestCase(new MeasuredDemandTestCase("greedy-literal", 6));
        AddTestCase(new UnchangedDemandTestCase);
        AddTestCase(new PartialChangeTestCase);
        AddTestCase(new FewerCircuitsTestCase);
        AddTestCase(new NumaRuleTestCase);
    }
};

static RegionalControllerCircuitsTestSuite g_regionalControllerCircuitsTestSuite; //!< the suite

} // namespace

} // namespace tests
