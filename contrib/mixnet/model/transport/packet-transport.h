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

#include <unordered_map>

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
 * Not modelled: the number of staging buffers at the receiver, work of the GPU to copy. An error
 * on a leg beyond the first RDMA leg (a relaying host) is not told to the sender.
 */
class PacketTransport : public MessageTransport
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PacketTransport();
    ~PacketTransport() override;

    /**
     * @brief Gives it the server it works in.
     * @param nvswitch The inside.
     * @param nics NICs in the order of their number.
     */
    void SetServer(Ptr<NvSwitchHost> nvswitch, const std::vector<Ptr<RdmaNic>>& nics);

    /**
     * @brief Address of a NIC: hosts of a fabric are alike, and number their NICs through.
     * @param nic The NIC.
     * @param nicsPerHost NICs of every host.
     * @return its address.
     */
    static NicAddress AddressOf(const mixnetcore::NicId& nic, uint32_t nicsPerHost);

    // Documented in MessageTransport.
    uint64_t CountOutgoing() const override;

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
        uint32_t underWay;                           //!< chunks that have set out and not ended
        uint32_t depth;                              //!< the most of them
        uint64_t delivered;                          //!< bytes of the chunks that ended well
        std::vector<Ptr<const RdmaMessage>> written; //!< chunks at a queue pair
        bool onFirstLeg; //!< whether a chunk is on its way inside the host, so that the next waits
        bool feeding;    //!< whether chunks are being let out
    };

    void DoPost(Ptr<const Message> message, CompletionCallback completion) override;
    bool DoWithdraw(MessageId id) override;

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

    /// @param id Message of a chunk that this host has sent. @param bytes Size of the chunk.
    void HandleChunkSent(MessageId id, uint64_t bytes);

    /// @param id A message that has not ended. @param status How it ends.
    void End(MessageId id, MessageStatus status);

    /// @param route Of a message. @return chunks of it that may be unacknowledged.
    uint32_t DepthOf(const mixnetcore::Route& route) const;

    /// @param leg An RDMA leg that starts here. @return its queue pair.
    QueuePair& QueuePairOf(const mixnetcore::RdmaLeg& leg);

    Ptr<NvSwitchHost> m_nvswitch;                       //!< inside of the server
    std::vector<Ptr<RdmaNic>> m_nics;                   //!< by number
    std::unordered_map<MessageId, Outgoing> m_outgoing; //!< looked up only
    std::unordered_map<MessageId, uint64_t> m_incoming; //!< bytes that have come; looked up only
    uint64_t m_chunkSize;                               //!< bytes
    uint32_t m_pipelineDepth;                           //!< attribute
};

} // namespace mixnet
} // namespace ns3

#endif // PACKET_TRANSPORT_H
