/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FRAME_COUNTERS_H
#define FRAME_COUNTERS_H

#include "roce-frame.h"

#include <array>
#include <string>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief Why a frame was lost. The simulated world's doing, never an error.
enum class DropReason : uint8_t
{
    Reconfiguring, //!< a bit of it met a dark port of the optical circuit switch
    NotConnected,  //!< it came to a port of the optical circuit switch without a circuit
    FibreCut,      //!< a bit of it was in a fibre while that was cut
    PortDown,      //!< it came to a port that was not active
    WrongPeer,     //!< it came to a NIC that it was not for
    BufferFull,    //!< the shared buffer of a packet switch had no room
    QueueFull,     //!< a queue of a packet switch held its share of the buffer
    HeadroomFull,  //!< lossless, and the headroom of the port it came to was used up
    NoRoute,       //!< a packet switch did not know its destination
    PauseStorm,    //!< its class was paused for longer than the watchdog of a packet switch allows
};

/// @ingroup mixnet
/// @brief Number of drop reasons.
static constexpr size_t DROP_REASONS = 10;

/**
 * @ingroup mixnet
 * @param reason A drop reason.
 * @return its name in traces, tables and results, in lowerCamelCase.
 */
std::string ToString(DropReason reason);

/**
 * @ingroup mixnet
 * @brief Frames and their bytes on the wire.
 */
struct FrameCount
{
    uint64_t frames{0}; //!< number of frames
    uint64_t bytes{0};  //!< their bytes on the wire

    /**
     * @param frame One more.
     */
    void Add(const RoceFrame& frame)
    {
        ++frames;
        bytes += frame.wireBytes;
    }

    /**
     * @param other More of them.
     * @return this object.
     */
    FrameCount& operator+=(const FrameCount& other)
    {
        frames += other.frames;
        bytes += other.bytes;
        return *this;
    }
};

/**
 * @ingroup mixnet
 * @brief What a device or channel has sent, received and lost since the start.
 *
 * Over all NICs, which make and consume frames, and the losses of everything that can lose one:
 * sent = received + dropped by reason + in flight. PFC frames live on one fibre, from a switch to
 * its neighbour, and are counted apart; the same holds for them over all devices.
 */
struct FrameCounters
{
    FrameCount sent;                              //!< put on a fibre
    FrameCount received;                          //!< taken in whole
    std::array<FrameCount, DROP_REASONS> dropped; //!< by reason
    uint64_t dataSent{0};                         //!< data frames among those sent
    FrameCount pausesSent;                        //!< PFC frames put on a fibre
    FrameCount pausesReceived;                    //!< PFC frames taken in whole
    FrameCount pausesDropped;                     //!< PFC frames lost

    /// @param frame A frame that was put on a fibre.
    void Send(const RoceFrame& frame)
    {
        (frame.kind == FrameKind::Pause ? pausesSent : sent).Add(frame);
        dataSent += frame.kind == FrameKind::Data ? 1 : 0;
    }

    /// @param frame A frame that was taken in whole.
    void Receive(const RoceFrame& frame)
    {
        (frame.kind == FrameKind::Pause ? pausesReceived : received).Add(frame);
    }

    /**
     * @param frame A frame that was lost.
     * @param reason Why.
     */
    void Drop(const RoceFrame& frame, DropReason reason)
    {
        (frame.kind == FrameKind::Pause ? pausesDropped : dropped[static_cast<size_t>(reason)])
            .Add(frame);
    }

    /**
     * @param reason A drop reason.
     * @return what was lost for it.
     */
    const FrameCount& Dropped(DropReason reason) const
    {
        return dropped[static_cast<size_t>(reason)];
    }

    /// @return what was lost for any reason.
    FrameCount AllDropped() const;

    /**
     * @param other Counters of another place, of which only the losses count.
     */
    void AddLosses(const FrameCounters& other);

    /**
     * @param other Counters of another place.
     * @return this object.
     */
    FrameCounters& operator+=(const FrameCounters& other);
};

} // namespace mixnet
} // namespace ns3

#endif // FRAME_COUNTERS_H
