/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MODEL_SPEC_H
#define MODEL_SPEC_H

#include "ns3/mixnet-units.h"
#include "ns3/registry.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Sizes of multi-head latent attention (MLA).
 *
 * Queries, and keys and values, pass through a smaller vector each. Every head's query and key is a
 * part without position and a part with rotary position; the latter part of the key is one for all
 * heads.
 *
 * @see DeepSeek-V2, arXiv 2405.04434, section 2.1
 */
struct LatentAttention
{
    uint64_t queryRank{0};    //!< size of the compressed query, elements; 0: not compressed
    uint64_t keyValueRank{0}; //!< size of the compressed key and value, elements
    uint64_t nopeSize{0};     //!< part of a head's query and key without position, elements
    uint64_t ropeSize{0};     //!< part of a head's query and key with position, elements
    uint64_t valueSize{0};    //!< size of a head's value, elements
};

/**
 * @ingroup mixnet-core
 * @brief A Mixture-of-Experts model and the parallelism it is trained with by default.
 *
 * Every layer is attention followed by a feed-forward block: dense in the first layers of some
 * models, an MoE block in all others. Attention is that of grouped queries, or latent; experts and
 * dense blocks are gated (three matrices). Not modelled: MoE blocks in every second layer only,
 * prediction of several tokens (MTP), biases.
 */
struct ModelSpec
{
    std::string name;  //!< name in options: that of the model's file without .json
    std::string title; //!< name in tables and figures

    uint64_t layers{0};           //!< transformer layers
    uint64_t denseLayers{0};      //!< layers at the beginning that are dense instead of MoE
    uint64_t hidden{0};           //!< size of a token's activation (d), elements
    uint64_t denseFfn{0};         //!< inner size of a dense layer's block, elements; 0 without any
    uint64_t expertFfn{0};        //!< inner size of a routed expert (f), elements
    uint64_t experts{0};          //!< routed experts that exist (E)
    uint64_t paddedExperts{0};    //!< expert places when laid out on ranks; at least experts
    uint64_t redundantExperts{0}; //!< places of further copies, all places filled; 0: none
    uint64_t topK{0};             //!< routed experts per token (k)
    uint64_t expertGroups{1};     //!< groups of neighbouring places that gating tells apart
    uint64_t groupsPerToken{1};   //!< of them, how many a token may go to; all: no limit
    uint64_t sharedFfn{0};        //!< inner size of all shared experts together; 0 without one
    uint64_t heads{0};            //!< attention heads (H)
    uint64_t kvHeads{0};          //!< heads of keys and values; not used by latent attention
    uint64_t headSize{0};         //!< size of one head, elements; not used by latent attention
    std::optional<LatentAttention> latentAttention; //!< sizes if attention is latent
    uint64_t vocabulary{0};                         //!< number of different tokens (V)
    bool tiedEmbeddings{false};                     //!< whether the head is the embedding's matrix

    uint64_t sequenceLength{0}; //!< tokens per sequence (s)
    uint64_t microbatchSize{0}; //!< sequences per microbatch (b) of one EP rank
    uint64_t microbatches{1};   //!< default microbatches per iteration and replica

    uint64_t expertParallel{0};   //!< default EP degree: ranks that share the experts
    uint64_t tensorParallel{0};   //!< default TP degree: GPUs per EP rank
    uint64_t pipelineParallel{0}; //!< default PP degree: stages
    std::vector<size_t>
        layersPerStage; //!< default layers of each stage; empty: as even as possible

    std::vector<std::string> sources; //!< where sizes and parallelism are from

    static constexpr uint64_t BYTES_PER_ELEMENT = 2; //!< BF16

    /// @brief Gives experts further copies, in place of empty places. @param copies How many.
    void SetRedundantExperts(uint64_t copies)
    {
        redundantExperts = copies;
        paddedExperts = experts + copies;
    }

    /// @return layers with an MoE block.
    uint64_t MoeLayers() const
    {
        return layers - denseLayers;
    }

    /// @param layer From 0. @return whether it has an MoE block.
    bool IsMoeLayer(uint64_t layer) const
    {
        return layer >= denseLayers;
    }

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
 * @brief A model of the catalogue (the files models/NAME.json, built in) or of a user's file.
 * @param name Name of a model, of Models(), or the path of a JSON file of the same
 *        form: whatever has a slash in it or ends with .json.
 * @return the model, with the parallelism it is trained with by default.
 * @throws std::invalid_argument with one line: the known names when there is no such model; file,
 *         field, value and rule when a file is not right.
 */
ModelSpec FindModel(const std::string& name);

/**
 * @ingroup mixnet-core
 * @param model A model.
 * @return its experts for messages: how many, and with empty places how many of both.
 */
std::string DescribeExperts(const ModelSpec& model);

/// @ingroup mixnet-core
/// @brief Makes a model.
using ModelMaker = std::function<ModelSpec()>;

/// @ingroup mixnet-core
/// @return the catalogue: the files models/NAME.json, in alphabetical order.
Registry<ModelMaker>& Models();

} // namespace mixnetcore

#endif // MODEL_SPEC_H
