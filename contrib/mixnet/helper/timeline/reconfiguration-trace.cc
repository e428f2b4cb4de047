/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "reconfiguration-trace.h"

#include "ns3/simulator.h"

#include <utility>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr uint32_t LANE_OF_LINK = 0;     //!< of a NIC
constexpr uint32_t LANE_OF_LOSSES = 1;   //!< of a NIC
constexpr uint32_t LANE_OF_MESSAGES = 2; //!< of a NIC, the first one

/// @param state State of a link. @return its name.
const char*
TraceNameOf(RdmaNic::LinkState state)
{
    switch (state)
    {
    case RdmaNic::LinkState::Down:
        return "no signal";
    case RdmaNic::LinkState::Activating:
        return "signal, not in use yet";
    case RdmaNic::LinkState::Up:
        return "link up";
    case RdmaNic::LinkState::Fading:
        return "signal gone, not noticed yet";
    }
    return "";
}

} // namespace

ReconfigurationTrace::ReconfigurationTrace(const std::filesystem::path& path,
                                           Ptr<OcsSwitch> ocs,
                                           const std::vector<Ptr<RdmaNic>>& nics,
                                           const std::vector<std::string>& names,
                                           const Time& interval)
    : m_file(path),
      m_names(names),
      m_interval(interval)
{
    for (uint32_t number = 0; number < nics.size(); ++number)
    {
        m_nics.push_back({nics[number],
                          m_file.AddProcess("NIC " + names[number]),
                          RdmaNic::LinkState::Down,
                          Simulator::Now()});
        Watch(number);
    }
    const auto process = m_file.AddProcess("optical circuit switch");
    m_circuits =
        std::make_unique<CircuitTrace>(m_file,
                                       ocs,
                                       CircuitTrace::View{{process, 0}, "OCS", names, true});
    m_switchLosses = {process, m_circuits->Lanes()};
    m_file.NameLane(m_switchLosses, "lost frames");
    ocs->TraceConnectWithoutContext("Drop",
                                    MakeCallback(&ReconfigurationTrace::HandleSwitchLoss, this));
}

ReconfigurationTrace::Track
ReconfigurationTrace::MessageLane(uint32_t from, uint32_t to) const
{
    return {m_nics[from].process, LANE_OF_MESSAGES + to};
}

void
ReconfigurationTrace::Watch(uint32_t number)
{
    const auto& watched = m_nics[number];
    m_file.NameLane({watched.process, LANE_OF_LINK}, "link");
    m_file.NameLane({watched.process, LANE_OF_LOSSES}, "lost frames");
    watched.nic->TraceConnectWithoutContext(
        "StateTransition",
        MakeCallback(&ReconfigurationTrace::HandleState, this).Bind(number));
    watched.nic->TraceConnectWithoutContext(
        "Suspension",
        MakeCallback(&ReconfigurationTrace::HandleSuspension, this).Bind(number));
    watched.nic->TraceConnectWithoutContext(
        "Receive",
        MakeCallback(&ReconfigurationTrace::HandleReceive, this).Bind(number));
    watched.nic->TraceConnectWithoutContext(
        "Drop",
        MakeCallback(&ReconfigurationTrace::HandleLoss, this).Bind(number));
}

void
ReconfigurationTrace::HandleState(uint32_t nic,
                                  RdmaNic::LinkState /* from */,
                                  RdmaNic::LinkState to)
{
    ShowState(nic);
    m_nics[nic].state = to;
    m_nics[nic].since = Simulator::Now();
}

void
ReconfigurationTrace::ShowState(uint32_t nic)
{
    const auto& watched = m_nics[nic];
    if (Simulator::Now() > watched.since) // states without duration cannot be seen
    {
        m_file.Slice({watched.process, LANE_OF_LINK},
                     TraceNameOf(watched.state),
                     "link",
                     watched.since,
                     Simulator::Now());
    }
}

void
ReconfigurationTrace::BeginMessage(uint32_t from, uint32_t to, uint64_t bytes)
{
    auto& watched = m_nics.at(from);
    OpenMessage open{Simulator::Now(), bytes, std::nullopt, {}};
    if (watched.nic->GetQueuePair(to).IsSuspended())
    {
        open.darkFrom = Simulator::Now();
    }
    watched.open[to] = open;
    m_file.NameLane(MessageLane(from, to), "to " + m_names.at(to));
}

