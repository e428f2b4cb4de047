/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef NS3_UNITS_H
#define NS3_UNITS_H

#include "ns3/data-rate.h"
#include "ns3/mixnet-units.h"
#include "ns3/nstime.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @param span A span of time of a plan.
 * @return the same as ns-3 has it, exact at picosecond resolution.
 */
inline Time
ToTime(mixnetcore::Picoseconds span)
{
    return PicoSeconds(static_cast<uint64_t>(span.count()));
}

/**
 * @ingroup mixnet
 * @param time A simulated time.
 * @return the same as plans have it.
 */
inline mixnetcore::Picoseconds
ToPicoseconds(const Time& time)
{
    return mixnetcore::Picoseconds(time.GetPicoSeconds());
}

/**
 * @ingroup mixnet
 * @param rate A rate of a plan.
 * @return the same as ns-3 has it.
 */
inline DataRate
ToDataRate(mixnetcore::BitsPerSecond rate)
{
    return DataRate(rate.Count());
}

/**
 * @ingroup mixnet
 * @param bytes Size on the wire.
 * @param rate Line rate.
 * @return time the bytes take, to the nearest picosecond.
 */
inline Time
SerialisationTime(uint64_t bytes, const DataRate& rate)
{
    return ToTime(mixnetcore::TransmissionTime(mixnetcore::Bytes(bytes),
                                               mixnetcore::BitsPerSecond(rate.GetBitRate())));
}

} // namespace mixnet
} // namespace ns3

#endif // NS3_UNITS_H
