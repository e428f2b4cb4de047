/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TEST_FRAME_H
#define TEST_FRAME_H

#include <cstdint>

namespace tests
{

constexpr uint32_t FRAME_BYTES = 5'000;               //!< size of the frames
constexpr int64_t FRAME_PS = FRAME_BYTES * 8 * 5 / 2; //!< their serialisation: 2.5 ps per bit
constexpr int64_t DELAY_PS = 1'000'000;               //!< propagation delay of each fibre, ps

} // namespace tests

#endif // TEST_FRAME_H
