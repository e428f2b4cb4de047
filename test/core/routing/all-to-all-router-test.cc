/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/all-to-all-router.h"

#include <cmath>
#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/**
 * @brief Sends what is between two hosts on one RDMA leg, and writes down what it is asked.
 */
class ListingRouter : public AllToAllRouter
{
  public:
    mutable std::vector<std::vector<GpuDemand>> asked; //!< entries of each call

  private:
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override
    {
        asked.push_back(demand);
        for (const auto& [source, destination, bytes] : demand)
        {
            transfers.push_back(
                {source,
                 destination,
                 bytes,
                 {RdmaLeg{{source.host, 0}, {destination.host, 0}, NicRole::Electrical}}});
        }
    }
};

} // namespace

TEST(AllToAllRouter, GoesStraightFromGpuToGpuInsideAHost)
{
    const ListingRouter router;
    const auto transfers = router.Route({{{2, 3}, {2, 6}, Bytes(1000)}});
    ASSERT_EQ(transfers.size(), 1U);
    EXPECT_TRUE(transfers[0].source == (GpuId{2, 3}));
    EXPECT_TRUE(transfers[0].destination == (GpuId{2, 6}));
    EXPECT_EQ(transfers[0].bytes, Bytes(1000));
    ASSERT_EQ(transfers[0].route.size(), 1U);
    const auto& leg = std::get<NvswitchLeg>(transfers[0].route[0]);
    EXPECT_EQ(leg.host, 2U);
    EXPECT_EQ(leg.fromGpu, 3U);
    EXPECT_EQ(leg.toGpu, 6U);
    EXPECT_TRUE(router.asked.empty());
}

TEST(AllToAllRouter, LeavesWhatStaysOnItsGpuWithoutLegs)
{
    const auto transfers = ListingRouter().Route({{{2, 3}, {2, 3}, Bytes(7)}});
    ASSERT_EQ(transfers.size(), 1U);
    EXPECT_EQ(transfers[0].bytes, Bytes(7));
    EXPECT_TRUE(transfers[0].route.empty());
}

TEST(AllToAllRouter, SkipsZeroBytes)
{
    const ListingRouter router;
    EXPECT_TRUE(router.Route({}).empty());
    EXPECT_TRUE(router
                    .Route({{{0, 0}, {0, 0}, Bytes(0)},
                            {{0, 0}, {0, 1}, Bytes(0)},
                            {{0, 0}, {1, 0}, Bytes(0)}})
                    .empty());
    EXPECT_TRUE(router.asked.empty());
    EXPECT_EQ(router.Route({{{0, 0}, {1, 0}, Bytes(0)}, {{0, 1}, {1, 0}, Bytes(1)}}).size(), 1U);
    ASSERT_EQ(router.asked.size(), 1U);
    EXPECT_EQ(router.asked[0].size(), 1U);
}

TEST(AllToAllRouter, AsksOnceForEachHostPairInTheOrderOfFirstOccurrence)
{
    // 0 > 2, 0 > 1, 0 > 2, 1 > 0: three pairs; the direction counts.
    const ListingRouter router;
    const auto transfers = router.Route({{{0, 1}, {2, 0}, Bytes(1)},
                                         {{0, 2}, {1, 0}, Bytes(20)},
                                         {{0, 3}, {2, 5}, Bytes(300)},
                                         {{1, 4}, {0, 0}, Bytes(4000)}});
    ASSERT_EQ(router.asked.size(), 3U);
    ASSERT_EQ(router.asked[0].size(), 2U);
    EXPECT_EQ(router.asked[0][0].bytes, Bytes(1));
    EXPECT_EQ(router.asked[0][1].bytes, Bytes(300));
    EXPECT_TRUE(router.asked[0][1].source == (GpuId{0, 3}));
    EXPECT_TRUE(router.asked[0][1].destination == (GpuId{2, 5}));
    ASSERT_EQ(router.asked[1].size(), 1U);
    EXPECT_EQ(router.asked[1][0].bytes, Bytes(20));
    ASSERT_EQ(router.asked[2].size(), 1U);
    EXPECT_EQ(router.asked[2][0].bytes, Bytes(4000));
    std::vector<uint64_t> sizes;
    for (const auto& transfer : transfers)
    {
        sizes.push_back(transfer.bytes.Count());
    }
    EXPECT_EQ(sizes, (std::vector<uint64_t>{1, 300, 20, 4000}));
}

