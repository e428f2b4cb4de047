/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "mixnet-test-case.h"
#include "test-ports.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/ocs-switch.h"
#include "ns3/ocs-technology.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/rng-seed-manager.h"
#include "ns3/string.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

using namespace ns3;
using namespace ns3::mixnet;
using mixnetcore::Circuit;
using mixnetcore::CircuitConfiguration;
using Outcome = ns3::mixnet::ReconfigureResult::Outcome;

namespace tests
{

namespace
{

constexpr uint32_t FRAME_BYTES = 5'000;               //!< size of the frames
constexpr uint64_t RATE = 400'000'000'000;            //!< line rate, bit/s
constexpr int64_t FRAME_PS = FRAME_BYTES * 8 * 5 / 2; //!< serialisation time: 2.5 ps per bit
constexpr int64_t DELAY_PS = 1'000'000;               //!< propagation delay of each fibre, ps

using Circuits = std::vector<Circuit>; //!< what a configuration is made of

/// Something an OCS has announced.
struct OcsEvent
{
    int64_t time;        //!< when, ps
    std::string what;    //!< name of the trace source
    Circuits circuits;   //!< circuit or configuration
    uint32_t darkPorts;  //!< of a beginning: ports that go dark
    int64_t duration;    //!< of a beginning: time that it will take, ps
    std::string message; //!< of a refusal: the reason
};

/// A frame lost at an OCS.
struct OcsDrop
{
    int64_t time;      //!< when, ps
    uint64_t sequence; //!< which frame
    uint32_t port;     //!< where it came in
    DropReason reason; //!< why
};

/**
 * @brief A switch with a port of its own at the far end of each of its fibres.
 */
class OcsTestbed
{
  public:
    /**
     * @param nPorts Ports of the switch.
     * @param reconfigurationPs Time that a reconfiguration takes, ps.
     */
    explicit OcsTestbed(uint32_t nPorts, int64_t reconfigurationPs = 0)
        : ocs(CreateObject<OcsSwitch>())
    {
        CreateObject<Node>()->AddDevice(ocs);
        ocs->AddPorts(nPorts);
        for (uint32_t i = 0; i < nPorts; ++i)
        {
            ports.push_back(TestPort::Make(i, DataRate(RATE)));
            fibres.push_back(Join(ports[i], ocs->GetPort(i), PicoSeconds(DELAY_PS)));
        }
        auto time = CreateObject<ConstantRandomVariable>();
        time->SetAttribute("Constant", DoubleValue(reconfigurationPs * 1e-12));
        ocs->SetAttribute("ReconfigurationTime", PointerValue(time));
        Listen();
    }

    OcsTestbed(const OcsTestbed&) = delete;
    OcsTestbed& operator=(const OcsTestbed&) = delete;

    /**
     * @brief Asks for a configuration.
     * @param when When, ps.
     * @param circuits The circuits.
     * @param last Whether the request is the last event of its instant, not the first.
     */
    void ReconfigureAt(int64_t when, const Circuits& circuits, bool last = false)
    {
        if (last)
        {
            Simulator::Schedule(PicoSeconds(when - 1) - Simulator::Now(),
                                [=]() { ReconfigureAt(when, circuits); });
            return;
        }
        Simulator::Schedule(PicoSeconds(when) - Simulator::Now(), [=]() {
            results.push_back(ocs->Reconfigure(CircuitConfiguration(circuits)));
        });
    }

    /**
     * @brief Sends a frame.
     * @param port From which port.
     * @param firstBit When its first bit is to be at the switch, ps.
     * @param sequence Number to know it by.
     */
    void SendToReachSwitchAt(uint32_t port, int64_t firstBit, uint64_t sequence = 0)
    {
        ports[port]->SendAt(PicoSeconds(firstBit - DELAY_PS), MakeFrame(FRAME_BYTES, sequence));
    }

    /**
     * @param reason A drop reason.
     * @return frames that the switch counts as lost for it.
     */
    uint64_t Dropped(DropReason reason) const
    {
        return ocs->GetCounters().Dropped(reason).frames;
    }

