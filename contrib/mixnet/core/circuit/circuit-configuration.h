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
/// @brief Two ports of an optical circuit switch joined by light in both directions.
using Circuit = std::pair<uint32_t, uint32_t>;

/**
 * @ingroup mixnet-core
 * @brief The set of circuits an optical circuit switch is asked to hold.
 *
 * A plain value that can also hold a set no switch would accept: Fault() tells. Circuits are kept
 * with the lower port first and in ascending order, so that equal sets compare equal.
 */
class CircuitConfiguration
{
  public:
    CircuitConfiguration() = default;

    /**
     * @param circuits The circuits, in any order and either way round.
     */
    explicit CircuitConfiguration(std::vector<Circuit> circuits);

    /// @return the circuits, lower port first, ascending.
    const std::vector<Circuit>& Circuits() const
    {
        return m_circuits;
    }

    /// @return number of circuits.
    size_t Size() const
    {
        return m_circuits.size();
    }

    /**
     * @param ports Number of ports of the switch.
     * @return the port that each port is joined with; nothing where a port is free.
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
        return m_circuits == other.m_circuits;
    }

  private:
    std::vector<Circuit> m_circuits; //!< lower port first, ascending
};

} // namespace mixnetcore

#endif // CIRCUIT_CONFIGURATION_H
