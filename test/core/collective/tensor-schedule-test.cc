/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/max-min-solver.h"
#include "ns3/tensor-schedule.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

using Flows = std::vector<ScheduledFlow>;

/**
 * @brief A collective, the way to carry it out, and its size; what a test goes through.
 */
struct Case
{
    TensorCollective collective; //!< what
    TensorAlgorithm algorithm;   //!< how
    uint32_t members;            //!< members
    uint64_t total;              //!< bytes of the buffer

    /// @return the flows.
    Flows Schedule() const
    {
        return ScheduleTensorCollective(collective, algorithm, members, Bytes(total));
    }

    /// @return shards that are not empty.
    uint32_t Shards() const
    {
        return static_cast<uint32_t>(std::min<uint64_t>(members, total));
    }

    /// @return flows of a reduction or a gathering: each shard goes to or from all others.
    size_t FlowsOfAHalf() const
    {
        return size_t{Shards()} * (members - 1);
    }

    /// @return the case in words.
    std::string Name() const
    {
        const std::string names[]{"all-gather", "reduce-scatter", "all-reduce"};
        return names[static_cast<int>(collective)] +
               (algorithm == TensorAlgorithm::Ring     ? ", ring, "
                : algorithm == TensorAlgorithm::Direct ? ", direct, "
                                                       : ", merged, ") +
               std::to_string(members) + " members, " + std::to_string(total) + " bytes";
    }
};

/// @param algorithms Ways to carry them out: direct and ring unless told otherwise.
/// @return all collectives, with sizes that members divide, do not divide, outnumber.
std::vector<Case>
AllCases(const std::vector<TensorAlgorithm>& algorithms = {TensorAlgorithm::Direct,
                                                           TensorAlgorithm::Ring})
{
    std::vector<Case> cases;
    for (const auto collective : {TensorCollective::AllGather,
                                  TensorCollective::ReduceScatter,
                                  TensorCollective::AllReduce})
    {
        for (const auto algorithm : algorithms)
        {
            for (const uint32_t members : {1, 2, 3, 8})
            {
                for (const uint64_t total : {0, 1, 2, 5, 24, 8191})
                {
                    cases.push_back({collective, algorithm, members, total});
                }
            }
        }
    }
    return cases;
}

/// Ways to carry out a collective.
const std::vector<TensorAlgorithm> ALL_ALGORITHMS{TensorAlgorithm::Direct,
                                                  TensorAlgorithm::Ring,
                                                  TensorAlgorithm::Merged};

/// @param total Buffer. @param shard Which share. @param members How many. @return its size.
uint64_t
ShardSize(uint64_t total, uint32_t shard, uint32_t members)
{
    return total / members + (shard < total % members ? 1 : 0);
}

using Summands = std::set<uint32_t>; //!< members whose data went into a sum

/// What one member knows of one shard: the largest sum.
using Memory = std::vector<std::vector<Summands>>;

/**
 * @brief Moves data along the flows of one half of a collective, a reduction or a gathering.
 *
 * A flow may only pass on what its sender had when the flows named in `after`, and what those came
 * after, had ended; nothing else is known to have happened before it. A flow is for the shard that
 * it is meant for in that half: its size alone would not tell.
 */
class DataMovement
{
  public:
    /// @param members Members. Each begins with its own data for every shard.
    explicit DataMovement(uint32_t members)
        : m_members(members)
    {
    }

    /// @param flows A schedule. @param shards Shard of each flow. @param reductions How many of the
    /// flows, from the first on, add at the receiver; the others copy.
    void Run(const Flows& flows, const std::vector<uint32_t>& shards, size_t reductions)
    {
        std::vector<std::set<uint32_t>> before(flows.size());
        std::vector<Summands> carried(flows.size());
        for (uint32_t i = 0; i < flows.size(); ++i)
        {
            for (const auto flow : flows[i].after)
            {
                before[i].insert(flow);
                before[i].insert(before[flow].begin(), before[flow].end());
            }
            carried[i] =
                Known(flows, shards, carried, before[i], flows[i].from, shards[i], reductions);
        }
        std::set<uint32_t> all;
        for (uint32_t i = 0; i < flows.size(); ++i)
        {
            all.insert(i);
        }
        knows.assign(m_members, std::vector<Summands>(m_members));
        for (uint32_t member = 0; member < m_members; ++member)
        {
            for (uint32_t shard = 0; shard < m_members; ++shard)
            {
                knows[member][shard] =
                    Known(flows, shards, carried, all, member, shard, reductions);
            }
        }
    }

