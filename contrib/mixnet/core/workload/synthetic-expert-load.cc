/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "synthetic-expert-load.h"

#include "largest-remainder.h"
#include "portable-math.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <sstream>
#include <stdexcept>

namespace mixnetcore
{

namespace
{

/// What a random number is for: the first coordinate below the seed.
enum Purpose : uint64_t
{
    LAYER_ORDER = 1,       //!< which expert has which popularity
    MICROBATCH_FACTOR = 2, //!< popularity in one microbatch
    SOURCE_FACTOR = 3,     //!< share on one source rank
};

/// Beyond this, variations no longer mean anything and factors leave the range of a double.
constexpr double MAX_VARIATION = 9;

/**
 * @param name Name of the option.
 * @param value Its value.
 * @param low Smallest value allowed.
 * @param high Largest value allowed.
 * @throws std::invalid_argument when the value is outside, or not a number.
 */
template <class Number>
void
CheckRange(const std::string& name, Number value, Number low, Number high)
{
    if (!(value >= low && value <= high))
    {
        std::ostringstream message;
        message << "synthetic expert load: " << name << " is " << value << "; expected " << low
                << " or more";
        if (high != std::numeric_limits<Number>::max())
        {
            message << ", up to " << high;
        }
        throw std::invalid_argument(message.str());
    }
}

/**
 * @param options To be checked.
 * @return the same.
 * @throws std::invalid_argument naming the first option outside of its range.
 */
const SyntheticExpertLoadOptions&
Checked(const SyntheticExpertLoadOptions& options)
{
    constexpr uint64_t most = std::numeric_limits<uint64_t>::max();
    constexpr uint64_t mostTokens = uint64_t{1} << 32;
    CheckRange<uint64_t>("sourceRanks", options.sourceRanks, 1, most);
    CheckRange<uint64_t>("experts", options.experts, 1, most);
    CheckRange<uint64_t>("expertPlaces", options.expertPlaces, options.experts, most);
    CheckRange<uint64_t>("topK", options.topK, 1, options.experts);
    CheckRange<uint64_t>("tokensPerSource", options.tokensPerSource.Count(), 1, mostTokens);
    CheckRange("skew", options.skew, 0.0, std::numeric_limits<double>::max());

    // With k experts per token no expert has more than 1/k of the assignments.
    const auto spread = static_cast<double>(options.experts) / static_cast<double>(options.topK);
    CheckRange("skew * expertVariation",
               options.skew * options.expertVariation,
               0.0,
               std::sqrt(spread - 1));
    CheckRange("skew * microbatchVariation",
               options.skew * options.microbatchVariation,
               0.0,
               MAX_VARIATION);
    CheckRange("skew * sourceVariation",
               options.skew * options.sourceVariation,
               0.0,
               MAX_VARIATION);
    return options;
}

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

/**
 * @param logarithms Logarithms of a profile in falling order.
 * @param power What the profile is raised to.
 * @return the profile, adding up to about 1.
 */
std::vector<double>
ProfileAtPower(const std::vector<double>& logarithms, double power)
{
    std::vector<double> profile;
    for (const auto logarithm : logarithms)
    {
        const auto exponent = power * (logarithm - logarithms[0]);
        profile.push_back(exponent < -200 ? 0 : PortableExp(exponent));
    }
    const auto sum = std::accumulate(profile.begin(), profile.end(), 0.0);
    for (auto& share : profile)
    {
        share /= sum;
    }
    return profile;
}

/**
 * @param shares Shares that add up to 1.
 * @return the square of their coefficient of variation.
 */
double
SquaredVariation(const std::vector<double>& shares)
{
    double squares = 0;
    for (const auto share : shares)
    {
        squares += share * share;
    }
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

/**
 * @brief Popularity has to vary less than a matrix, which microbatches and sources vary further.
 * @param options Statistics wanted of a matrix.
 * @return the square of the coefficient of variation of the popularity.
 */
double
SquaredPopularityVariation(const SyntheticExpertLoadOptions& options)
{
    const auto square = [&options](double variation) {
        return options.skew * variation * options.skew * variation;
    };
    // Independent factors of mean 1 multiply their second moments, 1 + variation^2. A column sum
    // averages over the source ranks.
    const auto microbatch = 1 + square(options.microbatchVariation);
    const auto sources =
        1 + square(options.sourceVariation) / static_cast<double>(options.sourceRanks);
    return std::max(0.0, (1 + square(options.expertVariation)) / (microbatch * sources) - 1);
}

/**
 * @param variation Coefficient of variation.
 * @return standard deviation of the logarithm of a log-normal number with that variation.
 */
double
SigmaOf(double variation)
{
    return std::sqrt(PortableLog(1 + variation * variation));
}

/**
 * @param random Place of the number.
 * @param sigma Standard deviation of its logarithm.
 * @return a log-normal number with mean 1.
 */
double
LogNormalFactor(const KeyedRandom& random, double sigma)
{
    return PortableExp(sigma * random.NearNormal() - sigma * sigma / 2);
}

/**
 * @param shares Shares, not all zero.
 * @return them in units of 2^-32 of their sum, at least one unit each.
 */
std::vector<uint64_t>
Quantised(const std::vector<double>& shares)
{
    constexpr double units = 4294967296.0;
    const auto sum = std::accumulate(shares.begin(), shares.end(), 0.0);
    std::vector<uint64_t> weights;
    for (const auto share : shares)
    {
        weights.push_back(1 + static_cast<uint64_t>(share / sum * units));
    }
    return weights;
}

/**
 * @brief Largest remainder with a limit: what is above it goes to the others in their proportion.
 * @param weights What the shares are proportional to; all above zero.
 * @param sum What the result adds up to; at most limit * number of weights.
 * @param limit Largest number allowed.
 * @return the numbers.
 */
std::vector<uint64_t>
LimitedShares(std::vector<uint64_t> weights, uint64_t sum, uint64_t limit)
{
    std::vector<uint64_t> shares(weights.size(), 0);
    auto left = sum;
    while (left > 0)
    {
        const auto trial = LargestRemainder(weights, left);
        const auto before = left;
        for (size_t i = 0; i < weights.size(); ++i)
        {
            if (weights[i] > 0 && trial[i] >= limit)
            {
                shares[i] = limit;
                weights[i] = 0;
                left -= limit;
            }
        }
        if (left == before)
        {
            std::transform(trial.begin(),
                           trial.end(),
                           shares.begin(),
                           shares.begin(),
                           std::plus<>());
            break;
        }
    }
    return shares;
}

} // namespace

SyntheticExpertLoadOptions
SyntheticLoadOf(const ModelSpec& model, size_t sourceRanks)
{
    SyntheticExpertLoadOptions options;
    options.sourceRanks = sourceRanks;
    options.experts = model.experts;
    options.expertPlaces = model.paddedExperts;
    options.topK = model.topK;
    options.tokensPerSource = model.TokensPerMicrobatch();
    return options;
}

SyntheticExpertLoad::SyntheticExpertLoad(const SyntheticExpertLoadOptions& options)
    : m_options(Checked(options)),
      m_places(ExpertPlaces(options.experts, options.expertPlaces)),
      m_profile(ProfileWithVariation(options.experts, SquaredPopularityVariation(options))),
      m_microbatchSigma(SigmaOf(options.skew * options.microbatchVariation)),
      m_sourceSigma(SigmaOf(options.skew * options.sourceVariation))
{
}

TokenMatrix
SyntheticExpertLoad::Draw(const LoadKey& key) const
{
    const auto shares = MicrobatchShares(key);
    const auto random = KeyedRandom(m_options.seed)
                            .At(SOURCE_FACTOR)
                            .At(key.iteration)
                            .At(key.layer)
                            .At(key.microbatch)
                            .At(key.replica);
    TokenMatrix tokens(SourceRanks(), Experts());
    for (size_t source = 0; source < SourceRanks(); ++source)
    {
        const auto row = DrawRow(shares, random.At(source));
        for (size_t expert = 0; expert < row.size(); ++expert)
        {
            tokens.At(source, m_places[expert]) = Tokens(row[expert]);
        }
    }
    return tokens;
}

std::vector<double>
SyntheticExpertLoad::MicrobatchShares(const LoadKey& key) const
{
    const KeyedRandom root(m_options.seed);
    const auto order = root.At(LAYER_ORDER).At(key.layer).Permutation(m_profile.size());
    const auto random = root.At(MICROBATCH_FACTOR)
                            .At(key.iteration)
                            .At(key.layer)
                            .At(key.microbatch)
                            .At(key.replica);
    std::vector<double> shares;
    for (size_t expert = 0; expert < order.size(); ++expert)
    {
        shares.push_back(m_profile[order[expert]] *
                         LogNormalFactor(random.At(expert), m_microbatchSigma));
    }
    return shares;
}

std::vector<uint64_t>
SyntheticExpertLoad::DrawRow(const std::vector<double>& shares, const KeyedRandom& random) const
{
    auto row = shares;
    for (size_t expert = 0; expert < row.size(); ++expert)
    {
        row[expert] *= LogNormalFactor(random.At(expert), m_sourceSigma);
    }
    const auto tokens = m_options.tokensPerSource.Count();
    return LimitedShares(Quantised(row), tokens * m_options.topK, tokens);
}

size_t
SyntheticExpertLoad::SourceRanks() const
{
    return m_options.sourceRanks;
}

size_t
SyntheticExpertLoad::Experts() const
{
    return m_options.expertPlaces;
}

bool
SyntheticExpertLoad::RepeatsItself() const
{
    const auto sum =
        m_options.expertVariation + m_options.microbatchVariation + m_options.sourceVariation;
    return m_options.skew * sum == 0;
}

std::string
SyntheticExpertLoad::Description() const
{
    std::ostringstream text;
    text << "synthetic, seed " << m_options.seed << ", skew " << m_options.skew << ", variation "
         << m_options.expertVariation << " over experts, " << m_options.microbatchVariation
         << " over microbatches, " << m_options.sourceVariation << " over source ranks";
    return text.str();
}

} // namespace mixnetcore