    Ptr<OcsSwitch> ocs;                     //!< the switch
    std::vector<Ptr<TestPort>> ports;       //!< the far ends, by port of the switch
    std::vector<Ptr<Fibre>> fibres;         //!< fibres, by port of the switch
    std::vector<ReconfigureResult> results; //!< of requests, in order
    std::vector<OcsEvent> events;           //!< what the switch has announced, in order
    std::vector<OcsDrop> drops;             //!< what the switch has lost, in order

  private:
    /// @return now, ps.
    static int64_t Now()
    {
        return Simulator::Now().GetPicoSeconds();
    }

    /// @brief Writes down what the switch announces.
    void Listen()
    {
        ocs->TraceConnectWithoutContext("ReconfigurationBegin",
                                        MakeCallback(&OcsTestbed::HandleBegin, this));
        ocs->TraceConnectWithoutContext("ReconfigurationEnd",
                                        MakeCallback(&OcsTestbed::HandleEnd, this));
        ocs->TraceConnectWithoutContext("CircuitUp", MakeCallback(&OcsTestbed::HandleUp, this));
        ocs->TraceConnectWithoutContext("CircuitDown", MakeCallback(&OcsTestbed::HandleDown, this));
        ocs->TraceConnectWithoutContext("Refused", MakeCallback(&OcsTestbed::HandleRefusal, this));
        ocs->TraceConnectWithoutContext("Drop", MakeCallback(&OcsTestbed::HandleDrop, this));
    }

    // Sinks of the traces.

    void HandleBegin(const CircuitConfiguration& configuration, uint32_t darkPorts, Time duration)
    {
        events.push_back(
            {Now(), "Begin", configuration.Circuits(), darkPorts, duration.GetPicoSeconds(), ""});
    }

    void HandleEnd(const CircuitConfiguration& configuration)
    {
        events.push_back({Now(), "End", configuration.Circuits(), 0, 0, ""});
    }

    void HandleUp(uint32_t a, uint32_t b)
    {
        events.push_back({Now(), "Up", {{a, b}}, 0, 0, ""});
    }

    void HandleDown(uint32_t a, uint32_t b)
    {
        events.push_back({Now(), "Down", {{a, b}}, 0, 0, ""});
    }

    void HandleRefusal(const CircuitConfiguration& configuration, const std::string& message)
    {
        events.push_back({Now(), "Refused", configuration.Circuits(), 0, 0, message});
    }

    void HandleDrop(const RoceFrame& frame, uint32_t port, DropReason reason)
    {
        drops.push_back({Now(), frame.sequence, port, reason});
    }
};

/**
 * @param events What a switch has announced.
 * @return the same to compare and read: "time name circuits".
 */
std::vector<std::string>
Story(const std::vector<OcsEvent>& events)
{
    std::vector<std::string> story;
    for (const auto& event : events)
    {
        std::string line = std::to_string(event.time) + " " + event.what;
        for (const auto& [a, b] : event.circuits)
        {
            line += " " + std::to_string(a) + "-" + std::to_string(b);
        }
        story.push_back(line);
    }
    return story;
}

/**
 * @param port A port.
 * @return instants and sequence numbers of the frames that have arrived at it.
 */
std::vector<std::pair<int64_t, uint64_t>>
ArrivalsOf(Ptr<TestPort> port)
{
    std::vector<std::pair<int64_t, uint64_t>> arrivals;
    for (const auto& arrival : port->GetArrivals())
    {
        arrivals.emplace_back(arrival.time.GetPicoSeconds(), arrival.frame.sequence);
    }
    return arrivals;
}

} // namespace

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
 * @brief NICs see a circuit come and go as light, one delay later, with its source.
 */
class OcsLightTestCase : public MixnetTestCase
{
  public:
    OcsLightTestCase()
        : MixnetTestCase("Light follows the circuits one delay later, and cuts behind the switch")
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

    /// A change of light that is expected.
    struct Change
    {
        int64_t time;      //!< when, ps
        bool on;           //!< whether there is light from then on
        NicAddress source; //!< whose, if there is
    };

