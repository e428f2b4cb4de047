/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "synthetic-expert-load.h"

#include "ns3/checks.h"
#include "ns3/expert-places.h"
#include "ns3/largest-remainder.h"
#include "ns3/lists.h"
#include "ns3/portable-math.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <sstream>

namespace mixnetcore
{

namespace
{

constexpr uint64_t SOURCE_FACTOR = 3; //!< first coordinate: the share on one source rank
constexpr uint64_t TOKEN_SETS = 1;    //!< below a source rank's place: its tokens' experts

/// Beyond this, variations no longer mean anything and factors leave the range of a double.
constexpr double MAX_VARIATION = 9;

constexpr double MAX_ITERATIONS = 1e9; //!< longest time constant, iterations
constexpr double DRAW_ROUNDING = 1e-6; //!< by which a row of probabilities may miss 1

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
        Refuse(message.str());
    }
}

/**
 * @param options With a matrix of transitions, or none.
 * @throws std::invalid_argument when its rows are not probabilities of the experts.
 */
void
CheckTransition(const SyntheticExpertLoadOptions& options)
{
    const auto& matrix = options.transition;
    if (matrix.empty())
    {
        return;
    }
    if (matrix.size() != options.experts * options.experts)
    {
        Refuse(Phrase() << "synthetic expert load: transition has " << matrix.size()
                        << " numbers; expected " << options.experts << " x " << options.experts);
    }
    if (options.layerCorrelation == 0)
    {
        Refuse("synthetic expert load: transition is given, but layerCorrelation is 0; "
               "expected a correlation above 0, up to 1");
    }
    for (size_t row = 0; row < options.experts; ++row)
    {
        double sum = 0;
        for (size_t column = 0; column < options.experts; ++column)
        {
            const auto value = matrix[row * options.experts + column];
            const auto place = "row " + std::to_string(row) + ", column " + std::to_string(column);
            CheckRange("transition, " + place, value, 0.0, 1.0);
            sum += value;
        }
        CheckRange("sum of transition, row " + std::to_string(row),
                   sum,
                   1 - DRAW_ROUNDING,
                   1 + DRAW_ROUNDING);
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
    for (const auto& [name, variation] :
         {std::pair("skew * microbatchVariation", options.microbatchVariation),
          std::pair("skew * sourceVariation", options.sourceVariation),
          std::pair("skew * driftVariation", options.driftVariation)})
    {
        CheckRange(name, options.skew * variation, 0.0, MAX_VARIATION);
    }
    CheckRange("driftIterations", options.driftIterations, 1.0, MAX_ITERATIONS);
    CheckRange("convergenceHalfLife", options.convergenceHalfLife, 0.0, MAX_ITERATIONS);
    CheckRange("convergedPart", options.convergedPart, 0.0, 1.0);
    CheckRange("layerCorrelation", options.layerCorrelation, 0.0, 1.0);
    CheckTransition(options);
    return options;
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
    const auto drift = 1 + square(options.driftVariation);
    return std::max(0.0,
                    (1 + square(options.expertVariation)) / (microbatch * sources * drift) - 1);
}

/**
 * @param options Statistics wanted of a matrix.
 * @return statistics of the popularity of its experts.
 */
ExpertPopularityOptions
PopularityOptions(const SyntheticExpertLoadOptions& options)
{
    ExpertPopularityOptions popularity;
    popularity.experts = options.experts;
    popularity.seed = options.seed;
    popularity.squaredProfileVariation = SquaredPopularityVariation(options);
    popularity.microbatchVariation = options.skew * options.microbatchVariation;
    popularity.driftVariation = options.skew * options.driftVariation;
    popularity.driftIterations = options.driftIterations;
    popularity.convergenceHalfLife = options.convergenceHalfLife;
    popularity.convergedPart = options.convergedPart;
    popularity.layerCorrelation = options.layerCorrelation;
    popularity.transition = options.transition;
    return popularity;
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
    return Mapped(shares,
                  [sum](double share) { return 1 + static_cast<uint64_t>(share / sum * units); });
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

/**
 * @param options With groups of places. @param places Column of each expert.
 * @throws std::invalid_argument when the groups do not fit.
 */
void
CheckLimit(const SyntheticExpertLoadOptions& options, const std::vector<size_t>& places)
{
    const auto& limit = options.limit;
    CheckRange<uint64_t>("limit.groups", limit.groups, 1, options.expertPlaces);
    CheckRange<uint64_t>("limit.groupsPerToken", limit.groupsPerToken, 1, limit.groups);
    if (options.expertPlaces % limit.groups != 0)
    {
        Refuse(Phrase() << "synthetic expert load: limit.groups is " << limit.groups
                        << "; expected a divisor of the " << options.expertPlaces
                        << " expert places");
    }
    if (!limit.Holds())
    {
        return;
    }
    std::vector<uint64_t> experts(limit.groups, 0);
    for (const auto place : places)
    {
        ++experts[place / (options.expertPlaces / limit.groups)];
    }
    std::sort(experts.begin(), experts.end());
    const auto fewest =
        std::accumulate(experts.begin(), experts.begin() + limit.groupsPerToken, uint64_t{0});
    CheckRange<uint64_t>("topK", options.topK, 1, fewest);
    CheckRange<uint64_t>("tokensPerSource",
                         options.tokensPerSource.Count(),
                         1,
                         TokenSets::MAX_TOKENS);
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
    options.limit = {model.expertGroups, model.groupsPerToken};
    return options;
}

SyntheticExpertLoad::SyntheticExpertLoad(const SyntheticExpertLoadOptions& options)
    : m_options(Checked(options)),
      m_places(ExpertPlaces(options.experts, options.expertPlaces)),
      m_popularity(PopularityOptions(options)),
      m_sourceSigma(LogNormalSigma(options.skew * options.sourceVariation))
{
    CheckLimit(options, m_places);
}

TokenMatrix
SyntheticExpertLoad::Draw(const LoadKey& key) const
{
    const auto popularity = m_popularity.Shares(key);
    const auto sources = SourcesOf(key);
    std::vector<std::vector<uint64_t>> rows;
    for (size_t source = 0; source < SourceRanks(); ++source)
    {
        const auto random = sources.At(source);
        const auto weights = WeightsOf(popularity, random);
        rows.push_back(m_options.limit.Holds() ? SetsOf(weights, random).Counts()
                                               : CountsOf(weights));
    }
    return TokenMatrixOf(rows);
}

TokenMatrix
SyntheticExpertLoad::DrawDistinct(const LoadKey& key, size_t placesPerGroup) const
{
    return TokenMatrixOf(Mapped(DrawSets(key), [placesPerGroup](const TokenSets& ofSource) {
        return ofSource.Distinct(placesPerGroup);
    }));
}

std::vector<TokenSets>
SyntheticExpertLoad::DrawSets(const LoadKey& key) const
{
    const auto popularity = m_popularity.Shares(key);
    const auto sources = SourcesOf(key);
    std::vector<TokenSets> sets;
    for (size_t source = 0; source < SourceRanks(); ++source)
    {
        const auto random = sources.At(source);
        sets.push_back(SetsOf(WeightsOf(popularity, random), random));
    }
    return sets;
}

KeyedRandom
SyntheticExpertLoad::SourcesOf(const LoadKey& key) const
{
    return KeyedRandom(m_options.seed)
        .At(SOURCE_FACTOR)
        .At(key.iteration)
        .At(key.layer)
        .At(key.microbatch)
        .At(key.replica);
}

std::vector<uint64_t>
SyntheticExpertLoad::WeightsOf(const std::vector<double>& popularity,
                               const KeyedRandom& random) const
{
    auto shares = popularity;
    for (size_t expert = 0; expert < shares.size(); ++expert)
    {
        shares[expert] *= LogNormalFactor(random.At(expert).NearNormal(), m_sourceSigma);
    }
    const auto quantised = Quantised(shares);
    std::vector<uint64_t> weights(Experts(), 0);
    for (size_t expert = 0; expert < quantised.size(); ++expert)
    {
        weights[m_places[expert]] = quantised[expert];
    }
    return weights;
}

std::vector<uint64_t>
SyntheticExpertLoad::CountsOf(const std::vector<uint64_t>& weights) const
{
    const auto tokens = m_options.tokensPerSource.Count();
    return LimitedShares(weights, tokens * m_options.topK, tokens);
}

TokenSets
SyntheticExpertLoad::SetsOf(const std::vector<uint64_t>& weights, const KeyedRandom& random) const
{
    // Below the experts' places, whose coordinates are their numbers.
    const auto place = random.At(Experts()).At(TOKEN_SETS);
    const auto tokens = m_options.tokensPerSource.Count();
    return m_options.limit.Holds()
               ? TokenSets::Limited(weights, tokens, m_options.topK, m_options.limit, place)
               : TokenSets::FromCounts(CountsOf(weights), tokens, place);
}

bool
SyntheticExpertLoad::RepeatsItself() const
{
    const auto sum = m_options.expertVariation + m_options.microbatchVariation +
                     m_options.sourceVariation + m_options.driftVariation;
    return m_options.skew * sum == 0 && !m_options.limit.Holds();
}

std::string
SyntheticExpertLoad::Description() const
{
    std::ostringstream text;
    text << "synthetic, seed " << m_options.seed << ", skew " << m_options.skew << ", variation "
         << m_options.expertVariation << " over experts, " << m_options.microbatchVariation
         << " over microbatches, " << m_options.sourceVariation << " over source ranks";
    if (m_options.driftVariation > 0)
    {
        text << ", drift " << m_options.driftVariation << " in " << m_options.driftIterations
             << " iterations";
    }
    if (m_options.convergenceHalfLife > 0)
    {
        text << ", converging to " << m_options.convergedPart << " with a half-life of "
             << m_options.convergenceHalfLife << " iterations";
    }
    if (m_options.layerCorrelation > 0)
    {
        text << ", correlation of layers " << m_options.layerCorrelation
             << (m_options.transition.empty() ? "" : " with a matrix of transitions");
    }
    if (m_options.limit.Holds())
    {
        text << ", each token in " << m_options.limit.groupsPerToken << " of "
             << m_options.limit.groups << " groups of experts";
    }
    return text.str();
}

} // namespace mixnetcore
