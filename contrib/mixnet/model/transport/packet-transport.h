/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PACKET_TRANSPORT_H
#define PACKET_TRANSPORT_H

#include "message-transport.h"

#include "ns3/nv-switch-host.h"
#include "ns3/rdma-nic.h"

#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Carries messages packet by packet: NVSwitch as a fluid, RDMA as frames.
 *
 * A message is cut into chunks, and each chunk travels leg by leg: it is whole at the end of one
 * before it starts on the next. Inside the sender's host the chunks of a message go one after the
 * other, so that n chunks over legs of equal rate take n + legs - 1 chunk times. Up to
 * PipelineDepth chunks of a message have set out and are not yet acknowledged by the first RDMA
 * leg's NIC, so that legs overlap as the staging buffers of a collective library let them. As long
 * as that is 0 they are as many as keep the path busy (mixnetcore::ChunksInFlight() of the NIC's
 * window), however long its fibres are; else a message is no faster than so many chunks per round
 * trip. All messages between two NICs share one queue pair, chunk by chunk in the order they get
 * there.
 *
 * When a chunk fails on a leg, the host where that leg begins tells the sender, and the message
 * ends as MessageTransport says: with the chunks that are at their GPU by the time the last host
 * learns of it. Chunks that come later are dropped there.
 *
 * Not modelled: the number of staging buffers at the receiver, work of the GPU to copy. What a
 * relay holds of a message that has failed elsewhere still goes on, to be dropped.
 */
