/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/switch-testbed.h"

#include <vector>

namespace tests
{

namespace
{

constexpr int64_t US = 1'000'000;          //!< in ps
constexpr int64_t EVERY = 40 * US;         //!< from pause to pause: before the last one is over
constexpr int64_t WATCHDOG = 100 * US;     //!< attribute
constexpr int64_t LAST_PAUSE = 10 * EVERY; //!< of a long storm
constexpr int64_t SOON = 10 * US;          //!< after the first pause: frames come and wait
constexpr uint64_t WAITING = 5;            //!< how many
constexpr uint64_t LATER = 3;              //!< frames that come in the storm

constexpr int64_t SEEN = EVERY; //!< the first pause that finds frames waiting

/// The first pause that finds that they have waited for too long.
constexpr int64_t STORM = SEEN + (WATCHDOG + EVERY - 1) / EVERY * EVERY;

/// @return the first look, WATCHDOG apart from the begin of the storm, with no pause since the one
/// before and none in force.
constexpr int64_t
Restored()
{
    const int64_t over = LAST_PAUSE + LongestPause(FAST);
    int64_t look = STORM + WATCHDOG;
    while (look - WATCHDOG <= LAST_PAUSE || look < over)
    {
        look += WATCHDOG;
    }
    return look;
}

/**
 * @ingroup mixnet-tests
 * @brief A switch whose port 1 somebody pauses again and again.
 */
class StormTestbed : public SwitchTestbed
{
  public:
    /// An announcement of a storm.
    struct Event
    {
        int64_t time;         //!< ps after START_PS
        uint32_t port;        //!< which port
        uint8_t trafficClass; //!< which class
        bool begins;          //!< whether it begins

        /// @param other Another one. @return whether they are equal.
        bool operator==(const Event& other) const
        {
            return time == other.time && port == other.port && trafficClass == other.trafficClass &&
                   begins == other.begins;
        }
    };

    /// @param lastPause When the last pause comes, ps after START_PS. @param watchdog Attribute.
    StormTestbed(int64_t lastPause, int64_t watchdog)
        : SwitchTestbed({FAST, FAST})
    {
        device->SetAttribute("PfcWatchdog", TimeValue(PicoSeconds(watchdog)));
        device->TraceConnectWithoutContext("PauseStorm",
                                           MakeCallback(&StormTestbed::HandleStorm, this));
        for (int64_t when = 0; when <= lastPause; when += EVERY)
        {
            Simulator::Schedule(PicoSeconds(START_PS + when), [this] {
                device->GetPort(1)->HandleFrame(MakePause(DATA_BIT, LONGEST_QUANTA));
            });
        }
    }

    /// @param when First bit of the first, ps after START_PS. @param count How many frames.
    void SendBurst(int64_t when, uint64_t count)
    {
        for (uint64_t n = 0; n < count; ++n)
        {
            Send(0, 1, when + n * FAST_PS, sent++);
        }
    }

    std::vector<Event> events; //!< announcements
    uint64_t sent{0};          //!< frames

