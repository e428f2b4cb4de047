/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TEST_SERVER_H
#define TEST_SERVER_H

#include <cstdint>

namespace tests
{

constexpr uint32_t GPUS = 8;                   //!< of a host
constexpr uint64_t GPU_RATE = 450'000'000'000; //!< of its NVSwitch port, bytes per second

} // namespace tests

#endif // TEST_SERVER_H
