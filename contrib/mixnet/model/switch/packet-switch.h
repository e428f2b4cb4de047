/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PACKET_SWITCH_H
#define PACKET_SWITCH_H

#include "switch-port.h"

#include "ns3/object.h"

#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A plain Ethernet switch: store and forward, output queues, one shared buffer.
 *
 * A frame that has arrived whole goes to the port that its destination is behind. It takes its
 * bytes from the shared buffer until its last bit has left; where there is no room it is lost
 * (BufferFull), as is a frame for a destination without a route (NoRoute), and one for a port
 * without light, or in its queue when light goes (PortDown).
 *
 * Guarantees: received = sent + queued + dropped by reason.
 *
 * Not modelled: forwarding latency, ECN marking, PFC, several paths to one destination.
 */
class PacketSwitch : public FabricDevice
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Adds a port to the switch and to its node.
     * @param rate Line rate, each way.
     * @return its number.
     * @pre the switch has a node.
     */
    uint32_t AddPort(const DataRate& rate);

    /// @return number of ports.
    uint32_t GetNPorts() const;

    /**
     * @param number Number of a port, below GetNPorts().
     * @return the port.
     */
    Ptr<SwitchPort> GetPort(uint32_t number) const;

    /**
     * @brief Says where a NIC is.
     * @param destination The NIC.
     * @param port Port it is behind, below GetNPorts().
     */
    void SetRoute(NicAddress destination, uint32_t port);

    /**
     * @brief A frame has arrived whole. Called by SwitchPort.
     * @param in Port it came in at.
     * @param frame The frame.
     */
    void HandleFrameAt(SwitchPort& in, RoceFrame&& frame);

    /**
     * @brief Gives buffer back. Called by SwitchPort.
     * @param bytes How much.
     */
    void ReleaseBuffer(uint32_t bytes);

    /// @return bytes of the shared buffer in use.
    uint64_t GetBufferedBytes() const;

    /// @return the most that was ever in use, bytes.
    uint64_t GetPeakBufferedBytes() const;

    /// @return what all ports have sent, received and lost.
    FrameCounters GetCounters() const;

    // Documented in NetDevice.
    bool IsBridge() const override;

  protected:
    void DoDispose() override;

  private:
    static constexpr uint32_t NO_PORT = 0xffffffff; //!< in place of a port: no route

    std::vector<Ptr<SwitchPort>> m_ports; //!< by number
    std::vector<uint32_t> m_routes;       //!< port by destination
    uint64_t m_buffered{0};               //!< bytes in use
    uint64_t m_peakBuffered{0};           //!< the most there ever were
    uint64_t m_bufferSize;                //!< shared buffer, bytes
};

} // namespace mixnet
} // namespace ns3

#endif // PACKET_SWITCH_H
