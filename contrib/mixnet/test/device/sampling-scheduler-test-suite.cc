/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"

#include "ns3/sampling-scheduler.h"
#include "ns3/simulator.h"
#include "ns3/test.h"

#include <string>
#include <utility>
#include <vector>

namespace tests
{

namespace
{

using namespace ns3;
using namespace ns3::mixnet;

/**
 * @ingroup mixnet-tests
 * @brief Who looks sees the state at the instant it waits for: events until then have happened,
 * later ones have not, and time has not gone on.
 */
class SampleClockStateTestCase : public MixnetTestCase
{
  public:
    SampleClockStateTestCase()
        : MixnetTestCase("What is seen is the state between two events")
    {
    }

  private:
    void DoRun() override
    {
        // Waiting for every 10 ps: 10 is over when 25 is next, 20 with it; 30 when 31 is.
        std::string happened;
        std::vector<std::pair<std::string, int64_t>> seen;
        for (const auto& [at, name] : {std::pair(10, 'a'), {25, 'b'}, {30, 'c'}, {31, 'd'}})
        {
            Simulator::Schedule(PicoSeconds(at), [&happened, n = name] { happened += n; });
        }
        const auto clock = SampleClock::Install();
        clock->Start(PicoSeconds(10), [&](const Time& before) {
            seen.emplace_back(happened, Simulator::Now().GetPicoSeconds());
            return PicoSeconds((before.GetPicoSeconds() + 9) / 10 * 10);
        });
        Simulator::Run();
        const std::vector<std::pair<std::string, int64_t>> expected{{"a", 10}, {"abc", 30}};
        NS_TEST_EXPECT_MSG_EQ((seen == expected), true, "seen twice, with what had happened");
        NS_TEST_EXPECT_MSG_EQ(happened, "abcd", "and all events have come");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A run that is looked at has as many events as without, and ends with the last of them.
 */
class SampleClockEventsTestCase : public MixnetTestCase
{
  public:
    SampleClockEventsTestCase()
        : MixnetTestCase("Looking adds no event, does not prolong the run, and can be stopped")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t events = 5;
        const auto before = Simulator::GetEventCount();
        const auto clock = SampleClock::Install();
        uint64_t looks = 0;
        clock->Start(PicoSeconds(1), [&looks](const Time& next) {
            ++looks;
            return next;
        });
        for (uint64_t event = 1; event <= events; ++event)
        {
            Simulator::Schedule(PicoSeconds(100 * event), [event, clock] {
                if (event == 3)
                {
                    clock->Stop();
                }
            });
        }
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(Simulator::GetEventCount() - before, events, "the events scheduled");
        NS_TEST_EXPECT_MSG_EQ(Simulator::Now().GetPicoSeconds(), 500, "the last one was the end");
        NS_TEST_EXPECT_MSG_EQ(looks, 3, "before each event until it was stopped");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The order of events is that of the scheduler behind it, and cancelled ones do not come.
 */
class SamplingSchedulerOrderTestCase : public MixnetTestCase
{
  public:
    SamplingSchedulerOrderTestCase()
        : MixnetTestCase("Events come in the order of times, equal ones as scheduled")
    {
    }

  private:
    void DoRun() override
    {
        SampleClock::Install();
        std::string order;
        for (const auto& [delay, name] : {std::pair(3, 'd'), {1, 'a'}, {2, 'b'}, {2, 'c'}})
        {
            Simulator::Schedule(PicoSeconds(delay), [&order, n = name] { order += n; });
        }
        const auto removed = Simulator::Schedule(PicoSeconds(2), [&order] { order += 'x'; });
        Simulator::Remove(removed);
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(order, "abcd", "in order");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The scheduler that has a clock told of events.
 */
class SamplingSchedulerTestSuite : public TestSuite
{
  public:
    SamplingSchedulerTestSuite()
        : TestSuite("mixnet-sampling-scheduler", TestSuite::Type::UNIT)
    {
        AddTestCase(new SampleClockStateTestCase);
        AddTestCase(new SampleClockEventsTestCase);
        AddTestCase(new SamplingSchedulerOrderTestCase);
    }
};

static SamplingSchedulerTestSuite g_samplingSchedulerTestSuite; //!< registers the suite

} // namespace

} // namespace tests
