/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef DEMAND_MATRIX_H
#define DEMAND_MATRIX_H

#include "count-matrix.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Bytes per (source row, destination column) of one phase: ranks, GPUs or hosts.
using DemandMatrix = CountMatrix<Bytes>;

/// @ingroup mixnet-core
/// @brief Token assignments per (source EP rank, expert or destination EP rank).
using TokenMatrix = CountMatrix<Tokens>;

} // namespace mixnetcore

#endif // DEMAND_MATRIX_H
