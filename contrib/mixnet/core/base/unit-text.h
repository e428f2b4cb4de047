/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef UNIT_TEXT_H
#define UNIT_TEXT_H

#include "mixnet-units.h"

#include <string>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @param rate Any rate. @return it in the largest unit of which it is a whole number, as 400Gb/s;
/// ParseRate() gives the same rate.
std::string ExactText(BitsPerSecond rate);

/// @ingroup mixnet-core
/// @param time At least 0. @return it in the largest unit of which it is a whole number, as 25ms;
/// ParseDuration() gives the same time.
std::string ExactText(Picoseconds time);

} // namespace mixnetcore

#endif // UNIT_TEXT_H
