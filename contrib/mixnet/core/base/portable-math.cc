/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "portable-math.h"

namespace mixnetcore
{

double
PortableExp(double x)
{
    // e^x = (e^(x / 2^n))^(2^n); the series of the small exponent ends below the last bit.
    int halvings = 0;
    for (; x > 0.5 || x < -0.5; x /= 2)
    {
        ++halvings;
    }
    constexpr int terms = 14; // 0.5^15 / 15! = 2e-17
    double result = 1;
    for (int term = terms; term > 0; --term)
    {
        result = 1 + x / term * result;
    }
    for (; halvings > 0; --halvings)
    {
        result *= result;
    }
    return result;
}

double
PortableLog(double x)
{
    // Newton's method on e^y = x, from above: a step is near 1 while far, then digits double.
    constexpr int steps = 110;
    double y = x - 1;
    for (int step = 0; step < steps; ++step)
    {
        y = y - 1 + x * PortableExp(-y);
    }
    return y > 0 ? y : 0;
}

double
PortableCosine(double x)
{
    constexpr int terms = 11; // (pi / 2)^24 / 24! = 8e-20
    const double square = x * x;
    double result = 1;
    for (int term = terms; term > 0; --term)
    {
        result = 1 - square / (2 * term * (2 * term - 1)) * result;
    }
    return result;
}

} // namespace mixnetcore
