/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "mixnet-test-case.h"
#include "test-ports.h"

#include "ns3/packet-switch.h"
#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <vector>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

constexpr uint32_t FRAME_BYTES = 5'000;    //!< size of the frames
constexpr int64_t DELAY_PS = 1'000'000;    //!< propagation delay of each fibre, ps
constexpr uint64_t FAST = 400'000'000'000; //!< a line rate, bit/s
constexpr uint64_t SLOW = 100'000'000'000; //!< another one
constexpr int64_t START_PS = 5'000'000;    //!< when light is everywhere, ps

/**
 * @param bytes Size on the wire.
 * @param rate Line rate, bit/s, a divisor of a terabit per second.
 * @return serialisation time, ps.
 */
constexpr int64_t
LineTime(uint32_t bytes, uint64_t rate)
{
    return int64_t{bytes} * 8 * 1'000'000'000'000 / int64_t(rate);
}

constexpr int64_t FAST_PS = LineTime(FRAME_BYTES, FAST); //!< of a frame at the fast rate
constexpr int64_t SLOW_PS = LineTime(FRAME_BYTES, SLOW); //!< of a frame at the slow rate

/**
 * @brief A packet switch; NIC n is at the far end of the fibre of port n.
 */
class SwitchTestbed
{
  public:
    /**
     * @param rates Line rates by port, bit/s.
     */
    explicit SwitchTestbed(const std::vector<uint64_t>& rates)
        : device(CreateObject<PacketSwitch>())
    {
        CreateObject<Node>()->AddDevice(device);
        for (uint32_t i = 0; i < rates.size(); ++i)
        {
            const DataRate rate(rates[i]);
            device->SetRoute(i, device->AddPort(rate));
            nics.push_back(TestPort::Make(i, rate));
            Join(nics[i], device->GetPort(i), PicoSeconds(DELAY_PS));
        }
    }

    /**
     * @brief Sends a frame.
     * @param from NIC that sends it.
     * @param to NIC it is for.
     * @param when When its first bit leaves, ps after START_PS.
     * @param sequence Number to know it by.
     * @param kind What it is for.
     * @param bytes Size on the wire.
     */
    void Send(uint32_t from,
              NicAddress to,
              int64_t when,
              uint64_t sequence = 0,
              FrameKind kind = FrameKind::Data,
              uint32_t bytes = FRAME_BYTES)
    {
        nics[from]->SendAt(PicoSeconds(START_PS + when), MakeFrame(bytes, sequence, to, kind));
    }

    /// A frame that has arrived.
    struct Arrival
    {
        int64_t time;      //!< ps after START_PS
        NicAddress source; //!< NIC that sent it
        uint64_t sequence; //!< its number
    };

    /**
     * @param nic A NIC.
     * @return what has arrived there.
     */
    std::vector<Arrival> ArrivalsAt(uint32_t nic) const
    {
        std::vector<Arrival> arrivals;
        for (const auto& [time, frame] : nics[nic]->GetArrivals())
        {
            arrivals.push_back({time.GetPicoSeconds() - START_PS, frame.source, frame.sequence});
        }
        return arrivals;
    }

    /**
     * @param reason A drop reason.
     * @return frames that the switch counts as lost for it.
     */
    uint64_t Dropped(DropReason reason) const
    {
        return device->GetCounters().Dropped(reason).frames;
    }

    Ptr<PacketSwitch> device;        //!< the switch
    std::vector<Ptr<TestPort>> nics; //!< by port
};

} // namespace

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
 * @brief What the shared buffer has no room for is lost as BufferFull; a full buffer is no loss.
 */
