/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_MESSAGES_H
#define FLOW_MESSAGES_H

#include "flow-connections.h"
#include "message-transport.h"

#include "ns3/flow-paths.h"
#include "ns3/fluid-network.h"

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <deque>
#include <vector>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief A message that moves as a fluid and has not ended everywhere.
struct FlowMessage
{
    /// @brief A queue pair of a message.
    struct Use
    {
        uint32_t number;              //!< of the queue pair
        FlowConnections::Entry entry; //!< of the message there
    };

    /// @return whether its bytes are in the fluid.
    bool IsInFluid() const
    {
        return network != nullptr;
    }

    /// @return time from the last NIC until its sender knows.
    mixnetcore::Picoseconds AnswerTime() const
    {
        return std::max(mixnetcore::Picoseconds(0), path.toAnswer - path.toLastNic);
    }

    Ptr<const Message> message;                         //!< the message; none for a free place
    MessageTransport::CompletionCallback completion;    //!< whom to tell
    mixnetcore::FlowMeasures path;                      //!< of its path
    boost::container::small_vector<Use, 2> connections; //!< of its leg between hosts
    mixnetcore::FluidNetwork* network{nullptr};         //!< that carries it, until that is over
    uint32_t flow;                                      //!< its number there
    Time begun;                                         //!< when it was posted
    uint64_t generation;                                //!< of its path
    uint32_t launches{0}; //!< into the fluid, of this and others at its place
    bool isRepeated;      //!< whether its end was lost, and retransmitted
    bool hasArrived;      //!< whether all is at its GPU
    bool hasEnded;        //!< whether its sender was told
};

/**
 * @ingroup mixnet
 * @brief The messages in flight of all hosts, each at a place that others get after it.
 *
 * Guarantees: a message keeps its place and address until Free(); its sender is told once.
 */
class FlowMessages
{
  public:
    /// @param message A message that sets out now. @param completion Called once.
    /// @return its place; it has no queue pairs and is not in the fluid.
    uint32_t Take(Ptr<const Message> message, MessageTransport::CompletionCallback completion);

    /// @param place A message that has left all. @brief Others may have its place.
    void Free(uint32_t place);

    /// @param place A message. @return it.
    FlowMessage& operator[](uint32_t place)
    {
        return m_messages[place];
    }

    /// @param place A message. @return it.
    const FlowMessage& operator[](uint32_t place) const
    {
        return m_messages[place];
    }

    /// @return places so far, free ones included.
    uint32_t Places() const
    {
        return m_messages.size();
    }

    /// @param id Number of a message. @return its place; Places() if its sender was told of its
    /// end. Looks at all.
    uint32_t Find(MessageId id) const;

    /// @param host A host. @return messages whose sender it is and was not told yet. Looks at all.
    uint64_t CountOutgoing(uint32_t host) const;

    /// @param place A message, all of which has arrived. @brief Tells its sender, unless it was
    /// told.
    void Deliver(uint32_t place);

    /// @brief Forgets all; nobody is told.
    void Clear();

  private:
    std::deque<FlowMessage> m_messages; //!< by place
    std::vector<uint32_t> m_free;       //!< places to use again
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_MESSAGES_H
