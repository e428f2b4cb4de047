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
CheckIndex(size_t index, size_t count, const std::string& what)
{
    if (index >= count)
    {
        throw std::out_of_range("no " + what + " " + std::to_string(index) + " among " +
                                std::to_string(count));
    }
}

void
RefuseInput(const std::string& name, const std::string& problem, const std::string& expected)
{
    throw std::invalid_argument(name + ": " + problem + "; expected " + expected);
}

} // namespace mixnetcore