class SwitchBufferFullTestCase : public MixnetTestCase
{
  public:
    /**
     * @param bytesMore Buffer, in bytes more than three frames.
     * @param kept Frames that it holds.
     */
    SwitchBufferFullTestCase(int32_t bytesMore, uint64_t kept)
        : MixnetTestCase("A buffer of 3 frames " + std::string(bytesMore < 0 ? "- " : "+ ") +
                         std::to_string(std::abs(bytesMore)) + " bytes holds " +
                         std::to_string(kept)),
          m_bytesMore(bytesMore),
          m_kept(kept)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t burst = 6;
        // So slow that the first frame still leaves when the last one comes; two outputs share.
        constexpr uint64_t crawl = 1'000'000'000;
        SwitchTestbed testbed({FAST, crawl, crawl});
        testbed.device->SetAttribute("BufferSize", UintegerValue(3 * FRAME_BYTES + m_bytesMore));
        for (uint64_t i = 0; i < burst; ++i)
        {
            testbed.Send(0, 1 + i % 2, i * FAST_PS, i);
        }
        uint64_t buffered = 0;
        Simulator::Schedule(PicoSeconds(START_PS + burst * FAST_PS + DELAY_PS + 1),
                            [&]() { buffered = testbed.device->GetBufferedBytes(); });
        // When all that was kept has left, there is room again.
        const int64_t later = 5 * LineTime(FRAME_BYTES, crawl);
        testbed.Send(0, 1, later, burst);
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(buffered, m_kept * FRAME_BYTES, "bytes in use after the burst");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetPeakBufferedBytes(),
                              m_kept * FRAME_BYTES,
                              "and never more");
        const auto counters = testbed.device->GetCounters();
        NS_TEST_EXPECT_MSG_EQ(counters.Dropped(DropReason::BufferFull).frames,
                              burst - m_kept,
                              "what does not fit");
        NS_TEST_EXPECT_MSG_EQ(counters.Dropped(DropReason::BufferFull).bytes,
                              (burst - m_kept) * FRAME_BYTES,
                              "the same in bytes");
        NS_TEST_EXPECT_MSG_EQ(counters.AllDropped().frames, burst - m_kept, "no other reason");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetPort(0)->GetCounters().AllDropped().frames,
                              burst - m_kept,
                              "counted where they came in");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetBufferedBytes(), 0, "the buffer is empty again");
        std::vector<uint64_t> arrived;
        for (const uint32_t nic : {1, 2})
        {
            for (const auto& arrival : testbed.ArrivalsAt(nic))
            {
                arrived.push_back(arrival.sequence);
            }
        }
        std::sort(arrived.begin(), arrived.end());
        if (!HasSize(arrived, m_kept + 1, "the first ones, and the late one"))
        {
            return;
        }
        for (uint64_t i = 0; i < m_kept; ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(arrived[i], i, "the first ones are kept");
        }
        NS_TEST_EXPECT_MSG_EQ(arrived.back(), burst, "the late one");
    }

    int32_t m_bytesMore; //!< buffer, in bytes more than three frames
    uint64_t m_kept;     //!< frames that it holds
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
 * @brief Without light at the output, frames are lost as PortDown, also those that wait.
 */
