/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "packet-transport.h"

#include "ns3/abort.h"
#include "ns3/flow-paths.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(PacketTransport);

/**
 * @brief A chunk on an RDMA leg: what the receiver must know to carry it on.
 */
class PacketTransport::ChunkWrite : public RdmaMessage
{
  public:
    /**
     * @param content The chunk.
     */
    explicit ChunkWrite(const Chunk& content)
        : RdmaMessage(content.timing.bytes),
          chunk(content)
    {
    }

    Chunk chunk; //!< the chunk
};

TypeId
PacketTransport::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::PacketTransport")
            .SetParent<MessageTransport>()
            .SetGroupName("Mixnet")
            .AddConstructor<PacketTransport>()
            .AddAttribute("ChunkSize",
                          "Bytes that travel a leg together before they start on the next.",
                          UintegerValue(1 << 20),
                          MakeUintegerAccessor(&PacketTransport::m_chunkSize),
                          MakeUintegerChecker<uint64_t>(1))
            .AddAttribute(
                "PipelineDepth",
                "Chunks of one message that have set out and are not acknowledged, at most; 0 for "
                "as many as keep its path busy.",
                UintegerValue(0),
                MakeUintegerAccessor(&PacketTransport::m_pipelineDepth),
                MakeUintegerChecker<uint32_t>());
    return tid;
}

PacketTransport::PacketTransport() = default;

PacketTransport::~PacketTransport() = default;

void
PacketTransport::DoDispose()
{
    m_nvswitch = nullptr;
    m_nics.clear();
    m_outgoing.clear();
    MessageTransport::DoDispose();
}

void
PacketTransport::SetServer(Ptr<NvSwitchHost> nvswitch, const std::vector<Ptr<RdmaNic>>& nics)
{
    m_nvswitch = nvswitch;
    m_nics = nics;
    for (const auto& nic : m_nics)
    {
        nic->SetMessageCallback(MakeCallback(&PacketTransport::HandleWrite, this));
    }
}

NicAddress
PacketTransport::AddressOf(const mixnetcore::NicId& nic, uint32_t nicsPerHost)
{
    return nic.host * nicsPerHost + nic.nic;
}

QueuePair&
PacketTransport::QueuePairOf(const mixnetcore::RdmaLeg& leg)
{
    NS_ABORT_MSG_IF(leg.from.host != GetHost() || leg.from.nic >= m_nics.size(),
                    "host " << GetHost() << " has NICs 0 to " << m_nics.size() - 1
                            << "; a route wants NIC " << leg.from.nic << " of host "
                            << leg.from.host);
    return m_nics[leg.from.nic]->GetQueuePair(AddressOf(leg.to, m_nics.size()));
}

uint32_t
PacketTransport::DepthOf(const mixnetcore::Route& route) const
{
    if (m_pipelineDepth > 0)
    {
        return m_pipelineDepth;
    }
    for (const auto& leg : route)
    {
        if (const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg))
        {
            const bool isOurs = rdma->from.host == GetHost() && rdma->from.nic < m_nics.size();
            return mixnetcore::ChunksInFlight(isOurs ? m_nics[rdma->from.nic]->GetWindow() : 0,
                                              m_chunkSize);
        }
    }
    return mixnetcore::ChunksInFlight(0, m_chunkSize);
}

uint64_t
PacketTransport::CountOutgoing() const
{
    return m_outgoing.size();
}

void
PacketTransport::DoPost(Ptr<const Message> message, CompletionCallback completion)
{
    const uint64_t bytes = message->transfer.bytes.Count();
    const uint64_t chunks = message->transfer.route.empty()
                                ? 1
                                : std::max<uint64_t>(1, (bytes + m_chunkSize - 1) / m_chunkSize);
    const auto depth = DepthOf(message->transfer.route);
    m_outgoing[message->id] = {message, completion, chunks, bytes, 0, depth, 0, {}, false, false};
    Simulator::ScheduleNow(&PacketTransport::Feed, this, message->id);
}

void
PacketTransport::Feed(MessageId id)
{
    auto found = m_outgoing.find(id);
    if (found == m_outgoing.end() || found->second.feeding)
    {
        return;
    }
    found->second.feeding = true;
    while (found != m_outgoing.end() && found->second.chunksLeft > 0 &&
           found->second.underWay < found->second.depth && !found->second.onFirstLeg)
    {
        auto& outgoing = found->second;
        const uint64_t bytes = outgoing.chunksLeft == 1 ? outgoing.bytesLeft : m_chunkSize;
        outgoing.bytesLeft -= bytes;
        --outgoing.chunksLeft;
        ++outgoing.underWay;
        outgoing.onFirstLeg = true;
        const Time now = Simulator::Now();
        CarryOn({outgoing.message, 0, {bytes, now, now, now}});
        found = m_outgoing.find(id);
    }
    if (found != m_outgoing.end())
    {
        found->second.feeding = false;
    }
}

void
PacketTransport::LeaveFirstLeg(const Chunk& chunk)
{
    const auto found = m_outgoing.find(chunk.message->id);
    if (chunk.leg == 0 && found != m_outgoing.end())
    {
        found->second.onFirstLeg = false;
        Feed(chunk.message->id);
    }
}

