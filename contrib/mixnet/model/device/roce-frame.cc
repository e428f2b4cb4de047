/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "roce-frame.h"

#include "ns3/keyed-random.h"

namespace ns3
{
namespace mixnet
{

uint16_t
UdpSourcePort(const RoceFrame& frame)
{
    constexpr uint16_t FIRST_DYNAMIC_PORT = 49152;
    constexpr uint16_t DYNAMIC_PORTS = 16384;
    const uint64_t addresses = uint64_t{frame.source} << 32 | frame.destination;
    const uint64_t hash = mixnetcore::KeyedRandom(addresses).Bits(frame.queuePair);
    return FIRST_DYNAMIC_PORT + hash % DYNAMIC_PORTS;
}

Ptr<const Packet>
ToPacket(const RoceFrame& frame)
{
    if (frame.packet)
    {
        return frame.packet;
    }
    return Create<Packet>(frame.wireBytes - wire::PREAMBLE_AND_GAP);
}

} // namespace mixnet
} // namespace ns3
