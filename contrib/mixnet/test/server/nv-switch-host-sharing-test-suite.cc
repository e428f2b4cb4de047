/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/host-testbed.h"

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief Equal transfers from one GPU, or to one, share its port evenly.
 */
class HostEvenShareTestCase : public HostTestCase
{
  public:
    /**
     * @param others Number of GPUs at the other side.
     * @param toOne Whether many send to one, not one to many.
     */
    HostEvenShareTestCase(uint32_t others, bool toOne)
        : HostTestCase(std::string(toOne ? "Many to one" : "One to many") +
                       " share a port evenly, " + std::to_string(others) + " transfers"),
          m_others(others),
          m_toOne(toOne)
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t bytes = 1'000'003;
        HostTestbed testbed(m_others + 1);
        for (uint32_t other = 1; other <= m_others; ++other)
        {
            testbed.BeginAt(MicroSeconds(1), m_toOne ? other : 0, m_toOne ? 0 : other, bytes);
        }
        Simulator::Run();
        for (uint32_t i = 0; i < m_others; ++i)
        {
            ExpectEnd(testbed,
                      i,
                      MicroSeconds(1) + TimeFor(bytes * m_others),
                      "bytes of all / rate of the port");
            NS_TEST_EXPECT_MSG_EQ(testbed.transfers[i].order, i, "ends in the order of begins");
        }
    }

    uint32_t m_others; //!< number of GPUs at the other side
    bool m_toOne;      //!< whether many send to one
};

/**
 * @ingroup mixnet-tests
 * @brief An all-to-all of G GPUs takes (G - 1) x bytes / rate: all ports are full both ways.
 */
class HostAllToAllTestCase : public HostTestCase
{
  public:
    /**
     * @param gpus GPUs of the server.
     */
    explicit HostAllToAllTestCase(uint32_t gpus)
        : HostTestCase("An all-to-all fills all ports both ways, GPUs: " + std::to_string(gpus)),
          m_gpus(gpus)
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t bytes = 7'340'033;
        HostTestbed testbed(m_gpus);
        for (uint32_t from = 0; from < m_gpus; ++from)
        {
            for (uint32_t to = 0; to < m_gpus; ++to)
            {
                if (from != to)
                {
                    testbed.BeginAt(MicroSeconds(1), from, to, bytes);
                }
            }
        }
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(testbed.ended, m_gpus * (m_gpus - 1), "transfers");
        for (size_t i = 0; i < testbed.transfers.size(); ++i)
        {
            ExpectEnd(testbed,
                      i,
                      MicroSeconds(1) + TimeFor(bytes * (m_gpus - 1)),
                      "(G - 1) x bytes / rate");
        }
    }

    uint32_t m_gpus; //!< GPUs of the server
};

/**
 * @ingroup mixnet-tests
 * @brief When a transfer ends, those that remain share what it leaves.
 *
 * 1, 2 and 3 parts from one GPU: three transfers for 1 part each, two for the next, then one: they
 * end after 3, 5 and 6 parts.
 */
