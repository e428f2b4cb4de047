/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/training-test-case.h"

#include <cmath>
#include <sstream>

using namespace ns3;
using namespace ns3::mixnet;
using namespace mixnetcore;

namespace tests
{

namespace
{

/// @param setup Of a run. @return what tells it from others, in words.
std::string
NameOf(const TrainingSetup& setup)
{
    std::ostringstream name;
    name << (setup.IsOptical() ? "MixNet" : "ideal switch") << ", " << setup.ranks << " ranks of "
         << setup.tensorParallel << " GPUs, " << ToString(setup.electrical) << ", efficiency "
         << setup.efficiency;
    return name.str();
}

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief An all-to-all takes the time of its bytes over the efficiency; its bytes are payload.
 */
class AllToAllEfficiencyTimeTestCase : public MixnetTestCase
{
  public:
    /// @param setup What it is made of.
    explicit AllToAllEfficiencyTimeTestCase(const TrainingSetup& setup)
        : MixnetTestCase("A dispatch takes bytes / (rate x efficiency), and the bytes that are "
                         "reported are payload: " +
                         NameOf(setup)),
          m_setup(setup)
    {
    }

  private:
    void DoRun() override
    {
        TrainingRun run(m_setup);
        CollectPadding(run);
        run.Run();
        NS_TEST_EXPECT_MSG_EQ(run.group.GetUnfinishedPhases().size(), 0, "all are through");
        for (const auto& engine : run.group.engines)
        {
            NS_TEST_EXPECT_MSG_EQ(engine->GetWaiting(), 0, "nothing is missing");
        }
        const auto dispatches = run.RecordsOf(PhaseKind::Dispatch);
        if (!HasSize(dispatches, 1, "one dispatch"))
        {
            return;
        }
        const auto& dispatch = dispatches.front();
        const auto circuits = run.decisions.empty() ? CircuitConfiguration()
                                                    : run.decisions.front().configurations.front();
        const auto bytes = run.AllToAllBytes(dispatch.key);
        const double expected = run.LowerBoundSeconds(bytes, circuits) / m_setup.efficiency;
        const double rounding = 1e-9;
        const double seconds = dispatch.duration.count() * 1e-12;
        NS_TEST_EXPECT_MSG_GT(seconds, expected - rounding, "no faster than its lines");
        NS_TEST_EXPECT_MSG_LT(seconds, expected * 1.03, "as fast as its lines");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(dispatch.lowerBound.count(),
                                    dispatch.duration.count(),
                                    "its bound holds");
        NS_TEST_EXPECT_MSG_GT(dispatch.lowerBound.count() * 1e-12,
                              expected - rounding,
                              "the bound knows of the efficiency");
        CheckPayload(run, dispatch);
    }

    /// @param run A run to come. @brief Watches which messages have padding.
    void CollectPadding(const TrainingRun& run)
    {
        for (const auto& transport : run.group.transports)
        {
            transport->TraceConnectWithoutContext(
                "Post",
                Callback<void, const Message&>([this](const Message& message) {
                    const auto& transfer = message.transfer;
                    const bool isExchange = message.key.phase.IsAllToAll();
                    const double occupied = transfer.bytes.Count();
                    const double payload = transfer.Payload().Count();
                    const double stretch = isExchange ? 1 / m_setup.efficiency : 1;
                    m_isPadded = m_isPadded && occupied >= payload * stretch * (1 - 1e-12) &&
                                 occupied < payload * stretch + 1;
                }));
        }
    }

    /// @param run A run that is over. @param dispatch Its dispatch.
    void CheckPayload(const TrainingRun& run, const PhaseRecord& dispatch)
    {
        NS_TEST_EXPECT_MSG_EQ(m_isPadded, true, "dispatch and combine are padded, nothing else");
        Bytes sum;
        for (const auto& [pair, count] : run.AllToAllBytes(dispatch.key))
        {
            const bool crosses = pair.first / TrainingSetup::GPUS_PER_HOST !=
                                 pair.second / TrainingSetup::GPUS_PER_HOST;
            sum += Bytes(crosses ? count : 0);
        }
        NS_TEST_EXPECT_MSG_EQ((dispatch.optical + dispatch.electrical).Count(),
                              sum.Count(),
                              "payload between hosts");
        for (const auto& [phase, bytes] : run.posted)
        {
            if (phase.IsAllToAll())
            {
                NS_TEST_EXPECT_MSG_EQ((bytes == run.AllToAllBytes(phase)), true, "what is sent");
            }
            NS_TEST_EXPECT_MSG_EQ((bytes == run.arrived.at(phase)), true, "arrives");
        }
    }

