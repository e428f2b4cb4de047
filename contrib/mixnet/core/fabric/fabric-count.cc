/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-count.h"

namespace mixnetcore
{

FabricCount
CountFabric(const FabricPlan& plan)
{
    FabricCount count;
    count.fibres = plan.links.size();
    for (const auto& link : plan.links)
    {
        for (const auto& end : {link.a, link.b})
        {
            const auto& node = plan.nodes.at(end.node);
            switch (node.role)
            {
            case NodeRole::Host:
                ++count.nics;
                break;
            case NodeRole::OpticalCircuitSwitch:
                ++count.ocsPorts;
                break;
            case NodeRole::PacketSwitch:
                ++count.switchPortsByTier.at(node.tier);
                ++count.switchPorts;
                break;
            }
        }
    }
    count.transceivers = count.nics + count.switchPorts;
    return count;
}

} // namespace mixnetcore
