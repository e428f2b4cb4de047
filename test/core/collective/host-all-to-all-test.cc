/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/model-of-sizes.h"

#include "ns3/host-all-to-all.h"
#include "ns3/moe-training-work.h"
#include "ns3/spread-router.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <numeric>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace mixnetcore;

namespace
{

/// Tokens from each of six EP ranks (row) to the expert of each (column).
const TokenMatrix TOKENS{
    {5, 2, 3, 2, 0, 4},
    {2, 6, 1, 1, 2, 0},
    {0, 2, 4, 2, 3, 3},
    {1, 0, 2, 7, 2, 5},
    {4, 2, 0, 0, 8, 1},
    {3, 3, 5, 0, 1, 9},
};

/// How many different ones they are to each of three hosts (column) of two ranks.
const TokenMatrix TOKENS_ONCE_PER_HOST{
    {5, 3, 4},
    {7, 1, 2},
    {2, 5, 5},
    {1, 8, 5},
    {5, 0, 8},
    {3, 5, 9},
};

/// Hosts of a group, as the fabric numbers them: neither from 0 on nor in order.
const std::vector<uint32_t> HOSTS{7, 3, 12, 5};

/**
 * @brief The tokens above among the first ranks; those of layer l are l + 1 times as many.
 */
class SmallLoad : public ExpertLoad
{
  public:
    /// @param ranks EP ranks, at most six.
    explicit SmallLoad(size_t ranks)
        : m_ranks(ranks)
    {
    }

    TokenMatrix Draw(const LoadKey& key) const override
    {
        return Part(TOKENS, m_ranks, key);
    }

    TokenMatrix DrawDistinct(const LoadKey& key, size_t placesPerGroup) const override
    {
        return placesPerGroup == 1 ? Draw(key)
                                   : Part(TOKENS_ONCE_PER_HOST, m_ranks / placesPerGroup, key);
    }

    size_t SourceRanks() const override
    {
        return m_ranks;
    }

    size_t Experts() const override
    {
        return m_ranks;
    }

    bool RepeatsItself() const override
    {
        return false;
    }

    std::string Description() const override
    {
        return "small";
    }

  private:
    /// @param all Tokens of six ranks. @param columns How many to keep. @param key Which gating.
    /// @return those of the ranks that there are.
    TokenMatrix Part(const TokenMatrix& all, size_t columns, const LoadKey& key) const
    {
        TokenMatrix part(m_ranks, columns);
        for (size_t row = 0; row < m_ranks; ++row)
        {
            for (size_t column = 0; column < columns; ++column)
            {
                part.At(row, column) = all.At(row, column) * (key.layer + 1);
            }
        }
        return part;
    }

    size_t m_ranks; //!< EP ranks
};

/**
 * @brief Sends what one GPU has for another host in two halves, and counts how often it is asked.
 */
class HalvingRouter : public AllToAllRouter
{
  public:
    mutable int pairs{0}; //!< host pairs that it was asked for

