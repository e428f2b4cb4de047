/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/switch-testbed.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <vector>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief A frame takes both serialisations and both delays.
 */
class SwitchStoreAndForwardTestCase : public MixnetTestCase
{
  public:
    /**
     * @param in Line rate of the port it comes in at, bit/s.
     * @param out Line rate of the port it leaves, bit/s.
     */
    SwitchStoreAndForwardTestCase(uint64_t in, uint64_t out)
        : MixnetTestCase("Store and forward takes two serialisations and two delays, " +
                         std::to_string(in / 1'000'000'000) + " to " +
                         std::to_string(out / 1'000'000'000) + " Gbps"),
          m_in(in),
          m_out(out)
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({m_in, m_out, m_out});
        const std::vector<uint32_t> sizes{84, FRAME_BYTES, 1500};
        const int64_t apart =
            10 * std::max(LineTime(FRAME_BYTES, m_in), LineTime(FRAME_BYTES, m_out));
        for (size_t i = 0; i < sizes.size(); ++i)
        {
            testbed.Send(0, 1, apart * i, i, FrameKind::Data, sizes[i]);
        }
        Simulator::Run();

        const auto arrivals = testbed.ArrivalsAt(1);
        if (!HasSize(arrivals, sizes.size(), "all frames arrive"))
        {
            return;
        }
        for (size_t i = 0; i < sizes.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(arrivals[i].time,
                                  apart * int64_t(i) + LineTime(sizes[i], m_in) +
                                      LineTime(sizes[i], m_out) + 2 * DELAY_PS,
                                  "departure + two serialisations + two delays");
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.nics[2]->GetArrivals().size(), 0, "nobody else gets them");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetPeakBufferedBytes(),
                              FRAME_BYTES,
                              "the largest was stored alone");
    }

    uint64_t m_in;  //!< line rate of the port it comes in at, bit/s
    uint64_t m_out; //!< line rate of the port it leaves, bit/s
};

/**
 * @ingroup mixnet-tests
 * @brief Control frames overtake data that waits, not the frame that leaves.
 */
class SwitchControlFirstTestCase : public MixnetTestCase
{
  public:
    SwitchControlFirstTestCase()
        : MixnetTestCase("Control frames are served before data, each kind in order")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t controlBytes = 100;
        const int64_t control = LineTime(controlBytes, SLOW);
        SwitchTestbed testbed({FAST, SLOW, FAST});
        for (uint64_t i = 0; i < 3; ++i)
        {
            testbed.Send(0, 1, i * FAST_PS, i);
        }
        // Two control frames reach the switch while data frame 0 leaves it and 1 and 2 wait.
        testbed.Send(2, 1, 3 * FAST_PS, 10, FrameKind::Acknowledgement, controlBytes);
        testbed.Send(2, 1, 4 * FAST_PS, 11, FrameKind::NegativeAcknowledgement, controlBytes);
        Simulator::Run();

