/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/moe-group-workload.h"
#include "ns3/synthetic-expert-load.h"

#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/**
 * @brief A load of numbers that tell key, row and column, and counts how often it is asked.
 */
class CountingLoad : public ExpertLoad
{
  public:
    /// @param ranks Source ranks. @param experts Expert places.
    CountingLoad(size_t ranks, size_t experts)
        : m_ranks(ranks),
          m_experts(experts)
    {
    }

    TokenMatrix Draw(const LoadKey& key) const override
    {
        ++draws;
        TokenMatrix tokens(m_ranks, m_experts);
        for (size_t row = 0; row < m_ranks; ++row)
        {
            for (size_t column = 0; column < m_experts; ++column)
            {
                tokens.At(row, column) =
                    Tokens(1 + key.iteration + 10 * key.layer + 100 * key.microbatch +
                           1000 * key.replica + 10'000 * row + 100'000 * column);
            }
        }
        return tokens;
    }

    size_t SourceRanks() const override
    {
        return m_ranks;
    }

    size_t Experts() const override
    {
        return m_experts;
    }

    bool RepeatsItself() const override
    {
        return false;
    }

    std::string Description() const override
    {
        return "counting";
    }

    mutable int draws{0}; //!< how often it was asked

  private:
    size_t m_ranks;   //!< source ranks
    size_t m_experts; //!< expert places
};

/**
 * @brief Four EP ranks of two GPUs each on hosts of four GPUs, eight experts.
 */
struct Setting
{
    ModelSpec model{FindModel("mixtral-8x7b")};                 //!< sizes
    ExpertParallelGroup group{4, 2, 4};                         //!< ranks on GPUs
    std::shared_ptr<CountingLoad> load{new CountingLoad(4, 8)}; //!< tokens
    MoeGroupWorkload workload{model, group, load, {model, 2}};  //!< what is tested
};

} // namespace

TEST(MoeGroupWorkload, CountsTheTokensThatArriveAtARank)
{
    // Rank r holds experts 2r and 2r + 1.
    Setting s;
    const LoadKey key{3, 5, 2, 1};
    const auto tokens = s.load->Draw(key);
    const auto& arriving = s.workload.DemandOf(key).arriving;
    ASSERT_EQ(arriving.size(), 4U);
    Tokens sum;
    for (size_t rank = 0; rank < 4; ++rank)
    {
        EXPECT_EQ(arriving[rank], tokens.ColumnSum(2 * rank) + tokens.ColumnSum(2 * rank + 1));
        sum += arriving[rank];
    }
    EXPECT_EQ(sum, tokens.Total());
}

TEST(MoeGroupWorkload, KeepsAllBytesThatLeaveTheirRank)
{
    Setting s;
    const LoadKey key{3, 5, 2, 1};
    const auto ranks = s.load->Draw(key).Grouped(1, 2).WithoutDiagonal();
    const auto& dispatch = s.workload.DemandOf(key).dispatch;
    EXPECT_EQ(dispatch.Rows(), 8U);
    EXPECT_EQ(dispatch.Total(), Bytes(ranks.Total().Count() * s.model.BytesPerToken().Count()));
    // Both GPUs of a rank together send what their rank does, to the rank it is for.
    const auto perRank = dispatch.Grouped(2, 2);
    for (size_t from = 0; from < 4; ++from)
    {
        for (size_t to = 0; to < 4; ++to)
        {
            EXPECT_EQ(perRank.At(from, to).Count(),
                      ranks.At(from, to).Count() * s.model.BytesPerToken().Count());
        }
    }
}

TEST(MoeGroupWorkload, ReturnsByCombineWhatDispatchSent)
{
    // Combine is dispatch transposed: what a GPU sent is what it gets back.
    Setting s;
    const auto& dispatch = s.workload.DemandOf({}).dispatch;
    const auto combine = dispatch.Transposed();
    for (size_t gpu = 0; gpu < 8; ++gpu)
    {
        EXPECT_EQ(combine.ColumnSum(gpu), dispatch.RowSum(gpu));
        EXPECT_EQ(combine.RowSum(gpu), dispatch.ColumnSum(gpu));
    }
    EXPECT_NE(combine, dispatch);
}

TEST(MoeGroupWorkload, DrawsOnceForAllThatAskForTheSame)
{
    Setting s;
    const LoadKey key{1, 2, 3, 4};
    const auto first = s.workload.DemandOf(key).dispatch;
    for (int host = 0; host < 8; ++host)
    {
        EXPECT_EQ(s.workload.DemandOf(key).dispatch, first);
    }
    EXPECT_EQ(s.load->draws, 1);
}

