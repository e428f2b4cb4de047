/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/ocs-testbed.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"

#include <map>
#include <numeric>
#include <set>
#include <utility>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief A frame passes by propagation alone: departure + serialisation + two delays, both ways.
 */
class OcsPassingTestCase : public MixnetTestCase
{
  public:
    OcsPassingTestCase()
        : MixnetTestCase("A frame on a circuit arrives serialisation and two delays later")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(4);
        testbed.ReconfigureAt(0, {{0, 2}});
        constexpr int64_t departure = 5'000'003;
        constexpr uint64_t count = 10;
        for (uint64_t i = 0; i < count; ++i)
        {
            testbed.ports[0]->SendAt(PicoSeconds(departure + i * FRAME_PS),
                                     MakeFrame(FRAME_BYTES, i));
            testbed.ports[2]->SendAt(PicoSeconds(departure + i * FRAME_PS),
                                     MakeFrame(FRAME_BYTES, i));
        }
        Simulator::Run();

        for (const uint32_t port : {0, 2})
        {
            const auto arrivals = ArrivalsOf(testbed.ports[port]);
            if (!HasSize(arrivals, count, "all frames arrive at port " + std::to_string(port)))
            {
                return;
            }
            for (uint64_t i = 0; i < count; ++i)
            {
                NS_TEST_EXPECT_MSG_EQ(arrivals[i].first,
                                      departure + int64_t(i + 1) * FRAME_PS + 2 * DELAY_PS,
                                      "departure + serialisation + two delays");
                NS_TEST_EXPECT_MSG_EQ(arrivals[i].second, i, "in order");
            }
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.ports[1]->GetArrivals().size(), 0, "port 1 has no circuit");
        NS_TEST_EXPECT_MSG_EQ(testbed.ocs->GetCounters().received.frames, 2 * count, "frames in");
        NS_TEST_EXPECT_MSG_EQ(testbed.ocs->GetCounters().sent.frames, 2 * count, "frames out");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief NICs see a circuit come and go as signal, one delay later, with its source.
 */
class OcsSignalTestCase : public MixnetTestCase
{
  public:
    OcsSignalTestCase()
        : MixnetTestCase("Signal follows the circuits one delay later, and cuts behind the switch")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t blackout = 3'000'000;
        constexpr int64_t first = 10'000'000;
        constexpr int64_t second = 20'000'000;
        constexpr int64_t cut = 30'000'000;
        OcsTestbed testbed(3, blackout);
        testbed.ReconfigureAt(first, {{0, 1}});
        testbed.ReconfigureAt(second, {{0, 2}});
        Simulator::Schedule(PicoSeconds(cut), &Fibre::Cut, testbed.fibres[2]);
        Simulator::Run();

        Expect(testbed,
               0,
               {{first + blackout + DELAY_PS, true, 1},
                {second + DELAY_PS, false, 0},
                {second + blackout + DELAY_PS, true, 2},
                {cut + 2 * DELAY_PS, false, 0}});
        Expect(testbed, 1, {{first + blackout + DELAY_PS, true, 0}, {second + DELAY_PS, false, 0}});
        Expect(testbed, 2, {{second + blackout + DELAY_PS, true, 0}, {cut + DELAY_PS, false, 0}});
    }

    /// A change of signal that is expected.
    struct Change
    {
        int64_t time;      //!< when, ps
        bool on;           //!< whether there is a signal from then on
        NicAddress source; //!< whose, if there is
    };