class SwitchPortDownTestCase : public MixnetTestCase
{
  public:
    SwitchPortDownTestCase()
        : MixnetTestCase("Frames for a port without light, and in its queue, are lost as PortDown")
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({FAST, SLOW, FAST});
        testbed.nics[1]->SetInitialLight(false);
        testbed.Send(0, 1, 0, 0); // no light yet
        testbed.Send(0, 2, FAST_PS, 1);
        constexpr int64_t on = 10'000'000;
        testbed.nics[1]->LightAt(PicoSeconds(START_PS + on - DELAY_PS), true);
        for (uint64_t i = 0; i < 5; ++i)
        {
            testbed.Send(0, 1, on + i * FAST_PS, 10 + i);
        }
        // Frame 10 leaves from "first" on; in the midst of frame 11 light goes: 12 to 14 are lost.
        constexpr int64_t first = on + FAST_PS + DELAY_PS;
        constexpr int64_t off = first + SLOW_PS + SLOW_PS / 2;
        testbed.nics[1]->LightAt(PicoSeconds(START_PS + off - DELAY_PS), false);
        std::vector<size_t> queued;
        for (const int64_t time : {off - 1, off + 1})
        {
            Simulator::Schedule(PicoSeconds(START_PS + time), [&]() {
                queued.push_back(testbed.device->GetPort(1)->GetQueuedFrames());
                queued.push_back(testbed.device->GetBufferedBytes() / FRAME_BYTES);
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
        const std::vector<size_t> expected{3, 4, 0, 1};
        NS_TEST_EXPECT_MSG_EQ((queued == expected),
                              true,
                              "three wait and one leaves; then that one alone");
        NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(1).size(), 2, "frames that had begun to leave");
        NS_TEST_EXPECT_MSG_EQ(testbed.ArrivalsAt(2).size(), 1, "other ports are not concerned");
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetBufferedBytes(), 0, "the buffer is empty again");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A switch lights all its fibres; whoever is behind it may be reached.
 */
class SwitchLightTestCase : public MixnetTestCase
{
  public:
    SwitchLightTestCase()
        : MixnetTestCase("Every port emits light of a packet switch from the start")
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({FAST, FAST, SLOW});
        Simulator::Run();
        for (const auto& nic : testbed.nics)
        {
            if (!HasSize(nic->GetLights(), 1, "light comes once"))
            {
                return;
            }
            const auto& [time, light] = nic->GetLights()[0];
            NS_TEST_EXPECT_MSG_EQ(time, PicoSeconds(DELAY_PS), "one delay after the start");
            NS_TEST_EXPECT_MSG_EQ(light.on, true, "light");
            NS_TEST_EXPECT_MSG_EQ(light.source,
                                  uint32_t{LightSignal::PACKET_SWITCH},
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
     */
    explicit SwitchConservationTestCase(uint64_t run)
        : MixnetTestCase("Received = sent + queued + dropped by reason, run " +
                         std::to_string(run)),
          m_run(run)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t n = 6;
        constexpr int64_t end = 400 * FAST_PS;
        RngSeedManager::SetRun(m_run);
        auto random = CreateObject<UniformRandomVariable>();
        random->SetStream(1);
        SwitchTestbed testbed({FAST, FAST, FAST, FAST, SLOW, SLOW});
        testbed.device->SetAttribute("BufferSize", UintegerValue(BUFFER_BYTES));
        for (uint32_t from = 0; from < n; ++from)
        {
            const int64_t duration = from < 4 ? FAST_PS : SLOW_PS;
            for (int64_t when = 0; when < end; when += duration + random->GetInteger(0, FAST_PS))
            {
                testbed.Send(from,
                             random->GetInteger(0, n), // one of them has no route
                             when,
                             0,
                             random->GetInteger(0, 3) ? FrameKind::Data
                                                      : FrameKind::Acknowledgement,
                             random->GetInteger(84, FRAME_BYTES));
            }
        }
        for (int i = 0; i < 4; ++i)
        {
            const int64_t off = random->GetInteger(START_PS, START_PS + end);
            testbed.nics[i]->LightAt(PicoSeconds(off), false);
            testbed.nics[i]->LightAt(PicoSeconds(off + 20 * FAST_PS), true);
        }
        for (int i = 0; i < 300; ++i)
        {
            Simulator::Schedule(PicoSeconds(random->GetInteger(START_PS, START_PS + end)),
                                [&]() { Check(testbed); });
        }
        Simulator::Run();

        Check(testbed);
        const auto counters = testbed.device->GetCounters();
        for (const auto reason :
             {DropReason::BufferFull, DropReason::NoRoute, DropReason::PortDown})
        {
            NS_TEST_EXPECT_MSG_GT(counters.Dropped(reason).frames,
                                  0,
                                  "some are lost as " << ToString(reason));
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.device->GetBufferedBytes(), 0, "the buffer is empty again");
        FrameCounters ends;
        for (const auto& nic : testbed.nics)
        {
            ends += nic->GetCounters();
        }
        NS_TEST_EXPECT_MSG_EQ(ends.sent.frames, counters.received.frames, "what NICs have sent");
        NS_TEST_EXPECT_MSG_EQ(ends.received.frames, counters.sent.frames, "what NICs have got");
        NS_TEST_EXPECT_MSG_EQ(ends.sent.bytes,
                              ends.received.bytes + counters.AllDropped().bytes,
                              "sent = received + dropped, in bytes");
        RngSeedManager::SetRun(1);
    }

    /**
     * @param testbed The switch.
     */
    void Check(const SwitchTestbed& testbed)
    {
        const auto counters = testbed.device->GetCounters();
        uint64_t queued = 0;
        for (uint32_t port = 0; port < testbed.device->GetNPorts(); ++port)
        {
            queued += testbed.device->GetPort(port)->GetQueuedFrames();
        }
        NS_TEST_EXPECT_MSG_EQ(counters.received.frames,
                              counters.sent.frames + queued + counters.AllDropped().frames,
                              "received = sent + queued + dropped");
        const uint64_t buffered = testbed.device->GetBufferedBytes();
        NS_TEST_EXPECT_MSG_EQ((buffered <= BUFFER_BYTES), true, "the buffer has a size");
        // Frames that leave are sent already and still take buffer.
        const uint64_t queuedBytes =
            counters.received.bytes - counters.sent.bytes - counters.AllDropped().bytes;
        NS_TEST_EXPECT_MSG_EQ((buffered >= queuedBytes &&
                               buffered <= queuedBytes + testbed.nics.size() * FRAME_BYTES),
                              true,
                              "buffer holds what is queued and at most one frame more per port");
    }

    static constexpr uint32_t BUFFER_BYTES = 6 * FRAME_BYTES; //!< shared buffer
    uint64_t m_run;                                           //!< number of the random run
};

/**
 * @ingroup mixnet-tests
 * @brief Ports that do not exist end the program with a message that helps.
 */
class SwitchAbortTestCase : public MixnetTestCase
{
  public:
    SwitchAbortTestCase()
        : MixnetTestCase("A port that does not exist aborts with a message")
    {
    }

  private:
    void DoRun() override
    {
        SwitchTestbed testbed({FAST, FAST});
        for (const auto& message :
             {AbortMessageOf([&]() { testbed.device->GetPort(2); }),
              AbortMessageOf([&]() { testbed.device->SetRoute(5, 2); }),
              AbortMessageOf([&]() { CreateObject<PacketSwitch>()->AddPort(DataRate(FAST)); })})
        {
            const bool known = message.find("has 2 ports") != std::string::npos ||
                               message.find("given to a node before") != std::string::npos;
            NS_TEST_EXPECT_MSG_EQ(known, true, "aborts with a reason, said '" << message << "'");
        }
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
        AddTestCase(new SwitchBufferFullTestCase(-1, 2));
        AddTestCase(new SwitchBufferFullTestCase(0, 3));
        AddTestCase(new SwitchBufferFullTestCase(FRAME_BYTES - 1, 3));
        AddTestCase(new SwitchNoRouteTestCase);
        AddTestCase(new SwitchPortDownTestCase);
        AddTestCase(new SwitchLightTestCase);
        for (uint64_t run = 1; run <= 3; ++run)
        {
            AddTestCase(new SwitchConservationTestCase(run));
        }
        AddTestCase(new SwitchAbortTestCase);
    }
};

static PacketSwitchTestSuite g_packetSwitchTestSuite; //!< the suite

} // namespace tests
