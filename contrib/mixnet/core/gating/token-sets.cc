/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "token-sets.h"

#include "ns3/checks.h"
#include "ns3/largest-remainder.h"
#include "ns3/lists.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace mixnetcore
{

namespace
{

__extension__ using Wide = unsigned __int128; //!< room for a product of two 64-bit numbers

constexpr int FRACTION_BITS = 20;          //!< of lengths on the line
constexpr uint64_t WORD_TOKENS = 64;       //!< bits of a word
constexpr uint64_t RUNS_WANTED = 4096;     //!< of a source rank: bounds the work
constexpr uint64_t START = UINT64_MAX - 1; //!< which number of a place starts a line

/**
 * @param values Anything.
 * @param random Place whose first numbers decide the order: one for two values.
 */
void
Shuffle(std::vector<uint32_t>& values, const KeyedRandom& random)
{
    constexpr uint64_t low = UINT32_MAX;
    uint64_t bits = random.Bits(values.size() / 2 + 1);
    for (size_t left = values.size(); left > 1; --left)
    {
        const auto isEven = left % 2 == 0;
        bits = isEven ? random.Bits(left / 2) : bits;
        const auto half = isEven ? bits & low : bits >> 32;
        std::swap(values[left - 1], values[half * left >> 32]);
    }
}

/**
 * @param weights Weights above zero.
 * @param sum What the lengths add up to, at most limit * number of weights.
 * @param limit Largest length.
 * @return lengths in proportion to the weights, what is above the limit passed on to the others.
 */
std::vector<uint64_t>
LimitedLengths(const std::vector<uint64_t>& weights, uint64_t sum, uint64_t limit)
{
    std::vector<uint64_t> lengths(weights.size(), 0);
    auto weight = std::accumulate(weights.begin(), weights.end(), uint64_t{0});
    auto left = sum;
    const auto heaviest = *std::max_element(weights.begin(), weights.end());
    for (bool passes = Wide{heaviest} * sum >= Wide{limit} * weight; passes;)
    {
        passes = false;
        const auto roundWeight = weight;
        const auto roundLeft = left;
        for (size_t i = 0; i < weights.size(); ++i)
        {
            if (lengths[i] < limit && roundWeight > 0 &&
                Wide{weights[i]} * roundLeft >= Wide{limit} * roundWeight)
            {
                lengths[i] = limit;
                left -= limit;
                weight -= weights[i];
                passes = true;
            }
        }
    }
    // Multiplying by a quotient with 32 bits of fraction costs less than a division for each, and
    // little where the quotient has 64 bits, as it has unless hardly any weight is left.
    const auto quotient = weight == 0 ? Wide{0} : (Wide{left} << 32) / weight;
    const auto factor = static_cast<uint64_t>(quotient);
    const bool isShort = quotient == factor;
    for (size_t i = 0; i < weights.size(); ++i)
    {
        if (lengths[i] < limit)
        {
            const auto product = isShort ? Wide{weights[i]} * factor : weights[i] * quotient;
            lengths[i] = static_cast<uint64_t>(product >> 32);
            left -= lengths[i];
        }
    }
    // What rounding has left, one for each of the first that have room.
    while (left > 0)
    {
        for (size_t i = 0; i < weights.size() && left > 0; ++i)
        {
            const uint64_t more = lengths[i] < limit ? 1 : 0;
            lengths[i] += more;
            left -= more;
        }
    }
    return lengths;
}

/**
 * @param limit Groups.
 * @return all sets of groups that a token may go to, each ascending, in lexicographic order.
 */
std::vector<std::vector<size_t>>
GroupSets(const GroupLimit& limit)
{
    std::vector<size_t> set(limit.groupsPerToken);
    std::iota(set.begin(), set.end(), size_t{0});
    std::vector<std::vector<size_t>> sets;
    while (sets.size() < TokenSets::MAX_GROUP_SETS)
    {
        sets.push_back(set);
        auto last = set.size();
        while (last > 0 && set[last - 1] == limit.groups - set.size() + last - 1)
        {
            --last;
        }
        if (last == 0)
        {
            return sets;
        }
        ++set[last - 1];
        std::iota(set.begin() + last, set.end(), set[last - 1] + 1);
    }
    Refuse(Phrase() << "gating with " << limit.groupsPerToken << " of " << limit.groups
                    << " groups per token; expected at most " << TokenSets::MAX_GROUP_SETS
                    << " ways to choose them");
}

/**
 * @brief A group of expert places.
 */
struct PlaceGroup
{
    std::vector<uint32_t> places; //!< those that are not empty
    uint64_t weight{0};           //!< of all together
    uint64_t heaviest{0};         //!< of the heaviest of them
};

/// @param weights Weights of all places. @param limit Groups. @return the groups.
std::vector<PlaceGroup>
PlacesOfGroups(const std::vector<uint64_t>& weights, const GroupLimit& limit)
{
    std::vector<PlaceGroup> groups(limit.groups);
    const auto size = weights.size() / limit.groups;
    for (size_t place = 0; place < weights.size(); ++place)
    {
        if (weights[place] > 0)
        {
            auto& group = groups[place / size];
            group.places.push_back(static_cast<uint32_t>(place));
            group.weight += weights[place];
            group.heaviest = std::max(group.heaviest, weights[place]);
        }
    }
    return groups;
}

/// @param experts In a set of groups. @param topK Of them per token.
/// @throws std::invalid_argument when there are too few.
void
CheckExperts(size_t experts, uint64_t topK)
{
    if (experts < topK)
    {
        Refuse(Phrase() << "gating of " << topK << " experts per token in groups with " << experts
                        << " experts; expected at least as many experts");
    }
}

/// @param tokens Number of tokens. @throws std::invalid_argument when it is out of range.
void
CheckTokens(uint64_t tokens)
{
    if (tokens < 1 || tokens > TokenSets::MAX_TOKENS)
    {
        Refuse(Phrase() << "experts of " << tokens << " tokens of a source rank; expected 1 to "
                        << TokenSets::MAX_TOKENS << " tokens");
    }
}

/// @param places Expert places. @param limit Groups. @throws std::invalid_argument if they differ.
void
CheckLimit(size_t places, const GroupLimit& limit)
{
    if (limit.groups == 0 || places % limit.groups != 0 || limit.groupsPerToken == 0 ||
        limit.groupsPerToken > limit.groups)
    {
        Refuse(Phrase() << "gating with " << limit.groupsPerToken << " of " << limit.groups
                        << " groups per token and " << places
                        << " expert places; expected groups that divide the places, and "
                           "1 group per token to all");
    }
}

} // namespace

TokenSets::TokenSets(size_t places)
    : m_places(places)
{
}

TokenSets
TokenSets::FromCounts(const std::vector<uint64_t>& counts,
                      uint64_t tokens,
                      const KeyedRandom& random)
{
    CheckTokens(tokens);
    const auto sum = std::accumulate(counts.begin(), counts.end(), uint64_t{0});
    const auto most = counts.empty() ? 0 : *std::max_element(counts.begin(), counts.end());
    if (sum % tokens != 0 || most > tokens)
    {
        Refuse(Phrase() << "experts of " << tokens << " tokens with " << sum
                        << " assignments, up to " << most
                        << " to one expert; expected a multiple of the tokens, and at "
                           "most one assignment of a token to an expert");
    }
    TokenSets sets(counts.size());
    std::vector<uint32_t> places;
    for (size_t place = 0; place < counts.size(); ++place)
    {
        if (counts[place] > 0)
        {
            places.push_back(static_cast<uint32_t>(place));
        }
    }
    // Each cohort takes its part of what is left, rounded up or down; so what is left always fits
    // the tokens that are left, and the last cohort takes the rest.
    auto leftCounts = counts;
    const auto size = std::max(WORD_TOKENS, tokens * places.size() / RUNS_WANTED);
    std::vector<uint64_t> lengths(places.size());
    sets.m_runs.reserve((tokens / size + 1) * places.size());
    for (uint64_t left = tokens, cohort = 0; left > 0; ++cohort)
    {
        const auto take = std::min(size, left);
        const auto place = random.At(cohort);
        Shuffle(places, place);
        auto at = ((place.Bits(START) >> 32) * left) >> 32; // in units of 1 / left
        for (size_t i = 0; i < places.size(); ++i)
        {
            auto& count = leftCounts[places[i]];
            at += count * take;
            lengths[i] = at / left;
            at -= lengths[i] * left;
            count -= lengths[i];
        }
        sets.AddCohort(take, places, lengths);
        left -= take;
    }
    return sets;
}

TokenSets
TokenSets::Limited(const std::vector<uint64_t>& weights,
                   uint64_t tokens,
                   uint64_t topK,
                   const GroupLimit& limit,
                   const KeyedRandom& random)
{
    CheckTokens(tokens);
    CheckLimit(weights.size(), limit);
    const auto groups = PlacesOfGroups(weights, limit);
    const auto groupSets = GroupSets(limit);
    const auto setWeights = Mapped(groupSets, [&groups](const auto& set) {
        return SumOf(set, [&groups](size_t group) { return groups[group].weight; });
    });
    const auto setTokens = LargestRemainder(setWeights, tokens);
    TokenSets sets(weights.size());
    sets.m_runs.reserve(groupSets.size() * (weights.size() / limit.groups) * limit.groupsPerToken);
    sets.m_cohorts.reserve(groupSets.size());
    std::vector<uint32_t> places;
    for (size_t set = 0; set < groupSets.size(); ++set)
    {
        if (setTokens[set] == 0)
        {
            continue;
        }
        places.clear();
        uint64_t heaviest = 0;
        for (const auto group : groupSets[set])
        {
            const auto& own = groups[group].places;
            places.insert(places.end(), own.begin(), own.end());
            heaviest = std::max(heaviest, groups[group].heaviest);
        }
        CheckExperts(places.size(), topK);
        const auto place = random.At(set);
        Shuffle(places, place);
        const auto sum = setWeights[set];
        const auto start = place.Bits(START);
        if (heaviest <= sum / topK / 2 && topK * setTokens[set] < sum)
        {
            sets.DrawEasyCohort(weights, setTokens[set], topK, places, sum, start);
        }
        else
        {
            sets.DrawCohort(weights, setTokens[set], topK, places, start);
        }
    }
    return sets;
}

void
TokenSets::DrawCohort(const std::vector<uint64_t>& weights,
                      uint64_t tokens,
                      uint64_t topK,
                      const std::vector<uint32_t>& places,
                      uint64_t start)
{
    const auto allowed = Mapped(places, [&weights](uint32_t place) { return weights[place]; });
    auto lengths = LimitedLengths(allowed, topK * tokens << FRACTION_BITS, tokens << FRACTION_BITS);
    auto at = start >> (64 - FRACTION_BITS);
    for (auto& length : lengths)
    {
        at += length;
        length = at >> FRACTION_BITS;
        at -= length << FRACTION_BITS;
    }
    AddCohort(tokens, places, lengths);
}

void
TokenSets::DrawEasyCohort(const std::vector<uint64_t>& weights,
                          uint64_t tokens,
                          uint64_t topK,
                          const std::vector<uint32_t>& places,
                          uint64_t sum,
                          uint64_t start)
{
    const auto firstRun = m_runs.size();
    m_runs.resize(firstRun + places.size());
    auto* run = &m_runs[firstRun];
    // The line in units of 2^-64 tokens: an expert ends at the sum of weights so far, in
    // proportion.
    const auto line = topK * tokens;
    const auto scale = static_cast<uint64_t>((Wide{line} << 64) / sum);
    uint64_t weight = 0;
    uint64_t begin = 0; // on the line, whole tokens
    uint64_t turn = 0;  // first token of the turn of the line over the cohort
    for (const auto place : places)
    {
        weight += weights[place];
        const auto end =
            weight == sum ? line : static_cast<uint64_t>((Wide{weight} * scale + start) >> 64);
        *run = {place, static_cast<uint32_t>(begin - turn), static_cast<uint32_t>(end - begin)};
        run += end > begin ? 1 : 0;
        begin = end;
        turn += end - turn >= tokens ? tokens : 0;
    }
    m_runs.resize(static_cast<size_t>(run - m_runs.data()));
    m_cohorts.push_back({tokens, firstRun, m_runs.size()});
}

void
TokenSets::AddCohort(uint64_t tokens,
                     const std::vector<uint32_t>& places,
                     const std::vector<uint64_t>& lengths)
{
    const auto firstRun = m_runs.size();
    uint64_t at = 0;
    for (size_t i = 0; i < places.size(); ++i)
    {
        assert(lengths[i] <= tokens);
        if (lengths[i] > 0)
        {
            m_runs.push_back(
                {places[i], static_cast<uint32_t>(at), static_cast<uint32_t>(lengths[i])});
        }
        at += lengths[i];
        at = at >= tokens ? at - tokens : at;
    }
    assert(at == 0);
    m_cohorts.push_back({tokens, firstRun, m_runs.size()});
}

std::vector<uint64_t>
TokenSets::Counts() const
{
    std::vector<uint64_t> counts(m_places, 0);
    for (const auto& run : m_runs)
    {
        counts[run.place] += run.length;
    }
    return counts;
}

std::vector<uint64_t>
TokenSets::Distinct(size_t placesPerGroup) const
{
    if (placesPerGroup == 0 || m_places % placesPerGroup != 0)
    {
        Refuse(Phrase() << "groups of " << placesPerGroup << " among " << m_places
                        << " expert places; expected a number that divides them");
    }
    const auto groups = m_places / placesPerGroup;
    std::vector<uint32_t> groupOf(m_places);
    for (size_t place = 0; place < m_places; ++place)
    {
        groupOf[place] = static_cast<uint32_t>(place / placesPerGroup);
    }
    std::vector<uint64_t> distinct(groups, 0);
    std::vector<uint64_t> marks; // a bit per token of the cohort, group after group
    for (const auto& cohort : m_cohorts)
    {
        const auto words = (cohort.tokens + WORD_TOKENS - 1) / WORD_TOKENS;
        marks.assign(groups * words, 0);
        const auto mark = [&marks, words](size_t group, uint64_t begin, uint64_t end) {
            auto* line = &marks[group * words];
            for (auto word = begin / WORD_TOKENS; word * WORD_TOKENS < end; ++word)
            {
                const auto from = word * WORD_TOKENS;
                const auto low = begin > from ? begin - from : 0;
                const auto high = std::min(end - from, WORD_TOKENS);
                line[word] |= (~uint64_t{0} >> (WORD_TOKENS - (high - low))) << low;
            }
        };
        for (auto i = cohort.firstRun; i < cohort.pastRuns; ++i)
        {
            const auto& run = m_runs[i];
            const auto end = uint64_t{run.begin} + run.length;
            const auto group = groupOf[run.place];
            mark(group, run.begin, std::min(end, cohort.tokens));
            if (end > cohort.tokens)
            {
                mark(group, 0, end - cohort.tokens);
            }
        }
        for (size_t i = 0; i < marks.size(); ++i)
        {
            distinct[i / words] += static_cast<uint64_t>(__builtin_popcountll(marks[i]));
        }
    }
    return distinct;
}

TokenSets
TokenSets::Moved(const std::vector<uint32_t>& placeOf, size_t places) const
{
    TokenSets moved(places);
    moved.m_cohorts = m_cohorts;
    moved.m_runs = m_runs;
    for (auto& run : moved.m_runs)
    {
        run.place = placeOf.at(run.place);
    }
    return moved;
}

uint64_t
TokenSets::Tokens() const
{
    return SumOf(m_cohorts, [](const Cohort& cohort) { return cohort.tokens; });
}

std::vector<size_t>
TokenSets::ExpertsOf(uint64_t token) const
{
    auto cohort = m_cohorts.begin();
    for (; token >= cohort->tokens; ++cohort)
    {
        token -= cohort->tokens;
    }
    std::vector<size_t> places;
    for (auto i = cohort->firstRun; i < cohort->pastRuns; ++i)
    {
        const auto& run = m_runs[i];
        const auto offset =
            token >= run.begin ? token - run.begin : token + cohort->tokens - run.begin;
        if (offset < run.length)
        {
            places.push_back(run.place);
        }
    }
    std::sort(places.begin(), places.end());
    return places;
}

} // namespace mixnetcore
