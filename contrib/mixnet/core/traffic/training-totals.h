/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_TOTALS_H
#define TRAINING_TOTALS_H

#include "ns3/phase-record.h"

#include <map>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What the time of all-to-alls went into, summed over phases.
 *
 * The first three make up a phase's duration; the other two come before it.
 */
struct AllToAllTimes
{
    Picoseconds inside{0};  //!< the inside of servers adds: NVSwitch, NUMA link, attachments
    Picoseconds line{0};    //!< the busiest line must carry bytes so long
    Picoseconds queue{0};   //!< the rest: bytes of other phases, windows, queues on the way
    Picoseconds light{0};   //!< ready ranks waited for circuits
    Picoseconds compute{0}; //!< ranks that were ready waited for the last one
};

/**
 * @ingroup mixnet-core
 * @brief What the phases of a run add up to.
 */
class TrainingTotals
{
  public:
    /**
     * @param record One more phase.
     */
    void Add(const PhaseRecord& record);

    /// @return end of the last phase.
    Picoseconds IterationTime() const
    {
        return m_end;
    }

    /// @return parts of blackouts that all-to-alls waited for, summed.
    Picoseconds ExposedReconfiguration() const
    {
        return m_exposed;
    }

    /// @return time between the end of one phase and the beginning of the next, summed: waiting
    /// for circuits, and for control messages. With the durations it adds up to the iteration time.
    Picoseconds WaitingBetweenPhases() const
    {
        return m_waiting;
    }

    /// @return parts of blackouts that computing hid, summed.
    Picoseconds HiddenReconfiguration() const
    {
        return m_dark - m_exposed;
    }

    /// @return durations by direction and kind of phase, summed.
    const std::map<std::pair<Direction, PhaseKind>, Picoseconds>& TimeByPhase() const
    {
        return m_byPhase;
    }

    /// @return durations of all all-to-alls, summed.
    Picoseconds AllToAllTime() const
    {
        return m_allToAll;
    }

    /// @return what that time, and the waiting before it, went into.
    const AllToAllTimes& AllToAllParts() const
    {
        return m_parts;
    }

    /// @return number of phases.
    uint64_t Phases() const
    {
        return m_phases;
    }

    /// @return bytes that crossed circuits.
    Bytes Optical() const
    {
        return m_optical;
    }

    /// @return bytes that crossed packet switches.
    Bytes Electrical() const
    {
        return m_electrical;
    }

    /// @return bytes that crossed NVSwitches.
    Bytes Nvswitch() const
    {
        return m_nvswitch;
    }

  private:
    Picoseconds m_end{0};                                             //!< end of the last phase
    Picoseconds m_exposed{0};                                         //!< blackouts waited for
    Picoseconds m_dark{0};                                            //!< all blackouts
    Picoseconds m_waiting{0};                                         //!< between phases
    std::map<std::pair<Direction, PhaseKind>, Picoseconds> m_byPhase; //!< durations
    Picoseconds m_allToAll{0};                                        //!< durations of all-to-alls
    AllToAllTimes m_parts;                                            //!< what they went into
    uint64_t m_phases{0};                                             //!< number of phases
    Bytes m_optical;                                                  //!< bytes over circuits
    Bytes m_electrical; //!< bytes over packet switches
    Bytes m_nvswitch;   //!< bytes over NVSwitches
};

} // namespace mixnetcore

#endif // TRAINING_TOTALS_H
