/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "expert-places.h"

#include "ns3/checks.h"

namespace mixnetcore
{

std::vector<size_t>
ExpertPlaces(size_t experts, size_t places)
{
    if (experts > places)
    {
        Refuse(Phrase() << experts << " experts do not fit " << places
                        << " places; expected at least as many places as experts");
    }
    const auto empty = places - experts;
    std::vector<size_t> result;
    for (size_t place = 0; place < places; ++place)
    {
        const auto isEmpty = (place + 1) * empty / places > place * empty / places;
        if (!isEmpty)
        {
            result.push_back(place);
        }
    }
    return result;
}

} // namespace mixnetcore