class PacketTransport : public MessageTransport
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Gives it the server it works in.
     * @param nvswitch The inside.
     * @param nics NICs in the order of their number.
     */
    void SetServer(Ptr<NvSwitchHost> nvswitch, const std::vector<Ptr<RdmaNic>>& nics);

    /**
     * @brief Lets it send control messages to the hosts of another, and be sent some.
     * @param other Transport of any host of the fabric that has joined, or this one.
     */
    void Join(Ptr<PacketTransport> other);

    /**
     * @brief Address of a NIC: hosts of a fabric are alike, and number their NICs through.
     * @param nic The NIC.
     * @param nicsPerHost NICs of every host.
     * @return its address.
     */
    static NicAddress AddressOf(const mixnetcore::NicId& nic, uint32_t nicsPerHost)
    {
        return nic.host * nicsPerHost + nic.nic;
    }

    // Documented in MessageTransport.
    bool Withdraw(MessageId id) override
    {
        return Abandon(id, MessageStatus::Withdrawn, std::nullopt);
    }

    uint64_t CountOutgoing() const override
    {
        return m_outgoing.size();
    }

    /// @return the most bytes of other hosts' messages that this host has kept at a time: from
    /// their arrival until the next host has acknowledged them.
    uint64_t GetMostRelayHeld() const
    {
        return m_mostHeld;
    }

  protected:
    void DoDispose() override;

  private:
    class ChunkWrite; //!< a chunk on an RDMA leg

    /**
     * @brief A message that this host sends and that has not ended.
     */
    struct Outgoing
    {
        Ptr<const Message> message;                  //!< the message
        CompletionCallback completion;               //!< whom to tell
        uint64_t chunksLeft;                         //!< chunks that have not set out
        uint64_t bytesLeft;                          //!< their bytes
        uint64_t number;                             //!< among messages to the same host
        uint32_t depth;                              //!< the most chunks in flight
        bool isRelayed;                              //!< whether it has several legs between hosts
        uint32_t inFlight{0};                        //!< chunks that have set out and not ended
        std::vector<Ptr<const RdmaMessage>> written; //!< chunks at a queue pair
        bool onFirstLeg{false}; //!< whether a chunk is inside the host, so that the next waits
        bool feeding{false};    //!< whether chunks are being let out
        std::optional<MessageStatus> ending{};          //!< how it ends before all has arrived
        std::optional<mixnetcore::RdmaLeg> failedLeg{}; //!< why
    };

    /**
     * @brief A message that comes to a GPU of this host and is not complete.
     */
    struct Incoming
    {
        uint64_t bytes{0}; //!< that are at their GPU
        ChunkTiming last;  //!< of the last of them
    };

    /**
     * @brief Which messages of one sender are over here: those below a number, and some above it.
     */
    struct Closed
    {
        /// @param number Of a message. @return whether it is over.
        bool Contains(uint64_t number) const;

        /// @param number Of a message that is over from now on.
        void Add(uint64_t number);

        uint64_t below{0};        //!< all of these are
        std::set<uint64_t> above; //!< others that are
    };

    void DoPost(Ptr<const Message> message, CompletionCallback completion) override;

    /**
     * @brief Lets as many chunks set out as may.
     * @param id Number of the message; one that has ended already is let be.
     */
    void Feed(MessageId id);

    /**
     * @brief Part of a message on its way.
     */
    struct Chunk
    {
        Ptr<const Message> message; //!< what it is part of
        uint64_t number;            //!< of that among messages to the same host
        uint32_t leg;               //!< index of the leg it is on, or is to begin
        ChunkTiming timing;         //!< its size, and where it was when
    };

    /// @param chunk A chunk. @brief Brings it onto its leg, which starts here, or to its end.
    void CarryOn(const Chunk& chunk);

    /// @param chunk A chunk that is at the end of its leg. @brief If that was the first leg of a
    /// message of ours, lets the next chunk out.
    void LeaveFirstLeg(const Chunk& chunk);

    /// @param chunk A chunk. @brief Hands it to the NIC of its leg.
    void Write(Chunk chunk);

    /// @param completion End of a chunk on an RDMA leg that started here.
    void HandleWriteCompletion(const WriteCompletion& completion);

    /// @param write A chunk that has come to one of our NICs.
    /// @param peer NIC it came from.
    void HandleWrite(Ptr<const RdmaMessage> write, NicAddress peer);

    /// @param chunk A chunk that is at its GPU.
    void HandleChunkArrival(const Chunk& chunk);

    /// @param id Message of a chunk that this host has sent.
    void HandleChunkSent(MessageId id);

    /// @param id A message of this host. @param status How it is to end. @param leg Which of its
    /// legs has failed, if one has. @return whether it had not ended, and was not ending.
    /// @brief Sends no more of it, and asks the last host what has arrived.
    bool Abandon(MessageId id, MessageStatus status, std::optional<uint32_t> leg);

    /// @param id A message of this host. @param status How it ends. @param bytes That have arrived.
    void End(MessageId id, MessageStatus status, uint64_t bytes);

    /// @param chunk A chunk that its leg from this host has not carried.
    void HandleLoss(const Chunk& chunk);

    /// @param chunk A chunk that has come to this host. @return whether it is to go on to another.
    bool IsToRelay(const Chunk& chunk) const
    {
        return chunk.message->transfer.destination.host != GetHost();
    }

    // Control messages from other hosts.

    /// @param id A message of this host. @param leg Which of its legs has failed.
    void HandleLegFailed(MessageId id, uint32_t leg);

    /// @param message A message of which no more is to come. @param number As its sender counts.
    void HandleAbandoned(Ptr<const Message> message, uint64_t number);

    /// @param id A message that ends early. @param bytes Of it that have arrived.
    /// @param isComplete Whether that is all.
    void HandleArrived(MessageId id, uint64_t bytes, bool isComplete);

    /**
     * @brief Sends a control message.
     * @param host To which host, or this one.
     * @param handler What handles it there.
     * @param arguments With what.
     */
    template <typename Handler, typename... Arguments>
    void Tell(uint32_t host, Handler handler, Arguments... arguments);

    /// @param route Of a message. @return chunks of it that may be unacknowledged.
    uint32_t DepthOf(const mixnetcore::Route& route) const;

    /// @param leg An RDMA leg that starts here. @return its queue pair.
    QueuePair& QueuePairOf(const mixnetcore::RdmaLeg& leg);

    Ptr<NvSwitchHost> m_nvswitch;                       //!< inside of the server
    std::vector<Ptr<RdmaNic>> m_nics;                   //!< by number
    std::unordered_map<MessageId, Outgoing> m_outgoing; //!< looked up only
    std::unordered_map<MessageId, Incoming> m_incoming; //!< looked up only
    std::unordered_map<uint32_t, uint64_t> m_numbered;  //!< messages so far, by destination host
    std::unordered_map<uint32_t, Closed> m_closed;      //!< over here, by source host
    uint64_t m_held{0};                                 //!< bytes of others that are here
    uint64_t m_mostHeld{0};                             //!< the most of them so far
    std::shared_ptr<std::vector<PacketTransport*>> m_peers; //!< by host; none for those that left
    uint64_t m_chunkSize;                                   //!< bytes
    uint32_t m_pipelineDepth;                               //!< attribute
};

} // namespace mixnet
} // namespace ns3

#endif // PACKET_TRANSPORT_H
