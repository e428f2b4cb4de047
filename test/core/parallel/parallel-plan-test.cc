/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/keyed-random.h"
#include "ns3/parallel-plan.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

namespace
{

const std::vector<GroupKind> ALL_KINDS{GroupKind::Tensor,
                                       GroupKind::Expert,
                                       GroupKind::ExpertData,
                                       GroupKind::DenseData,
                                       GroupKind::Pipeline}; //!< every kind of group

/**
 * @param tp TP degree. @param ep EP degree. @param pp PP degree. @param dp DP degree.
 * @return a choice with one layer per stage.
 */
ParallelPlanSpec
Degrees(size_t tp, size_t ep, size_t pp, size_t dp)
{
    ParallelPlanSpec spec;
    spec.tensorParallel = tp;
    spec.expertParallel = ep;
    spec.pipelineParallel = pp;
    spec.dataParallel = dp;
    spec.layers = pp;
    return spec;
}

/// @param plan A plan. @param group One of its EP groups. @return the regions it has ranks in.
std::set<size_t>
RegionsOfGroup(const ParallelPlan& plan, size_t group)
{
    std::set<size_t> regions;
    for (const auto rank : plan.RanksOfExpertGroup(group))
    {
        regions.insert(plan.RegionOf(rank));
    }
    return regions;
}

/**
 * @param spec A choice.
 * @return the message of the refusal, empty if there is none.
 */
std::string
RefusalOf(const ParallelPlanSpec& spec)
{
    return tests::Refusal([&] { ParallelPlan plan(spec); });
}

/**
 * @param plan A plan. @param kind A kind of group.
 * @return the size that its groups should have.
 */
size_t
SizeOf(const ParallelPlan& plan, GroupKind kind)
{
    switch (kind)
    {
    case GroupKind::Tensor:
        return plan.TensorParallel();
    case GroupKind::Expert:
        return plan.ExpertParallel();
    case GroupKind::ExpertData:
        return plan.DataParallel();
    case GroupKind::DenseData:
        return plan.DataParallel() * plan.ExpertParallel();
    case GroupKind::Pipeline:
        return plan.PipelineParallel();
    }
    return 0;
}

/**
 * @brief A plan that fits, of up to 4 x 32 x 8 x 4 ranks.
 * @param random Place of the plan.
 * @return what to build it from; every third one has a random placement of whole TP groups.
 */
ParallelPlanSpec
RandomSpec(const KeyedRandom& random)
{
    auto spec = Degrees(size_t{1} << random.Bits(0) % 3,
                        size_t{1} << random.Bits(1) % 6,
                        1 + random.Bits(2) % 8,
                        1 + random.Bits(3) % 4);
    const auto group = spec.tensorParallel * spec.expertParallel;
    spec.gpusPerHost = spec.tensorParallel << random.Bits(4) % 3;
    const auto gpus = group * spec.dataParallel * spec.pipelineParallel;
    while (gpus > spec.gpusPerHost && gpus % spec.gpusPerHost != 0)
    {
        spec.gpusPerHost /= 2;
    }
    spec.chunksPerStage = 1 + random.Bits(5) % 3;
    spec.layers = spec.pipelineParallel * spec.chunksPerStage + random.Bits(6) % 20;
    if (random.Bits(7) % 3 == 0)
    {
        const auto tensorGroups = gpus / spec.tensorParallel;
        for (const auto place : random.At(0).Permutation(tensorGroups))
        {
            for (size_t t = 0; t < spec.tensorParallel; ++t)
            {
                spec.gpuOfRank.push_back(place * spec.tensorParallel + t);
            }
        }
    }
    return spec;
}

/**
 * @param call Something that asks for what is not there.
 * @return whether it is refused as out of range.
 */
template <class Call>
bool
IsOutOfRange(Call call)
{
    try
    {
        call();
    }
    catch (const std::out_of_range&)
    {
        return true;
    }
    return false;
}

} // namespace