void
PacketTransport::CarryOn(const Chunk& chunk)
{
    const auto& route = chunk.message->transfer.route;
    if (chunk.leg == route.size())
    {
        HandleChunkArrival(chunk);
    }
    else if (const auto* nvswitch = std::get_if<mixnetcore::NvswitchLeg>(&route[chunk.leg]))
    {
        m_nvswitch->Transfer(nvswitch->fromGpu, nvswitch->toGpu, chunk.timing.bytes, [this, chunk] {
            LeaveFirstLeg(chunk);
            auto next = chunk;
            ++next.leg;
            CarryOn(next);
        });
    }
    else
    {
        const auto& rdma = std::get<mixnetcore::RdmaLeg>(route[chunk.leg]);
        m_nvswitch->TransferToNic(rdma.from.nic, chunk.timing.bytes, [this, chunk] {
            Write(chunk);
            LeaveFirstLeg(chunk);
        });
    }
}

void
PacketTransport::Write(Chunk chunk)
{
    const auto found = m_outgoing.find(chunk.message->id);
    const bool isSender = chunk.message->transfer.source.host == GetHost();
    if (isSender && found == m_outgoing.end())
    {
        return; // withdrawn, or failed, while the chunk was on an earlier leg
    }
    chunk.timing.atNic = Simulator::Now();
    const auto write = Create<ChunkWrite>(chunk);
    if (isSender)
    {
        found->second.written.push_back(write);
    }
    QueuePairOf(std::get<mixnetcore::RdmaLeg>(chunk.message->transfer.route[chunk.leg]))
        .Post(write, MakeCallback(&PacketTransport::HandleWriteCompletion, this));
}

void
PacketTransport::HandleWriteCompletion(const WriteCompletion& completion)
{
    const auto& chunk = static_cast<const ChunkWrite*>(PeekPointer(completion.message))->chunk;
    const auto found = m_outgoing.find(chunk.message->id);
    if (found == m_outgoing.end())
    {
        return; // a relay's, or one whose message has ended
    }
    auto& written = found->second.written;
    written.erase(std::find(written.begin(), written.end(), completion.message));
    if (completion.status == CompletionStatus::Success)
    {
        HandleChunkSent(chunk.message->id, completion.bytesDelivered);
    }
    else
    {
        found->second.delivered += completion.bytesDelivered;
        End(chunk.message->id, MessageStatus::Failed);
    }
}

void
PacketTransport::HandleWrite(Ptr<const RdmaMessage> write, NicAddress /* peer */)
{
    auto chunk = static_cast<const ChunkWrite*>(PeekPointer(write))->chunk;
    const auto& rdma = std::get<mixnetcore::RdmaLeg>(chunk.message->transfer.route[chunk.leg]);
    chunk.timing.crossed = Simulator::Now();
    ++chunk.leg;
    m_nvswitch->TransferFromNic(rdma.to.nic, chunk.timing.bytes, [this, chunk] { CarryOn(chunk); });
}

void
PacketTransport::HandleChunkArrival(const Chunk& chunk)
{
    const auto& message = chunk.message;
    auto& received = m_incoming[message->id];
    received += chunk.timing.bytes;
    const bool complete = received == message->transfer.bytes.Count();
    if (complete)
    {
        m_incoming.erase(message->id);
        NotifyArrival(*message, chunk.timing);
    }
    if (message->transfer.destination.host == message->transfer.source.host)
    {
        HandleChunkSent(message->id, chunk.timing.bytes);
    }
}

void
PacketTransport::HandleChunkSent(MessageId id, uint64_t bytes)
{
    const auto found = m_outgoing.find(id);
    if (found == m_outgoing.end())
    {
        return;
    }
    auto& outgoing = found->second;
    --outgoing.underWay;
    outgoing.delivered += bytes;
    if (outgoing.chunksLeft == 0 && outgoing.underWay == 0)
    {
        End(id, MessageStatus::Delivered);
    }
    else
    {
        Feed(id);
    }
}

void
PacketTransport::End(MessageId id, MessageStatus status)
{
    auto node = m_outgoing.extract(id);
    const auto& outgoing = node.mapped();
    outgoing.completion({outgoing.message, status, outgoing.delivered});
}

bool
PacketTransport::DoWithdraw(MessageId id)
{
    const auto found = m_outgoing.find(id);
    if (found == m_outgoing.end())
    {
        return false;
    }
    auto node = m_outgoing.extract(found);
    const auto& outgoing = node.mapped();
    for (const auto& write : outgoing.written)
    {
        const auto& chunk = static_cast<const ChunkWrite*>(PeekPointer(write))->chunk;
        const auto& route = outgoing.message->transfer.route;
        QueuePairOf(std::get<mixnetcore::RdmaLeg>(route[chunk.leg])).Withdraw(write);
    }
    outgoing.completion({outgoing.message, MessageStatus::Withdrawn, outgoing.delivered});
    return true;
}

} // namespace mixnet
} // namespace ns3
