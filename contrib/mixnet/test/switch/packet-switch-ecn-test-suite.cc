/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/switch-testbed.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <cmath>

namespace tests
{

namespace
{

/**
 * @param testbed A switch. @param count Frames that NIC 0 sends to NIC 1 without a gap.
 * @param ecn What their ECN field says. @param bytes Size of each.
 */
void
SendBurst(SwitchTestbed& testbed,
          uint32_t count,
          EcnCodepoint ecn = EcnCodepoint::Capable,
          uint32_t bytes = FRAME_BYTES)
{
    for (uint32_t i = 0; i < count; ++i)
    {
        RoceFrame frame = MakeFrame(bytes, i, 1);
        frame.ecn = ecn;
        testbed.SendFrame(0, i * LineTime(bytes, FAST), frame);
    }
}

/// @param arrivals What has arrived. @return how many of them are marked.
uint64_t
CountMarked(const std::vector<SwitchTestbed::Arrival>& arrivals)
{
    return std::count_if(arrivals.begin(), arrivals.end(), [](const auto& arrival) {
        return arrival.marked;
    });
}

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief With one limit for both, exactly the frames with more behind them are marked.
 */
class SwitchMarkStepTestCase : public MixnetTestCase
{
  public:
    /**
     * @param limit Attributes EcnMinimum and EcnMaximum, bytes.
     * @param marked Of 20 frames that leave one after the other, how many have more behind them.
     */
    SwitchMarkStepTestCase(uint64_t limit, uint64_t marked)
        : MixnetTestCase("With both limits at " + std::to_string(limit) + " bytes, " +
                         std::to_string(marked) + " of 20 frames of 5000 bytes are marked"),
          m_limit(limit),
          m_marked(marked)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t count = 20;
        SwitchTestbed testbed({FAST, CRAWL});
        testbed.device->SetAttribute("EcnMinimum", UintegerValue(m_limit));
        testbed.device->SetAttribute("EcnMaximum", UintegerValue(m_limit));
        testbed.device->SetAttribute("EcnProbability", DoubleValue(0));
        uint64_t announced = 0;
        testbed.device->TraceConnectWithoutContext(
            "Mark",
            Callback<void, const RoceFrame&, uint32_t>([&](const RoceFrame& frame, uint32_t port) {
                NS_TEST_EXPECT_MSG_EQ((frame.ecn == EcnCodepoint::Experienced), true, "marked");
                NS_TEST_EXPECT_MSG_EQ(port, 1, "port in the trace");
                ++announced;
            }));
        SendBurst(testbed, count);
        Simulator::Run();

        const auto arrivals = testbed.ArrivalsAt(1);
        if (!HasSize(arrivals, count, "all frames arrive"))
        {
            return;
        }
        // Frame 0 did not wait; all have come when frame 1 leaves.
        for (uint32_t i = 0; i < count; ++i)
        {
            const uint64_t behind = i == 0 ? 0 : (count - 1 - i) * FRAME_BYTES;
            NS_TEST_EXPECT_MSG_EQ(arrivals[i].marked,
                                  (behind > m_limit),
                                  "frame " << i << " with " << behind << " bytes behind it");
        }
        NS_TEST_EXPECT_MSG_EQ(CountMarked(arrivals), m_marked, "marked frames");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetMarkedFrames(), m_marked, "counted");
        NS_TEST_EXPECT_MSG_EQ(announced, m_marked, "announced");
    }

    uint64_t m_limit;  //!< attributes EcnMinimum and EcnMaximum, bytes
    uint64_t m_marked; //!< frames with more behind them
};

/**
 * @ingroup mixnet-tests
 * @brief No mark for frames that are not capable, nor without ECN; a mark that is there stays.
 */
class SwitchNoMarkTestCase : public MixnetTestCase
{
  public:
    /// @param enabled Attribute Ecn. @param ecn What frames say.
    SwitchNoMarkTestCase(bool enabled, EcnCodepoint ecn)
        : MixnetTestCase(std::string("With Ecn ") + (enabled ? "on" : "off") +
                         ", the switch leaves frames of codepoint " +
                         std::to_string(static_cast<int>(ecn)) + " as they are"),
          m_enabled(enabled),
          m_ecn(ecn)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t count = 20;
        SwitchTestbed testbed({FAST, CRAWL});
        testbed.device->SetAttribute("Ecn", BooleanValue(m_enabled));
        testbed.device->SetAttribute("EcnMinimum", UintegerValue(1));
        testbed.device->SetAttribute("EcnMaximum", UintegerValue(1));
        SendBurst(testbed, count, m_ecn);
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetMarkedFrames(), 0, "none is counted");
        HasSize(testbed.nics[1]->GetArrivals(), count, "all frames arrive");
        for (const auto& [time, frame] : testbed.nics[1]->GetArrivals())
        {
            NS_TEST_EXPECT_MSG_EQ((frame.ecn == m_ecn), true, "codepoint");
        }
    }

    bool m_enabled;     //!< attribute Ecn
    EcnCodepoint m_ecn; //!< what frames say
};

