/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORTABLE_MATH_H
#define PORTABLE_MATH_H

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Exponential function with the same bits on every machine.
 *
 * The functions of the C library differ in their last bit between machines and versions. This one
 * uses only the operations that IEEE 754 defines exactly, and so does not, as long as the compiler
 * does not fuse them (-ffp-contract=off).
 *
 * @param x Exponent, -1000 to 700.
 * @return e to the power of @p x, within 1e-12 of it relatively where it is above 1e-300.
 */
double PortableExp(double x);

/**
 * @ingroup mixnet-core
 * @brief Natural logarithm with the same bits on every machine, as PortableExp().
 * @param x Argument, 1 to 100.
 * @return the logarithm of @p x, within 1e-12.
 */
double PortableLog(double x);

/**
 * @ingroup mixnet-core
 * @brief Cosine of a quarter turn's part with the same bits on every machine, as PortableExp().
 * @param x Angle in radians, -pi / 2 to pi / 2.
 * @return the cosine of @p x, within 1e-12.
 */
double PortableCosine(double x);

} // namespace mixnetcore

#endif // PORTABLE_MATH_H
