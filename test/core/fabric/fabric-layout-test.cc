/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/planned-fabric.h"

#include "ns3/fabric-layout.h"
#include "ns3/fat-tree-planner.h"
#include "ns3/mixnet-planner.h"
#include "ns3/rotor-planner.h"
#include "ns3/topoopt-planner.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

using namespace mixnetcore;

namespace
{

/// @return a fabric of several regions, each with several planes.
FabricPlan
Regions(uint32_t hosts, uint32_t regionHosts, uint32_t planes)
{
    MixnetSpec spec;
    spec.hosts = hosts;
    spec.hostsPerRegion = regionHosts;
    spec.planes = planes;
    spec.electrical.tiers = 1;
    return PlanMixnet(spec);
}

/// @return how far two places are from each other.
double
Distance(const PicturePoint& a, const PicturePoint& b)
{
    return std::hypot(a.x - b.x, a.y - b.y);
}

/// @return all places of a layout.
std::vector<PicturePoint>
PlacesOf(const FabricLayout& layout)
{
    auto places = layout.nodes;
    for (const auto& nics : layout.nics)
    {
        places.insert(places.end(), nics.begin(), nics.end());
    }
    return places;
}

/// Expects every place inside of the picture, and none on another.
void
ExpectApart(const FabricLayout& layout)
{
    const auto places = PlacesOf(layout);
    for (size_t one = 0; one < places.size(); ++one)
    {
        EXPECT_GE(places[one].x, 0);
        EXPECT_LE(places[one].x, layout.width);
        EXPECT_GE(places[one].y, 0);
        EXPECT_LE(places[one].y, layout.height);
        for (size_t other = 0; other < one; ++other)
        {
            EXPECT_GT(Distance(places[one], places[other]), 1) << one << " and " << other;
        }
    }
}

} // namespace

TEST(FabricLayout, PutsServersOfARegionOnACircleAroundItsSwitch)
{
    for (const uint32_t hosts : {1U, 2U, 3U, 8U, 33U})
    {
        SCOPED_TRACE(hosts);
        const auto plan = Regions(hosts, hosts, 1);
        const auto layout = LayOut(plan);
        const auto& middle = layout.nodes[plan.regions[0].planes[0].opticalSwitch];
        const double radius = Distance(layout.nodes[0], middle);
        EXPECT_NEAR(layout.nodes[0].x, middle.x, 1e-9);
        EXPECT_LT(layout.nodes[0].y, middle.y) << "the first is at the top";
        for (uint32_t host = 0; host < hosts; ++host)
        {
            EXPECT_NEAR(Distance(layout.nodes[host], middle), radius, 1e-9);
        }
        if (hosts >= 3)
        {
            EXPECT_GT(layout.nodes[1].x, middle.x) << "clockwise";
            // Neighbours are a chord apart that the angle between them gives.
            const double chord = 2 * radius * std::sin(std::acos(-1.0) / hosts);
            EXPECT_NEAR(Distance(layout.nodes[0], layout.nodes[1]), chord, 1e-6);
        }
        ExpectApart(layout);
    }
}

TEST(FabricLayout, PutsOpticalNicsOnTheInnerSideAndElectricalOnesOnTheOuter)
{
    const auto plan = Regions(8, 8, 1);
    const auto layout = LayOut(plan);
    const auto& middle = layout.nodes[plan.regions[0].planes[0].opticalSwitch];
    for (uint32_t host = 0; host < plan.hosts; ++host)
    {
        const double radius = Distance(layout.nodes[host], middle);
        for (const auto nic : plan.host.NicsOn(NicRole::Optical))
        {
            EXPECT_LT(Distance(layout.nics[host][nic], middle), radius);
        }
        for (const auto nic : plan.host.NicsOn(NicRole::Electrical))
        {
            EXPECT_GT(Distance(layout.nics[host][nic], middle), radius);
        }
    }
}

TEST(FabricLayout, KeepsRegionsAndPlanesApart)
{
    const auto plan = Regions(24, 8, 3);
    ASSERT_EQ(plan.regions.size(), 3U);
    const auto layout = LayOut(plan);
    ExpectApart(layout);
    // No server is in the circle of another region.
    for (const auto& region : plan.regions)
    {
        const auto hosts = region.Hosts();
        const auto& middle = layout.nodes[region.planes[1].opticalSwitch];
        const double radius = Distance(layout.nodes[hosts[0]], middle);
        for (uint32_t host = 0; host < plan.hosts; ++host)
        {
            const bool isOwn = std::find(hosts.begin(), hosts.end(), host) != hosts.end();
            const double distance = Distance(layout.nodes[host], middle);
            EXPECT_EQ(distance < radius + 1e-6, isOwn) << host;
        }
    }
}

TEST(FabricLayout, PutsTiersOfSwitchesAboveServersInRows)
{
    for (const uint32_t hosts : {4U, 16U, 40U})
    {
        SCOPED_TRACE(hosts);
        const auto plan = PlanFatTree(tests::WithHosts<FatTreeSpec>(hosts));
        const auto layout = LayOut(plan);
        ExpectApart(layout);
        for (uint32_t node = hosts; node < plan.nodes.size(); ++node)
        {
            for (uint32_t other = 0; other < plan.nodes.size(); ++other)
            {
                if (plan.nodes[other].tier < plan.nodes[node].tier)
                {
                    EXPECT_LT(layout.nodes[node].y, layout.nodes[other].y);
                }
            }
        }
        for (uint32_t host = 0; host < hosts; ++host)
        {
            for (const auto& nic : layout.nics[host])
            {
                EXPECT_LE(nic.y, layout.nodes[host].y + 1.2) << "NICs are above, or beside";
            }
        }
    }
}

TEST(FabricLayout, PutsServersAroundSwitchesThatNoControllerCommands)
{
    // Four panels, which join all servers: as one region of four planes.
    TopoOptSpec spec;
    spec.hosts = 5;
    spec.host.opticalDegree = 4;
    spec.host.electricalNics = 0;
    const auto layout = LayOut(PlanTopoOpt(spec));
    ExpectApart(layout);
    const auto& nodes = layout.nodes;
    PicturePoint middle{0, 0};
    for (uint32_t panel = 5; panel < 9; ++panel)
    {
        middle = {middle.x + nodes[panel].x / 4, middle.y + nodes[panel].y / 4};
    }
    for (uint32_t host = 1; host < 5; ++host)
    {
        EXPECT_NEAR(Distance(nodes[host], middle), Distance(nodes[0], middle), 1e-9);
    }
}

TEST(FabricLayout, PutsRotorsOfSeveralRegionsApart)
{
    RotorSpec spec;
    spec.fabric.hosts = 8;
    spec.fabric.hostsPerRegion = 4;
    spec.fabric.planes = 2;
    spec.fabric.electrical.tiers = 1;
    ExpectApart(LayOut(PlanRotor(spec)));
}
