/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "gradient-reducer-test-case.h"

#include <string>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief All hosts have the sums after the parts in the host and 2 (n - 1) steps.
 */
class GradientReducerTimeTestCase : public GradientReducerTestCase
{
  public:
    /// @param setup The hosts. @param kind What they reduce.
    GradientReducerTimeTestCase(const ReducerSetup& setup, PhaseKind kind)
        : GradientReducerTestCase(
              "All-reduce " + mixnetcore::ToString(kind) + " of " + setup.Name() +
                  " takes 2 (n - 1) steps of 1 / n of the bytes, and twice the part in a host",
              setup),
          m_kind(kind)
    {
    }

  private:
    void DoRun() override
    {
        MakeHosts();
        uint64_t overLines = 0;
        for (const auto& host : m_fabric.hosts)
        {
            host.transport->TraceConnectWithoutContext(
                "Post",
                Callback<void, const Message&>([&](const Message& message) {
                    const auto& transfer = message.transfer;
                    const bool isInside = transfer.source.host == transfer.destination.host;
                    overLines += isInside ? 0 : transfer.bytes.Count();
                }));
        }
        AllJoinAt(Start(), m_kind);
        Simulator::Run();
        CheckThrough(m_kind);
        NS_TEST_EXPECT_MSG_EQ(overLines, RingBytes(m_kind), "bytes over lines");
        const ReduceTime time(m_setup, m_kind);
        for (const auto& end : EndsOf(m_kind))
        {
            CheckTime(end - Start(), time.All(), time.Slack(), "time of a host");
        }
    }

    PhaseKind m_kind; //!< what they reduce
};

/**
 * @ingroup mixnet-tests
 * @brief On an idle fabric merged steps take as long as all of them.
 */
class GradientReducerMergedTestCase : public GradientReducerTestCase
{
  public:
    /// @param setup The hosts.
    explicit GradientReducerMergedTestCase(const ReducerSetup& setup)
        : GradientReducerTestCase("A ring of " + std::to_string(setup.Hosts()) +
                                      " hosts takes the same time when its steps are merged to " +
                                      std::to_string(setup.maxSteps) + ": " + setup.Name(),
                                  setup)
    {
    }

  private:
    void DoRun() override
    {
        MakeHosts();
        AllJoinAt(Start(), PhaseKind::ExpertReduce);
        Simulator::Run();
        CheckThrough(PhaseKind::ExpertReduce);
        // Fewer messages have fewer first frames, and fewer that are not full: of each step that is
        // not simulated the time of one frame's bytes around the payload may be saved.
        const ReduceTime time(m_setup, PhaseKind::ExpertReduce);
        const LineTimes line{LINK_RATE, 4096};
        const Time saved =
            line.Of(LineTimes::OVERHEAD + LineTimes::FIRST + 4) * int64_t{time.Steps()};
        CheckTime(LastEnd(PhaseKind::ExpertReduce) - Start(),
                  time.All() - saved,
                  saved + time.Slack(),
                  "merged");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief How long all-reduces of GradientReducer take on idle lines.
 */
class GradientReducerTimingTestSuite : public TestSuite
{
  public:
    GradientReducerTimingTestSuite()
        : TestSuite("mixnet-gradient-reducer-timing", Type::SYSTEM)
    {
        for (const bool optical : {false, true})
        {
            for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
            {
                AddTimes(optical, fidelity);
            }
        }
    }

  private:
    /// @param optical Which fabric. @param fidelity How messages are carried. @brief Adds times.
    void AddTimes(bool optical, Fidelity fidelity)
    {
        for (const auto kind : {PhaseKind::ExpertReduce, PhaseKind::SharedReduce})
        {
            // One rank per host; two; eight; groups of two hosts; a single host.
            AddTestCase(
                new GradientReducerTimeTestCase({optical, fidelity, 8, 1, 2, EVEN_BYTES}, kind));
            AddTestCase(
                new GradientReducerTimeTestCase({optical, fidelity, 8, 1, 3, EVEN_BYTES}, kind));
            AddTestCase(
                new GradientReducerTimeTestCase({optical, fidelity, 4, 2, 4, EVEN_BYTES}, kind));
            AddTestCase(
                new GradientReducerTimeTestCase({optical, fidelity, 1, 8, 2, EVEN_BYTES}, kind));
            AddTestCase(
                new GradientReducerTimeTestCase({optical, fidelity, 8, 2, 3, EVEN_BYTES}, kind));
        }
        AddTestCase(new GradientReducerTimeTestCase({optical, fidelity, 2, 4, 1, EVEN_BYTES},
                                                    PhaseKind::SharedReduce));
        // A step of several chunks.
        AddTestCase(new GradientReducerTimeTestCase({optical, fidelity, 8, 1, 2, 48'000'000},
                                                    PhaseKind::SharedReduce));
        for (const uint32_t maxSteps : {2, 3, 9, 13, 14})
        {
            AddTestCase(new GradientReducerMergedTestCase(
                {optical, fidelity, 8, 1, 8, EVEN_BYTES, maxSteps}));
        }
    }
};

static GradientReducerTimingTestSuite g_gradientReducerTimingTestSuite; //!< the suite

} // namespace tests
