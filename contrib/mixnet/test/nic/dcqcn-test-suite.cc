/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "dcqcn-test-case.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace tests
{

namespace
{

constexpr double G = 1.0 / 256; //!< gain, the attribute's default
constexpr double ALPHA_US = 55; //!< AlphaInterval, likewise
constexpr double FLOOR = 100e6; //!< MinimumRate, likewise, b/s

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
 * @brief The rate of Dcqcn, its cuts and what it costs.
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
        AddTestCase(new DcqcnFloorTestCase);
        AddTestCase(new DcqcnDecreaseIntervalTestCase);
        for (const int idleUs : {0, 10, 1000, 1000000})
        {
            AddTestCase(new DcqcnIdleTestCase(idleUs));
        }
        AddTestCase(new DcqcnEventsTestCase);
        AddTestCase(new DcqcnRefusalTestCase);
    }
};

DcqcnTestSuite g_dcqcnTestSuite; //!< the suite

} // namespace

} // namespace tests