TEST(ParallelPlan, DerivesTheReplicasFromTheGpus)
{
    // Mixtral 8x22B on 1024 GPUs: 1024 / (8 * 8 * 8) = 2 replicas
    auto spec = Degrees(8, 8, 8, 0);
    spec.gpus = 1024;
    const ParallelPlan plan(spec);
    EXPECT_EQ(plan.DataParallel(), 2U);
    EXPECT_EQ(plan.Hosts(), 128U);
    EXPECT_EQ(plan.HostsPerRegion(), 8U);
    EXPECT_EQ(plan.Regions(), 16U);
}

TEST(ParallelPlan, TakesOneReplicaWhenNeitherGpusNorReplicasAreGiven)
{
    const ParallelPlan plan(Degrees(4, 8, 4, 0));
    EXPECT_EQ(plan.DataParallel(), 1U);
    EXPECT_EQ(plan.Ranks(), 128U);
}

TEST(ParallelPlan, HasOneRankWhenEveryDegreeIsOne)
{
    const ParallelPlan plan(Degrees(1, 1, 1, 1));
    EXPECT_EQ(plan.Ranks(), 1U);
    EXPECT_EQ(plan.Hosts(), 1U);
    EXPECT_EQ(plan.Regions(), 1U);
    for (const auto kind : ALL_KINDS)
    {
        EXPECT_EQ(plan.Groups(kind), (std::vector<std::vector<size_t>>{{0}}));
    }
}

TEST(ParallelPlan, NumbersTensorFastestThenExpertThenReplicaThenStage)
{
    const ParallelPlan plan(Degrees(2, 4, 5, 3));
    EXPECT_EQ(plan.RankAt({1, 0, 0, 0}), 1U);
    EXPECT_EQ(plan.RankAt({0, 1, 0, 0}), 2U);
    EXPECT_EQ(plan.RankAt({0, 0, 1, 0}), 2U * 4);
    EXPECT_EQ(plan.RankAt({0, 0, 0, 1}), 2U * 4 * 3);
    EXPECT_EQ(plan.RankAt({1, 3, 2, 4}), 2U * 4 * 3 * 5 - 1);
}

TEST(ParallelPlan, GroupsRanksByTheCoordinatesTheyShare)
{
    // TP 2, EP 2, DP 2, PP 2: rank = t + 2e + 4d + 8p; rank 5 is t 1, e 0, d 1, p 0.
    auto spec = Degrees(2, 2, 2, 2);
    spec.gpusPerHost = 4;
    const ParallelPlan plan(spec);
    EXPECT_EQ(plan.GroupOf(GroupKind::Tensor, 5), (std::vector<size_t>{4, 5}));
    EXPECT_EQ(plan.GroupOf(GroupKind::Expert, 5), (std::vector<size_t>{5, 7}));
    EXPECT_EQ(plan.GroupOf(GroupKind::ExpertData, 5), (std::vector<size_t>{1, 5}));
    EXPECT_EQ(plan.GroupOf(GroupKind::DenseData, 5), (std::vector<size_t>{1, 3, 5, 7}));
    EXPECT_EQ(plan.GroupOf(GroupKind::Pipeline, 5), (std::vector<size_t>{5, 13}));
    EXPECT_EQ(plan.RanksOfExpertGroup(1), (std::vector<size_t>{4, 5, 6, 7}));
}

TEST(ParallelPlan, PutsSeveralSmallGroupsIntoOneHostWhichIsTheirRegion)
{
    // EP 2 x TP 2 on hosts of 8: two groups per host, 6 groups in 3 regions
    const ParallelPlan plan(Degrees(2, 2, 2, 3));
    EXPECT_EQ(plan.HostsPerRegion(), 1U);
    EXPECT_EQ(plan.Regions(), 3U);
    EXPECT_EQ(RegionsOfGroup(plan, 0), (std::set<size_t>{0}));
    EXPECT_EQ(RegionsOfGroup(plan, 1), (std::set<size_t>{0}));
    EXPECT_EQ(RegionsOfGroup(plan, 2), (std::set<size_t>{1}));
}

