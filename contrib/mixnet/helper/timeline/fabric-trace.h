/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_TRACE_H
#define FABRIC_TRACE_H

#include "circuit-trace.h"
#include "utilisation-trace.h"

#include "ns3/trace-event-file.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A fabric in a timeline, whatever it is used for.
 *
 * A process "fabric": fibres that are cut or spliced and new tables of packet switches, as
 * instants; pauses that packet switches ask for, in a lane for each switch, of which the first
 * MOST_PAUSES. A process per region: a lane for its controller, which is left to others, and its
 * optical circuit switches (CircuitTrace); where there is one region, with each circuit. Counters
 * of how busy NICs are, in the processes of their servers (UtilisationTrace); where these are more
 * than MOST_GROUPS, of all servers together with the fabric.
 */
class FabricTrace
{
  public:
    static constexpr uint64_t MOST_PAUSES = 10'000; //!< that are written
    static constexpr size_t MOST_GROUPS = 1024;     //!< of servers that have counters of their own

    using Track = TraceEventFile::Track; //!< of the timeline

    /**
     * @param file The timeline.
     * @param fabric The fabric, before its first event. Both outlive this object.
     * @param groups Servers whose NICs are counted together.
     * @param span Length of the first samples of counters.
     */
    FabricTrace(TraceEventFile& file,
                const Fabric& fabric,
                std::vector<NicGroup> groups,
                const Time& span);

    FabricTrace(const FabricTrace&) = delete;
    FabricTrace& operator=(const FabricTrace&) = delete;

    /// @return the process of what is no server's.
    uint32_t GetProcess() const
    {
        return m_process;
    }

    /// @param region A region. @return the lane for its controller.
    Track ControllerLane(uint32_t region) const
    {
        return {m_regions.at(region).process, 0};
    }

    /// @param region A region. @param at An instant of its last blackout.
    /// @return lane of the first of its switches that has one then.
    std::optional<Track> BlackoutLane(uint32_t region, const Time& at) const;

    /// @brief Writes what is left. @return what it says of itself: how long samples are, and what
    /// was left out.
    std::string Close();

  private:
    /// @brief A region.
    struct Region
    {
        uint32_t process;                                    //!< that shows it
        std::vector<std::unique_ptr<CircuitTrace>> switches; //!< by plane
    };

    /// @param groups Groups. @return those that have counters.
    std::vector<NicGroup> Limited(std::vector<NicGroup> groups) const;

    /// @param region A region. @brief Listens to its switches, and names them.
    void WatchRegion(uint32_t region);

    /// @param node An optical circuit switch. @return names of what is behind its ports.
    std::vector<std::string> NamesBehind(uint32_t node) const;

    /// @brief Listens to fibres and packet switches.
    void WatchFailures();

    /// @param link A link of the plan. @param cut Whether it is cut, or spliced.
    void HandleCut(uint32_t link, bool cut);

    /// @param forwarding New tables of all packet switches.
    void HandleTables(const std::shared_ptr<const mixnetcore::ForwardingPlan>& forwarding);

    /// @param packetSwitch A packet switch. @param port A port. @param trafficClass A class.
    /// @param paused Whether the other end is to pause, or to go on.
    void HandlePause(uint32_t packetSwitch, uint32_t port, uint8_t trafficClass, bool paused);

    TraceEventFile& m_file;         //!< the timeline
    const Fabric& m_fabric;         //!< what is watched
    uint32_t m_process;             //!< of what is no server's
    std::vector<Region> m_regions;  //!< by number
    std::vector<char> m_pausing;    //!< by packet switch: whether its lane has a name
    uint64_t m_pauses{0};           //!< that switches asked for
    UtilisationTrace m_utilisation; //!< counters of NICs
};

} // namespace mixnet
} // namespace ns3

#endif // FABRIC_TRACE_H
