/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SYNTHETIC_EXPERT_LOAD_H
#define SYNTHETIC_EXPERT_LOAD_H

#include "expert-load.h"
#include "expert-popularity.h"
#include "token-sets.h"

#include "ns3/keyed-random.h"
#include "ns3/model-spec.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Shape and statistics of a SyntheticExpertLoad.
 *
 * A coefficient of variation is the standard deviation over the mean. The defaults come from one
 * measured matrix of Mixtral 8x7B: 8 source ranks x 8 experts, 32768 assignments per row.
 */
struct SyntheticExpertLoadOptions
{
    size_t sourceRanks{8};                      //!< EP ranks, rows of a matrix
    size_t experts{8};                          //!< experts that exist
    size_t expertPlaces{8};                     //!< columns of a matrix, at least the experts
    uint64_t topK{2};                           //!< experts per token, at most the experts
    Tokens tokensPerSource{uint64_t{8} * 4096}; //!< tokens of one rank's microbatch (b * s)

    uint64_t seed{1}; //!< which process: equal seeds give equal loads
    double skew{1};   //!< scales all variations below; 0 makes the load uniform

    /// Coefficient of variation over the experts of a matrix's column sums. Measured: 0.651
    /// (population formula), shares .296 .171 .031 .099 .122 .092 .028 .162.
    double expertVariation{0.65};

    /// Coefficient of variation of an expert's popularity over microbatches. An assumption: as much
    /// as over source ranks, since a single matrix cannot tell.
    double microbatchVariation{0.14};

    /// Coefficient of variation of an expert's share over source ranks. Measured: 0.143, the root
    /// mean square over the experts of the standard deviation (n - 1 formula) over the mean of a
    /// column of shares.
    double sourceVariation{0.143};

    /// Coefficient of variation of an expert's popularity over iterations, part of expertVariation;
    /// 0: popularity stands still. Off by default: a single matrix cannot tell.
    double driftVariation{0};

    /// Iterations in which the drift forgets two thirds of itself (autocorrelation 0.32).
    double driftIterations{100};

    /// Iterations in which half of the variation over experts that can go has gone, as with a
    /// load-balancing loss; 0: it stays, as late in training. The paper's Figure 4 has it shrink.
    double convergenceHalfLife{0};

    /// Part of the variation over experts that stays for ever, 0 to 1. With an early skew of 1 and
    /// the default, the loads end at a variation of 0.2.
    double convergedPart{0.3};

    /// Part of a layer's load that follows from the layer before, 0 to 1; 0: layers are
    /// independent.
    double layerCorrelation{0};

    /// Row by row, the probability that a token of expert e (row) in one layer goes to expert f
    /// (column) in the next: experts x experts numbers, rows that add up to 1. Empty: from each
    /// expert to the one that is as popular in its own layer.
    std::vector<double> transition;

    /// Groups of expert places, and how many of them a token may go to: no limit by default.
    GroupLimit limit;
};

/**
 * @ingroup mixnet-core
 * @param model Experts, top-k, groups of experts and microbatch.
 * @param sourceRanks EP degree.
 * @return options with the shape of the model and the default statistics.
 */
SyntheticExpertLoadOptions SyntheticLoadOf(const ModelSpec& model, size_t sourceRanks);

/**
 * @ingroup mixnet-core
 * @brief A random load for each iteration, layer, microbatch and replica, with measured statistics.
 *
 * The share of expert e on source rank r is proportional to
 * popularity(key, e) * factor(key, r, e).
 *
 * 1. Popularity in a microbatch: see ExpertPopularity. Its profile is such that the matrices reach
 *    expertVariation in iteration 0.
 * 2. Factors: log-normal with mean 1, fresh for each source rank of each gating.
 * 3. Shares become multiples of 2^-32, then assignments by largest remainder. An expert with more
 *    assignments than the rank has tokens (a token reaches an expert once) passes the excess on.
 * 4. With a limit of groups per token the tokens are drawn one cohort after the other, with the
 *    shares as their mean; without, only where deduplication asks for them, with the assignments as
 *    their counts: see TokenSets.
 *
 * Guarantees: a matrix depends on options and key alone, never on how many layers, microbatches or
 * replicas there are; every token has topK different experts, in groupsPerToken groups at most; the
 * same bits on every machine (numbers are hashes of the key, and no function of the C library is
 * used); experts that only fill up a rank get nothing.
 * Not modelled: layers that differ in skew, experts that like the same tokens, replicas that go
 * together.
 *
 * @see MixNet, section 3 and appendix A.2
 */
class SyntheticExpertLoad : public ExpertLoad
{
  public:
    /**
     * @param options Shape and statistics.
     * @throws std::invalid_argument naming the option, its value and its range.
     */
    explicit SyntheticExpertLoad(const SyntheticExpertLoadOptions& options);

    // Inherited from ExpertLoad
    TokenMatrix Draw(const LoadKey& key) const override;
    TokenMatrix DrawDistinct(const LoadKey& key, size_t placesPerGroup) const override;
    std::vector<TokenSets> DrawSets(const LoadKey& key) const override;

    size_t SourceRanks() const override
    {
        return m_options.sourceRanks;
    }

    size_t Experts() const override
    {
        return m_options.expertPlaces;
    }

    bool RepeatsItself() const override; // only when uniform
    std::string Description() const override;

  private:
    /// @param key Which gating. @return the place of the source ranks' numbers.
    KeyedRandom SourcesOf(const LoadKey& key) const;

    /**
     * @param popularity Popularity of each expert in this microbatch.
     * @param random Place of the source rank.
     * @return share of each expert place on the source rank, in units of 2^-32 of their sum; zero
     *         for empty places.
     */
    std::vector<uint64_t> WeightsOf(const std::vector<double>& popularity,
                                    const KeyedRandom& random) const;

    /// @param weights As WeightsOf() gives them. @return assignments to each expert place.
    std::vector<uint64_t> CountsOf(const std::vector<uint64_t>& weights) const;

    /**
     * @param weights As WeightsOf() gives them.
     * @param random Place of the source rank.
     * @return its tokens' experts.
     */
    TokenSets SetsOf(const std::vector<uint64_t>& weights, const KeyedRandom& random) const;

    SyntheticExpertLoadOptions m_options; //!< shape and statistics
    std::vector<size_t> m_places;         //!< column of each expert
    ExpertPopularity m_popularity;        //!< of each expert in a microbatch
    double m_sourceSigma;                 //!< standard deviation of the logarithm of a factor
};

} // namespace mixnetcore

#endif // SYNTHETIC_EXPERT_LOAD_H
