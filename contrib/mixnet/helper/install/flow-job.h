/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_JOB_H
#define FLOW_JOB_H

#include "fabric-helper.h"
#include "flow-rate-recorder.h"

#include "ns3/all-to-all-router.h"
#include "ns3/demand-matrix.h"
#include "ns3/recovery-router.h"
#include "ns3/traffic-pattern.h"
#include "ns3/transfer-bound.h"

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A set of flows among the GPUs of a fabric: posts each at its start, and writes down when
 * its last byte was at its GPU.
 *
 * GPU g of the job is GPU g % (GPUs per host) of host g / (GPUs per host). Flows of one pair of
 * hosts that start together are routed together, so that a router can spread them evenly.
 */
class FlowJob
{
  public:
    /**
     * @brief What became of a flow.
     */
    struct Outcome
    {
        mixnetcore::Bytes arrived;                  //!< bytes at their GPU
        std::optional<mixnetcore::Picoseconds> end; //!< when the last of them came; none if not all
        uint32_t failedMessages{0};                 //!< messages that ended with an error
    };

    /**
     * @param fabric Where; it outlives the job.
     * @param flows What.
     */
    FlowJob(const Fabric& fabric, std::vector<mixnetcore::FlowSpec> flows);
    FlowJob(const FlowJob&) = delete;
    FlowJob& operator=(const FlowJob&) = delete;

    /// @param router Ways of the bytes.
    void SetRouter(std::shared_ptr<const mixnetcore::AllToAllRouter> router)
    {
        m_router = std::move(router);
    }

    /**
     * @brief Has bytes that a route did not carry sent on another one, each byte once.
     * @param router Finds other routes. Flows without one stay incomplete.
     */
    void SetRecovery(const std::shared_ptr<const mixnetcore::RecoveryRouter>& router);

    /// @param observer Told of each message that ends with an error.
    void SetFailureObserver(std::function<void(const MessageCompletion&)> observer)
    {
        m_failureObserver = std::move(observer);
    }

    /// @brief Schedules all flows, counted from now. @pre it has a router.
    void Start();

    /**
     * @brief Hands the pairs of NICs between which flows go to a recorder.
     * @param recorder The recorder. @pre the job has a router.
     */
    void AddTo(FlowRateRecorder& recorder) const;

    /// @return the flows.
    const std::vector<mixnetcore::FlowSpec>& GetFlows() const
    {
        return m_flows;
    }

    /// @return what became of each so far, in the order of the flows.
    const std::vector<Outcome>& GetOutcomes() const
    {
        return m_outcomes;
    }

    /// @return flows of which bytes are missing.
    uint64_t CountUnfinished() const;

    /// @return whether every flow has arrived whole.
    bool IsComplete() const
    {
        return CountUnfinished() == 0;
    }

    /// @return bytes of all flows.
    mixnetcore::Bytes GetBytes() const;

    /// @return bytes that have arrived.
    mixnetcore::Bytes GetArrivedBytes() const;

    /// @return when the last flow starts, from the start of the job.
    mixnetcore::Picoseconds GetLastStart() const;

    /// @return when the last flow was complete, so far.
    mixnetcore::Picoseconds GetEnd() const;

    /// @return messages that ended with an error.
    uint64_t GetFailedMessages() const;

    /**
     * @brief The least time that any fabric with these servers could take: every host must send and
     * receive its bytes over all its NICs at line rate, and every GPU its own over its NVSwitch
     * port, after they have started.
     * @return the largest of these times, from the start of the job.
     * @throws std::overflow_error when that is beyond 63 bits.
     */
    mixnetcore::Picoseconds Ideal() const;

    /**
     * @brief The least time that the flows posted so far could take on the routes that they were
     * given (TransferBound): each NIC, circuit and port of a GPU must carry what is routed over it.
     * @return it, from the start of the job; no job is complete before it.
     * @throws std::overflow_error when that is beyond 63 bits.
     */
    mixnetcore::Picoseconds Bound() const
    {
        return m_bound.EarliestEnd();
    }

    /// @return bytes from host (row) to host (column).
    mixnetcore::DemandMatrix HostDemand() const;

  private:
    /// @param gpu GPU of the job. @return where it is.
    mixnetcore::GpuId Place(uint32_t gpu) const;

    /// @param flows Indices of flows of one host. @return their bytes and their routes.
    std::vector<mixnetcore::Transfer> Route(const std::vector<uint32_t>& flows) const;

    /**
     * @brief What a router may look at together: flows of one host that start at once, each pair of
     * GPUs once.
     */
    struct Batch
    {
        mixnetcore::Picoseconds start; //!< when they start
        uint32_t host;                 //!< host that sends
        std::vector<uint32_t> flows;   //!< indices
    };

    /// @return all flows in batches, by start and host.
    std::vector<Batch> Batches() const;

    /// @param flows Indices of flows that start now.
    void Post(const std::vector<uint32_t>& flows);

    /// @param message A message of ours that is at its GPU.
    void HandleArrival(const Message& message);

    /// @param completion End of a message of ours at its sender. @brief Counts it where it has not
    /// carried all, and sends the rest on another route, if it is to and there is one.
    void HandleCompletion(const MessageCompletion& completion);

    const Fabric& m_fabric;                                          //!< where
    std::vector<mixnetcore::FlowSpec> m_flows;                       //!< what
    std::shared_ptr<const mixnetcore::AllToAllRouter> m_router;      //!< routes of the bytes
    std::vector<Outcome> m_outcomes;                                 //!< by flow
    mixnetcore::TransferBound m_bound;                               //!< of what was posted
    std::vector<mixnetcore::RouteRecovery> m_recoveries;             //!< by host; none if not to
    MessageTransport::CompletionCallback m_completion;               //!< tells this job
    std::function<void(const MessageCompletion&)> m_failureObserver; //!< none unless set
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_JOB_H