        const std::vector<uint64_t> order{0, 10, 11, 1, 2};
        // Frame 0 is at the switch after its serialisation and a delay; the line is busy from then.
        const int64_t begin = FAST_PS + DELAY_PS;
        const std::vector<int64_t> ends{begin + SLOW_PS,
                                        begin + SLOW_PS + control,
                                        begin + SLOW_PS + 2 * control,
                                        begin + 2 * SLOW_PS + 2 * control,
                                        begin + 3 * SLOW_PS + 2 * control};
        const auto arrivals = testbed.ArrivalsAt(1);
        if (!HasSize(arrivals, order.size(), "all frames arrive"))
        {
            return;
        }
        for (size_t i = 0; i < order.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(arrivals[i].sequence, order[i], "order of service, place " << i);
            NS_TEST_EXPECT_MSG_EQ(arrivals[i].time, ends[i] + DELAY_PS, "back to back");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Inputs at line rate share an output of that rate evenly, without a gap.
 */
class SwitchSharedOutputTestCase : public MixnetTestCase
{
  public:
    /**
     * @param inputs Number of inputs.
     */
    explicit SwitchSharedOutputTestCase(uint32_t inputs)
        : MixnetTestCase(std::to_string(inputs) + " inputs share an output evenly, without a gap"),
          m_inputs(inputs)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t count = 50;
        SwitchTestbed testbed(std::vector<uint64_t>(m_inputs + 1, FAST));
        for (uint32_t i = 0; i < count; ++i)
        {
            for (uint32_t input = 0; input < m_inputs; ++input)
            {
                testbed.Send(input, m_inputs, i * FAST_PS + input * 10, i);
            }
        }
        Simulator::Run();

        const auto arrivals = testbed.ArrivalsAt(m_inputs);
        if (!HasSize(arrivals, count * m_inputs, "all frames arrive"))
        {
            return;
        }
        for (uint32_t i = 0; i < arrivals.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(arrivals[i].time,
                                  (i + 2) * FAST_PS + 2 * DELAY_PS,
                                  "the output is never idle, frame " << i);
            NS_TEST_EXPECT_MSG_EQ(arrivals[i].source, i % m_inputs, "inputs in turn, frame " << i);
            NS_TEST_EXPECT_MSG_EQ(arrivals[i].sequence, i / m_inputs, "in order, frame " << i);
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetBufferedBytes(), 0, "the buffer is empty again");
    }

    uint32_t m_inputs; //!< number of inputs
};

/**
 * @ingroup mixnet-tests
 * @brief Outputs do not hinder each other.
 */
class SwitchSeparateOutputsTestCase : public MixnetTestCase
{
  public:
    SwitchSeparateOutputsTestCase()
        : MixnetTestCase("A congested output does not delay frames to another")
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({FAST, SLOW, FAST});
        for (uint64_t i = 0; i < 20; ++i)
        {
            testbed.Send(0, i % 2 ? 2 : 1, i * FAST_PS, i);
        }
        Simulator::Run();

        const auto arrivals = testbed.ArrivalsAt(2);
        if (!HasSize(arrivals, 10, "every other frame"))
        {
            return;
        }
        for (size_t i = 0; i < arrivals.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(arrivals[i].time,
                                  int64_t(2 * i + 3) * FAST_PS + 2 * DELAY_PS,
                                  "as if alone");
        }
        const auto slow = testbed.ArrivalsAt(1);
        if (!HasSize(slow, 10, "the other frames"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(slow.back().time,
                              FAST_PS + 10 * SLOW_PS + 2 * DELAY_PS,
                              "the slow output is busy all the time");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A frame for a NIC that the switch does not know is lost as NoRoute.
 */
class SwitchNoRouteTestCase : public MixnetTestCase
{
  public:
    SwitchNoRouteTestCase()
        : MixnetTestCase("Frames without a route, and raw ones, are lost as NoRoute")
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({FAST, FAST});
        testbed.device->SetRoute(7, 1); // 2 to 6 lie within the table, without a route
        testbed.Send(0, 4, 0, 1);
        testbed.Send(0, 8, FAST_PS, 2);
        testbed.Send(0, 4294967295, 2 * FAST_PS, 3);
        testbed.Send(0, 1, 3 * FAST_PS, 4, FrameKind::Raw);
        testbed.Send(0, 7, 4 * FAST_PS, 5);
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::NoRoute), 4, "four have no route");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetCounters().AllDropped().frames,
                              4,
                              "no other reason");
        const auto arrivals = testbed.ArrivalsAt(1);
        if (!HasSize(arrivals, 1, "one has"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(arrivals[0].sequence, 5, "which is the last");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Without signal at the output, frames are lost as PortDown, also those that wait.
 */
class SwitchPortDownTestCase : public MixnetTestCase
{
  public:
    SwitchPortDownTestCase()
        : MixnetTestCase(
              "Frames for a port without a signal, and in its queue, are lost as PortDown")
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({FAST, SLOW, FAST});
        testbed.nics[1]->SetInitialSignal(false);
        testbed.Send(0, 1, 0, 0); // no signal yet
        testbed.Send(0, 2, FAST_PS, 1);
        constexpr int64_t on = 10'000'000;
        testbed.nics[1]->SignalAt(PicoSeconds(START_PS + on - DELAY_PS), true);
        for (uint64_t i = 0; i < 5; ++i)
        {
            testbed.Send(0, 1, on + i * FAST_PS, 10 + i);
        }
        // Frame 10 leaves from "first" on; in the midst of frame 11 signal goes: 12 to 14 are lost.
        constexpr int64_t first = on + FAST_PS + DELAY_PS;
        constexpr int64_t off = first + SLOW_PS + SLOW_PS / 2;
        testbed.nics[1]->SignalAt(PicoSeconds(START_PS + off - DELAY_PS), false);
        for (const bool after : {false, true})
        {
            Simulator::Schedule(PicoSeconds(START_PS + off + (after ? 1 : -1)), [&, after]() {
                const uint64_t waiting = after ? 0 : 3;
                NS_TEST_EXPECT_MSG_EQ(testbed.device->GetPort(1)->GetQueuedFrames(),
                                      waiting,
                                      "three wait, then none does");
                NS_TEST_EXPECT_MSG_EQ(testbed.device->GetBufferedBytes(),
                                      waiting * FRAME_BYTES,
                                      "with their buffer");
            });
        }
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::PortDown),
                              1 + 3,
                              "one early, three late");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetPort(0)->GetCounters().AllDropped().frames,
                              1,
                              "the early one where it came in");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetPort(1)->GetCounters().AllDropped().frames,
                              3,
                              "the late ones where they waited");
        NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(1).size(), 2, "frames that had begun to leave");
        NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(2).size(), 1, "other ports are not concerned");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetBufferedBytes(), 0, "the buffer is empty again");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A switch signals all its fibres; whoever is behind it may be reached.
 */
