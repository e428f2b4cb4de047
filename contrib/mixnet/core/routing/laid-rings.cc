/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "laid-rings.h"

#include "all-to-all-router.h"
#include "circuit-graph.h"

#include "ns3/checks.h"

#include <algorithm>

namespace mixnetcore
{

std::vector<LaidRing>
LaidRingsOf(const FabricPlan& plan)
{
    std::vector<LaidRing> rings;
    if (plan.rings.empty())
    {
        return rings;
    }
    const CircuitGraph graph(plan.hosts, CircuitsOf(plan));
    for (const auto& ring : plan.rings)
    {
        LaidRing laid{ring, {}};
        const auto gpu = plan.host.nics.at(ring.nic).gpu;
        for (size_t place = 0; place < ring.hosts.size(); ++place)
        {
            const auto from = ring.hosts[place];
            const auto to = ring.hosts[(place + 1) % ring.hosts.size()];
            const auto& circuits = graph.Between(from, to);
            if (circuits.empty())
            {
                Refuse(Phrase() << "a ring by NIC " << ring.nic << ": no circuit joins hosts "
                                << from << " and " << to);
            }
            const auto own = std::find_if(circuits.begin(), circuits.end(), [&](const auto& one) {
                return one.from.nic == ring.nic && one.to.nic == ring.nic;
            });
            const auto& circuit = own == circuits.end() ? circuits.front() : *own;
            const auto hop =
                DelegatedRoute(plan.host, {from, gpu}, {to, gpu}, circuit.from.nic, circuit.to.nic);
            laid.hops.emplace_back(hop.begin(), hop.end());
        }
        rings.push_back(std::move(laid));
    }
    return rings;
}

} // namespace mixnetcore
