/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TEST_BOTTLENECK_H
#define TEST_BOTTLENECK_H

#include "test-network.h"

#include "ns3/random-variable-stream.h"

#include <deque>
#include <string>
#include <vector>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief Where a queue marks frames that may be marked.
 */
struct Marking
{
    uint64_t minimum;   //!< queued bytes up to which none is marked
    uint64_t maximum;   //!< queued bytes from which on all are
    double probability; //!< part that is marked just below the maximum
};

class MarkingSwitch;

/**
 * @ingroup mixnet-tests
 * @brief A port of MarkingSwitch: control frames first, then data, which it marks.
 */
class MarkingPort : public EthernetPort
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("tests::MarkingPort").SetParent<EthernetPort>();
        return tid;
    }

    /// @param owner The switch. @param rate Line rate. @param marking Where to mark.
    void SetSwitch(MarkingSwitch* owner, const DataRate& rate, const Marking& marking)
    {
        m_owner = owner;
        m_marking = marking;
        SetDataRate(rate);
        m_random = CreateObject<UniformRandomVariable>();
        m_random->SetStream(1);
    }

    /// @return bytes of data that wait.
    uint64_t GetQueuedBytes() const
    {
        return m_queuedBytes;
    }

    /// @return the most there ever were.
    uint64_t GetPeakQueuedBytes() const
    {
        return m_peakQueuedBytes;
    }

    /// @return frames marked so far.
    uint64_t GetMarkedFrames() const
    {
        return m_marked;
    }

    /// @param frame A frame that leaves here.
    void Enqueue(RoceFrame&& frame)
    {
        if (frame.trafficClass == CONTROL_CLASS)
        {
            m_control.push_back(std::move(frame));
        }
        else
        {
            if (frame.ecn == EcnCodepoint::Capable && m_random->GetValue() < MarkProbability())
            {
                frame.ecn = EcnCodepoint::Experienced;
                ++m_marked;
            }
            m_queuedBytes += frame.wireBytes;
            m_peakQueuedBytes = std::max(m_peakQueuedBytes, m_queuedBytes);
            m_data.push_back(std::move(frame));
        }
        HandleLineFree();
    }

    // Documented in FibrePort.
    void HandleFrame(RoceFrame&& frame) override;

    void HandleLight(const LightSignal& /* light */) override
    {
    }

  protected:
    void DoInitialize() override
    {
        Emit({true, LightSignal::PACKET_SWITCH});
        EthernetPort::DoInitialize();
    }

  private:
    // Documented in EthernetPort.
    void HandleLineFree() override
    {
        if (m_control.empty() && m_data.empty())
        {
            return;
        }
        if (!IsLineFree())
        {
            CallWhenLineFree();
            return;
        }
        auto& queue = m_control.empty() ? m_data : m_control;
        m_queuedBytes -= m_control.empty() ? queue.front().wireBytes : 0;
        RoceFrame frame = std::move(queue.front());
        queue.pop_front();
        Transmit(std::move(frame));
        HandleLineFree();
    }

    /// @return with which probability a frame that comes now is marked.
    double MarkProbability() const
    {
        if (m_queuedBytes <= m_marking.minimum)
        {
            return 0;
        }
        if (m_queuedBytes >= m_marking.maximum)
        {
            return 1;
        }
        return m_marking.probability * (m_queuedBytes - m_marking.minimum) /
               (m_marking.maximum - m_marking.minimum);
    }

    MarkingSwitch* m_owner{nullptr};     //!< the switch
    Marking m_marking{};                 //!< where to mark
    Ptr<UniformRandomVariable> m_random; //!< decides which frames
    std::deque<RoceFrame> m_control;     //!< control frames that wait
    std::deque<RoceFrame> m_data;        //!< data frames that wait
    uint64_t m_queuedBytes{0};           //!< bytes of data that wait
    uint64_t m_peakQueuedBytes{0};       //!< the most there ever were
    uint64_t m_marked{0};                //!< frames marked so far
};

/**
 * @ingroup mixnet-tests
 * @brief A switch with queues without end that mark: NIC n is behind port n.
 */
class MarkingSwitch
{
  public:
    std::vector<Ptr<MarkingPort>> ports; //!< by number
};

inline void
MarkingPort::HandleFrame(RoceFrame&& frame)
{
    m_counters.Receive(frame);
    m_owner->ports[frame.destination]->Enqueue(std::move(frame));
}

/**
 * @ingroup mixnet-tests
 * @brief NICs that all send to the last one, through one switch: its port is the bottleneck.
 *
 * What each has delivered and what waits at the bottleneck is written down at a fixed interval.
 */
class BottleneckNetwork
{
  public:
    /// Interval of samples, microseconds.
    static constexpr int64_t SAMPLE_US = 50;