class SwitchSignalTestCase : public MixnetTestCase
{
  public:
    SwitchSignalTestCase()
        : MixnetTestCase("Every port emits a signal of a packet switch from the start")
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({FAST, FAST, SLOW});
        Simulator::Run();
        for (const auto& nic : testbed.nics)
        {
            if (!HasSize(nic->GetSignals(), 1, "signal comes once"))
            {
                return;
            }
            const auto& [time, signal] = nic->GetSignals()[0];
            NS_TEST_EXPECT_MSG_EQ(time, PicoSeconds(DELAY_PS), "one delay after the start");
            NS_TEST_EXPECT_MSG_EQ(signal.on, true, "signal");
            NS_TEST_EXPECT_MSG_EQ(signal.source,
                                  uint32_t{LinkSignal::PACKET_SWITCH},
                                  "of a packet switch");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Received = sent + queued + dropped by reason at random instants of a congested run.
 */
class SwitchConservationTestCase : public MixnetTestCase
{
  public:
    /**
     * @param run Number of the random run.
     * @param pfc Attribute Pfc.
     */
    SwitchConservationTestCase(uint64_t run, bool pfc)
        : MixnetTestCase("Received = sent + queued + dropped by reason, " +
                         std::string(pfc ? "with" : "without") + " PFC, run " +
                         std::to_string(run)),
          m_run(run),
          m_pfc(pfc)
    {
    }

  private:
    void DoRun() override
    {
        RngSeedManager::SetRun(m_run);
        auto random = CreateObject<UniformRandomVariable>();
        random->SetStream(1);
        SwitchTestbed testbed({FAST, FAST, FAST, FAST, SLOW, SLOW}, SHORT_DELAY_PS);
        testbed.device->SetAttribute("BufferSize", UintegerValue(BUFFER_BYTES));
        testbed.device->SetAttribute("EgressAlpha", DoubleValue(2));
        testbed.device->SetAttribute("Mtu", UintegerValue(1'000)); // for little headroom
        testbed.device->SetAttribute("Pfc", BooleanValue(m_pfc));
        SendAtRandom(testbed, *random);
        for (int i = 0; i < 300; ++i)
        {
            Simulator::Schedule(PicoSeconds(random->GetInteger(START_PS, START_PS + END_PS)),
                                [&]() { Check(testbed); });
        }
        Simulator::Run();

        Check(testbed);
        std::vector<DropReason> reasons{DropReason::NoRoute,
                                        DropReason::PortDown,
                                        DropReason::BufferFull,
                                        DropReason::QueueFull};
        if (m_pfc)
        {
            reasons.push_back(DropReason::HeadroomFull); // these NICs do not obey
        }
        const auto counters = testbed.device->GetCounters();
        for (const auto reason : reasons)
        {
            NS_TEST_EXPECT_MSG_GT(counters.Dropped(reason).frames,
                                  0,
                                  "some are lost as " << ToString(reason));
        }
        NS_TEST_EXPECT_MSG_EQ((counters.pausesSent.frames > 0), m_pfc, "pauses are sent");
        NS_TEST_EXPECT_MSG_EQ(IsAtRest(*testbed.device), true, "the switch is empty again");
        FrameCounters ends;
        for (const auto& nic : testbed.nics)
        {
            ends += nic->GetCounters();
        }
        NS_TEST_EXPECT_MSG_EQ(ends.sent.frames, counters.received.frames, "what NICs have sent");
        NS_TEST_EXPECT_MSG_EQ(ends.received.frames, counters.sent.frames, "what NICs have got");
        NS_TEST_EXPECT_MSG_EQ(ends.pausesReceived.frames,
                              counters.pausesSent.frames,
                              "pauses that NICs have got");
        NS_TEST_EXPECT_MSG_EQ(ends.sent.bytes,
                              ends.received.bytes + counters.AllDropped().bytes,
                              "sent = received + dropped, in bytes");
        RngSeedManager::SetRun(1);
    }

    /// @param testbed The switch: its NICs send at random. @param random Random numbers.
    static void SendAtRandom(SwitchTestbed& testbed, UniformRandomVariable& random)
    {
        constexpr uint32_t n = 6;
        for (uint32_t from = 0; from < n; ++from)
        {
            const int64_t duration = from < 4 ? FAST_PS : SLOW_PS;
            for (int64_t when = 0; when < END_PS; when += duration + random.GetInteger(0, FAST_PS))
            {
                // Half of the frames go to a slow output; of the others some have no route.
                const auto to = random.GetInteger(0, 1) ? n - 1 : random.GetInteger(0, n);
                const auto kind =
                    random.GetInteger(0, 1) ? FrameKind::Data : FrameKind::Acknowledgement;
                testbed.Send(from, to, when, 0, kind, random.GetInteger(84, FRAME_BYTES));
            }
        }
        for (int i = 0; i < 4; ++i)
        {
            const int64_t off = random.GetInteger(START_PS, START_PS + END_PS);
            testbed.nics[i]->SignalAt(PicoSeconds(off), false);
            testbed.nics[i]->SignalAt(PicoSeconds(off + 20 * FAST_PS), true);
        }
    }

    /**
     * @param testbed The switch.
     */
    void Check(const SwitchTestbed& testbed)
    {
        const auto counters = testbed.device->GetCounters();
        uint64_t queued = 0;
        uint64_t ofInputs = 0;
        uint64_t lossless = 0;
        for (uint32_t number = 0; number < testbed.device->GetNPorts(); ++number)
        {
            const auto port = testbed.device->GetPort(number);
            queued += port->GetQueuedFrames();
            ofInputs += port->GetIngressBytes(DATA_CLASS);
            lossless += port->GetQueuedBytes(DATA_CLASS);
        }
        NS_TEST_EXPECT_MSG_EQ(counters.received.frames,
                              counters.sent.frames + queued + counters.AllDropped().frames,
                              "received = sent + queued + dropped");
        const uint64_t buffered = testbed.device->GetBufferedBytes();
        NS_TEST_EXPECT_MSG_EQ((buffered <= BUFFER_BYTES), true, "the buffer has a size");
        NS_TEST_EXPECT_MSG_EQ(buffered + testbed.device->GetHeadroomBytes(),
                              counters.received.bytes - counters.sent.bytes -
                                  counters.AllDropped().bytes,
                              "buffer and headroom hold what is queued");
        NS_TEST_EXPECT_MSG_EQ(ofInputs,
                              (m_pfc ? lossless : 0),
                              "inputs account for lossless frames");
    }

    static constexpr uint32_t BUFFER_BYTES = 6 * FRAME_BYTES; //!< shared buffer
    static constexpr int64_t SHORT_DELAY_PS = 1'000;          //!< for little headroom
    static constexpr int64_t END_PS = 400 * FAST_PS;          //!< when the last frames are sent
    uint64_t m_run;                                           //!< number of the random run
    bool m_pfc;                                               //!< attribute Pfc
};

/**
 * @ingroup mixnet-tests
 * @brief What no switch can do ends the program with a message that helps.
 */
class SwitchAbortTestCase : public MixnetTestCase
{
  public:
    SwitchAbortTestCase()
        : MixnetTestCase("Ports that do not exist and classes that do not fit abort with a message")
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({FAST, FAST});
        const auto& device = testbed.device;
        const auto runWith = [&](const std::string& name, const AttributeValue& value) {
            device->SetAttribute(name, value);
            Simulator::Run();
        };
        Expect("has 2 ports", [&]() { device->GetPort(2); });
        Expect("no route can use port 2", [&]() { device->SetRoute(5, 2); });
        Expect("no route can use port 9", [&]() {
            device->SetRoute(5, std::vector<uint32_t>{0, 9});
        });
        Expect("has no port", [&]() { device->SetRoute(5, std::vector<uint32_t>{}); });
        Expect("given to a node before",
               [&]() { CreateObject<PacketSwitch>()->AddPort(DataRate(FAST)); });
        Expect("PortSelector is ns3::mixnet::PacketSwitch; it must be",
               [&]() { runWith("PortSelector", TypeIdValue(PacketSwitch::GetTypeId())); });
        Expect("PortSelector is ns3::mixnet::PortSelector; it must be",
               [&]() { runWith("PortSelector", TypeIdValue(PortSelector::GetTypeId())); });
        Expect("EcnMinimum is 2000000 bytes at a port of 400000000000bps; it must not be above "
               "EcnMaximum, which is 1999999 bytes",
               [&]() {
                   device->SetAttribute("EcnMaximum", UintegerValue(1'999'999));
                   runWith("EcnMinimum", UintegerValue(2'000'000));
               });
        // 3.2 MB is the maximum at 400 Gb/s without an attribute.
        Expect("EcnMinimum is 3200001 bytes at a port of 400000000000bps; it must not be above "
               "EcnMaximum, which is 3200000 bytes",
               [&]() { runWith("EcnMinimum", UintegerValue(3'200'001)); });
        NS_TEST_EXPECT_MSG_EQ(AbortMessageOf([&]() {
                                  device->SetAttribute("Ecn", BooleanValue(false));
                                  runWith("EcnMinimum", UintegerValue(3'200'001));
                              }),
                              "",
                              "without ECN nobody minds");
    }

    /// @param words Words of the message. @param program What aborts with it.
    void Expect(const std::string& words, const std::function<void()>& program)
    {
        const auto message = AbortMessageOf(program);
        NS_TEST_EXPECT_MSG_EQ((message.find(words) != std::string::npos),
                              true,
                              "aborts with '" << words << "', said '" << message << "'");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-packet-switch.
 */
class PacketSwitchTestSuite : public TestSuite
{
  public:
    PacketSwitchTestSuite()
        : TestSuite("mixnet-packet-switch", TestSuite::Type::UNIT)
    {
        AddTestCase(new SwitchStoreAndForwardTestCase(FAST, FAST));
        AddTestCase(new SwitchStoreAndForwardTestCase(FAST, SLOW));
        AddTestCase(new SwitchStoreAndForwardTestCase(SLOW, FAST));
        AddTestCase(new SwitchControlFirstTestCase);
        AddTestCase(new SwitchSharedOutputTestCase(1));
        AddTestCase(new SwitchSharedOutputTestCase(2));
        AddTestCase(new SwitchSharedOutputTestCase(7));
        AddTestCase(new SwitchSeparateOutputsTestCase);
        AddTestCase(new SwitchNoRouteTestCase);
        AddTestCase(new SwitchPortDownTestCase);
        AddTestCase(new SwitchSignalTestCase);
        for (uint64_t run = 1; run <= 3; ++run)
        {
            AddTestCase(new SwitchConservationTestCase(run, false));
            AddTestCase(new SwitchConservationTestCase(run, true));
        }
        AddTestCase(new SwitchAbortTestCase);
    }
};

static PacketSwitchTestSuite g_packetSwitchTestSuite; //!< the suite

} // namespace tests
