/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef EXPERT_COPIES_H
#define EXPERT_COPIES_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Places of experts of which some have several copies (redundant experts).
 *
 * Copies go, one after the other, to the expert with the most tokens per copy. Copies are then laid
 * on ranks, those with the most tokens first, each on the rank with the fewest tokens so far that
 * has a place left, if possible one without a copy of that expert. Of equal experts and ranks the
 * first one is taken. Ranks that send are dealt to the copies of an expert in turn.
 *
 * @see DeepSeek-V3 technical report, section 3.4 (redundant experts); its load balancer EPLB
 */
class ExpertCopies
{
  public:
    /**
     * @param tokens Tokens that each expert is expected to get.
     * @param places Places, at least as many as experts; all are filled.
     * @param ranks Ranks with equally many of them each; divides the places.
     * @throws std::invalid_argument when these do not fit, or there is no expert.
     */
    ExpertCopies(const std::vector<uint64_t>& tokens, size_t places, size_t ranks);

    /// @param expert An expert. @return places of its copies, ascending.
    const std::vector<size_t>& PlacesOf(size_t expert) const
    {
        return m_places.at(expert);
    }

    /// @param expert An expert. @param source A rank that sends. @return the place it sends to.
    size_t PlaceOf(size_t expert, size_t source) const
    {
        const auto& places = PlacesOf(expert);
        return places[(source + expert) % places.size()];
    }

    /// @return experts.
    size_t Experts() const
    {
        return m_places.size();
    }

  private:
    std::vector<std::vector<size_t>> m_places; //!< by expert
};

} // namespace mixnetcore

#endif // EXPERT_COPIES_H
