/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PATCH_CONNECTOR_H
#define PATCH_CONNECTOR_H

#include "demand-matching.h"
#include "patch-board.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What may be used to hold a fabric together.
enum class BridgeSource
{
    FreeNics, //!< NICs without circuits
    Links,    //!< and circuits of pairs of hosts; rings stay
};

/**
 * @ingroup mixnet-core
 * @brief Joins the parts of a fabric that circuits do not join, as far as that is possible.
 *
 * Of parts that are not joined those with the most demand between them come first, ties to the
 * lower hosts. On a panel that both are on two NICs, one of each part, change places
 * (PatchBoard::Exchange()): a free one, or else the sender of the link of least worth. The panel at
 * which least is lost is taken, ties to the lower number. So each of the two parts loses one link
 * at most (one-way circuits: one direction of it) and gets one to the other. A duplex link that
 * holds its own part together is taken only if the other part makes up for it.
 *
 * @param[in,out] board The circuits.
 * @param matcher What links are worth.
 * @param source What may be used.
 */
void ConnectParts(PatchBoard& board, const DemandMatcher& matcher, BridgeSource source);

} // namespace mixnetcore

#endif // PATCH_CONNECTOR_H
