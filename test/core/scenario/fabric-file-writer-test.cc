/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/forwarding-fabrics.h"
#include "../testbed/refusal.h"
#include "../testbed/same-fabric.h"

#include "ns3/fabric-file-writer.h"
#include "ns3/fabric-file.h"

#include <algorithm>
#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

/// @param plan A fabric. @brief Expects that what is written of it is read as the same fabric.
void
ExpectReadAsWritten(const FabricPlan& plan)
{
    SCOPED_TRACE(plan.name);
    const auto text = WriteFabric(plan);
    const auto read = ParseFabric(text, "written.json");
    tests::ExpectSameFabric(read, plan);
    EXPECT_EQ(WriteFabric(read), text);
}

/// @param regions Their number. @param planes Of each. @return a MixNet fabric.
FabricPlan
MixnetOf(uint32_t regions, uint32_t planes)
{
    MixnetSpec spec;
    spec.hosts = 4 * regions;
    spec.hostsPerRegion = 4;
    spec.planes = planes;
    return PlanMixnet(spec);
}

/// @return three hosts with odd numbers everywhere: 2 optical NICs and an electrical one each, two
/// OCSs with schedules, a fibre from NIC to NIC, rings, routes and one-way circuits.
FabricPlan
OddFabric()
{
    FabricPlan plan;
    plan.name = "odd \"fabric\"";
    plan.host.gpus = 3;
    plan.host.gpuPortRate = BitsPerSecond(1'234'567'891'011);
    plan.host.numaLinkRate = BitsPerSecond(999'999'999'999'999);
    plan.host.nicAttachmentRate = BitsPerSecond(1);
    plan.host.nics = {{NicRole::Optical, 2, 0, BitsPerSecond(100'000'000'001)},
                      {NicRole::Electrical, 0, 0, BitsPerSecond(25'781'250'000)},
                      {NicRole::Optical, 1, 1, BitsPerSecond(100'000'000'001)},
                      {NicRole::Optical, 1, 0, BitsPerSecond(7)}};
    AddHosts(plan, 3);
    const Picoseconds delay(1'000'001);
    const auto ocs = AddSwitch(plan,
                               {{2, 0}, {0, 0}, {1, 0}},
                               {NodeRole::OpticalCircuitSwitch, "patch panel", 0},
                               delay);
    plan.nodes[ocs].ports = 16;
    const auto rotor =
        AddSwitch(plan, {{0, 2}, {1, 2}}, {NodeRole::OpticalCircuitSwitch, "rotor", 0}, delay);
    AddSwitch(plan,
              {{0, 1}, {1, 1}, {2, 1}},
              {NodeRole::PacketSwitch, "eps", 0, Bytes((uint64_t{1} << 50) + 1), 3},
              Picoseconds(9'007'199'254'740'993)); // above 2^53
    const auto leaf = static_cast<uint32_t>(plan.nodes.size());
    plan.nodes.push_back({NodeRole::PacketSwitch, "spare", 1, {}, 0});
    plan.links.push_back({{leaf, 0}, {leaf - 1, 3}, BitsPerSecond(3), Picoseconds(0)});
    ++plan.nodes[leaf - 1].ports;
    plan.links.push_back({{0, 3}, {2, 3}, BitsPerSecond(7), delay});
    plan.schedules = {{ocs, {{CircuitConfiguration({}, {{0, 1}, {1, 2}, {2, 0}}), {}}}, {}},
                      {rotor,
                       {{CircuitConfiguration({{0, 1}}), Picoseconds(100'000'001)},
                        {CircuitConfiguration(), Picoseconds(1)}},
                       Picoseconds(10'000'000)}};
    plan.rings = {{{0, 1, 2}, 0}, {{0, 1}, 2}};
    plan.routes = {{0, 2, {1}, 0.1}, {0, 2, {}, 1.0 / 3}};
    plan.router = "relay";
    plan.relays = {1, 0};
    plan.controlDelay = Picoseconds(2'000'003);
    return plan;
}

} // namespace

TEST(FabricFileWriter, WritesEveryElectricalFabricSoThatItIsReadAsTheSame)
{
    for (const auto& plan : tests::SmallFabrics())
    {
        ExpectReadAsWritten(plan);
    }
}

TEST(FabricFileWriter, WritesRegionsAndPlanes)
{
    ExpectReadAsWritten(MixnetOf(1, 1));
    ExpectReadAsWritten(MixnetOf(3, 2));
    ExpectReadAsWritten(MixnetOf(2, 6));
}

TEST(FabricFileWriter, WritesTheNumaHalvesAndLinksOfAPrototypesServer)
{
    MixnetSpec spec;
    spec.hosts = 2;
    spec.host.opticalDegree = 4;
    spec.host.electricalNics = 1;
    spec.host.interconnect = GpuInterconnect::NvlinkPairs;
    spec.host.pcieRate = BitsPerSecond(256'000'000'000);
    ExpectReadAsWritten(PlanMixnet(spec));
}

TEST(FabricFileWriter, WritesEveryNumberExactlyAndEveryFieldOfWhatStandsOrFollowsASchedule)
{
    ExpectReadAsWritten(OddFabric());
}

TEST(FabricFileWriter, WritesEndpointsThatAreGpus)
{
    auto plan = MixnetOf(2, 2);
    for (auto& region : plan.regions)
    {
        const auto hosts = region.Hosts();
        region.endpoints.clear();
        for (const auto host : hosts)
        {
            for (const auto nic : plan.host.NicsOn(NicRole::Optical))
            {
                region.endpoints.push_back({host, plan.host.nics[nic].gpu});
            }
        }
        for (auto& plane : region.planes)
        {
            for (auto& attachment : plane.attachments)
            {
                // Six optical NICs per host, each with a GPU of its own
                const auto nics = plan.host.NicsOn(NicRole::Optical);
                const auto place = std::find(nics.begin(), nics.end(), attachment.nic);
                attachment.endpoint = attachment.endpoint * 6 + (place - nics.begin());
            }
        }
    }
    ExpectReadAsWritten(plan);
}

TEST(FabricFileWriter, KeepsLinesShort)
{
    const auto text = WriteFabric(MixnetOf(1, 1));
    EXPECT_NE(text.find("\n    [\"host0/1\", \"ocs0/0\"],\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("delay\""), std::string::npos) << text;
    EXPECT_EQ(text.find("rate\""), std::string::npos) << text;
}

TEST(FabricFileWriter, LeavesOutTheDelayOfAControlPathThatNothingTakes)
{
    auto plan = MixnetOf(1, 1);
    plan.controlDelay = Picoseconds(1);
    EXPECT_FALSE(ParseFabric(WriteFabric(plan), "written.json").controlDelay);
}

TEST(FabricFileWriter, RefusesWhatAReaderWouldNotMakeTheSame)
{
    auto plan = MixnetOf(1, 1);
    plan.regions[0].planes[0].attachments.pop_back();
    EXPECT_EQ(tests::Refusal([&] { WriteFabric(plan); }),
              "fabric mixnet: a region has other endpoints or attachments than its links give it");
    plan = OddFabric();
    plan.schedules[0].slots[0].circuits = CircuitConfiguration({{0, 9}});
    EXPECT_EQ(tests::Refusal([&] { WriteFabric(plan); }),
              "fabric odd \"fabric\": a circuit at port 9 of patch panel, where no NIC ends");
}
