/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "measured-load.h"
#include "mixnet-test-case.h"

#include "ns3/double.h"
#include "ns3/fabric-helper.h"
#include "ns3/mixnet-planner.h"
#include "ns3/phase-sequence.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/regional-controller.h"
#include "ns3/string.h"

#include <algorithm>
#include <limits>

using namespace ns3;
using namespace ns3::mixnet;
using mixnetcore::Bytes;
using mixnetcore::DemandMatrix;
using mixnetcore::PhaseKey;

namespace tests
{

namespace
{

constexpr uint32_t DEGREE = 6; //!< optical ports of a host: number k of host h is port 6h + k

/// @param microbatch Which. @return its dispatch.
PhaseKey
Dispatch(uint32_t microbatch)
{
    PhaseKey phase;
    phase.microbatch = microbatch;
    phase.kind = mixnetcore::PhaseKind::Dispatch;
    return phase;
}

/// @return the measured matrix with a token of one byte.
DemandMatrix
MeasuredDemand()
{
    const auto tokens = MeasuredTokens();
    DemandMatrix demand(tokens.Rows(), tokens.Columns());
    for (size_t from = 0; from < tokens.Rows(); ++from)
    {
        for (size_t to = 0; to < tokens.Columns(); ++to)
        {
            demand.At(from, to) = Bytes(tokens.At(from, to).Count());
        }
    }
    return demand;
}

/// @param count How many. @return dispatches of so many microbatches.
std::vector<PhaseKey>
Dispatches(uint32_t count)
{
    std::vector<PhaseKey> phases;
    for (uint32_t microbatch = 0; microbatch < count; ++microbatch)
    {
        phases.push_back(Dispatch(microbatch));
    }
    return phases;
}

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
 * @brief What a TestRegion is made of.
 */
struct RegionSetup
{
    uint32_t hosts{8};                                   //!< how many
    Time blackout{MicroSeconds(25)};                     //!< reconfiguration delay
    std::vector<PhaseKey> phases{Dispatches(1)};         //!< what the hosts do
    Time latency{0};                                     //!< of control messages, each way
    std::string allocator{"greedy"};                     //!< name of the allocator
    std::string policy{"block"};                         //!< name of the policy
    std::string numaRule{"spread"};                      //!< circuits of a pair in the halves
    std::map<std::pair<uint32_t, PhaseKey>, Time> holds; //!< how long a host has a phase; else 0
};

/**
 * @ingroup mixnet-tests
 * @brief A controller and its region, whose hosts only write down what they are told, and are
 * through with their all-to-alls.
 */
class TestRegion
{
  public:
    /// What a host was told.
    struct Answer
    {
        uint32_t endpoint;        //!< the host
        Time at;                  //!< when
        uint32_t context;         //!< node in whose context
        CircuitDecision decision; //!< what
    };

    /**
     * @param parameters What it is made of.
     */
    explicit TestRegion(const RegionSetup& parameters)
        : setup(parameters)
    {
        mixnetcore::MixnetSpec spec;
        spec.hosts = setup.hosts;
        spec.electrical.tiers = 1;
        const auto delay = CreateObject<ConstantRandomVariable>();
        delay->SetAttribute("Constant", DoubleValue(setup.blackout.GetSeconds()));
        FabricHelper helper;
        helper.SetOcsAttribute("ReconfigurationTime", PointerValue(delay));
        fabric = helper.Install(mixnetcore::PlanMixnet(spec));
        const auto& plan = fabric.plan->regions.front();
        controller = CreateObject<RegionalController>();
        controller->SetAttribute("ControlLatency", TimeValue(setup.latency));
        controller->SetAttribute("Allocator", StringValue(setup.allocator));
        controller->SetAttribute("Policy", StringValue(setup.policy));
        controller->SetAttribute("NumaRule", StringValue(setup.numaRule));
        controller->SetRegion(fabric.plan, 0, fabric.opticalSwitches.front());
        controller->SetPhases(setup.phases);
        fabric.nodes.Get(plan.opticalSwitch)->AddApplication(controller);
        for (uint32_t endpoint = 0; endpoint < setup.hosts; ++endpoint)
        {
            controller->SetHost(endpoint,
                                fabric.hosts[endpoint].node->GetId(),
                                MakeCallback(&TestRegion::HandleAnswer, this).Bind(endpoint));
        }
        controller->TraceConnectWithoutContext("StateTransition",
                                               MakeCallback(&TestRegion::HandleState, this));
        controller->TraceConnectWithoutContext("CircuitsReady",
                                               MakeCallback(&TestRegion::HandleReady, this));
    }

    /// @param at When. @param phase Which. @param endpoint Host that reports. @param demand Its
    /// row.
    void ReportAt(const Time& at, const PhaseKey& phase, uint32_t endpoint, DemandMatrix demand)
    {
        Simulator::Schedule(at, [this, phase, endpoint, demand = std::move(demand)]() {
            std::vector<Bytes> row;
            for (size_t to = 0; to < demand.Columns(); ++to)
            {
                row.push_back(demand.At(endpoint, to));
            }
            controller->Report(phase, endpoint, row);
        });
    }

