/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "test-bottleneck.h"

#include "ns3/dcqcn.h"

#include <cmath>
#include <string>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

constexpr double G = 1.0 / 256;              //!< gain, the attribute's default
constexpr double ALPHA_US = 55;              //!< AlphaInterval, likewise
constexpr double STAGE_US = 55;              //!< IncreaseInterval, likewise
constexpr uint64_t STAGE_BYTES = 10'000'000; //!< ByteCounter, likewise
constexpr int RECOVERY = 5;                  //!< RecoveryStages, likewise
constexpr double FLOOR = 100e6;              //!< MinimumRate, likewise, b/s
constexpr double REFERENCE = 40e9;           //!< StepReference, likewise, b/s
constexpr double ADDITIVE = 50e6;            //!< AdditiveIncrease, likewise, b/s
constexpr double HYPER = 100e6;              //!< HyperIncrease, likewise, b/s
constexpr uint64_t MTU = 4096;               //!< bytes
constexpr uint64_t WINDOW = 1'000'000;       //!< window of paths, bytes
constexpr double ROUNDING = 2;               //!< rates are whole bits per second

/**
 * @brief Dcqcn without a queue pair: told by the test what happens, and when.
 */
class DcqcnTestCase : public MixnetTestCase
{
  protected:
    /// @param name The promise. @param gbps Line rate, Gb/s.
    explicit DcqcnTestCase(const std::string& name, uint64_t gbps = 40)
        : MixnetTestCase(name),
          m_line(gbps * 1'000'000'000)
    {
        m_factory.SetTypeId("ns3::mixnet::Dcqcn");
    }

    /// @return a new one that has started.
    Ptr<Dcqcn> Make()
    {
        auto control = m_factory.Create<Dcqcn>();
        control->Start({DataRate(m_line), WINDOW, MicroSeconds(10), MTU, MTU + 82},
                       Callback<void>());
        return control;
    }

    /// @return the one under test, not idle.
    Ptr<Dcqcn> Start()
    {
        m_control = Make();
        m_control->HandleSent(0);
        return m_control;
    }

    /// @param us When, microseconds. @param count How many CNPs come at once.
    void NotifyAt(double us)
    {
        At(us, [this] { m_control->HandleCongestionNotification(); });
    }

    /// @param us When, microseconds. @param bytes Size of frames that leave, together.
    void SendAt(double us, uint64_t bytes)
    {
        At(us, [this, bytes] { m_control->HandleSent(bytes); });
    }

    /// @param us When, microseconds. @param rate What the rate must be, b/s. @param what Why.
    void ExpectRateAt(double us, double rate, const std::string& what)
    {
        At(us, [this, rate, what] {
            NS_TEST_EXPECT_MSG_EQ_TOL(static_cast<double>(m_control->GetRate().GetBitRate()),
                                      rate,
                                      ROUNDING,
                                      what);
        });
    }

    /// @param us When, microseconds. @param rate What the target must be. @param what Why.
    void ExpectTargetAt(double us, double rate, const std::string& what)
    {
        At(us, [this, rate, what] {
            NS_TEST_EXPECT_MSG_EQ_TOL(static_cast<double>(m_control->GetTargetRate().GetBitRate()),
                                      rate,
                                      ROUNDING,
                                      what);
        });
    }

    /// @param us When, microseconds. @param action What then.
    template <class Action>
    void At(double us, Action action)
    {
        Simulator::Schedule(PicoSeconds(std::llround(us * 1e6)), action);
    }

    ObjectFactory m_factory; //!< makes Dcqcn
    uint64_t m_line;         //!< line rate, b/s
    Ptr<Dcqcn> m_control;    //!< the one under test
};

/**
 * @ingroup mixnet-tests
 * @brief It starts as RDMA does.
 */
class DcqcnStartTestCase : public DcqcnTestCase
{
  public:
    DcqcnStartTestCase()
        : DcqcnTestCase("It starts at the line rate with a window of 8 paths, and may be marked")
    {
    }

