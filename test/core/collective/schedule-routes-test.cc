/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/region-router.h"
#include "ns3/schedule-routes.h"

#include <gtest/gtest.h>
#include <map>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/// @param hosts Hosts. @param perHost GPUs of each. @return members, host by host.
std::vector<GpuId>
Members(uint32_t hosts, uint32_t perHost)
{
    std::vector<GpuId> members;
    for (uint32_t member = 0; member < hosts * perHost; ++member)
    {
        members.push_back({member / perHost, member % perHost});
    }
    return members;
}

/// @return a host of 8 GPUs with 2 electrical NICs, one in each half.
HostPlan
GatewayHost()
{
    HostSpec spec;
    spec.electricalNics = 2;
    spec.opticalDegree = 6;
    return PlanHost(spec);
}

} // namespace

TEST(ScheduleRoutes, GoByNvswitchInsideOfTheHost)
{
    const auto flows = ScheduleTensorCollective(TensorCollective::AllGather,
                                                TensorAlgorithm::Direct,
                                                4,
                                                Bytes(400));
    const auto routes = RoutesOfSchedule(flows, {{7, 3}, {7, 2}, {7, 1}, {7, 0}}, 7, nullptr);
    ASSERT_EQ(routes.size(), flows.size());
    for (size_t i = 0; i < flows.size(); ++i)
    {
        ASSERT_EQ(routes[i].size(), 1U);
        EXPECT_EQ(routes[i][0].bytes, flows[i].bytes);
        ASSERT_EQ(routes[i][0].route.size(), 1U);
        const auto& leg = std::get<NvswitchLeg>(routes[i][0].route[0]);
        EXPECT_EQ(leg.host, 7U);
        EXPECT_EQ(leg.fromGpu, 3 - flows[i].from);
        EXPECT_EQ(leg.toGpu, 3 - flows[i].to);
    }
}

TEST(ScheduleRoutes, CarryAllBytesOfFlowsThatBeginInTheHostAndNoOthers)
{
    const RegionRouter router(GatewayHost(), {});
    const auto members = Members(3, 8);
    for (const auto algorithm :
         {TensorAlgorithm::Direct, TensorAlgorithm::Ring, TensorAlgorithm::Merged})
    {
        const auto flows =
            ScheduleTensorCollective(TensorCollective::AllReduce, algorithm, 3, 8, Bytes(9999));
        for (uint32_t host = 0; host < 3; ++host)
        {
            const auto routes = RoutesOfSchedule(flows, members, host, &router);
            for (size_t i = 0; i < flows.size(); ++i)
            {
                Bytes sum;
                for (const auto& transfer : routes[i])
                {
                    EXPECT_TRUE(transfer.source == members[flows[i].from]);
                    EXPECT_TRUE(transfer.destination == members[flows[i].to]);
                    sum += transfer.bytes;
                }
                const bool begins = members[flows[i].from].host == host;
                EXPECT_EQ(sum, begins ? flows[i].bytes : Bytes(0));
            }
        }
    }
}

TEST(ScheduleRoutes, ShareTheNicsInEveryStep)
{
    // 8 GPUs send a shard of 100 bytes to the next host in each of 2 steps, over 2 NICs.
    const RegionRouter router(GatewayHost(), {});
    const auto flows = ScheduleTensorCollective(TensorCollective::AllGather,
                                                TensorAlgorithm::Ring,
                                                3,
                                                8,
                                                Bytes(2400));
    const auto routes = RoutesOfSchedule(flows, Members(3, 8), 0, &router);
    std::map<std::pair<uint32_t, uint32_t>, uint64_t> byStepAndNic;
    for (size_t i = 0; i < flows.size(); ++i)
    {
        for (const auto& transfer : routes[i])
        {
            for (const auto& leg : transfer.route)
            {
                if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
                {
                    byStepAndNic[{flows[i].step, rdma->from.nic}] += transfer.bytes.Count();
                    // A GPU takes the NIC of its own half.
                    EXPECT_EQ(GatewayHost().nics[rdma->from.nic].numaHalf,
                              GatewayHost().NumaHalfOf(transfer.source.gpu));
                }
            }
        }
    }
    ASSERT_EQ(byStepAndNic.size(), 4U);
    for (const auto& [key, bytes] : byStepAndNic)
    {
        EXPECT_EQ(bytes, 400U) << "step " << key.first << ", NIC " << key.second;
    }
}

TEST(ScheduleRoutes, RefuseToLeaveTheHostWithoutARouter)
{
    const auto flows = ScheduleTensorCollective(TensorCollective::AllGather,
                                                TensorAlgorithm::Direct,
                                                2,
                                                1,
                                                Bytes(10));
    EXPECT_THROW(RoutesOfSchedule(flows, Members(2, 1), 0, nullptr), std::invalid_argument);
}