    Memory knows; //!< per member and shard, when all is over

  private:
    /// @return what a member knows of a shard when the flows `ended` have.
    Summands Known(const Flows& flows,
                   const std::vector<uint32_t>& shards,
                   const std::vector<Summands>& carried,
                   const std::set<uint32_t>& ended,
                   uint32_t member,
                   uint32_t shard,
                   size_t reductions) const
    {
        Summands sum{member};
        for (const auto flow : ended)
        {
            if (flows[flow].to != member || shards[flow] != shard)
            {
                continue;
            }
            if (flow >= reductions)
            {
                sum = carried[flow]; // a copy of the whole takes the place of a part
                continue;
            }
            for (const auto summand : carried[flow])
            {
                EXPECT_TRUE(sum.insert(summand).second) << "added twice";
            }
        }
        return sum;
    }

    uint32_t m_members; //!< members
};

/**
 * @brief Says what each flow carries, from the algorithm's description.
 *
 * Direct: a reduction brings everybody the shards that belong to them, a gathering brings from
 * everybody the shards that are theirs. Ring: in step s of a reduction member m passes on shard
 * m - 1 - s, so that the last to come to m is m; in step s of a gathering m - s, beginning with its
 * own. The flows of a step, or of the direct way, are found by their ends.
 *
 * @param c The case. @param flows Its flows, none missing.
 * @param reduces Whether it is the reducing half.
 * @param first Where its flows begin.
 * @param[out] shards Shard of each flow, appended.
 */
void
NameShards(const Case& c,
           const Flows& flows,
           bool reduces,
           size_t first,
           std::vector<uint32_t>& shards)
{
    const uint32_t n = c.members;
    for (size_t i = first; i < first + c.FlowsOfAHalf(); ++i)
    {
        const auto& flow = flows[i];
        if (c.algorithm == TensorAlgorithm::Direct)
        {
            shards.push_back(reduces ? flow.to : flow.from);
        }
        else
        {
            const uint32_t step = (i - first) / c.Shards();
            shards.push_back((flow.from + n - step + (reduces ? n - 1 : 0)) % n);
        }
    }
}

/**
 * @param c A collective whose shards are equal.
 * @param rate Bytes per second of every port, in and out.
 * @return its time, when flows that wait equally long begin together: those of a step are alike.
 */
double
TimeOnCrossbar(const Case& c, double rate)
{
    std::vector<std::vector<const ScheduledFlow*>> steps;
    std::vector<size_t> stepOf;
    const auto schedule = c.Schedule();
    for (const auto& flow : schedule)
    {
        size_t step = 0;
        for (const auto before : flow.after)
        {
            step = std::max(step, stepOf[before] + 1);
        }
        stepOf.push_back(step);
        steps.resize(std::max(steps.size(), step + 1));
        steps[step].push_back(&flow);
    }
    double time = 0;
    for (const auto& step : steps)
    {
        MaxMinSolver ports;
        for (uint32_t port = 0; port < 2 * c.members; ++port)
        {
            ports.AddResource(rate);
        }
        for (const auto* flow : step)
        {
            ports.AddFlow(1);
            ports.Cross(flow->from);
            ports.Cross(c.members + flow->to);
        }
        ports.Solve();
        double longest = 0;
        for (uint32_t flow = 0; flow < step.size(); ++flow)
        {
            longest = std::max(longest, step[flow]->bytes.Count() / ports.Rate(flow));
        }
        time += longest;
    }
    return time;
}

} // namespace