TEST(MoeGroupWorkload, TellsKeysApartByEveryField)
{
    // The default key is asked for first: nothing known yet must not pass for it.
    Setting s;
    for (const auto& key : {LoadKey{0, 0, 0, 0},
                            LoadKey{1, 0, 0, 0},
                            LoadKey{0, 1, 0, 0},
                            LoadKey{0, 0, 1, 0},
                            LoadKey{0, 0, 0, 1},
                            LoadKey{0, 0, 0, 0}})
    {
        const auto kept = s.workload.DemandOf(key);
        Setting fresh;
        EXPECT_EQ(kept.dispatch, fresh.workload.DemandOf(key).dispatch);
        EXPECT_EQ(kept.arriving, fresh.workload.DemandOf(key).arriving);
    }
    EXPECT_EQ(s.load->draws, 6);
}

TEST(MoeGroupWorkload, RemembersTheDemandsAskedForLast)
{
    static_assert(MoeGroupWorkload::DEMANDS_KEPT == 4, "as written below");
    Setting s;
    const auto ask = [&](uint32_t layer) -> const MoeLayerDemand& {
        return s.workload.DemandOf({0, layer, 0, 0});
    };
    for (uint32_t layer = 0; layer < 4; ++layer)
    {
        ask(layer);
    }
    EXPECT_EQ(s.load->draws, 4);
    for (uint32_t layer = 0; layer < 4; ++layer)
    {
        ask(layer);
    }
    EXPECT_EQ(s.load->draws, 4);
    // Layer 0 is asked for again, so layer 1 is the oldest when a fifth comes.
    const auto& demand = ask(0);
    const auto arriving = demand.arriving;
    ask(4);
    EXPECT_EQ(&ask(0), &demand);
    EXPECT_EQ(demand.arriving, arriving);
    EXPECT_EQ(s.load->draws, 5);
    ask(1);
    EXPECT_EQ(s.load->draws, 6);
}

TEST(MoeGroupWorkload, CountsLayersWithExpertsFromTheFirstOne)
{
    // DeepSeek-V3 begins with 3 dense layers: layer 3 is the first with experts, 60 the last, 57th.
    const auto model = FindModel("deepseek-v3");
    const ExpertParallelGroup group(64, 1, 8);
    const auto load = std::make_shared<CountingLoad>(64, 256);
    const MoeGroupWorkload workload(model, group, load, {model, 1});
    PhaseKey phase;
    phase.iteration = 1;
    phase.microbatch = 2;
    phase.replica = 3;
    phase.kind = PhaseKind::Expert;
    for (const auto& [layer, index] : {std::pair(3U, 0U), std::pair(60U, 57U)})
    {
        phase.layer = layer;
        const auto& demand = workload.DemandOf(LoadKey{1, index, 2, 3});
        EXPECT_EQ(&workload.DemandOf(phase), &demand);
        EXPECT_EQ(workload.ComputeTime(phase, 5),
                  ComputeModel(model, 1).Expert(Direction::Forward, demand.arriving[5]));
        EXPECT_EQ(workload.TensorBytes(phase.With(PhaseKind::AllGather), 5),
                  Bytes(demand.buffered[5].Count() * 7168 * 2));
    }
    phase.layer = 2;
    EXPECT_THROW(workload.DemandOf(phase), std::invalid_argument);
}

TEST(MoeGroupWorkload, TakesTwiceAsLongBackwardAsForward)
{
    // Forward as the compute model says; backward each product has two gradients.
    Setting s;
    PhaseKey phase;
    phase.iteration = 3;
    phase.layer = 5;
    phase.microbatch = 2;
    phase.replica = 1;
    const auto tokens = s.load->Draw({3, 5, 2, 1});
    const ComputeModel compute(s.model, 2);
    for (const bool recompute : {false, true})
    {
        phase.recompute = recompute;
        for (size_t rank = 0; rank < 4; ++rank)
        {
            const auto arrived = tokens.ColumnSum(2 * rank) + tokens.ColumnSum(2 * rank + 1);
            for (const auto& [kind, time] : {std::pair(PhaseKind::Attention, compute.Attention()),
                                             std::pair(PhaseKind::Gating, compute.Gating()),
                                             std::pair(PhaseKind::Expert, compute.Expert(arrived))})
            {
                auto key = phase.With(kind);
                EXPECT_EQ(s.workload.ComputeTime(key, rank), time) << ToString(kind);
                key.direction = Direction::Backward;
                EXPECT_EQ(s.workload.ComputeTime(key, rank), 2 * time) << ToString(kind);
            }
        }
    }
}