    /**
     * @param testbed The switch and what is around it.
     * @param port A port.
     * @param expected Changes of light at its far end that change something.
     */
    void Expect(const OcsTestbed& testbed, uint32_t port, const std::vector<Change>& expected)
    {
        std::vector<TestPort::LightArrival> changes;
        LightSignal last;
        for (const auto& arrival : testbed.ports[port]->GetLights())
        {
            if (!(arrival.light == last))
            {
                changes.push_back(arrival);
                last = arrival.light;
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
            NS_TEST_EXPECT_MSG_EQ(changes[i].light.on, expected[i].on, "light of change " << i);
            if (expected[i].on)
            {
                NS_TEST_EXPECT_MSG_EQ(changes[i].light.source, expected[i].source, "whose it is");
            }
        }
    }
};

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
        NS_TEST_EXPECT_MSG_EQ(testbed.ports[0]->GetLights().size(),
                              1,
                              "the light of a circuit that stays comes once and for all");
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
 * @brief Traces tell a reconfiguration in order: Begin, Down, then Up, End.
 */
class OcsTracesTestCase : public MixnetTestCase
{
  public:
    OcsTracesTestCase()
        : MixnetTestCase("Begin, CircuitDown, CircuitUp and End come in order at their times")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(6, 25);
        testbed.ReconfigureAt(100, {{0, 1}, {2, 3}, {5, 4}});
        testbed.ReconfigureAt(200, {{0, 2}, {3, 1}, {4, 5}});
        testbed.ReconfigureAt(300, {{4, 5}});
        for (const int64_t time : {99, 110, 124, 126, 210, 226, 326})
        {
            Simulator::Schedule(PicoSeconds(time), [&testbed, this]() {
                m_lit.push_back(testbed.ocs->GetConfiguration().Circuits());
                m_reconfiguring.push_back(testbed.ocs->IsReconfiguring());
            });
        }
        Simulator::Run();

        const std::vector<std::string> expected{"100 Begin 0-1 2-3 4-5",
                                                "125 Up 0-1",
                                                "125 Up 2-3",
                                                "125 Up 4-5",
                                                "125 End 0-1 2-3 4-5",
                                                "200 Begin 0-2 1-3 4-5",
                                                "200 Down 0-1",
                                                "200 Down 2-3",
                                                "225 Up 0-2",
                                                "225 Up 1-3",
                                                "225 End 0-2 1-3 4-5",
                                                "300 Begin 4-5",
                                                "300 Down 0-2",
                                                "300 Down 1-3",
                                                "325 End 4-5"};
        const auto story = Story(testbed.events);
        if (!HasSize(story, expected.size(), "number of announcements"))
        {
            return;
        }
        for (size_t i = 0; i < expected.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(story[i], expected[i], "announcement " << i);
        }
        for (const auto& [index, ports] : std::map<size_t, uint32_t>{{0, 6}, {5, 4}, {11, 4}})
        {
            NS_TEST_EXPECT_MSG_EQ(testbed.events[index].darkPorts, ports, "ports that change");
            NS_TEST_EXPECT_MSG_EQ(testbed.events[index].duration, 25, "time until the end");
        }
        const std::vector<Circuits>
            lit{{}, {}, {}, {{0, 1}, {2, 3}, {4, 5}}, {{4, 5}}, {{0, 2}, {1, 3}, {4, 5}}, {{4, 5}}};
        NS_TEST_EXPECT_MSG_EQ((m_lit == lit), true, "GetConfiguration tells lit circuits only");
        const std::vector<bool> reconfiguring{false, true, true, false, true, false, false};
        NS_TEST_EXPECT_MSG_EQ((m_reconfiguring == reconfiguring), true, "IsReconfiguring");
    }

    std::vector<Circuits> m_lit;       //!< circuits that carry light, at some instants
    std::vector<bool> m_reconfiguring; //!< whether it reconfigures, at the same instants
};

/**
 * @ingroup mixnet-tests
 * @brief A request in the dark waits for its end; a later one takes its place.
 */
class OcsWaitingRequestTestCase : public MixnetTestCase
{
  public:
    OcsWaitingRequestTestCase()
        : MixnetTestCase("Of the requests during a blackout the last begins when it ends")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(4, 100);
        testbed.ReconfigureAt(1000, {{0, 1}});
        testbed.ReconfigureAt(1010, {{0, 2}}); // replaced
        testbed.ReconfigureAt(1020, {{0, 3}});
        testbed.ReconfigureAt(1150, {{1, 2}}); // waits again
        testbed.ReconfigureAt(1160, {{0, 3}}); // and is replaced by what is under way
        Simulator::Run();

