/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/training-test-case.h"

#include <sstream>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

/// @param stream Where to write. @param phase A phase. @return the stream.
std::ostream&
operator<<(std::ostream& stream, const mixnetcore::PhaseKey& phase)
{
    return stream << ToString(phase.direction) << ' ' << ToString(phase.kind) << " of layer "
                  << phase.layer << ", microbatch " << phase.microbatch
                  << (phase.recompute ? ", again" : "");
}

/**
 * @ingroup mixnet-tests
 * @brief A run without packets on one side or both goes the way of the one with packets.
 */
class TrainingFidelityTestCase : public TrainingTestCase
{
  public:
    /**
     * @param policy Name of a policy.
     * @param blackoutNs Reconfiguration delay.
     * @param optical Level of circuits. @param electrical Level of packet switches.
     */
    TrainingFidelityTestCase(const std::string& policy,
                             int64_t blackoutNs,
                             Fidelity optical,
                             Fidelity electrical)
        : TrainingTestCase("Policy " + policy + " with a blackout of " +
                           std::to_string(blackoutNs) + " ns: circuits as " + ToString(optical) +
                           ", packet switches as " + ToString(electrical) +
                           ": the same decisions and circuits as packets, in the same order"),
          m_optical(optical),
          m_electrical(electrical)
    {
        m_setup = Layout(8, 8, 256);
        m_setup.policy = policy;
        m_setup.blackoutNs = blackoutNs;
        m_setup.layers = 2;
        m_setup.microbatches = 2;
        m_setup.mtu = 4096;
    }

  private:
    /// What a run comes to.
    struct Course
    {
        std::vector<std::string> control;             //!< what controller and switch did, in words
        std::vector<mixnetcore::PhaseRecord> records; //!< of all phases
        uint64_t frames{0};                           //!< sent
    };

    void DoRun() override
    {
        const auto packets = Train(Fidelity::Packet, Fidelity::Packet);
        const auto other = Train(m_optical, m_electrical);
        NS_TEST_EXPECT_MSG_GT(packets.control.size(), 0, "circuits change");
        NS_TEST_EXPECT_MSG_LT(other.frames, packets.frames, "it has fewer frames");
        if (!HasSize(other.control, packets.control.size(), "events of the control plane") ||
            !HasSize(other.records, packets.records.size(), "phases"))
        {
            return;
        }
        for (size_t i = 0; i < packets.control.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(other.control[i], packets.control[i], "event " << i);
        }
        for (size_t i = 0; i < packets.records.size(); ++i)
        {
            Compare(other.records[i], packets.records[i]);
        }
    }

    /// @param other A phase. @param packets The same with packets.
    void Compare(const mixnetcore::PhaseRecord& other, const mixnetcore::PhaseRecord& packets)
    {
        std::ostringstream what;
        what << packets.key;
        NS_TEST_EXPECT_MSG_EQ((other.key == packets.key), true, what.str());
        NS_TEST_EXPECT_MSG_EQ((other.optical == packets.optical), true, what.str());
        NS_TEST_EXPECT_MSG_EQ((other.electrical == packets.electrical), true, what.str());
        NS_TEST_EXPECT_MSG_EQ((other.nvswitch == packets.nvswitch), true, what.str());
        NS_TEST_EXPECT_MSG_EQ(other.circuits, packets.circuits, what.str());
        // Starts follow from the ends before them.
        const double seconds = packets.start.count() * 1e-12;
        NS_TEST_EXPECT_MSG_EQ_TOL(other.start.count() * 1e-12, seconds, 0.01 * seconds, what.str());
    }

    /// @param optical Level of circuits. @param electrical Level of packet switches.
    /// @return what the run comes to.
    Course Train(Fidelity optical, Fidelity electrical)
    {
        Course course;
        {
            auto setup = m_setup;
            setup.optical = optical;
            setup.electrical = electrical;
            TrainingRun run(setup);
            Listen(run, course.control);
            run.Run();
            CheckAll(run);
            course.records = run.records;
            course.frames = run.fabric.GetCounters().sent.frames;
        }
        Simulator::Destroy();
        return course;
    }

