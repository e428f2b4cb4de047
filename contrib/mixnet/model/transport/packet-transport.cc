/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "packet-transport.h"

#include "ns3/abort.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(PacketTransport);

/**
 * @brief Part of a message on an RDMA leg: what the receiver must know to carry it on.
 */
class PacketTransport::Chunk : public RdmaMessage
{
  public:
    /**
     * @param content The message. @param bytes Size of the chunk. @param index The leg.
     */
    Chunk(Ptr<const Message> content, uint64_t bytes, uint32_t index)
        : RdmaMessage(bytes),
          message(content),
          leg(index)
    {
    }

    Ptr<const Message> message; //!< what it is part of
    uint32_t leg;               //!< index of the leg it is on
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
            .AddAttribute("PipelineDepth",
                          "Chunks of one message under way in the sender's host at most.",
                          UintegerValue(4),
                          MakeUintegerAccessor(&PacketTransport::m_pipelineDepth),
                          MakeUintegerChecker<uint32_t>(1));
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

void
PacketTransport::DoPost(Ptr<const Message> message, CompletionCallback completion)
{
    const uint64_t bytes = message->transfer.bytes.Count();
    const uint64_t chunks = message->transfer.route.empty()
                                ? 1
                                : std::max<uint64_t>(1, (bytes + m_chunkSize - 1) / m_chunkSize);
    m_outgoing[message->id] = {message, completion, chunks, bytes, 0, 0, {}};
    Simulator::ScheduleNow(&PacketTransport::Feed, this, message->id);
}

void
PacketTransport::Feed(MessageId id)
{
    auto found = m_outgoing.find(id);
    while (found != m_outgoing.end() && found->second.chunksLeft > 0 &&
           found->second.underWay < m_pipelineDepth)
    {
        auto& outgoing = found->second;
        const auto message = outgoing.message;
        const uint64_t bytes = outgoing.chunksLeft == 1 ? outgoing.bytesLeft : m_chunkSize;
        outgoing.bytesLeft -= bytes;
        --outgoing.chunksLeft;
        ++outgoing.underWay;
        CarryOn(message, bytes, 0);
        found = m_outgoing.find(id);
    }
}

void
PacketTransport::CarryOn(Ptr<const Message> message, uint64_t bytes, uint32_t leg)
{
    const auto& route = message->transfer.route;
    if (leg == route.size())
    {
        HandleChunkArrival(message, bytes);
    }
    else if (const auto* nvswitch = std::get_if<mixnetcore::NvswitchLeg>(&route[leg]))
    {
        m_nvswitch->Transfer(nvswitch->fromGpu, nvswitch->toGpu, bytes, [=, this_ = this] {
            this_->CarryOn(message, bytes, leg + 1);
        });
    }
    else
    {
        Write(message, bytes, leg);
    }
}

void
PacketTransport::Write(Ptr<const Message> message, uint64_t bytes, uint32_t leg)
{
    const auto found = m_outgoing.find(message->id);
    const bool isSender = message->transfer.source.host == GetHost();
    if (isSender && found == m_outgoing.end())
    {
        return; // withdrawn, or failed, while the chunk was on an earlier leg
    }
    const auto chunk = Create<Chunk>(message, bytes, leg);
    if (isSender)
    {
        found->second.written.push_back(chunk);
    }
    QueuePairOf(std::get<mixnetcore::RdmaLeg>(message->transfer.route[leg]))
        .Post(chunk, MakeCallback(&PacketTransport::HandleWriteCompletion, this));
}

void
PacketTransport::HandleWriteCompletion(const WriteCompletion& completion)
{
    const auto* chunk = static_cast<const Chunk*>(PeekPointer(completion.message));
    const auto found = m_outgoing.find(chunk->message->id);
    if (found == m_outgoing.end())
    {
        return; // a relay's, or one whose message has ended
    }
    auto& written = found->second.written;
    written.erase(std::find(written.begin(), written.end(), completion.message));
    if (completion.status == CompletionStatus::Success)
    {
        HandleChunkSent(chunk->message->id, completion.bytesDelivered);
    }
    else
    {
        found->second.delivered += completion.bytesDelivered;
        End(chunk->message->id, MessageStatus::Failed);
    }
}

void
PacketTransport::HandleWrite(Ptr<const RdmaMessage> write, NicAddress /* peer */)
{
    const auto* chunk = static_cast<const Chunk*>(PeekPointer(write));
    CarryOn(chunk->message, chunk->GetBytes(), chunk->leg + 1);
}

void
PacketTransport::HandleChunkArrival(Ptr<const Message> message, uint64_t bytes)
{
    auto& received = m_incoming[message->id];
    received += bytes;
    const bool complete = received == message->transfer.bytes.Count();
    if (complete)
    {
        m_incoming.erase(message->id);
        NotifyArrival(*message);
    }
    if (message->transfer.destination.host == message->transfer.source.host)
    {
        HandleChunkSent(message->id, bytes);
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
        const auto* chunk = static_cast<const Chunk*>(PeekPointer(write));
        const auto& route = outgoing.message->transfer.route;
        QueuePairOf(std::get<mixnetcore::RdmaLeg>(route[chunk->leg])).Withdraw(write);
    }
    outgoing.completion({outgoing.message, MessageStatus::Withdrawn, outgoing.delivered});
    return true;
}

} // namespace mixnet
} // namespace ns3