    TrainingSetup m_setup; //!< what it is made of
    bool m_isPadded{true}; //!< whether all messages are padded as they must be
};

/**
 * @ingroup mixnet-tests
 * @brief The controller sees payload: circuits are the same at any efficiency.
 */
class AllToAllEfficiencyCircuitsTestCase : public MixnetTestCase
{
  public:
    AllToAllEfficiencyCircuitsTestCase()
        : MixnetTestCase("Demand and circuits are the same at any efficiency, and what computes "
                         "takes as long")
    {
    }

  private:
    /// What a run decided, and how long what it computed took.
    struct Trace
    {
        std::vector<std::pair<DemandMatrix, CircuitConfiguration>> decisions; //!< in order
        std::vector<Picoseconds> computed;                                    //!< durations
    };

    void DoRun() override
    {
        const auto whole = TraceAt(1);
        const auto part = TraceAt(0.25);
        NS_TEST_EXPECT_MSG_GT(whole.decisions.size(), 0, "circuits are decided");
        NS_TEST_EXPECT_MSG_EQ((whole.decisions == part.decisions), true, "by the same demand");
        NS_TEST_EXPECT_MSG_EQ((whole.computed == part.computed),
                              true,
                              "attention computes as long");
    }

    /// @param efficiency Of all-to-alls. @return what a run with it does.
    Trace TraceAt(double efficiency)
    {
        Trace trace;
        {
            TrainingSetup setup;
            setup.optical = Fidelity::Flow;
            setup.electrical = Fidelity::Flow;
            setup.layers = 2;
            setup.efficiency = efficiency;
            TrainingRun run(setup);
            run.Run();
            for (const auto& decision : run.decisions)
            {
                trace.decisions.emplace_back(decision.demand, decision.configurations.front());
            }
            for (const auto& record : run.RecordsOf(PhaseKind::Attention))
            {
                trace.computed.push_back(record.duration);
            }
        }
        Simulator::Destroy();
        return trace;
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Efficiencies out of range are refused.
 */
class AllToAllEfficiencyRefusalTestCase : public MixnetTestCase
{
  public:
    AllToAllEfficiencyRefusalTestCase()
        : MixnetTestCase("An efficiency must be above 0 and at most 1")
    {
    }

  private:
    void DoRun() override
    {
        const auto application = CreateObject<MoeTrainingApplication>();
        for (const double efficiency : {0.0, -0.5, 1.5})
        {
            NS_TEST_EXPECT_MSG_EQ(
                application->SetAttributeFailSafe("AllToAllEfficiency", DoubleValue(efficiency)),
                false,
                efficiency);
        }
        for (const double efficiency : {1e-6, 0.5, 1.0})
        {
            NS_TEST_EXPECT_MSG_EQ(
                application->SetAttributeFailSafe("AllToAllEfficiency", DoubleValue(efficiency)),
                true,
                efficiency);
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of all-to-alls that do not reach line rate.
 */
class AllToAllEfficiencyTestSuite : public TestSuite
{
  public:
    AllToAllEfficiencyTestSuite()
        : TestSuite("mixnet-all-to-all-efficiency", Type::SYSTEM)
    {
        for (const auto fabric : {TestFabric::Ideal, TestFabric::Mixnet})
        {
            for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
            {
                for (const double efficiency : {1.0, 0.5, 0.3})
                {
                    TrainingSetup setup;
                    setup.fabric = fabric;
                    setup.optical = fidelity;
                    setup.electrical = fidelity;
                    setup.efficiency = efficiency;
                    setup.blackoutNs = 0;
                    // As in TrainingSetup: no combine begins before the last dispatch has ended.
                    setup.expertFfn = std::llround(setup.expertFfn / efficiency);
                    AddTestCase(new AllToAllEfficiencyTimeTestCase(setup));
                }
            }
        }
        AddTestCase(new AllToAllEfficiencyCircuitsTestCase);
        AddTestCase(new AllToAllEfficiencyRefusalTestCase);
    }
};

static AllToAllEfficiencyTestSuite g_allToAllEfficiencyTestSuite; //!< the suite

} // namespace tests
