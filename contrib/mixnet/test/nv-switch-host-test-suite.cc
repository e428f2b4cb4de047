/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "mixnet-test-case.h"

#include "ns3/node.h"
#include "ns3/nv-switch-host.h"
#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"

#include <algorithm>
#include <vector>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

constexpr int64_t RATE = 450'000'000'000; //!< bytes per second of a port, each way (900 GB/s both)

/**
 * @param bytes How many.
 * @param rate Bytes per second.
 * @return first picosecond at which they are over.
 */
Time
TimeFor(int64_t bytes, int64_t rate = RATE)
{
    __extension__ using Wide = __int128;
    const Wide scaled = Wide{bytes} * 1'000'000'000'000;
    return PicoSeconds(static_cast<int64_t>((scaled + rate - 1) / rate));
}

/**
 * @brief A server, with the ends of its transfers written down.
 */
class HostTestbed
{
  public:
    /// A transfer and its end.
    struct Transfer
    {
        uint32_t fromGpu; //!< GPU that holds the bytes
        uint32_t toGpu;   //!< GPU that gets them
        int64_t bytes;    //!< how many
        Time begin;       //!< when it began
        Time end;         //!< when it ended
        uint32_t ends{0}; //!< how often it has ended
        size_t order{0};  //!< how many had ended before
    };

    /**
     * @param gpus GPUs of the server.
     */
    explicit HostTestbed(uint32_t gpus)
        : HostTestbed(WithGpus(gpus))
    {
    }

    /**
     * @param plan The server.
     */
    explicit HostTestbed(const mixnetcore::HostPlan& plan)
        : host(CreateObject<NvSwitchHost>())
    {
        host->SetPlan(plan);
        CreateObject<Node>()->AddDevice(host);
    }

    /**
     * @param gpus GPUs.
     * @return a server of that many GPUs on an NVSwitch, without NICs.
     */
    static mixnetcore::HostPlan WithGpus(uint32_t gpus)
    {
        mixnetcore::HostPlan plan;
        plan.gpus = gpus;
        plan.gpuPortRate = mixnetcore::BitsPerSecond(8 * RATE);
        return plan;
    }

    HostTestbed(const HostTestbed&) = delete;
    HostTestbed& operator=(const HostTestbed&) = delete;

    /**
     * @brief Begins a transfer now.
     * @param fromGpu GPU that holds the bytes.
     * @param toGpu GPU that gets them.
     * @param bytes How many.
     * @return number of the transfer.
     */
    size_t Begin(uint32_t fromGpu, uint32_t toGpu, int64_t bytes)
    {
        const size_t number = transfers.size();
        transfers.push_back({fromGpu, toGpu, bytes, Simulator::Now(), Time(0)});
        host->Transfer(fromGpu, toGpu, bytes, [this, number]() {
            transfers[number].end = Simulator::Now();
            ++transfers[number].ends;
            transfers[number].order = ended++;
        });
        return number;
    }

    /**
     * @brief Begins a transfer between a NIC and its GPU now.
     * @param nic The NIC.
     * @param toNic Whether to the NIC, not from it.
     * @param bytes How many.
     * @return number of the transfer.
     */
    size_t BeginAtNic(uint32_t nic, bool toNic, int64_t bytes)
    {
        const size_t number = transfers.size();
        transfers.push_back({nic, nic, bytes, Simulator::Now(), Time(0)});
        const auto done = [this, number]() {
            transfers[number].end = Simulator::Now();
            ++transfers[number].ends;
            transfers[number].order = ended++;
        };
        if (toNic)
        {
            host->TransferToNic(nic, bytes, done);
        }
        else
        {
            host->TransferFromNic(nic, bytes, done);
        }
        return number;
    }

    /**
     * @brief Begins a transfer later.
     * @param when When.
     * @param fromGpu GPU that holds the bytes.
     * @param toGpu GPU that gets them.
     * @param bytes How many.
     */
    void BeginAt(const Time& when, uint32_t fromGpu, uint32_t toGpu, int64_t bytes)
    {
        Simulator::Schedule(when - Simulator::Now(),
                            &HostTestbed::Begin,
                            this,
                            fromGpu,
                            toGpu,
                            bytes);
    }

    Ptr<NvSwitchHost> host;          //!< the server
    std::vector<Transfer> transfers; //!< in the order they began
    size_t ended{0};                 //!< how many have ended
};

/**
 * @brief A case that looks at the ends of all transfers.
 */
class HostTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    /**
     * @param testbed A server, when all is over.
     * @param number Number of a transfer.
     * @param end When it must have ended.
     * @param why Arithmetic in words.
     */
    void ExpectEnd(const HostTestbed& testbed,
                   size_t number,
                   const Time& end,
                   const std::string& why)
    {
        const auto& transfer = testbed.transfers.at(number);
        NS_TEST_EXPECT_MSG_EQ(transfer.ends, 1, "transfer " << number << " ends once");
        NS_TEST_EXPECT_MSG_EQ(transfer.end.GetPicoSeconds(),
                              end.GetPicoSeconds(),
                              "end of transfer " << number << ": " << why);
    }
};

} // namespace

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
            NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransfersUnderWay(), 2, "both under way");
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
        NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransfersUnderWay(), 0, "nothing is left");
    }

    static constexpr int64_t BYTES = 1'000'003; //!< size of each
    static constexpr size_t COUNT = 20;         //!< number of transfers
    std::vector<Time> ends;                     //!< when they ended
};

/**
 * @ingroup mixnet-tests
 * @brief Bytes begun = ended + under way at random instants; no port carries more than its rate.
 */
class HostConservationTestCase : public HostTestCase
{
  public:
    /**
     * @param run Number of the random run.
     */
    explicit HostConservationTestCase(uint64_t run)
        : HostTestCase("Bytes begun = bytes ended + bytes under way, run " + std::to_string(run)),
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
        NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransfersUnderWay(), 0, "nothing is left");
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
        uint64_t underWay = 0;
        uint64_t transfersUnderWay = 0;
        for (const auto& transfer : testbed.transfers)
        {
            begun += transfer.bytes;
            ended += transfer.ends * transfer.bytes;
            underWay += transfer.ends == 0 ? transfer.bytes : 0;
            transfersUnderWay += transfer.ends == 0 ? 1 : 0;
        }
        NS_TEST_EXPECT_MSG_EQ(m_begun, begun, "bytes traced at begins");
        NS_TEST_EXPECT_MSG_EQ(m_ended, ended, "bytes traced at ends");
        NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransferredBytes(), ended, "bytes counted as ended");
        NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransfersUnderWay(),
                              transfersUnderWay,
                              "transfers under way");
        NS_TEST_EXPECT_MSG_EQ(begun, ended + underWay, "begun = ended + under way");
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

    void HandleBegin(uint32_t /* fromGpu */, uint32_t /* toGpu */, uint64_t bytes)
    {
        m_begun += bytes;
    }

    void HandleEnd(uint32_t /* fromGpu */, uint32_t /* toGpu */, uint64_t bytes)
    {
        m_ended += bytes;
    }

    uint64_t m_run;      //!< number of the random run
    uint64_t m_begun{0}; //!< bytes traced at begins
    uint64_t m_ended{0}; //!< bytes traced at ends
};

/// @ingroup mixnet-tests
/// @brief Who sends to whom inside a server of eight GPUs.
enum class HostPattern
{
    OneToOneNear, //!< GPU 0 to GPU 2, of the same half, not its pair
    OneToOneFar,  //!< GPU 0 to GPU 4, of the other half
    AllToOne,     //!< GPUs 1 to 7 to GPU 0
    OneToAll,     //!< GPU 0 to GPUs 1 to 7
    AllToAll,     //!< everybody to everybody else
};

/**
 * @ingroup mixnet-tests
 * @brief Equal transfers end when the slowest thing that they cross has carried its share.
 *
 * Far transfers cross the NUMA link: it is shared by all that go the same way. Near ones share what
 * these leave of a GPU's port or PCIe. Transfers within an NVLink pair have their NVLink alone.
 */
class HostPatternTestCase : public HostTestCase
{
  public:
    /**
     * @param pattern Who sends to whom.
     * @param name The same in words.
     * @param pcie Rate of the PCIe with NVLink pairs, bytes per second; 0 for an NVSwitch.
     * @param numa Rate of the NUMA link, bytes per second; 0 for one that is no bottleneck.
     */
    HostPatternTestCase(HostPattern pattern, const std::string& name, int64_t pcie, int64_t numa)
        : HostTestCase(name + " inside a server, " +
                       (pcie > 0 ? "NVLink pairs with PCIe of " + std::to_string(pcie) + " B/s"
                                 : "NVSwitch") +
                       (numa > 0 ? ", NUMA link of " + std::to_string(numa) + " B/s" : "")),
          m_pattern(pattern),
          m_pcie(pcie),
          m_numa(numa)
    {
    }

  private:
    static constexpr uint32_t GPUS = 8;         //!< GPUs, four in each half
    static constexpr int64_t BYTES = 9'000'001; //!< size of each transfer

    /// @param from A GPU. @param to Another. @return whether that is part of the pattern.
    bool Sends(uint32_t from, uint32_t to) const
    {
        switch (m_pattern)
        {
        case HostPattern::OneToOneNear:
            return from == 0 && to == 2;
        case HostPattern::OneToOneFar:
            return from == 0 && to == 4;
        case HostPattern::AllToOne:
            return to == 0 && from != 0;
        case HostPattern::OneToAll:
            return from == 0 && to != 0;
        case HostPattern::AllToAll:
            return from != to;
        }
        return false;
    }

