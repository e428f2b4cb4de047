/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SWITCH_PORT_H
#define SWITCH_PORT_H

#include "ns3/ethernet-port.h"
#include "ns3/fifo-queue.h"

#include <array>

namespace ns3
{
namespace mixnet
{

class PacketSwitch;

/**
 * @ingroup mixnet
 * @brief One port of a packet switch: an output queue and a line.
 *
 * The higher traffic class is served first; within each, first come first served.
 */
class SwitchPort : public EthernetPort
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Makes it a port of a switch. Called by PacketSwitch.
     * @param owner The switch, which outlives its ports' events.
     * @param rate Line rate.
     */
    void SetSwitch(PacketSwitch* owner, const DataRate& rate);

    /**
     * @brief Takes a frame that leaves here. Called by PacketSwitch.
     * @param frame The frame, for which the shared buffer has room.
     * @pre IsLinkUp()
     */
    void Enqueue(RoceFrame&& frame);

    /**
     * @brief Counts and announces a frame that came in here and was lost. Called by PacketSwitch.
     * @param frame The frame.
     * @param reason Why it was lost.
     */
    void Lose(const RoceFrame& frame, DropReason reason);

    /// @return frames in the output queue.
    size_t GetQueuedFrames() const;

    // Documented in FibrePort and NetDevice.
    void HandleFrame(RoceFrame&& frame) override;
    void HandleLight(const LightSignal& light) override;
    bool IsLinkUp() const override;

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    // Documented in EthernetPort.
    void HandleLineFree() override;

    /// @brief Sends the next frame when the line is free.
    void TransmitStart();

    /// @return the highest class with a frame that may leave, or TRAFFIC_CLASSES.
    uint32_t NextClass() const;

    /// @brief Loses what waits (PortDown).
    void Flush();

    PacketSwitch* m_owner{nullptr};  //!< the switch
    bool m_lit{false};               //!< whether there is light
    uint32_t m_waiting{0};           //!< bit c is set while frames of class c wait
    std::array<FifoQueue<RoceFrame>, TRAFFIC_CLASSES> m_queues; //!< by class
};

} // namespace mixnet
} // namespace ns3

#endif // SWITCH_PORT_H
