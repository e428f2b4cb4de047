/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_TRANSPORT_H
#define FLOW_TRANSPORT_H

#include "message-transport.h"

namespace ns3
{
namespace mixnet
{

class FlowEngine;

/**
 * @ingroup mixnet
 * @brief Carries messages as a fluid: a host's access to the FlowEngine of its fabric.
 *
 * @see FlowEngine for what is modelled; PacketTransport for what it stands in for.
 */
class FlowTransport : public MessageTransport
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FlowTransport();
    ~FlowTransport() override;

    /// @param engine What all hosts of the fabric share.
    void SetEngine(Ptr<FlowEngine> engine);

    using MessageTransport::NotifyArrival; // called by FlowEngine

    /// @brief No more than the first bytes of a message are at their GPU. Called by FlowEngine.
    /// @param message The message. @param bytes How many.
    void HandlePart(Ptr<const Message> message, uint64_t bytes);

    // Documented in MessageTransport.
    bool Withdraw(MessageId id) override;
    uint64_t CountOutgoing() const override;

  protected:
    void DoDispose() override;

  private:
    void DoPost(Ptr<const Message> message, CompletionCallback completion) override;

    Ptr<FlowEngine> m_engine; //!< shared by the hosts of the fabric
    uint64_t m_chunkSize;     //!< bytes
    uint32_t m_pipelineDepth; //!< attribute
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_TRANSPORT_H
