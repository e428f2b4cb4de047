/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/test-bottleneck.h"
#include "../testbed/test-line.h"

#include "ns3/config.h"
#include "ns3/swift.h"

#include <cmath>
#include <string>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

constexpr uint64_t WINDOW_FRAMES = 100; //!< window of the path, frames
constexpr double BETA = 0.8;            //!< Beta, the attribute's default
constexpr double MAX_DECREASE = 0.5;    //!< MaxDecrease, likewise
constexpr double RANGE = 5;             //!< FlowScalingRange, likewise, base targets
constexpr double LEAST = 0.1;           //!< FlowScalingLeast, likewise, frames
constexpr double MOST = 100;            //!< FlowScalingMost, likewise, frames
constexpr double EXACT = 1e-9;          //!< tolerance of windows, frames

/// @return round trip of the path.
Time
RoundTrip()
{
    return MicroSeconds(10);
}

/**
 * @brief Swift without a queue pair: told by the test what happens, and when.
 */
class SwiftTestCase : public MixnetTestCase
{
  protected:
    /// @param name The promise.
    explicit SwiftTestCase(const std::string& name)
        : MixnetTestCase(name)
    {
        m_factory.SetTypeId("ns3::mixnet::Swift");
    }

    /// @return a new one that has started.
    Ptr<Swift> Make()
    {
        auto control = m_factory.Create<Swift>();
        control->Start({DataRate(RATE), WINDOW_FRAMES * MTU, RoundTrip(), MTU, MTU + 82},
                       Callback<void>());
        return control;
    }

    /// @brief The target is a fixed one from now on. @return it.
    Time FixTarget()
    {
        m_factory.Set("BaseTarget", TimeValue(MicroSeconds(20)));
        m_factory.Set("FlowScalingRange", DoubleValue(0));
        return MicroSeconds(20);
    }

    /// @param us When, microseconds. @param action What then.
    template <class Action>
    void At(int64_t us, Action action)
    {
        Simulator::Schedule(MicroSeconds(us), action);
    }

    /// @param control One. @param frames Window it must have. @param what Why.
    void ExpectFrames(const Ptr<Swift>& control, double frames, const std::string& what)
    {
        NS_TEST_EXPECT_MSG_EQ_TOL(control->GetFrames(), frames, EXACT, what);
    }

    ObjectFactory m_factory; //!< makes Swift
};

/**
 * @ingroup mixnet-tests
 * @brief How it starts.
 */
class SwiftStartTestCase : public SwiftTestCase
{
  public:
    SwiftStartTestCase()
        : SwiftTestCase("It starts with the path's window at the line rate, and is not marked")
    {
    }

