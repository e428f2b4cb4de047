/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CHECKS_H
#define CHECKS_H

#include <cstddef>
#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @param index What is asked for.
 * @param count How many there are.
 * @param what What is counted.
 * @throws std::out_of_range when the index is not below the count.
 */
void CheckIndex(size_t index, size_t count, const std::string& what);

/**
 * @ingroup mixnet-core
 * @brief Refuses an input as a whole.
 * @param name What the input is called.
 * @param problem What is wrong with it.
 * @param expected What would be right.
 * @throws std::invalid_argument always.
 */
[[noreturn]] void RefuseInput(const std::string& name,
                              const std::string& problem,
                              const std::string& expected);

} // namespace mixnetcore

#endif // CHECKS_H
