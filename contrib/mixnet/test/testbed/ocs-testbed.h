/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OCS_TESTBED_H
#define OCS_TESTBED_H

#include "mixnet-test-case.h"
#include "test-frame.h"
#include "test-ports.h"

#include "ns3/double.h"
#include "ns3/ocs-switch.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"

#include <string>
#include <utility>
#include <vector>

namespace tests
{

using namespace ns3;
using namespace ns3::mixnet;
using mixnetcore::Circuit;
using mixnetcore::CircuitConfiguration;

using Circuits = std::vector<Circuit>; //!< what a configuration is made of

/// @ingroup mixnet-tests
/// @brief Something an OCS has announced.
struct OcsEvent
{
    int64_t time;        //!< when, ps
    std::string what;    //!< name of the trace source
    Circuits circuits;   //!< circuit or configuration
    uint32_t darkPorts;  //!< of a beginning: ports that go dark
    int64_t duration;    //!< of a beginning: time that it will take, ps
    std::string message; //!< of a refusal: the reason
};

/// @ingroup mixnet-tests
/// @brief A frame lost at an OCS.
struct OcsDrop
{
    int64_t time;      //!< when, ps
    uint64_t sequence; //!< which frame
    uint32_t port;     //!< where it came in
    DropReason reason; //!< why
};

/**
 * @ingroup mixnet-tests
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
                                [this, when, circuits]() { ReconfigureAt(when, circuits); });
            return;
        }
        Simulator::Schedule(PicoSeconds(when) - Simulator::Now(), [this, circuits]() {
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
    static constexpr uint64_t RATE = 400'000'000'000; //!< line rate, bit/s

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

    /// @param configuration What will be held. @param darkPorts Ports that go dark.
    /// @param duration Of the blackout.
    void HandleBegin(const CircuitConfiguration& configuration, uint32_t darkPorts, Time duration)
    {
        events.push_back(
            {Now(), "Begin", configuration.Circuits(), darkPorts, duration.GetPicoSeconds(), ""});
    }

    /// @param configuration What is held from now on.
    void HandleEnd(const CircuitConfiguration& configuration)
    {
        events.push_back({Now(), "End", configuration.Circuits(), 0, 0, ""});
    }

    /// @param a A port. @param b The port that it is joined with from now on.
    void HandleUp(uint32_t a, uint32_t b)
    {
        events.push_back({Now(), "Up", {{a, b}}, 0, 0, ""});
    }

    /// @param a A port. @param b The port that it was joined with.
    void HandleDown(uint32_t a, uint32_t b)
    {
        events.push_back({Now(), "Down", {{a, b}}, 0, 0, ""});
    }

    /// @param configuration What was asked for. @param message Why it was refused.
    void HandleRefusal(const CircuitConfiguration& configuration, const std::string& message)
    {
        events.push_back({Now(), "Refused", configuration.Circuits(), 0, 0, message});
    }

    /// @param frame A frame that was lost. @param port Port it came in at. @param reason Why.
    void HandleDrop(const RoceFrame& frame, uint32_t port, DropReason reason)
    {
        drops.push_back({Now(), frame.sequence, port, reason});
    }
};

/**
 * @ingroup mixnet-tests
 * @param events What a switch has announced.
 * @return the same to compare and read: "time name circuits".
 */
inline std::vector<std::string>
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
 * @ingroup mixnet-tests
 * @param port A port.
 * @return instants and sequence numbers of the frames that have arrived at it.
 */
inline std::vector<std::pair<int64_t, uint64_t>>
ArrivalsOf(Ptr<TestPort> port)
{
    std::vector<std::pair<int64_t, uint64_t>> arrivals;
    for (const auto& arrival : port->GetArrivals())
    {
        arrivals.emplace_back(arrival.time.GetPicoSeconds(), arrival.frame.sequence);
    }
    return arrivals;
}

} // namespace tests

#endif // OCS_TESTBED_H
