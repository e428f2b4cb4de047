/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef EXPERT_PLACES_H
#define EXPERT_PLACES_H

#include <cstddef>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Places of the experts that exist, when there are more places than experts.
 *
 * Where the number of experts is no multiple of the ranks, places are added and stay empty. The
 * empty places are spread evenly, so no rank is left without work: 60 experts on 64 places leave
 * 15, 31, 47 and 63 empty.
 *
 * @param experts Number of experts, at most @p places.
 * @param places Number of columns of a load matrix.
 * @return the place of each expert, ascending.
 * @throws std::invalid_argument when there are more experts than places.
 */
std::vector<size_t> ExpertPlaces(size_t experts, size_t places);

} // namespace mixnetcore

#endif // EXPERT_PLACES_H