    /**
     * @param network Empty network whose NICs have their attributes.
     * @param senders How many NICs send.
     * @param line Rate and MTU of all lines.
     * @param delay Propagation delay of each fibre.
     * @param marking Where the bottleneck marks.
     */
    BottleneckNetwork(NicNetwork& network,
                      uint32_t senders,
                      const LineTimes& line,
                      const Time& delay,
                      const Marking& marking)
        : m_network(network),
          m_line(line),
          m_messages(senders)
    {
        network.AddNics(senders + 1, line);
        auto node = CreateObject<Node>();
        for (const auto& nic : network.nics)
        {
            auto port = CreateObject<MarkingPort>();
            port->SetSwitch(&m_switch, DataRate(line.rate), marking);
            node->AddDevice(port);
            m_switch.ports.push_back(port);
            network.Join(nic, port, delay);
        }
    }

    /// @param sender Number of a sender. @return its queue pair to the receiver.
    QueuePair& Sender(uint32_t sender)
    {
        return m_network.nics[sender]->GetQueuePair(m_network.nics.size() - 1);
    }

    /// @return the port that all share.
    Ptr<MarkingPort> Port() const
    {
        return m_switch.ports.back();
    }

    /// @param from When to begin. @param sender Who sends. @param until When it stops.
    void Flow(const Time& from, uint32_t sender, const Time& until)
    {
        constexpr uint64_t ENDLESS = uint64_t{1} << 40;
        Simulator::Schedule(from, [this, sender] {
            m_messages[sender] = Ptr<const RdmaMessage>(new RdmaMessage(ENDLESS), false);
            Sender(sender).Post(m_messages[sender], MakeCallback(&BottleneckNetwork::End, this));
        });
        Simulator::Schedule(until, [this, sender] { Sender(sender).Withdraw(m_messages[sender]); });
        m_end = std::max(m_end, until);
    }

    /// @brief Simulates until nothing is left to do.
    void Run()
    {
        Simulator::Schedule(MicroSeconds(0), &BottleneckNetwork::Sample, this);
        Simulator::Run();
    }

    /// @param sender Who. @param from Begin. @param to End. @return part of the line it got.
    double Share(uint32_t sender, const Time& from, const Time& to) const
    {
        const auto delivered =
            m_samples[Index(to)].delivered[sender] - m_samples[Index(from)].delivered[sender];
        const double wire =
            static_cast<double>(delivered) * (m_line.mtu + LineTimes::OVERHEAD) / m_line.mtu;
        return wire * 8 / (m_line.rate * (to - from).GetSeconds());
    }

    /// @param from Begin. @param to End. @return data that waits on average, bytes.
    double MeanQueue(const Time& from, const Time& to) const
    {
        double sum = 0;
        for (size_t i = Index(from); i < Index(to); ++i)
        {
            sum += m_samples[i].queued;
        }
        return sum / (Index(to) - Index(from));
    }

    /// @param from Begin. @param to End. @return data that waits at most, in samples, bytes.
    uint64_t LongestQueue(const Time& from, const Time& to) const
    {
        uint64_t longest = 0;
        for (size_t i = Index(from); i < Index(to); ++i)
        {
            longest = std::max(longest, m_samples[i].queued);
        }
        return longest;
    }

  private:
    /// What was at one instant.
    struct Instant
    {
        std::vector<uint64_t> delivered; //!< payload that has arrived, by sender, bytes
        uint64_t queued;                 //!< data that waits, bytes
    };

    /// @param at An instant. @return its number among the samples.
    static size_t Index(const Time& at)
    {
        return at.GetMicroSeconds() / SAMPLE_US;
    }

    /// @brief Writes down how things are, until the last flow has ended.
    void Sample()
    {
        Instant instant{{}, Port()->GetQueuedBytes()};
        for (uint32_t sender = 0; sender < m_messages.size(); ++sender)
        {
            instant.delivered.push_back(
                m_network.nics.back()->GetQueuePair(sender).GetReceivedBytes());
        }
        m_samples.push_back(instant);
        if (Simulator::Now() < m_end)
        {
            Simulator::Schedule(MicroSeconds(SAMPLE_US), &BottleneckNetwork::Sample, this);
        }
    }

    /// @param completion How a flow has ended.
    void End(const WriteCompletion& /* completion */)
    {
    }

    NicNetwork& m_network;                          //!< NICs; the last receives
    LineTimes m_line;                               //!< of all lines
    MarkingSwitch m_switch;                         //!< joins them
    std::vector<Ptr<const RdmaMessage>> m_messages; //!< by sender
    std::vector<Instant> m_samples;                 //!< in time
    Time m_end;                                     //!< end of the last flow
};

} // namespace tests

#endif // TEST_BOTTLENECK_H
