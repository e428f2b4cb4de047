/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "allocation-score.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

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

} // namespace

double
AllocationScore::Slowest() const
{
    return std::max(optical, electrical);
}

AllocationScore
ScoreAllocation(const DemandMatrix& demand,
                const CircuitAllocation& allocation,
                uint32_t electricalNics)
{
    if (demand.Rows() != demand.Columns() || demand.Rows() != allocation.Endpoints())
    {
        throw std::invalid_argument("demand is " + std::to_string(demand.Rows()) + " x " +
                                    std::to_string(demand.Columns()) +
                                    ": it must be square, with one row for each of the " +
                                    std::to_string(allocation.Endpoints()) + " endpoints");
    }
    const auto most = std::max(MostSentWithoutCircuit(demand, allocation),
                               MostSentWithoutCircuit(demand.Transposed(), allocation));
    return {BusiestCircuit(demand, allocation), BytesPerCarrier(most, electricalNics)};
}

} // namespace mixnetcore
