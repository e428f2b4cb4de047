/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef NUMBER_TEXT_H
#define NUMBER_TEXT_H

#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @param value A number.
 * @param digits Digits behind the point.
 * @return the number as text, without an exponent.
 */
std::string FixedText(double value, int digits);

} // namespace mixnetcore

#endif // NUMBER_TEXT_H