    /// @param run A run. @param control Gets what its controller and switch do.
    static void Listen(TrainingRun& run, std::vector<std::string>& control)
    {
        m_control = &control;
        run.group.controller->TraceConnectWithoutContext(
            "StateTransition",
            MakeCallback(&TrainingFidelityTestCase::HandleState));
        run.group.controller->TraceConnectWithoutContext(
            "CircuitsReady",
            MakeCallback(&TrainingFidelityTestCase::HandleDecision));
        run.fabric.opticalSwitches.front()->TraceConnectWithoutContext(
            "ReconfigurationBegin",
            MakeCallback(&TrainingFidelityTestCase::HandleBlackout));
        for (const auto& application : run.group.applications)
        {
            application->TraceConnectWithoutContext(
                "PhaseEnd",
                MakeCallback(&TrainingFidelityTestCase::HandlePhaseEnd));
        }
    }

    /// @param from State before. @param to State from now on.
    static void HandleState(RegionalController::State from, RegionalController::State to)
    {
        std::ostringstream text;
        text << "state " << int(from) << " to " << int(to);
        m_control->push_back(text.str());
    }

    /// @param decision Circuits that are ready.
    static void HandleDecision(const CircuitDecision& decision)
    {
        std::ostringstream text;
        text << "for " << decision.lease.phases.front() << ", " << decision.changedPorts
             << " ports changed:";
        for (const auto& [a, b] : decision.configurations.front().Circuits())
        {
            text << ' ' << a << '-' << b;
        }
        m_control->push_back(text.str());
    }

    /// @param darkPorts Ports that go dark. @param duration Of the blackout.
    static void HandleBlackout(const mixnetcore::CircuitConfiguration& /* configuration */,
                               uint32_t darkPorts,
                               Time duration)
    {
        std::ostringstream text;
        text << darkPorts << " ports dark for " << duration.GetPicoSeconds() << " ps";
        m_control->push_back(text.str());
    }

    /// @param phase A phase that a rank has ended. The order of ranks among themselves is that of
    /// picoseconds; what matters is which all-to-alls are over when circuits change.
    static void HandlePhaseEnd(const PhaseKey& phase, uint32_t /* rank */)
    {
        const bool isAllToAll =
            phase.kind == PhaseKind::Dispatch || phase.kind == PhaseKind::Combine;
        if (isAllToAll && ++m_ended[phase] == RANKS)
        {
            std::ostringstream text;
            text << phase << " is over";
            m_control->push_back(text.str());
            m_ended.erase(phase);
        }
    }

    static constexpr uint32_t RANKS = 8; //!< of the group

    static inline std::vector<std::string>* m_control{nullptr}; //!< of the run that goes on
    static inline std::map<PhaseKey, uint32_t> m_ended;         //!< ranks that have ended a phase

    TrainingSetup m_setup; //!< what a run is made of
    Fidelity m_optical;    //!< level of circuits
    Fidelity m_electrical; //!< level of packet switches
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of training without packets, against training with packets.
 */
class MoeTrainingFidelityTestSuite : public TestSuite
{
  public:
    MoeTrainingFidelityTestSuite()
        : TestSuite("mixnet-moe-training-fidelity", TestSuite::Type::SYSTEM)
    {
        constexpr auto PACKET = Fidelity::Packet;
        constexpr auto FLOW = Fidelity::Flow;
        for (const auto* policy : {"block", "reuse"})
        {
            for (const int64_t blackoutNs : {10'000, 25'000'000})
            {
                AddTestCase(new TrainingFidelityTestCase(policy, blackoutNs, FLOW, FLOW));
            }
            AddTestCase(new TrainingFidelityTestCase(policy, 10'000, FLOW, PACKET));
            AddTestCase(new TrainingFidelityTestCase(policy, 10'000, PACKET, FLOW));
        }
    }
};

static MoeTrainingFidelityTestSuite g_moeTrainingFidelityTestSuite; //!< the suite

} // namespace

} // namespace tests
