/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"

#include "ns3/object-factory.h"
#include "ns3/simulator.h"
#include "ns3/test.h"

#include <limits>
#include <stdexcept>
#include <string>

namespace tests
{

namespace
{

using namespace ns3;

constexpr int64_t LONGEST = std::numeric_limits<int64_t>::max(); //!< picoseconds

/**
 * @ingroup mixnet-tests
 * @brief Events come in the order of their times, and of equal times as they were scheduled.
 */
class BoundedSchedulerOrderTestCase : public MixnetTestCase
{
  public:
    BoundedSchedulerOrderTestCase()
        : MixnetTestCase("Events come in the order of times, equal ones as scheduled")
    {
    }

  private:
    void DoRun() override
    {
        ObjectFactory factory("ns3::mixnet::BoundedScheduler");
        Simulator::SetScheduler(factory);
        std::string order;
        for (const auto& [delay, name] : {std::pair(3, 'd'), {1, 'a'}, {2, 'b'}, {2, 'c'}})
        {
            Simulator::Schedule(PicoSeconds(delay), [&order, n = name] { order += n; });
        }
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(order, "abcd", "in order");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The last picosecond can be scheduled for; the one behind it is refused.
 */
class BoundedSchedulerLimitTestCase : public MixnetTestCase
{
  public:
    BoundedSchedulerLimitTestCase()
        : MixnetTestCase("An event at 2^63 - 1 ps happens, one at 2^63 ps is refused")
    {
    }

  private:
    void DoRun() override
    {
        ObjectFactory factory("ns3::mixnet::BoundedScheduler");
        Simulator::SetScheduler(factory);
        constexpr int64_t begin = 1000;
        std::string refusal;
        bool happened = false;
        Simulator::Schedule(PicoSeconds(begin), [&] {
            Simulator::Schedule(PicoSeconds(LONGEST - begin), [&happened] { happened = true; });
            try
            {
                Simulator::Schedule(PicoSeconds(LONGEST - begin + 1), [] {});
            }
            catch (const std::overflow_error& error)
            {
                refusal = error.what();
            }
        });
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(happened, true, "at the last picosecond");
        NS_TEST_EXPECT_MSG_EQ(Simulator::Now().GetPicoSeconds(), LONGEST, "which is now");
        NS_TEST_EXPECT_MSG_EQ((refusal.find("106.75 days") != std::string::npos),
                              true,
                              "the message names the limit: " << refusal);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The scheduler.
 */
class BoundedSchedulerTestSuite : public TestSuite
{
  public:
    BoundedSchedulerTestSuite()
        : TestSuite("mixnet-bounded-scheduler", TestSuite::Type::UNIT)
    {
        AddTestCase(new BoundedSchedulerOrderTestCase);
        AddTestCase(new BoundedSchedulerLimitTestCase);
    }
};

static BoundedSchedulerTestSuite g_boundedSchedulerTestSuite; //!< registers the suite

} // namespace

} // namespace tests
