/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "checks.h"

#include <stdexcept>

namespace mixnetcore
{

void
Refuse(const std::string& message)
{
    throw std::invalid_argument(message);
}

void
CheckIndex(size_t index, size_t count, const std::string& what)
{
    if (index >= count)
    {
        throw std::out_of_range(Phrase() << "no " << what << " " << index << " among " << count);
    }
}

} // namespace mixnetcore
