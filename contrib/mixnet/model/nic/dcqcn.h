/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef DCQCN_H
#define DCQCN_H

#include "congestion-control.h"

#include "ns3/event-id.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief DCQCN's reaction point: a rate that CNPs cut, and that time and bytes bring back.
 *
 * A CNP sets the target rate to the current rate R, cuts R to R (1 - alpha / 2), and moves alpha to
 * (1 - g) alpha + g; every AlphaInterval without a CNP moves it to (1 - g) alpha. From then on each
 * IncreaseInterval and each ByteCounter sent is a stage. The first RecoveryStages of either kind
 * halve the distance to the target (fast recovery); later ones first raise the target, by
 * AdditiveIncrease, or by HyperIncrease when both kinds have had more than RecoveryStages. The next
 * CNP begins anew. A CNP that comes within DecreaseInterval of a cut counts for nothing.
 *
 * Line rates: the published steps were chosen for 40 Gb/s; at 400 Gb/s they would take seconds from
 * half the line to all of it. So the steps grow with the line rate, from StepReference on; with
 * StepReference at 0 they are used as they are. The intervals, the byte counter and the floor stay
 * as published. A sender comes back from half the line to all of it in about ten milliseconds; two
 * senders need tens of them until they share it equally.
 *
 * It starts at the line rate. A window of WindowLimit times the path's bounds what is in flight.
 *
 * Guarantees: the rate stays between MinimumRate and the line rate. It costs one event per
 * IncreaseInterval while the queue pair sends below its line rate, and none otherwise: a timer that
 * would have expired while the queue pair had nothing to send is made up for when it sends again,
 * and alpha is brought up to date when it is needed. A rate less than one additive step below its
 * target is at the line rate when the target is.
 *
 * Not modelled: the notification point (QueuePair sends CNPs) and the congestion point (switches
 * mark); forgetting alpha when a NIC gives up a rate limiter.
 *
 * @see Zhu et al., Congestion Control for Large-Scale RDMA Deployments, SIGCOMM 2015, section 3
 */
class Dcqcn : public CongestionControl
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// @return estimate of congestion, now, 0 to 1: half of it is the part that a CNP cuts.
    double GetAlpha() const;

    /// @return rate that it goes back to.
    DataRate GetTargetRate() const
    {
        return DataRate(static_cast<uint64_t>(m_target));
    }

    /// @return whether it is below the line rate, as far as its timer has come.
    bool IsRecovering() const
    {
        return m_current < m_line;
    }

    // Documented in CongestionControl.
    uint64_t GetLargestWindow() const override
    {
        return GetPath().window * m_windowLimit;
    }

    bool IsEcnCapable() const override
    {
        return true;
    }

    void HandleCongestionNotification() override;
    void HandleSent(uint32_t wireBytes) override;
    void HandleIdle() override;

  protected:
    void DoDispose() override;

  private:
    // Documented in CongestionControl.
    void DoStart() override;

    /// @brief Refuses attributes that make no sense together with the path.
    void CheckAttributes() const;

    /// @brief Raises the rate by one stage, which is counted already.
    void Increase();

    /// @brief Counts the expirations of the timer that are due.
    void CatchUp();

    /// @brief The timer's event.
    void HandleTimer();

    /// @brief Sees to it that the timer has an event when there is something to react to.
    void ResumeTimer();

    // Rates in bits per second
    double m_line{0};     //!< line rate
    double m_current{0};  //!< rate it sends at
    double m_target{0};   //!< rate it goes back to
    double m_additive{0}; //!< additive step, scaled
    double m_hyper{0};    //!< hyper step, scaled

    double m_alpha{1};         //!< estimate of congestion at the last cut
    bool m_notified{false};    //!< whether a CNP has ever come
    Time m_cutAt;              //!< when it was cut last
    uint64_t m_bytes{0};       //!< sent since the last stage of the byte counter
    uint64_t m_byteStages{0};  //!< stages of the byte counter since the cut
    uint64_t m_timerStages{0}; //!< stages of the timer since the cut
    Time m_nextStage;          //!< when the timer expires
    EventId m_timer;           //!< its event, at that time or before
    bool m_idle{true};         //!< whether there is nothing to send

    // Attributes
    uint32_t m_windowLimit;    //!< largest window in windows of the path
    double m_gain;             //!< weight of the newest in alpha
    Time m_alphaInterval;      //!< time without CNP until alpha falls
    Time m_decreaseInterval;   //!< time between cuts, at least
    Time m_increaseInterval;   //!< time between stages of the timer
    uint64_t m_byteCounter;    //!< bytes between stages of the byte counter
    uint32_t m_recoveryStages; //!< stages of fast recovery
    DataRate m_additiveStep;   //!< additive step at the reference
    DataRate m_hyperStep;      //!< hyper step at the reference
    DataRate m_stepReference;  //!< line rate that the steps are for; 0: any
    DataRate m_minimumRate;    //!< floor
};

} // namespace mixnet
} // namespace ns3

#endif // DCQCN_H
