/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_SETUP_H
#define TRAINING_SETUP_H

#include "measured-load.h"

#include "ns3/phase-recorder.h"
#include "ns3/synthetic-expert-load.h"

#include <memory>
#include <optional>
#include <vector>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief A matrix of token counts for each layer, as it stands, for every microbatch.
 */
class FixedLoad : public mixnetcore::ExpertLoad
{
  public:
    /**
     * @param tokens Assignments of each source rank (row) to each expert (column), by layer; layers
     * beyond the last begin again with the first.
     */
    explicit FixedLoad(std::vector<mixnetcore::TokenMatrix> tokens)
        : m_tokens(std::move(tokens))
    {
    }

    // Inherited from ExpertLoad
    mixnetcore::TokenMatrix Draw(const mixnetcore::LoadKey& key) const override
    {
        return m_tokens[key.layer % m_tokens.size()];
    }

    size_t SourceRanks() const override
    {
        return m_tokens.front().Rows();
    }

    size_t Experts() const override
    {
        return m_tokens.front().Columns();
    }

    bool RepeatsItself() const override
    {
        return m_tokens.size() == 1;
    }

    std::string Description() const override
    {
        return "fixed";
    }

  private:
    std::vector<mixnetcore::TokenMatrix> m_tokens; //!< the matrices
};

/// @ingroup mixnet-tests
/// @brief Which fabric a run is on.
enum class TestFabric
{
    Mixnet, //!< a region with an optical and a packet switch
    Ideal,  //!< one packet switch that joins all NICs and never fills
};

/**
 * @ingroup mixnet-tests
 * @brief What a run of these tests is made of. The default: the measured matrix, a rank per host.
 *
 * A token is 2 KiB, so that the busiest circuit of the measured matrix, 10897 tokens, takes
 * 446 us at 400 Gb/s: long against the few microseconds of propagation and of the legs inside the
 * hosts.
 */
struct TrainingSetup
{
    static constexpr uint32_t GPUS_PER_HOST = 8; //!< as the paper's servers

    TestFabric fabric{TestFabric::Mixnet}; //!< fabric

    size_t ranks{8};          //!< EP degree
    size_t tensorParallel{8}; //!< TP degree
    uint64_t hidden{1024};    //!< elements of two bytes per token
    /// Inner size of an expert: it takes longer than a dispatch, so that no combine begins, and
    /// shares lines with it, before the last rank has its tokens.
    uint64_t expertFfn{16384};
    uint64_t seed{0};                            //!< of the synthetic load; 0 without
    std::vector<mixnetcore::TokenMatrix> tokens; //!< fixed load by layer; the measured when none
    uint32_t layers{1};                          //!< MoE layers
    uint32_t microbatches{1};                    //!< microbatches
    bool backward{true};                         //!< whether the backward pass follows
    bool recompute{false};                       //!< whether forward is done once more before
    uint32_t firstLayer{0};                      //!< number of the first layer
    uint32_t iteration{0};                       //!< number of the iteration
    int64_t blackoutNs{25'000};                  //!< reconfiguration delay
    int64_t controlLatencyNs{0};                 //!< between hosts and controller, each way
    int64_t linkDownTimeoutNs{30'000'000'000};   //!< of the NICs
    std::string allocator{"greedy"};             //!< circuit allocator
    std::string policy{"block"};                 //!< when circuits change
    std::string numaRule{"spread"};              //!< circuits of a pair in the halves
    std::string tensorAlgorithm{"direct"};       //!< steps of tensor-parallel collectives
    ns3::mixnet::Fidelity optical{ns3::mixnet::Fidelity::Packet};    //!< level of circuits
    ns3::mixnet::Fidelity electrical{ns3::mixnet::Fidelity::Packet}; //!< of packet switches
    double efficiency{1};                                            //!< of all-to-alls
    /// How often a token with several experts on a rank or host is sent; not with a fixed load.
    mixnetcore::Deduplication deduplication{mixnetcore::Deduplication::None};
    uint32_t opticalDegree{6};               //!< optical NICs of a host, on MixNet
    uint32_t electricalNics{2};              //!< the others
    uint32_t mtu{16384};                     //!< payload per frame; few events
    uint64_t linkRate{400'000'000'000};      //!< bits per second
    uint64_t gpuPortRate{3'600'000'000'000}; //!< bits per second, each way
    uint64_t numaLinkRate{0};                //!< bits per second, each way; 0 for no limit

    /// @return whether ranks are several GPUs, which have collectives of their own.
    bool HasTensorCollectives() const
    {
        return tensorParallel > 1;
    }

    /// @return whether the fabric has circuits.
    bool IsOptical() const
    {
        return fabric == TestFabric::Mixnet;
    }

    /**
     * @return a small model: 4 x 4096 tokens that choose 2 experts each, the 32768 assignments of a
     * measured row; one expert per rank.
     */
    mixnetcore::ModelSpec Model() const
    {
        mixnetcore::ModelSpec model;
        model.name = "small";
        model.title = "Small";
        model.layers = 64;
        model.hidden = hidden;
        model.expertFfn = expertFfn;
        model.experts = ranks;
        model.paddedExperts = ranks;
        model.topK = 2;
        model.heads = 8;
        model.kvHeads = 8;
        model.headSize = 128;
        model.sequenceLength = 4096;
        model.microbatchSize = 4;
        return model;
    }
};

} // namespace tests

#endif // TRAINING_SETUP_H
