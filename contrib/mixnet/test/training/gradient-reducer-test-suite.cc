/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "gradient-reducer-test-case.h"

#include <stdexcept>
#include <string>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief An all-reduce begins when the one before it has ended; both end.
 */
class GradientReducerSequenceTestCase : public GradientReducerTestCase
{
  public:
    /// @param setup The hosts.
    explicit GradientReducerSequenceTestCase(const ReducerSetup& setup)
        : GradientReducerTestCase("Two all-reduces at once go one after the other: " + setup.Name(),
                                  setup)
    {
    }

  private:
    void DoRun() override
    {
        MakeHosts();
        AllJoinAt(Start(), PhaseKind::ExpertReduce);
        AllJoinAt(Start(), PhaseKind::SharedReduce);
        Simulator::Schedule(Start(), [this] {
            NS_TEST_EXPECT_MSG_EQ(m_reducers[0]->GetOpen(), 2, "both are open");
        });
        Simulator::Run();
        CheckThrough(PhaseKind::ExpertReduce);
        CheckThrough(PhaseKind::SharedReduce);
        const ReduceTime first(m_setup, PhaseKind::ExpertReduce);
        const ReduceTime second(m_setup, PhaseKind::SharedReduce);
        CheckTime(LastEnd(PhaseKind::ExpertReduce) - Start(), first.All(), first.Slack(), "first");
        CheckTime(LastEnd(PhaseKind::SharedReduce) - Start(),
                  first.All() + second.All(),
                  first.Slack() + second.Slack(),
                  "both");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Nobody has the sums before the last rank has joined.
 */
class GradientReducerLateTestCase : public GradientReducerTestCase
{
  public:
    /// @param setup The hosts. @param host The one that is late.
    GradientReducerLateTestCase(const ReducerSetup& setup, uint32_t host)
        : GradientReducerTestCase("A rank of host " + std::to_string(host) +
                                      " that joins late delays all: " + setup.Name(),
                                  setup),
          m_late(host)
    {
    }

  private:
    void DoRun() override
    {
        constexpr auto KIND = PhaseKind::SharedReduce;
        const Time late = MilliSeconds(3);
        MakeHosts();
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            JoinAt(Start(), host, m_setup.Ranks() - (host == m_late ? 1 : 0), KIND);
        }
        JoinAt(late, m_late, 1, KIND);
        Simulator::Run();
        CheckThrough(KIND);
        // A step that leaves it goes on from host to host, as if all had been late; what has come
        // to it before is sent behind that, as fast as the line is without the bytes around
        // payload.
        const ReduceTime time(m_setup, KIND);
        const Time around = time.Rings() * int64_t{LineTimes::OVERHEAD} / int64_t{4096};
        CheckTime(LastEnd(KIND) - late, time.All(), time.Slack() + around, "the last");
        for (const auto& end : EndsOf(KIND))
        {
            NS_TEST_EXPECT_MSG_GT(end, late + time.Inside() * int64_t{2}, "nobody before it");
        }
    }

    uint32_t m_late; //!< the host that is late
};

/**
 * @ingroup mixnet-tests
 * @brief Gradients without bytes, and few of them, end as well.
 */
class GradientReducerFewBytesTestCase : public GradientReducerTestCase
{
  public:
    /// @param setup The hosts.
    explicit GradientReducerFewBytesTestCase(const ReducerSetup& setup)
        : GradientReducerTestCase("Sums of few bytes wait for all hosts, of none for nobody: " +
                                      setup.Name(),
                                  setup)
    {
    }

