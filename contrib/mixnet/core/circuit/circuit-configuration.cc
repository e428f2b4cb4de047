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
    : CircuitConfiguration(std::move(circuits), {})
{
}

CircuitConfiguration::CircuitConfiguration(std::vector<Circuit> circuits,
                                           std::vector<Circuit> oneWay)
    : m_circuits(std::move(circuits)),
      m_oneWay(std::move(oneWay))
{
    for (auto& [low, high] : m_circuits)
    {
        if (low > high)
        {
            std::swap(low, high);
        }
    }
    std::sort(m_circuits.begin(), m_circuits.end());
    std::sort(m_oneWay.begin(), m_oneWay.end());
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
    for (const auto& [from, to] : m_oneWay)
    {
        peers[from] = to;
    }
    return peers;
}

std::optional<std::string>
CircuitConfiguration::Fault(uint32_t ports) const
{
    std::vector<bool> begins(ports); // light that comes in at a port has a way out
    std::vector<bool> ends(ports);   // light leaves at a port
    const auto take = [&](const Circuit& circuit,
                          uint32_t port,
                          std::vector<bool>& used) -> std::optional<std::string> {
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
        return std::nullopt;
    };
    for (const auto& circuit : m_circuits)
    {
        for (const auto port : {circuit.first, circuit.second})
        {
            auto fault = take(circuit, port, begins);
            if (fault)
            {
                return fault;
            }
            ends[port] = true;
        }
    }
    for (const auto& circuit : m_oneWay)
    {
        auto fault = take(circuit, circuit.first, begins);
        if (!fault)
        {
            fault = take(circuit, circuit.second, ends);
        }
        if (!fault && circuit.first == circuit.second)
        {
            fault = NameOf(circuit) + ": light does not leave at the port that it comes in at";
        }
        if (fault)
        {
            return fault;
        }
    }
    return std::nullopt;
}

} // namespace mixnetcore
