/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FIBRE_PORT_H
#define FIBRE_PORT_H

#include "fabric-device.h"
#include "frame-counters.h"

namespace ns3
{
namespace mixnet
{

class Fibre;

/**
 * @ingroup mixnet
 * @brief Signal on a fibre, as the port at its end sees it.
 */
struct LinkSignal
{
    /// Source of signal from a packet switch: any NIC may be reached behind it.
    static constexpr NicAddress PACKET_SWITCH = 0xffffffff;

    bool on{false};       //!< whether there is any
    NicAddress source{0}; //!< NIC that emits it, or PACKET_SWITCH

    /**
     * @param other Another signal.
     * @return whether both are none, or of the same source.
     */
    bool operator==(const LinkSignal& other) const
    {
        return on == other.on && (!on || source == other.source);
    }
};

/**
 * @ingroup mixnet
 * @brief A port at the end of a fibre.
 *
 * Subclasses say what happens when a frame has arrived whole (HandleFrame) and when a signal comes
 * or goes (HandleSignal). They put frames on the fibre with Launch, and signal with Emit; the fibre
 * brings both to the other end.
 */
class FibrePort : public FabricDevice
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FibrePort();
    ~FibrePort() override;

    /**
     * @brief Plugs a fibre in. Called by Fibre, once.
     * @param fibre The fibre.
     * @param end Which of its two ends this is, 0 or 1.
     */
    void Attach(Ptr<Fibre> fibre, uint32_t end);

    /**
     * @brief The last bit of a frame has arrived.
     * @param frame The frame; its first bit arrived frame.duration ago.
     */
    virtual void HandleFrame(RoceFrame&& frame) = 0;

    /**
     * @brief Signal on the fibre has changed.
     * @param signal What arrives from now on.
     */
    virtual void HandleSignal(const LinkSignal& signal) = 0;

    /// @return what this port has sent, received and lost.
    const FrameCounters& GetCounters() const
    {
        return m_counters;
    }

    // Documented in NetDevice.
    Ptr<Channel> GetChannel() const override;
    bool IsPointToPoint() const override;

    /**
     * @brief TracedCallback signature for a lost frame.
     * @param frame The frame.
     * @param reason Why it was lost.
     */
    typedef void (*DropTracedCallback)(const RoceFrame& frame, DropReason reason);

  protected:
    void DoDispose() override;

    /**
     * @brief Puts a frame on the fibre.
     * @param frame The frame.
     * @param untilLastBit Time from now until its last bit leaves: the serialisation time for a
     * port that starts sending now, zero for one that has just passed the last bit on.
     */
    void Launch(RoceFrame&& frame, const Time& untilLastBit);

    /**
     * @brief Puts signal on the fibre from now on, or takes it off.
     * @param signal The signal.
     */
    void Emit(const LinkSignal& signal);

    /**
     * @brief Counts and announces a loss.
     * @param frame The frame.
     * @param reason Why it was lost.
     */
    void Drop(const RoceFrame& frame, DropReason reason);

    FrameCounters m_counters; //!< what this port has sent, received and lost

  private:
    Ptr<Fibre> m_fibre; //!< the fibre
    uint32_t m_end{0};  //!< our end of it

    TracedCallback<const RoceFrame&, DropReason> m_dropTrace; //!< a frame was lost here
};

} // namespace mixnet
} // namespace ns3

#endif // FIBRE_PORT_H