  private:
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override
    {
        ++pairs;
        for (const auto& [source, destination, bytes] : demand)
        {
            const RdmaLeg leg{{source.host, source.gpu},
                              {destination.host, destination.gpu},
                              NicRole::Electrical};
            for (uint64_t half = 0; half < 2; ++half)
            {
                transfers.push_back({source, destination, EvenShare(bytes, half, 2), {leg}});
            }
        }
    }
};

/// @return a model whose tokens have 2 * 5 bytes.
ModelSpec
TenBytesPerToken()
{
    auto model = tests::ModelOf(5, {1, 1, 5}, {6, 2, 5});
    model.sequenceLength = 8;
    model.microbatchSize = 1;
    return model;
}

/// @param layout Ranks on hosts. @param deduplication How often a token is sent.
/// @return what the ranks do in an excerpt of three layers.
std::shared_ptr<const TaskSource>
TasksOf(const ExpertParallelGroup& layout, Deduplication deduplication)
{
    auto model = TenBytesPerToken();
    model.layers = 3;
    ParallelPlanSpec ranks;
    ranks.expertParallel = layout.Ranks();
    ranks.tensorParallel = layout.TensorParallel();
    ranks.gpusPerHost = layout.GpusPerHost();
    ranks.layers = model.layers;
    const ParallelPlan plan(ranks);
    TrainingWorkOptions options;
    options.deduplication = deduplication;
    TrainingProgramOptions program;
    program.excerpt = LayerRange{0, model.layers};
    return std::make_shared<StageTasks>(
        std::make_shared<TrainingProgram>(plan, program),
        std::make_shared<MoeTrainingWork>(model,
                                          plan,
                                          std::make_shared<SmallLoad>(layout.Ranks()),
                                          ComputeModel(model, layout.TensorParallel()),
                                          OptimizerModel(Picoseconds(1)),
                                          options),
        0,
        1);
}

/**
 * @brief An EP group; unless said otherwise of six ranks of a GPU each, on three hosts of two GPUs.
 */
struct Setting
{
    /// @param layout Ranks on hosts. @param deduplication How often a token is sent.
    explicit Setting(const ExpertParallelGroup& layout = {6, 1, 2},
                     Deduplication deduplication = Deduplication::None)
        : group(layout),
          tasks(TasksOf(layout, deduplication))
    {
        const std::vector<uint32_t> hosts(HOSTS.begin(), HOSTS.begin() + group.Hosts());
        for (uint32_t place = 0; place < group.Hosts(); ++place)
        {
            ofHosts.emplace_back(tasks, group, hosts, place);
        }
    }

    /// @return GPUs of the group in each of its hosts.
    uint32_t GpusInHost() const
    {
        return group.Gpus() / group.Hosts();
    }

    /// @param gpu A GPU of the fabric. @return its number in the group, Gpus() or more if none.
    size_t NumberOf(const GpuId& gpu) const
    {
        const auto place = std::find(HOSTS.begin(), HOSTS.end(), gpu.host) - HOSTS.begin();
        return place * group.GpusPerHost() + gpu.gpu;
    }

    /// @param transfers Transfers between GPUs of the group. @param[in,out] bytes Where to add what
    /// arrives.
    void Add(const std::vector<Transfer>& transfers, DemandMatrix& bytes) const
    {
        for (const auto& transfer : transfers)
        {
            bytes.At(NumberOf(transfer.source), NumberOf(transfer.destination)) +=
                transfer.Payload();
        }
    }

    /// @param phase An all-to-all. @param efficiency As with PadTransfers().
    /// @return bytes that all GPUs of all hosts take, from each GPU to each.
    DemandMatrix Take(const PhaseKey& phase, double efficiency = 1)
    {
        DemandMatrix bytes(group.Gpus(), group.Gpus());
        for (auto& host : ofHosts)
        {
            host.Route(phase, HalvingRouter(), efficiency);
            for (uint32_t gpu = 0; gpu < GpusInHost(); ++gpu)
            {
                Add(host.Take(phase, gpu), bytes);
            }
        }
        return bytes;
    }

    /// @param phase An all-to-all. @return bytes that all GPUs of all hosts pass on.
    DemandMatrix Forward(const PhaseKey& phase) const
    {
        DemandMatrix bytes(group.Gpus(), group.Gpus());
        std::vector<uint32_t> gpus(GpusInHost());
        std::iota(gpus.begin(), gpus.end(), 0);
        for (const auto& host : ofHosts)
        {
            Add(host.Forward(phase, gpus, 1), bytes);
        }
        return bytes;
    }

    /// @param place Place of a host. @return pairs of one of its GPUs and another host that it has
    /// bytes for in a dispatch.
    int PairsOf(uint32_t place) const
    {
        const auto& demand = tasks->DemandOf(PhaseKey().With(PhaseKind::Dispatch)).dispatch;
        std::set<std::pair<size_t, size_t>> pairs;
        for (size_t from = 0; from < group.Gpus(); ++from)
        {
            for (size_t to = 0; to < group.Gpus(); ++to)
            {
                if (group.HostOfGpu(from) == place && group.HostOfGpu(to) != place &&
                    demand.At(from, to) > Bytes(0))
                {
                    pairs.insert({from, group.HostOfGpu(to)});
                }
            }
        }
        return pairs.size();
    }

