/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/model-parallelism.h"

#include <gtest/gtest.h>
#include <stdexcept>
#include <string>
#include <vector>

using namespace mixnetcore;

namespace
{

/**
 * @param model A model. @param tp TP degree. @param ep EP degree. @param pp PP degree.
 * @return the message of the refusal, empty if there is none.
 */
std::string
RefusalOf(const ModelSpec& model, size_t tp, size_t ep, size_t pp)
{
    ParallelPlanSpec spec;
    spec.tensorParallel = tp;
    spec.expertParallel = ep;
    spec.pipelineParallel = pp;
    return tests::Refusal([&] { PlanParallel(model, spec); });
}

} // namespace

TEST(ModelParallelism, FitsEveryModelOfTheCatalogueByDefault)
{
    for (const auto& name : Models().Names())
    {
        const auto model = FindModel(name);
        const auto plan = PlanParallel(model, DefaultParallelism(model));
        EXPECT_EQ(plan.Layers().Layers(), model.layers) << name;
        EXPECT_EQ(plan.DataParallel(), 1U) << name;
    }
}

TEST(ModelParallelism, GivesThePublishedModelsTheirRegions)
{
    // EP * TP / 8 hosts: MixNet, table 1, section 7.3, appendix D.1
    const auto hostsOf = [](const std::string& name) {
        const auto model = FindModel(name);
        return PlanParallel(model, DefaultParallelism(model)).HostsPerRegion();
    };
    EXPECT_EQ(hostsOf("mixtral-8x22b"), 8U);
    EXPECT_EQ(hostsOf("mixtral-8x7b"), 4U);
    EXPECT_EQ(hostsOf("llama-moe"), 2U);
    EXPECT_EQ(hostsOf("qwen-moe"), 2U);
    EXPECT_EQ(hostsOf("qwen-moe-ep32"), 4U);
    EXPECT_EQ(hostsOf("deepseek-r1"), 8U);
    EXPECT_EQ(hostsOf("deepseek-v3"), 16U);
}

TEST(ModelParallelism, TakesTheModelsOwnListOfLayersForItsOwnStages)
{
    auto model = FindModel("llama-moe"); // 32 layers, 4 stages
    model.layersPerStage = {5, 9, 9, 9};
    auto spec = DefaultParallelism(model);
    EXPECT_EQ(PlanParallel(model, spec).Layers().LayersOnStage(0), 5U);
    spec.pipelineParallel = 2;
    EXPECT_EQ(PlanParallel(model, spec).Layers().LayersOnStage(0), 16U);
    spec.pipelineParallel = 4;
    spec.chunksPerStage = 2;
    EXPECT_EQ(PlanParallel(model, spec).Layers().LayersOnStage(0), 8U);
}

TEST(ModelParallelism, SharesAllParametersOutOverTheRanksOfAReplica)
{
    // Over all ranks of one replica: experts once; split matrices once per EP rank; gates and
    // norms once per EP rank and TP index.
    for (const auto& name : Models().Names())
    {
        const auto model = FindModel(name);
        const auto plan = PlanParallel(model, DefaultParallelism(model));
        RankParameters sum;
        for (size_t rank = 0; rank < plan.Ranks(); ++rank)
        {
            const auto held = ParametersOfRank(model, plan, rank);
            sum.experts += held.experts;
            sum.others += held.others;
        }
        const auto all = CountParameters(model);
        const auto onEach = all.gate + all.norms;
        const auto split = all.Total() - all.routedExperts - onEach;
        EXPECT_EQ(sum.experts, all.routedExperts) << name;
        EXPECT_EQ(sum.others,
                  split * plan.ExpertParallel() +
                      onEach * (plan.ExpertParallel() * plan.TensorParallel()))
            << name;
    }
}

TEST(ModelParallelism, SharesOutWhatDoesNotDivideByTheTensorDegreeToo)
{
    // Two matrices of 32001 * 4097 elements on 4 GPUs: 2 left over, for the first two
    auto model = FindModel("mixtral-8x7b");
    model.vocabulary = 32001;
    model.hidden = 4097;
    model.layers = 1;
    auto spec = DefaultParallelism(model);
    spec.pipelineParallel = 1;
    const auto plan = PlanParallel(model, spec);
    Parameters sum;
    for (size_t t = 0; t < 4; ++t)
    {
        sum += ParametersOfRank(model, plan, plan.RankAt({t, 0, 0, 0})).others;
    }
    const auto all = CountParameters(model);
    EXPECT_EQ(sum, all.Total() - all.routedExperts + (all.gate + all.norms) * 3);
}

TEST(ModelParallelism, HoldsTheEmbeddingFirstAndTheHeadLast)
{
    // LLaMA-MoE: 4 stages of 8 equal layers; TP 1
    const auto model = FindModel("llama-moe");
    const auto plan = PlanParallel(model, DefaultParallelism(model));
    const auto othersOf = [&](size_t stage) {
        return ParametersOfRank(model, plan, plan.RankAt({0, 0, 0, stage})).others;
    };
    const Parameters matrix(uint64_t{32000} * 4096);
    EXPECT_EQ(othersOf(0), othersOf(1) + matrix);
    EXPECT_EQ(othersOf(2), othersOf(1));
    EXPECT_EQ(othersOf(3), othersOf(1) + matrix + Parameters(4096));
}

TEST(ModelParallelism, HoldsATiedMatrixOnceOnOneStageAndAtBothEndsOfSeveral)
{
    auto model = FindModel("llama-moe");
    const Parameters matrix(model.vocabulary * model.hidden);
    const auto othersOf = [&model](size_t stages) {
        auto spec = DefaultParallelism(model);
        spec.pipelineParallel = stages;
        const auto plan = PlanParallel(model, spec);
        Parameters sum;
        for (size_t stage = 0; stage < stages; ++stage)
        {
            sum += ParametersOfRank(model, plan, plan.RankAt({0, 0, 0, stage})).others;
        }
        return sum;
    };
    const auto untiedOnOne = othersOf(1);
    const auto untiedOnTwo = othersOf(2);
    model.tiedEmbeddings = true;
    EXPECT_EQ(othersOf(1) + matrix, untiedOnOne);
    EXPECT_EQ(othersOf(2), untiedOnTwo);
}

TEST(ModelParallelism, LeavesNoExpertOutAndNoRankWithout)
{
    // 60 experts in 64 places on 16 ranks: 4 ranks have 3, 12 have 4.
    const auto model = FindModel("qwen-moe");
    std::vector<size_t> ranksWith(5);
    for (size_t rank = 0; rank < 16; ++rank)
    {
        ++ranksWith.at(ExpertsOnRank(model, 16, rank));
    }
    EXPECT_EQ(ranksWith, (std::vector<size_t>{0, 0, 0, 4, 12}));
}

TEST(ModelParallelism, RefusesDegreesThatDoNotDivideTheModel)
{
    EXPECT_EQ(RefusalOf(FindModel("mixtral-8x7b"), 1, 16, 1),
              "EP degree 16 does not divide the 8 experts of mixtral-8x7b");
    auto model = FindModel("mixtral-8x7b");
    model.heads = 12;
    EXPECT_EQ(RefusalOf(model, 8, 8, 1),
              "TP degree 8 does not divide the 12 attention heads of mixtral-8x7b");
    EXPECT_EQ(RefusalOf(FindModel("mixtral-8x7b"), 1, 8, 33),
              "32 layers on 33 pipeline stages; expected at least one layer for each");
}
