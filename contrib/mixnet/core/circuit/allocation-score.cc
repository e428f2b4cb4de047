/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "allocation-score.h"

#include <algorithm>
#include <limits>

namespace mixnetcore
{

namespace
{

/**
 * @param bytes Bytes to carry.
 * @param carriers How many carry them.
 * @return bytes for each, infinity when there is something to carry and nothing that carries it.
 */
double
BytesPerCarrier(Bytes bytes, uint32_t carriers)
{
    if (bytes == Bytes())
    {
        return 0;
    }
    return carriers == 0 ? std::numeric_limits<double>::infinity()
                         : static_cast<double>(bytes.Count()) / carriers;
}

/**
 * @param demand Bytes between endpoints.
 * @param allocation Circuits of each pair.
 * @return bytes on the busiest circuit.
 */
double
BusiestCircuit(const DemandMatrix& demand, const CircuitAllocation& allocation)
{
    double busiest = 0;
    for (size_t i = 0; i < demand.Rows(); ++i)
    {
        for (size_t j = 0; j < demand.Rows(); ++j)
        {
            if (const auto circuits = allocation.Between(i, j); circuits > 0)
            {
                busiest = std::max(busiest, BytesPerCarrier(demand.At(i, j), circuits));
            }
        }
    }
    return busiest;
}

/**
 * @param demand Bytes between endpoints.
 * @param allocation Circuits of each pair.
 * @return most bytes that one endpoint sends to endpoints without a common circuit.
 */
Bytes
MostSentWithoutCircuit(const DemandMatrix& demand, const CircuitAllocation& allocation)
{
    Bytes most;
    for (size_t i = 0; i < demand.Rows(); ++i)
    {
        Bytes sent;
        for (size_t j = 0; j < demand.Rows(); ++j)
        {
            if (i != j && allocation.Between(i, j) == 0)
            {
                sent += demand.At(i, j);
            }
        }
        most = std::max(most, sent);
    }
    return most;
}

/// @param demand Bytes between endpoints. @param endpoint One of them.
/// @return whether it has something to exchange with another.
bool
HasDemand(const DemandMatrix& demand, size_t endpoint)
{
    for (size_t peer = 0; peer < demand.Rows(); ++peer)
    {
        if (peer != endpoint &&
            (demand.At(endpoint, peer) > Bytes() || demand.At(peer, endpoint) > Bytes()))
        {
            return true;
        }
    }
    return false;
}

} // namespace

AllocationScore
ScoreAllocation(const DemandMatrix& demand,
                const CircuitAllocation& allocation,
                uint32_t electricalNics)
{
    CheckSquare(demand, allocation.Endpoints());
    const auto most = std::max(MostSentWithoutCircuit(demand, allocation),
                               MostSentWithoutCircuit(demand.Transposed(), allocation));
    return {BusiestCircuit(demand, allocation), BytesPerCarrier(most, electricalNics)};
}

std::vector<size_t>
EndpointsWithoutCircuits(const DemandMatrix& demand, const CircuitAllocation& allocation)
{
    CheckSquare(demand, allocation.Endpoints());
    std::vector<size_t> endpoints;
    for (size_t endpoint = 0; endpoint < allocation.Endpoints(); ++endpoint)
    {
        if (allocation.CircuitsOf(endpoint) == 0 && HasDemand(demand, endpoint))
        {
            endpoints.push_back(endpoint);
        }
    }
    return endpoints;
}

} // namespace mixnetcore