TEST(ParallelPlan, PutsSeveralGroupsIntoOneLargerRegionOnRequest)
{
    // EP groups of 2 hosts, regions of 4 hosts
    auto spec = Degrees(1, 16, 4, 1);
    spec.hostsPerRegion = 4;
    const ParallelPlan plan(spec);
    EXPECT_EQ(plan.Regions(), 2U);
    EXPECT_EQ(RegionsOfGroup(plan, 1), (std::set<size_t>{0}));
    EXPECT_EQ(RegionsOfGroup(plan, 2), (std::set<size_t>{1}));
}

TEST(ParallelPlan, FollowsThePlacementTable)
{
    // Two EP groups of one host each; ranks 0 and 8 change places.
    auto spec = Degrees(1, 8, 1, 2);
    spec.gpuOfRank = {8, 1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15};
    const ParallelPlan plan(spec);
    EXPECT_EQ(plan.GpuOf(0), 8U);
    EXPECT_EQ(plan.HostOf(0), 1U);
    EXPECT_EQ(RegionsOfGroup(plan, 0), (std::set<size_t>{0, 1}));
}

TEST(ParallelPlan, SaysItsSizeInOneLine)
{
    EXPECT_EQ(ParallelPlan(Degrees(8, 8, 8, 2)).Summary(),
              "1024 GPUs = DP 2 x PP 8 x EP 8 x TP 8; 128 hosts of 8 GPUs in 16 regions of 8 "
              "hosts");
}

TEST(ParallelPlan, PutsEveryRankOfRandomPlansInOneGroupOfEachKind)
{
    for (uint64_t number = 0; number < 1000; ++number)
    {
        const ParallelPlan plan(RandomSpec(KeyedRandom(1).At(number)));
        for (const auto kind : ALL_KINDS)
        {
            std::vector<size_t> timesSeen(plan.Ranks());
            for (const auto& group : plan.Groups(kind))
            {
                ASSERT_EQ(group.size(), SizeOf(plan, kind)) << number;
                ASSERT_TRUE(std::is_sorted(group.begin(), group.end())) << number;
                for (const auto rank : group)
                {
                    ++timesSeen.at(rank);
                }
                ASSERT_EQ(plan.GroupOf(kind, group.back()), group) << number;
            }
            ASSERT_EQ(std::count(timesSeen.begin(), timesSeen.end(), 1U),
                      static_cast<ptrdiff_t>(plan.Ranks()))
                << number;
        }
    }
}

TEST(ParallelPlan, ReturnsEveryRankOfRandomPlansFromItsCoordinates)
{
    for (uint64_t number = 0; number < 1000; ++number)
    {
        const ParallelPlan plan(RandomSpec(KeyedRandom(1).At(number)));
        for (size_t rank = 0; rank < plan.Ranks(); ++rank)
        {
            ASSERT_EQ(plan.RankAt(plan.CoordinatesOf(rank)), rank) << number;
            const auto at = plan.CoordinatesOf(rank);
            const auto group = plan.RanksOfExpertGroup(at.replica + plan.DataParallel() * at.stage);
            ASSERT_EQ(group.at(at.tensor + plan.TensorParallel() * at.expert), rank) << number;
        }
    }
}

TEST(ParallelPlan, FormsContiguousRegionsThatHoldWholeGroupsInRandomPlans)
{
    size_t seen = 0;
    for (uint64_t number = 0; number < 1000; ++number)
    {
        const auto spec = RandomSpec(KeyedRandom(1).At(number));
        if (!spec.gpuOfRank.empty())
        {
            continue;
        }
        ++seen;
        const ParallelPlan plan(spec);
        const auto group = plan.TensorParallel() * plan.ExpertParallel();
        ASSERT_EQ(plan.HostsPerRegion() * plan.Regions(), plan.Hosts()) << number;
        ASSERT_EQ(plan.HostsPerRegion(), std::max<size_t>(1, group / spec.gpusPerHost)) << number;
        for (size_t rank = 1; rank < plan.Ranks(); ++rank)
        {
            const auto step = plan.RegionOf(rank) - plan.RegionOf(rank - 1);
            const bool crosses = rank % (plan.HostsPerRegion() * spec.gpusPerHost) == 0;
            ASSERT_EQ(step, crosses ? 1U : 0U) << number;
        }
        for (size_t each = 0; each < plan.ExpertGroups(); ++each)
        {
            ASSERT_EQ(RegionsOfGroup(plan, each).size(), 1U) << number;
        }
    }
    EXPECT_GT(seen, 500U);
}

