/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RECONFIGURATION_TRACE_H
#define RECONFIGURATION_TRACE_H

#include "circuit-trace.h"

#include "ns3/rdma-nic.h"
#include "ns3/trace-event-file.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Writes NICs on one optical circuit switch as a timeline for Perfetto, chrome://tracing or
 * speedscope, while they send.
 *
 * A process per NIC: what it sees of its link; frames that it has lost, as instants; its messages,
 * in a lane for each peer, with the times in which they are suspended inside; payload that arrives,
 * by sender, as a counter that is averaged over intervals. A process of the switch: its blackouts
 * and circuits (CircuitTrace), and frames that it has lost. Of losses the first MOST_LOSSES.
 */
class ReconfigurationTrace
{
  public:
    static constexpr uint64_t MOST_LOSSES = 10'000; //!< frames that are written

    /**
     * @param path File to write, compressed if it ends in .gz.
     * @param ocs The switch.
     * @param nics NIC n is at port n and has address n; one message at a time from one to another.
     * @param names Of the NICs.
     * @param interval Of the counters of payload.
     * @throws std::runtime_error when the file cannot be written.
     */
    ReconfigurationTrace(const std::filesystem::path& path,
                         Ptr<OcsSwitch> ocs,
                         const std::vector<Ptr<RdmaNic>>& nics,
                         const std::vector<std::string>& names,
                         const Time& interval);

    ReconfigurationTrace(const ReconfigurationTrace&) = delete;
    ReconfigurationTrace& operator=(const ReconfigurationTrace&) = delete;

    /// @param from A NIC. @param to Another, to which it has posted a message now.
    /// @param bytes Of the message.
    void BeginMessage(uint32_t from, uint32_t to, uint64_t bytes);

    /// @param from A NIC. @param to Another. @param completion End of the message between them.
    void EndMessage(uint32_t from, uint32_t to, const WriteCompletion& completion);

    /// @brief Ends the file. @return what was left out; empty when nothing was.
    std::string Close();

  private:
    using Track = TraceEventFile::Track; //!< of the timeline

    /// @brief A message that has not ended.
    struct OpenMessage
    {
        Time begin;                              //!< when it was posted
        uint64_t bytes;                          //!< how many
        std::optional<Time> darkFrom;            //!< since when it is suspended, if it is
        std::vector<std::pair<Time, Time>> dark; //!< when it was suspended
    };

    /// @brief A NIC.
    struct Watched
    {
        Ptr<RdmaNic> nic;                     //!< the NIC
        uint32_t process;                     //!< that shows it
        RdmaNic::LinkState state;             //!< of its link
        Time since;                           //!< when that began
        std::map<uint32_t, OpenMessage> open; //!< its messages, by peer
        std::map<uint32_t, uint64_t> payload; //!< that has arrived in this interval, by sender
        int64_t slot{-1};                     //!< number of that interval
    };

    /// @param from A NIC. @param to Another. @return lane of its messages to that one.
    Track MessageLane(uint32_t from, uint32_t to) const;

    /// @param nic A NIC. @brief Listens to it, and names its lanes.
    void Watch(uint32_t nic);

    /// @param nic A NIC. @param from State of its link before. @param to From now on.
    void HandleState(uint32_t nic, RdmaNic::LinkState from, RdmaNic::LinkState to);

    /// @param nic A NIC. @brief Shows the state of its link until now.
    void ShowState(uint32_t nic);

    /// @param nic A NIC. @param peer Another. @param number Of the queue pair to it.
    /// @param suspended Whether it is from now on.
    void HandleSuspension(uint32_t nic, NicAddress peer, uint32_t number, bool suspended);

    /// @param open A message. @brief It is not suspended any more.
    static void NoteSuspension(OpenMessage& open);

    /// @param from A NIC. @param to Another. @param how How its message ended.
    void ShowMessage(uint32_t from, uint32_t to, const TraceEventFile::Arguments& how);

    /// @param nic A NIC. @param frame A frame that it has taken in.
    void HandleReceive(uint32_t nic, const RoceFrame& frame);

    /// @param nic A NIC. @brief Shows the payload of the interval that is over.
    void ShowPayload(uint32_t nic);

    /// @param nic A NIC. @param frame A frame that it has lost. @param reason Why.
    void HandleLoss(uint32_t nic, const RoceFrame& frame, DropReason reason);

    /// @param frame A frame that the switch has lost. @param port Where it came in.
    /// @param reason Why.
    void HandleSwitchLoss(const RoceFrame& frame, uint32_t port, DropReason reason);

    /// @param track Where. @param frame A frame that was lost. @param reason Why.
    void ShowLoss(const Track& track, const RoceFrame& frame, DropReason reason);

    TraceEventFile m_file;                    //!< the timeline
    std::vector<std::string> m_names;         //!< of the NICs
    Time m_interval;                          //!< of counters
    std::vector<Watched> m_nics;              //!< by number
    std::unique_ptr<CircuitTrace> m_circuits; //!< of the switch
    Track m_switchLosses;                     //!< where losses of the switch are
    uint64_t m_losses{0};                     //!< frames lost
};

} // namespace mixnet
} // namespace ns3

#endif // RECONFIGURATION_TRACE_H
