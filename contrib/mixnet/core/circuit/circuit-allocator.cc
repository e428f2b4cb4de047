/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-allocator.h"

#include "greedy-circuit-allocator.h"

namespace mixnetcore
{

CircuitAllocation
CircuitChoice::Sum() const
{
    CircuitAllocation sum(planes.empty() ? 0 : planes.front().Endpoints());
    for (const auto& plane : planes)
    {
        sum += plane;
    }
    return sum;
}

std::map<std::pair<uint32_t, uint32_t>, double>
CircuitChoice::ElectricalPartsOfHosts(const AllocationContext& context) const
{
    using HostPair = std::pair<uint32_t, uint32_t>;
    std::map<HostPair, double> parts;
    if (electricalParts.empty())
    {
        return parts;
    }
    std::map<HostPair, double> bytes;
    for (size_t from = 0; from < context.endpoints.size(); ++from)
    {
        for (size_t to = 0; to < context.endpoints.size(); ++to)
        {
            const HostPair hosts{context.endpoints[from].endpoint.host,
                                 context.endpoints[to].endpoint.host};
            const auto part = electricalParts.find({from, to});
            const auto count = static_cast<double>(context.demand.At(from, to).Count());
            bytes[hosts] += count;
            parts[hosts] += part == electricalParts.end() ? 0 : part->second * count;
        }
    }
    for (auto& [hosts, part] : parts)
    {
        part = bytes[hosts] > 0 ? part / bytes[hosts] : 0;
    }
    return parts;
}

CircuitAllocation
CircuitAllocator::Allocate(const DemandMatrix& demand,
                           const std::vector<uint32_t>& opticalPorts) const
{
    AllocationContext context{demand};
    for (const auto ports : opticalPorts)
    {
        context.endpoints.push_back({{}, {ports}, BitsPerSecond(0)});
    }
    return Choose(context).Sum();
}

Registry<CircuitAllocatorMaker>&
CircuitAllocators()
{
    static Registry<CircuitAllocatorMaker> registry(
        "circuit allocator",
        {{"greedy",
          MakeStrategy<CircuitAllocator, GreedyCircuitAllocator>,
          "the pair that would take longest first"},
         {"greedy-literal",
          [] {
              return std::make_unique<GreedyCircuitAllocator>(TieRule::Demand,
                                                              StopRule::FirstFailure);
          },
          "the paper's Algorithm 1 to the letter"}});
    return registry;
}

} // namespace mixnetcore
