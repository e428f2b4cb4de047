/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TEST_LINE_H
#define TEST_LINE_H

#include <cstdint>

namespace tests
{

constexpr uint64_t RATE = 400'000'000'000; //!< of a line where no other is named, bits per second
constexpr uint64_t MTU = 4096;             //!< payload of a full frame, bytes

} // namespace tests

#endif // TEST_LINE_H