    ExpertParallelGroup group;               //!< ranks on hosts
    std::shared_ptr<const TaskSource> tasks; //!< work of the group
    std::vector<HostAllToAll> ofHosts;       //!< what is tested, of each host
};

/// @return the group of three hosts whose tokens cross once per host.
Setting
OncePerHost()
{
    return Setting({6, 1, 2}, Deduplication::Host);
}

/// @param kind Dispatch or combine. @param direction Way through the model. @return that phase.
PhaseKey
Phase(PhaseKind kind, Direction direction = Direction::Forward)
{
    auto phase = PhaseKey().With(kind);
    phase.direction = direction;
    return phase;
}

/// @param transfers Some. @param[in,out] bytes Where to add those between NICs of the same number:
/// by the host they go to (row) and the NIC (column).
void
AddByNic(const std::vector<Transfer>& transfers, DemandMatrix& bytes)
{
    for (const auto& transfer : transfers)
    {
        for (const auto& leg : transfer.route)
        {
            const auto* rdma = std::get_if<RdmaLeg>(&leg);
            if (rdma && rdma->from.nic == rdma->to.nic)
            {
                bytes.At(rdma->to.host, rdma->from.nic) += transfer.bytes;
            }
        }
    }
}

const auto DISPATCH = Phase(PhaseKind::Dispatch); //!< from tokens to experts
const auto COMBINE = Phase(PhaseKind::Combine);   //!< and back

} // namespace

TEST(HostAllToAll, SendsTheDemandToTheExperts)
{
    // Tokens in the dispatch, gradients of the results in the combine of the way back.
    for (const auto& phase : {DISPATCH, Phase(PhaseKind::Combine, Direction::Backward)})
    {
        Setting s;
        const auto& demand = s.tasks->DemandOf(phase).dispatch;
        EXPECT_EQ(demand.Total(),
                  TenBytesPerToken().BytesPerToken() * TOKENS.WithoutDiagonal().Total().Count());
        EXPECT_EQ(s.Take(phase), demand);
    }
}

TEST(HostAllToAll, SendsTheTransposedDemandBack)
{
    // Results in the combine, gradients of the tokens in the dispatch of the way back.
    for (const auto& phase : {COMBINE, Phase(PhaseKind::Dispatch, Direction::Backward)})
    {
        Setting s;
        const auto& demand = s.tasks->DemandOf(phase).dispatch;
        ASSERT_NE(demand, demand.Transposed());
        EXPECT_EQ(s.Take(phase), demand.Transposed());
    }
}

TEST(HostAllToAll, SendsAllBytesOnEveryLayout)
{
    // A GPU, two, or two hosts of two for each rank; one host that is full or not.
    for (const auto& layout : {ExpertParallelGroup(6, 1, 2),
                               ExpertParallelGroup(4, 2, 4),
                               ExpertParallelGroup(2, 4, 2),
                               ExpertParallelGroup(2, 2, 4),
                               ExpertParallelGroup(3, 1, 4)})
    {
        Setting s(layout);
        const auto& demand = s.tasks->DemandOf(DISPATCH).dispatch;
        EXPECT_EQ(s.Take(DISPATCH), demand) << layout.Hosts() << " hosts";
        EXPECT_EQ(s.Take(COMBINE), demand.Transposed()) << layout.Hosts() << " hosts";
    }
}

TEST(HostAllToAll, GivesEveryTransferToTheGpuThatSendsIt)
{
    // One transfer to a GPU of the same host, two halves to one of another, none without bytes.
    Setting s;
    const auto& demand = s.tasks->DemandOf(DISPATCH).dispatch;
    for (uint32_t place = 0; place < 3; ++place)
    {
        auto& host = s.ofHosts[place];
        host.Route(DISPATCH, HalvingRouter(), 1);
        for (const uint32_t gpu : {1, 0})
        {
            size_t expected = 0;
            for (size_t peer = 0; peer < 6; ++peer)
            {
                const bool isEmpty = demand.At(2 * place + gpu, peer) == Bytes(0);
                expected += isEmpty ? 0 : peer / 2 == place ? 1 : 2;
            }
            const auto taken = host.Take(DISPATCH, gpu);
            EXPECT_EQ(taken.size(), expected);
            for (const auto& transfer : taken)
            {
                EXPECT_TRUE(transfer.source == (GpuId{HOSTS[place], gpu}));
            }
        }
    }
}

