/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "sided-transport.h"

#include "ns3/abort.h"
#include "ns3/lists.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(SidedTransport);

TypeId
SidedTransport::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::SidedTransport")
                            .SetParent<MessageTransport>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<SidedTransport>();
    return tid;
}

void
SidedTransport::DoDispose()
{
    for (const auto& transport : m_transports)
    {
        transport->Dispose();
    }
    m_transports.clear();
    m_ofSide.clear();
    m_inside = nullptr;
    MessageTransport::DoDispose();
}

void
SidedTransport::SetSide(mixnetcore::NicRole side, Ptr<MessageTransport> transport)
{
    Adopt(transport);
    m_ofSide[side] = transport;
}

void
SidedTransport::SetInside(Ptr<MessageTransport> transport)
{
    Adopt(transport);
    m_inside = transport;
}

void
SidedTransport::Adopt(Ptr<MessageTransport> transport)
{
    NS_ABORT_MSG_IF(transport->GetHost() != GetHost(),
                    "the transport of host " << GetHost() << " cannot hand messages to that of "
                                             << transport->GetHost());
    if (std::find(m_transports.begin(), m_transports.end(), transport) == m_transports.end())
    {
        m_transports.push_back(transport);
        transport->TraceConnectWithoutContext("LastPart",
                                              MakeCallback(&SidedTransport::NotifyArrival, this));
    }
}

Ptr<MessageTransport>
SidedTransport::TransportOf(const mixnetcore::Transfer& transfer) const
{
    const mixnetcore::RdmaLeg* first = nullptr;
    for (const auto& leg : transfer.route)
    {
        const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg);
        NS_ABORT_MSG_IF(rdma && first && rdma->side != first->side,
                        "a message from host "
                            << transfer.source.host << " to host " << transfer.destination.host
                            << " crosses the optical and the electrical side; both must be "
                               "simulated at the same level of fidelity");
        first = first ? first : rdma;
    }
    return first ? m_ofSide.at(first->side) : m_inside;
}

uint64_t
SidedTransport::CountOutgoing() const
{
    return mixnetcore::SumOf(m_transports,
                             [](const auto& transport) { return transport->CountOutgoing(); });
}

uint64_t
SidedTransport::GetRelayedBytes() const
{
    return mixnetcore::SumOf(m_transports, [](const auto& one) { return one->GetRelayedBytes(); });
}

bool
SidedTransport::Withdraw(MessageId id)
{
    return std::any_of(m_transports.begin(), m_transports.end(), [id](const auto& transport) {
        return transport->Withdraw(id);
    });
}

} // namespace mixnet
} // namespace ns3
