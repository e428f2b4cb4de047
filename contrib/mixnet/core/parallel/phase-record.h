/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PHASE_RECORD_H
#define PHASE_RECORD_H

#include "phase-key.h"

#include "ns3/mixnet-units.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief One phase as it was: a row of the results.
 *
 * A phase counts from the instant at which the last rank begins it to the last rank that ends it;
 * ranks that are ready earlier begin earlier. So the phases of a layer, with the blackouts and the
 * control messages between them, follow one another without gap or overlap, and add up to the time
 * of the iteration. A dispatch begins to count when the hosts have been told that the circuits are
 * there: with the last gate, later by the blackout and by the latency of the control messages.
 */
struct PhaseRecord
{
    PhaseKey key;               //!< which phase
    Picoseconds start{0};       //!< when it begins to count
    Picoseconds duration{0};    //!< how long it counts
    Picoseconds dark{0};        //!< blackout before it, not part of it
    Picoseconds exposed{0};     //!< part of it that the phase waited for; the rest was hidden
    Picoseconds computeWait{0}; //!< from the first rank's begin to the last's: work of others
    Picoseconds insideTime{0};  //!< what the inside of servers adds to that
    Picoseconds lineTime{0};    //!< of its duration: its busiest line must carry bytes so long
    Picoseconds queueTime{
        0}; //!< the rest: bytes of other phases on the same lines, windows, queues
    uint32_t changedPorts{0};  //!< ports that went dark for it
    uint32_t circuits{0};      //!< circuits in force during an all-to-all
    Bytes optical;             //!< bytes that crossed circuits
    Bytes electrical;          //!< bytes that crossed packet switches
    Bytes nvswitch;            //!< bytes that crossed NVSwitches, each crossing counted
    Picoseconds lowerBound{0}; //!< no schedule can end earlier, counted from start

    /// @return whether it is an all-to-all.
    bool IsAllToAll() const
    {
        return key.IsAllToAll();
    }

    /// @return when it ends.
    Picoseconds End() const
    {
        return start + duration;
    }
};

} // namespace mixnetcore

#endif // PHASE_RECORD_H