void
ReconfigurationTrace::HandleSuspension(uint32_t nic,
                                       NicAddress peer,
                                       uint32_t /* number */,
                                       bool suspended)
{
    const auto found = m_nics[nic].open.find(peer);
    if (found == m_nics[nic].open.end())
    {
        return;
    }
    if (suspended)
    {
        found->second.darkFrom = Simulator::Now();
    }
    else
    {
        NoteSuspension(found->second);
    }
}

void
ReconfigurationTrace::NoteSuspension(OpenMessage& open)
{
    if (open.darkFrom)
    {
        open.dark.emplace_back(*open.darkFrom, Simulator::Now());
        open.darkFrom.reset();
    }
}

void
ReconfigurationTrace::EndMessage(uint32_t from, uint32_t to, const WriteCompletion& completion)
{
    ShowMessage(from,
                to,
                {{"bytesDelivered", completion.bytesDelivered},
                 {"end", mixnet::ToString(completion.status)}});
    m_nics[from].open.erase(to);
}

void
ReconfigurationTrace::ShowMessage(uint32_t from, uint32_t to, const TraceEventFile::Arguments& how)
{
    auto& open = m_nics.at(from).open.at(to);
    NoteSuspension(open);
    TraceEventFile::Arguments more{{"bytes", open.bytes}};
    more.update(how);
    const auto lane = MessageLane(from, to);
    // In front of what is inside of it: viewers nest slices that begin together by their order.
    m_file.Slice(lane, "message to " + m_names[to], "message", open.begin, Simulator::Now(), more);
    for (const auto& [begin, end] : open.dark)
    {
        m_file.Slice(lane, "suspended", "message", begin, end);
    }
}

void
ReconfigurationTrace::HandleReceive(uint32_t nic, const RoceFrame& frame)
{
    auto& watched = m_nics[nic];
    const int64_t slot = Simulator::Now().GetPicoSeconds() / m_interval.GetPicoSeconds();
    if (frame.payloadBytes == 0)
    {
        return;
    }
    if (slot != watched.slot)
    {
        ShowPayload(nic);
        watched.slot = slot;
    }
    watched.payload[frame.source] += frame.payloadBytes;
}

void
ReconfigurationTrace::ShowPayload(uint32_t nic)
{
    auto& watched = m_nics[nic];
    if (watched.slot < 0)
    {
        return;
    }
    const auto show = [&](int64_t slot) {
        TraceEventFile::Arguments rates;
        for (const auto& [sender, bytes] : watched.payload)
        {
            rates["from " + m_names.at(sender)] = bytes * 8e3 / m_interval.GetPicoSeconds();
        }
        m_file.Counter(watched.process, "payload received, Gb/s", m_interval * slot, rates);
    };
    show(watched.slot);
    for (auto& [sender, bytes] : watched.payload)
    {
        bytes = 0;
    }
    show(watched.slot + 1);
}

void
ReconfigurationTrace::HandleLoss(uint32_t nic, const RoceFrame& frame, DropReason reason)
{
    ShowLoss({m_nics[nic].process, LANE_OF_LOSSES}, frame, reason);
}

void
ReconfigurationTrace::ShowLoss(const Track& track, const RoceFrame& frame, DropReason reason)
{
    if (++m_losses > MOST_LOSSES)
    {
        return;
    }
    m_file.Instant(track,
                   "lost: " + mixnet::ToString(reason),
                   "loss",
                   Simulator::Now(),
                   {{"from", frame.source},
                    {"to", frame.destination},
                    {"sequence", frame.sequence},
                    {"payloadBytes", frame.payloadBytes}});
}

void
ReconfigurationTrace::HandleSwitchLoss(const RoceFrame& frame,
                                       uint32_t /* port */,
                                       DropReason reason)
{
    ShowLoss(m_switchLosses, frame, reason);
}

std::string
ReconfigurationTrace::Close()
{
    for (uint32_t nic = 0; nic < m_nics.size(); ++nic)
    {
        ShowState(nic);
        ShowPayload(nic);
        for (const auto& [peer, open] : m_nics[nic].open)
        {
            ShowMessage(nic, peer, {{"end", "none"}});
        }
    }
    m_circuits->Close();
    m_file.Close();
    return m_losses <= MOST_LOSSES ? ""
                                   : std::to_string(m_losses - MOST_LOSSES) + " lost frames of " +
                                         std::to_string(m_losses) + " are not in the timeline";
}

} // namespace mixnet
} // namespace ns3
