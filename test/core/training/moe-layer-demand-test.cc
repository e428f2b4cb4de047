/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/moe-training-work.h"
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

/// @param model A model. @param load Its load. @param layout Ranks of an EP group on its GPUs.
/// @param deduplication How often a token is sent. @return the work of five replicas.
MoeTrainingWork
WorkOf(const ModelSpec& model,
       std::shared_ptr<const ExpertLoad> load,
       const ExpertParallelGroup& layout,
       Deduplication deduplication = Deduplication::None)
{
    ParallelPlanSpec spec;
    spec.expertParallel = layout.Ranks();
    spec.tensorParallel = layout.TensorParallel();
    spec.dataParallel = 5;
    spec.layers = model.layers;
    spec.gpusPerHost = layout.GpusPerHost();
    TrainingWorkOptions options;
    options.deduplication = deduplication;
    return {model,
            ParallelPlan(spec),
            std::move(load),
            {model, layout.TensorParallel()},
            OptimizerModel(Picoseconds(1)),
            options};
}

/// @param key A gating of a model without dense layers. @return its dispatch.
PhaseKey
PhaseOf(const LoadKey& key)
{
    PhaseKey phase;
    phase.iteration = key.iteration;
    phase.layer = key.layer;
    phase.microbatch = key.microbatch;
    phase.replica = key.replica;
    return phase.With(PhaseKind::Dispatch);
}

/**
 * @brief Four EP ranks of two GPUs each on hosts of four GPUs, eight experts.
 */
struct Setting
{
    ModelSpec model{FindModel("mixtral-8x7b")};                 //!< sizes
    std::shared_ptr<CountingLoad> load{new CountingLoad(4, 8)}; //!< tokens
    MoeTrainingWork work{WorkOf(model, load, {4, 2, 4})};       //!< what is tested
};

} // namespace

TEST(MoeLayerDemand, CountsTheTokensThatArriveAtARank)
{
    // Rank r holds experts 2r and 2r + 1.
    Setting s;
    const LoadKey key{3, 5, 2, 1};
    const auto tokens = s.load->Draw(key);
    const auto& arriving = s.work.DemandOf(PhaseOf(key)).arriving;
    ASSERT_EQ(arriving.size(), 4U);
    Tokens sum;
    for (size_t rank = 0; rank < 4; ++rank)
    {
        EXPECT_EQ(arriving[rank], tokens.ColumnSum(2 * rank) + tokens.ColumnSum(2 * rank + 1));
        sum += arriving[rank];
    }
    EXPECT_EQ(sum, tokens.Total());
}

TEST(MoeLayerDemand, KeepsAllBytesThatLeaveTheirRank)
{
    Setting s;
    const LoadKey key{3, 5, 2, 1};
    const auto ranks = s.load->Draw(key).Grouped(1, 2).WithoutDiagonal();
    const auto& dispatch = s.work.DemandOf(PhaseOf(key)).dispatch;
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

TEST(MoeLayerDemand, ReturnsByCombineWhatDispatchSent)
{
    // Combine is dispatch transposed: what a GPU sent is what it gets back.
    Setting s;
    const auto& dispatch = s.work.DemandOf(PhaseOf({})).dispatch;
    const auto combine = dispatch.Transposed();
    for (size_t gpu = 0; gpu < 8; ++gpu)
    {
        EXPECT_EQ(combine.ColumnSum(gpu), dispatch.RowSum(gpu));
        EXPECT_EQ(combine.RowSum(gpu), dispatch.ColumnSum(gpu));
    }
    EXPECT_NE(combine, dispatch);
}

TEST(MoeLayerDemand, DrawsOnceForAllThatAskForTheSame)
{
    Setting s;
    const LoadKey key{1, 2, 3, 4};
    const auto first = s.work.DemandOf(PhaseOf(key)).dispatch;
    for (int host = 0; host < 8; ++host)
    {
        EXPECT_EQ(s.work.DemandOf(PhaseOf(key)).dispatch, first);
    }
    EXPECT_EQ(s.load->draws, 1);
}

TEST(MoeLayerDemand, TellsKeysApartByEveryField)
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
        const auto kept = s.work.DemandOf(PhaseOf(key));
        Setting fresh;
        EXPECT_EQ(kept.dispatch, fresh.work.DemandOf(PhaseOf(key)).dispatch);
        EXPECT_EQ(kept.arriving, fresh.work.DemandOf(PhaseOf(key)).arriving);
    }
    EXPECT_EQ(s.load->draws, 5) << "four of one replica, and one of another, are kept";
}

