/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ring-permutations.h"

#include "ns3/checks.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mixnetcore
{

namespace
{

/// @param base A number. @param exponent How often it is a factor. @return the product; only
/// multiplications, so the same on every machine.
double
PowerOf(double base, uint32_t exponent)
{
    double power = 1;
    for (uint32_t n = 0; n < exponent; ++n)
    {
        power *= base;
    }
    return power;
}

/// @param value At least 1. @param degree At least 1. @return the root, to the last bits.
double
RootOf(double value, uint32_t degree)
{
    constexpr int HALVINGS = 64;
    double low = 1;
    double high = value;
    for (int n = 0; n < HALVINGS; ++n)
    {
        const double middle = (low + high) / 2;
        (PowerOf(middle, degree) <= value ? low : high) = middle;
    }
    return high;
}

/// @param steps Ascending, at least one. @param target A number. @return place of the nearest step,
/// of two that are equally near the lower.
size_t
NearestTo(double target, const std::vector<uint32_t>& steps)
{
    const auto above = std::lower_bound(steps.begin(), steps.end(), target) - steps.begin();
    if (above == 0)
    {
        return 0;
    }
    const auto last = static_cast<size_t>(above) == steps.size();
    return last || target - steps[above - 1] <= steps[above] - target ? above - 1 : above;
}

} // namespace

std::vector<uint32_t>
TotientPermutations(uint32_t size, RingDirection direction)
{
    if (size < 2)
    {
        Refuse(Phrase() << "size = " << size << ": a ring has at least 2 members");
    }
    const auto most = direction == RingDirection::OneWay ? size - 1 : size / 2;
    std::vector<uint32_t> steps;
    for (uint32_t step = 1; step <= most; ++step)
    {
        if (std::gcd(step, size) == 1)
        {
            steps.push_back(step);
        }
    }
    return steps;
}

std::vector<uint32_t>
SelectPermutations(uint32_t size, uint32_t count, RingDirection direction)
{
    constexpr double GRID = 1 << 20; // targets are rounded, so that those halfway are halfway
    auto unused = TotientPermutations(size, direction);
    const double ratio = count == 0 ? 1 : RootOf(size, count);
    std::vector<uint32_t> chosen;
    while (chosen.size() < count && !unused.empty())
    {
        const double target = PowerOf(ratio, chosen.size());
        const auto place = NearestTo(std::round(target * GRID) / GRID, unused);
        chosen.push_back(unused[place]);
        unused.erase(unused.begin() + place);
    }
    for (size_t place = 0; chosen.size() < count; ++place)
    {
        const auto repeated = chosen[place]; // before the list moves
        chosen.push_back(repeated);
    }
    return chosen;
}

std::vector<uint32_t>
RingOrder(const std::vector<uint32_t>& members, uint32_t step)
{
    std::vector<uint32_t> order;
    order.reserve(members.size());
    for (uint64_t n = 0; n < members.size(); ++n)
    {
        order.push_back(members[n * step % members.size()]);
    }
    return order;
}

} // namespace mixnetcore