    /**
     * @param testbed The switch and what is around it.
     * @param port A port.
     * @param expected Changes of signal at its far end that change something.
     */
    void Expect(const OcsTestbed& testbed, uint32_t port, const std::vector<Change>& expected)
    {
        std::vector<TestPort::SignalArrival> changes;
        LinkSignal last;
        for (const auto& arrival : testbed.ports[port]->GetSignals())
        {
            if (!(arrival.signal == last))
            {
                changes.push_back(arrival);
                last = arrival.signal;
            }
        }
        if (!HasSize(changes, expected.size(), "changes at port " + std::to_string(port)))
        {
            return;
        }
        for (size_t i = 0; i < expected.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(changes[i].time,
                                  PicoSeconds(expected[i].time),
                                  "time of change " << i << " at port " << port);
            NS_TEST_EXPECT_MSG_EQ(changes[i].signal.on, expected[i].on, "signal of change " << i);
            if (expected[i].on)
            {
                NS_TEST_EXPECT_MSG_EQ(changes[i].signal.source, expected[i].source, "whose it is");
            }
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A full switch of 512 ports carries a frame each way on all 256 circuits.
 */
class OcsFullSwitchTestCase : public MixnetTestCase
{
  public:
    OcsFullSwitchTestCase()
        : MixnetTestCase("512 ports: all 512 frames cross 256 circuits, before and after a change")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t n = 512;
        constexpr int64_t times[]{10'000'000, 30'000'000};
        Circuits mirrored;
        Circuits shifted;
        for (uint32_t i = 0; i < n / 2; ++i)
        {
            mirrored.emplace_back(i, n - 1 - i);
            shifted.emplace_back(i, i + n / 2);
        }
        OcsTestbed testbed(n, 1'000'000);
        testbed.ReconfigureAt(0, mirrored);
        testbed.ReconfigureAt(20'000'000, shifted);
        for (uint32_t i = 0; i < n; ++i)
        {
            testbed.SendToReachSwitchAt(i, times[0], i);
            testbed.SendToReachSwitchAt(i, times[1], i);
        }
        Simulator::Run();

        for (uint32_t i = 0; i < n; ++i)
        {
            const auto arrivals = ArrivalsOf(testbed.ports[i]);
            if (!HasSize(arrivals, 2, "frames that arrive at port " + std::to_string(i)))
            {
                return;
            }
            NS_TEST_EXPECT_MSG_EQ(arrivals[0].second, n - 1 - i, "mirrored at port " << i);
            NS_TEST_EXPECT_MSG_EQ(arrivals[1].second, (i + n / 2) % n, "shifted at port " << i);
            for (const size_t round : {0, 1})
            {
                NS_TEST_EXPECT_MSG_EQ(arrivals[round].first,
                                      times[round] + FRAME_PS + DELAY_PS,
                                      "no frame waits for another");
            }
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.ocs->GetCounters().AllDropped().frames, 0, "nothing is lost");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Sent = received + dropped by reason + in flight in a random run, at random instants.
 *
 * What becomes of each frame is worked out from the announced circuits alone: it passes if one
 * circuit was lit from its first to its last bit.
 */
class OcsConservationTestCase : public MixnetTestCase
{
  public:
    /**
     * @param run Number of the random run.
     * @param wholeSwitchDark Attribute WholeSwitchDark.
     */
    OcsConservationTestCase(uint64_t run, bool wholeSwitchDark)
        : MixnetTestCase("Sent = received + dropped by reason + in flight, run " +
                         std::to_string(run) + (wholeSwitchDark ? ", WholeSwitchDark" : "")),
          m_run(run),
          m_wholeSwitchDark(wholeSwitchDark)
    {
    }

  private:
    /// A frame of the run.
    struct Flight
    {
        uint32_t from;     //!< port
        int64_t firstBit;  //!< at the switch, ps
        bool dropped;      //!< whether the switch has lost it
        DropReason reason; //!< why
    };

    void DoRun() override
    {
        RngSeedManager::SetRun(m_run);
        m_random = CreateObject<UniformRandomVariable>();
        m_random->SetStream(1);
        m_flights.clear();
        OcsTestbed testbed(PORTS);
        auto time = CreateObject<UniformRandomVariable>();
        time->SetAttribute("Min", DoubleValue(0));
        time->SetAttribute("Max", DoubleValue(5 * FRAME_PS * 1e-12));
        testbed.ocs->SetAttribute("ReconfigurationTime", PointerValue(time));
        testbed.ocs->SetAttribute("WholeSwitchDark", BooleanValue(m_wholeSwitchDark));
        testbed.ocs->AssignStreams(2);
        PlanRequests(testbed);
        PlanFrames(testbed);
        for (int i = 0; i < 300; ++i)
        {
            Simulator::Schedule(PicoSeconds(m_random->GetInteger(0, END)),
                                [this, &testbed]() { CheckSum(testbed); });
        }
        Simulator::Schedule(PicoSeconds(2 * END), [this, &testbed]() { CheckSum(testbed); });
        Simulator::Run();

        CheckFates(testbed);
        RngSeedManager::SetRun(1);
    }

    /**
     * @param testbed The switch.
     */
    void PlanRequests(OcsTestbed& testbed)
    {
        std::vector<uint32_t> order(PORTS);
        std::iota(order.begin(), order.end(), 0);
        for (int64_t when = 0; when < END; when += m_random->GetInteger(1, 12 * FRAME_PS))
        {
            // A few swaps only, so that some circuits stay.
            for (int i = 0; i < 2; ++i)
            {
                std::swap(order[m_random->GetInteger(0, PORTS - 1)],
                          order[m_random->GetInteger(0, PORTS - 1)]);
            }
            Circuits circuits;
            const uint32_t ends = 2 * m_random->GetInteger(1, PORTS / 2);
            for (uint32_t i = 0; i < ends; i += 2)
            {
                circuits.emplace_back(order[i], order[i + 1]);
            }
            testbed.ReconfigureAt(when, circuits);
        }
    }

    /**
     * @param testbed The switch.
     */
    void PlanFrames(OcsTestbed& testbed)
    {
        for (uint32_t port = 0; port < PORTS; ++port)
        {
            for (int64_t when = DELAY_PS + m_random->GetInteger(0, FRAME_PS); when < END;
                 when += FRAME_PS + m_random->GetInteger(0, FRAME_PS / 2))
            {
                testbed.SendToReachSwitchAt(port, when, m_flights.size());
                m_flights.push_back({port, when, false, DropReason::NotConnected});
            }
        }
    }

    /**
     * @brief Compares counters with the frames in flight at this instant, fibre by fibre.
     * @param testbed The switch.
     */
    void CheckSum(const OcsTestbed& testbed)
    {
        const int64_t now = Simulator::Now().GetPicoSeconds();
        for (const auto& drop : testbed.drops)
        {
            m_flights[drop.sequence].dropped = true;
            m_flights[drop.sequence].reason = drop.reason;
        }
        // Departures of this instant, planned before, are over; arrivals are to come.
        uint64_t towardsSwitch = 0;
        uint64_t fromSwitch = 0;
        uint64_t sent = 0;
        for (const auto& flight : m_flights)
        {
            const int64_t atSwitch = flight.firstBit + FRAME_PS;
            sent += flight.firstBit - DELAY_PS <= now ? 1 : 0;
            towardsSwitch += flight.firstBit - DELAY_PS <= now && now <= atSwitch ? 1 : 0;
            fromSwitch += atSwitch < now && now <= atSwitch + DELAY_PS && !flight.dropped ? 1 : 0;
        }
        FrameCounters ends;
        for (const auto& port : testbed.ports)
        {
            ends += port->GetCounters();
        }
        const auto ocs = testbed.ocs->GetCounters();
        NS_TEST_EXPECT_MSG_EQ(ends.sent.frames, sent, "frames that have set out");
        NS_TEST_EXPECT_MSG_EQ(ends.sent.frames,
                              ocs.received.frames + towardsSwitch,
                              "sent = at the switch + on the way to it");
        NS_TEST_EXPECT_MSG_EQ(ocs.received.frames,
                              ocs.sent.frames + ocs.AllDropped().frames,
                              "the switch holds nothing");
        NS_TEST_EXPECT_MSG_EQ(ends.sent.frames,
                              ends.received.frames + ocs.AllDropped().frames + towardsSwitch +
                                  fromSwitch,
                              "sent = received + dropped + in flight");
        NS_TEST_EXPECT_MSG_EQ(
            ends.sent.bytes,
            (ends.received.frames + ocs.AllDropped().frames + towardsSwitch + fromSwitch) *
                FRAME_BYTES,
            "the same in bytes");
    }

    /**
     * @brief Works out from the announced circuits where each frame must be.
     * @param testbed The switch, when all is over.
     */
    void CheckFates(const OcsTestbed& testbed)
    {
        struct Lit
        {
            int64_t from;  //!< up, ps
            int64_t until; //!< down, ps
            uint32_t peer; //!< the other port
        };

        std::map<uint32_t, std::vector<Lit>> lit; // by port
        for (const auto& event : testbed.events)
        {
            if (event.what == "Up" || event.what == "Down")
            {
                const auto [a, b] = event.circuits[0];
                for (const auto& [port, peer] : {std::pair(a, b), std::pair(b, a)})
                {
                    if (event.what == "Up")
                    {
                        lit[port].push_back({event.time, 2 * int64_t{END}, peer});
                    }
                    else
                    {
                        lit[port].back().until = event.time;
                    }
                }
            }
        }
        std::vector<uint32_t> arrivedAt(m_flights.size(), PORTS);
        for (uint32_t port = 0; port < PORTS; ++port)
        {
            for (const auto& [time, sequence] : ArrivalsOf(testbed.ports[port]))
            {
                NS_TEST_EXPECT_MSG_EQ(arrivedAt[sequence], PORTS, "a frame arrives once");
                arrivedAt[sequence] = port;
            }
        }
        std::set<DropReason> reasons;
        for (size_t i = 0; i < m_flights.size(); ++i)
        {
            const auto& flight = m_flights[i];
            uint32_t expected = PORTS;
            for (const auto& interval : lit[flight.from])
            {
                if (interval.from <= flight.firstBit &&
                    flight.firstBit + FRAME_PS <= interval.until)
                {
                    expected = interval.peer;
                }
            }
            NS_TEST_EXPECT_MSG_EQ(arrivedAt[i], expected, "where frame " << i << " arrives");
            NS_TEST_EXPECT_MSG_EQ(flight.dropped, (expected == PORTS), "whether it is lost");
            if (flight.dropped)
            {
                reasons.insert(flight.reason);
            }
        }
        NS_TEST_EXPECT_MSG_EQ(reasons.count(DropReason::Reconfiguring), 1, "some meet the dark");
        // Ports without a circuit go dark, too, when the whole switch does.
        NS_TEST_EXPECT_MSG_EQ(reasons.count(DropReason::NotConnected), 1, "some meet no circuit");
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::Reconfiguring) +
                                  testbed.Dropped(DropReason::NotConnected),
                              testbed.drops.size(),
                              "no other reason");
    }

    static constexpr uint32_t PORTS = 12;           //!< ports of the switch
    static constexpr uint32_t END = 300 * FRAME_PS; //!< end of requests and frames, ps
    uint64_t m_run;                                 //!< number of the random run
    bool m_wholeSwitchDark;                         //!< attribute WholeSwitchDark
    Ptr<UniformRandomVariable> m_random;            //!< source of random numbers
    std::vector<Flight> m_flights;                  //!< by sequence number
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-ocs-switch.
 */
class OcsSwitchTestSuite : public TestSuite
{
  public:
    OcsSwitchTestSuite()
        : TestSuite("mixnet-ocs-switch", TestSuite::Type::UNIT)
    {
        AddTestCase(new OcsPassingTestCase);
        AddTestCase(new OcsSignalTestCase);
        AddTestCase(new OcsFullSwitchTestCase);
        for (uint64_t run = 1; run <= 3; ++run)
        {
            AddTestCase(new OcsConservationTestCase(run, false));
        }
        AddTestCase(new OcsConservationTestCase(4, true));
    }
};

static OcsSwitchTestSuite g_ocsSwitchTestSuite; //!< the suite

} // namespace tests