TEST(MoeLayerDemand, RemembersTheDemandsAskedForLast)
{
    static_assert(MoeTrainingWork::GATINGS_KEPT == 4, "as written below");
    Setting s;
    const auto ask = [&](uint32_t layer) -> const MoeLayerDemand& {
        return s.work.DemandOf(PhaseOf({0, layer, 0, 0}));
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

TEST(MoeLayerDemand, CountsLayersWithExpertsFromTheFirstOne)
{
    // DeepSeek-V3 begins with 3 dense layers: layer 3 is the first with experts, 60 the last, 57th.
    const auto model = FindModel("deepseek-v3");
    const auto load = std::make_shared<CountingLoad>(64, 256);
    const auto work = WorkOf(model, load, {64, 1, 8});
    PhaseKey phase;
    phase.iteration = 1;
    phase.microbatch = 2;
    phase.replica = 3;
    phase.kind = PhaseKind::Expert;
    for (const auto& [layer, index] : {std::pair(3U, 0U), std::pair(60U, 57U)})
    {
        phase.layer = layer;
        const auto& demand = work.DemandOf(phase);
        const auto tokens = load->Draw({1, index, 2, 3}).Grouped(1, 4);
        EXPECT_EQ(demand.arriving[5], tokens.ColumnSum(5));
        EXPECT_EQ(work.ComputeTime(phase, 5),
                  ComputeModel(model, 1).Expert(Direction::Forward, demand.arriving[5]));
        EXPECT_EQ(work.TensorBytes(phase.With(PhaseKind::AllGather), 5),
                  Bytes(demand.buffered[5].Count() * 7168 * 2));
    }
    phase.layer = 2;
    EXPECT_THROW(work.DemandOf(phase), std::invalid_argument);
}

TEST(MoeLayerDemand, TakesTwiceAsLongBackwardAsForward)
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
                EXPECT_EQ(s.work.ComputeTime(key, rank), time) << ToString(kind);
                key.direction = Direction::Backward;
                EXPECT_EQ(s.work.ComputeTime(key, rank), 2 * time) << ToString(kind);
            }
        }
    }
}

TEST(MoeLayerDemand, RefusesToComputeInAPhaseOfCommunication)
{
    Setting s;
    for (const auto kind :
         {PhaseKind::Dispatch, PhaseKind::Combine, PhaseKind::AllGather, PhaseKind::ReduceScatter})
    {
        EXPECT_THROW(s.work.ComputeTime(PhaseKey().With(kind), 0), std::invalid_argument);
    }
}

TEST(MoeLayerDemand, GathersTheTokensThatArriveAtARank)
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
                EXPECT_EQ(s.work.TensorBytes(key, rank), expected);
            }
        }
    }
}

TEST(MoeLayerDemand, AnswersWhatItIsMadeOf)
{
    Setting s;
    EXPECT_EQ(s.work.Model().name, "mixtral-8x7b");
    EXPECT_EQ(&s.work.Load(), s.load.get());
    EXPECT_EQ(s.work.Compute().Attention(), ComputeModel(s.model, 2).Attention());
}

TEST(MoeLayerDemand, SendsLessButComputesTheSameWithDeduplication)
{
    const auto& model = FindModel("llama-moe");
    const auto load = std::make_shared<SyntheticExpertLoad>(SyntheticLoadOf(model, 16));
    const auto with = [&](Deduplication kind) {
        return WorkOf(model, load, {16, 1, 8}, kind).DemandOf(PhaseOf({1, 2, 3, 0}));
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

TEST(MoeLayerDemand, BuffersDistinctTokensForTensorParallelism)
{
    // Two experts per rank: rank-level deduplication leaves fewer tokens to gather.
    const auto& model = FindModel("mixtral-8x7b");
    const auto load = std::make_shared<SyntheticExpertLoad>(SyntheticLoadOf(model, 4));
    const auto work = WorkOf(model, load, {4, 2, 8}, Deduplication::Rank);
    const auto& demand = work.DemandOf(PhaseOf({}));
    EXPECT_LT(demand.buffered[1], demand.arriving[1]);
    PhaseKey phase;
    phase.kind = PhaseKind::AllGather;
    EXPECT_EQ(work.TensorBytes(phase, 1), model.BytesPerToken() * demand.buffered[1].Count());
}
