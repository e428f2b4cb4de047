/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"
#include "../testbed/test-frame.h"
#include "../testbed/test-line.h"
#include "../testbed/test-ports.h"

#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

/// Two ports and a fibre.
struct FibreTestbed
{
    /**
     * @param delay Propagation delay.
     */
    explicit FibreTestbed(const Time& delay = PicoSeconds(DELAY_PS))
        : a(TestPort::Make(0, DataRate(RATE))),
          b(TestPort::Make(1, DataRate(RATE))),
          fibre(Join(a, b, delay))
    {
    }

    Ptr<TestPort> a;  //!< port at end 0
    Ptr<TestPort> b;  //!< port at end 1
    Ptr<Fibre> fibre; //!< the fibre
};

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief Arrival = departure + serialisation + delay, to the picosecond, in both directions.
 */
class FibreDelayTestCase : public MixnetTestCase
{
  public:
    /**
     * @param delay Propagation delay, ps.
     */
    explicit FibreDelayTestCase(int64_t delay)
        : MixnetTestCase("A frame arrives serialisation and delay later, delay " +
                         std::to_string(delay) + " ps"),
          m_delay(delay)
    {
    }

  private:
    void DoRun() override
    {
        FibreTestbed testbed(PicoSeconds(m_delay));
        constexpr int64_t departure = 7;
        constexpr uint32_t otherBytes = 84;
        testbed.a->SendAt(PicoSeconds(departure), MakeFrame(FRAME_BYTES));
        testbed.a->SendAt(PicoSeconds(departure + FRAME_PS), MakeFrame(FRAME_BYTES));
        testbed.b->SendAt(PicoSeconds(departure), MakeFrame(otherBytes));
        Simulator::Run();

        const auto& there = testbed.b->GetArrivals();
        if (!HasSize(there, 2, "end 1 gets both frames of end 0"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(there[0].time,
                              PicoSeconds(departure + FRAME_PS + m_delay),
                              "departure + serialisation + delay");
        NS_TEST_EXPECT_MSG_EQ(there[1].time,
                              PicoSeconds(departure + 2 * FRAME_PS + m_delay),
                              "frames back to back stay back to back");
        const auto& back = testbed.a->GetArrivals();
        if (!HasSize(back, 1, "end 0 gets the frame of end 1"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(back[0].time,
                              PicoSeconds(departure + otherBytes * 8 * 5 / 2 + m_delay),
                              "the other direction is as fast and free at the same time");
        NS_TEST_EXPECT_MSG_EQ(back[0].frame.wireBytes, otherBytes, "a frame keeps its size");
    }

    int64_t m_delay; //!< propagation delay, ps
};

/**
 * @ingroup mixnet-tests
 * @brief A frame is lost when any of its bits is in the fibre while that is cut.
 *
 * The frame is in the fibre from 0 (first bit in) to L = serialisation + delay (last bit out),
 * counted from its departure.
 */
class FibreCutTestCase : public MixnetTestCase
{
  public:
    /**
     * @param what What happens.
     * @param cut When the fibre is cut, ps after the departure.
     * @param restore When it is whole again, ps after the departure.
     * @param lost Whether the frame is to be lost.
     * @param cutLast Whether the cut is the last event of its instant, not the first.
     */
    FibreCutTestCase(const std::string& what,
                     int64_t cut,
                     int64_t restore,
                     bool lost,
                     bool cutLast = false)
        : MixnetTestCase("A frame is " + std::string(lost ? "lost" : "delivered") + ": " + what +
                         (cutLast ? ", which comes first" : "")),
          m_cut(cut),
          m_restore(restore),
          m_lost(lost),
          m_cutLast(cutLast)
    {
    }

  private:
    void DoRun() override
    {
        FibreTestbed testbed;
        const Time departure = MicroSeconds(10);
        const Time cut = departure + PicoSeconds(m_cut);
        const Time restore = departure + PicoSeconds(m_restore);
        uint32_t traced = 0;
        testbed.fibre->TraceConnectWithoutContext(
            "Drop",
            Callback<void, const RoceFrame&, DropReason>(
                [&traced](const RoceFrame&, DropReason) { ++traced; }));
        if (m_cutLast)
        {
            // Scheduled after the frame's events, it comes after them at the same instant.
            Simulator::Schedule(cut - PicoSeconds(1), [&testbed]() {
                Simulator::Schedule(PicoSeconds(1), &Fibre::Cut, testbed.fibre);
            });
        }
        else
        {
            Simulator::Schedule(cut, &Fibre::Cut, testbed.fibre);
        }
        Simulator::Schedule(restore, &Fibre::Restore, testbed.fibre);
        testbed.a->SendAt(departure, MakeFrame(FRAME_BYTES));
        Simulator::Run();

        const uint64_t lost = m_lost ? 1 : 0;
        const auto& counters = testbed.fibre->GetCounters();
        NS_TEST_EXPECT_MSG_EQ(testbed.b->GetArrivals().size(), 1 - lost, "frames that arrive");
        NS_TEST_EXPECT_MSG_EQ(counters.sent.frames, 1, "frames carried");
        NS_TEST_EXPECT_MSG_EQ(counters.received.frames, 1 - lost, "frames counted as delivered");
        NS_TEST_EXPECT_MSG_EQ(counters.Dropped(DropReason::FibreCut).frames,
                              lost,
                              "frames counted as FibreCut");
        NS_TEST_EXPECT_MSG_EQ(counters.Dropped(DropReason::FibreCut).bytes,
                              lost * FRAME_BYTES,
                              "bytes counted as FibreCut");
        NS_TEST_EXPECT_MSG_EQ(counters.AllDropped().frames, lost, "no other reason");
        NS_TEST_EXPECT_MSG_EQ(traced, lost, "losses traced");
    }

    int64_t m_cut;     //!< when it is cut, ps after the departure
    int64_t m_restore; //!< when it is whole again, ps after the departure
    bool m_lost;       //!< whether the frame is to be lost
    bool m_cutLast;    //!< whether the cut is the last event of its instant
};

/**
 * @ingroup mixnet-tests
 * @brief The signal is gone one delay after a cut and back one delay after the splice.
 */
class FibreSignalTestCase : public MixnetTestCase
{
  public:
    FibreSignalTestCase()
        : MixnetTestCase("Signal is lost and comes back one delay later, at both ends")
    {
    }

  private:
    void DoRun() override
    {
        FibreTestbed testbed;
        const Time delay = PicoSeconds(DELAY_PS);
        const Time cut = MicroSeconds(10);
        const Time restore = MicroSeconds(30);
        Simulator::Schedule(cut, &Fibre::Cut, testbed.fibre);
        Simulator::Schedule(cut + NanoSeconds(1), &Fibre::Cut, testbed.fibre); // changes nothing
        Simulator::Schedule(restore, &Fibre::Restore, testbed.fibre);
        Simulator::Schedule(restore + NanoSeconds(1), &Fibre::Restore, testbed.fibre);
        Simulator::Run();

        const std::vector<Time> times{delay, cut + delay, restore + delay};
        for (const auto& [port, other] : {std::pair(testbed.a, 1U), std::pair(testbed.b, 0U)})
        {
            const auto& signals = port->GetSignals();
            if (!HasSize(signals, times.size(), "signal comes, goes and comes back"))
            {
                return;
            }
            for (size_t i = 0; i < times.size(); ++i)
            {
                NS_TEST_EXPECT_MSG_EQ(signals[i].time, times[i], "one delay after its cause");
                NS_TEST_EXPECT_MSG_EQ(signals[i].signal.on, (i != 1), "dark in the cut only");
            }
            NS_TEST_EXPECT_MSG_EQ(signals[0].signal.source, other, "signal tells whose it is");
            NS_TEST_EXPECT_MSG_EQ(signals[2].signal.source, other, "also after the splice");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What an end emits when the fibre is spliced counts, not what it emitted at the cut.
 */
class FibreSignalChangedInCutTestCase : public MixnetTestCase
{
  public:
    FibreSignalChangedInCutTestCase()
        : MixnetTestCase(
              "Signal that is turned off during a cut does not come back with the splice")
    {
    }

  private:
    void DoRun() override
    {
        FibreTestbed testbed;
        const Time restore = MicroSeconds(30);
        Simulator::Schedule(MicroSeconds(10), &Fibre::Cut, testbed.fibre);
        testbed.a->SignalAt(MicroSeconds(20), false);
        Simulator::Schedule(restore, &Fibre::Restore, testbed.fibre);
        Simulator::Stop(restore);
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(testbed.b->GetSignals().size(), 2, "nothing passes while it is cut");
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(testbed.b->GetSignals().back().signal.on, false, "end 0 emits none");
        NS_TEST_EXPECT_MSG_EQ(testbed.a->GetSignals().back().signal.on, true, "end 1 still does");
        NS_TEST_EXPECT_MSG_EQ(testbed.a->GetSignals().back().time,
                              restore + PicoSeconds(DELAY_PS),
                              "one delay after the splice");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Carried = delivered + dropped + in flight at random instants, with cuts at random.
 *
 * Which frames are lost and which are in flight is worked out from departures and cuts alone.
 */
class FibreConservationTestCase : public MixnetTestCase
{
  public:
    /**
     * @param run Number of the random run.
     */
    explicit FibreConservationTestCase(uint64_t run)
        : MixnetTestCase("Carried = delivered + dropped + in flight, run " + std::to_string(run)),
          m_run(run)
    {
    }

  private:
    void DoRun() override
    {
        RngSeedManager::SetRun(m_run);
        auto random = CreateObject<UniformRandomVariable>();
        random->SetStream(1);
        FibreTestbed testbed;
        PlanCuts(testbed, random);
        PlanFrames(testbed.a, random);
        PlanFrames(testbed.b, random);
        for (int i = 0; i < 300; ++i)
        {
            Simulator::Schedule(PicoSeconds(random->GetInteger(0, END)),
                                [this, &testbed]() { Check(testbed.fibre->GetCounters()); });
        }
        Simulator::Run();
        const auto& counters = testbed.fibre->GetCounters();
        NS_TEST_EXPECT_MSG_GT(counters.AllDropped().frames, 0, "some frames meet a cut");
        NS_TEST_EXPECT_MSG_EQ(counters.sent.frames,
                              counters.received.frames + counters.AllDropped().frames,
                              "nothing is in flight at the end");
        NS_TEST_EXPECT_MSG_EQ(counters.sent.bytes,
                              counters.received.bytes + counters.AllDropped().bytes,
                              "the same in bytes");
        RngSeedManager::SetRun(1);
    }

    /**
     * @param testbed The fibre.
     * @param random Source of random numbers.
     */
    void PlanCuts(FibreTestbed& testbed, Ptr<UniformRandomVariable> random)
    {
        m_cuts.clear();
        m_departures.clear();
        uint32_t time = 0;
        while (true)
        {
            const uint32_t from = time + random->GetInteger(1, 20 * FRAME_PS);
            time = from + random->GetInteger(1, 2 * FRAME_PS);
            if (time > END)
            {
                return;
            }
            m_cuts.emplace_back(from, time);
            Simulator::Schedule(PicoSeconds(from), &Fibre::Cut, testbed.fibre);
            Simulator::Schedule(PicoSeconds(time), &Fibre::Restore, testbed.fibre);
        }
    }

    /**
     * @param port Port to send from.
     * @param random Source of random numbers.
     */
    void PlanFrames(Ptr<TestPort> port, Ptr<UniformRandomVariable> random)
    {
        for (uint32_t time = random->GetInteger(0, FRAME_PS); time < END;
             time += FRAME_PS + random->GetInteger(0, FRAME_PS))
        {
            m_departures.push_back(time);
            port->SendAt(PicoSeconds(time), MakeFrame(FRAME_BYTES));
        }
    }

    /**
     * @param departure When the first bit of a frame goes in, ps.
     * @return whether it meets a cut before its last bit is out.
     */
    bool MeetsCut(int64_t departure) const
    {
        for (const auto& [from, to] : m_cuts)
        {
            if (from < departure + FRAME_PS + DELAY_PS && to > departure)
            {
                return true;
            }
        }
        return false;
    }

    /**
     * @param counters What the fibre counts at this instant.
     */
    void Check(const FrameCounters& counters)
    {
        const int64_t now = Simulator::Now().GetPicoSeconds();
        uint64_t carried = 0;
        uint64_t inFlight = 0;
        uint64_t lost = 0;
        for (const int64_t departure : m_departures)
        {
            // Departures of this instant, planned before, are over; arrivals are to come.
            if (departure <= now)
            {
                ++carried;
                const bool out = departure + FRAME_PS + DELAY_PS < now;
                inFlight += out ? 0 : 1;
                lost += out && MeetsCut(departure) ? 1 : 0;
            }
        }
        NS_TEST_EXPECT_MSG_EQ(counters.sent.frames, carried, "frames that have set out");
        NS_TEST_EXPECT_MSG_EQ(counters.Dropped(DropReason::FibreCut).frames,
                              lost,
                              "frames that met a cut");
        NS_TEST_EXPECT_MSG_EQ(counters.sent.frames,
                              counters.received.frames + counters.AllDropped().frames + inFlight,
                              "carried = delivered + dropped + in flight");
    }

    static constexpr uint32_t END = 400 * FRAME_PS;  //!< end of the run, ps
    uint64_t m_run;                                  //!< number of the random run
    std::vector<std::pair<int64_t, int64_t>> m_cuts; //!< begin and end, ps
    std::vector<int64_t> m_departures;               //!< first bits, ps
};

/**
 * @ingroup mixnet-tests
 * @brief The trace for animation tools tells packet, both ports and both times.
 */
class FibreTraceTestCase : public MixnetTestCase
{
  public:
    FibreTraceTestCase()
        : MixnetTestCase("TxRxPointToPoint tells size, ports, serialisation and arrival")
    {
    }

  private:
    void DoRun() override
    {
        FibreTestbed testbed;
        uint32_t calls = 0;
        const auto sink = [&](Ptr<const Packet> packet,
                              Ptr<NetDevice> sender,
                              Ptr<NetDevice> receiver,
                              Time duration,
                              Time lastBit) {
            ++calls;
            NS_TEST_EXPECT_MSG_EQ(packet->GetSize(),
                                  FRAME_BYTES - 24,
                                  "bytes without preamble, gap and check sequence");
            NS_TEST_EXPECT_MSG_EQ(sender, testbed.b, "the port that sends");
            NS_TEST_EXPECT_MSG_EQ(receiver, testbed.a, "the port at the other end");
            NS_TEST_EXPECT_MSG_EQ(duration, PicoSeconds(FRAME_PS), "serialisation time");
            NS_TEST_EXPECT_MSG_EQ(lastBit, PicoSeconds(FRAME_PS + DELAY_PS), "time to arrival");
        };
        testbed.fibre->TraceConnectWithoutContext(
            "TxRxPointToPoint",
            Callback<void, Ptr<const Packet>, Ptr<NetDevice>, Ptr<NetDevice>, Time, Time>(sink));
        auto frame = MakeFrame(FRAME_BYTES, 0, 0, FrameKind::Raw);
        frame.packet = Create<Packet>(FRAME_BYTES - wire::ETHERNET_OVERHEAD);
        testbed.b->SendAt(MicroSeconds(3), frame);
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(calls, 1, "once per frame");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A fibre has two ends, for its whole life.
 */
class FibreEndsTestCase : public MixnetTestCase
{
  public:
    FibreEndsTestCase()
        : MixnetTestCase("A fibre has two different ends; a third and a second fibre are refused")
    {
    }

  private:
    void DoRun() override
    {
        NS_TEST_EXPECT_MSG_EQ(CreateObject<Fibre>()->GetNDevices(), 0, "no ends until connected");
        FibreTestbed testbed;
        NS_TEST_EXPECT_MSG_EQ(testbed.fibre->GetNDevices(), 2, "two ends");
        NS_TEST_EXPECT_MSG_EQ(testbed.fibre->GetDevice(0), testbed.a, "end 0");
        NS_TEST_EXPECT_MSG_EQ(testbed.fibre->GetDevice(1), testbed.b, "end 1");
        NS_TEST_EXPECT_MSG_EQ(testbed.a->GetChannel(), testbed.fibre, "the port knows its fibre");

        const auto other = TestPort::Make(2, DataRate(RATE));
        const auto another = TestPort::Make(3, DataRate(RATE));
        ExpectAbort([&]() { testbed.fibre->Connect(other, another); },
                    "this one is connected already");
        ExpectAbort([&]() { CreateObject<Fibre>()->Connect(other, other); }, "two different ports");
        ExpectAbort([&]() { CreateObject<Fibre>()->Connect(testbed.a, other); },
                    "this one has its fibre already");
    }

    /**
     * @param program Something to be refused.
     * @param reason Part of the message.
     */
    void ExpectAbort(const std::function<void()>& program, const std::string& reason)
    {
        const auto message = AbortMessageOf(program);
        NS_TEST_EXPECT_MSG_NE(message.find(reason),
                              std::string::npos,
                              "aborts saying '" << reason << "', said '" << message << "'");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-fibre.
 */
class FibreTestSuite : public TestSuite
{
  public:
    FibreTestSuite()
        : TestSuite("mixnet-fibre", TestSuite::Type::UNIT)
    {
        for (const int64_t delay : {0, 1, 333, 1'000'000})
        {
            AddTestCase(new FibreDelayTestCase(delay));
        }
        constexpr int64_t LAST_BIT = FRAME_PS + DELAY_PS;
        AddTestCase(new FibreCutTestCase("cut and spliced before", -2000, -1000, false));
        AddTestCase(
            new FibreCutTestCase("spliced at the instant of its first bit", -1000, 0, false));
        AddTestCase(new FibreCutTestCase("spliced 1 ps after its first bit", -1000, 1, true));
        AddTestCase(new FibreCutTestCase("cut all the time", -1000, 2 * LAST_BIT, true));
        AddTestCase(
            new FibreCutTestCase("cut at the instant of its first bit, briefly", 0, 1, true));
        AddTestCase(new FibreCutTestCase("cut briefly while it goes in",
                                         FRAME_PS / 2,
                                         FRAME_PS / 2 + 1,
                                         true));
        AddTestCase(new FibreCutTestCase("cut briefly while it is inside",
                                         FRAME_PS + 1,
                                         FRAME_PS + 2,
                                         true));
        AddTestCase(new FibreCutTestCase("cut for good while it is inside",
                                         FRAME_PS + 1,
                                         2 * LAST_BIT,
                                         true));
        AddTestCase(new FibreCutTestCase("cut 1 ps before its last bit is out",
                                         LAST_BIT - 1,
                                         LAST_BIT,
                                         true));
        AddTestCase(new FibreCutTestCase("cut 1 ps before its last bit is out, for long",
                                         LAST_BIT - 1,
                                         2 * LAST_BIT,
                                         true));
        AddTestCase(new FibreCutTestCase("cut at the instant of its last bit",
                                         LAST_BIT,
                                         2 * LAST_BIT,
                                         false));
        AddTestCase(new FibreCutTestCase("cut at the instant of its last bit",
                                         LAST_BIT,
                                         2 * LAST_BIT,
                                         false,
                                         true));
        AddTestCase(new FibreCutTestCase("cut after it", LAST_BIT + 1, 2 * LAST_BIT, false));
        AddTestCase(new FibreSignalTestCase);
        AddTestCase(new FibreSignalChangedInCutTestCase);
        for (uint64_t run = 1; run <= 3; ++run)
        {
            AddTestCase(new FibreConservationTestCase(run));
        }
        AddTestCase(new FibreTraceTestCase);
        AddTestCase(new FibreEndsTestCase);
    }
};

static FibreTestSuite g_fibreTestSuite; //!< the suite

} // namespace tests
