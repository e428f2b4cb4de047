/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SAME_FABRIC_H
#define SAME_FABRIC_H

#include "ns3/fabric-plan.h"

#include <gtest/gtest.h>

namespace mixnetcore::tests
{

/// @param actual Inside of hosts. @param expected What it should be.
inline void
ExpectSameHost(const HostPlan& actual, const HostPlan& expected)
{
    EXPECT_EQ(actual.gpus, expected.gpus);
    EXPECT_EQ(actual.gpuPortRate, expected.gpuPortRate);
    EXPECT_EQ(actual.interconnect, expected.interconnect);
    EXPECT_EQ(actual.pcieRate, expected.pcieRate);
    EXPECT_EQ(actual.numaLinkRate, expected.numaLinkRate);
    EXPECT_EQ(actual.nicAttachmentRate, expected.nicAttachmentRate);
    ASSERT_EQ(actual.nics.size(), expected.nics.size());
    for (size_t nic = 0; nic < expected.nics.size(); ++nic)
    {
        EXPECT_EQ(actual.nics[nic].role, expected.nics[nic].role) << nic;
        EXPECT_EQ(actual.nics[nic].gpu, expected.nics[nic].gpu) << nic;
        EXPECT_EQ(actual.nics[nic].numaHalf, expected.nics[nic].numaHalf) << nic;
        EXPECT_EQ(actual.nics[nic].rate, expected.nics[nic].rate) << nic;
    }
}

/// @param actual Nodes and links. @param expected What they should be.
inline void
ExpectSameNodesAndLinks(const FabricPlan& actual, const FabricPlan& expected)
{
    EXPECT_EQ(actual.hosts, expected.hosts);
    ASSERT_EQ(actual.nodes.size(), expected.nodes.size());
    for (size_t node = 0; node < expected.nodes.size(); ++node)
    {
        EXPECT_EQ(actual.nodes[node].role, expected.nodes[node].role) << node;
        EXPECT_EQ(actual.nodes[node].name, expected.nodes[node].name) << node;
        EXPECT_EQ(actual.nodes[node].ports, expected.nodes[node].ports) << node;
        EXPECT_EQ(actual.nodes[node].buffer, expected.nodes[node].buffer) << node;
        EXPECT_EQ(actual.nodes[node].tier, expected.nodes[node].tier) << node;
    }
    ASSERT_EQ(actual.links.size(), expected.links.size());
    for (size_t link = 0; link < expected.links.size(); ++link)
    {
        EXPECT_EQ(actual.links[link].a.node, expected.links[link].a.node) << link;
        EXPECT_EQ(actual.links[link].a.port, expected.links[link].a.port) << link;
        EXPECT_EQ(actual.links[link].b.node, expected.links[link].b.node) << link;
        EXPECT_EQ(actual.links[link].b.port, expected.links[link].b.port) << link;
        EXPECT_EQ(actual.links[link].rate, expected.links[link].rate) << link;
        EXPECT_EQ(actual.links[link].delay, expected.links[link].delay) << link;
    }
}

/// @param actual A region. @param expected What it should be.
inline void
ExpectSameRegion(const RegionPlan& actual, const RegionPlan& expected)
{
    ASSERT_EQ(actual.endpoints.size(), expected.endpoints.size());
    for (size_t endpoint = 0; endpoint < expected.endpoints.size(); ++endpoint)
    {
        EXPECT_EQ(actual.endpoints[endpoint].host, expected.endpoints[endpoint].host);
        EXPECT_EQ(actual.endpoints[endpoint].gpu, expected.endpoints[endpoint].gpu);
    }
    ASSERT_EQ(actual.planes.size(), expected.planes.size());
    for (size_t plane = 0; plane < expected.planes.size(); ++plane)
    {
        const auto& own = actual.planes[plane];
        const auto& other = expected.planes[plane];
        EXPECT_EQ(own.opticalSwitch, other.opticalSwitch);
        ASSERT_EQ(own.attachments.size(), other.attachments.size());
        for (size_t port = 0; port < other.attachments.size(); ++port)
        {
            EXPECT_EQ(own.attachments[port].endpoint, other.attachments[port].endpoint) << port;
            EXPECT_EQ(own.attachments[port].nic, other.attachments[port].nic) << port;
            EXPECT_EQ(own.attachments[port].numaHalf, other.attachments[port].numaHalf) << port;
            EXPECT_EQ(own.attachments[port].ocsPort, other.attachments[port].ocsPort) << port;
        }
    }
}

/// @param actual What circuits do without a controller. @param expected What it should be.
inline void
ExpectSameCircuits(const FabricPlan& actual, const FabricPlan& expected)
{
    ASSERT_EQ(actual.schedules.size(), expected.schedules.size());
    for (size_t number = 0; number < expected.schedules.size(); ++number)
    {
        const auto& own = actual.schedules[number];
        const auto& other = expected.schedules[number];
        EXPECT_EQ(own.opticalSwitch, other.opticalSwitch);
        EXPECT_EQ(own.guard, other.guard);
        ASSERT_EQ(own.slots.size(), other.slots.size());
        for (size_t slot = 0; slot < other.slots.size(); ++slot)
        {
            EXPECT_EQ(own.slots[slot].duration, other.slots[slot].duration) << slot;
            EXPECT_TRUE(own.slots[slot].circuits == other.slots[slot].circuits) << slot;
        }
    }
    ASSERT_EQ(actual.rings.size(), expected.rings.size());
    for (size_t ring = 0; ring < expected.rings.size(); ++ring)
    {
        EXPECT_EQ(actual.rings[ring].hosts, expected.rings[ring].hosts);
        EXPECT_EQ(actual.rings[ring].nic, expected.rings[ring].nic);
    }
    ASSERT_EQ(actual.routes.size(), expected.routes.size());
    for (size_t route = 0; route < expected.routes.size(); ++route)
    {
        EXPECT_EQ(actual.routes[route].from, expected.routes[route].from);
        EXPECT_EQ(actual.routes[route].to, expected.routes[route].to);
        EXPECT_EQ(actual.routes[route].over, expected.routes[route].over);
        EXPECT_EQ(actual.routes[route].share, expected.routes[route].share);
    }
    EXPECT_EQ(actual.controlDelay, expected.controlDelay);
}

/// @param actual A fabric. @param expected What it should be, in every field.
inline void
ExpectSameFabric(const FabricPlan& actual, const FabricPlan& expected)
{
    EXPECT_EQ(actual.name, expected.name);
    EXPECT_EQ(actual.router, expected.router);
    EXPECT_EQ(actual.relays, expected.relays);
    ExpectSameHost(actual.host, expected.host);
    ExpectSameNodesAndLinks(actual, expected);
    ASSERT_EQ(actual.regions.size(), expected.regions.size());
    for (size_t region = 0; region < expected.regions.size(); ++region)
    {
        SCOPED_TRACE(region);
        ExpectSameRegion(actual.regions[region], expected.regions[region]);
    }
    ExpectSameCircuits(actual, expected);
}

} // namespace mixnetcore::tests

#endif // SAME_FABRIC_H
