/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/test-bottleneck.h"

#include <string>

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief Two senders share a bottleneck.
 */
class DcqcnSharingTestCase : public MixnetTestCase
{
  public:
    /// A line and where its switch marks.
    struct Setting
    {
        std::string name;     //!< what it is
        LineTimes line;       //!< rate and MTU
        Marking marking;      //!< where the switch marks
        uint64_t window;      //!< window of the path, bytes
        int64_t milliseconds; //!< until shares are equal: few frames are marked, so it takes time
    };

    /// @param setting Line and switch.
    explicit DcqcnSharingTestCase(const Setting& setting)
        : MixnetTestCase("Two flows get equal shares of " + setting.name +
                         ", the second when it comes later, and the first the whole line when it "
                         "is alone again"),
          m_setting(setting)
    {
    }

  private:
    void DoRun() override
    {
        NicNetwork network;
        network.SetNic("CongestionControl", StringValue("ns3::mixnet::Dcqcn"));
        network.SetNic("Window", UintegerValue(m_setting.window));
        BottleneckNetwork bottleneck(network,
                                     2,
                                     m_setting.line,
                                     MicroSeconds(1),
                                     m_setting.marking);
        const Time span = MilliSeconds(m_setting.milliseconds);
        const Time second = span / 2;
        const Time together = second + span;
        const Time alone = together + span;
        const Time end = alone + 2 * span;
        bottleneck.Flow(MicroSeconds(10), 0, end);
        bottleneck.Flow(second, 1, alone);
        bottleneck.Run();

        NS_TEST_EXPECT_MSG_GT(bottleneck.Share(0, second / 2, second), 0.99, "alone at first");
        const double first = bottleneck.Share(0, together, alone);
        const double other = bottleneck.Share(1, together, alone);
        NS_TEST_EXPECT_MSG_EQ_TOL(first / (first + other), 0.5, 0.05, "equal shares");
        NS_TEST_EXPECT_MSG_GT(first + other, 0.9, "of a line that is in use");
        NS_TEST_EXPECT_MSG_GT(bottleneck.Share(0, end - span / 2, end), 0.95, "alone again");
        NS_TEST_EXPECT_MSG_LT(bottleneck.LongestQueue(together, alone),
                              m_setting.marking.maximum,
                              "the queue stays below where all are marked");
        NS_TEST_EXPECT_MSG_GT(bottleneck.MeanQueue(together, alone), 0, "it is a bottleneck");
        NS_TEST_EXPECT_MSG_LT(network.packetSwitch->GetPeakBufferedBytes(),
                              2 * 8 * m_setting.window * 1.1,
                              "windows bound the queue");
        NS_TEST_EXPECT_MSG_LT(Simulator::Now(), end + MilliSeconds(10), "timers end");
        NS_TEST_EXPECT_MSG_EQ(network.nics[0]->GetRetransmittedFrames(), 0, "no repetitions");
    }

    Setting m_setting; //!< line and switch
};

/**
 * @ingroup mixnet-tests
 * @brief What flows under Dcqcn get of a line.
 */
class DcqcnSharingTestSuite : public TestSuite
{
  public:
    DcqcnSharingTestSuite()
        : TestSuite("mixnet-dcqcn-sharing", TestSuite::Type::UNIT)
    {
        // Paper, section 5: marks between 5 KB and 200 KB, at 1 % at most.
        AddTestCase(new DcqcnSharingTestCase(
            {"40 Gbps as published", {40'000'000'000, 1024}, {5'000, 200'000, 0.01}, 50'000, 60}));
        // 800 KB to 3200 KB, at 20 % at most: in use at 400 Gb/s.
        AddTestCase(new DcqcnSharingTestCase({"400 Gbps with the defaults",
                                              {400'000'000'000, 4096},
                                              {800'000, 3'200'000, 0.2},
                                              400'000,
                                              20}));
    }
};

DcqcnSharingTestSuite g_dcqcnSharingTestSuite; //!< the suite

} // namespace

} // namespace tests
