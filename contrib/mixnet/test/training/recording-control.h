/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RECORDING_CONTROL_H
#define RECORDING_CONTROL_H

#include "ns3/congestion-control.h"
#include "ns3/simulator.h"

#include <functional>
#include <vector>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief A congestion control that does what the test says, and writes down what it is told.
 */
class RecordingControl : public ns3::mixnet::CongestionControl
{
  public:
    /// What it is told.
    enum class Kind : uint8_t
    {
        Acknowledgement,
        Notification,
        Sent,
        Loss,
        Timeout,
        Idle,
    };

    /// Something it was told.
    struct Event
    {
        Kind kind;           //!< what
        ns3::Time at;        //!< when
        uint64_t bytes;      //!< of an acknowledgement: payload; of a sent frame: on the wire
        ns3::Time roundTrip; //!< of an acknowledgement
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static ns3::TypeId GetTypeId()
    {
        static ns3::TypeId tid = ns3::TypeId("tests::RecordingControl")
                                     .SetParent<CongestionControl>()
                                     .AddConstructor<RecordingControl>();
        return tid;
    }

    std::vector<Event> events;               //!< what it was told, in order
    std::function<void(const Event&)> react; //!< called after each of them, if set

    /// @param bytes Window from now on.
    void UseWindow(uint64_t bytes)
    {
        SetWindow(bytes);
    }

    /// @param rate Rate from now on.
    void UseRate(const ns3::DataRate& rate)
    {
        SetRate(rate);
    }

    /// @param kind What. @return how often it was told that.
    size_t Count(Kind kind) const
    {
        size_t count = 0;
        for (const auto& event : events)
        {
            count += event.kind == kind ? 1 : 0;
        }
        return count;
    }

    // Documented in CongestionControl.
    bool IsEcnCapable() const override
    {
        return true;
    }

    void HandleAcknowledgement(uint64_t bytes, const ns3::Time& roundTrip) override
    {
        Add({Kind::Acknowledgement, ns3::Simulator::Now(), bytes, roundTrip});
    }

    void HandleCongestionNotification() override
    {
        Add({Kind::Notification, ns3::Simulator::Now(), 0, ns3::Time(0)});
    }

    void HandleSent(uint32_t wireBytes) override
    {
        Add({Kind::Sent, ns3::Simulator::Now(), wireBytes, ns3::Time(0)});
    }

    void HandleLoss(bool timeout) override
    {
        Add({timeout ? Kind::Timeout : Kind::Loss, ns3::Simulator::Now(), 0, ns3::Time(0)});
    }

    void HandleIdle() override
    {
        Add({Kind::Idle, ns3::Simulator::Now(), 0, ns3::Time(0)});
    }

  private:
    /// @param event What it is told.
    void Add(const Event& event)
    {
        events.push_back(event);
        if (react)
        {
            react(event);
        }
    }
};

} // namespace tests

#endif // RECORDING_CONTROL_H