TEST(HostAllToAll, NumbersHostsAsTheFabricDoes)
{
    // The second host of the group is host 3 of the fabric. Its GPU 1, the group's GPU 3, has
    // bytes for its neighbour and, in halves, for GPUs 0, 4 and 5.
    Setting s;
    auto& host = s.ofHosts[1];
    host.Route(DISPATCH, HalvingRouter(), 1);
    const auto taken = host.Take(DISPATCH, 1);
    ASSERT_EQ(taken.size(), 7U);
    EXPECT_TRUE(taken[0].destination == (GpuId{3, 0}));
    EXPECT_EQ(std::get<NvswitchLeg>(taken[0].route.at(0)).host, 3U);
    const std::vector<GpuId> others{{7, 0}, {12, 0}, {12, 1}};
    for (size_t i = 1; i < taken.size(); ++i)
    {
        const auto& other = others[(i - 1) / 2];
        EXPECT_TRUE(taken[i].source == (GpuId{3, 1}));
        EXPECT_TRUE(taken[i].destination == other);
        EXPECT_EQ(std::get<RdmaLeg>(taken[i].route.at(0)).from.host, 3U);
        EXPECT_EQ(std::get<RdmaLeg>(taken[i].route.at(0)).to.host, other.host);
    }
}

TEST(HostAllToAll, RoutesAnAllToAllOnce)
{
    // Each of two ranks has bytes for two other hosts: four pairs. Who asks later, also when one
    // GPU has its part, changes nothing: not the routes, nor the padding, nor the bytes.
    Setting s;
    auto& host = s.ofHosts[0];
    const auto& demand = s.tasks->DemandOf(DISPATCH).dispatch;
    const HalvingRouter first;
    const HalvingRouter second;
    host.Route(DISPATCH, first, 1);
    for (const uint32_t gpu : {0, 1})
    {
        host.Route(DISPATCH, second, 0.5);
        Bytes taken;
        for (const auto& transfer : host.Take(DISPATCH, gpu))
        {
            taken += transfer.bytes;
        }
        EXPECT_EQ(taken, demand.RowSum(gpu));
    }
    EXPECT_EQ(first.pairs, 4);
    EXPECT_EQ(second.pairs, 0);
}

TEST(HostAllToAll, SpreadsTheBytesOfEveryRankOverAllNics)
{
    // Ranks of two GPUs, two in a host of four NICs. Whichever of them is ready first, every NIC
    // gets a quarter, to the byte, of what it has for another host.
    constexpr uint32_t NICS = 4;
    Setting s({6, 2, NICS});
    HostPlan inside;
    inside.gpus = NICS;
    for (uint32_t gpu = 0; gpu < NICS; ++gpu)
    {
        inside.nics.push_back({NicRole::Electrical, gpu, gpu / 2, BitsPerSecond(1)});
    }
    const auto& demand = s.tasks->DemandOf(DISPATCH).dispatch;
    for (uint32_t place = 0; place < s.group.Hosts(); ++place)
    {
        auto& host = s.ofHosts[place];
        host.Route(DISPATCH, SpreadRouter(inside), 1);
        for (const uint32_t first : {0, 2})
        {
            std::map<uint32_t, Bytes> total; // by the host it is for
            DemandMatrix ofNics(1 + *std::max_element(HOSTS.begin(), HOSTS.end()), NICS);
            for (const auto gpu : {first, first + 1})
            {
                AddByNic(host.Take(DISPATCH, gpu), ofNics);
                for (size_t peer = 0; peer < s.group.Gpus(); ++peer)
                {
                    total[HOSTS[s.group.HostOfGpu(peer)]] += demand.At(4 * place + gpu, peer);
                }
            }
            total.erase(HOSTS[place]);
            for (const auto& [peer, bytes] : total)
            {
                for (uint32_t nic = 0; nic < NICS; ++nic)
                {
                    EXPECT_EQ(ofNics.At(peer, nic), EvenShare(bytes, nic, NICS));
                }
            }
        }
    }
}

