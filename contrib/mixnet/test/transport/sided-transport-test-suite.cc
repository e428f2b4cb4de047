/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"
#include "../testbed/test-network.h"

#include "ns3/fabric-helper.h"
#include "ns3/mixnet-planner.h"
#include "ns3/sided-transport.h"

#include <set>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

using mixnetcore::NicRole;

constexpr uint64_t LINK_RATE = 400'000'000'000; //!< of NICs, bits per second
constexpr uint32_t OPTICAL_DEGREE = 2;          //!< the other two NICs are electrical
constexpr uint64_t BYTES = 20'000'000;          //!< of a message

/**
 * @ingroup mixnet-tests
 * @brief Two hosts with circuits between them and a packet switch; its sides differ in level.
 */
class SidedTestCase : public MixnetTestCase
{
  protected:
    /// @param optical Level of the optical side. @param name What is promised.
    SidedTestCase(Fidelity optical, const std::string& name)
        : MixnetTestCase(name + ", circuits at " + ToString(optical) + " level"),
          m_optical(optical)
    {
    }

    /// @param gpuPortRate Rate of a GPU's NVSwitch port, bits per second.
    /// @return the fabric, with a signal.
    Fabric Install(uint64_t gpuPortRate = 3'600'000'000'000) const
    {
        mixnetcore::MixnetSpec spec;
        spec.hosts = 2;
        spec.host.gpus = 4;
        spec.host.opticalDegree = OPTICAL_DEGREE;
        spec.host.electricalNics = 2;
        spec.host.linkRate = mixnetcore::BitsPerSecond(LINK_RATE);
        spec.host.gpuPortRate = mixnetcore::BitsPerSecond(gpuPortRate);
        spec.electrical.tiers = 1;
        FabricHelper helper;
        helper.SetFidelity(NicRole::Optical, m_optical);
        helper.SetFidelity(NicRole::Electrical, Other());
        helper.SetFlowAttribute("EndTolerance", DoubleValue(0));
        helper.SetOcsAttribute("ReconfigurationTime",
                               StringValue("ns3::ConstantRandomVariable[Constant=0.00001]"));
        auto fabric = helper.Install(mixnetcore::PlanMixnet(spec));
        fabric.opticalSwitches.front()->Reconfigure(
            mixnetcore::CircuitConfiguration({{0, OPTICAL_DEGREE}, {1, OPTICAL_DEGREE + 1}}));
        Simulator::Run();
        return fabric;
    }

    /// @return level of the electrical side.
    Fidelity Other() const
    {
        return m_optical == Fidelity::Packet ? Fidelity::Flow : Fidelity::Packet;
    }

    /// @param fabric A fabric. @param side A side. @return the first NIC of a host on it.
    static uint32_t NicOn(const Fabric& fabric, NicRole side)
    {
        return fabric.plan->host.NicsOn(side).front();
    }

    /// @param fabric A fabric. @param side A side. @param gpu GPU that has the bytes.
    /// @return a message from host 0 to host 1 over the first NICs of that side.
    static mixnetcore::Transfer Over(const Fabric& fabric, NicRole side, uint32_t gpu)
    {
        const auto nic = NicOn(fabric, side);
        const auto there = fabric.plan->host.nics[nic].gpu;
        mixnetcore::Transfer transfer{{0, gpu}, {1, there}, mixnetcore::Bytes(BYTES), {}};
        if (gpu != there)
        {
            transfer.route.push_back(mixnetcore::NvswitchLeg{0, gpu, there});
        }
        transfer.route.push_back(mixnetcore::RdmaLeg{{0, nic}, {1, nic}, side});
        return transfer;
    }

    /// @param fabric A fabric. @return a GPU of its hosts that is at neither of these NICs.
    static uint32_t AnotherGpu(const Fabric& fabric)
    {
        const auto& nics = fabric.plan->host.nics;
        uint32_t gpu = 0;
        while (gpu == nics[NicOn(fabric, NicRole::Optical)].gpu ||
               gpu == nics[NicOn(fabric, NicRole::Electrical)].gpu)
        {
            ++gpu;
        }
        return gpu;
    }

    Fidelity m_optical; //!< level of the optical side
};