  private:
    void DoRun() override
    {
        const auto control = Make();
        NS_TEST_EXPECT_MSG_EQ(control->IsPaced(), false, "line rate");
        NS_TEST_EXPECT_MSG_EQ(control->GetRate().GetBitRate(), m_line, "line rate");
        NS_TEST_EXPECT_MSG_EQ(control->GetWindow(), 8 * WINDOW, "window");
        NS_TEST_EXPECT_MSG_EQ(control->GetLargestWindow(), 8 * WINDOW, "largest window");
        NS_TEST_EXPECT_MSG_EQ(control->IsEcnCapable(), true, "ECN");
        NS_TEST_EXPECT_MSG_EQ(control->GetAlpha(), 1, "alpha");
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(Simulator::Now(), Time(0), "no events");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The closed form of alpha and of the rate after n CNPs.
 */
class DcqcnCutTestCase : public DcqcnTestCase
{
  public:
    /// @param pauses Intervals of alpha between two CNPs.
    explicit DcqcnCutTestCase(int pauses)
        : DcqcnTestCase("CNPs with " + std::to_string(pauses) +
                        " alpha intervals between them leave the alpha and the rate of the closed "
                        "form"),
          m_pauses(pauses)
    {
    }

  private:
    void DoRun() override
    {
        m_factory.Set("IncreaseInterval", TimeValue(Seconds(1)));
        Start();
        const double spacing = ALPHA_US * m_pauses + 20;
        // alpha(n+1) = q alpha(n) + g with q = (1 - g)^(pauses + 1), so that
        // alpha(n) = a + (1 - a) q^n with the fixed point a = g / (1 - q).
        const double falls = std::pow(1 - G, m_pauses);
        const double q = falls * (1 - G);
        const double a = G / (1 - q);
        double rate = m_line;
        double target = m_line;
        double alpha = 1;
        for (int n = 1; n <= 6; ++n)
        {
            const double at = n * spacing;
            NotifyAt(at);
            target = rate;
            rate *= 1 - (n == 1 ? 1 : falls) * alpha / 2;
            // The first CNP finds alpha at 1, however late it is.
            alpha = a + (1 - a) * std::pow(q, n - 1);
            At(at, [this, n, alpha] {
                NS_TEST_EXPECT_MSG_EQ_TOL(m_control->GetAlpha(), alpha, 1e-12, "alpha " << n);
            });
            ExpectRateAt(at, rate, "rate " + std::to_string(n));
            ExpectTargetAt(at, target, "target " + std::to_string(n));
        }
        Simulator::Stop(MilliSeconds(10));
        Simulator::Run();
    }

    int m_pauses; //!< intervals of alpha between two CNPs
};

/**
 * @ingroup mixnet-tests
 * @brief Without CNPs alpha falls at fixed instants.
 */
class DcqcnAlphaTestCase : public DcqcnTestCase
{
  public:
    DcqcnAlphaTestCase()
        : DcqcnTestCase("Without CNPs alpha falls to (1 - g)^n after n times 55 us, without events")
    {
    }

  private:
    void DoRun() override
    {
        m_factory.Set("IncreaseInterval", TimeValue(Seconds(1000)));
        Start();
        NotifyAt(10);
        for (const int n : {0, 1, 2, 3, 100, 10000})
        {
            const auto expect = [this, n] {
                NS_TEST_EXPECT_MSG_EQ_TOL(m_control->GetAlpha(), std::pow(1 - G, n), 1e-12, n);
            };
            At(10 + ALPHA_US * n, expect);
            At(10 + ALPHA_US * (n + 1) - 0.001, expect);
        }
        At(10 + ALPHA_US * 10001, [this] { m_control->HandleIdle(); });
        const auto before = Simulator::GetEventCount();
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(Simulator::GetEventCount() - before, 1 + 12 + 1 + 1, "no others");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Fast recovery.
 */
class DcqcnFastRecoveryTestCase : public DcqcnTestCase
{
  public:
    /// @param bytes Whether it is the byte counter that counts.
    explicit DcqcnFastRecoveryTestCase(bool bytes)
        : DcqcnTestCase(std::string("Each of the first 5 stages of the ") +
                        (bytes ? "byte counter" : "timer") + " halves the distance to the target"),
          m_bytes(bytes)
    {
    }

  private:
    void DoRun() override
    {
        if (m_bytes)
        {
            m_factory.Set("IncreaseInterval", TimeValue(Seconds(1)));
        }
        Start();
        NotifyAt(0);
        NotifyAt(10);
        // Two cuts with alpha at 1: target at half the line, rate at a quarter.
        const double target = m_line / 2.0;
        double distance = m_line / 4.0;
        for (int stage = 1; stage <= RECOVERY; ++stage)
        {
            const double at = 10 + STAGE_US * stage;
            if (m_bytes)
            {
                SendAt(at - 1, STAGE_BYTES - 1);
            }
            ExpectRateAt(at - 0.5, target - distance, "before stage " + std::to_string(stage));
            if (m_bytes)
            {
                SendAt(at, 1);
            }
            distance /= 2;
            ExpectRateAt(at + 0.5, target - distance, "after stage " + std::to_string(stage));
            ExpectTargetAt(at + 0.5, target, "the same target");
        }
        Simulator::Stop(MicroSeconds(300));
        Simulator::Run();
    }

    bool m_bytes; //!< whether it is the byte counter that counts
};

/**
 * @ingroup mixnet-tests
 * @brief Additive increase, with the published steps and with those of a faster line.
 */
class DcqcnAdditiveTestCase : public DcqcnTestCase
{
  public:
    /// @param gbps Line rate, Gb/s. @param scaled Whether steps grow with it.
    DcqcnAdditiveTestCase(uint64_t gbps, bool scaled)
        : DcqcnTestCase("After fast recovery each stage raises the target by " +
                            std::string(scaled ? "50 Mbps per 40 Gbps of a line of "
                                               : "50 Mbps on a line of ") +
                            std::to_string(gbps) + " Gbps",
                        gbps),
          m_scaled(scaled)
    {
    }

  private:
    void DoRun() override
    {
        if (!m_scaled)
        {
            m_factory.Set("StepReference", DataRateValue(DataRate(0)));
        }
        Start();
        NotifyAt(0);
        NotifyAt(10);
        const double step = m_scaled ? ADDITIVE * m_line / REFERENCE : ADDITIVE;
        double target = m_line / 2.0;
        double rate = m_line / 2.0 - m_line / 4.0 / (1 << RECOVERY);
        for (int stage = RECOVERY + 1; stage <= 4 * RECOVERY; ++stage)
        {
            target += step;
            rate = (rate + target) / 2;
            const double at = 10 + STAGE_US * stage + 0.5;
            ExpectTargetAt(at, target, "target in stage " + std::to_string(stage));
            ExpectRateAt(at, rate, "rate in stage " + std::to_string(stage));
        }
        Simulator::Stop(MilliSeconds(2));
        Simulator::Run();
    }

    bool m_scaled; //!< whether steps grow with the line
};

/**
 * @ingroup mixnet-tests
 * @brief Hyper increase needs both kinds of stages.
 */
class DcqcnHyperTestCase : public DcqcnTestCase
{
  public:
    DcqcnHyperTestCase()
        : DcqcnTestCase("Stages are hyper from when timer and byte counter both have had more "
                        "than 5")
    {
    }

  private:
    void DoRun() override
    {
        Start();
        NotifyAt(0);
        NotifyAt(10);
        // Between two stages of the timer comes one of the byte counter, so that the n-th pair of
        // stages is: timer with n and n - 1 stages behind it, byte counter with n and n.
        double target = m_line / 2.0;
        for (int n = 1; n <= 2 * RECOVERY; ++n)
        {
            const double timer = 10 + STAGE_US * n;
            target += n <= RECOVERY ? 0 : (n - 1 > RECOVERY ? HYPER : ADDITIVE);
            ExpectTargetAt(timer + 0.5, target, "timer " + std::to_string(n));
            SendAt(timer + 1, STAGE_BYTES);
            target += n <= RECOVERY ? 0 : HYPER;
            ExpectTargetAt(timer + 1.5, target, "byte counter " + std::to_string(n));
        }
        Simulator::Stop(MilliSeconds(1));
        Simulator::Run();
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A CNP begins everything anew.
 */
class DcqcnRestartTestCase : public DcqcnTestCase
{
  public:
    DcqcnRestartTestCase()
        : DcqcnTestCase("A CNP starts timer, byte counter and fast recovery anew")
    {
    }

  private:
    void DoRun() override
    {
        Start();
        NotifyAt(0);
        NotifyAt(10);
        // Additive by now; 50 us into an interval of the timer and one byte before a stage.
        SendAt(10 + STAGE_US * 8 + 49, STAGE_BYTES - 1);
        At(10 + STAGE_US * 8 + 50, [this] {
            const auto before = static_cast<double>(m_control->GetRate().GetBitRate());
            const double after = before * (1 - m_control->GetAlpha() / 2);
            m_control->HandleCongestionNotification();
            const double rates[] = {after, (after + before) / 2, (after + 3 * before) / 4};
            m_control->HandleSent(STAGE_BYTES - 1);
            At(STAGE_US - 0.5, [this, rates] {
                NS_TEST_EXPECT_MSG_EQ_TOL(m_control->GetRate().GetBitRate() * 1.0,
                                          rates[0],
                                          ROUNDING,
                                          "no stage yet, of either kind");
            });
            At(STAGE_US + 0.5, [this, rates] {
                NS_TEST_EXPECT_MSG_EQ_TOL(m_control->GetRate().GetBitRate() * 1.0,
                                          rates[1],
                                          ROUNDING,
                                          "first stage of the timer");
                m_control->HandleSent(1);
                NS_TEST_EXPECT_MSG_EQ_TOL(m_control->GetRate().GetBitRate() * 1.0,
                                          rates[2],
                                          ROUNDING,
                                          "first stage of the byte counter");
            });
            ExpectTargetAt(2 * STAGE_US, before, "target is the rate before the cut");
        });
        Simulator::Stop(MilliSeconds(1));
        Simulator::Run();
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The floor.
 */
class DcqcnFloorTestCase : public DcqcnTestCase
{
  public:
    DcqcnFloorTestCase()
        : DcqcnTestCase("However many CNPs come, the rate stays at 100 Mbps at least")
    {
    }

  private:
    void DoRun() override
    {
        Start();
        // 40 Gb/s halved 8 times is 156 Mb/s, 9 times would be 78 Mb/s.
        for (int n = 1; n <= 30; ++n)
        {
            NotifyAt(10 * n);
            ExpectRateAt(10 * n + 1, std::max(FLOOR, m_line / std::pow(2, n)), "rate");
        }
        Simulator::Stop(MicroSeconds(302));
        Simulator::Run();
    }
};

/**
 * @ingroup mixnet-tests
 * @brief CNPs in close succession count once.
 */
class DcqcnDecreaseIntervalTestCase : public DcqcnTestCase
{
  public:
    DcqcnDecreaseIntervalTestCase()
        : DcqcnTestCase("A CNP within 4 us of a cut counts for nothing, one after 4 us cuts again")
    {
    }

  private:
    void DoRun() override
    {
        Start();
        NotifyAt(0);
        NotifyAt(0);
        NotifyAt(2);
        NotifyAt(3.999);
        ExpectRateAt(3.9995, m_line / 2.0, "one cut");
        ExpectTargetAt(3.9995, m_line, "one cut");
        NotifyAt(4);
        ExpectRateAt(4.5, m_line / 4.0, "another");
        Simulator::Stop(MicroSeconds(5));
        Simulator::Run();
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The way back to the line ends there.
 */
class DcqcnRecoveryEndsTestCase : public DcqcnTestCase
{
  public:
    /// @param cuts CNPs before the way back. @param gbps Line rate, Gb/s.
    DcqcnRecoveryEndsTestCase(int cuts, uint64_t gbps)
        : DcqcnTestCase("After " + std::to_string(cuts) + " cuts on a line of " +
                            std::to_string(gbps) +
                            " Gbps the rate rises to the line's, not above, and the timer ends",
                        gbps),
          m_cuts(cuts)
    {
    }

  private:
    void DoRun() override
    {
        Start()->TraceConnectWithoutContext(
            "Change",
            MakeCallback(&DcqcnRecoveryEndsTestCase::HandleChange, this));
        for (int n = 1; n <= m_cuts; ++n)
        {
            NotifyAt(10 * n);
        }
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(m_highest, m_line, "exactly the line's rate");
        NS_TEST_EXPECT_MSG_EQ(m_falls, m_cuts, "falls by cuts only");
        NS_TEST_EXPECT_MSG_EQ(m_control->IsPaced(), false, "line rate");
        // From the target after the cuts by additive steps, and ten stages to close the distance.
        const double step = ADDITIVE * m_line / REFERENCE;
        const double target = m_line / std::pow(2, m_cuts - 1);
        const double stages = RECOVERY + (m_line - target) / step + 10;
        NS_TEST_EXPECT_MSG_LT(Simulator::Now().GetSeconds(),
                              (10 * m_cuts + STAGE_US * stages) * 1e-6,
                              "ends with the last stage");
    }

    /// @param window Window. @param rate Rate.
    void HandleChange(uint64_t /* window */, DataRate rate)
    {
        m_highest = std::max(m_highest, rate.GetBitRate());
        m_falls += rate.GetBitRate() < m_last ? 1 : 0;
        m_last = rate.GetBitRate();
    }

    int m_cuts;                  //!< CNPs before the way back
    int m_falls{0};              //!< changes to a lower rate
    uint64_t m_last{UINT64_MAX}; //!< rate before, b/s
    uint64_t m_highest{0};       //!< highest rate after a change, b/s
};

/**
 * @ingroup mixnet-tests
 * @brief An idle queue pair needs no timer.
 */
class DcqcnIdleTestCase : public DcqcnTestCase
{
  public:
    /// @param idleUs How long it has nothing to send, microseconds.
    explicit DcqcnIdleTestCase(int idleUs)
        : DcqcnTestCase("After " + std::to_string(idleUs) +
                        " us without messages or events the rate is what the timer would have "
                        "made of it"),
          m_idleUs(idleUs)
    {
    }

  private:
    void DoRun() override
    {
        Start();
        auto busy = Make();
        busy->HandleSent(0);
        for (const double at : {0, 10})
        {
            NotifyAt(at);
            At(at, [busy] { busy->HandleCongestionNotification(); });
        }
        At(70, [this] { m_control->HandleIdle(); });
        At(70 + m_idleUs, [this, busy] {
            m_control->HandleSent(MTU);
            busy->HandleSent(MTU);
            NS_TEST_EXPECT_MSG_EQ(m_control->GetRate(), busy->GetRate(), "rate");
            NS_TEST_EXPECT_MSG_EQ(m_control->GetTargetRate(), busy->GetTargetRate(), "target");
        });
        At(70 + m_idleUs + STAGE_US, [this, busy] {
            NS_TEST_EXPECT_MSG_EQ(m_control->GetRate(), busy->GetRate(), "and later");
            busy->HandleIdle();
            m_control->HandleIdle();
        });
        Simulator::Run();
        NS_TEST_EXPECT_MSG_LT(Simulator::Now(),
                              MicroSeconds(70 + m_idleUs + 2 * static_cast<int>(STAGE_US) + 1),
                              "idle ones leave no events but the last of the timer");
    }

    int m_idleUs; //!< how long it has nothing to send
};

/**
 * @ingroup mixnet-tests
 * @brief What it costs.
 */
class DcqcnEventsTestCase : public DcqcnTestCase
{
  public:
    DcqcnEventsTestCase()
        : DcqcnTestCase("It costs one event per timer interval, however many frames and CNPs")
    {
    }

  private:
    void DoRun() override
    {
        Start();
        for (int us = 0; us < 1000; ++us)
        {
            At(us, [this] {
                for (int i = 0; i < 100; ++i)
                {
                    m_control->HandleSent(MTU);
                    m_control->HandleCongestionNotification();
                }
            });
        }
        Simulator::Stop(MicroSeconds(1000));
        const auto before = Simulator::GetEventCount();
        Simulator::Run();
        const auto own = Simulator::GetEventCount() - before - 1000 - 1;
        NS_TEST_EXPECT_MSG_LT(own, 1000 / STAGE_US + 1, "events of its own");
        NS_TEST_EXPECT_MSG_EQ(m_control->IsPaced(), true, "it was at work");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Attributes that make no sense are refused.
 */
class DcqcnRefusalTestCase : public DcqcnTestCase
{
  public:
    DcqcnRefusalTestCase()
        : DcqcnTestCase("Intervals, steps and a floor of zero are refused by name")
    {
    }

  private:
    void DoRun() override
    {
        for (const std::string name : {"AlphaInterval", "IncreaseInterval"})
        {
            Refuse(name, TimeValue(Time(0)));
        }
        for (const std::string name : {"AdditiveIncrease", "HyperIncrease", "MinimumRate"})
        {
            Refuse(name, DataRateValue(DataRate(0)));
        }
    }

    /// @param name Attribute. @param value A value that makes no sense.
    void Refuse(const std::string& name, const AttributeValue& value)
    {
        const auto message = AbortMessageOf([&] {
            m_factory.Set(name, value);
            Make();
        });
        NS_TEST_EXPECT_MSG_NE(message.find("Dcqcn attribute " + name + " is 0"),
                              std::string::npos,
                              message);
    }
};

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
 * @brief The suite of Dcqcn.
 */
class DcqcnTestSuite : public TestSuite
{
  public:
    DcqcnTestSuite()
        : TestSuite("mixnet-dcqcn", TestSuite::Type::UNIT)
    {
        AddTestCase(new DcqcnStartTestCase);
        for (const int pauses : {0, 1, 7})
        {
            AddTestCase(new DcqcnCutTestCase(pauses));
        }
        AddTestCase(new DcqcnAlphaTestCase);
        AddTestCase(new DcqcnFastRecoveryTestCase(false));
        AddTestCase(new DcqcnFastRecoveryTestCase(true));
        AddTestCase(new DcqcnAdditiveTestCase(40, true));
        AddTestCase(new DcqcnAdditiveTestCase(400, true));
        AddTestCase(new DcqcnAdditiveTestCase(400, false));
        AddTestCase(new DcqcnHyperTestCase);
        AddTestCase(new DcqcnRestartTestCase);
        AddTestCase(new DcqcnFloorTestCase);
        AddTestCase(new DcqcnDecreaseIntervalTestCase);
        AddTestCase(new DcqcnRecoveryEndsTestCase(1, 40));
        AddTestCase(new DcqcnRecoveryEndsTestCase(3, 40));
        AddTestCase(new DcqcnRecoveryEndsTestCase(3, 400));
        for (const int idleUs : {0, 10, 1000, 1000000})
        {
            AddTestCase(new DcqcnIdleTestCase(idleUs));
        }
        AddTestCase(new DcqcnEventsTestCase);
        AddTestCase(new DcqcnRefusalTestCase);
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

DcqcnTestSuite g_dcqcnTestSuite; //!< the suite

} // namespace

} // namespace tests
