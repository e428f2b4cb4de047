/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "model-parameters.h"

#include <stdexcept>
#include <string>

namespace mixnetcore
{

namespace
{

constexpr uint64_t MATRICES_OF_GATED_BLOCK = 3; //!< gate, up and down projection

/**
 * @param model The model.
 * @return parameters of the norms of one layer.
 */
uint64_t
NormParameters(const ModelSpec& model)
{
    const auto& mla = model.latentAttention;
    return 2 * model.hidden + (mla ? mla->queryRank + mla->keyValueRank : 0);
}

/**
 * @param model The model.
 * @return embedding, head and last norm.
 */
ParameterCount
CountEnds(const ModelSpec& model)
{
    const Parameters matrix(model.vocabulary * model.hidden);
    ParameterCount count;
    count.embedding = matrix;
    count.head = model.tiedEmbeddings ? Parameters(0) : matrix;
    count.norms = Parameters(model.hidden);
    return count;
}

} // namespace

Parameters
ParameterCount::Total() const
{
    return embedding + attention + denseFfn + gate + routedExperts + sharedExperts + norms + head;
}

ParameterCount&
ParameterCount::operator+=(const ParameterCount& other)
{
    embedding += other.embedding;
    attention += other.attention;
    denseFfn += other.denseFfn;
    gate += other.gate;
    routedExperts += other.routedExperts;
    sharedExperts += other.sharedExperts;
    norms += other.norms;
    head += other.head;
    return *this;
}

Parameters
CountAttentionParameters(const ModelSpec& model)
{
    const auto d = model.hidden;
    const auto heads = model.heads;
    if (!model.latentAttention)
    {
        return Parameters(2 * d * model.headSize * (heads + model.kvHeads));
    }
    const auto& mla = *model.latentAttention;
    const auto queries = heads * (mla.nopeSize + mla.ropeSize);
    const auto query =
        mla.queryRank > 0 ? d * mla.queryRank + mla.queryRank * queries : d * queries;
    const auto down = d * (mla.keyValueRank + mla.ropeSize);
    const auto up = mla.keyValueRank * heads * (mla.nopeSize + mla.valueSize);
    return Parameters(query + down + up + heads * mla.valueSize * d);
}

ParameterCount
CountLayerParameters(const ModelSpec& model, uint64_t layer)
{
    if (layer >= model.layers)
    {
        throw std::out_of_range("no layer " + std::to_string(layer) + " among " +
                                std::to_string(model.layers) + " of " + model.name);
    }
    const auto perInner = MATRICES_OF_GATED_BLOCK * model.hidden;
    ParameterCount count;
    count.attention = CountAttentionParameters(model);
    count.norms = Parameters(NormParameters(model));
    if (!model.IsMoeLayer(layer))
    {
        count.denseFfn = Parameters(perInner * model.denseFfn);
        return count;
    }
    count.gate = Parameters(model.hidden * model.experts);
    count.routedExperts = Parameters(perInner * model.expertFfn * model.experts);
    count.sharedExperts = Parameters(perInner * model.sharedFfn);
    return count;
}

ParameterCount
CountParameters(const ModelSpec& model)
{
    auto count = CountEnds(model);
    for (uint64_t layer = 0; layer < model.layers; ++layer)
    {
        count += CountLayerParameters(model, layer);
    }
    return count;
}

ParameterCount
CountActiveParameters(const ModelSpec& model)
{
    auto count = CountParameters(model);
    const auto perExpert = count.routedExperts.Count() / model.experts;
    count.routedExperts = Parameters(perExpert * model.topK);
    return count;
}

} // namespace mixnetcore