/**
 * @ingroup mixnet-tests
 * @brief A message over a side is carried at its level, under the number that Post() gave.
 */
class SidedCarriageTestCase : public SidedTestCase
{
  public:
    /// @param optical Level of the optical side.
    explicit SidedCarriageTestCase(Fidelity optical)
        : SidedTestCase(optical, "Each side carries its messages, once, under their numbers")
    {
    }

  private:
    void DoRun() override
    {
        const auto fabric = Install();
        MessageLedger ledger;
        for (const auto& host : fabric.hosts)
        {
            host.transport->SetArrivalCallback(
                MakeCallback(&MessageLedger::HandleArrival, &ledger));
        }
        for (const auto side : {NicRole::Optical, NicRole::Electrical})
        {
            const auto gpu = fabric.plan->host.nics[NicOn(fabric, side)].gpu;
            ledger.Post(fabric.hosts[0].transport, Over(fabric, side, gpu));
        }
        ledger.Post(fabric.hosts[0].transport,
                    {{0, 0}, {0, 1}, mixnetcore::Bytes(BYTES), {mixnetcore::NvswitchLeg{0, 0, 1}}});
        Simulator::Run();

        const std::set<MessageId> numbers(ledger.posted.begin(), ledger.posted.end());
        NS_TEST_EXPECT_MSG_EQ(numbers.size(), 3, "numbers differ");
        for (const auto id : ledger.posted)
        {
            NS_TEST_EXPECT_MSG_EQ(ledger.Arrivals(id), 1, "it arrives once");
            NS_TEST_EXPECT_MSG_EQ(ledger.Endings(id), 1, "it ends once");
        }
        for (const auto& ending : ledger.endings)
        {
            NS_TEST_EXPECT_MSG_EQ((ending.completion.status == MessageStatus::Delivered),
                                  true,
                                  "delivered");
            NS_TEST_EXPECT_MSG_EQ(ending.completion.bytesDelivered, BYTES, "whole");
        }
        CheckSide(fabric, NicRole::Optical, m_optical);
        CheckSide(fabric, NicRole::Electrical, Other());
    }

    /// @param fabric The fabric. @param side A side. @param level Its level.
    void CheckSide(const Fabric& fabric, NicRole side, Fidelity level)
    {
        const auto nic = NicOn(fabric, side);
        const auto frames = fabric.hosts[0].nics[nic]->GetCounters().dataSent;
        const uint64_t expected = level == Fidelity::Packet ? FramesOf(BYTES) : 0;
        NS_TEST_EXPECT_MSG_EQ(frames, expected, "frames on the side's NIC");
        const uint64_t most = BYTES * (4096 + 82.0 + 1) / 4096;
        NS_TEST_EXPECT_MSG_GT(fabric.GetSentBytes(0, nic), BYTES, "bytes on its line");
        NS_TEST_EXPECT_MSG_LT(fabric.GetSentBytes(0, nic), most, "and no more");
        NS_TEST_EXPECT_MSG_GT(fabric.GetReceivedBytes(1, nic), BYTES, "at the other end");
    }