  private:
    void DoRun() override
    {
        constexpr auto KIND = PhaseKind::ExpertReduce;
        const Time late = MicroSeconds(100);
        MakeHosts();
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            JoinAt(host == 0 ? late : Start(), host, m_setup.Ranks(), KIND);
        }
        Simulator::Run();
        CheckThrough(KIND);
        for (uint32_t host = 1; host < m_setup.Hosts(); ++host)
        {
            for (const auto& end : m_ends[{KIND, host}])
            {
                if (m_setup.bytes == 0)
                {
                    NS_TEST_EXPECT_MSG_EQ(end, Start(), "at its instant");
                }
                else if (host == 1)
                {
                    NS_TEST_EXPECT_MSG_GT(end, late, "after the host before it");
                }
            }
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A host without a signal and without another route ends the simulation with one line.
 */
class GradientReducerCutTestCase : public GradientReducerTestCase
{
  public:
    /// @param fidelity How messages are carried.
    explicit GradientReducerCutTestCase(Fidelity fidelity)
        : GradientReducerTestCase(
              std::string("An all-reduce over a cut fibre ends in a stated error: ") +
                  ToString(fidelity),
              SetupOf(fidelity))
    {
    }

  private:
    /// @param fidelity How messages are carried. @return three hosts.
    static ReducerSetup SetupOf(Fidelity fidelity)
    {
        ReducerSetup setup;
        setup.fidelity = fidelity;
        setup.replicas = 3;
        setup.bytes = 3 << 20;
        return setup;
    }

    void DoRun() override
    {
        MakeHosts();
        Simulator::Schedule(Start(), &Fibre::Cut, m_fabric.fibres.front());
        AllJoinAt(Start() + MicroSeconds(3), PhaseKind::SharedReduce);
        std::string error;
        try
        {
            Simulator::Run();
        }
        catch (const std::runtime_error& thrown)
        {
            error = thrown.what();
        }
        NS_TEST_EXPECT_MSG_EQ(error.find("in sharedReduce, "), 0, "said '" << error << "'");
        NS_TEST_EXPECT_MSG_NE(error.find("and there is no other route"),
                              std::string::npos,
                              "said '" << error << "'");
        uint64_t failed = 0;
        size_t told = 0;
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            NS_TEST_EXPECT_MSG_EQ(m_reducers[host]->GetOpen(), 1, "stays open");
            failed += m_engines[host]->GetFailedMessages();
            told += m_ends[{PhaseKind::SharedReduce, host}].size();
        }
        NS_TEST_EXPECT_MSG_EQ(failed, 1, "the first that failed ended it");
        NS_TEST_EXPECT_MSG_EQ(told, 0, "nobody was told");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief More ranks than the host has are refused.
 */
class GradientReducerAbortTestCase : public GradientReducerTestCase
{
  public:
    GradientReducerAbortTestCase()
        : GradientReducerTestCase("A rank too many is refused", ReducerSetup())
    {
    }

  private:
    void DoRun() override
    {
        const auto message = AbortMessageOf([this] {
            MakeHosts();
            JoinAt(Start(), 1, 2, PhaseKind::SharedReduce);
            Simulator::Run();
        });
        NS_TEST_EXPECT_MSG_NE(message.find("more ranks than the 1 of host 1 join an all-reduce"),
                              std::string::npos,
                              message);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief When ranks are told of sums, and when they are not.
 */
class GradientReducerTestSuite : public TestSuite
{
  public:
    GradientReducerTestSuite()
        : TestSuite("mixnet-gradient-reducer", Type::SYSTEM)
    {
        for (const bool optical : {false, true})
        {
            for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
            {
                AddFabric(optical, fidelity);
            }
        }
        AddTestCase(new GradientReducerCutTestCase(Fidelity::Packet));
        AddTestCase(new GradientReducerCutTestCase(Fidelity::Flow));
        AddTestCase(new GradientReducerAbortTestCase);
    }

  private:
    /// @param optical Which fabric. @param fidelity How messages are carried. @brief Adds cases.
    void AddFabric(bool optical, Fidelity fidelity)
    {
        AddTestCase(new GradientReducerSequenceTestCase({optical, fidelity, 8, 2, 2, EVEN_BYTES}));
        AddTestCase(new GradientReducerSequenceTestCase({optical, fidelity, 4, 2, 3, EVEN_BYTES}));
        AddTestCase(new GradientReducerLateTestCase({optical, fidelity, 8, 1, 4, EVEN_BYTES}, 0));
        AddTestCase(new GradientReducerLateTestCase({optical, fidelity, 4, 2, 3, EVEN_BYTES}, 2));
        // Steps of six chunks: more than are in flight at once.
        AddTestCase(new GradientReducerLateTestCase(
            {optical, fidelity, 8, 1, 3, (optical ? 2 : 8) * 3 * 6 * CHUNK},
            1));
        AddTestCase(new GradientReducerFewBytesTestCase({optical, fidelity, 8, 1, 3, 0}));
        AddTestCase(new GradientReducerFewBytesTestCase({optical, fidelity, 8, 1, 3, 8}));
        AddTestCase(new GradientReducerFewBytesTestCase({optical, fidelity, 8, 1, 5, 1}));
    }
};

static GradientReducerTestSuite g_gradientReducerTestSuite; //!< the suite

} // namespace tests
