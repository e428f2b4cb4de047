/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/host-testbed.h"

#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"

#include <functional>
#include <vector>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief A transfer alone takes bytes / rate, up to the next picosecond.
 */
class HostSingleTransferTestCase : public HostTestCase
{
  public:
    /**
     * @param first Smallest size, bytes.
     * @param step Step from size to size, bytes.
     * @param count Number of sizes.
     */
    HostSingleTransferTestCase(int64_t first, int64_t step, uint32_t count)
        : HostTestCase("A transfer takes bytes by rate, rounded up: " + std::to_string(count) +
                       " sizes from " + std::to_string(first) + " in steps of " +
                       std::to_string(step) + " bytes"),
          m_first(first),
          m_step(step),
          m_count(count)
    {
    }

  private:
    void DoRun() override
    {
        HostTestbed testbed(2);
        for (uint32_t i = 0; i < m_count; ++i)
        {
            testbed.BeginAt(Seconds(10) * i, 0, 1, m_first + i * m_step);
        }
        Simulator::Run();
        for (uint32_t i = 0; i < m_count; ++i)
        {
            ExpectEnd(testbed,
                      i,
                      Seconds(10) * i + TimeFor(m_first + i * m_step),
                      std::to_string(m_first + i * m_step) + " bytes / rate");
        }
    }

    int64_t m_first;  //!< smallest size, bytes
    int64_t m_step;   //!< step from size to size, bytes
    uint32_t m_count; //!< number of sizes
};

/**
 * @ingroup mixnet-tests
 * @brief Zero bytes end at the instant they begin, after the caller has returned.
 */
class HostZeroBytesTestCase : public HostTestCase
{
  public:
    HostZeroBytesTestCase()
        : HostTestCase("Zero bytes end at their instant, after the call, and delay nobody")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t bytes = 4'500'000;
        HostTestbed testbed(3);
        testbed.Begin(0, 1, bytes);
        const Time when = MicroSeconds(3);
        Simulator::Schedule(when, [&]() {
            const size_t number = testbed.Begin(0, 2, 0);
            NS_TEST_EXPECT_MSG_EQ(testbed.transfers[number].ends, 0, "not before the call is over");
            NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransfersInFlight(), 2, "both in flight");
        });
        testbed.BeginAt(MicroSeconds(50), 1, 0, 0);
        Simulator::Run();
        ExpectEnd(testbed, 0, TimeFor(bytes), "as if alone");
        ExpectEnd(testbed, 1, when, "the instant it began");
        ExpectEnd(testbed, 2, MicroSeconds(50), "the same on an idle server");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief One terabyte keeps its picoseconds while a thousand small transfers come and go.
 *
 * A small one of b bytes runs at half rate and takes b from the large one: the large one ends when
 * the port has carried all bytes.
 */
class HostTerabyteTestCase : public HostTestCase
{
  public:
    HostTerabyteTestCase()
        : HostTestCase("1 TB beside 1000 transfers of 9 kB ends within 1 ps of all bytes by rate")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t large = 1'000'000'000'000;
        constexpr int64_t small = 9'000;
        constexpr uint32_t count = 1000;
        HostTestbed testbed(3);
        testbed.Begin(0, 1, large);
        for (uint32_t i = 1; i <= count; ++i)
        {
            testbed.BeginAt(MilliSeconds(i), 0, 2, small);
        }
        Simulator::Run();
        for (uint32_t i = 1; i <= count; ++i)
        {
            ExpectEnd(testbed, i, MilliSeconds(i) + TimeFor(2 * small), "bytes / half the rate");
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.transfers[0].ends, 1, "1 TB ends once");
        NS_TEST_EXPECT_MSG_EQ_TOL(testbed.transfers[0].end,
                                  TimeFor(large + count * small),
                                  PicoSeconds(1),
                                  "all bytes / rate");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A transfer may be begun by the end of another, at the same instant.
 */
class HostChainTestCase : public HostTestCase
{
  public:
    HostChainTestCase()
        : HostTestCase("Transfers that begin where others end follow without a gap")
    {
    }

