/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_ALLOCATION_H
#define CIRCUIT_ALLOCATION_H

#include "ns3/demand-matrix.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What owns optical ports: a host with all its GPUs, or one GPU with ports of its own.
 */
struct Endpoint
{
    uint32_t host{0};              //!< host of the fabric
    std::optional<uint32_t> gpu{}; //!< GPU of that host; without one the endpoint is the host

    /// @param otherHost A host. @param otherGpu A GPU of it. @return whether it is part of this.
    bool Holds(uint32_t otherHost, uint32_t otherGpu) const
    {
        return host == otherHost && (!gpu || *gpu == otherGpu);
    }
};

/**
 * @ingroup mixnet-core
 * @brief An endpoint as an allocator sees it.
 */
struct EndpointPorts
{
    Endpoint endpoint;                   //!< who
    std::vector<uint32_t> opticalPorts;  //!< its ports, by plane
    BitsPerSecond electricalCapacity{0}; //!< of its NICs on packet switches, each way; endpoints
                                         //!< of one host share that host's evenly
};

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

/// @ingroup mixnet-core
/// @param demand Bytes between endpoints. @param endpoints How many there are.
/// @throws std::invalid_argument when the matrix is not square or has another size.
void CheckSquare(const DemandMatrix& demand, size_t endpoints);

} // namespace mixnetcore

#endif // CIRCUIT_ALLOCATION_H
