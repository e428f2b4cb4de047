/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_CONFIGURATION_H
#define CIRCUIT_CONFIGURATION_H

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Two ports of an optical circuit switch joined by light in both directions; or of a
/// one-way circuit the port at which light comes in, and the one at which it leaves.
using Circuit = std::pair<uint32_t, uint32_t>;

/**
 * @ingroup mixnet-core
 * @brief The set of circuits an optical circuit switch is asked to hold.
 *
 * A plain value that can also hold a set no switch would accept: Fault() tells. Circuits are kept
 * with the lower port first and in ascending order, so that equal sets compare equal.
 *
 * Beside circuits, which carry light in both directions, a set may have one-way circuits: light
 * that comes in at one port leaves at another, whose own light goes somewhere else or nowhere. A
 * port is the beginning of one at most, and the end of one at most. TopoOpt's rings are of this
 * kind.
 */
class CircuitConfiguration
{
  public:
    CircuitConfiguration() = default;

    /**
     * @param circuits The circuits, in any order and either way round.
     */
    explicit CircuitConfiguration(std::vector<Circuit> circuits);

    /**
     * @param circuits The circuits, in any order and either way round.
     * @param oneWay One-way circuits, each from the port that light comes in at; in any order.
     */
    CircuitConfiguration(std::vector<Circuit> circuits, std::vector<Circuit> oneWay);

    /// @return the circuits that carry light in both directions, lower port first, ascending.
    const std::vector<Circuit>& Circuits() const
    {
        return m_circuits;
    }

    /// @return the one-way circuits, ascending.
    const std::vector<Circuit>& OneWayCircuits() const
    {
        return m_oneWay;
    }

    /// @return number of circuits, those of both kinds together.
    size_t Size() const
    {
        return m_circuits.size() + m_oneWay.size();
    }

    /**
     * @param ports Number of ports of the switch.
     * @return the port at which light leaves that comes in at each port: the one it is joined with;
     * nothing where there is none.
     * @pre Fault(ports) is empty.
     */
    std::vector<std::optional<uint32_t>> Peers(uint32_t ports) const;

    /**
     * @param ports Number of ports of the switch.
     * @return what is wrong, naming circuit, port and allowed range; nothing when the switch can
     * hold this configuration.
     */
    std::optional<std::string> Fault(uint32_t ports) const;

    /**
     * @param other Another configuration.
     * @return whether both hold the same circuits.
     */
    bool operator==(const CircuitConfiguration& other) const
    {
        return m_circuits == other.m_circuits && m_oneWay == other.m_oneWay;
    }

  private:
    std::vector<Circuit> m_circuits; //!< lower port first, ascending
    std::vector<Circuit> m_oneWay;   //!< from, to; ascending
};

} // namespace mixnetcore

#endif // CIRCUIT_CONFIGURATION_H
