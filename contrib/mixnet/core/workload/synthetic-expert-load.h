/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SYNTHETIC_EXPERT_LOAD_H
#define SYNTHETIC_EXPERT_LOAD_H

#include "expert-load.h"
#include "keyed-random.h"
#include "model-spec.h"

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
};

/**
 * @ingroup mixnet-core
 * @param model Experts, top-k and microbatch.
 * @param sourceRanks EP degree.
 * @return options with the shape of the model and the default statistics.
 */
SyntheticExpertLoadOptions SyntheticLoadOf(const ModelSpec& model, size_t sourceRanks);

/**
 * @ingroup mixnet-core
 * @brief A random load for each iteration, layer, microbatch and replica, with measured statistics.
 *
 * The share of expert e on source rank r is proportional to
 * popularity(layer, e) * factor(key, e) * factor(key, r, e).
 *
 * 1. Popularity: one profile, which every layer deals to its experts in an order of its own. With 8
 *    experts it is the measured one; else falls geometrically, as the measured one nearly does. It
 *    is raised to the power at which the matrices reach expertVariation.
 * 2. Factors: log-normal with mean 1, fresh for each microbatch and for each source rank in it.
 * 3. Shares become multiples of 2^-32, then assignments by largest remainder. An expert with more
 *    assignments than the rank has tokens (a token reaches an expert once) passes the excess on.
 *
 * Guarantees: a matrix depends on options and key alone; the same bits on every machine (numbers
 * are hashes of the key, and no function of the C library is used); experts that only fill up a
 * rank get nothing.
 * Not modelled: drift and convergence over training, layers that differ in skew, experts or layers
 * that go together, replicas that do.
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
    size_t SourceRanks() const override;
    size_t Experts() const override;
    bool RepeatsItself() const override; // only when uniform
    std::string Description() const override;

  private:
    /**
     * @param key Which gating.
     * @return popularity of each expert in this microbatch; adds up to about 1.
     */
    std::vector<double> MicrobatchShares(const LoadKey& key) const;

    /**
     * @param shares Popularity of each expert in this microbatch.
     * @param random Place of the source rank.
     * @return assignments of the rank to each expert.
     */
    std::vector<uint64_t> DrawRow(const std::vector<double>& shares,
                                  const KeyedRandom& random) const;

    SyntheticExpertLoadOptions m_options; //!< shape and statistics
    std::vector<size_t> m_places;         //!< column of each expert
    std::vector<double> m_profile;        //!< popularities in falling order; add up to about 1
    double m_microbatchSigma;             //!< standard deviation of the logarithm of a factor
    double m_sourceSigma;                 //!< the same for source ranks
};

} // namespace mixnetcore

#endif // SYNTHETIC_EXPERT_LOAD_H
