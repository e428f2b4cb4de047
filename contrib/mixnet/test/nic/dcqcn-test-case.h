/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef DCQCN_TEST_CASE_H
#define DCQCN_TEST_CASE_H

#include "../testbed/mixnet-test-case.h"
#include "../testbed/test-line.h"

#include "ns3/dcqcn.h"
#include "ns3/object-factory.h"

#include <cmath>
#include <string>

namespace tests
{

using namespace ns3;
using namespace ns3::mixnet;

static constexpr double STAGE_US = 55;        //!< IncreaseInterval, the attribute's default
static constexpr uint64_t WINDOW = 1'000'000; //!< window of paths, bytes
static constexpr double ROUNDING = 2;         //!< rates are whole bits per second

/**
 * @ingroup mixnet-tests
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

    /// @param us When, microseconds. @brief A CNP comes.
    void NotifyAt(double us)
    {
        At(us, [this] { m_control->HandleCongestionNotification(); });
    }

    /// @param us When, microseconds. @param bytes Size of frames that leave, together.
    void SendAt(double us, uint64_t bytes)
    {
        At(us, [this, bytes] { m_control->HandleSent(bytes); });
    }

    /// @param rate What the rate must be now, b/s. @param what Why.
    void ExpectRate(double rate, const std::string& what)
    {
        NS_TEST_EXPECT_MSG_EQ_TOL(static_cast<double>(m_control->GetRate().GetBitRate()),
                                  rate,
                                  ROUNDING,
                                  what);
    }

    /// @param us When, microseconds. @param rate What the rate must be, b/s. @param what Why.
    void ExpectRateAt(double us, double rate, const std::string& what)
    {
        At(us, [this, rate, what] { ExpectRate(rate, what); });
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

} // namespace tests

#endif // DCQCN_TEST_CASE_H