    /// @param at When. @param phase Which. @param demand What all hosts report, all at once.
    void ReportAllAt(const Time& at, const PhaseKey& phase, const DemandMatrix& demand)
    {
        for (uint32_t endpoint = 0; endpoint < demand.Rows(); ++endpoint)
        {
            ReportAt(at, phase, endpoint, demand);
        }
    }

    /// @param decision A decision. @return ports with another peer, or none, than in the one
    /// before.
    uint32_t PortsThatDiffer(size_t decision) const
    {
        const uint32_t ports = fabric.opticalSwitches.front()->GetNPorts();
        const auto now = decisions[decision].configuration.Peers(ports);
        const auto before = decision == 0 ? mixnetcore::CircuitConfiguration().Peers(ports)
                                          : decisions[decision - 1].configuration.Peers(ports);
        uint32_t count = 0;
        for (uint32_t port = 0; port < ports; ++port)
        {
            count += now[port] == before[port] ? 0 : 1;
        }
        return count;
    }

    const RegionSetup setup;                       //!< what it is made of
    Fabric fabric;                                 //!< the region
    Ptr<RegionalController> controller;            //!< what is tested
    std::vector<Answer> answers;                   //!< in the order they came
    std::vector<CircuitDecision> decisions;        //!< likewise
    std::vector<RegionalController::State> states; //!< entered, in order

  private:
    /// @param endpoint Host. @param decision What it is told.
    void HandleAnswer(uint32_t endpoint, const CircuitDecision& decision)
    {
        answers.push_back({endpoint, Simulator::Now(), Simulator::GetContext(), decision});
        for (const auto& phase : decision.lease.phases)
        {
            const auto hold = setup.holds.find({endpoint, phase});
            Simulator::Schedule(hold == setup.holds.end() ? Time(0) : hold->second,
                                &RegionalController::Release,
                                controller,
                                phase,
                                endpoint);
        }
    }

    /// @param from State before. @param to State from now on.
    void HandleState(RegionalController::State /* from */, RegionalController::State to)
    {
        states.push_back(to);
    }

    /// @param decision Circuits that are ready.
    void HandleReady(const CircuitDecision& decision)
    {
        decisions.push_back(decision);
    }
};

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
        NS_TEST_EXPECT_MSG_EQ(decision.configuration.Size(), m_circuits, "circuits");
        NS_TEST_EXPECT_MSG_EQ(decision.changedPorts, 2 * m_circuits, "two dark ports each");
        NS_TEST_EXPECT_MSG_EQ((decision.demand == MeasuredDemand()), true, "the rows as reported");
        const auto inForce = region.fabric.opticalSwitches.front()->GetConfiguration();
        NS_TEST_EXPECT_MSG_EQ((inForce == decision.configuration), true, "the switch holds them");
    }

    std::string m_allocator; //!< its name
    size_t m_circuits;       //!< how many it is to give
};

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
            NS_TEST_EXPECT_MSG_EQ((answer.decision.configuration == decision.configuration),
                                  true,
                                  "told the circuits in force");
        }
    }

    int64_t m_blackoutNs; //!< reconfiguration delay
    int64_t m_latencyNs;  //!< of control messages
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
            NS_TEST_EXPECT_MSG_EQ(
                (region.decisions[later].configuration == region.decisions[0].configuration),
                true,
                "the same circuits");
        }
        NS_TEST_EXPECT_MSG_EQ(region.answers.size(), 3 * 8, "every host is told each time");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Circuits that another demand needs, too, stay in the light.
 */
