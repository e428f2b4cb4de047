/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"
#include "../testbed/test-network.h"

#include "ns3/circuit-rotation.h"
#include "ns3/double.h"
#include "ns3/fabric-helper.h"
#include "ns3/rotor-planner.h"
#include "ns3/round-robin.h"

namespace tests
{

namespace
{

constexpr int64_t SLOT_US = 100;  //!< how long a matching stands
constexpr int64_t GUARD_US = 10;  //!< between two
constexpr uint32_t HOSTS = 4;     //!< three matchings
constexpr uint64_t BYTES = 40960; //!< of a message: ten frames, below a slot

/**
 * @ingroup mixnet-tests
 * @brief Servers whose only NICs with circuits meet each other in turn.
 */
class RotationTestCase : public MixnetTestCase
{
  protected:
    /// @param fidelity How messages are carried. @param what Is promised.
    RotationTestCase(Fidelity fidelity, const std::string& what)
        : MixnetTestCase(what + " (" + ToString(fidelity) + ")"),
          m_fidelity(fidelity)
    {
    }

    /// @return the fabric.
    Fabric MakeFabric()
    {
        mixnetcore::RotorSpec spec;
        spec.fabric.hosts = HOSTS;
        spec.fabric.host.gpus = 2;
        spec.fabric.host.opticalDegree = 1;
        spec.fabric.host.electricalNics = 1;
        spec.slot = mixnetcore::Picoseconds(SLOT_US * 1'000'000);
        spec.guard = mixnetcore::Picoseconds(GUARD_US * 1'000'000);
        FabricHelper helper;
        helper.SetFidelity(m_fidelity);
        helper.SetFlowAttribute("EndTolerance", DoubleValue(0));
        auto fabric = helper.Install(mixnetcore::PlanRotor(spec));
        for (const auto& host : fabric.hosts)
        {
            host.transport->SetArrivalCallback(
                MakeCallback(&MessageLedger::HandleArrival, &m_ledger));
        }
        fabric.Initialize();
        m_optical = fabric.plan->host.NicsOn(mixnetcore::NicRole::Optical).front();
        return fabric;
    }

    /// @param fabric The fabric. @param at When. @param from A host. @param to Another.
    /// @brief Posts a message from NIC to NIC.
    void PostAt(const Fabric& fabric, const Time& at, uint32_t from, uint32_t to)
    {
        const auto gpu = fabric.plan->host.nics[m_optical].gpu;
        const mixnetcore::Transfer transfer{{from, gpu},
                                            {to, gpu},
                                            mixnetcore::Bytes(BYTES),
                                            {mixnetcore::RdmaLeg{{from, m_optical},
                                                                 {to, m_optical},
                                                                 mixnetcore::NicRole::Optical}}};
        Simulator::Schedule(at, [this, transfer, sender = fabric.hosts[from].transport] {
            m_ledger.Post(sender, transfer);
        });
    }

    /// @param a A host. @param b Another. @return slot of a cycle in which they meet.
    static int64_t SlotOf(uint32_t a, uint32_t b)
    {
        const auto rounds = mixnetcore::RoundRobin(HOSTS);
        const std::pair<uint32_t, uint32_t> pair{std::min(a, b), std::max(a, b)};
        for (size_t round = 0; round < rounds.size(); ++round)
        {
            if (std::count(rounds[round].begin(), rounds[round].end(), pair) > 0)
            {
                return round;
            }
        }
        return -1;
    }

    /// @param number A slot, counted from time zero on. @return its begin.
    static Time BeginOf(int64_t number)
    {
        return MicroSeconds(number * (SLOT_US + GUARD_US));
    }

