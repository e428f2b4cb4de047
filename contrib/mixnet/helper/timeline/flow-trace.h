/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_TRACE_H
#define FLOW_TRACE_H

#include "fabric-trace.h"
#include "trace-lanes.h"

#include "ns3/flow-job.h"
#include "ns3/timeline-options.h"
#include "ns3/trace-event-file.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Writes flows among GPUs as a timeline for Perfetto, chrome://tracing or speedscope, while
 * they go.
 *
 * A process per server; in it, for each GPU that sends, a lane with its flows, from the first byte
 * that sets out to the last that arrives. Flows of a GPU at the same time get further lanes, up to
 * MOST_LANES; the timeline has MOST_FLOWS at most. Messages that fail are instants of the server
 * that sent them. A flow that has not arrived whole lasts to the end and says so. All else is of
 * FabricTrace.
 */
class FlowTrace
{
  public:
    static constexpr uint32_t MOST_LANES = 32;        //!< of a GPU
    static constexpr uint64_t MOST_FLOWS = 100'000;   //!< that are written
    static constexpr uint64_t MOST_FAILURES = 10'000; //!< messages that are written

    /**
     * @param spec File to write, and how often to sample.
     * @param fabric The fabric, before its first event. @param job The flows, before they start.
     * All outlive this object.
     * @throws std::runtime_error when the file cannot be written.
     */
    FlowTrace(const TimelineSpec& spec, const Fabric& fabric, FlowJob& job);

    FlowTrace(const FlowTrace&) = delete;
    FlowTrace& operator=(const FlowTrace&) = delete;

    /// @brief Ends the file. @return what there is to say of it: samples, and what was left out.
    std::string Close();

  private:
    using Track = TraceEventFile::Track; //!< of the timeline

    /// @brief A flow that goes on.
    struct OpenFlow
    {
        Time begin;                 //!< when its first message set out
        uint64_t missing;           //!< bytes that have not arrived
        uint32_t failed{0};         //!< messages that failed
        std::optional<Track> track; //!< where it is drawn; none where there is no room
    };

    /// @return servers of the fabric, each with a process of its own.
    std::vector<NicGroup> AddProcesses();

    /// @param gpu GPU of the job. @return its lanes.
    TraceLanes& LanesOf(uint32_t gpu);

    /// @param message A message that sets out.
    void HandlePost(const Message& message);

    /// @param message A message, or the part of one that is to come, at its GPU.
    void HandleArrival(const Message& message);

    /// @param completion A message that has failed.
    void HandleFailure(const MessageCompletion& completion);

    /// @param flow Number of a flow that ends now. @param open It.
    void Show(uint32_t flow, const OpenFlow& open);

    const Fabric& m_fabric;                 //!< where
    const FlowJob& m_job;                   //!< the flows
    TraceEventFile m_file;                  //!< the timeline
    std::vector<uint32_t> m_processes;      //!< by host
    FabricTrace m_fabricTrace;              //!< what is no flow's
    std::map<uint32_t, TraceLanes> m_lanes; //!< by GPU that sends
    std::map<uint32_t, OpenFlow> m_open;    //!< by number
    uint64_t m_begun{0};                    //!< flows so far
    uint64_t m_shown{0};                    //!< of these, have or had a lane
    uint64_t m_failures{0};                 //!< messages that failed
    std::vector<char> m_failing;            //!< by host: whether its lane for that has a name
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_TRACE_H