TEST(ParallelPlan, KeepsTensorGroupsInOneHostInRandomPlans)
{
    for (uint64_t number = 0; number < 1000; ++number)
    {
        const ParallelPlan plan(RandomSpec(KeyedRandom(1).At(number)));
        for (const auto& group : plan.Groups(GroupKind::Tensor))
        {
            ASSERT_EQ(plan.HostOf(group.front()), plan.HostOf(group.back())) << number;
        }
    }
}

TEST(ParallelPlan, RefusesGpusThatAReplicaDoesNotDivide)
{
    auto spec = Degrees(8, 8, 8, 0);
    spec.gpus = 1000;
    EXPECT_EQ(RefusalOf(spec),
              "1000 GPUs: TP 8 x EP 8 x PP 8 = 512 per replica does not divide them; "
              "expected a multiple of 512, or smaller degrees");
}

TEST(ParallelPlan, RefusesGpusThatDisagreeWithTheReplicas)
{
    auto spec = Degrees(8, 8, 8, 1);
    spec.gpus = 1024;
    EXPECT_EQ(RefusalOf(spec),
              "1024 GPUs: DP 1 x (TP 8 x EP 8 x PP 8 = 512 per replica) takes 512; leave one of "
              "GPUs and DP out");
}

TEST(ParallelPlan, RefusesADegreeOfZero)
{
    EXPECT_EQ(RefusalOf(Degrees(0, 8, 8, 1)), "TP degree is 0; expected at least 1");
    EXPECT_EQ(RefusalOf(Degrees(8, 0, 8, 1)), "EP degree is 0; expected at least 1");
    EXPECT_EQ(RefusalOf(Degrees(8, 8, 0, 1)), "PP degree is 0; expected at least 1");
}

TEST(ParallelPlan, RefusesDegreesWhoseProductIsOutOfReach)
{
    // 2^24 is the bound; 2^40 * 2^40 would wrap around to nothing in 64 bits.
    EXPECT_EQ(RefusalOf(Degrees(size_t{1} << 40, size_t{1} << 40, 1, 1)),
              "TP degree is 1099511627776, which takes the job beyond 16777216 GPUs; expected a "
              "smaller one");
}

TEST(ParallelPlan, RefusesGroupsThatDoNotFitHosts)
{
    EXPECT_EQ(RefusalOf(Degrees(3, 8, 1, 1)),
              "EP 8 x TP 3 on hosts of 8 GPUs; expected a TP degree that divides the GPUs of a "
              "host or is a multiple of them");
    EXPECT_EQ(RefusalOf(Degrees(1, 12, 1, 1)),
              "EP 12 x TP 1 on hosts of 8 GPUs; expected EP x TP = 12 to fit one host or to be a "
              "multiple of its GPUs");
    EXPECT_EQ(RefusalOf(Degrees(2, 3, 1, 4)),
              "8 GPUs of a host: EP 3 x TP 2 = 6 per EP group does not divide them");
}

TEST(ParallelPlan, RefusesAHalfFullLastHost)
{
    EXPECT_EQ(RefusalOf(Degrees(2, 2, 3, 1)), "12 GPUs do not fill hosts of 8");
}

