/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "roce-frame.h"

namespace ns3
{
namespace mixnet
{

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
