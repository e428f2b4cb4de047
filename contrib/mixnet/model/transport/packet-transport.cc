/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "packet-transport.h"

#include "ns3/abort.h"
#include "ns3/flow-paths.h"
#include "ns3/log.h"
#include "ns3/node.h"
#include "ns3/simulator.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <utility>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("PacketTransport");

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

void
PacketTransport::DoDispose()
{
    m_nvswitch = nullptr;
    m_nics.clear();
    m_outgoing.clear();
    if (m_peers)
    {
        m_peers->at(GetHost()) = nullptr;
    }
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

void
PacketTransport::Join(Ptr<PacketTransport> other)
{
    if (!other->m_peers)
    {
        other->m_peers = std::make_shared<std::vector<PacketTransport*>>();
    }
    m_peers = other->m_peers;
    m_peers->resize(std::max<size_t>(m_peers->size(), GetHost() + 1));
    m_peers->at(GetHost()) = this;
}

template <typename Handler, typename... Arguments>
void
PacketTransport::Tell(uint32_t host, Handler handler, Arguments... arguments)
{
    auto* peer = host == GetHost() ? this : nullptr;
    if (!peer && m_peers && host < m_peers->size())
    {
        peer = (*m_peers)[host];
    }
    NS_ABORT_MSG_UNLESS(peer,
                        "the transport of host " << GetHost() << " has not joined that of host "
                                                 << host);
    Simulator::ScheduleWithContext(peer->m_nvswitch->GetNode()->GetId(),
                                   GetControlLatency(host),
                                   handler,
                                   peer,
                                   arguments...);
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

void
PacketTransport::DoPost(Ptr<const Message> message, CompletionCallback completion)
{
    const uint64_t bytes = message->transfer.bytes.Count();
    const uint64_t chunks = message->transfer.route.empty()
                                ? 1
                                : std::max<uint64_t>(1, (bytes + m_chunkSize - 1) / m_chunkSize);
    const auto& route = message->transfer.route;
    const auto number = m_numbered[message->transfer.destination.host]++;
    m_outgoing[message->id] =
        {message, completion, chunks, bytes, number, DepthOf(route), IsRelayed(route)};
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
           found->second.inFlight < found->second.depth && !found->second.onFirstLeg &&
           !found->second.ending)
    {
        auto& outgoing = found->second;
        const uint64_t bytes = outgoing.chunksLeft == 1 ? outgoing.bytesLeft : m_chunkSize;
        outgoing.bytesLeft -= bytes;
        --outgoing.chunksLeft;
        ++outgoing.inFlight;
        outgoing.onFirstLeg = true;
        const Time now = Simulator::Now();
        CarryOn({outgoing.message, outgoing.number, 0, {bytes, now, now, now}});
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
    if (isSender && (found == m_outgoing.end() || found->second.ending))
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
    if (chunk.message->transfer.source.host != GetHost())
    {
        m_held -= chunk.timing.bytes;
    }
    if (completion.status != CompletionStatus::Success)
    {
        HandleLoss(chunk);
        return;
    }
    const auto found = m_outgoing.find(chunk.message->id);
    if (found == m_outgoing.end() || found->second.ending)
    {
        return; // a relay's, or one whose message has ended
    }
    auto& written = found->second.written;
    written.erase(std::find(written.begin(), written.end(), completion.message));
    HandleChunkSent(chunk.message->id);
}

void
PacketTransport::HandleLoss(const Chunk& chunk)
{
    const auto sender = chunk.message->transfer.source.host;
    if (sender == GetHost())
    {
        Abandon(chunk.message->id, MessageStatus::Failed, chunk.leg);
    }
    else
    {
        Tell(sender, &PacketTransport::HandleLegFailed, chunk.message->id, chunk.leg);
    }
}

void
PacketTransport::HandleLegFailed(MessageId id, uint32_t leg)
{
    Abandon(id, MessageStatus::Failed, leg);
}

void
PacketTransport::HandleWrite(Ptr<const RdmaMessage> write, NicAddress /* peer */)
{
    const auto* const own = dynamic_cast<const ChunkWrite*>(PeekPointer(write));
    if (!own)
    {
        NS_LOG_LOGIC("a message that somebody posted on a queue pair of a NIC");
        return;
    }
    auto chunk = own->chunk;
    const auto& rdma = std::get<mixnetcore::RdmaLeg>(chunk.message->transfer.route[chunk.leg]);
    chunk.timing.crossed = Simulator::Now();
    ++chunk.leg;
    if (IsToRelay(chunk))
    {
        CountRelayed(chunk.timing.bytes);
        m_held += chunk.timing.bytes;
        m_mostHeld = std::max(m_mostHeld, m_held);
    }
    m_nvswitch->TransferFromNic(rdma.to.nic, chunk.timing.bytes, [this, chunk] { CarryOn(chunk); });
}

void
PacketTransport::HandleChunkArrival(const Chunk& chunk)
{
    const auto& message = chunk.message;
    const auto& transfer = message->transfer;
    auto& closed = m_closed[transfer.source.host];
    if (closed.Contains(chunk.number))
    {
        return; // its sender has been told that it has not arrived
    }
    auto& incoming = m_incoming[message->id];
    incoming.bytes += chunk.timing.bytes;
    incoming.last = chunk.timing;
    const bool isComplete = incoming.bytes == transfer.bytes.Count();
    if (isComplete)
    {
        m_incoming.erase(message->id);
        closed.Add(chunk.number);
        NotifyArrival(*message, chunk.timing);
    }
    if (transfer.source.host == GetHost())
    {
        HandleChunkSent(message->id);
    }
    else if (isComplete && IsRelayed(transfer.route))
    {
        constexpr bool ALL = true;
        Tell(transfer.source.host,
             &PacketTransport::HandleArrived,
             message->id,
             transfer.bytes.Count(),
             ALL);
    }
}

void
PacketTransport::HandleChunkSent(MessageId id)
{
    const auto found = m_outgoing.find(id);
    if (found == m_outgoing.end() || found->second.ending)
    {
        return;
    }
    auto& outgoing = found->second;
    --outgoing.inFlight;
    if (outgoing.chunksLeft > 0)
    {
        Feed(id);
    }
    else if (outgoing.inFlight == 0 && !outgoing.isRelayed)
    {
        End(id, MessageStatus::Delivered, outgoing.message->transfer.bytes.Count());
    }
}

bool
PacketTransport::Abandon(MessageId id, MessageStatus status, std::optional<uint32_t> leg)
{
    const auto found = m_outgoing.find(id);
    if (found == m_outgoing.end() || found->second.ending)
    {
        return false;
    }
    auto& outgoing = found->second;
    const auto& route = outgoing.message->transfer.route;
    NS_LOG_INFO("message " << id << (status == MessageStatus::Failed ? " fails" : " is withdrawn"));
    outgoing.ending = status;
    if (leg)
    {
        outgoing.failedLeg = std::get<mixnetcore::RdmaLeg>(route[*leg]);
    }
    for (const auto& write : std::exchange(outgoing.written, {}))
    {
        const auto& chunk = static_cast<const ChunkWrite*>(PeekPointer(write))->chunk;
        QueuePairOf(std::get<mixnetcore::RdmaLeg>(route[chunk.leg])).Withdraw(write);
    }
    Tell(outgoing.message->transfer.destination.host,
         &PacketTransport::HandleAbandoned,
         outgoing.message,
         outgoing.number);
    return true;
}

void
PacketTransport::HandleAbandoned(Ptr<const Message> message, uint64_t number)
{
    auto& closed = m_closed[message->transfer.source.host];
    const bool isComplete = closed.Contains(number);
    uint64_t bytes = message->transfer.bytes.Count();
    if (!isComplete)
    {
        closed.Add(number);
        const auto incoming = m_incoming.extract(message->id);
        bytes = incoming ? incoming.mapped().bytes : 0;
        NotifyPart(*message, bytes, incoming ? incoming.mapped().last : ChunkTiming());
    }
    Tell(message->transfer.source.host,
         &PacketTransport::HandleArrived,
         message->id,
         bytes,
         isComplete);
}

void
PacketTransport::HandleArrived(MessageId id, uint64_t bytes, bool isComplete)
{
    const auto found = m_outgoing.find(id);
    if (found != m_outgoing.end())
    {
        End(id, isComplete ? MessageStatus::Delivered : *found->second.ending, bytes);
    }
}

void
PacketTransport::End(MessageId id, MessageStatus status, uint64_t bytes)
{
    const auto node = m_outgoing.extract(id);
    const auto& outgoing = node.mapped();
    const auto failedLeg = status == MessageStatus::Failed ? outgoing.failedLeg : std::nullopt;
    outgoing.completion({outgoing.message, status, bytes, failedLeg});
}

bool
PacketTransport::Closed::Contains(uint64_t number) const
{
    return number < below || above.count(number) > 0;
}

void
PacketTransport::Closed::Add(uint64_t number)
{
    if (number != below)
    {
        above.insert(number);
        return;
    }
    ++below;
    while (!above.empty() && *above.begin() == below)
    {
        above.erase(above.begin());
        ++below;
    }
}

} // namespace mixnet
} // namespace ns3