class HostUnequalTransfersTestCase : public HostTestCase
{
  public:
    HostUnequalTransfersTestCase()
        : HostTestCase("Transfers of 1, 2 and 3 parts from one GPU end after 3, 5 and 6 parts")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t part = 4'500'000;
        HostTestbed testbed(4);
        testbed.Begin(0, 1, 3 * part);
        testbed.Begin(0, 2, 1 * part);
        testbed.Begin(0, 3, 2 * part);
        Simulator::Run();
        ExpectEnd(testbed, 0, TimeFor(6 * part), "all bytes");
        ExpectEnd(testbed, 1, TimeFor(3 * part), "its part and as much of the two others");
        ExpectEnd(testbed, 2, TimeFor(5 * part), "1 + 2 + 2 parts");
        NS_TEST_EXPECT_MSG_EQ(testbed.transfers[1].order, 0, "the smallest ends first");
        NS_TEST_EXPECT_MSG_EQ(testbed.transfers[2].order, 1, "then the middle one");
        NS_TEST_EXPECT_MSG_EQ(testbed.transfers[0].order, 2, "the largest last");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Sharing is max-min fair: what a transfer cannot use elsewhere goes to its neighbours.
 *
 * Port in of GPU 2 carries 0-2, 3-2 and 4-2: a third each. Of port out of GPU 0, transfer 0-2 uses
 * that third, so 0-1 has two thirds.
 */
class HostMaxMinTestCase : public HostTestCase
{
  public:
    HostMaxMinTestCase()
        : HostTestCase("A transfer held back at one port leaves the rest of its other port")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t bytes = 9'000'000;
        HostTestbed testbed(5);
        testbed.Begin(0, 1, bytes);
        testbed.Begin(0, 2, bytes);
        testbed.Begin(3, 2, bytes);
        testbed.Begin(4, 2, bytes);
        Simulator::Run();
        ExpectEnd(testbed, 0, TimeFor(bytes * 3 / 2), "bytes / (2/3 rate)");
        for (const size_t number : {1, 2, 3})
        {
            ExpectEnd(testbed, number, TimeFor(bytes * 3), "bytes / (1/3 rate)");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Ports are full duplex and of their own: opposite and disjoint transfers do not meet.
 */
class HostIndependentTransfersTestCase : public HostTestCase
{
  public:
    HostIndependentTransfersTestCase()
        : HostTestCase("Opposite and disjoint transfers run at full rate side by side")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t bytes = 1'000'000;
        HostTestbed testbed(6);
        testbed.Begin(0, 1, bytes);
        testbed.Begin(1, 0, bytes);
        testbed.Begin(2, 3, bytes);
        testbed.Begin(3, 5, bytes);
        Simulator::Run();
        for (size_t i = 0; i < 4; ++i)
        {
            ExpectEnd(testbed, i, TimeFor(bytes), "bytes / rate");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A transfer costs what it shares ports with, not all that is in flight.
 *
 * Three long transfers cross two ports each; of the short ones between two other GPUs, one after
 * another, each crosses two, and is solved once, when it begins.
 */
class HostReachTestCase : public HostTestCase
{
  public:
    HostReachTestCase()
        : HostTestCase("A transfer has those solved again that it shares ports with, and no others")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t count = 100;
        constexpr int64_t bytes = 450'000;
        HostTestbed testbed(8);
        for (const uint32_t gpu : {0, 2, 4})
        {
            testbed.Begin(gpu, gpu + 1, count * bytes);
        }
        for (uint32_t n = 0; n < count; ++n)
        {
            testbed.BeginAt(n * TimeFor(bytes), 6, 7, bytes);
        }
        Simulator::Run();
        for (uint32_t n = 0; n < 3; ++n)
        {
            ExpectEnd(testbed, n, TimeFor(count * bytes), "bytes / rate");
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.host->GetSolvedCrossings(),
                              3 * 2 + count * 2,
                              "two ports for each transfer, once");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A transfer that begins later takes its share from then on.
 *
 * The first runs alone until the second begins, after a part of it; then both at half the rate;
 * whoever is left runs alone again.
 */
class HostLateArrivalTestCase : public HostTestCase
{
  public:
    /**
     * @param share How much of the first is over when the second begins, in eighths.
     */
    explicit HostLateArrivalTestCase(int64_t share)
        : HostTestCase("Rates change when a transfer begins after " + std::to_string(share) +
                       " eighths of another"),
          m_share(share)
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t bytes = 8 * 450'000;
        const int64_t before = bytes * m_share / 8; // of the first, when the second begins
        const int64_t together = bytes - before;    // of each, while both run
        HostTestbed testbed(3);
        testbed.BeginAt(Time(0), 0, 1, bytes);
        testbed.BeginAt(TimeFor(before), 0, 2, bytes);
        Simulator::Run();
        ExpectEnd(testbed, 0, TimeFor(before + 2 * together), "alone, then at half rate");
        ExpectEnd(testbed, 1, TimeFor(2 * bytes), "the port is never idle");
    }

    int64_t m_share; //!< how much of the first is over when the second begins, in eighths
};

/**
 * @ingroup mixnet-tests
 * @brief Transfers of one instant are solved together, whichever events begin them.
 */
class HostSameInstantTestCase : public HostTestCase
{
  public:
    HostSameInstantTestCase()
        : HostTestCase("Transfers of one instant, also where another ends, share from then on")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t bytes = 4'500'000;
        constexpr uint32_t count = 5;
        const Time when = TimeFor(bytes);
        HostTestbed testbed(count + 2);
        testbed.BeginAt(Time(0), 0, 1, bytes);
        // Some events come before the end of the first transfer, some, scheduled later, after it.
        for (uint32_t i = 0; i < count; ++i)
        {
            if (i < 2)
            {
                testbed.BeginAt(when, 0, 2 + i, bytes);
            }
            else
            {
                Simulator::Schedule(when - PicoSeconds(1), [&testbed, when, i]() {
                    testbed.BeginAt(when, 0, 2 + i, bytes);
                });
            }
        }
        Simulator::Run();
        ExpectEnd(testbed, 0, when, "alone until its end");
        for (uint32_t i = 1; i <= count; ++i)
        {
            ExpectEnd(testbed, i, when + TimeFor(count * bytes), "five share the port");
            NS_TEST_EXPECT_MSG_EQ(testbed.transfers[i].order, i, "ends in the order of begins");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-nv-switch-host-sharing.
 */
class NvSwitchHostSharingTestSuite : public TestSuite
{
  public:
    NvSwitchHostSharingTestSuite()
        : TestSuite("mixnet-nv-switch-host-sharing", TestSuite::Type::UNIT)
    {
        for (const uint32_t others : {1, 2, 3, 7})
        {
            AddTestCase(new HostEvenShareTestCase(others, false));
            AddTestCase(new HostEvenShareTestCase(others, true));
        }
        for (const uint32_t gpus : {2, 3, 4, 8, 16})
        {
            AddTestCase(new HostAllToAllTestCase(gpus));
        }
        AddTestCase(new HostUnequalTransfersTestCase);
        AddTestCase(new HostMaxMinTestCase);
        AddTestCase(new HostReachTestCase);
        AddTestCase(new HostIndependentTransfersTestCase);
        for (const int64_t share : {1, 4, 7, 8})
        {
            AddTestCase(new HostLateArrivalTestCase(share));
        }
        AddTestCase(new HostSameInstantTestCase);
    }
};

static NvSwitchHostSharingTestSuite g_nvSwitchHostSharingTestSuite; //!< the suite

} // namespace tests