TEST(MoeGroupWorkload, RefusesToComputeInAPhaseOfCommunication)
{
    Setting s;
    for (const auto kind :
         {PhaseKind::Dispatch, PhaseKind::Combine, PhaseKind::AllGather, PhaseKind::ReduceScatter})
    {
        EXPECT_THROW(s.workload.ComputeTime(PhaseKey().With(kind), 0), std::invalid_argument);
    }
}

TEST(MoeGroupWorkload, GathersTheTokensThatArriveAtARank)
{
    // Both GPUs of a rank together get one activation per token: hidden size x 2 bytes.
    Setting s;
    PhaseKey phase;
    phase.iteration = 1;
    phase.layer = 2;
    phase.microbatch = 3;
    phase.replica = 4;
    const auto tokens = s.load->Draw({1, 2, 3, 4});
    for (size_t rank = 0; rank < 4; ++rank)
    {
        const auto arrived = tokens.ColumnSum(2 * rank) + tokens.ColumnSum(2 * rank + 1);
        const Bytes expected(arrived.Count() * s.model.hidden * 2);
        for (const auto kind : {PhaseKind::AllGather, PhaseKind::ReduceScatter})
        {
            for (const auto direction : {Direction::Forward, Direction::Backward})
            {
                auto key = phase.With(kind);
                key.direction = direction;
                EXPECT_EQ(s.workload.TensorBytes(key, rank), expected);
            }
        }
    }
}

TEST(MoeGroupWorkload, AnswersWhatItIsMadeOf)
{
    Setting s;
    EXPECT_EQ(s.workload.Model().name, "mixtral-8x7b");
    EXPECT_EQ(s.workload.Group().Gpus(), 8U);
    EXPECT_EQ(&s.workload.Load(), s.load.get());
    EXPECT_EQ(s.workload.Compute().Attention(), ComputeModel(s.model, 2).Attention());
}

TEST(MoeGroupWorkload, RefusesALoadOfAnotherSize)
{
    const auto model = FindModel("mixtral-8x7b");
    const auto load = std::make_shared<CountingLoad>(8, 8);
    try
    {
        MoeGroupWorkload(model, {4, 2, 4}, load, {model, 2});
        FAIL() << "accepted";
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(), "expert load with 8 source ranks: the EP group has 4");
    }
}

TEST(MoeGroupWorkload, SendsLessButComputesTheSameWithDeduplication)
{
    const auto& model = FindModel("llama-moe");
    const ExpertParallelGroup group(16, 1, 8);
    const auto load = std::make_shared<SyntheticExpertLoad>(SyntheticLoadOf(model, 16));
    const auto with = [&](Deduplication kind) {
        return MoeGroupWorkload(model, group, load, {model, 1}, kind).DemandOf({1, 2, 3, 0});
    };
    const auto none = with(Deduplication::None);
    const auto rank = with(Deduplication::Rank);
    const auto host = with(Deduplication::Host);
    EXPECT_EQ(none.arriving, rank.arriving);
    EXPECT_EQ(none.arriving, host.arriving);
    // One expert per rank: a token never goes to a rank twice, but to a host with four of 16.
    EXPECT_EQ(rank.dispatch, none.dispatch);
    EXPECT_LT(host.dispatch.Total(), none.dispatch.Total());
    EXPECT_EQ(none.forwarded.Total(), Bytes(0));
    // Nothing is lost: what is sent and forwarded is what each rank gets without deduplication.
    EXPECT_EQ(host.dispatch.Total() + host.forwarded.Total(), none.dispatch.Total());
}

TEST(MoeGroupWorkload, BuffersDistinctTokensForTensorParallelism)
{
    // Two experts per rank: rank-level deduplication leaves fewer tokens to gather.
    const auto& model = FindModel("mixtral-8x7b");
    const ExpertParallelGroup group(4, 2, 8);
    const auto load = std::make_shared<SyntheticExpertLoad>(SyntheticLoadOf(model, 4));
    const MoeGroupWorkload workload(model, group, load, {model, 2}, Deduplication::Rank);
    const auto& demand = workload.DemandOf({});
    EXPECT_LT(demand.buffered[1], demand.arriving[1]);
    PhaseKey phase;
    phase.kind = PhaseKind::AllGather;
    EXPECT_EQ(workload.TensorBytes(phase, 1), model.BytesPerToken() * demand.buffered[1].Count());
}
