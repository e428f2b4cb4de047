/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_ALLOCATION_H
#define CIRCUIT_ALLOCATION_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief How many circuits each pair of endpoints gets; which ports carry them is left open.
 *
 * An endpoint is whatever owns optical ports: a host, or a GPU with optical I/O.
 */
class CircuitAllocation
{
  public:
    /**
     * @param endpoints Number of endpoints.
     */
    explicit CircuitAllocation(size_t endpoints);

    /// @return number of endpoints.
    size_t Endpoints() const
    {
        return m_endpoints;
    }

    /**
     * @param a An endpoint.
     * @param b Another endpoint.
     * @return circuits between the two, none when a equals b; the order does not matter.
     * @throws std::invalid_argument when either does not exist.
     */
    uint32_t Between(size_t a, size_t b) const
    {
        return m_counts[Index(a, b)];
    }

    /**
     * @brief Adds one circuit.
     * @param a An endpoint.
     * @param b Another endpoint.
     * @throws std::invalid_argument when a equals b or either does not exist.
     */
    void Join(size_t a, size_t b);

    /**
     * @brief Adds circuits of as many endpoints.
     * @param other What to add.
     * @return this.
     */
    CircuitAllocation& operator+=(const CircuitAllocation& other);

    /**
     * @param endpoint An endpoint.
     * @return circuits that end there.
     * @throws std::invalid_argument when it does not exist.
     */
    uint32_t CircuitsOf(size_t endpoint) const;

    /// @return number of circuits, each counted once.
    uint32_t Total() const;

    /**
     * @param other Another allocation.
     * @return whether both give every pair the same number of circuits.
     */
    bool operator==(const CircuitAllocation& other) const
    {
        return m_endpoints == other.m_endpoints && m_counts == other.m_counts;
    }

  private:
    /**
     * @param a An endpoint.
     * @param b Another endpoint.
     * @return place of the pair's count.
     * @throws std::invalid_argument when either does not exist.
     */
    size_t Index(size_t a, size_t b) const;

    size_t m_endpoints;             //!< number of endpoints
    std::vector<uint32_t> m_counts; //!< symmetric matrix of circuits, row by row
};

} // namespace mixnetcore

#endif // CIRCUIT_ALLOCATION_H
