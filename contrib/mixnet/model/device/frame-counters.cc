/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "frame-counters.h"

#include "ns3/lists.h"

namespace ns3
{
namespace mixnet
{

std::string
ToString(DropReason reason)
{
    constexpr std::array<const char*, DROP_REASONS> NAMES{"reconfiguring",
                                                          "notConnected",
                                                          "fibreCut",
                                                          "portDown",
                                                          "wrongPeer",
                                                          "bufferFull",
                                                          "queueFull",
                                                          "headroomFull",
                                                          "noRoute",
                                                          "pauseStorm"};
    return NAMES.at(static_cast<size_t>(reason));
}

FrameCount
FrameCounters::AllDropped() const
{
    return mixnetcore::SumOf(dropped, [](const FrameCount& count) { return count; });
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
