/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SWITCH_PORT_H
#define SWITCH_PORT_H

#include "ns3/data-rate.h"
#include "ns3/fibre-port.h"

#include <deque>

namespace ns3
{
namespace mixnet
{

class PacketSwitch;

/**
 * @ingroup mixnet
 * @brief One port of a packet switch: an output queue and a line.
 *
 * Control frames are served before data; within each, first come first served.
 */
class SwitchPort : public FibrePort
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
    /// @brief Sends the next frame when the line is free.
    void TransmitStart();

    /// @brief Loses what waits in a queue (PortDown).
    /// @param queue The queue.
    void Flush(std::deque<RoceFrame>& queue);

    /**
     * @brief The last bit has left.
     * @param bytes Buffer that the frame took.
     */
    void TransmitComplete(uint32_t bytes);

    PacketSwitch* m_owner{nullptr};  //!< the switch
    DataRate m_rate;                 //!< line rate
    bool m_lit{false};               //!< whether there is light
    bool m_transmitting{false};      //!< whether the line is taken
    std::deque<RoceFrame> m_control; //!< acknowledgements and the like
    std::deque<RoceFrame> m_data;    //!< data
};

} // namespace mixnet
} // namespace ns3

#endif // SWITCH_PORT_H