  private:
    /// @param port Its port. @param trafficClass Its class. @param begins Whether it begins.
    void HandleStorm(uint32_t port, uint8_t trafficClass, bool begins)
    {
        events.push_back(
            {Simulator::Now().GetPicoSeconds() - START_PS, port, trafficClass, begins});
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Frames of a class that is paused for too long are lost, until pauses are over.
 */
class StormTestCase : public MixnetTestCase
{
  public:
    StormTestCase()
        : MixnetTestCase("A class that is paused for too long loses its frames, with a reason of "
                         "their own, until no pause has come for as long again")
    {
    }

  private:
    void DoRun() override
    {
        StormTestbed testbed(LAST_PAUSE, WATCHDOG);
        testbed.SendBurst(SOON, WAITING);
        testbed.SendBurst(STORM + SOON, LATER);
        testbed.SendBurst(Restored() + SOON, 1);
        std::vector<uint64_t> lost;
        for (const int64_t when : {STORM - 1, STORM + 1, STORM + EVERY})
        {
            Simulator::Schedule(PicoSeconds(START_PS + when),
                                [&] { lost.push_back(testbed.Dropped(DropReason::PauseStorm)); });
        }
        Simulator::Run();
        const std::vector<uint64_t> expected{0, WAITING, WAITING + LATER};
        NS_TEST_EXPECT_MSG_EQ((lost == expected), true, "what waits is lost, and what comes");
        const std::vector<StormTestbed::Event> events{{STORM, 1, DATA_CLASS, true},
                                                      {Restored(), 1, DATA_CLASS, false}};
        NS_TEST_EXPECT_MSG_EQ((testbed.events == events), true, "begin and end are announced");
        NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(1).size(), 1, "frames pass again");
        const auto counters = testbed.device->GetCounters();
        NS_TEST_EXPECT_MSG_EQ(counters.received.frames, testbed.sent, "all have come");
        NS_TEST_EXPECT_MSG_EQ(counters.received.frames,
                              counters.sent.frames + counters.AllDropped().frames,
                              "received = sent + lost");
        NS_TEST_EXPECT_MSG_EQ(counters.AllDropped().frames,
                              testbed.Dropped(DropReason::PauseStorm),
                              "for that reason only");
        NS_TEST_EXPECT_MSG_EQ(IsAtRest(*testbed.device), true, "buffer is given back");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Pauses that are shorter, or without a watchdog, lose nothing.
 */
class NoStormTestCase : public MixnetTestCase
{
  public:
    /// @param lastPause When the last pause comes, ps. @param watchdog Attribute, ps.
    /// @param what In words.
    NoStormTestCase(int64_t lastPause, int64_t watchdog, const std::string& what)
        : MixnetTestCase("Nothing is lost " + what),
          m_lastPause(lastPause),
          m_watchdog(watchdog)
    {
    }

  private:
    void DoRun() override
    {
        StormTestbed testbed(m_lastPause, m_watchdog);
        testbed.SendBurst(SOON, WAITING);
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(testbed.events.size(), 0, "no storm");
        NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(1).size(), WAITING, "all get through");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetCounters().AllDropped().frames, 0, "none is lost");
        NS_TEST_EXPECT_MSG_EQ(IsAtRest(*testbed.device), true, "buffer is given back");
    }

    int64_t m_lastPause; //!< when the last pause comes, ps
    int64_t m_watchdog;  //!< attribute, ps
};

/**
 * @ingroup mixnet-tests
 * @brief A signal that goes takes the storm along.
 */
class StormSignalTestCase : public MixnetTestCase
{
  public:
    StormSignalTestCase()
        : MixnetTestCase("A storm ends when the signal goes: frames pass as soon as it is back")
    {
    }

  private:
    void DoRun() override
    {
        StormTestbed testbed(STORM, WATCHDOG);
        testbed.SendBurst(SOON, WAITING);
        const auto port = testbed.device->GetPort(1);
        const auto signal = [&](int64_t when, bool on) {
            Simulator::Schedule(PicoSeconds(START_PS + when), [port, on] {
                port->HandleSignal(LinkSignal{on, 1});
            });
        };
        signal(STORM + SOON, false);
        signal(STORM + 2 * SOON, true);
        testbed.SendBurst(STORM + 3 * SOON, LATER);
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::PauseStorm), WAITING, "in the storm");
        NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(1).size(), LATER, "after it");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Test suite of the watchdog of pauses in packet switches.
 */
class PacketSwitchStormTestSuite : public TestSuite
{
  public:
    PacketSwitchStormTestSuite()
        : TestSuite("mixnet-packet-switch-storm", TestSuite::Type::UNIT)
    {
        AddTestCase(new StormTestCase);
        // Frames wait from SEEN on: two pauses later it is not long enough.
        AddTestCase(
            new NoStormTestCase(SEEN + WATCHDOG / EVERY * EVERY, WATCHDOG, "in a short pause"));
        AddTestCase(new NoStormTestCase(LAST_PAUSE, 0, "without a watchdog"));
        AddTestCase(new StormSignalTestCase);
    }
};

} // namespace

static PacketSwitchStormTestSuite g_packetSwitchStormTestSuite; //!< the suite

} // namespace tests
