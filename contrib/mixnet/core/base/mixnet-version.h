/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MIXNET_VERSION_H
#define MIXNET_VERSION_H

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Version of the module, as results carry it.
inline constexpr const char* VERSION = "0.1.0";

} // namespace mixnetcore

#endif // MIXNET_VERSION_H
