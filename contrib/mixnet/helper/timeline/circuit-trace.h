/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_TRACE_H
#define CIRCUIT_TRACE_H

#include "ns3/ocs-switch.h"
#include "ns3/trace-event-file.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief An optical circuit switch in a timeline: its blackouts, how many of its circuits are up,
 * and on request when each of them was.
 *
 * A blackout is a slice from its beginning to its end, also where the run ends before that.
 */
class CircuitTrace
{
  public:
    using Track = TraceEventFile::Track; //!< of the timeline

    /// @brief Where a switch is shown, and how.
    struct View
    {
        Track lane;                     //!< of blackouts; those behind it are for circuits
        std::string name;               //!< of the switch
        std::vector<std::string> ports; //!< what is behind each port
        bool hasLanes{false};           //!< whether circuits are shown: in the lane of their first
                                        //!< port, one for each port
    };

    /// @param file The timeline. @param ocs The switch. @param view Where it is shown. All outlive
    /// this.
    CircuitTrace(TraceEventFile& file, Ptr<OcsSwitch> ocs, View view);

    CircuitTrace(const CircuitTrace&) = delete;
    CircuitTrace& operator=(const CircuitTrace&) = delete;

    /// @return lanes that it may use.
    uint32_t Lanes() const
    {
        return 1 + (m_view.hasLanes ? m_view.ports.size() : 0);
    }

    /// @return where blackouts are.
    const Track& BlackoutLane() const
    {
        return m_view.lane;
    }

    /// @param at An instant, not before the beginning of the last blackout.
    /// @return whether there is one then.
    bool IsDarkAt(const Time& at) const
    {
        return at >= m_darkFrom && at <= m_darkUntil;
    }

    /// @brief Shows what is still up.
    void Close();

  private:
    /// @param configuration Circuits to come. @param darkPorts Ports that go dark.
    /// @param duration How long.
    void HandleBlackout(const mixnetcore::CircuitConfiguration& configuration,
                        uint32_t darkPorts,
                        Time duration);

    /// @param a A port. @param b Another. @brief Signal passes between them.
    void HandleUp(uint32_t a, uint32_t b);

    /// @param a A port. @param b Another. @brief Signal no longer passes between them.
    void HandleDown(uint32_t a, uint32_t b);

    /// @param ports Ends of a circuit. @param since When it came up. @brief Shows it until now.
    void Show(const std::pair<uint32_t, uint32_t>& ports, const Time& since);

    /// @brief Before the number of circuits changes: shows what it was since it did so last.
    void NoteChange();

    /// @brief Shows how many circuits are up since that has changed last.
    void WriteCount();

    TraceEventFile& m_file; //!< the timeline
    View m_view;            //!< where it is shown
    Time m_darkFrom{-1};    //!< beginning of the last blackout
    Time m_darkUntil{-1};   //!< its end
    Time m_changedAt;       //!< when the number of circuits changed last
    std::map<std::pair<uint32_t, uint32_t>, Time> m_up; //!< circuits, and since when they are up
};

} // namespace mixnet
} // namespace ns3

#endif // CIRCUIT_TRACE_H
