/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * A circuit allocator of your own: joins each server with the next, whatever the demand.
 *
 *     0 === 1 === 2 === 3 === 0     half of the optical ports to either side
 *
 * Run:    ./ns3 run "ring-allocator --allocator=ring --layers=1 --fidelity=flow"
 * Prints: what mixnet-training prints; circuits.csv has the circuits.
 */

#include "ns3/mixnet-module.h"

namespace
{

using namespace mixnetcore;

/**
 * @brief Gives each endpoint half of its ports in every plane to the next endpoint.
 */
class RingAllocator : public CircuitAllocator
{
  public:
    CircuitChoice Choose(const AllocationContext& context) const override
    {
        context.Check();
        const size_t endpoints = context.endpoints.size();
        CircuitChoice choice{{context.Planes(), CircuitAllocation(endpoints)}};
        for (size_t plane = 0; plane < choice.planes.size(); ++plane)
        {
            for (size_t from = 0; from < endpoints; ++from)
            {
                const auto ports = context.endpoints[from].opticalPorts[plane];
                for (uint32_t circuit = 0; circuit < ports / 2; ++circuit)
                {
                    choice.planes[plane].Join(from, (from + 1) % endpoints);
                }
            }
        }
        return choice;
    }
};

} // namespace

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
main(int argc, char* argv[])
{
    CircuitAllocators().Add("ring",
                            MakeStrategy<CircuitAllocator, RingAllocator>,
                            "each server with the next, whatever the demand");
    return ns3::mixnet::RunMixnetTraining(argc, argv);
}
