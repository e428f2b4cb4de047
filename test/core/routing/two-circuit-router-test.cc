/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/mixnet-planner.h"
#include "ns3/two-circuit-router.h"

#include <gtest/gtest.h>
#include <map>
#include <numeric>
#include <stdexcept>
#include <variant>
#include <vector>

using namespace mixnetcore;

namespace
{

/// @return eight hosts of eight GPUs, which all may relay; NICs 0 and 4 are electrical.
FabricPlan
RelayingFabric()
{
    MixnetSpec spec;
    spec.hosts = 8;
    spec.electrical.tiers = 1;
    auto plan = PlanMixnet(spec);
    plan.router = "two-circuits";
    plan.relays.resize(spec.hosts);
    std::iota(plan.relays.begin(), plan.relays.end(), 0);
    return plan;
}

/// Circuits between hosts: 0 - 1, 0 - 2, 1 - 3 and 2 - 3; 4 - 5; 6 - 7.
const FabricState SQUARE{{{{0, 1}, {1, 1}},
                          {{0, 2}, {2, 2}},
                          {{1, 3}, {3, 3}},
                          {{2, 5}, {3, 5}},
                          {{4, 6}, {5, 6}},
                          {{6, 7}, {7, 7}}}};

/// @param from A host. @param to Another. @return bytes of each pair of their GPUs.
std::vector<GpuDemand>
EightPairs(uint32_t from, uint32_t to)
{
    std::vector<GpuDemand> demand;
    for (uint32_t gpu = 0; gpu < 8; ++gpu)
    {
        demand.push_back({{from, gpu}, {to, gpu}, Bytes(1000 + gpu)});
    }
    return demand;
}

/// @param route A route. @return the hosts that it crosses, without the first.
std::vector<uint32_t>
HostsAlong(const Route& route)
{
    std::vector<uint32_t> hosts;
    for (const auto& leg : route)
    {
        if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
        {
            hosts.push_back(rdma->to.host);
        }
    }
    return hosts;
}

} // namespace

TEST(TwoCircuitRouter, MakesCircuitsAndElectricalNicsBusyEquallyLong)
{
    // Host 0 has one circuit to each of 2 hosts, and 5 peers without: of the same bytes B for each
    // an electrical NIC has 5 (1 - x) B / 2, a circuit (2 + 10 x) B / 2: both 2 B at x = 1 / 5.
    const auto router = MakeRouter(RelayingFabric(), SQUARE);
    const auto demand = EightPairs(0, 3);
    uint64_t total = 0;
    for (const auto& entry : demand)
    {
        total += entry.bytes.Count();
    }
    std::map<std::vector<uint32_t>, uint64_t> over;
    for (const auto& transfer : router->Route(demand))
    {
        over[HostsAlong(transfer.route)] += transfer.bytes.Count();
        EXPECT_GT(transfer.bytes, Bytes(0));
    }
    const std::vector<uint32_t> direct{3};
    const std::vector<uint32_t> by1{1, 3};
    const std::vector<uint32_t> by2{2, 3};
    ASSERT_EQ(over.size(), 3U);
    EXPECT_NEAR(double(over[direct]), 0.8 * double(total), 2);
    EXPECT_NEAR(double(over[by1]), 0.1 * double(total), 2);
    EXPECT_NEAR(double(over[by2]), 0.1 * double(total), 2);
    EXPECT_EQ(over[direct] + over[by1] + over[by2], total);
}

TEST(TwoCircuitRouter, LeadsRoutesFromGpuToGpuWithoutAGap)
{
    // Each leg begins where the one before has ended: at the GPU of a NIC, or by NVSwitch from
    // there.
    const auto fabric = RelayingFabric();
    const auto& nics = fabric.host.nics;
    for (const auto& transfer : MakeRouter(fabric, SQUARE)->Route(EightPairs(1, 2)))
    {
        auto at = transfer.source;
        for (const auto& leg : transfer.route)
        {
            if (const auto* inside = std::get_if<NvswitchLeg>(&leg))
            {
                EXPECT_TRUE(at == (GpuId{inside->host, inside->fromGpu}));
                at.gpu = inside->toGpu;
                continue;
            }
            const auto& rdma = std::get<RdmaLeg>(leg);
            EXPECT_TRUE(at == (GpuId{rdma.from.host, nics[rdma.from.nic].gpu}));
            at = {rdma.to.host, nics[rdma.to.nic].gpu};
        }
        EXPECT_TRUE(at == transfer.destination);
    }
}

TEST(TwoCircuitRouter, RoutesPairsWithCircuitsAsDelegatesDo)
{
    auto fabric = RelayingFabric();
    const auto two = MakeRouter(fabric, SQUARE)->Route(EightPairs(0, 1));
    fabric.router = "delegate";
    const auto delegate = MakeRouter(fabric, SQUARE)->Route(EightPairs(0, 1));
    ASSERT_EQ(two.size(), delegate.size());
    for (size_t i = 0; i < two.size(); ++i)
    {
        EXPECT_EQ(two[i].bytes, delegate[i].bytes);
        EXPECT_EQ(HostsAlong(two[i].route), (std::vector<uint32_t>{1}));
    }
}

TEST(TwoCircuitRouter, TakesElectricalNicsAloneWhereNobodyIsInBetween)
{
    for (const auto& transfer : MakeRouter(RelayingFabric(), SQUARE)->Route(EightPairs(0, 4)))
    {
        EXPECT_EQ(HostsAlong(transfer.route), (std::vector<uint32_t>{4}));
    }
}

TEST(TwoCircuitRouter, TakesElectricalNicsAloneWhereTheyAreDoneFirst)
{
    // Of four hosts one has no circuit to host 0: two NICs carry half of what each circuit does.
    const FabricState state{
        {{{0, 1}, {1, 1}}, {{0, 2}, {2, 2}}, {{1, 3}, {3, 3}}, {{2, 5}, {3, 5}}}};
    for (const auto& transfer : MakeRouter(RelayingFabric(), state)->Route(EightPairs(0, 3)))
    {
        EXPECT_EQ(HostsAlong(transfer.route), (std::vector<uint32_t>{3}));
    }
}

TEST(TwoCircuitRouter, IsForFabricsWithRegionsAndHostsThatMayRelay)
{
    auto fabric = RelayingFabric();
    fabric.relays.clear();
    EXPECT_THROW(MakeRouter(fabric, SQUARE)->Route(EightPairs(0, 3)), std::logic_error);
    fabric.regions.clear();
    EXPECT_THROW(MakeRouter(fabric), std::invalid_argument);
}