  private:
    void DoRun() override
    {
        HostTestbed testbed(4);
        std::function<void()> next = [&]() {
            ends.push_back(Simulator::Now());
            if (ends.size() < COUNT)
            {
                const uint32_t from = ends.size() % 4;
                testbed.host->Transfer(from, (from + 1) % 4, BYTES, next);
            }
        };
        testbed.host->Transfer(0, 1, BYTES, next);
        Simulator::Run();
        if (!HasSize(ends, COUNT, "each end begins the next"))
        {
            return;
        }
        for (size_t i = 0; i < COUNT; ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(ends[i], TimeFor(BYTES) * (i + 1), "end of transfer " << i);
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransferredBytes(), COUNT * BYTES, "all bytes");
        NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransfersInFlight(), 0, "nothing is left");
    }

    static constexpr int64_t BYTES = 1'000'003; //!< size of each
    static constexpr size_t COUNT = 20;         //!< number of transfers
    std::vector<Time> ends;                     //!< when they ended
};

/**
 * @ingroup mixnet-tests
 * @brief Bytes begun = ended + in flight at random instants; no port carries more than its rate.
 */
class HostConservationTestCase : public HostTestCase
{
  public:
    /**
     * @param run Number of the random run.
     */
    explicit HostConservationTestCase(uint64_t run)
        : HostTestCase("Bytes begun = bytes ended + bytes in flight, run " + std::to_string(run)),
          m_run(run)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t gpus = 8;
        constexpr uint32_t end = 100'000'000; // ps
        RngSeedManager::SetRun(m_run);
        auto random = CreateObject<UniformRandomVariable>();
        random->SetStream(1);
        HostTestbed testbed(gpus);
        testbed.host->TraceConnectWithoutContext(
            "TransferBegin",
            MakeCallback(&HostConservationTestCase::HandleBegin, this));
        testbed.host->TraceConnectWithoutContext(
            "TransferEnd",
            MakeCallback(&HostConservationTestCase::HandleEnd, this));
        for (int i = 0; i < 500; ++i)
        {
            const uint32_t from = random->GetInteger(0, gpus - 1);
            const uint32_t to = (from + random->GetInteger(1, gpus - 1)) % gpus;
            testbed.BeginAt(PicoSeconds(random->GetInteger(0, end)),
                            from,
                            to,
                            random->GetInteger(0, 1'000'000));
        }
        for (int i = 0; i < 300; ++i)
        {
            Simulator::Schedule(PicoSeconds(random->GetInteger(0, end)), [&]() { Check(testbed); });
        }
        Simulator::Run();
        Check(testbed);
        NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransfersInFlight(), 0, "nothing is left");
        NS_TEST_EXPECT_MSG_EQ(m_begun, m_ended, "all bytes end");
        RngSeedManager::SetRun(1);
    }

    /**
     * @brief Compares what the host tells with what has begun and ended, port by port.
     * @param testbed The server.
     */
    void Check(const HostTestbed& testbed)
    {
        uint64_t begun = 0;
        uint64_t ended = 0;
        uint64_t inFlight = 0;
        uint64_t transfersUnderWay = 0;
        for (const auto& transfer : testbed.transfers)
        {
            begun += transfer.bytes;
            ended += transfer.ends * transfer.bytes;
            inFlight += transfer.ends == 0 ? transfer.bytes : 0;
            transfersUnderWay += transfer.ends == 0 ? 1 : 0;
        }
        NS_TEST_EXPECT_MSG_EQ(m_begun, begun, "bytes traced at begins");
        NS_TEST_EXPECT_MSG_EQ(m_ended, ended, "bytes traced at ends");
        NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransferredBytes(), ended, "bytes counted as ended");
        NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransfersInFlight(),
                              transfersUnderWay,
                              "transfers in flight");
        NS_TEST_EXPECT_MSG_EQ(begun, ended + inFlight, "begun = ended + in flight");
        CheckPorts(testbed);
    }

    /**
     * @brief What has begun and ended in a span must fit through each port in it.
     * @param testbed The server.
     */
    void CheckPorts(const HostTestbed& testbed)
    {
        const auto& last = testbed.transfers.back();
        for (const bool out : {true, false})
        {
            int64_t bytes = 0;
            for (const auto& transfer : testbed.transfers)
            {
                const bool same =
                    out ? transfer.fromGpu == last.fromGpu : transfer.toGpu == last.toGpu;
                bytes += same && transfer.ends > 0 ? transfer.bytes : 0;
            }
            NS_TEST_EXPECT_MSG_EQ((TimeFor(bytes) <= Simulator::Now()),
                                  true,
                                  "no port carries more than its rate: " << bytes << " bytes");
        }
        for (const auto& transfer : testbed.transfers)
        {
            if (transfer.ends > 0)
            {
                NS_TEST_EXPECT_MSG_EQ((transfer.end - transfer.begin >= TimeFor(transfer.bytes)),
                                      true,
                                      "no transfer is faster than a port");
            }
        }
    }

    // Sinks of the traces.

    /// @param bytes Bytes of a transfer that begins.
    void HandleBegin(uint32_t /* fromGpu */, uint32_t /* toGpu */, uint64_t bytes)
    {
        m_begun += bytes;
    }

    /// @param bytes Bytes of a transfer that has ended.
    void HandleEnd(uint32_t /* fromGpu */, uint32_t /* toGpu */, uint64_t bytes)
    {
        m_ended += bytes;
    }

    uint64_t m_run;      //!< number of the random run
    uint64_t m_begun{0}; //!< bytes traced at begins
    uint64_t m_ended{0}; //!< bytes traced at ends
};

