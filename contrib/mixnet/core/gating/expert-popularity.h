/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef EXPERT_POPULARITY_H
#define EXPERT_POPULARITY_H

#include "expert-load.h"

#include "ns3/keyed-random.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Statistics of an ExpertPopularity. A variation is a standard deviation over the mean.
 */
struct ExpertPopularityOptions
{
    size_t experts{8}; //!< experts that exist, at least 1
    uint64_t seed{1};  //!< which process
    double squaredProfileVariation{
        0};                        //!< of the experts' popularity, without what follows; squared
    double microbatchVariation{0}; //!< of an expert's popularity over microbatches

    double driftVariation{0};    //!< of an expert's popularity over iterations; 0: it stands still
    double driftIterations{100}; //!< iterations between knots of the drift, 1 or more

    double convergenceHalfLife{0}; //!< iterations, above 0; 0: the variation never shrinks
    double convergedPart{0};       //!< part of the variation that is left in the end, 0 to 1

    double layerCorrelation{0};     //!< part of a load that follows from the layer before, 0 to 1
    std::vector<double> transition; //!< experts x experts, row by row; empty: by popularity
};

/**
 * @ingroup mixnet-core
 * @brief How popular each expert is in one microbatch of one layer.
 *
 * 1. Profile: popularities that fall from expert to expert, which every layer deals to its experts
 *    in an order of its own. With 8 experts it is the measured one of Mixtral 8x7B; else it falls
 *    geometrically, as the measured one nearly does. It is raised to the power at which its
 *    variation is the one asked for.
 * 2. Drift: each expert of a layer has a log-normal factor of mean 1 that wanders with the
 *    iteration. Its logarithm is sigma * (cos(a) * z(j) + sin(a) * z(j + 1)), where z are keyed
 *    normal numbers at knots driftIterations apart and a goes from 0 to pi / 2 from knot j to knot
 *    j + 1; the knots of each expert begin at a random phase. So it is stationary, and iteration
 *    1000 needs two numbers. Autocorrelation at a lag of h knots: (1 - h / 2) cos(pi h / 2) +
 *    sin(pi h / 2) / pi up to h = 2, 0 beyond: 0.67 at half a knot, 0.32 at one.
 * 3. Convergence, as under a load-balancing loss: the distance of profile and drift from equal
 *    shares is multiplied by c + (1 - c) 2^(-iteration / half-life), c the part that is left. The
 *    variation over microbatches stays: loads converge, the matrices do not.
 * 4. Microbatch: log-normal factors of mean 1, fresh for each.
 * 5. Layers: with correlation s, shares = s * (shares of the layer before * T) + (1 - s) * shares
 *    by steps 1 to 4, where T[e][f] is the probability that a token of expert e goes to expert f of
 *    the next layer. Without a matrix, T leads from each expert to that of the same rank of
 *    popularity. Layer 0 has no layer before. The microbatches' variation falls towards
 *    sqrt((1 - s) / (1 + s)) of its own as it is averaged over layers.
 *
 * Guarantees: a value depends on options and key alone, in any order of asking; the popularity
 * before the factors of microbatches is the same for all replicas; the same bits on every machine.
 * Not modelled: experts that go together but for the drift of time.
 *
 * @see MixNet, section 3 (Figure 4) and appendix B.1
 */
class ExpertPopularity
{
  public:
    ExpertPopularity() = default;

    /**
     * @param options Statistics, each within its range.
     */
    explicit ExpertPopularity(const ExpertPopularityOptions& options);

    /**
     * @param key Which gating.
     * @return popularity of each expert in it, all above zero; adds up to about 1.
     */
    std::vector<double> Shares(const LoadKey& key) const;

    /**
     * @param iteration Training iteration.
     * @param layer MoE layer.
     * @return popularity of each expert before microbatches and other layers come in: steps 1 to 3.
     */
    std::vector<double> LayerShares(uint32_t iteration, uint32_t layer) const;

    /**
     * @param iteration Training iteration.
     * @return the part of the variation over experts that is left: 1 without convergence.
     */
    double PartLeft(uint32_t iteration) const;

  private:
    /// @param layer MoE layer. @return the rank of popularity of each expert.
    std::vector<size_t> Order(uint32_t layer) const;

    /// @param iteration Iteration. @param layer Layer. @param expert Expert. @return its drift.
    double DriftFactor(uint32_t iteration, uint32_t layer, size_t expert) const;

    /// @param key Which gating. @return shares without the layer before: steps 1 to 4.
    std::vector<double> OwnShares(const LoadKey& key) const;

    /**
     * @param shares Shares in a layer.
     * @param layer That layer.
     * @return the shares in the next layer when every token moves on by T.
     */
    std::vector<double> Passed(const std::vector<double>& shares, uint32_t layer) const;

    ExpertPopularityOptions m_options; //!< statistics
    std::vector<double> m_profile;     //!< popularities in falling order; add up to about 1
    double m_microbatchSigma{0};       //!< standard deviation of a factor's logarithm
    double m_driftSigma{0};            //!< the same for the drift
};

/**
 * @ingroup mixnet-core
 * @param variation Coefficient of variation.
 * @return standard deviation of the logarithm of a log-normal number with that variation.
 */
double LogNormalSigma(double variation);

/**
 * @ingroup mixnet-core
 * @param normal A number of mean 0 and variance 1.
 * @param sigma Standard deviation of the logarithm.
 * @return the log-normal number of mean 1 that belongs to it.
 */
double LogNormalFactor(double normal, double sigma);

} // namespace mixnetcore

#endif // EXPERT_POPULARITY_H
