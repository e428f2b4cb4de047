/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/broken-fabrics.h"
#include "../testbed/same-fabric.h"

#include "ns3/all-to-all-router.h"
#include "ns3/circuit-graph.h"
#include "ns3/fabric-file.h"
#include "ns3/mixnet-planner.h"

#include <gtest/gtest.h>
#include <numeric>

using namespace mixnetcore;

namespace
{

/// @param text What is in a file. @return the fabric.
FabricPlan
FabricOf(const std::string& text)
{
    return ParseFabric(text, "some/folder/my.json");
}

/// @param rest Fields besides hosts, each with a comma before it. @return a fabric of two hosts of
/// an electrical NIC each, on one switch.
FabricPlan
TwoHosts(const std::string& rest)
{
    return FabricOf(R"({"hosts": 2, "host": {"gpus": 1, "electricalNics": 1},
        "links": [["host0/0", "eps"], ["host1/0", "eps"]])" +
                    rest + "}");
}

/// @param name Of an example. @return it.
FabricPlan
ExampleOf(const std::string& name)
{
    return ReadFabricFile(MIXNET_SOURCE_DIR "/examples/fabrics/" + name + ".json");
}

/// @param hosts How many. @return their numbers.
std::vector<uint32_t>
AllOf(uint32_t hosts)
{
    std::vector<uint32_t> all(hosts);
    std::iota(all.begin(), all.end(), 0);
    return all;
}

} // namespace

