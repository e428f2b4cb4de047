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
    mixnetcore::Transfer transfer; //!< ends, bytes and way
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
    Delivered, //!< all bytes have left the sender's hands for good
    Failed,    //!< the way did not carry them
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
    uint64_t bytesDelivered;    //!< bytes known to have crossed the first host's last leg
};

/**
 * @ingroup mixnet
 * @brief Carries messages between GPUs; one instance per host.
 *
 * The seam between what is sent (workload, collectives) and how it is carried: every level of
 * fidelity is one subclass. The sender posts a message and is told once how it ended. The receiver
 * is told once when all bytes of a message are at their GPU.
 *
 * A message ends Delivered at its sender when its bytes have crossed the last leg that the
 * sender's host can see: the acknowledgement of the first RDMA leg, or the NVSwitch where it stays
 * in the host.
 *
 * A subclass writes DoPost(), DoWithdraw() and CountOutgoing(), and calls NotifyArrival().
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
    void SetHost(uint32_t host);

    /// @return index of the host in the fabric.
    uint32_t GetHost() const;

    /**
     * @brief Sends a message.
     * @param transfer Ends, bytes and way; it starts in this host.
     * @param key What it belongs to.
     * @param completion Called once, never before Post has returned. Making one is dear: for many
     * messages make one, and tell them apart by tag.
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
    void Carry(Ptr<const Message> message, CompletionCallback completion);

    /**
     * @brief Takes a message back: bytes that are not on their way stay; it ends Withdrawn.
     * @param id Its number.
     * @return whether it had not ended yet.
     */
    bool Withdraw(MessageId id);

    /// @return messages of this host that have not ended yet.
    virtual uint64_t CountOutgoing() const = 0;

    /**
     * @param callback Whom to tell of messages for this host's GPUs.
     */
    void SetArrivalCallback(ArrivalCallback callback);

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

  private:
    /**
     * @param message The message.
     * @param completion Called once, after this has returned.
     */
    virtual void DoPost(Ptr<const Message> message, CompletionCallback completion) = 0;

    /**
     * @param id Number of a message.
     * @return whether it had not ended yet.
     */
    virtual bool DoWithdraw(MessageId id) = 0;

    uint32_t m_host{0};        //!< index of the host
    uint64_t m_posted{0};      //!< messages posted so far
    ArrivalCallback m_arrival; //!< whom to tell of arrivals

    TracedCallback<const Message&> m_postTrace;    //!< a message sets out
    TracedCallback<const Message&> m_arrivalTrace; //!< a message is at its GPU
    TracedCallback<const Message&, const ChunkTiming&>
        m_timingTrace; //!< its last part, just before
};

} // namespace mixnet
} // namespace ns3

#endif // MESSAGE_TRANSPORT_H
