/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_WATCH_H
#define CIRCUIT_WATCH_H

#include "ns3/training-helper.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Listens to what controllers decide, and warns of servers that they leave out.
 *
 * A server with demand and without any circuit has its electrical NICs only; its phase takes
 * several times as long as those of the others.
 */
class CircuitWatch
{
  public:
    /**
     * @param groups EP groups; those without a controller have no circuits.
     */
    explicit CircuitWatch(const std::vector<TrainingGroup>& groups);

    CircuitWatch(const CircuitWatch&) = delete;
    CircuitWatch& operator=(const CircuitWatch&) = delete;

    /// @return decisions so far, of all controllers.
    uint64_t GetDecisions() const
    {
        return m_decisions;
    }

    /// @return decisions so far that left a server with demand without a circuit.
    uint64_t GetIsolating() const
    {
        return m_isolating;
    }

    /// @param out Where to print. @brief Prints a warning where servers were left out.
    void PrintWarning(std::ostream& out) const;

    /// @param[in,out] summary Gets circuitDecisions and isolatingDecisions where there are
    /// controllers.
    void Write(nlohmann::ordered_json& summary) const;

  private:
    /// @param region Region of the controller. @param decision What it decided.
    void HandleDecision(uint32_t region, const CircuitDecision& decision);

    uint64_t m_decisions{0}; //!< of all controllers
    uint64_t m_isolating{0}; //!< of these, that leave a server out
    std::string m_first;     //!< the first of these, for people
};

} // namespace mixnet
} // namespace ns3

#endif // CIRCUIT_WATCH_H