TEST(TensorSchedule, GivesEveryMemberWhatTheCollectivePromises)
{
    for (const auto& c : AllCases())
    {
        const uint32_t n = c.members;
        const bool reduces = c.collective != TensorCollective::AllGather;
        const bool gathers = c.collective != TensorCollective::ReduceScatter;
        const auto flows = c.Schedule();
        const size_t half = c.FlowsOfAHalf();
        ASSERT_EQ(flows.size(), half * (reduces + gathers)) << c.Name();
        std::vector<uint32_t> shards;
        if (reduces)
        {
            NameShards(c, flows, true, 0, shards);
        }
        if (gathers)
        {
            NameShards(c, flows, false, shards.size(), shards);
        }
        DataMovement movement(n);
        movement.Run(flows, shards, reduces ? half : 0);
        Summands everybody;
        for (uint32_t member = 0; member < n; ++member)
        {
            everybody.insert(member);
        }
        for (uint32_t member = 0; member < n; ++member)
        {
            for (uint32_t shard = 0; shard < c.Shards(); ++shard)
            {
                if (gathers || shard == member)
                {
                    EXPECT_EQ(movement.knows[member][shard], reduces ? everybody : Summands{shard})
                        << c.Name() << ": member " << member << ", shard " << shard;
                }
            }
        }
        for (size_t i = 0; i < flows.size(); ++i)
        {
            EXPECT_EQ(flows[i].bytes.Count(), ShardSize(c.total, shards[i], n)) << c.Name();
        }
    }
}

TEST(TensorSchedule, HasFlowsBetweenDifferentMembersOfWhichNoneIsEmpty)
{
    for (const auto& c : AllCases(ALL_ALGORITHMS))
    {
        for (const auto& flow : c.Schedule())
        {
            EXPECT_LT(flow.from, c.members) << c.Name();
            EXPECT_LT(flow.to, c.members) << c.Name();
            EXPECT_NE(flow.from, flow.to) << c.Name();
            EXPECT_GT(flow.bytes, Bytes(0)) << c.Name();
        }
    }
}

TEST(TensorSchedule, WaitsOnlyForEarlierFlows)
{
    for (const auto& c : AllCases(ALL_ALGORITHMS))
    {
        const auto flows = c.Schedule();
        for (uint32_t i = 0; i < flows.size(); ++i)
        {
            const auto& after = flows[i].after;
            EXPECT_EQ(std::set<uint32_t>(after.begin(), after.end()).size(), after.size());
            for (const auto before : after)
            {
                ASSERT_LT(before, i) << c.Name();
            }
        }
    }
}

TEST(TensorSchedule, MovesEachShardToOrFromAllOthersOnce)
{
    // All-gather and reduce-scatter move (n - 1) x total bytes, an all-reduce twice that.
    for (const auto& c : AllCases(ALL_ALGORITHMS))
    {
        uint64_t moved = 0;
        for (const auto& flow : c.Schedule())
        {
            moved += flow.bytes.Count();
        }
        const uint64_t halves = c.collective == TensorCollective::AllReduce ? 2 : 1;
        EXPECT_EQ(moved, halves * (c.members - 1) * c.total) << c.Name();
    }
}

TEST(TensorSchedule, SendsFromEveryMemberAllButOneShardInEachHalf)
{
    // 24 bytes of 8 members: 7 shards of 3 bytes leave each, and come to each.
    for (const auto algorithm : ALL_ALGORITHMS)
    {
        for (const auto collective : {TensorCollective::AllGather, TensorCollective::ReduceScatter})
        {
            std::vector<uint64_t> out(8);
            std::vector<uint64_t> in(8);
            for (const auto& flow : ScheduleTensorCollective(collective, algorithm, 8, Bytes(24)))
            {
                out[flow.from] += flow.bytes.Count();
                in[flow.to] += flow.bytes.Count();
            }
            EXPECT_EQ(out, std::vector<uint64_t>(8, 21));
            EXPECT_EQ(in, std::vector<uint64_t>(8, 21));
        }
    }
}

TEST(TensorSchedule, TakesOneStepDirectlyAndOnePerShardAroundTheRing)
{
    // Longest chain of flows: 1 or n - 1, twice for an all-reduce.
    for (const auto& c : AllCases())
    {
        if (c.total < c.members || c.members == 1)
        {
            continue;
        }
        const auto flows = c.Schedule();
        std::vector<uint32_t> depth;
        for (const auto& flow : flows)
        {
            uint32_t deepest = 0;
            for (const auto before : flow.after)
            {
                deepest = std::max(deepest, depth[before]);
            }
            depth.push_back(deepest + 1);
        }
        const uint32_t half = c.algorithm == TensorAlgorithm::Direct ? 1 : c.members - 1;
        EXPECT_EQ(*std::max_element(depth.begin(), depth.end()),
                  half * (c.collective == TensorCollective::AllReduce ? 2 : 1))
            << c.Name();
    }
}