    /// @param from A GPU. @param to Another. @return whether an NVLink of their own joins them.
    bool IsPair(uint32_t from, uint32_t to) const
    {
        return m_pcie > 0 && from / 2 == to / 2;
    }

    void DoRun() override
    {
        auto plan = HostTestbed::WithGpus(GPUS);
        if (m_pcie > 0)
        {
            plan.interconnect = mixnetcore::GpuInterconnect::NvlinkPairs;
            plan.pcieRate = mixnetcore::BitsPerSecond(8 * m_pcie);
        }
        if (m_numa > 0)
        {
            plan.numaLinkRate = mixnetcore::BitsPerSecond(8 * m_numa);
        }
        HostTestbed testbed(plan);
        // What the busiest port carries: near and far transfers out of GPU 0, or into it.
        int64_t out[2]{};
        int64_t in[2]{};
        int64_t crossing = 0; // from half 0 to half 1, or back
        int64_t back = 0;
        for (uint32_t from = 0; from < GPUS; ++from)
        {
            for (uint32_t to = 0; to < GPUS; ++to)
            {
                if (!Sends(from, to))
                {
                    continue;
                }
                testbed.Begin(from, to, BYTES);
                const bool far = from / 4 != to / 4;
                crossing += far && from < 4;
                back += far && from >= 4;
                out[far] += from == 0 && !IsPair(from, to);
                in[far] += to == 0 && !IsPair(from, to);
            }
        }
        Simulator::Run();

        const auto& port = out[0] + out[1] > in[0] + in[1] ? out : in;
        const int64_t rate = m_pcie > 0 ? m_pcie : RATE;
        const int64_t ways = std::max(crossing, back);
        for (size_t i = 0; i < testbed.transfers.size(); ++i)
        {
            const auto& transfer = testbed.transfers[i];
            const bool far = transfer.fromGpu / 4 != transfer.toGpu / 4;
            if (IsPair(transfer.fromGpu, transfer.toGpu))
            {
                ExpectEnd(testbed, i, TimeFor(BYTES), "bytes / NVLink");
            }
            else if (m_numa == 0)
            {
                ExpectEnd(testbed, i, TimeFor(BYTES * (port[0] + port[1]), rate), "even shares");
            }
            else if (far)
            {
                ExpectEnd(testbed, i, TimeFor(BYTES * ways, m_numa), "NUMA link shared by all");
            }
            else
            {
                const int64_t left = rate - (ways > 0 ? port[1] * m_numa / ways : 0);
                ExpectEnd(testbed, i, TimeFor(BYTES * port[0], left), "what far ones leave");
            }
        }
    }

    HostPattern m_pattern; //!< who sends to whom
    int64_t m_pcie;        //!< rate of the PCIe, bytes per second; 0 for an NVSwitch
    int64_t m_numa;        //!< rate of the NUMA link, bytes per second; 0 for infinite
};

/**
 * @ingroup mixnet-tests
 * @brief With an infinite attachment, bytes between a NIC and its GPU take no time and no event.
 */
class HostInfiniteAttachmentTestCase : public HostTestCase
{
  public:
    HostInfiniteAttachmentTestCase()
        : HostTestCase("Bytes between a GPU and its NIC are over at once where nothing is in the "
                       "way")
    {
    }