        const std::vector<Outcome> outcomes{Outcome::Begun,
                                            Outcome::Waiting,
                                            Outcome::Waiting,
                                            Outcome::Waiting,
                                            Outcome::Waiting};
        if (!HasSize(testbed.results, outcomes.size(), "requests"))
        {
            return;
        }
        for (size_t i = 0; i < outcomes.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ((testbed.results[i].outcome == outcomes[i]),
                                  true,
                                  "outcome of request " << i);
        }
        const std::vector<std::string> expected{"1000 Begin 0-1",
                                                "1100 Up 0-1",
                                                "1100 End 0-1",
                                                "1100 Begin 0-3",
                                                "1100 Down 0-1",
                                                "1200 Up 0-3",
                                                "1200 End 0-3"};
        NS_TEST_EXPECT_MSG_EQ((Story(testbed.events) == expected), true, "two reconfigurations");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A request made when a blackout has just ended is later than the one that waits.
 */
class OcsRequestAtEndTestCase : public MixnetTestCase
{
  public:
    OcsRequestAtEndTestCase()
        : MixnetTestCase("A request at the announced end takes the place of the one that waits")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(4, 100);
        testbed.ReconfigureAt(1000, {{0, 1}});
        testbed.ReconfigureAt(1010, {{0, 2}});
        bool asked = false;
        std::vector<Circuits> ended;
        using Sink = Callback<void, const CircuitConfiguration&>;
        testbed.ocs->TraceConnectWithoutContext(
            "ReconfigurationEnd",
            Sink([&](const CircuitConfiguration&) {
                if (!asked)
                {
                    asked = true;
                    testbed.ocs->Reconfigure(CircuitConfiguration({{0, 3}}));
                }
            }));
        testbed.ocs->TraceConnectWithoutContext("ReconfigurationEnd",
                                                Sink([&](const CircuitConfiguration& inForce) {
                                                    ended.push_back(inForce.Circuits());
                                                }));
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ((testbed.ocs->GetConfiguration() == CircuitConfiguration({{0, 3}})),
                              true,
                              "the last request counts");
        NS_TEST_EXPECT_MSG_EQ(Story(testbed.events).back(), "1200 End 0-3", "and nothing follows");
        const std::vector<Circuits> expected{{{0, 1}}, {{0, 3}}};
        NS_TEST_EXPECT_MSG_EQ((ended == expected),
                              true,
                              "sinks behind the one that asks are told what is in force, too");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The configuration that is in force, asked for again, changes nothing.
 */
class OcsSameConfigurationTestCase : public MixnetTestCase
{
  public:
    OcsSameConfigurationTestCase()
        : MixnetTestCase("The configuration in force, asked for again, changes nothing")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(4, 1'000'000);
        testbed.ReconfigureAt(0, {}); // nothing is what a new switch holds
        testbed.ReconfigureAt(10'000'000, {{0, 1}, {2, 3}});
        testbed.ReconfigureAt(20'000'000, {{3, 2}, {1, 0}});
        testbed.SendToReachSwitchAt(0, 20'000'000);
        Simulator::Run();

