/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef HOST_TESTBED_H
#define HOST_TESTBED_H

#include "mixnet-test-case.h"

#include "ns3/node.h"
#include "ns3/nv-switch-host.h"

#include <functional>
#include <string>
#include <vector>

namespace tests
{

using namespace ns3;
using namespace ns3::mixnet;

constexpr int64_t RATE = 450'000'000'000; //!< bytes per second of a port, each way (900 GB/s both)

/**
 * @ingroup mixnet-tests
 * @param bytes How many.
 * @param rate Bytes per second.
 * @return first picosecond at which they are over.
 */
inline Time
TimeFor(int64_t bytes, int64_t rate = RATE)
{
    __extension__ using Wide = __int128;
    const Wide scaled = Wide{bytes} * 1'000'000'000'000;
    return PicoSeconds(static_cast<int64_t>((scaled + rate - 1) / rate));
}

/**
 * @ingroup mixnet-tests
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
        const size_t number = Record(fromGpu, toGpu, bytes);
        host->Transfer(fromGpu, toGpu, bytes, EndOf(number));
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
        const size_t number = Record(nic, nic, bytes);
        if (toNic)
        {
            host->TransferToNic(nic, bytes, EndOf(number));
        }
        else
        {
            host->TransferFromNic(nic, bytes, EndOf(number));
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

  private:
    /**
     * @brief Writes down that a transfer begins now.
     * @param fromGpu GPU that holds the bytes.
     * @param toGpu GPU that gets them.
     * @param bytes How many.
     * @return number of the transfer.
     */
    size_t Record(uint32_t fromGpu, uint32_t toGpu, int64_t bytes)
    {
        transfers.push_back({fromGpu, toGpu, bytes, Simulator::Now(), Time(0)});
        return transfers.size() - 1;
    }

    /**
     * @param number Number of a transfer.
     * @return what writes down its end.
     */
    std::function<void()> EndOf(size_t number)
    {
        return [this, number]() {
            transfers[number].end = Simulator::Now();
            ++transfers[number].ends;
            transfers[number].order = ended++;
        };
    }
};

/**
 * @ingroup mixnet-tests
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

} // namespace tests

#endif // HOST_TESTBED_H