TEST(HostAllToAll, ForgetsWhatAllGpusHaveTaken)
{
    // The router is asked for all pairs each time, and all bytes are there again.
    Setting s;
    auto& host = s.ofHosts[2];
    const auto& demand = s.tasks->DemandOf(DISPATCH).dispatch;
    const HalvingRouter router;
    for (int times = 1; times <= 3; ++times)
    {
        host.Route(DISPATCH, router, 1);
        EXPECT_EQ(router.pairs, s.PairsOf(2) * times);
        DemandMatrix taken(6, 6);
        s.Add(host.Take(DISPATCH, 0), taken);
        s.Add(host.Take(DISPATCH, 1), taken);
        EXPECT_EQ(taken.RowSum(4), demand.RowSum(4));
        EXPECT_EQ(taken.RowSum(5), demand.RowSum(5));
    }
}

TEST(HostAllToAll, ForgetsAGroupThatDoesNotFillItsHostAfterItsLastGpu)
{
    // Three GPUs on a host of four: their three parts are all. Forgotten, it is padded anew.
    Setting s({3, 1, 4});
    auto& host = s.ofHosts[0];
    const auto& demand = s.tasks->DemandOf(DISPATCH).dispatch;
    for (const uint64_t factor : {1, 4})
    {
        host.Route(DISPATCH, HalvingRouter(), 1.0 / double(factor));
        for (uint32_t gpu = 0; gpu < 3; ++gpu)
        {
            Bytes taken;
            for (const auto& transfer : host.Take(DISPATCH, gpu))
            {
                taken += transfer.bytes;
            }
            EXPECT_EQ(taken, demand.RowSum(gpu) * factor);
        }
    }
}

TEST(HostAllToAll, KeepsPhasesApart)
{
    // Layer 1 has twice the tokens of layer 0; a combine goes against its dispatch.
    Setting s;
    auto& host = s.ofHosts[1];
    const auto demand = s.tasks->DemandOf(DISPATCH).dispatch;
    auto next = DISPATCH;
    next.layer = 1;
    for (const auto& phase : {DISPATCH, COMBINE, next})
    {
        host.Route(phase, HalvingRouter(), 1);
    }
    const auto sumOf = [&](const PhaseKey& phase, uint32_t gpu) {
        DemandMatrix taken(6, 6);
        s.Add(host.Take(phase, gpu), taken);
        return taken.Total();
    };
    for (const uint32_t gpu : {0, 1})
    {
        EXPECT_EQ(sumOf(next, gpu), demand.RowSum(2 + gpu) * 2);
        EXPECT_EQ(sumOf(DISPATCH, gpu), demand.RowSum(2 + gpu));
        EXPECT_EQ(sumOf(COMBINE, gpu), demand.ColumnSum(2 + gpu));
    }
}

TEST(HostAllToAll, SendsNothingInAGroupOfOneRank)
{
    // All tokens stay where they are.
    Setting s({1, 1, 2});
    auto& host = s.ofHosts[0];
    host.Route(DISPATCH, HalvingRouter(), 1);
    EXPECT_TRUE(host.Take(DISPATCH, 0).empty());
    EXPECT_EQ(host.SentTo(DISPATCH, 0), Bytes(0));
}

TEST(HostAllToAll, CanBeRoutedAfterARefusal)
{
    Setting s;
    EXPECT_THROW(s.ofHosts[0].Route(DISPATCH, HalvingRouter(), 0), std::invalid_argument);
    EXPECT_EQ(s.Take(DISPATCH), s.tasks->DemandOf(DISPATCH).dispatch);
}

TEST(HostAllToAll, PadsWhatIsOnTheWire)
{
    // A transfer of b bytes takes as long as b / (3 / 4), rounded up: (4 b + 2) / 3. Its payload
    // stays b.
    Setting plain;
    Setting padded;
    plain.ofHosts[0].Route(COMBINE, HalvingRouter(), 1);
    padded.ofHosts[0].Route(COMBINE, HalvingRouter(), 0.75);
    for (const uint32_t gpu : {0, 1})
    {
        const auto expected = plain.ofHosts[0].Take(COMBINE, gpu);
        const auto taken = padded.ofHosts[0].Take(COMBINE, gpu);
        ASSERT_FALSE(expected.empty());
        ASSERT_EQ(taken.size(), expected.size());
        for (size_t i = 0; i < taken.size(); ++i)
        {
            const auto bytes = expected[i].bytes;
            EXPECT_EQ(expected[i].padding, Bytes(0));
            EXPECT_EQ(taken[i].bytes.Count(), (4 * bytes.Count() + 2) / 3);
            EXPECT_EQ(taken[i].Payload(), bytes);
        }
    }
}

