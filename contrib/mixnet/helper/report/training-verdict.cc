/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-verdict.h"

#include "ns3/number-text.h"

#include <algorithm>
#include <iomanip>

namespace ns3
{
namespace mixnet
{

namespace
{

using mixnetcore::FixedText;

/// @param part A part. @param whole What it is of. @return the part in percent, with the sign.
std::string
Percent(double part, double whole)
{
    return FixedText(whole > 0 ? 100 * part / whole : 0, 1) + " %";
}

/// @param seconds A span of time. @return it in milliseconds, with the unit.
std::string
InMilliseconds(double seconds)
{
    return FixedText(1e3 * seconds, 3) + " ms";
}

} // namespace

void
TrainingVerdict::Print(std::ostream& out) const
{
    const auto row = [&out](const char* name) -> std::ostream& {
        return out << std::left << std::setw(15) << name << std::right;
    };
    row("iteration") << InMilliseconds(seconds) << ": " << FixedText(tokensPerSecond, 0)
                     << " tokens/s, " << FixedText(efficiency.flopsPerGpu * 1e-12, 1)
                     << " TFLOP/s per GPU, " << Percent(efficiency.Utilization(), 1)
                     << " of the peak of " << efficiency.gpu.title << "\n";
    auto largest = parts;
    std::stable_sort(largest.begin(), largest.end(), [](const auto& a, const auto& b) {
        return a.second > b.second;
    });
    row("critical path");
    const char* separator = "";
    for (const auto& [name, time] : largest)
    {
        constexpr double WORTH_TELLING = 0.0005; // of the whole: 0.0 % is not
        if (time > WORTH_TELLING * seconds)
        {
            out << separator << name << ' ' << Percent(time, seconds);
            separator = ", ";
        }
    }
    out << "\n";
    row("all-to-alls") << InMilliseconds(allToAlls);
    if (bound > 0)
    {
        out << ", " << FixedText(allToAlls / bound, 3)
            << " times what their bytes take of circuits and lines at least";
    }
    out << "\n";
    row("circuits");
    if (hasCircuits)
    {
        out << "carry " << Percent(opticalBytes, opticalBytes + electricalBytes)
            << " of the bytes between servers; " << InMilliseconds(blackouts)
            << " of blackouts, of which ranks wait for " << InMilliseconds(exposedBlackouts)
            << "\n";
    }
    else
    {
        out << "none: packet switches carry all bytes between servers\n";
    }
    row("load") << "the hottest EP rank has " << FixedText(efficiency.imbalance.Mean(), 2)
                << " times the mean's tokens, at worst "
                << FixedText(efficiency.imbalance.Worst(), 2) << "\n";
}

} // namespace mixnet
} // namespace ns3
