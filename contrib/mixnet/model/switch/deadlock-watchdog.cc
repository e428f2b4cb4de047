/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "deadlock-watchdog.h"

#include "ns3/abort.h"
#include "ns3/channel.h"
#include "ns3/lists.h"
#include "ns3/log.h"
#include "ns3/simulator.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("DeadlockWatchdog");

namespace
{

constexpr int64_t LOOKS = 4; //!< in the timeout

/// @param port A port. @return the port of a packet switch at the other end of its fibre, if any.
Ptr<SwitchPort>
PeerOf(const SwitchPort& port)
{
    const auto fibre = port.GetChannel();
    for (size_t end = 0; fibre && end < fibre->GetNDevices(); ++end)
    {
        const auto device = fibre->GetDevice(end);
        if (PeekPointer(device) != &port)
        {
            return DynamicCast<SwitchPort>(device);
        }
    }
    return nullptr;
}

} // namespace

DeadlockWatchdog::DeadlockWatchdog(std::vector<Ptr<PacketSwitch>> switches,
                                   const Time& timeout,
                                   Callback callback)
    : m_switches(std::move(switches)),
      m_timeout(timeout),
      m_callback(std::move(callback))
{
    NS_ABORT_MSG_UNLESS(timeout.IsStrictlyPositive(),
                        "the timeout of a DeadlockWatchdog is " << timeout.As(Time::US)
                                                                << "; it must be above 0");
    for (uint32_t number = 0; number < m_switches.size(); ++number)
    {
        m_numberOf[PeekPointer(m_switches[number])] = number;
        m_switches[number]->TraceConnectWithoutContext(
            "PauseRepeat",
            MakeCallback(&DeadlockWatchdog::HandlePauseRepeat, this));
    }
}

DeadlockWatchdog::~DeadlockWatchdog()
{
    for (const auto& packetSwitch : m_switches)
    {
        packetSwitch->TraceDisconnectWithoutContext(
            "PauseRepeat",
            MakeCallback(&DeadlockWatchdog::HandlePauseRepeat, this));
    }
}

void
DeadlockWatchdog::HandlePauseRepeat(uint32_t /* port */, uint8_t /* trafficClass */)
{
    const Time now = Simulator::Now();
    if (m_hasFired || now < m_nextLook)
    {
        return;
    }
    m_nextLook = now + m_timeout / LOOKS;
    const auto cycle = FindCycle();
    if (!cycle.empty())
    {
        NS_LOG_INFO(cycle.size() << " ports wait for each other");
        m_hasFired = true;
        m_callback(cycle);
    }
}

DeadlockWatchdog::Key
DeadlockWatchdog::KeyOf(const LosslessIngress& ingress) const
{
    const auto& port = ingress.GetPort();
    return {m_numberOf.at(&port.GetSwitch()), port.GetNumber(), ingress.GetTrafficClass()};
}

DeadlockWatchdog::Suspects
DeadlockWatchdog::FindSuspects() const
{
    Suspects suspects;
    const Time latest = Simulator::Now() - m_timeout;
    for (uint32_t number = 0; number < m_switches.size(); ++number)
    {
        for (uint32_t index = 0; index < m_switches[number]->GetNPorts(); ++index)
        {
            const auto port = m_switches[number]->GetPort(index);
            for (uint8_t trafficClass = 0; trafficClass < TRAFFIC_CLASSES; ++trafficClass)
            {
                if (!port->IsPaused(trafficClass) || port->GetQueuedBytes(trafficClass) == 0 ||
                    port->GetPausedSince(trafficClass) > latest)
                {
                    continue;
                }
                const auto peer = PeerOf(*port);
                const auto* ingress = peer ? peer->FindIngress(trafficClass) : nullptr;
                if (ingress && ingress->IsPausing() && m_numberOf.count(&peer->GetSwitch()) > 0)
                {
                    suspects[{number, index, trafficClass}] = {{port, trafficClass},
                                                               ingress,
                                                               KeyOf(*ingress),
                                                               port->GetHeldBytes(trafficClass)};
                }
            }
        }
    }
    return suspects;
}

std::vector<DeadlockWatchdog::Key>
DeadlockWatchdog::FindFree(const Suspects& suspects) const
{
    // What would be left if all that does not wait for suspects had gone.
    std::map<Key, std::pair<const LosslessIngress*, uint64_t>> left;
    for (const auto& [key, suspect] : suspects)
    {
        for (const auto& [ingress, bytes] : suspect.held)
        {
            auto& ofInput = left[KeyOf(*ingress)];
            ofInput.first = ingress;
            ofInput.second += bytes;
        }
    }
    std::vector<uint64_t> used(m_switches.size()); // of the shared buffer of each
    for (const auto& [input, held] : left)
    {
        used[std::get<0>(input)] += held.first->SharedOf(held.second);
    }
    std::vector<Key> free;
    for (const auto& [key, suspect] : suspects)
    {
        const auto held = left.find(suspect.input);
        const uint64_t bytes = held == left.end() ? 0 : held->second.second;
        if (suspect.ingress->WouldResume(bytes, used[std::get<0>(suspect.input)]))
        {
            free.push_back(key);
        }
    }
    return free;
}

std::vector<DeadlockWatchdog::Place>
DeadlockWatchdog::FindCycle() const
{
    auto suspects = FindSuspects();
    for (auto free = FindFree(suspects); !free.empty(); free = FindFree(suspects))
    {
        for (const auto& key : free)
        {
            suspects.erase(key);
        }
    }
    if (suspects.empty())
    {
        return {};
    }
    // From the first one to the first that it waits for, and on, until one comes again.
    std::vector<Key> walk{suspects.begin()->first};
    while (true)
    {
        const auto& here = suspects.at(walk.back());
        const auto next =
            std::find_if(suspects.begin(), suspects.end(), [&here](const auto& other) {
                return other.second.held.count(here.ingress) > 0;
            });
        if (next == suspects.end())
        {
            return {}; // an input that pauses for nothing is free
        }
        const auto seen = std::find(walk.begin(), walk.end(), next->first);
        if (seen != walk.end())
        {
            walk.erase(walk.begin(), seen);
            break;
        }
        walk.push_back(next->first);
    }
    std::rotate(walk.begin(), std::min_element(walk.begin(), walk.end()), walk.end());
    return mixnetcore::Mapped(walk, [&](const Key& key) { return suspects.at(key).place; });
}

} // namespace mixnet
} // namespace ns3
