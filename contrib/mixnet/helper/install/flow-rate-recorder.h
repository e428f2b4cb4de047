/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_RATE_RECORDER_H
#define FLOW_RATE_RECORDER_H

#include "ns3/event-id.h"
#include "ns3/nstime.h"
#include "ns3/output-file.h"
#include "ns3/rdma-nic.h"

#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Samples how fast queue pairs deliver and what their congestion controls allow.
 *
 * rates.csv has a row per interval and flow, written as the simulation goes:
 *
 *     time_s          end of the interval, seconds from the call of Start()
 *     flow            number of the flow, in the order they were added
 *     source          NIC that sends
 *     destination     NIC that receives
 *     delivered_gbps  payload that arrived in the interval, Gb/s
 *     rate_gbps       rate that the congestion control allows at its end, Gb/s on the wire
 *     window_bytes    window likewise, payload
 *
 * It ends by itself: at the end it was given, or else with the first interval after which no flow
 * has anything outstanding. It looks at both ends of a flow at once, so it is not for simulations
 * in several threads.
 */
class FlowRateRecorder
{
  public:
    /**
     * @param file Where to write rates.csv.
     * @param interval Time between samples, above zero.
     * @throws std::invalid_argument when the interval is not above zero.
     */
    FlowRateRecorder(OutputFile file, const Time& interval);

    ~FlowRateRecorder();
    FlowRateRecorder(const FlowRateRecorder&) = delete;
    FlowRateRecorder& operator=(const FlowRateRecorder&) = delete;

    /**
     * @brief Adds a flow to those that are sampled.
     * @param source NIC that sends.
     * @param destination NIC that receives.
     * @param queuePair Which of the queue pairs between the two.
     */
    void Add(Ptr<RdmaNic> source, Ptr<RdmaNic> destination, uint32_t queuePair = 0);

    /**
     * @brief Goes on at least until a time, for flows that begin late.
     * @param end Time from the call of Start().
     */
    void SetEarliestEnd(const Time& end)
    {
        m_earliestEnd = end;
    }

    /**
     * @brief Samples from a time on, until no flow has anything outstanding.
     * @param begin Begin of the first interval, from now; at least one flow has begun before the
     * interval is over.
     */
    void Start(const Time& begin);

    /**
     * @brief Samples from one time to another.
     * @param begin Begin of the first interval, from now.
     * @param end No interval ends after it, from now.
     */
    void Start(const Time& begin, const Time& end);

    /// @brief Ends sampling and the file. @throws std::runtime_error when it cannot be written.
    void Close();

  private:
    /**
     * @brief A flow that is sampled.
     */
    struct Flow
    {
        Ptr<RdmaNic> source;      //!< NIC that sends
        Ptr<RdmaNic> destination; //!< NIC that receives
        uint32_t queuePair;       //!< which queue pair between the two
        uint64_t delivered;       //!< payload that had arrived at the last sample, bytes
    };

    /// @brief The first interval begins.
    void Begin();

    /// @brief An interval is over.
    void Sample();

    /// @param flow Number of a flow. @brief Writes its row.
    void WriteRow(size_t flow);

    /// @brief Goes on to the next sample, if there is to be one.
    void ScheduleSample();

    /// @param flow A flow. @return its end that sends.
    static QueuePair& Sender(const Flow& flow)
    {
        return flow.source->GetQueuePair(flow.destination->GetNicAddress(), flow.queuePair);
    }

    /// @param flow A flow. @return payload that has arrived, bytes.
    static uint64_t Delivered(const Flow& flow);

    OutputFile m_file;         //!< rates.csv
    Time m_interval;           //!< time between samples
    std::vector<Flow> m_flows; //!< by number
    Time m_origin;             //!< when it was started
    Time m_earliestEnd;        //!< goes on until then at least, from then
    bool m_hasEnd{false};      //!< whether it was given an end
    Time m_end;                //!< that end
    EventId m_event;           //!< next sample
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_RATE_RECORDER_H
