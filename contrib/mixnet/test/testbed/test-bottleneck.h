/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TEST_BOTTLENECK_H
#define TEST_BOTTLENECK_H

#include "test-network.h"

#include <optional>
#include <vector>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief Where a queue marks frames that may be marked.
 */
struct Marking
{
    uint64_t minimum;   //!< queued bytes below which none is marked, above 0
    uint64_t maximum;   //!< queued bytes above which all are
    double probability; //!< part that is marked at the maximum
};

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
     * @param marking Where the bottleneck marks, if it does.
     */
    BottleneckNetwork(NicNetwork& network,
                      uint32_t senders,
                      const LineTimes& line,
                      const Time& delay,
                      const std::optional<Marking>& marking)
        : m_network(network),
          m_line(line),
          m_messages(senders)
    {
        network.AddNics(senders + 1, line);
        network.AddPacketSwitch(line, delay);
        network.packetSwitch->AssignStreams(1);
        network.packetSwitch->SetAttribute("Ecn", BooleanValue(marking.has_value()));
        if (marking)
        {
            network.packetSwitch->SetAttribute("EcnMinimum", UintegerValue(marking->minimum));
            network.packetSwitch->SetAttribute("EcnMaximum", UintegerValue(marking->maximum));
            network.packetSwitch->SetAttribute("EcnProbability", DoubleValue(marking->probability));
        }
    }

    /// @param sender Number of a sender. @return its queue pair to the receiver.
    QueuePair& Sender(uint32_t sender)
    {
        return m_network.nics[sender]->GetQueuePair(m_network.nics.size() - 1);
    }

    /// @return data that waits at the port that all share, bytes.
    uint64_t GetQueuedBytes() const
    {
        const auto& owner = m_network.packetSwitch;
        return owner->GetPort(owner->GetNPorts() - 1)->GetQueuedBytes(DATA_CLASS);
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
        Instant instant{{}, GetQueuedBytes()};
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

    /// @brief Hears that a flow has ended; nothing is to be done.
    void End(const WriteCompletion& /* completion */)
    {
    }

    NicNetwork& m_network; //!< NICs, of which the last receives, and switch
    LineTimes m_line;      //!< of all lines
    std::vector<Ptr<const RdmaMessage>> m_messages; //!< by sender
    std::vector<Instant> m_samples;                 //!< in time
    Time m_end;                                     //!< end of the last flow
};

} // namespace tests

#endif // TEST_BOTTLENECK_H
