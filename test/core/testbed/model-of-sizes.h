/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MODEL_OF_SIZES_H
#define MODEL_OF_SIZES_H

#include "ns3/model-spec.h"

namespace mixnetcore::tests
{

/// Sizes of grouped-query attention.
struct AttentionSizes
{
    uint64_t heads;    //!< attention heads
    uint64_t kvHeads;  //!< heads of keys and values
    uint64_t headSize; //!< size of one head, elements
};

/// Sizes of routed experts.
struct ExpertSizes
{
    uint64_t experts; //!< routed experts that exist
    uint64_t topK;    //!< of them, per token
    uint64_t ffn;     //!< inner size of one, elements
};

/**
 * @param hidden Size of a token's activation, elements.
 * @param attention Sizes of attention.
 * @param experts Sizes of experts.
 * @return a model with these, small enough to count by hand; the rest as ModelSpec has it.
 */
inline ModelSpec
ModelOf(uint64_t hidden, const AttentionSizes& attention, const ExpertSizes& experts)
{
    ModelSpec model;
    model.hidden = hidden;
    model.heads = attention.heads;
    model.kvHeads = attention.kvHeads;
    model.headSize = attention.headSize;
    model.experts = experts.experts;
    model.topK = experts.topK;
    model.expertFfn = experts.ffn;
    return model;
}

} // namespace mixnetcore::tests

#endif // MODEL_OF_SIZES_H