class PartialChangeTestCase : public MixnetTestCase
{
  public:
    PartialChangeTestCase()
        : MixnetTestCase("A demand that shares a pair with the one before leaves its circuits lit")
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
        const auto before = region.decisions[0].configuration.Peers(6 * DEGREE);
        const auto after = region.decisions[1].configuration.Peers(6 * DEGREE);
        for (uint32_t port = 0; port < 2 * DEGREE; ++port)
        {
            NS_TEST_EXPECT_MSG_EQ(before[port].has_value(), true, "hosts 0 and 1 are joined");
            NS_TEST_EXPECT_MSG_EQ((before[port] == after[port]), true, "and stay so");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Of a pair that needs fewer circuits than before, those that it needs stay in the light.
 */
class FewerCircuitsTestCase : public MixnetTestCase
{
  public:
    FewerCircuitsTestCase()
        : MixnetTestCase("A pair that gives half of its circuits away keeps the other half lit")
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
        const auto& before = region.decisions[0].configuration.Circuits();
        const auto& after = region.decisions[1].configuration.Circuits();
        NS_TEST_EXPECT_MSG_EQ(before.size(), DEGREE, "circuits of hosts 0 and 2");
        NS_TEST_EXPECT_MSG_EQ(after.size(), DEGREE, "circuits of host 0");
        const auto kept = std::count_if(after.begin(), after.end(), [&](const auto& circuit) {
            return std::find(before.begin(), before.end(), circuit) != before.end();
        });
        NS_TEST_EXPECT_MSG_EQ(kept, DEGREE / 2, "half stay");
        // Three ports of each host change: of host 0 to another peer, of 1 to light, of 2 to none.
        NS_TEST_EXPECT_MSG_EQ(region.decisions[1].changedPorts, 3 * DEGREE / 2, "the others");
        NS_TEST_EXPECT_MSG_EQ(region.PortsThatDiffer(1), 3 * DEGREE / 2, "as the circuits say");
    }
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
            NS_TEST_EXPECT_MSG_EQ(answer.decision.configuration.Size(), 0, "no circuit");
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
                                          State::Idle,          // light at 13 us
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
        mixnetcore::PhaseSequenceSpec sequence;
        sequence.layers = 2;
        RegionSetup setup;
        setup.policy = "reuse";
        setup.phases = mixnetcore::PhaseSequence(sequence);
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
                inOne = PairsInOneHalf(region.decisions[0].configuration);
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
        const auto allocator = MessageFor(setup);
        NS_TEST_EXPECT_MSG_NE(allocator.find("attribute Allocator"), NOWHERE, "the attribute");
        NS_TEST_EXPECT_MSG_NE(allocator.find("best"), NOWHERE, "its value");
        NS_TEST_EXPECT_MSG_NE(allocator.find("greedy"), NOWHERE, "what is allowed");
        setup.allocator = "greedy";
        setup.policy = "hope";
        const auto policy = MessageFor(setup);
        NS_TEST_EXPECT_MSG_NE(policy.find("Policy"), NOWHERE, "the attribute");
        NS_TEST_EXPECT_MSG_NE(policy.find("hope"), NOWHERE, "its value");
        NS_TEST_EXPECT_MSG_NE(policy.find("block, reuse"), NOWHERE, "what is allowed");
        setup.policy = "block";
        setup.numaRule = "stack";
        const auto rule = MessageFor(setup);
        NS_TEST_EXPECT_MSG_NE(rule.find("attribute NumaRule"), NOWHERE, "the attribute");
        NS_TEST_EXPECT_MSG_NE(rule.find("stack"), NOWHERE, "its value");
        NS_TEST_EXPECT_MSG_NE(rule.find("spread, pack"), NOWHERE, "what is allowed");
        setup.numaRule = "spread";
        const auto twice = AbortMessageOf([setup]() {
            TestRegion region(setup);
            region.ReportAt(MicroSeconds(1), Dispatch(0), 1, DemandMatrix(2, 2));
            region.ReportAt(MicroSeconds(2), Dispatch(0), 1, DemandMatrix(2, 2));
            Simulator::Run();
        });
        NS_TEST_EXPECT_MSG_NE(twice.find("host 1 reported"), NOWHERE, "a second row");
        const auto wide = AbortMessageOf([setup]() {
            TestRegion region(setup);
            region.ReportAt(MicroSeconds(1), Dispatch(0), 1, DemandMatrix(3, 3));
            Simulator::Run();
        });
        NS_TEST_EXPECT_MSG_NE(wide.find("for 3 hosts"), NOWHERE, "a row of three");
    }

    /// @param setup What a region is made of. @return what it says before it aborts.
    static std::string MessageFor(const RegionSetup& setup)
    {
        return AbortMessageOf([setup]() {
            TestRegion region(setup);
            Simulator::Run();
        });
    }

    static constexpr size_t NOWHERE = std::string::npos; //!< not found
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of RegionalController.
 */
class RegionalControllerTestSuite : public TestSuite
{
  public:
    RegionalControllerTestSuite()
        : TestSuite("mixnet-regional-controller", TestSuite::Type::UNIT)
    {
        AddTestCase(new MeasuredDemandTestCase("greedy", 24));
        AddTestCase(new MeasuredDemandTestCase("greedy-literal", 6));
        for (const int64_t blackoutNs : {0, 1, 25'000, 25'000'000})
        {
            for (const int64_t latencyNs : {0, 3'000})
            {
                AddTestCase(new WaitingTimeTestCase(blackoutNs, latencyNs));
            }
        }
        AddTestCase(new UnchangedDemandTestCase);
        AddTestCase(new PartialChangeTestCase);
        AddTestCase(new FewerCircuitsTestCase);
        AddTestCase(new NoDemandTestCase(1));
        AddTestCase(new NoDemandTestCase(4));
        AddTestCase(new EarlyRowTestCase);
        AddTestCase(new ReleaseTestCase(0));
        AddTestCase(new ReleaseTestCase(3'000));
        AddTestCase(new ReusePolicyTestCase);
        AddTestCase(new NumaRuleTestCase);
        AddTestCase(new ControllerRefusalTestCase);
    }
};

static RegionalControllerTestSuite g_regionalControllerTestSuite; //!< the suite

} // namespace

} // namespace tests
