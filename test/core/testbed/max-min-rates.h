/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MAX_MIN_RATES_H
#define MAX_MIN_RATES_H

#include "ns3/max-min-solver.h"
#include "ns3/mixnet-units.h"

#include <cmath>
#include <limits>
#include <vector>

namespace mixnetcore::tests
{

/// A flow of a problem that is solved from scratch.
struct FlowDemand
{
    std::vector<uint32_t> resources;                     //!< what it crosses, each once
    double weight{1};                                    //!< how many flows it stands for
    double cap{std::numeric_limits<double>::infinity()}; //!< its rate at most
};

/// @param solver Solves it, in place of what was there. @param capacities Of resources.
/// @param flows The flows. @return their max-min fair rates.
inline std::vector<double>
MaxMinRates(MaxMinSolver& solver,
            const std::vector<double>& capacities,
            const std::vector<FlowDemand>& flows)
{
    solver.Clear();
    for (const auto capacity : capacities)
    {
        solver.AddResource(capacity);
    }
    for (const auto& flow : flows)
    {
        solver.AddFlow(flow.weight, flow.cap);
        for (const auto resource : flow.resources)
        {
            solver.Cross(resource);
        }
    }
    solver.Solve();
    std::vector<double> rates;
    for (uint32_t f = 0; f < flows.size(); ++f)
    {
        rates.push_back(solver.Rate(f));
    }
    return rates;
}

/// @param capacities Of resources. @param flows The flows. @return their max-min fair rates.
inline std::vector<double>
MaxMinRates(const std::vector<double>& capacities, const std::vector<FlowDemand>& flows)
{
    MaxMinSolver solver;
    return MaxMinRates(solver, capacities, flows);
}

/// @param seconds A span of time. @return the same.
inline Picoseconds
InPicoseconds(double seconds)
{
    return Picoseconds(std::llround(seconds * 1e12));
}

} // namespace mixnetcore::tests

#endif // MAX_MIN_RATES_H
