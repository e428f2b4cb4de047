/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "expert-popularity.h"

#include "ns3/lists.h"
#include "ns3/portable-math.h"

#include <cmath>
#include <numeric>

namespace mixnetcore
{

namespace
{

/// What a random number is for: the first coordinate below the seed.
enum Purpose : uint64_t
{
    LAYER_ORDER = 1,       //!< which expert has which popularity
    MICROBATCH_FACTOR = 2, //!< popularity in one microbatch
    DRIFT = 4,             //!< popularity over iterations; 3 is the share on one source rank
};

constexpr double HALF_PI = 1.5707963267948966;        //!< a quarter turn, radians
constexpr double LOGARITHM_OF_2 = 0.6931471805599453; //!< natural: what a half-life decays by

/**
 * @param experts How many.
 * @return logarithms of a popularity profile in falling order, up to a constant.
 */
std::vector<double>
ProfileLogarithms(size_t experts)
{
    if (experts == 8)
    {
        // Natural logarithms of the measured column sums 77703, 44706, 42467, 31953, 26001, 24035,
        // 8042, 7237 over their sum 262144.
        return {-1.216000104430015,
                -1.768786250297233,
                -1.820166667364167,
                -2.104627897967740,
                -2.310758972276561,
                -2.389382869750955,
                -3.484216162621797,
                -3.589687215212888};
    }
    std::vector<double> logarithms(experts);
    for (size_t expert = 0; expert < experts; ++expert)
    {
        logarithms[expert] = -static_cast<double>(expert) / static_cast<double>(experts);
    }
    return logarithms;
}

/// @param shares Numbers above zero, which become shares: they add up to about 1 then.
void
Normalise(std::vector<double>& shares)
{
    const auto sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    for (auto& share : shares)
    {
        share /= sum;
    }
}

/**
 * @param logarithms Logarithms of a profile in falling order.
 * @param power What the profile is raised to.
 * @return the profile, adding up to about 1.
 */
std::vector<double>
ProfileAtPower(const std::vector<double>& logarithms, double power)
{
    auto profile = Mapped(logarithms, [&](double logarithm) {
        const auto exponent = power * (logarithm - logarithms[0]);
        return exponent < -200 ? 0 : PortableExp(exponent);
    });
    Normalise(profile);
    return profile;
}

/**
 * @param shares Shares that add up to 1.
 * @return the square of their coefficient of variation.
 */
double
SquaredVariation(const std::vector<double>& shares)
{
    const auto squares = SumOf(shares, [](double share) { return share * share; });
    return squares * static_cast<double>(shares.size()) - 1;
}

/**
 * @param experts How many.
 * @param squaredVariation Square of the coefficient of variation wanted.
 * @return popularities in falling order, adding up to about 1.
 */
std::vector<double>
ProfileWithVariation(size_t experts, double squaredVariation)
{
    const auto logarithms = ProfileLogarithms(experts);
    constexpr int steps = 60;
    constexpr double largestPower = 1 << 20;
    double low = 0;
    double high = 1;
    while (SquaredVariation(ProfileAtPower(logarithms, high)) < squaredVariation &&
           high < largestPower)
    {
        high *= 2;
    }
    for (int step = 0; step < steps; ++step)
    {
        const auto middle = (low + high) / 2;
        const auto isEnough =
            SquaredVariation(ProfileAtPower(logarithms, middle)) >= squaredVariation;
        (isEnough ? high : low) = middle;
    }
    return ProfileAtPower(logarithms, low);
}

} // namespace

double
LogNormalSigma(double variation)
{
    return std::sqrt(PortableLog(1 + variation * variation));
}

double
LogNormalFactor(double normal, double sigma)
{
    return PortableExp(sigma * normal - sigma * sigma / 2);
}

ExpertPopularity::ExpertPopularity(const ExpertPopularityOptions& options)
    : m_options(options),
      m_profile(ProfileWithVariation(options.experts, options.squaredProfileVariation)),
      m_microbatchSigma(LogNormalSigma(options.microbatchVariation)),
      m_driftSigma(LogNormalSigma(options.driftVariation))
{
}

std::vector<double>
ExpertPopularity::Shares(const LoadKey& key) const
{
    const auto s = m_options.layerCorrelation;
    if (s == 0 || key.layer == 0)
    {
        return OwnShares(key);
    }
    auto at = key;
    at.layer = 0;
    auto shares = OwnShares(at);
    Normalise(shares);
    while (at.layer < key.layer)
    {
        const auto passed = Passed(shares, at.layer);
        ++at.layer;
        shares = OwnShares(at);
        Normalise(shares);
        for (size_t expert = 0; expert < shares.size(); ++expert)
        {
            shares[expert] = s * passed[expert] + (1 - s) * shares[expert];
        }
    }
    return shares;
}

std::vector<double>
ExpertPopularity::LayerShares(uint32_t iteration, uint32_t layer) const
{
    auto shares = Mapped(Order(layer), [this](size_t rank) { return m_profile[rank]; });
    if (m_driftSigma > 0)
    {
        for (size_t expert = 0; expert < shares.size(); ++expert)
        {
            shares[expert] *= DriftFactor(iteration, layer, expert);
        }
        Normalise(shares);
    }
    if (m_options.convergenceHalfLife > 0)
    {
        const auto part = PartLeft(iteration);
        const auto mean = 1 / static_cast<double>(shares.size());
        for (auto& share : shares)
        {
            share = mean + part * (share - mean);
        }
    }
    return shares;
}

double
ExpertPopularity::PartLeft(uint32_t iteration) const
{
    if (m_options.convergenceHalfLife == 0)
    {
        return 1;
    }
    const auto halfLives = iteration / m_options.convergenceHalfLife;
    const auto decayed = halfLives > 1000 ? 0 : PortableExp(-LOGARITHM_OF_2 * halfLives);
    return m_options.convergedPart + (1 - m_options.convergedPart) * decayed;
}

std::vector<size_t>
ExpertPopularity::Order(uint32_t layer) const
{
    return KeyedRandom(m_options.seed).At(LAYER_ORDER).At(layer).Permutation(m_profile.size());
}

double
ExpertPopularity::DriftFactor(uint32_t iteration, uint32_t layer, size_t expert) const
{
    const auto random = KeyedRandom(m_options.seed).At(DRIFT).At(layer).At(expert);
    const auto time = iteration / m_options.driftIterations + random.Uniform(0);
    const auto knot = static_cast<uint64_t>(time);
    const auto angle = HALF_PI * (time - static_cast<double>(knot));
    const auto knots = random.At(1);
    const auto normal = PortableCosine(angle) * knots.At(knot).NearNormal() +
                        PortableCosine(HALF_PI - angle) * knots.At(knot + 1).NearNormal();
    return LogNormalFactor(normal, m_driftSigma);
}

std::vector<double>
ExpertPopularity::OwnShares(const LoadKey& key) const
{
    auto shares = LayerShares(key.iteration, key.layer);
    const auto random = KeyedRandom(m_options.seed)
                            .At(MICROBATCH_FACTOR)
                            .At(key.iteration)
                            .At(key.layer)
                            .At(key.microbatch)
                            .At(key.replica);
    for (size_t expert = 0; expert < shares.size(); ++expert)
    {
        shares[expert] *= LogNormalFactor(random.At(expert).NearNormal(), m_microbatchSigma);
    }
    return shares;
}

std::vector<double>
ExpertPopularity::Passed(const std::vector<double>& shares, uint32_t layer) const
{
    const auto experts = shares.size();
    std::vector<double> passed(experts, 0);
    if (m_options.transition.empty())
    {
        const auto from = Order(layer);
        const auto to = Order(layer + 1);
        std::vector<double> byRank(experts);
        for (size_t expert = 0; expert < experts; ++expert)
        {
            byRank[from[expert]] = shares[expert];
        }
        for (size_t expert = 0; expert < experts; ++expert)
        {
            passed[expert] = byRank[to[expert]];
        }
        return passed;
    }
    for (size_t from = 0; from < experts; ++from)
    {
        const auto* row = &m_options.transition[from * experts];
        for (size_t to = 0; to < experts; ++to)
        {
            passed[to] += shares[from] * row[to];
        }
    }
    return passed;
}

} // namespace mixnetcore
