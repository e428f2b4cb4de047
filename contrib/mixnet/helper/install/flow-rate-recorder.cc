/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "flow-rate-recorder.h"

#include "ns3/simulator.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

namespace ns3
{
namespace mixnet
{

FlowRateRecorder::FlowRateRecorder(OutputFile file, const Time& interval)
    : m_file(std::move(file)),
      m_interval(interval)
{
    if (!interval.IsStrictlyPositive())
    {
        std::ostringstream text;
        text << "interval of rates.csv is " << interval.As(Time::US) << "; it must be above zero";
        throw std::invalid_argument(text.str());
    }
    m_file << "time_s,flow,source,destination,delivered_gbps,rate_gbps,window_bytes" << std::endl;
}

FlowRateRecorder::~FlowRateRecorder()
{
    m_event.Cancel();
}

void
FlowRateRecorder::Close()
{
    m_event.Cancel();
    m_file.Close();
}

void
FlowRateRecorder::Add(Ptr<RdmaNic> source, Ptr<RdmaNic> destination, uint32_t queuePair)
{
    m_flows.push_back({source, destination, queuePair, 0});
    m_flows.back().delivered = Delivered(m_flows.back());
}

void
FlowRateRecorder::Start(const Time& begin)
{
    m_hasEnd = false;
    m_origin = Simulator::Now();
    m_event = Simulator::Schedule(begin, &FlowRateRecorder::Begin, this);
}

void
FlowRateRecorder::Start(const Time& begin, const Time& end)
{
    Start(begin);
    m_hasEnd = true;
    m_end = m_origin + end;
}

uint64_t
FlowRateRecorder::Delivered(const Flow& flow)
{
    return flow.destination->GetQueuePair(flow.source->GetNicAddress(), flow.queuePair)
        .GetReceivedBytes();
}

void
FlowRateRecorder::Begin()
{
    for (auto& flow : m_flows)
    {
        flow.delivered = Delivered(flow);
    }
    ScheduleSample();
}

void
FlowRateRecorder::ScheduleSample()
{
    if (!m_hasEnd || Simulator::Now() + m_interval <= m_end)
    {
        m_event = Simulator::Schedule(m_interval, &FlowRateRecorder::Sample, this);
    }
}

void
FlowRateRecorder::Sample()
{
    for (size_t flow = 0; flow < m_flows.size(); ++flow)
    {
        WriteRow(flow);
    }
    m_file.flush();
    const bool isBusy = std::any_of(m_flows.begin(), m_flows.end(), [](const Flow& flow) {
        return Sender(flow).HasOutstanding();
    });
    const bool isEarly = Simulator::Now() < m_origin + m_earliestEnd;
    if (isBusy || isEarly || m_hasEnd)
    {
        ScheduleSample();
    }
}

void
FlowRateRecorder::WriteRow(size_t number)
{
    auto& flow = m_flows[number];
    const auto print = [](double value) { return nlohmann::json(value).dump(); };
    const uint64_t delivered = Delivered(flow);
    const auto bits = 8.0 * static_cast<double>(delivered - flow.delivered);
    const auto control = Sender(flow).GetCongestionControl();
    m_file << print((Simulator::Now() - m_origin).GetPicoSeconds() / 1e12) << ',' << number << ','
           << flow.source->GetNicAddress() << ',' << flow.destination->GetNicAddress() << ','
           << print(bits * 1e3 / static_cast<double>(m_interval.GetPicoSeconds())) << ','
           << print(static_cast<double>(control->GetRate().GetBitRate()) / 1e9) << ','
           << control->GetWindow() << '\n';
    flow.delivered = delivered;
}

} // namespace mixnet
} // namespace ns3
