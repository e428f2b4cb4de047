/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MODEL_SPEC_H
#define MODEL_SPEC_H

#include "ns3/mixnet-units.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A Mixture-of-Experts model and the parallelism it is trained with by default.
 *
 * Every layer is attention followed by an MoE block; attention is that of grouped queries, experts
 * are gated (three matrices). Not modelled: dense layers between, latent attention (MLA).
 */
struct ModelSpec
{
    std::string name;  //!< name in options, lower case
    std::string title; //!< name in tables and figures

    uint64_t layers{0};        //!< transformer layers, all of them MoE
    uint64_t hidden{0};        //!< size of a token's activation (d), elements
    uint64_t expertFfn{0};     //!< inner size of a routed expert (f), elements
    uint64_t experts{0};       //!< routed experts that exist (E)
    uint64_t paddedExperts{0}; //!< expert places when laid out on ranks; at least experts
    uint64_t topK{0};          //!< routed experts per token (k)
    uint64_t sharedFfn{0};     //!< inner size of the shared expert, elements; 0 without one
    uint64_t heads{0};         //!< attention heads (H)
    uint64_t kvHeads{0};       //!< heads of keys and values
    uint64_t headSize{0};      //!< size of one head, elements
    uint64_t vocabulary{0};    //!< number of different tokens (V)

    uint64_t sequenceLength{0}; //!< tokens per sequence (s)
    uint64_t microbatchSize{0}; //!< sequences per microbatch (b)

    uint64_t expertParallel{0};   //!< default EP degree: ranks that share the experts
    uint64_t tensorParallel{0};   //!< default TP degree: GPUs per EP rank
    uint64_t pipelineParallel{0}; //!< default PP degree: stages

    static constexpr uint64_t BYTES_PER_ELEMENT = 2; //!< BF16

    /// @return tokens one EP rank works on per microbatch: b * s.
    Tokens TokensPerMicrobatch() const
    {
        return Tokens(microbatchSize * sequenceLength);
    }

    /// @return token assignments one EP rank makes per microbatch and layer: b * s * k.
    Tokens AssignmentsPerMicrobatch() const
    {
        return TokensPerMicrobatch() * topK;
    }

    /// @return size of one token's activation on the wire.
    Bytes BytesPerToken() const
    {
        return Bytes(hidden * BYTES_PER_ELEMENT);
    }
};

/**
 * @ingroup mixnet-core
 * @param name Name of a model, as ModelNames() lists them.
 * @return the model as published, with the parallelism of MixNet's evaluation; a copy may be
 * changed.
 * @throws std::invalid_argument that lists the known names when there is no such model.
 */
const ModelSpec& FindModel(const std::string& name);

/**
 * @ingroup mixnet-core
 * @return the names of all known models, in the order of the catalogue.
 */
std::vector<std::string> ModelNames();

} // namespace mixnetcore

#endif // MODEL_SPEC_H
