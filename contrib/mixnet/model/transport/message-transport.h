/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MESSAGE_TRANSPORT_H
#define MESSAGE_TRANSPORT_H

#include "ns3/callback.h"
#include "ns3/message-key.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/route.h"
#include "ns3/simple-ref-count.h"
#include "ns3/traced-callback.h"

#include <optional>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief Number of a message, unique in a simulation.
using MessageId = uint64_t;

/**
 * @ingroup mixnet
 * @brief A message: bytes from one GPU to another on a route, for a collective.
 */
struct Message : public SimpleRefCount<Message>
{
    mixnetcore::MessageKey key;    //!< what it belongs to, as its sender and receiver agree
    MessageId id;                  //!< its number
    uint64_t tag;                  //!< what its sender wants to be reminded of at its end
    mixnetcore::Transfer transfer; //!< ends, bytes and route
};

/**
 * @ingroup mixnet
 * @brief When a part of a message was where; for saying what its time went into.
 *
 * Where a route has no such place the instant is that of the place before.
 */
struct ChunkTiming
{
    uint64_t bytes{0}; //!< size of the part
    Time begun;        //!< it set out at its source
    Time atNic;        //!< it was handed to a NIC, to wait for its turn and cross
    Time crossed;      //!< it was whole at the NIC of the last host
};

/// @ingroup mixnet
/// @brief How a message ended at its sender.
enum class MessageStatus : uint8_t
{
    Delivered, //!< all bytes are at their GPU, or only the NVSwitch, which loses none, is left
    Failed,    //!< the route did not carry all bytes
    Withdrawn, //!< the sender took it back
};

/**
 * @ingroup mixnet
 * @brief The end of a message at its sender.
 */
struct MessageCompletion
{
    Ptr<const Message> message; //!< the message
    MessageStatus status;       //!< how it ended
    uint64_t bytesDelivered;    //!< bytes that arrived; no other ones of it ever will
    std::optional<mixnetcore::RdmaLeg> failedLeg{}; //!< the leg that failed, if one did
};

/**
 * @ingroup mixnet
 * @brief Carries messages between GPUs; one instance per host.
 *
 * The seam between what is sent (workload, collectives) and how it is carried: every level of
 * fidelity is one subclass. The sender posts a message and is told once how it ended. The receiver
 * is told once when all bytes of a message are at their GPU.
 *
 * A message with one leg between hosts ends Delivered with the acknowledgement of that leg, since
 * nothing is lost behind it. Where another host relays it, the last host tells the sender when all
 * is at its GPU; that takes ControlLatency.
 *
 * When a leg fails, in whichever host it begins, or the message is withdrawn, the sender tells the
 * last host, which takes no more of it from then on, counts what is there as arrived (Arrival and
 * LastPart, with a message of so many bytes) and answers how much that is. So the sender's and the
 * receiver's account are the same, and every byte is counted once: posted = arrived + failed +
 * withdrawn + in flight. Each of these control messages, also the one from a relay to the sender,
 * takes ControlLatency between hosts and is not lost.
 *
 * A subclass writes DoPost(), Withdraw() and CountOutgoing(), and calls NotifyArrival().
 */
class MessageTransport : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// Called when a message has ended at its sender.
    using CompletionCallback = Callback<void, const MessageCompletion&>;
    /// Called when a message is at its GPU.
    using ArrivalCallback = Callback<void, const Message&>;

    /**
     * @brief Says whose transport it is.
     * @param host Index of the host in the fabric.
     */
    void SetHost(uint32_t host)
    {
        m_host = host;
    }

    /// @return index of the host in the fabric.
    uint32_t GetHost() const
    {
        return m_host;
    }

    /**
     * @brief Sends a message.
     * @param transfer Ends, bytes and route; it starts in this host.
     * @param key What it belongs to.
     * @param completion Called once, never before Post has returned. Making one is expensive: for
     * many messages make one, and tell them apart by tag.
     * @param tag What the sender wants to be reminded of.
     * @return its number.
     */
    MessageId Post(const mixnetcore::Transfer& transfer,
                   const mixnetcore::MessageKey& key,
                   CompletionCallback completion,
                   uint64_t tag = 0);

    /**
     * @brief Carries a message that another transport of this host was given, under its number;
     * its Post traces stay silent.
     * @param message The message.
     * @param completion Called once, never before this has returned.
     */
    void Carry(Ptr<const Message> message, CompletionCallback completion)
    {
        DoPost(message, completion);
    }

    /**
     * @brief Takes a message back: it ends Withdrawn when the last host has said what had arrived
     * by then, or Delivered if that is all.
     * @param id Its number.
     * @return whether it is taken back: not when it has ended or is ending, and at flow level not
     * when all of it has left.
     */
    virtual bool Withdraw(MessageId id) = 0;

    /// @param host Another host, or this one. @return time that a control message to it takes.
    Time GetControlLatency(uint32_t host) const
    {
        return host == m_host ? Time(0) : m_controlLatency;
    }

    /// @return messages of this host that have not ended yet.
    virtual uint64_t CountOutgoing() const = 0;

    /// @return bytes of other hosts' messages that came to this host to be passed on to another.
    virtual uint64_t GetRelayedBytes() const
    {
        return m_relayedBytes;
    }

    /// @param bytes That came to be passed on. Called by subclasses, and by FlowDelivery.
    void CountRelayed(uint64_t bytes)
    {
        m_relayedBytes += bytes;
    }

    /**
     * @param callback Whom to tell of messages for this host's GPUs.
     */
    void SetArrivalCallback(ArrivalCallback callback)
    {
        m_arrival = callback;
    }

    /**
     * @brief TracedCallback signature for a message.
     * @param message The message.
     */
    typedef void (*MessageTracedCallback)(const Message& message);

    /**
     * @brief TracedCallback signature for the last part of a message.
     * @param message The message.
     * @param last Where its last part has been when.
     */
    typedef void (*TimingTracedCallback)(const Message& message, const ChunkTiming& last);

  protected:
    void DoDispose() override;

    /**
     * @brief All bytes of a message are at their GPU.
     * @param message The message.
     * @param last Where its last part has been when.
     */
    void NotifyArrival(const Message& message, const ChunkTiming& last);

    /**
     * @brief The first bytes of a message are at their GPU, and no more of it will be.
     * @param message The message.
     * @param bytes How many; nobody is told of none.
     * @param last Where the last part of them has been when.
     */
    void NotifyPart(const Message& message, uint64_t bytes, const ChunkTiming& last);

  private:
    /**
     * @param message The message.
     * @param completion Called once, after this has returned.
     */
    virtual void DoPost(Ptr<const Message> message, CompletionCallback completion) = 0;

    uint32_t m_host{0};         //!< index of the host
    uint64_t m_posted{0};       //!< messages posted so far
    uint64_t m_relayedBytes{0}; //!< that came to be passed on
    Time m_controlLatency;      //!< attribute
    ArrivalCallback m_arrival;  //!< whom to tell of arrivals

    TracedCallback<const Message&> m_postTrace;    //!< a message sets out
    TracedCallback<const Message&> m_arrivalTrace; //!< a message is at its GPU
    TracedCallback<const Message&, const ChunkTiming&>
        m_timingTrace; //!< its last part, just before
};

} // namespace mixnet
} // namespace ns3

#endif // MESSAGE_TRANSPORT_H