/**
 * @ingroup mixnet-tests
 * @brief Between the limits, marks are as frequent as the formula says.
 */
class SwitchMarkProbabilityTestCase : public MixnetTestCase
{
  public:
    /// @param probability Attribute EcnProbability.
    explicit SwitchMarkProbabilityTestCase(double probability)
        : MixnetTestCase("Between the limits, probability grows to " + std::to_string(probability) +
                         ": within 5 standard deviations"),
          m_probability(probability)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t count = 20'000;
        constexpr uint32_t bytes = 1'000;
        constexpr uint64_t minimum = 5'000 * uint64_t{bytes};
        constexpr uint64_t maximum = 15'000 * uint64_t{bytes};
        SwitchTestbed testbed({FAST, CRAWL});
        testbed.device->SetAttribute("BufferSize", UintegerValue(1'000'000'000));
        testbed.device->SetAttribute("EcnMinimum", UintegerValue(minimum));
        testbed.device->SetAttribute("EcnMaximum", UintegerValue(maximum));
        testbed.device->SetAttribute("EcnProbability", DoubleValue(m_probability));
        testbed.device->AssignStreams(1);
        SendBurst(testbed, count, EcnCodepoint::Capable, bytes);
        Simulator::Run();

        const auto arrivals = testbed.ArrivalsAt(1);
        if (!HasSize(arrivals, count, "all frames arrive"))
        {
            return;
        }
        // The output is so slow that the queue grows while frames come and shrinks afterwards: look
        // at those that leave when all have come.
        const int64_t lineTime = LineTime(bytes, CRAWL);
        const uint32_t firstAlone = count * LineTime(bytes, FAST) / lineTime + 1;
        std::array<double, 2> expected{}; // lower and upper half of the way between the limits
        std::array<double, 2> variance{};
        std::array<double, 2> marked{};
        for (uint32_t i = firstAlone; i < count; ++i)
        {
            const uint64_t behind = (count - 1 - i) * uint64_t{bytes};
            if (behind < minimum || behind > maximum)
            {
                NS_TEST_EXPECT_MSG_EQ(arrivals[i].marked, (behind > maximum), "frame " << i);
                continue;
            }
            const double share = double(behind - minimum) / (maximum - minimum);
            const size_t half = share < 0.5 ? 0 : 1;
            expected[half] += share * m_probability;
            variance[half] += share * m_probability * (1 - share * m_probability);
            marked[half] += arrivals[i].marked;
        }
        for (size_t half = 0; half < expected.size(); ++half)
        {
            NS_TEST_EXPECT_MSG_EQ_TOL(marked[half],
                                      expected[half],
                                      5 * std::sqrt(variance[half]),
                                      "marks, half " << half);
        }
        NS_TEST_EXPECT_MSG_EQ(CountMarked(arrivals), testbed.device->GetMarkedFrames(), "counted");
    }

    double m_probability; //!< attribute EcnProbability
};

/**
 * @ingroup mixnet-tests
 * @brief Without attributes, the limits are those of the port's rate.
 */
class SwitchMarkLimitsTestCase : public MixnetTestCase
{
  public:
    /**
     * @param rate Line rate of the output, bit/s.
     * @param minimum Expected, bytes.
     * @param maximum Expected, bytes.
     */
    SwitchMarkLimitsTestCase(uint64_t rate, uint64_t minimum, uint64_t maximum)
        : MixnetTestCase("A port of " + std::to_string(rate / 1'000'000'000) + " Gb/s marks from " +
                         std::to_string(minimum) + " to " + std::to_string(maximum) + " bytes"),
          m_rate(rate),
          m_minimum(minimum),
          m_maximum(maximum)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t inputs = 10;
        constexpr uint32_t each = 130; // frames
        constexpr uint32_t output = inputs;
        constexpr uint64_t inputRate = 4 * FAST;
        constexpr int64_t inputTime = LineTime(FRAME_BYTES, inputRate);
        // Frame 0 keeps the output busy; the others come in rounds of all inputs, half an input
        // time off, so that nothing comes at the instant at which another leaves.
        constexpr int64_t firstRound = inputTime + inputTime / 2;
        std::vector<uint64_t> rates(inputs, inputRate);
        rates.push_back(m_rate);
        SwitchTestbed testbed(rates);
        testbed.device->SetAttribute("EcnProbability", DoubleValue(1));
        testbed.device->AssignStreams(1);
        for (uint32_t i = 0; i <= each * inputs; ++i)
        {
            RoceFrame frame = MakeFrame(FRAME_BYTES, i, output);
            frame.ecn = EcnCodepoint::Capable;
            const int64_t round = i == 0 ? 0 : (i - 1) / inputs;
            testbed.SendFrame(i == 0 ? 0 : (i - 1) % inputs,
                              i == 0 ? 0 : firstRound + round * inputTime,
                              frame);
        }
        Simulator::Run();

        const auto arrivals = testbed.ArrivalsAt(output);
        if (!HasSize(arrivals, each * inputs + 1, "all frames arrive"))
        {
            return;
        }
        uint64_t below = 0;
        uint64_t above = 0;
        for (uint32_t i = 1; i < arrivals.size(); ++i)
        {
            const int64_t leaves = arrivals[i].time - DELAY_PS - LineTime(FRAME_BYTES, m_rate);
            const int64_t rounds =
                std::min<int64_t>((leaves - DELAY_PS - firstRound) / inputTime, each);
            const uint64_t behind = (rounds * inputs - i) * FRAME_BYTES;
            if (behind < m_minimum)
            {
                ++below;
                NS_TEST_EXPECT_MSG_EQ(arrivals[i].marked, false, behind << " bytes behind it");
            }
            else if (behind > m_maximum)
            {
                ++above;
                NS_TEST_EXPECT_MSG_EQ(arrivals[i].marked, true, behind << " bytes behind it");
            }
        }
        NS_TEST_EXPECT_MSG_GT(below, 0, "some are below");
        NS_TEST_EXPECT_MSG_GT(above, 0, "some are above");
        // In between, all that is certain is that some are marked and some are not.
        const uint64_t between = arrivals.size() - 1 - below - above;
        const uint64_t marked = CountMarked(arrivals) - above;
        NS_TEST_EXPECT_MSG_GT(marked, between / 3, "marks between the limits");
        NS_TEST_EXPECT_MSG_LT(marked, 2 * between / 3, "and none");
    }