        if (!HasSize(testbed.results, 3, "requests"))
        {
            return;
        }
        for (const size_t i : {0, 2})
        {
            NS_TEST_EXPECT_MSG_EQ((testbed.results[i].outcome == Outcome::Nothing),
                                  true,
                                  "nothing to do in request " << i);
            NS_TEST_EXPECT_MSG_EQ(testbed.results[i].darkPorts, 0, "no port goes dark");
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.events.size(), 4, "Begin, two Up, End of the only change");
        NS_TEST_EXPECT_MSG_EQ(testbed.ports[1]->GetArrivals().size(), 1, "frames pass");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A configuration that no switch of this size can hold is refused as a whole.
 */
class OcsRefusalTestCase : public MixnetTestCase
{
  public:
    /**
     * @param what What is wrong.
     * @param circuits The configuration.
     * @param parts What the message must name.
     */
    OcsRefusalTestCase(const std::string& what,
                       const Circuits& circuits,
                       const std::vector<std::string>& parts)
        : MixnetTestCase("Refused as a whole with a message: " + what),
          m_circuits(circuits),
          m_parts(parts)
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(6, 1'000'000);
        testbed.ReconfigureAt(0, {{0, 1}});
        testbed.ReconfigureAt(10'000'000, m_circuits);
        testbed.SendToReachSwitchAt(0, 10'000'000);
        // Also in the dark, where it must not take the place of a request that waits.
        testbed.ReconfigureAt(20'000'000, {{0, 2}});
        testbed.ReconfigureAt(20'000'001, {{0, 3}});
        testbed.ReconfigureAt(20'000'002, m_circuits);
        Simulator::Run();

        if (!HasSize(testbed.results, 5, "requests"))
        {
            return;
        }
        for (const size_t i : {1, 4})
        {
            const auto& result = testbed.results[i];
            NS_TEST_EXPECT_MSG_EQ((result.outcome == Outcome::Refused), true, "request " << i);
            for (const auto& part : m_parts)
            {
                NS_TEST_EXPECT_MSG_NE(result.message.find(part),
                                      std::string::npos,
                                      "names '" << part << "' in '" << result.message << "'");
            }
        }
        const auto refused =
            std::find_if(testbed.events.begin(), testbed.events.end(), [](const auto& event) {
                return event.what == "Refused";
            });
        NS_TEST_EXPECT_MSG_EQ(
            (refused != testbed.events.end() && refused->message == testbed.results[1].message),
            true,
            "the refusal is announced, with the message");
        NS_TEST_EXPECT_MSG_EQ(testbed.ports[1]->GetArrivals().size(), 1, "no circuit is touched");
        NS_TEST_EXPECT_MSG_EQ((testbed.ocs->GetConfiguration() == CircuitConfiguration({{0, 3}})),
                              true,
                              "the request that waits is not touched");
    }

    Circuits m_circuits;              //!< the configuration
    std::vector<std::string> m_parts; //!< what the message must name
};

/**
 * @ingroup mixnet-tests
 * @brief A switch without ports holds nothing.
 */
class OcsEmptyTestCase : public MixnetTestCase
{
  public:
    OcsEmptyTestCase()
        : MixnetTestCase("A switch without ports holds the empty configuration and refuses others")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(0);
        testbed.ReconfigureAt(0, {});
        testbed.ReconfigureAt(1, {{0, 1}});
        Simulator::Run();