TEST(ParallelPlan, RefusesRegionsThatTearGroupsOrDoNotComeOut)
{
    auto spec = Degrees(8, 8, 8, 2);
    spec.hostsPerRegion = 4;
    EXPECT_EQ(RefusalOf(spec),
              "regions of 4 hosts: an EP group takes 8; expected a multiple of that");
    spec.hostsPerRegion = 24;
    EXPECT_EQ(RefusalOf(spec), "regions of 24 hosts: they do not divide the 128 hosts of the job");
}

TEST(ParallelPlan, RefusesATableThatIsNoPermutation)
{
    auto spec = Degrees(1, 4, 1, 1);
    spec.gpuOfRank = {0, 1, 2};
    EXPECT_EQ(RefusalOf(spec),
              "placement: a table of 3 GPUs for 4 ranks; expected one GPU for each");
    spec.gpuOfRank = {0, 1, 2, 4};
    EXPECT_EQ(RefusalOf(spec), "placement: rank 3 is on GPU 4; expected a GPU from 0 to 3");
    spec.gpuOfRank = {0, 1, 2, 1};
    EXPECT_EQ(RefusalOf(spec),
              "placement: rank 3 is on GPU 1, where rank 1 is; expected a GPU of its own");
}

TEST(ParallelPlan, RefusesATableThatTearsATensorGroup)
{
    auto spec = Degrees(2, 2, 1, 1);
    spec.gpusPerHost = 2;
    spec.gpuOfRank = {0, 2, 1, 3};
    EXPECT_EQ(RefusalOf(spec),
              "placement: rank 1 is on GPU 2 in host 1, but rank 0 of its TP group is in host 0; "
              "expected one host");
}

TEST(ParallelPlan, LetsTensorGroupsFillHosts)
{
    // 16 ranks on two hosts of 8; the EP group of four such is a region of eight hosts.
    const ParallelPlan plan(Degrees(16, 4, 2, 2));
    EXPECT_EQ(plan.Hosts(), 32U);
    EXPECT_EQ(plan.HostsPerRegion(), 8U);
    EXPECT_EQ(plan.Regions(), 4U);
    for (const auto& group : plan.Groups(GroupKind::Tensor))
    {
        ASSERT_EQ(group.size(), 16U);
        EXPECT_EQ(plan.HostOf(group.front()) % 2, 0U);
        for (size_t rank = 0; rank < group.size(); ++rank)
        {
            EXPECT_EQ(plan.HostOf(group[rank]), plan.HostOf(group.front()) + rank / 8);
        }
    }
    for (size_t group = 0; group < plan.ExpertGroups(); ++group)
    {
        EXPECT_EQ(RegionsOfGroup(plan, group), std::set<size_t>{group});
    }
}

TEST(ParallelPlan, RefusesATableThatTearsATensorGroupThatFillsHosts)
{
    auto spec = Degrees(4, 1, 1, 1);
    spec.gpusPerHost = 2;
    spec.gpuOfRank = {2, 3, 0, 1}; // whole hosts may change places
    EXPECT_EQ(RefusalOf(spec), "");
    spec.gpuOfRank = {0, 2, 1, 3};
    EXPECT_EQ(RefusalOf(spec),
              "placement: rank 1 is on GPU 2 in host 1, but rank 0 of its TP group is in host 0; "
              "expected one host");
}

TEST(ParallelPlan, RefusesWhatIsNotThere)
{
    const ParallelPlan plan(Degrees(2, 4, 1, 1));
    EXPECT_TRUE(IsOutOfRange([&plan] { plan.CoordinatesOf(8); }));
    EXPECT_TRUE(IsOutOfRange([&plan] { plan.GpuOf(8); }));
    EXPECT_TRUE(IsOutOfRange([&plan] { plan.RankAt({2, 0, 0, 0}); }));
    EXPECT_TRUE(IsOutOfRange([&plan] { plan.RankAt({0, 4, 0, 0}); }));
    EXPECT_TRUE(IsOutOfRange([&plan] { plan.RanksOfExpertGroup(1); }));
    EXPECT_TRUE(IsOutOfRange([&plan] { plan.GroupOf(GroupKind::Pipeline, 8); }));
}