    /// @param bytes Of a message. @return frames of its chunks of 1 MiB at an MTU of 4096.
    static uint64_t FramesOf(uint64_t bytes)
    {
        constexpr uint64_t MTU = 4096; // divides a chunk
        return (bytes + MTU - 1) / MTU;
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A message of either side can be taken back.
 */
class SidedWithdrawTestCase : public SidedTestCase
{
  public:
    /// @param optical Level of the optical side.
    explicit SidedWithdrawTestCase(Fidelity optical)
        : SidedTestCase(optical, "Messages of both sides are withdrawn once and do not arrive")
    {
    }

  private:
    void DoRun() override
    {
        const auto fabric = Install();
        MessageLedger ledger;
        fabric.hosts[1].transport->SetArrivalCallback(
            MakeCallback(&MessageLedger::HandleArrival, &ledger));
        const auto transport = fabric.hosts[0].transport;
        for (const auto side : {NicRole::Optical, NicRole::Electrical})
        {
            const auto gpu = fabric.plan->host.nics[NicOn(fabric, side)].gpu;
            ledger.Post(transport, Over(fabric, side, gpu));
        }
        std::vector<bool> answers;
        Simulator::Schedule(MicroSeconds(100), [&] {
            for (const auto id : ledger.posted)
            {
                answers.push_back(transport->Withdraw(id));
                answers.push_back(transport->Withdraw(id));
            }
        });
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ((answers == std::vector<bool>{true, false, true, false}),
                              true,
                              "each once");
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals.size(), 2, "a part of each arrives");
        NS_TEST_EXPECT_MSG_EQ(ledger.endings.size(), 2, "each ends once");
        for (const auto& ending : ledger.endings)
        {
            NS_TEST_EXPECT_MSG_EQ((ending.completion.status == MessageStatus::Withdrawn),
                                  true,
                                  "as withdrawn");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Chunks of packets and flows share the port of a GPU that has bytes for both sides.
 *
 * The port is as fast as one NIC; either message alone would take all of it.
 */
class SidedSharingTestCase : public SidedTestCase
{
  public:
    /// @param optical Level of the optical side.
    explicit SidedSharingTestCase(Fidelity optical)
        : SidedTestCase(optical, "Bytes for both sides share the port of their GPU evenly")
    {
    }

  private:
    void DoRun() override
    {
        const auto fabric = Install(LINK_RATE);
        MessageLedger ledger;
        fabric.hosts[1].transport->SetArrivalCallback(
            MakeCallback(&MessageLedger::HandleArrival, &ledger));
        const Time begin = Simulator::Now();
        for (const auto side : {NicRole::Optical, NicRole::Electrical})
        {
            ledger.Post(fabric.hosts[0].transport, Over(fabric, side, AnotherGpu(fabric)));
        }
        Simulator::Run();
        // Both messages through one port; propagation, and the last chunk over the line.
        const double port = 2 * BYTES * 8.0 / LINK_RATE;
        const double chunk = (1 << 20) * 8.0 / LINK_RATE;
        if (!HasSize(ledger.arrivals, 2, "both arrive"))
        {
            return;
        }
        for (const auto& arrival : ledger.arrivals)
        {
            const double took = (arrival.at - begin).GetSeconds();
            NS_TEST_EXPECT_MSG_GT(took, port - 2 * chunk, "as long as both need");
            NS_TEST_EXPECT_MSG_LT(took, port + 2 * chunk, "and hardly longer");
        }
        const auto& server = fabric.hosts[0].server;
        NS_TEST_EXPECT_MSG_EQ(server->GetTransfersInFlight(), 0, "no chunk is left inside");
        NS_TEST_EXPECT_MSG_EQ(server->GetTransferredBytes(), BYTES, "those of the packets");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A route over both sides is refused.
 */
class SidedRelayTestCase : public SidedTestCase
{
  public:
    /// @param optical Level of the optical side.
    explicit SidedRelayTestCase(Fidelity optical)
        : SidedTestCase(optical, "A message over both sides is refused by name")
    {
    }

  private:
    void DoRun() override
    {
        const auto message = AbortMessageOf([this] {
            const auto fabric = Install();
            auto transfer = Over(fabric, NicRole::Optical, AnotherGpu(fabric));
            const auto back = NicOn(fabric, NicRole::Electrical);
            transfer.destination = {0, fabric.plan->host.nics[back].gpu};
            transfer.route.push_back(
                mixnetcore::RdmaLeg{{1, back}, {0, back}, NicRole::Electrical});
            MessageLedger().Post(fabric.hosts[0].transport, transfer);
        });
        NS_TEST_EXPECT_MSG_NE(message.find("crosses the optical and the electrical side"),
                              std::string::npos,
                              message);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of fabrics whose sides differ in level.
 */
class SidedTransportTestSuite : public TestSuite
{
  public:
    SidedTransportTestSuite()
        : TestSuite("mixnet-sided-transport", TestSuite::Type::SYSTEM)
    {
        for (const auto optical : {Fidelity::Packet, Fidelity::Flow})
        {
            AddTestCase(new SidedCarriageTestCase(optical));
            AddTestCase(new SidedWithdrawTestCase(optical));
            AddTestCase(new SidedSharingTestCase(optical));
            AddTestCase(new SidedRelayTestCase(optical));
        }
    }
};

static SidedTransportTestSuite g_sidedTransportTestSuite; //!< the suite

} // namespace

} // namespace tests