  private:
    void DoRun() override
    {
        const auto control = Make();
        NS_TEST_EXPECT_MSG_EQ(control->GetWindow(), WINDOW_FRAMES * MTU, "window");
        NS_TEST_EXPECT_MSG_EQ(control->GetLargestWindow(), WINDOW_FRAMES * MTU, "largest");
        NS_TEST_EXPECT_MSG_EQ(control->IsPaced(), false, "line rate");
        NS_TEST_EXPECT_MSG_EQ(control->IsEcnCapable(), false, "ECN");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What the target is made of.
 */
class SwiftTargetTestCase : public SwiftTestCase
{
  public:
    SwiftTargetTestCase()
        : SwiftTestCase("The target is the path's round trip and its window on the line, or as "
                        "given, and what hops and flow scaling add")
    {
    }

  private:
    void DoRun() override
    {
        // The first window has 100 frames: nothing of flow scaling.
        const LineTimes line{RATE, MTU};
        const Time base = RoundTrip() + line.Of(WINDOW_FRAMES * MTU);
        NS_TEST_EXPECT_MSG_EQ(Make()->GetTarget(), base, "default");
        m_factory.Set("HopTarget", TimeValue(NanoSeconds(700)));
        m_factory.Set("Hops", UintegerValue(5));
        NS_TEST_EXPECT_MSG_EQ(Make()->GetTarget(), base + NanoSeconds(3500), "hops");
        m_factory.Set("BaseTarget", TimeValue(MicroSeconds(20)));
        const Time given = MicroSeconds(20) + NanoSeconds(3500);
        NS_TEST_EXPECT_MSG_EQ(Make()->GetTarget(), given, "given");

        // Halved once per round trip down to the smallest window.
        const double most = 1 / std::sqrt(MOST);
        const double slope = RANGE * 20e6 / (1 / std::sqrt(LEAST) - most);
        auto control = Make();
        for (int n = 0; n < 20; ++n)
        {
            At(100 * n, [this, control, given, most, slope] {
                const double frames = control->GetFrames();
                const double added =
                    std::clamp(slope * (1 / std::sqrt(frames) - most), 0.0, RANGE * 20e6);
                NS_TEST_EXPECT_MSG_EQ_TOL((control->GetTarget() - given).GetPicoSeconds() * 1.0,
                                          added,
                                          1.5,
                                          frames << " frames");
                control->HandleLoss(false);
            });
        }
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(control->GetTarget(), given + MicroSeconds(100), "all of the range");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Growth below the target.
 */
class SwiftIncreaseTestCase : public SwiftTestCase
{
  public:
    /// @param interval Frames that one acknowledgement stands for.
    explicit SwiftIncreaseTestCase(int interval)
        : SwiftTestCase("Below the target a window grows by one frame per round trip, with an "
                        "acknowledgement for every " +
                        std::to_string(interval) + " frames"),
          m_interval(interval)
    {
    }

  private:
    void DoRun() override
    {
        const Time target = FixTarget();
        auto control = Make();
        control->HandleLoss(false);
        double expected = WINDOW_FRAMES * (1 - MAX_DECREASE);
        ExpectFrames(control, expected, "half");
        const double before = expected;
        for (int acknowledged = 0; acknowledged < before; acknowledged += m_interval)
        {
            expected += m_interval / expected;
            control->HandleAcknowledgement(m_interval * MTU, target - PicoSeconds(1));
            ExpectFrames(control, expected, "after an acknowledgement");
        }
        // Each frame adds 1 / W or a little less: W / (W + 1) to 1 in all, and one part too many
        // where the interval does not divide the window.
        NS_TEST_EXPECT_MSG_GT(expected - before, before / (before + 1), "one frame");
        NS_TEST_EXPECT_MSG_LT(expected - before, (before + m_interval) / before, "one frame");
        control->HandleAcknowledgement(0, target - PicoSeconds(1));
        ExpectFrames(control, expected, "an acknowledgement of nothing new adds nothing");
        control->HandleAcknowledgement(1'000'000'000, target - PicoSeconds(1));
        ExpectFrames(control, WINDOW_FRAMES, "not above the largest window");
    }

    int m_interval; //!< frames that one acknowledgement stands for
};

/**
 * @ingroup mixnet-tests
 * @brief Decrease above the target.
 */
class SwiftDecreaseTestCase : public SwiftTestCase
{
  public:
    SwiftDecreaseTestCase()
        : SwiftTestCase("From the target on the window shrinks by 0.8 of the excess, by half at "
                        "most")
    {
    }

  private:
    void DoRun() override
    {
        FixTarget(); // of 20 us
        for (const int us : {20, 21, 25, 40, 53, 54, 1000})
        {
            auto control = Make();
            const double part = (us - 20.0) / us;
            control->HandleAcknowledgement(16 * MTU, MicroSeconds(us));
            ExpectFrames(control,
                         WINDOW_FRAMES * (1 - std::min(BETA * part, MAX_DECREASE)),
                         std::to_string(us) + " us");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief One decrease per round trip.
 */
class SwiftOncePerRoundTripTestCase : public SwiftTestCase
{
  public:
    SwiftOncePerRoundTripTestCase()
        : SwiftTestCase("The window shrinks once per round trip, for delay and loss together")
    {
    }

  private:
    void DoRun() override
    {
        FixTarget();
        auto control = Make();
        const auto late = [control] { control->HandleAcknowledgement(0, MicroSeconds(40)); };
        const double factor = 1 - BETA * 0.5;
        const auto expect = [this, control, factor](int times, const std::string& what) {
            const double frames = WINDOW_FRAMES * std::pow(factor, times);
            return [this, control, frames, what] { ExpectFrames(control, frames, what); };
        };
        At(100, late);
        At(100, expect(1, "first"));
        At(101, late);
        At(139, late);
        At(139, [control] { control->HandleLoss(false); });
        At(139, expect(1, "within 40 us"));
        At(140, late);
        At(140, expect(2, "after 40 us"));
        // An acknowledgement that may not shrink it does not put the next decrease off.
        At(179, late);
        At(180, late);
        At(180, expect(3, "40 us after the last decrease"));
        Simulator::Run();
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Losses.
 */
class SwiftLossTestCase : public SwiftTestCase
{
  public:
    SwiftLossTestCase()
        : SwiftTestCase("A loss halves the window; five timeouts in a row leave the smallest; an "
                        "acknowledgement ends the row")
    {
    }

  private:
    void DoRun() override
    {
        FixTarget();
        auto control = Make();
        const auto timeout = [control] { control->HandleLoss(true); };
        for (int n = 1; n <= 4; ++n)
        {
            At(100 * n, timeout);
            At(100 * n, [this, control, n] {
                ExpectFrames(control, WINDOW_FRAMES * std::pow(0.5, n), "timeout");
            });
        }
        At(450, [control] { control->HandleAcknowledgement(0, MicroSeconds(20)); });
        for (int n = 5; n <= 8; ++n)
        {
            At(100 * n, timeout);
        }
        At(800, [this, control] {
            ExpectFrames(control, WINDOW_FRAMES * std::pow(0.5, 8), "a new row");
        });
        At(801, timeout);
        At(801, [this, control] {
            ExpectFrames(control, 0.001, "the fifth, within a round trip even");
        });
        Simulator::Run();
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Windows below a frame.
 */
class SwiftPacingTestCase : public SwiftTestCase
{
  public:
    SwiftPacingTestCase()
        : SwiftTestCase("A window below one frame is one frame and a pace of window per round "
                        "trip; it grows by one frame per frame")
    {
    }

  private:
    void DoRun() override
    {
        FixTarget();
        auto control = Make();
        // 100 frames halved 7 times: 0.78 frames.
        for (int n = 1; n <= 7; ++n)
        {
            At(100 * n, [control] { control->HandleAcknowledgement(MTU, MicroSeconds(60)); });
            At(100 * n, [this, control, n] {
                NS_TEST_EXPECT_MSG_EQ(control->IsPaced(), (n == 7), "paced below one frame");
            });
        }
        At(701, [this, control] {
            const double frames = WINDOW_FRAMES / 128.0;
            ExpectFrames(control, frames, "window");
            NS_TEST_EXPECT_MSG_EQ(control->GetWindow(), MTU, "one frame");
            NS_TEST_EXPECT_MSG_EQ_TOL(control->GetRate().GetBitRate() * 1.0,
                                      frames * (MTU + 82) * 8 / 60e-6,
                                      1,
                                      "pace");
            control->HandleAcknowledgement(MTU, MicroSeconds(10));
            ExpectFrames(control, frames + 1, "grown");
            NS_TEST_EXPECT_MSG_EQ(control->IsPaced(), false, "no pace any more");
        });
        Simulator::Run();
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Attributes that make no sense.
 */
class SwiftRefusalTestCase : public SwiftTestCase
{
  public:
    SwiftRefusalTestCase()
        : SwiftTestCase("Flow scaling that ends before it begins is refused by name")
    {
    }

  private:
    void DoRun() override
    {
        m_factory.Set("FlowScalingLeast", DoubleValue(100));
        const auto message = AbortMessageOf([&] { Make(); });
        NS_TEST_EXPECT_MSG_NE(message.find("Swift attribute FlowScalingLeast is 100"),
                              std::string::npos,
                              message);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Senders share a bottleneck, with a queue of the target's length.
 */
class SwiftSharingTestCase : public MixnetTestCase
{
  public:
    /// @param senders How many. @param targetUs Base target, microseconds.
    SwiftSharingTestCase(uint32_t senders, int targetUs)
        : MixnetTestCase(std::to_string(senders) + " flows with a base target of " +
                         std::to_string(targetUs) +
                         " us get equal shares of a line that is in use, wait as long as the "
                         "target says, and leave the line to the first at the end"),
          m_senders(senders),
          m_targetUs(targetUs)
    {
    }

  private:
    void DoRun() override
    {
        const LineTimes line{RATE, MTU};
        NicNetwork network;
        network.SetNic("CongestionControl", StringValue("ns3::mixnet::Swift"));
        network.SetNic("Window", UintegerValue(WINDOW_FRAMES * MTU));
        Config::SetDefault("ns3::mixnet::Swift::BaseTarget", TimeValue(MicroSeconds(m_targetUs)));
        BottleneckNetwork bottleneck(network, m_senders, line, MicroSeconds(1), std::nullopt);
        const Time second = MilliSeconds(1);
        const Time together = MilliSeconds(6);
        const Time alone = MilliSeconds(10);
        const Time end = MilliSeconds(13);
        bottleneck.Flow(MicroSeconds(10), 0, end);
        for (uint32_t sender = 1; sender < m_senders; ++sender)
        {
            bottleneck.Flow(second, sender, alone);
        }
        Time target(0);
        Simulator::Schedule(alone - MicroSeconds(1), [&] {
            target = DynamicCast<Swift>(bottleneck.Sender(0).GetCongestionControl())->GetTarget();
        });
        bottleneck.Run();
        Config::Reset();

        NS_TEST_EXPECT_MSG_GT(bottleneck.Share(0, second / 2, second), 0.99, "alone at first");
        double sum = 0;
        for (uint32_t sender = 0; sender < m_senders; ++sender)
        {
            const double share = bottleneck.Share(sender, together, alone);
            NS_TEST_EXPECT_MSG_EQ_TOL(share, 1.0 / m_senders, 0.1 / m_senders, "equal shares");
            sum += share;
        }
        NS_TEST_EXPECT_MSG_GT(sum, 0.97, "of a line that is in use");
        // Without a queue: two frames and two acknowledgements on lines, four delays.
        const Time idle = 2 * line.Full() + 2 * line.Ack() + MicroSeconds(4);
        const double wait = bottleneck.MeanQueue(together, alone) * 8 / RATE;
        NS_TEST_EXPECT_MSG_EQ_TOL((wait + idle.GetSeconds()) / target.GetSeconds(),
                                  1,
                                  0.2,
                                  "round trips near the target, " << target.As(Time::US));
        NS_TEST_EXPECT_MSG_GT(bottleneck.Share(0, end - MilliSeconds(1), end), 0.98, "alone");
        NS_TEST_EXPECT_MSG_EQ(network.nics[0]->GetRetransmittedFrames(), 0, "no repetitions");
    }

    uint32_t m_senders; //!< how many
    int m_targetUs;     //!< base target, microseconds
};

/**
 * @ingroup mixnet-tests
 * @brief The suite of Swift.
 */
class SwiftTestSuite : public TestSuite
{
  public:
    SwiftTestSuite()
        : TestSuite("mixnet-swift", TestSuite::Type::UNIT)
    {
        AddTestCase(new SwiftStartTestCase);
        AddTestCase(new SwiftTargetTestCase);
        AddTestCase(new SwiftIncreaseTestCase(1));
        AddTestCase(new SwiftIncreaseTestCase(16));
        AddTestCase(new SwiftDecreaseTestCase);
        AddTestCase(new SwiftOncePerRoundTripTestCase);
        AddTestCase(new SwiftLossTestCase);
        AddTestCase(new SwiftPacingTestCase);
        AddTestCase(new SwiftRefusalTestCase);
        AddTestCase(new SwiftSharingTestCase(2, 10));
        AddTestCase(new SwiftSharingTestCase(4, 12));
        AddTestCase(new SwiftSharingTestCase(16, 12));
    }
};

SwiftTestSuite g_swiftTestSuite; //!< registers the suite

} // namespace

} // namespace tests
