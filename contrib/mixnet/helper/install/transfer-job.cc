/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "transfer-job.h"

#include "ns3/ns3-units.h"
#include "ns3/simulator.h"
#include "ns3/transfer-bound.h"

#include <stdexcept>

namespace ns3
{
namespace mixnet
{

using mixnetcore::Picoseconds;

TransferJob::TransferJob(const Fabric& fabric, const std::vector<mixnetcore::Transfer>& transfers)
    : m_fabric(fabric),
      m_byHost(fabric.hosts.size()),
      m_completion(MakeCallback(&TransferJob::HandleCompletion, this))
{
    for (const auto& transfer : transfers)
    {
        m_byHost.at(transfer.source.host).push_back(transfer);
        m_missing += transfer.bytes;
    }
}

Picoseconds
TransferJob::Run()
{
    Simulator::Run(); // until all links are up
    const auto begin = m_end = ToPicoseconds(Simulator::Now());
    for (uint32_t host = 0; host < m_byHost.size(); ++host)
    {
        m_fabric.hosts[host].transport->SetArrivalCallback(
            MakeCallback(&TransferJob::HandleArrival, this));
        Simulator::ScheduleWithContext(m_fabric.hosts[host].node->GetId(), Time(0), [this, host]() {
            Post(host);
        });
    }
    Simulator::Run();
    if (m_missing > mixnetcore::Bytes(0))
    {
        throw std::runtime_error(std::to_string(m_missing.Count()) + " bytes did not arrive");
    }
    return m_end - begin;
}

Picoseconds
TransferJob::BoundOfLines() const
{
    mixnetcore::TransferBound bound(m_fabric.plan->host, m_fabric.PayloadEfficiency());
    for (const auto& transfers : m_byHost)
    {
        for (const auto& transfer : transfers)
        {
            bound.Add(transfer, Picoseconds(0));
        }
    }
    return bound.EarliestEndOfLines();
}

void
TransferJob::Post(uint32_t host)
{
    const auto& transfers = m_byHost[host];
    for (uint32_t index = 0; index < transfers.size(); ++index)
    {
        m_fabric.hosts[host].transport->Post(transfers[index], {{}, host, index}, m_completion);
    }
}

void
TransferJob::HandleArrival(const Message& message)
{
    m_missing -= message.transfer.bytes;
    m_end = ToPicoseconds(Simulator::Now());
}

void
TransferJob::HandleCompletion(const MessageCompletion& /* completion */)
{
}

} // namespace mixnet
} // namespace ns3
