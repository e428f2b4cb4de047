/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SWIFT_H
#define SWIFT_H

#include "congestion-control.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Swift: a window that grows while round trips stay below a target, and shrinks above it.
 *
 * The window counts frames of one MTU. Every acknowledgement brings the round trip of one frame.
 * Below the target the window grows by AdditiveIncrease per round trip. At the target and above it
 * shrinks by Beta times the part of the round trip that is too long, by MaxDecrease at most, and
 * once per round trip at most. A loss shrinks it by MaxDecrease likewise; RetransmitLimit timeouts
 * in a row by all but MinimumWindow. A window below one frame is kept by pacing: one frame per
 * round trip divided by the window.
 *
 * Target: BaseTarget, and HopTarget for each of Hops, and for flow scaling
 *
 *     clamp(a / sqrt(window) + b, 0, range),   a = range / (1 / sqrt(least) - 1 / sqrt(most)),
 *                                              b = -a / sqrt(most)
 *
 * which is 0 at a window of FlowScalingMost frames and the whole range at FlowScalingLeast, so that
 * small windows grow faster: flows become equal, and many flows get the longer queue they need.
 *
 * BaseTarget 0 stands for the path's round trip and the time its window takes on the line: queues
 * may hold one window. That is more than the bursts that coalesced acknowledgements release, so the
 * line stays busy, and no more than what one sender may put into it at once.
 *
 * Differences from the published algorithm: acknowledgements are coalesced, so one round trip
 * stands for up to AckInterval frames of the NIC; delay in the fabric and in the end hosts are not
 * told apart, since NICs here answer at once; only a real decrease starts the time until the next
 * one (as published, every acknowledgement that leaves the window as it is would).
 *
 * Guarantees: MinimumWindow <= window <= WindowLimit times the path's; no events of its own.
 *
 * Not modelled: loss recovery (that of QueuePair), time stamps of the NIC's hardware.
 *
 * @see Kumar et al., Swift: Delay is Simple and Effective for Congestion Control in the
 * Datacenter, SIGCOMM 2020, section 3 and algorithm 1
 */
class Swift : public CongestionControl
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// @return round trip that it aims at with the window of now.
    Time GetTarget() const;

    /// @return window, frames; below one it is kept by pacing.
    double GetFrames() const
    {
        return m_frames;
    }

    // Documented in CongestionControl.
    uint64_t GetLargestWindow() const override;
    void HandleAcknowledgement(uint64_t bytes, const Time& roundTrip) override;
    void HandleLoss(bool timeout) override;

  private:
    // Documented in CongestionControl.
    void DoStart() override;

    /// @param factor What the window is multiplied by, unless that was done within a round trip.
    void Decrease(double factor);

    /// @brief Turns the window into bytes and, below one frame, a rate.
    void Apply();

    double m_frames{0};        //!< window, frames
    Time m_roundTrip;          //!< of the last acknowledgement
    bool m_decreased{false};   //!< whether the window has ever shrunk
    Time m_decreasedAt;        //!< when it did last
    uint32_t m_timeouts{0};    //!< in a row
    Time m_fixedTarget;        //!< target without flow scaling
    double m_scalingRange{0};  //!< flow scaling's most, picoseconds
    double m_scalingSlope{0};  //!< a of flow scaling, picoseconds
    double m_scalingOffset{0}; //!< b of flow scaling, picoseconds

    // Attributes
    double m_windowLimit;       //!< largest window in windows of the path
    double m_minimumWindow;     //!< smallest window, frames
    Time m_baseTarget;          //!< target without hops and scaling, or 0
    Time m_hopTarget;           //!< target per hop
    uint32_t m_hops;            //!< switches on the way
    double m_flowScalingRange;  //!< flow scaling's most, base targets
    double m_flowScalingLeast;  //!< window with all of it, frames
    double m_flowScalingMost;   //!< window with none of it, frames
    double m_additiveIncrease;  //!< growth per round trip, frames
    double m_beta;              //!< part of excess to shrink by
    double m_maxDecrease;       //!< part to shrink by, at most
    uint32_t m_retransmitLimit; //!< timeouts in a row until the smallest window
};

} // namespace mixnet
} // namespace ns3

#endif // SWIFT_H