TEST(HostAllToAll, CountsWhatIsSentToAGpu)
{
    // A column of the demand on the way to the experts, a row on the way back.
    const Setting s;
    const auto& demand = s.tasks->DemandOf(DISPATCH).dispatch;
    for (uint32_t gpu = 0; gpu < 6; ++gpu)
    {
        const auto& host = s.ofHosts[gpu / 2];
        ASSERT_NE(demand.ColumnSum(gpu), demand.RowSum(gpu));
        EXPECT_EQ(host.SentTo(DISPATCH, gpu % 2), demand.ColumnSum(gpu));
        EXPECT_EQ(host.SentTo(COMBINE, gpu % 2), demand.RowSum(gpu));
        EXPECT_EQ(host.SentTo(Phase(PhaseKind::Dispatch, Direction::Backward), gpu % 2),
                  demand.RowSum(gpu));
        EXPECT_EQ(host.SentTo(Phase(PhaseKind::Combine, Direction::Backward), gpu % 2),
                  demand.ColumnSum(gpu));
    }
}

TEST(HostAllToAll, WaitsForAllThatIsSentButThePadding)
{
    // What all hosts send to a GPU is what it counts, whatever the efficiency.
    for (const auto kind : {Deduplication::None, Deduplication::Host})
    {
        Setting s({6, 1, 2}, kind);
        for (const auto& phase : {DISPATCH, COMBINE})
        {
            const auto sent = s.Take(phase, 0.3);
            for (uint32_t gpu = 0; gpu < 6; ++gpu)
            {
                EXPECT_EQ(s.ofHosts[gpu / 2].SentTo(phase, gpu % 2), sent.ColumnSum(gpu));
            }
        }
    }
}

TEST(HostAllToAll, PassesNothingOnUnlessTokensCrossOncePerHost)
{
    for (const auto kind : {Deduplication::None, Deduplication::Rank})
    {
        const Setting s({6, 1, 2}, kind);
        for (const auto& phase : {DISPATCH, COMBINE})
        {
            for (const auto& host : s.ofHosts)
            {
                EXPECT_TRUE(host.Forward(phase, {0, 1}, 1).empty());
                EXPECT_EQ(host.ForwardedTo(phase, 0), Bytes(0));
                EXPECT_EQ(host.ForwardedTo(phase, 1), Bytes(0));
            }
        }
    }
}

TEST(HostAllToAll, PassesOnWhatCrossedOnce)
{
    // From the GPU where tokens arrive to others; results are gathered the other way round.
    const auto s = OncePerHost();
    const auto& forwarded = s.tasks->DemandOf(DISPATCH).forwarded;
    ASSERT_NE(forwarded, forwarded.Transposed());
    EXPECT_EQ(s.Forward(DISPATCH), forwarded);
    EXPECT_EQ(s.Forward(COMBINE), forwarded.Transposed());
    EXPECT_EQ(s.Forward(Phase(PhaseKind::Dispatch, Direction::Backward)), forwarded.Transposed());
    EXPECT_EQ(s.Forward(Phase(PhaseKind::Combine, Direction::Backward)), forwarded);
}

TEST(HostAllToAll, CountsWhatIsPassedOnToAGpu)
{
    // What all GPUs of its host pass on to it: a column of the demand, or a row on the way back.
    const auto s = OncePerHost();
    const auto& forwarded = s.tasks->DemandOf(DISPATCH).forwarded;
    const auto there = s.Forward(DISPATCH);
    const auto back = s.Forward(COMBINE);
    for (uint32_t gpu = 0; gpu < 6; ++gpu)
    {
        const auto& host = s.ofHosts[gpu / 2];
        EXPECT_EQ(host.ForwardedTo(DISPATCH, gpu % 2), forwarded.ColumnSum(gpu));
        EXPECT_EQ(host.ForwardedTo(COMBINE, gpu % 2), forwarded.RowSum(gpu));
        EXPECT_EQ(host.ForwardedTo(DISPATCH, gpu % 2), there.ColumnSum(gpu));
        EXPECT_EQ(host.ForwardedTo(COMBINE, gpu % 2), back.ColumnSum(gpu));
    }
}