    /// @return time of a message from NIC to NIC on an idle circuit.
    static Time MessageTime()
    {
        const LineTimes line{400'000'000'000, 4096};
        return line.Message(BYTES) + MicroSeconds(2);
    }

    /// @return propagation of a fibre: signal comes so long after a circuit is there.
    static Time SignalTime()
    {
        return MicroSeconds(1);
    }

    Fidelity m_fidelity;    //!< how messages are carried
    uint32_t m_optical{0};  //!< NIC with circuits
    MessageLedger m_ledger; //!< arrivals and ends
};

/**
 * @ingroup mixnet-tests
 * @brief A message waits for the slot of its pair.
 */
class RotationSlotsTestCase : public RotationTestCase
{
  public:
    /// @param fidelity How messages are carried.
    explicit RotationSlotsTestCase(Fidelity fidelity)
        : RotationTestCase(fidelity, "A message crosses in the slot of its pair of servers")
    {
    }

  private:
    void DoRun() override
    {
        // Posted in the middle of slot 0: whoever meets then goes at once, all others later.
        const auto fabric = MakeFabric();
        const Time posted = MicroSeconds(SLOT_US / 2);
        for (uint32_t to = 1; to < HOSTS; ++to)
        {
            PostAt(fabric, posted, 0, to);
        }
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(m_ledger.arrivals.size(), HOSTS - 1, "all arrive");
        NS_TEST_EXPECT_MSG_EQ(m_ledger.endings.size(), HOSTS - 1, "all end");
        for (const auto& arrival : m_ledger.arrivals)
        {
            const auto slot = SlotOf(0, arrival.message.transfer.destination.host);
            const Time begin = std::max(posted, BeginOf(slot)) + SignalTime();
            NS_TEST_EXPECT_MSG_EQ_TOL(arrival.at,
                                      begin + MessageTime(),
                                      NanoSeconds(1),
                                      "in slot " << slot);
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The switch rests while nothing is sent, and is in its place afterwards.
 */
class RotationRestTestCase : public RotationTestCase
{
  public:
    /// @param fidelity How messages are carried.
    explicit RotationRestTestCase(Fidelity fidelity)
        : RotationTestCase(fidelity,
                           "A schedule rests without events, and goes on where it would be")
    {
    }

  private:
    void DoRun() override
    {
        // 1000 cycles later, in the guard before slot 1, one for slot 1 and one for slot 0.
        const auto fabric = MakeFabric();
        PostAt(fabric, Time(0), 0, 1);
        const int64_t before = 3000;
        const Time posted = BeginOf(before + 1) - MicroSeconds(GUARD_US / 2);
        for (uint32_t to = 1; to < HOSTS; ++to)
        {
            PostAt(fabric, posted, 0, to);
        }
        Simulator::Run();

        NS_TEST_ASSERT_MSG_EQ(m_ledger.arrivals.size(), HOSTS, "all arrive");
        for (size_t n = 1; n < m_ledger.arrivals.size(); ++n)
        {
            const auto& arrival = m_ledger.arrivals[n];
            const auto slot = SlotOf(0, arrival.message.transfer.destination.host);
            const auto number = slot == 0 ? before + 3 : before + slot;
            NS_TEST_EXPECT_MSG_EQ_TOL(arrival.at,
                                      BeginOf(number) + SignalTime() + MessageTime(),
                                      NanoSeconds(1),
                                      "in slot " << number);
        }
        const auto node = fabric.nodes.Get(HOSTS); // the switch comes after the hosts
        const auto rotation = DynamicCast<CircuitRotation>(node->GetApplication(0));
        NS_TEST_ASSERT_MSG_NE(rotation, nullptr, "the switch follows a schedule");
        NS_TEST_EXPECT_MSG_LT(rotation->GetSlots(), 20, "not 3000: it rested");
        NS_TEST_EXPECT_MSG_EQ(fabric.opticalSwitches[0]->GetConfiguration().Size(), 0, "it rests");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Optical circuit switches that take configurations in turn.
 */
class CircuitRotationTestSuite : public TestSuite
{
  public:
    CircuitRotationTestSuite()
        : TestSuite("mixnet-circuit-rotation", TestSuite::Type::UNIT)
    {
        for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
        {
            AddTestCase(new RotationSlotsTestCase(fidelity));
            AddTestCase(new RotationRestTestCase(fidelity));
        }
    }
};

CircuitRotationTestSuite g_circuitRotationTestSuite; //!< registers the suite

} // namespace

} // namespace tests
