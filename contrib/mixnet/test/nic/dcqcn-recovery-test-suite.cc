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

constexpr uint64_t STAGE_BYTES = 10'000'000; //!< ByteCounter, the attribute's default
constexpr int RECOVERY = 5;                  //!< RecoveryStages, likewise
constexpr double REFERENCE = 40e9;           //!< StepReference, likewise, b/s
constexpr double ADDITIVE = 50e6;            //!< AdditiveIncrease, likewise, b/s
constexpr double HYPER = 100e6;              //!< HyperIncrease, likewise, b/s

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
            ExpectRateAt(STAGE_US - 0.5, rates[0], "no stage yet, of either kind");
            At(STAGE_US + 0.5, [this, rates] {
                ExpectRate(rates[1], "first stage of the timer");
                m_control->HandleSent(1);
                ExpectRate(rates[2], "first stage of the byte counter");
            });
            ExpectTargetAt(2 * STAGE_US, before, "target is the rate before the cut");
        });
        Simulator::Stop(MilliSeconds(1));
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

    /// @param rate Rate from now on.
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
 * @brief How the rate of Dcqcn comes back after a cut.
 */
class DcqcnRecoveryTestSuite : public TestSuite
{
  public:
    DcqcnRecoveryTestSuite()
        : TestSuite("mixnet-dcqcn-recovery", TestSuite::Type::UNIT)
    {
        AddTestCase(new DcqcnFastRecoveryTestCase(false));
        AddTestCase(new DcqcnFastRecoveryTestCase(true));
        AddTestCase(new DcqcnAdditiveTestCase(40, true));
        AddTestCase(new DcqcnAdditiveTestCase(400, true));
        AddTestCase(new DcqcnAdditiveTestCase(400, false));
        AddTestCase(new DcqcnHyperTestCase);
        AddTestCase(new DcqcnRestartTestCase);
        AddTestCase(new DcqcnRecoveryEndsTestCase(1, 40));
        AddTestCase(new DcqcnRecoveryEndsTestCase(3, 40));
        AddTestCase(new DcqcnRecoveryEndsTestCase(3, 400));
    }
};

DcqcnRecoveryTestSuite g_dcqcnRecoveryTestSuite; //!< the suite

} // namespace

} // namespace tests
