/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRANSFER_JOB_H
#define TRANSFER_JOB_H

#include "fabric-helper.h"

#include "ns3/route.h"

#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Transfers whose routes are known: posts all at once, and notes when the last byte was at
 * its GPU. Where a router is to find the routes there is FlowJob.
 */
class TransferJob
{
  public:
    /**
     * @param fabric Where; it outlives the job.
     * @param transfers What; none is empty.
     */
    TransferJob(const Fabric& fabric, const std::vector<mixnetcore::Transfer>& transfers);
    TransferJob(const TransferJob&) = delete;
    TransferJob& operator=(const TransferJob&) = delete;

    /**
     * @brief Runs the simulator until all links are up, then the job to its end.
     * @return from its start to the last byte's arrival.
     * @throws std::runtime_error when not every byte has arrived.
     */
    mixnetcore::Picoseconds Run();

    /**
     * @return the least time that it could take on these routes (TransferBound): each NIC and
     * circuit must carry what is routed over it.
     * @throws std::overflow_error when that is beyond 63 bits.
     */
    mixnetcore::Picoseconds BoundOfLines() const;

  private:
    /// @param host Whose transfers set out now.
    void Post(uint32_t host);

    /// @param message A message that is at its GPU.
    void HandleArrival(const Message& message);

    /// @param completion End of a message at its sender; what counts is its arrival.
    void HandleCompletion(const MessageCompletion& completion);

    const Fabric& m_fabric;                                  //!< where
    std::vector<std::vector<mixnetcore::Transfer>> m_byHost; //!< what each host sends
    mixnetcore::Bytes m_missing;                             //!< not at their GPUs yet
    mixnetcore::Picoseconds m_end{0};                        //!< when the last ones came
    MessageTransport::CompletionCallback m_completion;       //!< tells this job
};

} // namespace mixnet
} // namespace ns3

#endif // TRANSFER_JOB_H