TEST(FabricFile, SmallestFabricHasWhatIsUsual)
{
    const auto plan = TwoHosts(R"(, "switches": [{"name": "eps", "kind": "packet"}])");
    EXPECT_EQ(plan.name, "my"); // the file's
    EXPECT_EQ(plan.hosts, 2U);
    EXPECT_EQ(plan.router, "own-nic");
    EXPECT_TRUE(plan.relays.empty());
    EXPECT_FALSE(plan.controlDelay);
    ASSERT_EQ(plan.nodes.size(), 3U);
    EXPECT_EQ(plan.nodes[1].name, "host1");
    EXPECT_EQ(plan.nodes[1].ports, 1U);
    EXPECT_EQ(plan.nodes[2].role, NodeRole::PacketSwitch);
    EXPECT_EQ(plan.nodes[2].ports, 2U); // those that are used
    EXPECT_EQ(plan.nodes[2].tier, 1U);
    EXPECT_FALSE(plan.nodes[2].buffer);
    ASSERT_EQ(plan.links.size(), 2U);
    EXPECT_EQ(plan.links[1].a.node, 1U);
    EXPECT_EQ(plan.links[1].b.port, 1U); // the next one
    EXPECT_EQ(plan.links[1].rate, BitsPerSecond(400'000'000'000));
    EXPECT_EQ(plan.links[1].delay, Picoseconds(1'000'000)); // 1 us
    EXPECT_EQ(plan.host.gpuPortRate, BitsPerSecond(3'600'000'000'000));
    EXPECT_EQ(plan.host.interconnect, GpuInterconnect::NvSwitch);
    EXPECT_FALSE(plan.host.numaLinkRate);
}

TEST(FabricFile, EverythingMayBeSaid)
{
    const auto plan = TwoHosts(R"(, "name": "two", "description": "for a test",
        "linkRate": "100Gb/s", "linkDelay": "500ns", "forwarding": "SPREAD", "relays": "all",
        "switches": [{"name": "eps", "kind": "packet", "ports": 8, "tier": 0, "buffer": "2KiB"}])");
    EXPECT_EQ(plan.name, "two");
    EXPECT_EQ(plan.router, "spread");
    EXPECT_EQ(plan.relays, (std::vector<uint32_t>{0, 1}));
    EXPECT_EQ(plan.nodes[2].ports, 8U);
    EXPECT_EQ(plan.nodes[2].tier, 0U);
    EXPECT_EQ(plan.nodes[2].buffer, Bytes(2048));
    EXPECT_EQ(plan.links[0].rate, BitsPerSecond(100'000'000'000));
    EXPECT_EQ(plan.links[0].delay, Picoseconds(500'000));
}

TEST(FabricFile, NicsAreSpreadOverGpusAsPlannersDo)
{
    // Of 2 optical and 2 electrical NICs, numbers 0 and 2 are electrical; NIC n is at GPU 2n of 8.
    const auto plan = FabricOf(R"({"hosts": 1, "host": {"gpus": 8, "opticalNics": 2,
        "electricalNics": 2}, "switches": [{"name": "eps", "kind": "packet"}],
        "links": [["host0/0", "eps"], ["host0/2", "eps"]], "forwarding": "delegate"})");
    HostSpec spec;
    spec.opticalDegree = 2;
    spec.electricalNics = 2;
    tests::ExpectSameHost(plan.host, PlanHost(spec));
}

TEST(FabricFile, NicsOfAListMayBeAnywhere)
{
    const auto plan = FabricOf(R"({"hosts": 1, "host": {"gpus": 4, "gpuPortRate": "1Tb/s",
        "interconnect": "nvlink-pairs", "pcieRate": "256Gb/s", "numaLinkRate": "2Tb/s",
        "nicAttachmentRate": "500Gb/s",
        "nics": [{"side": "optical", "gpu": 3, "rate": "25Gb/s", "numaHalf": 0},
                 {"side": "electrical"}]}, "switches": [{"name": "eps", "kind": "packet"}],
        "links": [["host0/1", "eps"]], "forwarding": "delegate"})");
    EXPECT_EQ(plan.host.gpuPortRate, BitsPerSecond(1'000'000'000'000));
    EXPECT_EQ(plan.host.interconnect, GpuInterconnect::NvlinkPairs);
    EXPECT_EQ(plan.host.pcieRate, BitsPerSecond(256'000'000'000));
    EXPECT_EQ(plan.host.numaLinkRate, BitsPerSecond(2'000'000'000'000));
    EXPECT_EQ(plan.host.nicAttachmentRate, BitsPerSecond(500'000'000'000));
    ASSERT_EQ(plan.host.nics.size(), 2U);
    EXPECT_EQ(plan.host.nics[0].role, NicRole::Optical);
    EXPECT_EQ(plan.host.nics[0].gpu, 3U);
    EXPECT_EQ(plan.host.nics[0].numaHalf, 0U);
    EXPECT_EQ(plan.host.nics[0].rate, BitsPerSecond(25'000'000'000));
    EXPECT_EQ(plan.host.nics[1].gpu, 2U); // 1 * 4 / 2
    EXPECT_EQ(plan.host.nics[1].numaHalf, 1U);
}

TEST(FabricFile, ASwitchAloneStandsForItsLowestFreePort)
{
    const auto plan = FabricOf(R"({"hosts": 4, "host": {"gpus": 1, "electricalNics": 1},
        "switches": [{"name": "eps", "kind": "packet"}],
        "links": [["host0/0", "eps/1"], ["host1/0", "eps"], ["host2/0", "eps"],
                  {"ends": ["eps/7", "host3/0"], "delay": "0"}]})");
    EXPECT_EQ(plan.links[1].b.port, 0U);
    EXPECT_EQ(plan.links[2].b.port, 2U);
    EXPECT_EQ(plan.links[3].a.port, 7U);
    EXPECT_EQ(plan.links[3].delay, Picoseconds(0));
    EXPECT_EQ(plan.nodes[4].ports, 8U);
}

TEST(FabricFile, ARegionGetsItsAttachmentsFromTheLinks)
{
    auto json = tests::RightRegion();
    json["regions"][0]["hosts"] = {2, 0, 1}; // endpoints 0, 1, 2
    const auto plan = FabricOf(json.dump());
    EXPECT_EQ(plan.router, "delegate");
    ASSERT_EQ(plan.regions.size(), 1U);
    EXPECT_EQ(plan.regions[0].Hosts(), (std::vector<uint32_t>{2, 0, 1}));
    ASSERT_EQ(plan.regions[0].planes.size(), 1U);
    EXPECT_EQ(plan.regions[0].planes[0].opticalSwitch, 3U);
    const auto& attachments = plan.regions[0].planes[0].attachments;
    ASSERT_EQ(attachments.size(), 3U);
    for (uint32_t port = 0; port < 3; ++port)
    {
        EXPECT_EQ(attachments[port].ocsPort, port);
        EXPECT_EQ(attachments[port].endpoint, (port + 1) % 3); // hosts 0, 1, 2
        EXPECT_EQ(attachments[port].nic, 0U);
        EXPECT_EQ(attachments[port].numaHalf, 0U);
    }
}

TEST(FabricFile, EndpointsMayBeGpus)
{
    auto json = tests::RightRegion();
    json["links"][6]["ends"] = {"host0/1", "ocs0/3"};
    json["regions"][0]["endpoints"] = "gpus";
    const auto plan = FabricOf(json.dump());
    // NICs 0 and 1 of three are at GPUs 0 and 1 of four.
    const auto& endpoints = plan.regions[0].endpoints;
    ASSERT_EQ(endpoints.size(), 4U);
    EXPECT_EQ(endpoints[0].gpu, 0U);
    EXPECT_EQ(endpoints[1].host, 0U);
    EXPECT_EQ(endpoints[1].gpu, 1U);
    EXPECT_EQ(endpoints[2].host, 1U);
    EXPECT_EQ(plan.regions[0].planes[0].attachments[3].endpoint, 1U);
}

TEST(FabricFile, CircuitsAreNamedByNicsOrByPorts)
{
    auto json = tests::RightFabric();
    const auto plan = FabricOf(json.dump());
    ASSERT_EQ(plan.schedules.size(), 1U);
    const auto& schedule = plan.schedules[0];
    EXPECT_EQ(schedule.opticalSwitch, 3U);
    EXPECT_EQ(schedule.guard, Picoseconds(10'000'000));
    ASSERT_EQ(schedule.slots.size(), 2U);
    EXPECT_EQ(schedule.slots[0].duration, Picoseconds(100'000'000));
    EXPECT_TRUE(schedule.slots[0].circuits == CircuitConfiguration({{0, 1}}));
    EXPECT_TRUE(schedule.slots[1].circuits == CircuitConfiguration({{1, 2}}));
    json["schedules"][0]["slots"][0]["circuits"][0] = {1, "host0/0"};
    tests::ExpectSameFabric(FabricOf(json.dump()), plan);
}

TEST(FabricFile, AnOnlySlotStandsForEver)
{
    auto json = tests::RightFabric();
    json["schedules"][0] = nlohmann::json::parse(R"({"switch": "ocs0",
        "slots": [{"oneWay": [["host1/0", "host0/0"], ["host0/0", "host2/0"]]}]})");
    json["controlPathDelay"] = "2us";
    json["relays"] = "all";
    json.erase("routes");
    const auto plan = FabricOf(json.dump());
    EXPECT_EQ(plan.schedules[0].guard, Picoseconds(0));
    ASSERT_EQ(plan.schedules[0].slots.size(), 1U);
    EXPECT_EQ(plan.schedules[0].slots[0].duration, Picoseconds(0));
    EXPECT_TRUE(plan.schedules[0].slots[0].circuits == CircuitConfiguration({}, {{1, 0}, {0, 2}}));
    EXPECT_EQ(plan.controlDelay, Picoseconds(2'000'000));
}

TEST(FabricFile, RingsRoutesAndRelaysAreAsWritten)
{
    auto json = tests::RightFabric();
    json["rings"][1] = {{"hosts", {1, 0}}}; // NIC 0
    json["routes"][1] = {{"from", 0}, {"to", 1}, {"share", 0.25}};
    const auto plan = FabricOf(json.dump());
    EXPECT_EQ(plan.router, "relay");
    EXPECT_EQ(plan.relays, std::vector<uint32_t>{1});
    ASSERT_EQ(plan.rings.size(), 2U);
    EXPECT_EQ(plan.rings[0].nic, 1U);
    EXPECT_EQ(plan.rings[1].hosts, (std::vector<uint32_t>{1, 0}));
    EXPECT_EQ(plan.rings[1].nic, 0U);
    ASSERT_EQ(plan.routes.size(), 2U);
    EXPECT_EQ(plan.routes[0].over, std::vector<uint32_t>{1});
    EXPECT_EQ(plan.routes[0].share, 1);
    EXPECT_TRUE(plan.routes[1].over.empty());
    EXPECT_EQ(plan.routes[1].share, 0.25);
    json.erase("relays");
    EXPECT_EQ(FabricOf(json.dump()).relays, AllOf(3));
}

TEST(FabricFile, TorusOfTheExamplesHasADiameterOfFour)
{
    const auto plan = ExampleOf("torus-16");
    EXPECT_EQ(plan.hosts, 16U);
    EXPECT_EQ(plan.links.size(), 32U); // 16 servers, 4 NICs each, two at a link
    EXPECT_EQ(plan.router, "relay");
    EXPECT_EQ(plan.relays, AllOf(16));
    const CircuitGraph graph(plan.hosts, CircuitsOf(plan));
    EXPECT_EQ(graph.Diameter(), 4U); // half of a side twice
    EXPECT_EQ(graph.Next(5), (std::vector<uint32_t>{1, 4, 6, 9}));
}

TEST(FabricFile, RingOfTheExamplesGoesRoundBothWays)
{
    const auto plan = ExampleOf("ring-8");
    EXPECT_EQ(plan.nodes[8].ports, 16U);
    EXPECT_EQ(plan.controlDelay, Picoseconds(2'000'000));
    ASSERT_EQ(plan.rings.size(), 2U);
    EXPECT_EQ(plan.rings[0].hosts, AllOf(8));
    const CircuitGraph graph(plan.hosts, CircuitsOf(plan));
    EXPECT_EQ(graph.Next(0), (std::vector<uint32_t>{1, 7}));
    EXPECT_EQ(graph.Diameter(), 4U);
}
