/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OCS_PORT_H
#define OCS_PORT_H

#include "ns3/fibre-port.h"

namespace ns3
{
namespace mixnet
{

class OcsSwitch;

/**
 * @ingroup mixnet
 * @brief One port of an optical circuit switch: where a fibre ends.
 *
 * It keeps no queue and does not know bits: it hands frames and signal to its switch.
 */
class OcsPort : public FibrePort
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Makes it a port of a switch. Called by OcsSwitch.
     * @param ocs The switch, which outlives its ports' events.
     * @param number Number of the port.
     */
    void SetSwitch(OcsSwitch* ocs, uint32_t number);

    /// @return number of the port.
    uint32_t GetNumber() const
    {
        return m_number;
    }

    /**
     * @brief Passes on a frame whose last bit is at the switch now. Called by OcsSwitch.
     * @param frame The frame.
     */
    void PassOn(RoceFrame&& frame);

    /**
     * @brief Passes on signal. Called by OcsSwitch.
     * @param signal The signal.
     */
    void PassOnSignal(const LinkSignal& signal)
    {
        Emit(signal);
    }

    /// @return signal that comes in.
    const LinkSignal& GetIncomingSignal() const;

    /**
     * @brief Counts and announces a frame that came in here and was lost. Called by OcsSwitch.
     * @param frame The frame.
     * @param reason Why it was lost.
     */
    void Lose(const RoceFrame& frame, DropReason reason)
    {
        Drop(frame, reason);
    }

    // Documented in FibrePort.
    void HandleFrame(RoceFrame&& frame) override;
    void HandleSignal(const LinkSignal& signal) override;

  private:
    OcsSwitch* m_ocs{nullptr}; //!< the switch
    uint32_t m_number{0};      //!< number of the port
    LinkSignal m_incoming;     //!< signal that comes in
};

} // namespace mixnet
} // namespace ns3

#endif // OCS_PORT_H
