/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SWITCH_TESTBED_H
#define SWITCH_TESTBED_H

#include "mixnet-test-case.h"
#include "test-frame.h"
#include "test-ports.h"

#include "ns3/packet-switch.h"

#include <string>
#include <vector>

namespace tests
{

using namespace ns3;
using namespace ns3::mixnet;

constexpr uint32_t FRAME_OVERHEAD = 98;     //!< bytes around the payload of a full frame
constexpr uint32_t PAUSE_BYTES = 84;        //!< pause frame with preamble and gap
constexpr uint32_t LONGEST_QUANTA = 65'535; //!< of a pause
constexpr uint32_t QUANTUM_BYTES = 512 / 8; //!< what the line could carry in a quantum
constexpr uint64_t FAST = 400'000'000'000;  //!< a line rate, bit/s
constexpr uint64_t SLOW = 100'000'000'000;  //!< another one
constexpr int64_t START_PS = 5'000'000;     //!< when signals are everywhere, ps

/// A third rate, so slow that the first frame still leaves when the last of a burst comes, bit/s.
constexpr uint64_t CRAWL = 1'000'000'000;

/// Class of data in a pause: 2^class.
constexpr uint32_t DATA_BIT = 1 << DATA_CLASS;

/**
 * @param bytes Size on the wire.
 * @param rate Line rate, bit/s, a divisor of 8 Tb/s.
 * @return serialisation time, ps.
 */
constexpr int64_t
LineTime(uint32_t bytes, uint64_t rate)
{
    return int64_t{bytes} * (8'000'000'000'000 / int64_t(rate));
}

constexpr int64_t FAST_PS = LineTime(FRAME_BYTES, FAST); //!< of a frame at the fast rate
constexpr int64_t SLOW_PS = LineTime(FRAME_BYTES, SLOW); //!< of a frame at the slow rate

/// @param rate Line rate, bit/s. @return how long the longest pause lasts, ps.
constexpr int64_t
LongestPause(uint64_t rate)
{
    return LineTime(LONGEST_QUANTA * QUANTUM_BYTES, rate);
}

/**
 * @param alpha Attribute EgressAlpha or IngressAlpha.
 * @return it for the name of a test.
 */
inline std::string
AlphaName(double alpha)
{
    return alpha < 1 ? "1/" + std::to_string(static_cast<int>(1 / alpha))
                     : std::to_string(static_cast<int>(alpha));
}

/**
 * @ingroup mixnet-tests
 * @param classes The classes: the sum of 2^class.
 * @param quanta How long; 0 to resume.
 * @return a pause frame, for SwitchPort::HandleFrame.
 */
inline RoceFrame
MakePause(uint8_t classes, uint16_t quanta)
{
    RoceFrame frame = MakeFrame(PAUSE_BYTES, 0, 0, FrameKind::Pause);
    frame.pausedClasses = classes;
    frame.pauseQuanta = quanta;
    return frame;
}

/**
 * @ingroup mixnet-tests
 * @brief A packet switch; NIC n is at the far end of the fibre of port n.
 *
 * The NICs are TestPorts: they write pauses down and do not obey.
 */
class SwitchTestbed
{
  public:
    /**
     * @param rates Line rates by port, bit/s.
     * @param delay Propagation delay of each fibre, ps.
     */
    explicit SwitchTestbed(const std::vector<uint64_t>& rates, int64_t delay = DELAY_PS)
        : device(CreateObject<PacketSwitch>())
    {
        CreateObject<Node>()->AddDevice(device);
        for (uint32_t i = 0; i < rates.size(); ++i)
        {
            const DataRate rate(rates[i]);
            device->SetRoute(i, device->AddPort(rate));
            nics.push_back(TestPort::Make(i, rate));
            Join(nics[i], device->GetPort(i), PicoSeconds(delay));
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
        SendFrame(from, when, MakeFrame(bytes, sequence, to, kind));
    }

    /// @param from NIC that sends. @param when First bit, ps after START_PS. @param frame What.
    void SendFrame(uint32_t from, int64_t when, const RoceFrame& frame)
    {
        nics[from]->SendAt(PicoSeconds(START_PS + when), frame);
    }

    /// A frame that has arrived.
    struct Arrival
    {
        int64_t time;      //!< ps after START_PS
        NicAddress source; //!< NIC that sent it
        uint64_t sequence; //!< its number
        bool marked;       //!< whether it met congestion (ECN)
    };

    /**
     * @param nic A NIC.
     * @return what has arrived there, without pauses.
     */
    std::vector<Arrival> ArrivalsAt(uint32_t nic) const
    {
        std::vector<Arrival> arrivals;
        for (const auto& [time, frame] : nics[nic]->GetArrivals())
        {
            if (frame.kind != FrameKind::Pause)
            {
                arrivals.push_back({time.GetPicoSeconds() - START_PS,
                                    frame.source,
                                    frame.sequence,
                                    frame.ecn == EcnCodepoint::Experienced});
            }
        }
        return arrivals;
    }

    /// A pause that has arrived.
    struct PauseArrival
    {
        int64_t time;     //!< ps after START_PS
        uint32_t classes; //!< the classes: the sum of 2^class
        uint32_t quanta;  //!< how long

        /// @param other Another one. @return whether they are equal.
        bool operator==(const PauseArrival& other) const
        {
            return time == other.time && classes == other.classes && quanta == other.quanta;
        }
    };

    /// @param nic A NIC. @return pauses that have arrived there.
    std::vector<PauseArrival> PausesAt(uint32_t nic) const
    {
        std::vector<PauseArrival> pauses;
        for (const auto& [time, frame] : nics[nic]->GetArrivals())
        {
            if (frame.kind == FrameKind::Pause)
            {
                pauses.push_back(
                    {time.GetPicoSeconds() - START_PS, frame.pausedClasses, frame.pauseQuanta});
            }
        }
        return pauses;
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

/**
 * @ingroup mixnet-tests
 * @param device A packet switch.
 * @return whether it holds nothing, has nobody paused, and its accounts say so everywhere.
 */
inline bool
IsAtRest(const PacketSwitch& device)
{
    bool atRest = device.GetBufferedBytes() == 0 && device.GetHeadroomBytes() == 0;
    for (uint32_t i = 0; i < device.GetNPorts(); ++i)
    {
        const auto port = device.GetPort(i);
        atRest = atRest && port->GetQueuedFrames() == 0;
        for (uint8_t trafficClass = 0; trafficClass < TRAFFIC_CLASSES; ++trafficClass)
        {
            atRest = atRest && port->GetQueuedBytes(trafficClass) == 0 &&
                     port->GetIngressBytes(trafficClass) == 0 && !port->IsPausing(trafficClass) &&
                     !port->IsPaused(trafficClass);
        }
    }
    return atRest;
}

} // namespace tests

#endif // SWITCH_TESTBED_H