TEST(HostAllToAll, BringsEveryGpuTheTokensItNeeds)
{
    // Sent to it and passed on to it: all tokens for its expert but its own, 10 bytes each. As
    // many results leave it in the combine, to other hosts or to where they are gathered.
    auto s = OncePerHost();
    const auto needed = TOKENS.WithoutDiagonal();
    const auto results = s.Take(COMBINE);
    const auto gathered = s.Forward(COMBINE);
    for (uint32_t gpu = 0; gpu < 6; ++gpu)
    {
        const auto& host = s.ofHosts[gpu / 2];
        const Bytes expected(needed.ColumnSum(gpu).Count() * 10);
        EXPECT_EQ(host.SentTo(DISPATCH, gpu % 2) + host.ForwardedTo(DISPATCH, gpu % 2), expected);
        EXPECT_EQ(results.RowSum(gpu) + gathered.RowSum(gpu), expected);
    }
}

TEST(HostAllToAll, PassesOnForTheGpusAskedForOnly)
{
    // Each GPU passes on its row; together they do what both do at once.
    const auto s = OncePerHost();
    const auto& forwarded = s.tasks->DemandOf(DISPATCH).forwarded;
    for (uint32_t place = 0; place < 3; ++place)
    {
        const auto& host = s.ofHosts[place];
        for (uint32_t gpu = 0; gpu < 2; ++gpu)
        {
            DemandMatrix bytes(6, 6);
            s.Add(host.Forward(DISPATCH, {gpu}, 1), bytes);
            EXPECT_EQ(bytes.RowSum(2 * place + gpu), forwarded.RowSum(2 * place + gpu));
            EXPECT_EQ(bytes.Total(), bytes.RowSum(2 * place + gpu));
        }
        EXPECT_TRUE(host.Forward(DISPATCH, {}, 1).empty());
    }
}

TEST(HostAllToAll, PassesOnByTheNvswitchOfItsHost)
{
    // None of the transfers is empty, each is one leg between the GPUs it is for.
    const auto s = OncePerHost();
    for (uint32_t place = 0; place < 3; ++place)
    {
        const auto transfers = s.ofHosts[place].Forward(COMBINE, {0, 1}, 1);
        ASSERT_FALSE(transfers.empty());
        for (const auto& transfer : transfers)
        {
            EXPECT_GT(transfer.bytes, Bytes(0));
            EXPECT_EQ(transfer.source.host, HOSTS[place]);
            EXPECT_EQ(transfer.destination.host, HOSTS[place]);
            ASSERT_EQ(transfer.route.size(), 1U);
            const auto& leg = std::get<NvswitchLeg>(transfer.route[0]);
            EXPECT_EQ(leg.host, HOSTS[place]);
            EXPECT_EQ(leg.fromGpu, transfer.source.gpu);
            EXPECT_EQ(leg.toGpu, transfer.destination.gpu);
        }
    }
}

TEST(HostAllToAll, PadsWhatIsPassedOn)
{
    // As on the wire: (4 b + 2) / 3 bytes at an efficiency of 3 / 4, of which b are payload.
    const auto s = OncePerHost();
    for (const auto& host : s.ofHosts)
    {
        const auto expected = host.Forward(DISPATCH, {0, 1}, 1);
        const auto padded = host.Forward(DISPATCH, {0, 1}, 0.75);
        ASSERT_FALSE(expected.empty());
        ASSERT_EQ(padded.size(), expected.size());
        for (size_t i = 0; i < padded.size(); ++i)
        {
            const auto bytes = expected[i].bytes;
            EXPECT_EQ(padded[i].bytes.Count(), (4 * bytes.Count() + 2) / 3);
            EXPECT_EQ(padded[i].Payload(), bytes);
        }
    }
}
