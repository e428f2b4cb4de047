/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CONGESTION_CONTROL_H
#define CONGESTION_CONTROL_H

#include "ns3/callback.h"
#include "ns3/data-rate.h"
#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/registry.h"
#include "ns3/traced-callback.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What a NIC knows of the paths of its frames before it has sent one.
 */
struct PathTraits
{
    DataRate lineRate;   //!< of the NIC
    uint64_t window;     //!< payload in flight that keeps an idle path busy, bytes
    Time roundTrip;      //!< of a frame and its acknowledgement on an idle path
    uint32_t mtu;        //!< payload per frame, bytes
    uint32_t frameBytes; //!< size of a full frame on the wire, bytes
};

/**
 * @ingroup mixnet
 * @brief Decides how fast one queue pair sends: a window, a rate, or both. A strategy of QueuePair.
 *
 * The queue pair tells it what happens; a subclass answers by SetWindow() and SetRate(). There is
 * one object per queue pair that sends; RdmaNic chooses the class by its attribute
 * CongestionControl, and attributes of the class are set as defaults.
 *
 * Guarantees to the queue pair: the window is at least one frame and never above
 * GetLargestWindow().
 */
class CongestionControl : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Gives it its path, before anything else.
     * @param path The path.
     * @param changed Called when window or rate have changed.
     */
    void Start(const PathTraits& path, Callback<void> changed);

    /// @return unacknowledged payload at most, now, bytes.
    uint64_t GetWindow() const
    {
        return m_window;
    }

    /// @return whether it sends slower than its line.
    bool IsPaced() const
    {
        return m_paced;
    }

    /// @return rate of what is sent on the wire; the line rate when it is not paced.
    DataRate GetRate() const
    {
        return m_rate;
    }

    /// @return the most that GetWindow() can ever be, bytes.
    virtual uint64_t GetLargestWindow() const
    {
        return m_path.window;
    }

    /// @return whether switches may mark its data frames, so that the receiver answers with CNPs.
    virtual bool IsEcnCapable() const
    {
        return false;
    }

    /**
     * @brief An acknowledgement has come.
     * @param bytes Payload that is acknowledged for the first time; may be zero.
     * @param roundTrip Time since the first bit of the frame left that it answers.
     */
    virtual void HandleAcknowledgement(uint64_t bytes, const Time& roundTrip);

    /// @brief A CNP has come.
    virtual void HandleCongestionNotification()
    {
    }

    /// @param wireBytes Size of a data frame that leaves.
    virtual void HandleSent(uint32_t wireBytes);

    /// @brief A frame is known to be lost, or the retransmission timer has expired.
    /// @param timeout Whether it is the timer.
    virtual void HandleLoss(bool timeout);

    /// @brief The queue pair has nothing left to send, or begins anew: timers may stop.
    virtual void HandleIdle()
    {
    }

    /**
     * @brief TracedCallback signature for a change of window and rate.
     * @param window Window, bytes.
     * @param rate Rate.
     */
    typedef void (*ChangeTracedCallback)(uint64_t window, DataRate rate);

  protected:
    void DoDispose() override;

    /// @return its path.
    const PathTraits& GetPath() const
    {
        return m_path;
    }

    /// @param bytes Unacknowledged payload at most; kept between one frame and the largest window.
    void SetWindow(uint64_t bytes);

    /// @param rate Rate of what is sent on the wire; not paced at the line rate and above.
    void SetRate(const DataRate& rate);

  private:
    /// @brief The path is known: sets the first window and rate. By default the whole path's.
    virtual void DoStart()
    {
    }

    PathTraits m_path;        //!< its path
    Callback<void> m_changed; //!< whom to tell of changes
    uint64_t m_window{0};     //!< unacknowledged payload at most, bytes
    bool m_paced{false};      //!< whether the rate is below the line's
    DataRate m_rate;          //!< rate of what is sent

    TracedCallback<uint64_t, DataRate> m_changeTrace; //!< window or rate have changed
};

/**
 * @ingroup mixnet
 * @brief A window of one bandwidth-delay product, whatever happens.
 *
 * What RDMA does by itself where the network is lossless or never congested for long.
 */
class FixedWindow : public CongestionControl
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();
};

/**
 * @ingroup mixnet
 * @return the classes that users choose by name: window (FixedWindow), dcqcn (Dcqcn) and swift
 * (Swift). All are subclasses of CongestionControl.
 */
mixnetcore::Registry<TypeId>& CongestionControls();

/**
 * @ingroup mixnet
 * @param name One of CongestionControls(), or the name of a TypeId, with its namespace.
 * @return the class.
 * @throws std::invalid_argument when it is neither, or no subclass of CongestionControl.
 */
TypeId FindCongestionControl(const std::string& name);

} // namespace mixnet
} // namespace ns3

#endif // CONGESTION_CONTROL_H