        if (!HasSize(testbed.results, 2, "requests"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ((testbed.results[0].outcome == Outcome::Nothing), true, "empty");
        NS_TEST_EXPECT_MSG_EQ((testbed.results[1].outcome == Outcome::Refused), true, "not empty");
        NS_TEST_EXPECT_MSG_NE(testbed.results[1].message.find("no ports"),
                              std::string::npos,
                              "says that there are none: " << testbed.results[1].message);
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

namespace
{

/**
 * @brief Lets a switch reconfigure back and forth.
 * @param configure What to set on the switch before.
 * @param pairs Circuits that change each time.
 * @param staying Circuits that stay.
 * @param draws How many times.
 * @return the announced durations, seconds; that of the first configuration is left out.
 */
std::vector<double>
DrawDurations(const std::function<void(Ptr<OcsSwitch>)>& configure,
              uint32_t pairs,
              uint32_t staying,
              uint32_t draws)
{
    const uint32_t nPorts = 2 * (pairs + 1) + 2 * staying;
    OcsTestbed testbed(nPorts);
    configure(testbed.ocs);
    Circuits there;
    Circuits back;
    for (uint32_t i = 0; i < pairs; ++i)
    {
        // The next port of the other side: every circuit is new.
        there.emplace_back(2 * i, 2 * i + 1);
        back.emplace_back(2 * i, 2 * i + 3);
    }
    for (uint32_t i = nPorts - 2 * staying; i < nPorts; i += 2)
    {
        there.emplace_back(i, i + 1);
        back.emplace_back(i, i + 1);
    }
    // Far apart, so that no request waits.
    const Time apart = Minutes(10);
    for (uint32_t i = 0; i <= draws; ++i)
    {
        Simulator::Schedule(apart * i, [&testbed, circuits = i % 2 ? back : there]() {
            testbed.ocs->Reconfigure(CircuitConfiguration(circuits));
        });
    }
    Simulator::Run();
    std::vector<double> durations;
    int64_t begun = 0;
    for (const auto& event : testbed.events)
    {
        if (event.what == "Begin")
        {
            begun = event.time;
            durations.push_back(event.duration * 1e-12);
        }
        else if (event.what == "End")
        {
            NS_ABORT_MSG_UNLESS(event.time - begun == std::llround(durations.back() * 1e12),
                                "a reconfiguration takes the announced time");
        }
    }
    durations.erase(durations.begin());
    Simulator::Destroy();
    return durations;
}

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief The time of a named technology lies within its range.
 */
class OcsTechnologyTimeTestCase : public MixnetTestCase
{
  public:
    /**
     * @param technology Its name.
     * @param fastest Shortest time, seconds.
     * @param slowest Longest time, seconds.
     */
    OcsTechnologyTimeTestCase(const std::string& technology, double fastest, double slowest)
        : MixnetTestCase("Reconfiguration time of technology " + technology + " is in its range"),
          m_technology(technology),
          m_fastest(fastest),
          m_slowest(slowest)
    {
    }

  private:
    void DoRun() override
    {
        const auto durations = DrawDurations(
            [this](Ptr<OcsSwitch> ocs) {
                ocs->SetAttribute("Technology", StringValue(m_technology));
                ocs->AssignStreams(1);
            },
            2,
            0,
            100);
        if (!HasSize(durations, 100, "draws"))
        {
            return;
        }
        const auto [low, high] = std::minmax_element(durations.begin(), durations.end());
        const double width = m_slowest - m_fastest;
        NS_TEST_EXPECT_MSG_EQ((*low >= m_fastest * (1 - 1e-9)), true, "lowest draw " << *low);
        NS_TEST_EXPECT_MSG_EQ((*high <= m_slowest * (1 + 1e-9)), true, "highest draw " << *high);
        // 100 uniform draws leave a tenth of the range free at an end with probability 3e-5.
        NS_TEST_EXPECT_MSG_EQ((*low <= m_fastest + width / 10 + 1e-12),
                              true,
                              "the lower end is reached, lowest draw " << *low);
        NS_TEST_EXPECT_MSG_EQ((*high >= m_slowest - width / 10 - 1e-12),
                              true,
                              "the upper end is reached, highest draw " << *high);
    }

    std::string m_technology; //!< its name
    double m_fastest;         //!< shortest time, seconds
    double m_slowest;         //!< longest time, seconds
};

/**
 * @ingroup mixnet-tests
 * @brief The prototype's switch takes the measured time for the pairs that are set up, whatever
 * the circuits that stay.
 */
class OcsPrototypeTimeTestCase : public MixnetTestCase
{
  public:
    /**
     * @param pairs Circuits that are set up.
     * @param staying Circuits that stay.
     * @param mean Measured mean, seconds.
     */
    OcsPrototypeTimeTestCase(uint32_t pairs, uint32_t staying, double mean)
        : MixnetTestCase("The prototype's switch takes the measured time to set up " +
                         std::to_string(pairs) + " circuits while " + std::to_string(staying) +
                         " stay"),
          m_pairs(pairs),
          m_staying(staying),
          m_mean(mean)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint32_t draws = 4000;
        const auto durations = DrawDurations(
            [](Ptr<OcsSwitch> ocs) {
                ocs->SetAttribute("Technology", StringValue("prototype"));
                ocs->AssignStreams(1);
            },
            m_pairs,
            m_staying,
            draws);
        const double mean = std::accumulate(durations.begin(), durations.end(), 0.0) / draws;
        // The mean of 4000 draws, each 17 % off, is 0.3 % off; 4 and 1 pairs differ by 2.4 %.
        NS_TEST_EXPECT_MSG_EQ_TOL(mean, m_mean, 0.01 * m_mean, "mean within 1 %");
    }

    uint32_t m_pairs;   //!< circuits that are set up
    uint32_t m_staying; //!< circuits that stay
    double m_mean;      //!< measured mean, seconds
};

/**
 * @ingroup mixnet-tests
 * @brief Without a technology the time is drawn from ReconfigurationTime.
 */
class OcsRandomTimeTestCase : public MixnetTestCase
{
  public:
    OcsRandomTimeTestCase()
        : MixnetTestCase("Times come from a random variable; streams fix them")
    {
    }

  private:
    void DoRun() override
    {
        const auto draw = [](int64_t stream, const std::string& technology) {
            return DrawDurations(
                [=](Ptr<OcsSwitch> ocs) {
                    ocs->SetAttribute(
                        "ReconfigurationTime",
                        StringValue("ns3::UniformRandomVariable[Min=0.001|Max=0.003]"));
                    ocs->SetAttribute("Technology", StringValue(technology));
                    NS_ABORT_MSG_UNLESS(ocs->AssignStreams(stream) == 2, "two streams are used");
                },
                1,
                0,
                50);
        };
        const auto durations = draw(1, "");
        const auto [low, high] = std::minmax_element(durations.begin(), durations.end());
        NS_TEST_EXPECT_MSG_EQ((*low >= 0.001 && *high <= 0.003),
                              true,
                              "between 1 and 3 ms: " << *low << " to " << *high);
        NS_TEST_EXPECT_MSG_GT(*high - *low, 0.0015, "over the whole range");
        for (const std::string technology : {"", "piezo"})
        {
            NS_TEST_EXPECT_MSG_EQ((draw(5, technology) == draw(5, technology)),
                                  true,
                                  "one stream, one result, technology '" << technology << "'");
            NS_TEST_EXPECT_MSG_EQ((draw(5, technology) == draw(7, technology)),
                                  false,
                                  "other stream, other result, technology '" << technology << "'");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The default is the paper's 25 ms.
 */
class OcsDefaultTimeTestCase : public MixnetTestCase
{
  public:
    OcsDefaultTimeTestCase()
        : MixnetTestCase("A reconfiguration takes 25 ms by default")
    {
    }

  private:
    void DoRun() override
    {
        auto ocs = CreateObject<OcsSwitch>();
        CreateObject<Node>()->AddDevice(ocs);
        ocs->AddPorts(2);
        ocs->Reconfigure(CircuitConfiguration({{0, 1}}));
        Simulator::Stop(MilliSeconds(25) - PicoSeconds(1));
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(ocs->GetConfiguration().Size(), 0, "1 ps before 25 ms");
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(Simulator::Now(), MilliSeconds(25), "the end");
        NS_TEST_EXPECT_MSG_EQ(ocs->GetConfiguration().Size(), 1, "after 25 ms");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What a user gets wrong ends the program with a message that helps.
 */
class OcsAbortTestCase : public MixnetTestCase
{
  public:
    OcsAbortTestCase()
        : MixnetTestCase("Wrong technology, too many ports, negative time abort with a message")
    {
    }

  private:
    void DoRun() override
    {
        // PLZT: 16 ports at most (paper, Table 2).
        ExpectAbort(17, "Technology", "plzt", {"plzt", "at most 16 ports", "has 17"});
        ExpectAbort(2, "Technology", "magic", {"Technology", "magic", "known: ", "piezo", "plzt"});
        ExpectAbort(2,
                    "ReconfigurationTime",
                    "ns3::ConstantRandomVariable[Constant=-1]",
                    {"ReconfigurationTime", "-1 s", "at least zero"});
        NS_TEST_EXPECT_MSG_EQ(MessageOf(16, "Technology", "plzt"), "", "16 ports are allowed");
    }

    /**
     * @param nPorts Ports of the switch.
     * @param attribute Name of an attribute.
     * @param value Its value.
     * @return what a simulation of one reconfiguration says when it aborts.
     */
    std::string MessageOf(uint32_t nPorts, const std::string& attribute, const std::string& value)
    {
        return AbortMessageOf([&]() {
            OcsTestbed testbed(nPorts);
            testbed.ocs->SetAttribute(attribute, StringValue(value));
            testbed.ReconfigureAt(1000, {{0, 1}});
            Simulator::Run();
        });
    }

    /**
     * @param nPorts Ports of the switch.
     * @param attribute Name of an attribute.
     * @param value A wrong value.
     * @param parts What the message must name.
     */
    void ExpectAbort(uint32_t nPorts,
                     const std::string& attribute,
                     const std::string& value,
                     const std::vector<std::string>& parts)
    {
        const auto message = MessageOf(nPorts, attribute, value);
        for (const auto& part : parts)
        {
            NS_TEST_EXPECT_MSG_NE(message.find(part),
                                  std::string::npos,
                                  "aborts naming '" << part << "', said '" << message << "'");
        }
    }
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
        AddTestCase(new OcsLightTestCase);
        AddTestCase(new OcsPartialReconfigurationTestCase);
        AddTestCase(new OcsWholeSwitchDarkTestCase);
        AddBlackouts();
        AddTestCase(new OcsFlickerTestCase);
        AddTestCase(new OcsNotConnectedTestCase);
        AddTestCase(new OcsTracesTestCase);
        AddTestCase(new OcsWaitingRequestTestCase);
        AddTestCase(new OcsRequestAtEndTestCase);
        AddTestCase(new OcsSameConfigurationTestCase);
        AddRefusals();
        AddTestCase(new OcsEmptyTestCase);
        AddTestCase(new OcsFullSwitchTestCase);
        for (uint64_t run = 1; run <= 3; ++run)
        {
            AddTestCase(new OcsConservationTestCase(run, false));
        }
        AddTestCase(new OcsConservationTestCase(4, true));
        AddTestCase(new OcsDefaultTimeTestCase);
        AddTestCase(new OcsRandomTimeTestCase);
        // Paper, Table 2.
        AddTestCase(new OcsTechnologyTimeTestCase("robotic", 120, 300));
        AddTestCase(new OcsTechnologyTimeTestCase("piezo", 10e-3, 25e-3));
        AddTestCase(new OcsTechnologyTimeTestCase("mems-3d", 10e-3, 15e-3));
        AddTestCase(new OcsTechnologyTimeTestCase("rotornet", 10e-6, 10e-6));
        AddTestCase(new OcsTechnologyTimeTestCase("silicon-photonics", 7e-6, 7e-6));
        AddTestCase(new OcsTechnologyTimeTestCase("plzt", 10e-9, 10e-9));
        // Paper, Figure 21.
        AddTestCase(new OcsPrototypeTimeTestCase(1, 0, 41.44e-3));
        AddTestCase(new OcsPrototypeTimeTestCase(1, 15, 41.44e-3));
        AddTestCase(new OcsPrototypeTimeTestCase(4, 0, 42.44e-3));
        AddTestCase(new OcsPrototypeTimeTestCase(16, 0, 46.75e-3));
        AddTestCase(new OcsAbortTestCase);
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

    /// @brief Adds configurations that are refused; the switch has six ports.
    void AddRefusals()
    {
        const auto add = [this](auto... parameters) {
            AddTestCase(new OcsRefusalTestCase(parameters...));
        };
        using Parts = std::vector<std::string>;
        add("port 2 twice", Circuits{{2, 3}, {4, 2}}, Parts{"port 2", "twice"});
        add("port 4 joined with itself", Circuits{{4, 4}}, Parts{"port 4", "(4, 4)"});
        add("port 6 of 6", Circuits{{2, 3}, {0, 6}}, Parts{"port 6", "0 to 5"});
        add("port 4294967295", Circuits{{0, 4294967295}}, Parts{"port 4294967295", "0 to 5"});
    }
};

static OcsSwitchTestSuite g_ocsSwitchTestSuite; //!< the suite

} // namespace tests
