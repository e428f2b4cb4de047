/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_LOSSES_H
#define FLOW_LOSSES_H

#include "flow-connections.h"
#include "flow-messages.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What messages lose when links go down, and send again.
 *
 * When a circuit or line closes, what was sent and not yet acknowledged is retransmitted later:
 * what leaves in one and a half times the propagation between the NICs, and half of AckInterval
 * frames. Where loss of signal takes the last frame of a message, or its acknowledgement, the same
 * is retransmitted of what was over already.
 */
class FlowLosses
{
  public:
    /**
     * @param messages In flight. @param connections Queue pairs. @param framing Sizes. All outlive
     * this.
     */
    FlowLosses(FlowMessages& messages,
               FlowConnections& connections,
               const mixnetcore::FlowFraming& framing);

    /// @param connection A queue pair whose line has closed. @param isSevered Whether all in flight
    /// is lost, rather than some of it. @brief Its messages are held.
    void Close(uint32_t connection, bool isSevered);

    /// @param connection A queue pair that goes on. @brief Its messages repeat what is not
    /// acknowledged.
    void Repeat(uint32_t connection);

    /// @param connection A queue pair. @return how its messages move at this instant.
    FlowConnections::Pace PaceOf(uint32_t connection) const;

    /// @param place A message whose fluid is over. @param since For how long. @return whether its
    /// last frame is lost.
    bool LosesLastFrame(uint32_t place, mixnetcore::Picoseconds since) const;

    /// @param place A message of which its sender would be told now. @param since For how
    /// long its fluid has been over. @return whether that is lost, or what it would acknowledge.
    bool LosesAnswer(uint32_t place, mixnetcore::Picoseconds since) const;

    /// @param place A message of which the end is lost. @param since For how long its fluid has
    /// been over. @return its bytes to send again.
    double EndToRepeat(uint32_t place, mixnetcore::Picoseconds since) const;

  private:
    /// @param place A message that is in the fluid. @param sender NIC at which its path is closed.
    /// @brief Has retransmitted what was not acknowledged.
    void RepeatUnacknowledged(uint32_t place, Ptr<RdmaNic> sender);

    /// @param place A message. @param connection Its queue pair, which waits for lost frames.
    /// @brief The rest of a window gets through, but for the last frame.
    void FinishWindow(uint32_t place, uint32_t connection);

    /// @param message A message. @return its bytes that are sent and not acknowledged, at a rate.
    /// @param rate The rate, bytes per second. @param sender The NIC.
    double Unacknowledged(const FlowMessage& message, double rate, Ptr<RdmaNic> sender) const;

    FlowMessages& m_messages;                 //!< in flight
    FlowConnections& m_connections;           //!< queue pairs
    const mixnetcore::FlowFraming& m_framing; //!< sizes
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_LOSSES_H