    uint64_t m_rate;    //!< line rate of the output, bit/s
    uint64_t m_minimum; //!< expected, bytes
    uint64_t m_maximum; //!< expected, bytes
};

/**
 * @ingroup mixnet-tests
 * @brief Marks follow the stream of random numbers.
 */
class SwitchMarkStreamTestCase : public MixnetTestCase
{
  public:
    SwitchMarkStreamTestCase()
        : MixnetTestCase("Equal streams give equal marks, others give others")
    {
    }

  private:
    void DoRun() override
    {
        const auto first = MarksWithStream(7);
        const auto again = MarksWithStream(7);
        const auto other = MarksWithStream(8);
        NS_TEST_EXPECT_MSG_EQ((first == again), true, "equal");
        NS_TEST_EXPECT_MSG_EQ((first == other), false, "different");
    }

    /// @param stream Stream of random numbers. @return which frames of a burst are marked.
    std::vector<bool> MarksWithStream(int64_t stream)
    {
        SwitchTestbed testbed({FAST, CRAWL});
        testbed.device->SetAttribute("EcnMinimum", UintegerValue(1));
        testbed.device->SetAttribute("EcnMaximum", UintegerValue(200 * FRAME_BYTES));
        testbed.device->SetAttribute("EcnProbability", DoubleValue(1));
        NS_TEST_EXPECT_MSG_EQ(testbed.device->AssignStreams(stream), 1, "one stream");
        SendBurst(testbed, 200);
        Simulator::Run();
        std::vector<bool> marks;
        for (const auto& arrival : testbed.ArrivalsAt(1))
        {
            marks.push_back(arrival.marked);
        }
        Simulator::Destroy();
        return marks;
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-packet-switch-ecn.
 */
class PacketSwitchEcnTestSuite : public TestSuite
{
  public:
    PacketSwitchEcnTestSuite()
        : TestSuite("mixnet-packet-switch-ecn", TestSuite::Type::UNIT)
    {
        // 18 frames of 20 have 18 to 1 behind them, two have none.
        AddTestCase(new SwitchMarkStepTestCase(1, 18));
        AddTestCase(new SwitchMarkStepTestCase(FRAME_BYTES - 1, 18));
        AddTestCase(new SwitchMarkStepTestCase(FRAME_BYTES, 17));
        AddTestCase(new SwitchMarkStepTestCase(10 * FRAME_BYTES, 8));
        AddTestCase(new SwitchMarkStepTestCase(18 * FRAME_BYTES - 1, 1));
        AddTestCase(new SwitchMarkStepTestCase(18 * FRAME_BYTES, 0));
        AddTestCase(new SwitchNoMarkTestCase(false, EcnCodepoint::Capable));
        AddTestCase(new SwitchNoMarkTestCase(true, EcnCodepoint::NotCapable));
        AddTestCase(new SwitchNoMarkTestCase(true, EcnCodepoint::Experienced));
        AddTestCase(new SwitchMarkProbabilityTestCase(0));
        AddTestCase(new SwitchMarkProbabilityTestCase(0.2));
        AddTestCase(new SwitchMarkProbabilityTestCase(1));
        AddTestCase(new SwitchMarkLimitsTestCase(SLOW, 400'000, 1'600'000));
        AddTestCase(new SwitchMarkLimitsTestCase(2 * SLOW, 565'685, 2'262'742)); // root of 2
        AddTestCase(new SwitchMarkLimitsTestCase(FAST, 800'000, 3'200'000));
        AddTestCase(new SwitchMarkStreamTestCase);
    }
};

static PacketSwitchEcnTestSuite g_packetSwitchEcnTestSuite; //!< the suite

} // namespace tests
