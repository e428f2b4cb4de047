/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PATCH_PANELS_H
#define PATCH_PANELS_H

#include "ns3/registry.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @return how the NICs of servers are laid on patch panels, by name: whether all on one flat panel.
 * per-nic: NIC i of every server on panel i. flat: a panel for all.
 */
Registry<bool>& PanelLayouts();

/**
 * @ingroup mixnet-core
 * @return kinds of circuits of patch panels, by name: whether they carry light in both directions.
 * simplex: a NIC sends to one and receives from another. duplex: the same one.
 */
Registry<bool>& CircuitKinds();

} // namespace mixnetcore

#endif // PATCH_PANELS_H
