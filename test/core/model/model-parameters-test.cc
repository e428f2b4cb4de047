/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/model-of-sizes.h"

#include "ns3/model-parameters.h"

#include <gtest/gtest.h>
#include <map>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

/**
 * @brief What a publisher states.
 */
struct Published
{
    double total;  //!< parameters, in units of 10^9
    double active; //!< those that one token uses, in units of 10^9
};

/**
 * @brief What the publishers state, input embedding and head included.
 *
 * Mixtral of Experts (arXiv 2401.04088) and mistral.ai/news/mixtral-8x22b; README of LLaMA-MoE
 * (built from LLaMA-2 7B: 6.7); Qwen's README of Qwen1.5-MoE-A2.7B; DeepSeek-V3 (arXiv 2412.19437)
 * and DeepSeek-R1 (arXiv 2501.12948), both without MTP. The variant with 32 of Qwen's 60 experts
 * has 28 * 24 * 3 * 2048 * 1408 = 5.8 less.
 */
const std::map<std::string, Published> PUBLISHED{
    {"deepseek-r1", {671, 37}},
    {"deepseek-v3", {671, 37}},
    {"llama-moe", {6.7, 3.5}},
    {"mixtral-8x22b", {141, 39}},
    {"mixtral-8x7b", {46.7, 12.9}},
    {"qwen-moe", {14.3, 2.7}},
    {"qwen-moe-ep32", {14.3 - 28 * 24 * 3 * 2048 * 1408e-9, 2.7}},
};

/// @param count A number of parameters. @return it in units of 10^9.
double
Billions(Parameters count)
{
    return static_cast<double>(count.Count()) / 1e9;
}

/// @return a model small enough to count by hand: 3 layers, of which the first is dense.
ModelSpec
TinyModel()
{
    auto model = tests::ModelOf(10, {4, 2, 6}, {4, 2, 5});
    model.layers = 3;
    model.denseLayers = 1;
    model.denseFfn = 7;
    model.paddedExperts = 6;
    model.sharedFfn = 3;
    model.vocabulary = 100;
    return model;
}

} // namespace

TEST(ModelParameters, AddUpToThePublishedTotal)
{
    for (const auto& [name, published] : PUBLISHED)
    {
        EXPECT_NEAR(Billions(CountParameters(FindModel(name)).Total()),
                    published.total,
                    0.02 * published.total)
            << name;
    }
}

TEST(ModelParameters, AddUpToThePublishedActiveOnes)
{
    for (const auto& [name, published] : PUBLISHED)
    {
        EXPECT_NEAR(Billions(CountActiveParameters(FindModel(name)).Total()),
                    published.active,
                    0.02 * published.active)
            << name;
    }
}

TEST(ModelParameters, CountEveryPartOfALayer)
{
    const auto dense = CountLayerParameters(TinyModel(), 0);
    EXPECT_EQ(dense.attention, Parameters(2 * 10 * 4 * 6 + 2 * 10 * 2 * 6));
    EXPECT_EQ(dense.denseFfn, Parameters(3 * 10 * 7));
    EXPECT_EQ(dense.norms, Parameters(2 * 10));
    EXPECT_EQ(dense.Total(), dense.attention + dense.denseFfn + dense.norms);

    const auto moe = CountLayerParameters(TinyModel(), 1);
    EXPECT_EQ(moe.attention, dense.attention);
    EXPECT_EQ(moe.gate, Parameters(10 * 4));
    EXPECT_EQ(moe.routedExperts, Parameters(4 * 3 * 10 * 5));
    EXPECT_EQ(moe.sharedExperts, Parameters(3 * 10 * 3));
    EXPECT_EQ(moe.denseFfn, Parameters(0));
}

TEST(ModelParameters, CountTheProjectionsOfLatentAttention)
{
    auto model = TinyModel();
    model.latentAttention = LatentAttention{8, 9, 2, 1, 3};
    // down 10 * 8, up 8 * 4 * (2 + 1); down 10 * (9 + 1), up 9 * 4 * (2 + 3); out 4 * 3 * 10
    EXPECT_EQ(CountLayerParameters(model, 0).attention, Parameters(80 + 96 + 100 + 180 + 120));
    EXPECT_EQ(CountLayerParameters(model, 0).norms, Parameters(2 * 10 + 8 + 9));

    model.latentAttention->queryRank = 0; // 10 * 4 * (2 + 1) instead of 80 + 96
    EXPECT_EQ(CountLayerParameters(model, 0).attention, Parameters(120 + 100 + 180 + 120));
}

TEST(ModelParameters, OfTheModelAreThoseOfItsLayersAndItsEnds)
{
    const auto model = TinyModel();
    auto sum = CountLayerParameters(model, 0);
    sum += CountLayerParameters(model, 1);
    sum += CountLayerParameters(model, 2);
    const auto all = CountParameters(model);
    EXPECT_EQ(all.embedding, Parameters(100 * 10));
    EXPECT_EQ(all.head, Parameters(100 * 10));
    EXPECT_EQ(all.Total(), sum.Total() + Parameters(2 * 100 * 10 + 10));
}

TEST(ModelParameters, CountATiedMatrixOnce)
{
    auto model = TinyModel();
    const auto untied = CountParameters(model).Total();
    model.tiedEmbeddings = true;
    EXPECT_EQ(CountParameters(model).Total() + Parameters(100 * 10), untied);
}

TEST(ModelParameters, AreActiveButForTheExpertsThatATokenDoesNotChoose)
{
    // 2 MoE layers, 2 of 4 experts each
    const auto model = TinyModel();
    EXPECT_EQ(CountActiveParameters(model).Total() + Parameters(2 * 2 * 3 * 10 * 5),
              CountParameters(model).Total());
}

TEST(ModelParameters, AreNoneForEmptyExperts)
{
    auto model = TinyModel();
    const auto padded = CountParameters(model).Total();
    model.paddedExperts = model.experts;
    EXPECT_EQ(CountParameters(model).Total(), padded);
}

TEST(ModelParameters, RefuseALayerThatIsNotThere)
{
    EXPECT_THROW(CountLayerParameters(TinyModel(), 3), std::out_of_range);
}
