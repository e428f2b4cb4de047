/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/ocs-testbed.h"

#include "ns3/boolean.h"

#include <map>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief A reconfiguration leaves the frames of circuits that stay untouched, to the picosecond.
 */
class OcsPartialReconfigurationTestCase : public MixnetTestCase
{
  public:
    OcsPartialReconfigurationTestCase()
        : MixnetTestCase("Circuits that stay carry the same frames at the same picoseconds")
    {
    }

  private:
    void DoRun() override
    {
        const auto still = Arrivals(false);
        const auto changing = Arrivals(true);
        if (!HasSize(still, 2 * FRAMES, "all frames arrive without change"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ((still == changing), true, "and the same ones, then, with change");
    }

    /**
     * @param change Whether the other four ports change circuits meanwhile.
     * @return what arrives at the two ports of the circuit that stays.
     */
    std::vector<std::pair<int64_t, uint64_t>> Arrivals(bool change)
    {
        OcsTestbed testbed(6, 10 * FRAME_PS + 17);
        testbed.ReconfigureAt(0, {{0, 1}, {2, 3}, {4, 5}});
        constexpr int64_t begin = 20'000'000;
        for (uint64_t i = 0; i < FRAMES; ++i)
        {
            for (uint32_t port = 0; port < 6; ++port)
            {
                testbed.SendToReachSwitchAt(port, begin + i * FRAME_PS, i);
            }
        }
        if (change)
        {
            testbed.ReconfigureAt(begin + 10 * FRAME_PS + 1, {{0, 1}, {2, 4}, {3, 5}});
            testbed.ReconfigureAt(begin + 40 * FRAME_PS + 33, {{0, 1}});
            testbed.ReconfigureAt(begin + 70 * FRAME_PS, {{0, 1}, {2, 5}});
        }
        Simulator::Run();

        if (change)
        {
            NS_TEST_EXPECT_MSG_EQ(testbed.events.back().what, "End", "the changes took place");
            NS_TEST_EXPECT_MSG_GT(testbed.drops.size(), 0, "and others lost frames");
        }
        auto arrivals = ArrivalsOf(testbed.ports[0]);
        const auto others = ArrivalsOf(testbed.ports[1]);
        arrivals.insert(arrivals.end(), others.begin(), others.end());
        NS_TEST_EXPECT_MSG_EQ(testbed.ports[0]->GetSignals().size(),
                              1,
                              "the signal of a circuit that stays comes once and for all");
        Simulator::Destroy();
        return arrivals;
    }

    static constexpr uint64_t FRAMES = 100; //!< frames from each port
};

/**
 * @ingroup mixnet-tests
 * @brief WholeSwitchDark darkens all ports in every reconfiguration.
 */
class OcsWholeSwitchDarkTestCase : public MixnetTestCase
{
  public:
    OcsWholeSwitchDarkTestCase()
        : MixnetTestCase("WholeSwitchDark darkens circuits that stay, too, and brings them back")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t blackout = 2'000'000;
        constexpr int64_t change = 20'000'000;
        OcsTestbed testbed(6, blackout);
        testbed.ocs->SetAttribute("WholeSwitchDark", BooleanValue(true));
        testbed.ReconfigureAt(0, {{0, 1}});
        testbed.ReconfigureAt(change, {{0, 1}, {2, 3}});
        testbed.SendToReachSwitchAt(0, change + blackout / 2, 1);
        testbed.SendToReachSwitchAt(0, change + blackout, 2);
        testbed.SendToReachSwitchAt(3, change + blackout, 3);
        testbed.SendToReachSwitchAt(4, change + blackout / 2, 4);
        Simulator::Schedule(PicoSeconds(change + blackout / 2), [&]() {
            NS_TEST_EXPECT_MSG_EQ(testbed.ocs->GetConfiguration().Size(), 0, "nothing is lit");
        });
        Simulator::Run();

        if (!HasSize(testbed.results, 2, "two requests"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.results[1].darkPorts, 6, "all ports go dark");
        if (!HasSize(testbed.drops, 2, "two frames meet the dark"))
        {
            return;
        }
        for (const auto& drop : testbed.drops)
        {
            NS_TEST_EXPECT_MSG_EQ(ToString(drop.reason), "reconfiguring", "port " << drop.port);
        }
        const auto one = ArrivalsOf(testbed.ports[1]);
        if (!HasSize(one, 1, "the circuit that stays is back"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(one[0].second, 2, "with the frame that came at its return");
        NS_TEST_EXPECT_MSG_EQ(ArrivalsOf(testbed.ports[2]).size(), 1, "the new circuit works");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Which frames around a blackout are lost, to the picosecond.
 *
 * Circuits 0-1 and 2-3 become 0-2 and 1-3. The frame goes in at port 0.
 */
class OcsBlackoutTestCase : public MixnetTestCase
{
  public:
    /// Where a frame is expected to arrive, if at all.
    static constexpr uint32_t NOWHERE = 0xffffffff;

    /**
     * @param what What happens.
     * @param firstBit First bit at the switch, ps after the blackout begins.
     * @param blackout Duration, ps.
     * @param arrivesAt Port that the frame is to arrive at, or NOWHERE.
     * @param last Whether the request is the last event of its instant, not the first.
     */
    OcsBlackoutTestCase(const std::string& what,
                        int64_t firstBit,
                        int64_t blackout,
                        uint32_t arrivesAt,
                        bool last = false)
        : MixnetTestCase(
              "A frame is " +
              (arrivesAt == NOWHERE ? "lost" : "passed to port " + std::to_string(arrivesAt)) +
              ": " + what + (last ? ", which comes first" : "")),
          m_firstBit(firstBit),
          m_blackout(blackout),
          m_arrivesAt(arrivesAt),
          m_last(last)
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t begin = 50'000'000;
        OcsTestbed testbed(4, m_blackout);
        testbed.ReconfigureAt(0, {{0, 1}, {2, 3}});
        testbed.ReconfigureAt(begin, {{0, 2}, {1, 3}}, m_last);
        testbed.SendToReachSwitchAt(0, begin + m_firstBit);
        Simulator::Run();

        const bool lost = m_arrivesAt == NOWHERE;
        for (uint32_t port = 0; port < 4; ++port)
        {
            const auto arrivals = ArrivalsOf(testbed.ports[port]);
            if (!HasSize(arrivals, (port == m_arrivesAt ? 1 : 0), "port " + std::to_string(port)))
            {
                return;
            }
            if (port == m_arrivesAt)
            {
                NS_TEST_EXPECT_MSG_EQ(arrivals[0].first,
                                      begin + m_firstBit + FRAME_PS + DELAY_PS,
                                      "first bit at the switch + serialisation + delay");
            }
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::Reconfiguring),
                              (lost ? 1 : 0),
                              "frames counted as Reconfiguring");
        NS_TEST_EXPECT_MSG_EQ(testbed.ocs->GetCounters().AllDropped().frames,
                              (lost ? 1 : 0),
                              "no other reason");
        if (!HasSize(testbed.drops, (lost ? 1 : 0), "losses traced"))
        {
            return;
        }
        if (lost)
        {
            NS_TEST_EXPECT_MSG_EQ(testbed.drops[0].port, 0, "port it came in at");
            NS_TEST_EXPECT_MSG_EQ(testbed.drops[0].time,
                                  begin + m_firstBit + FRAME_PS,
                                  "when its last bit was at the switch");
        }
    }

    int64_t m_firstBit;   //!< first bit at the switch, ps after the blackout begins
    int64_t m_blackout;   //!< duration, ps
    uint32_t m_arrivesAt; //!< port that the frame is to arrive at, or NOWHERE
    bool m_last;          //!< whether the request is the last event of its instant
};

/**
 * @ingroup mixnet-tests
 * @brief A frame is lost if its circuit goes and comes back, in no time, while it passes.
 */
class OcsFlickerTestCase : public MixnetTestCase
{
  public:
    OcsFlickerTestCase()
        : MixnetTestCase("A frame is lost when its circuit is taken and given back in zero time")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t firstBit = 50'000'000;
        OcsTestbed testbed(2);
        testbed.ReconfigureAt(0, {{0, 1}});
        testbed.ReconfigureAt(firstBit + FRAME_PS / 2, {});
        testbed.ReconfigureAt(firstBit + FRAME_PS / 2, {{0, 1}});
        testbed.SendToReachSwitchAt(0, firstBit, 1);
        testbed.SendToReachSwitchAt(0, firstBit + FRAME_PS, 2);
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::Reconfiguring), 1, "the first is lost");
        const auto arrivals = ArrivalsOf(testbed.ports[1]);
        if (!HasSize(arrivals, 1, "the next one is not"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(arrivals[0].second, 2, "which is the second");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A frame that comes to a port without a circuit is lost as NotConnected.
 */
class OcsNotConnectedTestCase : public MixnetTestCase
{
  public:
    OcsNotConnectedTestCase()
        : MixnetTestCase("A frame at a port without a circuit is lost as NotConnected")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t blackout = 1'000'000;
        constexpr int64_t change = 20'000'000;
        OcsTestbed testbed(4, blackout);
        testbed.SendToReachSwitchAt(0, 2'000'000, 1); // never had one
        testbed.ReconfigureAt(10'000'000, {{0, 1}});
        testbed.SendToReachSwitchAt(2, 10'500'000, 2); // not touched by the change
        testbed.ReconfigureAt(change, {});
        testbed.SendToReachSwitchAt(0, change + blackout / 2, 3); // still in the dark
        testbed.SendToReachSwitchAt(0, change + blackout, 4);     // dark no more, but free
        Simulator::Run();

        const std::map<uint64_t, DropReason> expected{{1, DropReason::NotConnected},
                                                      {2, DropReason::NotConnected},
                                                      {3, DropReason::Reconfiguring},
                                                      {4, DropReason::NotConnected}};
        if (!HasSize(testbed.drops, expected.size(), "all are lost"))
        {
            return;
        }
        for (const auto& drop : testbed.drops)
        {
            NS_TEST_EXPECT_MSG_EQ(ToString(drop.reason),
                                  ToString(expected.at(drop.sequence)),
                                  "reason of frame " << drop.sequence);
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::NotConnected), 3, "counted");
        NS_TEST_EXPECT_MSG_EQ(testbed.ocs->GetPort(0)->GetCounters().AllDropped().frames,
                              3,
                              "counted at the port they came in at");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-ocs-switch-blackout.
 */
class OcsSwitchBlackoutTestSuite : public TestSuite
{
  public:
    OcsSwitchBlackoutTestSuite()
        : TestSuite("mixnet-ocs-switch-blackout", TestSuite::Type::UNIT)
    {
        AddTestCase(new OcsPartialReconfigurationTestCase);
        AddTestCase(new OcsWholeSwitchDarkTestCase);
        AddBlackouts();
        AddTestCase(new OcsFlickerTestCase);
        AddTestCase(new OcsNotConnectedTestCase);
    }

  private:
    /// @brief Adds frames around a blackout.
    void AddBlackouts()
    {
        constexpr int64_t B = 3 * FRAME_PS; // a blackout longer than a frame
        constexpr auto NOWHERE = OcsBlackoutTestCase::NOWHERE;
        const auto add = [this](auto... parameters) {
            AddTestCase(new OcsBlackoutTestCase(parameters...));
        };
        add("long before", -10 * FRAME_PS, B, 1);
        add("last bit 1 ps before the dark", -FRAME_PS - 1, B, 1);
        add("last bit at the instant the dark begins", -FRAME_PS, B, 1);
        add("last bit at the instant the dark begins", -FRAME_PS, B, 1, true);
        add("last bit at the instant of a swap in zero time", -FRAME_PS, 0, 1);
        add("last bit at the instant of a swap in zero time", -FRAME_PS, 0, 1, true);
        add("last bit 1 ps after the dark begins", -FRAME_PS + 1, B, NOWHERE);
        add("last bit in the dark", -FRAME_PS / 2, B, NOWHERE);
        add("first bit at the instant the dark begins", 0, B, NOWHERE);
        add("first bit and last bit in the dark", FRAME_PS, B, NOWHERE);
        add("last bit at the instant the dark ends", B - FRAME_PS, B, NOWHERE);
        add("first bit in the dark", B - FRAME_PS / 2, B, NOWHERE);
        add("first bit 1 ps before the dark ends", B - 1, B, NOWHERE);
        add("first bit at the instant the dark ends", B, B, 2);
        add("long after", 10 * FRAME_PS, B, 2);
        add("blackout of 1 ps in the middle", -FRAME_PS / 2, 1, NOWHERE);
        add("blackout of a tenth of it in the middle", -FRAME_PS / 2, FRAME_PS / 10, NOWHERE);
        add("circuit swapped in zero time in the middle", -FRAME_PS / 2, 0, NOWHERE);
        add("circuit swapped in zero time 1 ps after its first bit", -1, 0, NOWHERE);
        add("circuit swapped in zero time 1 ps before its last bit", -FRAME_PS + 1, 0, NOWHERE);
        add("first bit at the instant of a swap in zero time", 0, 0, 2);
    }
};

static OcsSwitchBlackoutTestSuite g_ocsSwitchBlackoutTestSuite; //!< the suite

} // namespace tests