  private:
    void DoRun() override
    {
        HostTestbed testbed(mixnetcore::PlanHost({}));
        const Time when = MicroSeconds(3);
        testbed.BeginAt(Time(0), 2, 3, 4'500'000);
        Simulator::Schedule(when, [&]() {
            for (const bool toNic : {false, true})
            {
                const size_t number = testbed.BeginAtNic(2, toNic, 1'000'000);
                NS_TEST_EXPECT_MSG_EQ(testbed.transfers[number].ends, 1, "before the return");
                NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransfersUnderWay(), 1, "the other one");
            }
        });
        Simulator::Run();
        ExpectEnd(testbed, 0, TimeFor(4'500'000), "alone");
        ExpectEnd(testbed, 1, when, "at once");
        ExpectEnd(testbed, 2, when, "at once");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The attachment of a NIC carries its rate each way, and nothing but the bytes of its NIC.
 */
class HostAttachmentTestCase : public HostTestCase
{
  public:
    HostAttachmentTestCase()
        : HostTestCase("Bytes share the attachment of their NIC in their direction with nobody "
                       "else's")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t rate = 50'000'000'000;
        constexpr int64_t bytes = 1'000'003;
        mixnetcore::HostSpec spec;
        spec.nicAttachmentRate = mixnetcore::BitsPerSecond(8 * rate);
        spec.gpuPortRate = mixnetcore::BitsPerSecond(8 * RATE);
        HostTestbed testbed(mixnetcore::PlanHost(spec));
        testbed.BeginAtNic(1, true, bytes);
        testbed.BeginAtNic(1, true, bytes);
        testbed.BeginAtNic(1, false, bytes);
        testbed.BeginAtNic(2, true, bytes);
        testbed.Begin(1, 2, bytes);
        NS_TEST_EXPECT_MSG_EQ(testbed.ended, 0, "none before its time");
        Simulator::Run();
        ExpectEnd(testbed, 0, TimeFor(2 * bytes, rate), "two share the way to NIC 1");
        ExpectEnd(testbed, 1, TimeFor(2 * bytes, rate), "two share the way to NIC 1");
        ExpectEnd(testbed, 2, TimeFor(bytes, rate), "alone from NIC 1");
        ExpectEnd(testbed, 3, TimeFor(bytes, rate), "alone to NIC 2");
        ExpectEnd(testbed, 4, TimeFor(bytes), "alone out of the port of GPU 1");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief With NVLink pairs a NIC and the other GPUs share the PCIe of the NIC's GPU.
 */
class HostPcieSharingTestCase : public HostTestCase
{
  public:
    HostPcieSharingTestCase()
        : HostTestCase("A NIC shares the PCIe of its GPU with transfers to other pairs, not with "
                       "NVLink")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t rate = 32'000'000'000;
        constexpr int64_t bytes = 1'000'003;
        mixnetcore::HostSpec spec;
        spec.interconnect = mixnetcore::GpuInterconnect::NvlinkPairs;
        spec.pcieRate = mixnetcore::BitsPerSecond(8 * rate);
        spec.gpuPortRate = mixnetcore::BitsPerSecond(8 * RATE);
        HostTestbed testbed(mixnetcore::PlanHost(spec));
        testbed.BeginAtNic(1, true, bytes);
        testbed.Begin(1, 2, bytes);
        testbed.Begin(1, 0, bytes);
        testbed.BeginAtNic(6, false, bytes);
        testbed.Begin(4, 6, bytes);
        testbed.Begin(3, 6, bytes);
        Simulator::Run();
        ExpectEnd(testbed, 0, TimeFor(2 * bytes, rate), "PCIe out of GPU 1, two");
        ExpectEnd(testbed, 1, TimeFor(2 * bytes, rate), "PCIe out of GPU 1, two");
        ExpectEnd(testbed, 2, TimeFor(bytes), "NVLink");
        for (const size_t number : {3, 4, 5})
        {
            ExpectEnd(testbed, number, TimeFor(3 * bytes, rate), "PCIe into GPU 6, three");
        }
    }
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

    /**
     * @param program Something to be refused.
     * @param parts Parts of the message.
     */
    void ExpectAbort(const std::function<void()>& program, const std::vector<std::string>& parts)
    {
        const auto message = AbortMessageOf(program);
        for (const auto& part : parts)
        {
            NS_TEST_EXPECT_MSG_NE(message.find(part),
                                  std::string::npos,
                                  "aborts naming '" << part << "', said '" << message << "'");
        }
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
        for (const uint32_t others : {1, 2, 3, 7})
        {
            AddTestCase(new HostEvenShareTestCase(others, false));
            AddTestCase(new HostEvenShareTestCase(others, true));
        }
        for (const uint32_t gpus : {2, 3, 4, 8, 16})
        {
            AddTestCase(new HostAllToAllTestCase(gpus));
        }
        for (const auto& [pattern, name] :
             {std::pair(HostPattern::OneToOneNear, "One to one in a half"),
              std::pair(HostPattern::OneToOneFar, "One to one in the other half"),
              std::pair(HostPattern::AllToOne, "All to one"),
              std::pair(HostPattern::OneToAll, "One to all"),
              std::pair(HostPattern::AllToAll, "All to all")})
        {
            for (const int64_t numa : {int64_t{0}, int64_t{20'000'000'000}})
            {
                AddTestCase(new HostPatternTestCase(pattern, name, 0, numa));
                AddTestCase(new HostPatternTestCase(pattern, name, 32'000'000'000, numa));
            }
            AddTestCase(new HostPatternTestCase(pattern, name, 0, 90'000'000'000));
        }
        AddTestCase(new HostInfiniteAttachmentTestCase);
        AddTestCase(new HostAttachmentTestCase);
        AddTestCase(new HostPcieSharingTestCase);
        AddTestCase(new HostUnequalTransfersTestCase);
        AddTestCase(new HostMaxMinTestCase);
        AddTestCase(new HostIndependentTransfersTestCase);
        for (const int64_t share : {1, 4, 7, 8})
        {
            AddTestCase(new HostLateArrivalTestCase(share));
        }
        AddTestCase(new HostZeroBytesTestCase);
        AddTestCase(new HostTerabyteTestCase);
        AddTestCase(new HostSameInstantTestCase);
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
