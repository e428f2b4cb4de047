/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-configuration.h"

#include <algorithm>
#include <cassert>

namespace mixnetcore
{

namespace
{

/**
 * @param circuit A circuit.
 * @return its name in messages.
 */
std::string
NameOf(const Circuit& circuit)
{
    return "circuit (" + std::to_string(circuit.first) + ", " + std::to_string(circuit.second) +
           ")";
}

/**
 * @param circuit A circuit.
 * @param port One of its ports.
 * @param ports Number of ports of the switch.
 * @return message for a port that the switch does not have.
 */
std::string
UnknownPort(const Circuit& circuit, uint32_t port, uint32_t ports)
{
    const auto range = ports == 0 ? std::string("the switch has no ports")
                                  : "ports are 0 to " + std::to_string(ports - 1);
    return NameOf(circuit) + ": port " + std::to_string(port) + " does not exist, " + range;
}

} // namespace

CircuitConfiguration::CircuitConfiguration(std::vector<Circuit> circuits)
    : m_circuits(std::move(circuits))
{
    for (auto& [low, high] : m_circuits)
    {
        if (low > high)
        {
            std::swap(low, high);
        }
    }
    std::sort(m_circuits.begin(), m_circuits.end());
}

std::vector<std::optional<uint32_t>>
CircuitConfiguration::Peers(uint32_t ports) const
{
    assert(!Fault(ports));
    std::vector<std::optional<uint32_t>> peers(ports);
    for (const auto& [low, high] : m_circuits)
    {
        peers[low] = high;
        peers[high] = low;
    }
    return peers;
}

std::optional<std::string>
CircuitConfiguration::Fault(uint32_t ports) const
{
    std::vector<bool> used(ports);
    for (const auto& circuit : m_circuits)
    {
        for (const auto port : {circuit.first, circuit.second})
        {
            if (port >= ports)
            {
                return UnknownPort(circuit, port, ports);
            }
            if (used[port])
            {
                return NameOf(circuit) + ": port " + std::to_string(port) +
                       " is used twice, a port holds at most one circuit end";
            }
            used[port] = true;
        }
    }
    return std::nullopt;
}

} // namespace mixnetcore