TEST(DelegatedRoute, GathersCrossesAndScatters)
{
    const auto route = DelegatedRoute(PlanHost({}), {3, 0}, {5, 7}, 1, 2);
    ASSERT_EQ(route.size(), 3U);
    const auto& gather = std::get<NvswitchLeg>(route[0]);
    EXPECT_EQ(gather.host, 3U);
    EXPECT_EQ(gather.fromGpu, 0U);
    EXPECT_EQ(gather.toGpu, 1U);
    const auto& rdma = std::get<RdmaLeg>(route[1]);
    EXPECT_TRUE(rdma.from == (NicId{3, 1}));
    EXPECT_TRUE(rdma.to == (NicId{5, 2}));
    EXPECT_EQ(rdma.side, NicRole::Optical);
    const auto& scatter = std::get<NvswitchLeg>(route[2]);
    EXPECT_EQ(scatter.host, 5U);
    EXPECT_EQ(scatter.fromGpu, 2U);
    EXPECT_EQ(scatter.toGpu, 7U);
}

TEST(DelegatedRoute, LeavesOutTheNvswitchWhereAGpuIsItsOwnDelegate)
{
    const auto direct = DelegatedRoute(PlanHost({}), {0, 4}, {1, 0}, 4, 0);
    ASSERT_EQ(direct.size(), 1U);
    EXPECT_EQ(std::get<RdmaLeg>(direct[0]).side, NicRole::Electrical);
    const auto gathered = DelegatedRoute(PlanHost({}), {0, 3}, {1, 0}, 4, 0);
    ASSERT_EQ(gathered.size(), 2U);
    EXPECT_EQ(std::get<NvswitchLeg>(gathered[0]).host, 0U);
    const auto scattered = DelegatedRoute(PlanHost({}), {0, 4}, {1, 5}, 4, 0);
    ASSERT_EQ(scattered.size(), 2U);
    EXPECT_EQ(std::get<NvswitchLeg>(scattered[1]).host, 1U);
}

TEST(DelegatedRoute, UsesTheGpuThatTheNicIsAttachedToNotTheNicsNumber)
{
    auto host = PlanHost({});
    host.nics[1].gpu = 6;
    host.nics[2].gpu = 5;
    const auto route = DelegatedRoute(host, {0, 6}, {1, 2}, 1, 2);
    ASSERT_EQ(route.size(), 2U);
    EXPECT_EQ(std::get<RdmaLeg>(route[0]).from.nic, 1U);
    EXPECT_EQ(std::get<NvswitchLeg>(route[1]).fromGpu, 5U);
    EXPECT_EQ(std::get<NvswitchLeg>(route[1]).toGpu, 2U);
}

TEST(PadTransfers, LetsATransferTakeAsLongAsItsBytesOverTheEfficiency)
{
    std::vector<Transfer> transfers{{{0, 0}, {1, 0}, Bytes(1000), {}},
                                    {{0, 1}, {1, 0}, Bytes(1), {}},
                                    {{0, 2}, {1, 0}, Bytes(0), {}}};
    PadTransfers(transfers, 0.3);
    // 1000 / 0.3 and 1 / 0.3, rounded up.
    EXPECT_EQ(transfers[0].bytes, Bytes(3334));
    EXPECT_EQ(transfers[0].Payload(), Bytes(1000));
    EXPECT_EQ(transfers[1].bytes, Bytes(4));
    EXPECT_EQ(transfers[1].Payload(), Bytes(1));
    EXPECT_EQ(transfers[2].bytes, Bytes(0));
}

TEST(PadTransfers, ChangesNothingAtFullRate)
{
    std::vector<Transfer> transfers{{{0, 0}, {1, 0}, Bytes((uint64_t{1} << 50) + 1), {}}};
    PadTransfers(transfers, 1);
    EXPECT_EQ(transfers[0].bytes, Bytes((uint64_t{1} << 50) + 1));
    EXPECT_EQ(transfers[0].padding, Bytes(0));
}

TEST(PadTransfers, RefusesEfficienciesOutOfRange)
{
    std::vector<Transfer> transfers{{{0, 0}, {1, 0}, Bytes(uint64_t{1} << 40), {}}};
    for (const double efficiency : {0.0, -0.5, 1.0001, std::nan(""), 1e-10})
    {
        EXPECT_THROW(PadTransfers(transfers, efficiency), std::invalid_argument) << efficiency;
        EXPECT_EQ(transfers[0].bytes, Bytes(uint64_t{1} << 40));
    }
}