TEST(TensorSchedule, SendsAroundTheRingToTheNextMemberOnly)
{
    for (const auto& c : AllCases())
    {
        if (c.algorithm == TensorAlgorithm::Ring)
        {
            for (const auto& flow : c.Schedule())
            {
                EXPECT_EQ(flow.to, (flow.from + 1) % c.members) << c.Name();
            }
        }
    }
}

TEST(TensorSchedule, MergesTheStepsOfTheRingIntoOneFlowPerEdge)
{
    for (const auto& c : AllCases({TensorAlgorithm::Merged}))
    {
        auto ring = c;
        ring.algorithm = TensorAlgorithm::Ring;
        std::map<std::pair<uint32_t, uint32_t>, uint64_t> expected;
        for (const auto& flow : ring.Schedule())
        {
            expected[{flow.from, flow.to}] += flow.bytes.Count();
        }
        std::map<std::pair<uint32_t, uint32_t>, uint64_t> merged;
        std::map<std::pair<uint32_t, uint32_t>, size_t> flows;
        for (const auto& flow : c.Schedule())
        {
            merged[{flow.from, flow.to}] += flow.bytes.Count();
            ++flows[{flow.from, flow.to}];
        }
        EXPECT_EQ(merged, expected) << c.Name();
        for (const auto& [edge, number] : flows)
        {
            EXPECT_LE(number, c.collective == TensorCollective::AllReduce ? 2U : 1U) << c.Name();
        }
    }
}

TEST(TensorSchedule, GathersWhenMergedWhatIsReducedOnly)
{
    // Five shards of two bytes: flow i of the reduction goes from i to i + 1, who sends flow 5 + i
    // + 1 of the gathering after it.
    const auto flows = ScheduleTensorCollective(TensorCollective::AllReduce,
                                                TensorAlgorithm::Merged,
                                                5,
                                                Bytes(10));
    ASSERT_EQ(flows.size(), 10U);
    for (uint32_t i = 0; i < 5; ++i)
    {
        EXPECT_TRUE(flows[i].after.empty());
        EXPECT_EQ(flows[5 + (i + 1) % 5].after, std::vector<uint32_t>{i});
    }
}

TEST(TensorSchedule, TakesTheSameTimeOnACrossbarInAllWays)
{
    // (n - 1) shards / rate per half; with 2^20 bytes and 2^30 bytes per second exact in doubles.
    constexpr uint64_t total = uint64_t{1} << 20;
    constexpr double rate = uint64_t{1} << 30;
    for (const uint32_t members : {2, 4, 8})
    {
        for (const auto algorithm : ALL_ALGORITHMS)
        {
            const Case gather{TensorCollective::AllGather, algorithm, members, total};
            const Case reduce{TensorCollective::AllReduce, algorithm, members, total};
            const double half = static_cast<double>(total / members * (members - 1)) / rate;
            EXPECT_NEAR(TimeOnCrossbar(gather, rate), half, 1e-9 * half) << gather.Name();
            EXPECT_NEAR(TimeOnCrossbar(reduce, rate), 2 * half, 2e-9 * half) << reduce.Name();
        }
    }
}

TEST(TensorSchedule, HasNothingToDoForOneMemberOrNoBytes)
{
    for (const auto& c : AllCases(ALL_ALGORITHMS))
    {
        if (c.members == 1 || c.total == 0)
        {
            EXPECT_TRUE(c.Schedule().empty()) << c.Name();
        }
    }
}

TEST(TensorSchedule, StaysOneLevelInOneHost)
{
    for (const auto& c : AllCases(ALL_ALGORITHMS))
    {
        const auto flows = c.Schedule();
        const auto same =
            ScheduleTensorCollective(c.collective, c.algorithm, 1, c.members, Bytes(c.total));
        ASSERT_EQ(same.size(), flows.size()) << c.Name();
        for (size_t i = 0; i < flows.size(); ++i)
        {
            EXPECT_EQ(same[i].bytes, flows[i].bytes) << c.Name();
            EXPECT_EQ(same[i].after, flows[i].after) << c.Name();
        }
    }
}

