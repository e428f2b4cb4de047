/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SIDED_TRANSPORT_H
#define SIDED_TRANSPORT_H

#include "message-transport.h"

#include <map>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Carries messages over the optical and the electrical side of a fabric at different levels.
 *
 * A message belongs to the side that the legs between hosts of its route name, and goes as a whole
 * with the transport of that side; one that stays in its host goes with the transport for the
 * inside. Every message keeps its number. Traces and arrivals are those of this transport; the ones
 * that it hands messages to are its own and tell nobody else.
 *
 * The sides share nothing but the inside of servers. That is exact as long as whatever carries
 * bytes there is one fluid: FabricHelper has NvSwitchHost move the chunks of a PacketTransport in
 * the fluid of the FlowEngine.
 *
 * Not modelled: messages over both sides. A route whose legs name both (a relay between a circuit
 * and a packet switch) is refused, since its bytes would be of one kind where those of the other
 * kind are, and not meet them.
 */
class SidedTransport : public MessageTransport
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Says who carries what crosses a side; all of the same host.
     * @param side The side.
     * @param transport Its transport; one may serve both sides, and the inside.
     */
    void SetSide(mixnetcore::NicRole side, Ptr<MessageTransport> transport);

    /// @param transport Carries messages that stay in their host.
    void SetInside(Ptr<MessageTransport> transport);

    /// @param transfer A message. @return who carries it. Aborts when its route has both sides.
    Ptr<MessageTransport> TransportOf(const mixnetcore::Transfer& transfer) const;

    // Documented in MessageTransport.
    bool Withdraw(MessageId id) override;
    uint64_t CountOutgoing() const override;
    uint64_t GetRelayedBytes() const override;

  protected:
    void DoDispose() override;

  private:
    void DoPost(Ptr<const Message> message, CompletionCallback completion) override
    {
        TransportOf(message->transfer)->Carry(message, completion);
    }

    /// @param transport One that messages are handed to. @brief Listens to it, once.
    void Adopt(Ptr<MessageTransport> transport);

    std::vector<Ptr<MessageTransport>> m_transports;               //!< all, each once
    std::map<mixnetcore::NicRole, Ptr<MessageTransport>> m_ofSide; //!< by side
    Ptr<MessageTransport> m_inside;                                //!< of what stays in the host
};

} // namespace mixnet
} // namespace ns3

#endif // SIDED_TRANSPORT_H
