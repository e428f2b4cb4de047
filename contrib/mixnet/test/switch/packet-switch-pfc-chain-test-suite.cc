/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/switch-testbed.h"
#include "../testbed/test-network.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief NICs 0 and 1 at switch a, NIC 2 at switch b, which pauses a; its port to NIC 2 is paused
 * from time to time by somebody who plays NIC 2.
 */
class PausedChain
{
  public:
    PausedChain()
    {
        network.SetNic("Window", UintegerValue(MESSAGE_BYTES));
        network.SetNic("LinkDownDelay", TimeValue(MilliSeconds(1)));
    }

    /// @brief Makes the network; two messages set out at the start.
    void Build()
    {
        network.AddNics(3, LineTimes{FAST, 4096});
        for (auto& device : switches)
        {
            device = CreateObject<PacketSwitch>();
            device->SetAttribute("BufferSize", UintegerValue(200'000));
            CreateObject<Node>()->AddDevice(device);
            for (int port = 0; port < 3; ++port)
            {
                device->AddPort(DataRate(FAST));
            }
        }
        for (uint32_t nic = 0; nic < 3; ++nic)
        {
            const uint32_t at = nic < 2 ? 0 : 1;
            const uint32_t port = nic < 2 ? nic : 0;
            network.Join(network.nics[nic], switches[at]->GetPort(port), PicoSeconds(DELAY_PS));
            switches[at]->SetRoute(nic, port);
            switches[1 - at]->SetRoute(nic, TRUNK);
        }
        network.Join(switches[0]->GetPort(TRUNK),
                     switches[1]->GetPort(TRUNK),
                     PicoSeconds(DELAY_PS));
        ledger.Listen(network.nics[2]);
        ledger.PostAt(PicoSeconds(START_PS), network.nics[0], 2, MESSAGE_BYTES);
        ledger.PostAt(PicoSeconds(START_PS), network.nics[1], 2, MESSAGE_BYTES);
    }

    /// @param until How long NIC 2 pauses its port, again and again; then it resumes it.
    void PauseUntil(const Time& until)
    {
        for (Time when = PicoSeconds(START_PS); when < until; when += MicroSeconds(40))
        {
            Simulator::Schedule(when, &PausedChain::Pause, this, uint16_t{LONGEST_QUANTA});
        }
        Simulator::Schedule(until, &PausedChain::Pause, this, uint16_t{0});
    }

    static constexpr uint32_t TRUNK = 2;                  //!< port to the other switch
    static constexpr uint64_t MESSAGE_BYTES = 400 * 4096; //!< more than switches can hold
    NicNetwork network;                                   //!< NICs and fibres
    std::array<Ptr<PacketSwitch>, 2> switches;            //!< a and b
    WriteLedger ledger;                                   //!< messages

  private:
    /// @param quanta How long.
    void Pause(uint16_t quanta)
    {
        switches[1]->GetPort(0)->HandleFrame(MakePause(DATA_BIT, quanta));
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Pauses spread from switch to switch to the NICs, and dissolve.
 */
class SwitchPausedChainTestCase : public MixnetTestCase
{
  public:
    SwitchPausedChainTestCase()
        : MixnetTestCase("Pauses spread over two switches to the NICs, and end with their cause")
    {
    }

  private:
    void DoRun() override
    {
        const Time until = MicroSeconds(500);
        PausedChain chain;
        chain.Build();
        chain.PauseUntil(until);
        std::vector<bool> paused;
        for (int look = 1; look < 10; ++look) // again and again: pauses last as their cause does
        {
            Simulator::Schedule(MicroSeconds(50 + 45 * look), [&]() {
                const auto& [a, b] = chain.switches;
                paused.push_back(b->GetPort(0)->IsPaused(DATA_CLASS) &&
                                 b->GetPort(PausedChain::TRUNK)->IsPausing(DATA_CLASS) &&
                                 a->GetPort(PausedChain::TRUNK)->IsPaused(DATA_CLASS) &&
                                 a->GetPort(0)->IsPausing(DATA_CLASS) &&
                                 a->GetPort(1)->IsPausing(DATA_CLASS) &&
                                 chain.network.nics[0]->IsPaused(DATA_CLASS) &&
                                 chain.network.nics[1]->IsPaused(DATA_CLASS));
            });
        }
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ((paused == std::vector<bool>(9, true)), true, "all are paused");
        NS_TEST_EXPECT_MSG_EQ(chain.ledger.arrivals.size(), 2, "both messages arrive");
        for (const auto& device : chain.switches)
        {
            NS_TEST_EXPECT_MSG_EQ(device->GetCounters().AllDropped().frames, 0, "nothing is lost");
            NS_TEST_EXPECT_MSG_EQ(IsAtRest(*device), true, "the switch is empty again");
        }
        for (const auto& nic : chain.network.nics)
        {
            NS_TEST_EXPECT_MSG_EQ(nic->IsPaused(DATA_CLASS), false, "no NIC is paused");
        }
        const LineTimes line{FAST, 4096};
        NS_TEST_EXPECT_MSG_EQ(
            (chain.ledger.arrivals.back().at <
             until + 2 * line.Message(PausedChain::MESSAGE_BYTES) + MicroSeconds(20)),
            true,
            "what waited goes at line rate, but for a few round trips");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief No pause outlives the signal of its port, at either end.
 */
class SwitchPauseSignalTestCase : public MixnetTestCase
{
  public:
    /// @param trunk Whether the fibre between the switches is cut, else that of NIC 0.
    explicit SwitchPauseSignalTestCase(bool trunk)
        : MixnetTestCase(std::string("A cut ends pauses at both ends, between ") +
                         (trunk ? "switches" : "NIC and switch") +
                         "; signal brings back what is due"),
          m_trunk(trunk)
    {
    }

  private:
    void DoRun() override
    {
        const Time until = MicroSeconds(500);
        const Time cut = MicroSeconds(200);
        const Time restored = MicroSeconds(300);
        PausedChain chain;
        chain.network.SetNic("LinkDownDelay", TimeValue(Time(0)));
        chain.Build();
        chain.PauseUntil(until);
        const auto fibre = chain.network.fibres[m_trunk ? 3 : 0];
        Simulator::Schedule(cut, &Fibre::Cut, fibre);
        Simulator::Schedule(restored, &Fibre::Restore, fibre);
        const Ptr<EthernetPort> sender =
            m_trunk ? Ptr<EthernetPort>(chain.switches[0]->GetPort(PausedChain::TRUNK))
                    : Ptr<EthernetPort>(chain.network.nics[0]);
        const auto pausing = m_trunk ? chain.switches[1]->GetPort(PausedChain::TRUNK)
                                     : chain.switches[0]->GetPort(0);
        const Time delay = PicoSeconds(DELAY_PS);
        const Time news = PicoSeconds(DELAY_PS + LineTime(PAUSE_BYTES, FAST));
        std::vector<std::pair<bool, bool>> seen;
        uint64_t held = 0;
        for (const Time& when : {cut + delay - PicoSeconds(1),
                                 cut + delay + PicoSeconds(1),
                                 restored + delay - PicoSeconds(1),
                                 restored + delay + news + PicoSeconds(1)})
        {
            Simulator::Schedule(when, [&]() {
                seen.emplace_back(sender->IsPaused(DATA_CLASS), pausing->IsPausing(DATA_CLASS));
                held = pausing->GetIngressBytes(DATA_CLASS);
            });
        }
        Simulator::Run();

        const std::vector<std::pair<bool, bool>> expected{{true, true},
                                                          {false, false},
                                                          {false, false},
                                                          {true, true}};
        NS_TEST_EXPECT_MSG_EQ((seen == expected), true, "paused, free in the dark, paused again");
        NS_TEST_EXPECT_MSG_GT(held, 0, "the switch still accounts for what came in");
        NS_TEST_EXPECT_MSG_EQ(chain.ledger.arrivals.size(), 2, "both messages arrive");
        for (const auto& device : chain.switches)
        {
            NS_TEST_EXPECT_MSG_EQ(IsAtRest(*device), true, "the switch is empty again");
        }
    }

    bool m_trunk; //!< whether the fibre between the switches is cut
};

/**
 * @ingroup mixnet-tests
 * @brief When the end of a pause is lost in a cut fibre, its time still ends.
 */
class SwitchLostResumeTestCase : public MixnetTestCase
{
  public:
    SwitchLostResumeTestCase()
        : MixnetTestCase("When the end of a pause is lost, it lasts to the end of its time")
    {
    }

  private:
    void DoRun() override
    {
        PausedChain chain;
        chain.Build();
        chain.PauseUntil(MicroSeconds(300));
        const auto fibre = chain.network.fibres[0];
        bool lost = false;
        chain.switches[0]->TraceConnectWithoutContext(
            "Pause",
            Callback<void, uint32_t, uint8_t, bool>([&](uint32_t port, uint8_t, bool paused) {
                // The frame is on the fibre a nanosecond later; NIC 0 does not notice the cut.
                if (port == 0 && !paused && !lost)
                {
                    lost = true;
                    Simulator::Schedule(NanoSeconds(1), &Fibre::Cut, fibre);
                    Simulator::Schedule(NanoSeconds(2), &Fibre::Restore, fibre);
                }
            }));
        Time lastPause;
        Time resumed;
        const auto nic = chain.network.nics[0];
        nic->TraceConnectWithoutContext(
            "Receive",
            Callback<void, const RoceFrame&>([&](const RoceFrame& frame) {
                lastPause = frame.kind == FrameKind::Pause && !lost ? Simulator::Now() : lastPause;
            }));
        nic->TraceConnectWithoutContext("Pause",
                                        Callback<void, uint8_t, bool>([&](uint8_t, bool paused) {
                                            resumed = lost && !paused && resumed.IsZero()
                                                          ? Simulator::Now()
                                                          : resumed;
                                        }));
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(fibre->GetCounters().pausesDropped.frames, 1, "the end is lost");
        NS_TEST_EXPECT_MSG_EQ(resumed,
                              lastPause + PicoSeconds(LongestPause(FAST)),
                              "the time of the last pause ends");
        NS_TEST_EXPECT_MSG_EQ(chain.ledger.arrivals.size(), 2, "both messages arrive");
        for (const auto& device : chain.switches)
        {
            NS_TEST_EXPECT_MSG_EQ(IsAtRest(*device), true, "the switch is empty again");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-packet-switch-pfc-chain.
 */
class PacketSwitchPfcChainTestSuite : public TestSuite
{
  public:
    PacketSwitchPfcChainTestSuite()
        : TestSuite("mixnet-packet-switch-pfc-chain", TestSuite::Type::UNIT)
    {
        AddTestCase(new SwitchPausedChainTestCase);
        AddTestCase(new SwitchPauseSignalTestCase(false));
        AddTestCase(new SwitchPauseSignalTestCase(true));
        AddTestCase(new SwitchLostResumeTestCase);
    }
};

static PacketSwitchPfcChainTestSuite g_packetSwitchPfcChainTestSuite; //!< the suite

} // namespace tests
