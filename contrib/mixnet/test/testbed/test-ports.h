/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TEST_PORTS_H
#define TEST_PORTS_H

#include "ns3/abort.h"
#include "ns3/data-rate.h"
#include "ns3/fibre-port.h"
#include "ns3/fibre.h"
#include "ns3/node.h"
#include "ns3/ns3-units.h"
#include "ns3/simulator.h"

#include <vector>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief A port that sends what it is told when it is told, and writes down what it sees.
 *
 * It emits a signal from the start on.
 */
class TestPort : public ns3::mixnet::FibrePort
{
  public:
    /// A frame that has arrived whole.
    struct FrameArrival
    {
        ns3::Time time;               //!< when its last bit was here
        ns3::mixnet::RoceFrame frame; //!< the frame
    };

    /// A change of signal.
    struct SignalArrival
    {
        ns3::Time time;                 //!< when it was seen
        ns3::mixnet::LinkSignal signal; //!< the signal from then on
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static ns3::TypeId GetTypeId()
    {
        static ns3::TypeId tid = ns3::TypeId("tests::TestPort").SetParent<FibrePort>();
        return tid;
    }

    /**
     * @param address Address of its NIC.
     * @param rate Line rate.
     * @return a port on a node of its own.
     */
    static ns3::Ptr<TestPort> Make(ns3::mixnet::NicAddress address, const ns3::DataRate& rate)
    {
        auto port = ns3::CreateObject<TestPort>();
        port->m_address = address;
        port->m_rate = rate;
        ns3::CreateObject<ns3::Node>()->AddDevice(port);
        return port;
    }

    /**
     * @param on Whether it emits a signal from the start on.
     */
    void SetInitialSignal(bool on)
    {
        m_initialSignal = on;
    }

    /**
     * @param bytes Size on the wire.
     * @return serialisation time here.
     */
    ns3::Time DurationOf(uint32_t bytes) const
    {
        return ns3::mixnet::SerialisationTime(bytes, m_rate);
    }

    /**
     * @brief Sends a frame; its source is this port.
     * @param firstBit When its first bit leaves; the line is free then.
     * @param frame The frame.
     */
    void SendAt(const ns3::Time& firstBit, const ns3::mixnet::RoceFrame& frame)
    {
        At(firstBit, [this, frame]() {
            const auto now = ns3::Simulator::Now();
            NS_ABORT_MSG_IF(now < m_busyUntil, "two frames of a test overlap on one line");
            ns3::mixnet::RoceFrame launched = frame;
            launched.source = m_address;
            launched.duration = DurationOf(frame.wireBytes);
            m_busyUntil = now + launched.duration;
            Launch(std::move(launched), DurationOf(frame.wireBytes));
        });
    }

    /**
     * @brief Turns its signal on or off.
     * @param when When.
     * @param on Whether there is a signal from then on.
     */
    void SignalAt(const ns3::Time& when, bool on)
    {
        At(when, [this, on]() { Emit({on, m_address}); });
    }

    /// @return frames that have arrived, in order.
    const std::vector<FrameArrival>& GetArrivals() const
    {
        return m_arrivals;
    }

    /// @return changes of signal that have arrived, in order.
    const std::vector<SignalArrival>& GetSignals() const
    {
        return m_signals;
    }

    // Documented in FibrePort.
    void HandleFrame(ns3::mixnet::RoceFrame&& frame) override
    {
        m_counters.Receive(frame);
        m_arrivals.push_back({ns3::Simulator::Now(), std::move(frame)});
    }

    void HandleSignal(const ns3::mixnet::LinkSignal& signal) override
    {
        m_signals.push_back({ns3::Simulator::Now(), signal});
    }

  protected:
    void DoInitialize() override
    {
        if (m_initialSignal)
        {
            Emit({true, m_address});
        }
        FibrePort::DoInitialize();
    }

  private:
    /**
     * @param when Simulated time.
     * @param action What to do then, on this node.
     */
    template <class Action>
    void At(const ns3::Time& when, Action action)
    {
        ns3::Simulator::ScheduleWithContext(GetContext(), when - ns3::Simulator::Now(), action);
    }

    ns3::mixnet::NicAddress m_address{0}; //!< address of its NIC
    ns3::DataRate m_rate;                 //!< line rate
    bool m_initialSignal{true};           //!< whether it emits a signal from the start on
    ns3::Time m_busyUntil;                //!< end of the frame that leaves
    std::vector<FrameArrival> m_arrivals; //!< frames
    std::vector<SignalArrival> m_signals; //!< signal
};

/**
 * @ingroup mixnet-tests
 * @param wireBytes Size on the wire.
 * @param sequence Number to know it by.
 * @param destination NIC it is for.
 * @param kind What it is for.
 * @return a frame to send.
 */
inline ns3::mixnet::RoceFrame
MakeFrame(uint32_t wireBytes,
          uint64_t sequence = 0,
          ns3::mixnet::NicAddress destination = 0,
          ns3::mixnet::FrameKind kind = ns3::mixnet::FrameKind::Data)
{
    ns3::mixnet::RoceFrame frame;
    frame.kind = kind;
    frame.trafficClass =
        kind == ns3::mixnet::FrameKind::Data ? ns3::mixnet::DATA_CLASS : ns3::mixnet::CONTROL_CLASS;
    frame.wireBytes = wireBytes;
    frame.sequence = sequence;
    frame.destination = destination;
    return frame;
}

/**
 * @ingroup mixnet-tests
 * @param a A port.
 * @param b Another.
 * @param delay Propagation delay.
 * @return a fibre between them.
 */
inline ns3::Ptr<ns3::mixnet::Fibre>
Join(ns3::Ptr<ns3::mixnet::FibrePort> a, ns3::Ptr<ns3::mixnet::FibrePort> b, const ns3::Time& delay)
{
    auto fibre = ns3::CreateObject<ns3::mixnet::Fibre>();
    fibre->SetAttribute("Delay", ns3::TimeValue(delay));
    fibre->Connect(a, b);
    return fibre;
}

} // namespace tests

#endif // TEST_PORTS_H