TEST(TensorSchedule, SendsBetweenHostsTheFewestBytesAndOnlyAmongGpusOfOneNumber)
{
    // Of 24 k bytes on H hosts of g GPUs, a GPU sends (H - 1) shards to others of its number, and
    // g - 1 times what those of one number have to the others of its host.
    constexpr uint64_t total = 24 * 1000;
    for (const auto& [hosts, perHost] :
         std::vector<std::pair<uint32_t, uint32_t>>{{2, 4}, {3, 2}, {2, 1}, {4, 3}, {1, 8}})
    {
        for (const auto algorithm : ALL_ALGORITHMS)
        {
            for (const auto collective :
                 {TensorCollective::AllGather, TensorCollective::ReduceScatter})
            {
                std::vector<uint64_t> inside(hosts * perHost);
                std::vector<uint64_t> between(hosts * perHost);
                for (const auto& flow :
                     ScheduleTensorCollective(collective, algorithm, hosts, perHost, Bytes(total)))
                {
                    const bool stays = flow.from / perHost == flow.to / perHost;
                    (stays ? inside : between)[flow.from] += flow.bytes.Count();
                    EXPECT_TRUE(stays || flow.from % perHost == flow.to % perHost);
                }
                const uint64_t shard = total / (hosts * perHost);
                for (uint32_t member = 0; member < hosts * perHost; ++member)
                {
                    EXPECT_EQ(between[member], (hosts - 1) * shard);
                    EXPECT_EQ(inside[member], (perHost - 1) * hosts * shard);
                }
            }
        }
    }
}

/**
 * @brief What each member may pass on before a flow, when only flows it waits for have ended.
 * @param flows A schedule. @param flow One of them. @return flows that have ended for sure.
 */
static std::set<uint32_t>
EndedBefore(const Flows& flows, uint32_t flow)
{
    std::set<uint32_t> ended;
    for (const auto before : flows[flow].after)
    {
        ended.insert(before);
        const auto more = EndedBefore(flows, before);
        ended.insert(more.begin(), more.end());
    }
    return ended;
}

TEST(TensorSchedule, PassesOnBetweenLevelsOnlyWhatHasCome)
{
    // The second level needs all that its sender got in the first: in a gathering all shards of its
    // number, in a reduction all that was added up in its host.
    constexpr uint32_t hosts = 3;
    constexpr uint32_t perHost = 4;
    for (const auto algorithm : ALL_ALGORITHMS)
    {
        for (const auto collective : {TensorCollective::AllGather, TensorCollective::ReduceScatter})
        {
            const bool gathers = collective == TensorCollective::AllGather;
            const auto flows =
                ScheduleTensorCollective(collective, algorithm, hosts, perHost, Bytes(1200));
            const auto isFirstLevel = [&](const ScheduledFlow& flow) {
                return (flow.from / perHost == flow.to / perHost) != gathers;
            };
            size_t second = 0;
            std::set<uint32_t> begun;
            for (uint32_t i = 0; i < flows.size(); ++i)
            {
                if (isFirstLevel(flows[i]) || !begun.insert(flows[i].from).second)
                {
                    continue; // what is gathered is passed on when it comes
                }
                ++second;
                const auto ended = EndedBefore(flows, i);
                for (uint32_t other = 0; other < flows.size(); ++other)
                {
                    if (isFirstLevel(flows[other]) && flows[other].to == flows[i].from &&
                        (gathers || algorithm != TensorAlgorithm::Ring ||
                         flows[other].step + 1 == flows[i].step))
                    {
                        EXPECT_EQ(ended.count(other), 1U) << i << " waits for " << other;
                    }
                }
            }
            EXPECT_EQ(second, hosts * perHost);
        }
    }
}

TEST(TensorSchedule, FindsAlgorithmsByName)
{
    EXPECT_EQ(TensorAlgorithms().Get("direct"), TensorAlgorithm::Direct);
    EXPECT_EQ(TensorAlgorithms().Get("ring"), TensorAlgorithm::Ring);
    EXPECT_EQ(TensorAlgorithms().Get("merged"), TensorAlgorithm::Merged);
    try
    {
        TensorAlgorithms().Get("rang");
        FAIL() << "accepted";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(),
                     "unknown tensor-parallel algorithm 'rang'; known: direct, ring, merged; did "
                     "you mean ring?");
    }
}
