/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "frame-counters.h"

#include "ns3/assert.h"

namespace ns3
{
namespace mixnet
{

std::string
ToString(DropReason reason)
{
    switch (reason)
    {
    case DropReason::Reconfiguring:
        return "reconfiguring";
    case DropReason::NotConnected:
        return "notConnected";
    case DropReason::FibreCut:
        return "fibreCut";
    case DropReason::PortDown:
        return "portDown";
    case DropReason::WrongPeer:
        return "wrongPeer";
    case DropReason::BufferFull:
        return "bufferFull";
    case DropReason::QueueFull:
        return "queueFull";
    case DropReason::HeadroomFull:
        return "headroomFull";
    case DropReason::NoRoute:
        return "noRoute";
    case DropReason::PauseStorm:
        return "pauseStorm";
    }
    NS_ASSERT_MSG(false, "drop reason without a name");
    return "";
}

FrameCount
FrameCounters::AllDropped() const
{
    FrameCount sum;
    for (const auto& count : dropped)
    {
        sum += count;
    }
    return sum;
}

void
FrameCounters::AddLosses(const FrameCounters& other)
{
    for (size_t i = 0; i < DROP_REASONS; ++i)
    {
        dropped[i] += other.dropped[i];
    }
    pausesDropped += other.pausesDropped;
}

FrameCounters&
FrameCounters::operator+=(const FrameCounters& other)
{
    sent += other.sent;
    dataSent += other.dataSent;
    received += other.received;
    pausesSent += other.pausesSent;
    pausesReceived += other.pausesReceived;
    AddLosses(other);
    return *this;
}

} // namespace mixnet
} // namespace ns3
