/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef UTILISATION_TRACE_H
#define UTILISATION_TRACE_H

#include "ns3/doubling-samples.h"
#include "ns3/fabric-helper.h"
#include "ns3/sampling-scheduler.h"
#include "ns3/trace-event-file.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief Servers whose NICs are counted together in a timeline.
struct NicGroup
{
    uint32_t process;            //!< of the timeline, that shows them
    std::vector<uint32_t> hosts; //!< of the fabric
};

/**
 * @ingroup mixnet
 * @brief How busy NICs are with sending, as counters of a timeline: mean and busiest of the optical
 * and of the electrical NICs of each group, in percent of line rate.
 *
 * What NICs have sent is read at the end of each of equal spans of time, between events
 * (SampleClock), and kept until Close(). As nobody knows how long a run will be, spans double when
 * there are too many (DoublingSamples); so all of a timeline have one length, and a busiest NIC is
 * the one that is busiest over that length.
 *
 * Guarantees: counters times line rate add up to the bytes that Fabric::GetSentBytes() tells at the
 * end, but for what their decimals do not show; the simulation is the same with it. Memory: below
 * 40 MB up to 100,000 NICs, file: below 30 MB.
 *
 * A frame counts when its first bit leaves, so that a span may have up to a frame more than fits.
 */
class UtilisationTrace
{
  public:
    /**
     * @param file The timeline.
     * @param fabric What is watched, before its first event.
     * @param groups Whose NICs; each host in one group at most.
     * @param span Length of the first spans, above zero.
     */
    UtilisationTrace(TraceEventFile& file,
                     const Fabric& fabric,
                     std::vector<NicGroup> groups,
                     const Time& span);

    ~UtilisationTrace();
    UtilisationTrace(const UtilisationTrace&) = delete;
    UtilisationTrace& operator=(const UtilisationTrace&) = delete;

    /// @brief Reads once more, at this instant, and writes the counters.
    void Close();

    /// @return how long each span is by now.
    Time Span() const;

  private:
    /// @brief A value of a counter, percent.
    struct Busy
    {
        double mean{0};    //!< of all NICs
        double busiest{0}; //!< of one of them

        /// @param other Another. @return whether both are the same.
        bool operator==(const Busy& other) const
        {
            return mean == other.mean && busiest == other.busiest;
        }
    };

    /// @param fabric A fabric. @param groups Groups. @return how many spans there may be.
    static size_t MostSpans(const Fabric& fabric, size_t groups);

    /// @param before All events before this instant have happened, and no others.
    /// @return when to look next.
    Time Look(const Time& before);

    /// @param at An instant. @brief Reads what has been sent by then.
    void Read(const Time& at);

    /// @param group A group. @param nics NICs of each of its hosts. @param sample A span.
    /// @return how busy they were.
    Busy BusyOf(const NicGroup& group, const std::vector<uint32_t>& nics, size_t sample) const;

    /// @param group A group. @param side Which NICs. @brief Writes their counter.
    void Write(const NicGroup& group, mixnetcore::NicRole side);

    TraceEventFile& m_file;                //!< the timeline
    const Fabric& m_fabric;                //!< what is watched
    std::vector<NicGroup> m_groups;        //!< whose NICs
    mixnetcore::DoublingSamples m_samples; //!< bytes by span and NIC, host by host
    Ptr<SampleClock> m_clock;              //!< says when to look
};

} // namespace mixnet
} // namespace ns3

#endif // UTILISATION_TRACE_H