/**
 * @ingroup mixnet-tests
 * @brief Wrong GPUs and empty plans end the program with a message that helps.
 */
class HostAbortTestCase : public HostTestCase
{
  public:
    HostAbortTestCase()
        : HostTestCase("A GPU that does not exist, or twice the same, aborts with a message")
    {
    }

  private:
    void DoRun() override
    {
        HostTestbed testbed(8);
        ExpectAbort([&]() { testbed.Begin(0, 8, 1); }, {"GPUs 0 to 7", "to GPU 8"});
        ExpectAbort([&]() { testbed.Begin(9, 1, 1); }, {"GPUs 0 to 7", "from GPU 9"});
        ExpectAbort([&]() { testbed.Begin(3, 3, 1); }, {"from GPU 3", "to GPU 3"});
        mixnetcore::HostPlan plan;
        plan.gpuPortRate = mixnetcore::BitsPerSecond(8);
        ExpectAbort([&]() { testbed.host->SetPlan(plan); }, {"at least one GPU"});
        plan.gpus = 1;
        plan.gpuPortRate = mixnetcore::BitsPerSecond(0);
        ExpectAbort([&]() { testbed.host->SetPlan(plan); }, {"port is 0", "above zero"});
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-nv-switch-host.
 */
class NvSwitchHostTestSuite : public TestSuite
{
  public:
    NvSwitchHostTestSuite()
        : TestSuite("mixnet-nv-switch-host", TestSuite::Type::UNIT)
    {
        AddTestCase(new HostSingleTransferTestCase(1, 1, 2000));
        AddTestCase(new HostSingleTransferTestCase(450, 450, 2000)); // whole nanoseconds
        AddTestCase(new HostSingleTransferTestCase(1'000'000, 999'983, 1000));
        AddTestCase(new HostSingleTransferTestCase(1'000'000'000, 450'000'009, 100));
        AddTestCase(new HostSingleTransferTestCase(1'000'000'000'000, 1, 100)); // 1 TB
        AddTestCase(new HostZeroBytesTestCase);
        AddTestCase(new HostTerabyteTestCase);
        AddTestCase(new HostChainTestCase);
        for (uint64_t run = 1; run <= 3; ++run)
        {
            AddTestCase(new HostConservationTestCase(run));
        }
        AddTestCase(new HostAbortTestCase);
    }
};

static NvSwitchHostTestSuite g_nvSwitchHostTestSuite; //!< the suite

} // namespace tests
