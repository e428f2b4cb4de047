/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ocs-technology.h"

#include "ns3/checks.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <sstream>
#include <utility>

namespace mixnetcore
{

namespace
{

using namespace std::chrono_literals;

/**
 * @brief What the prototype's switch was measured to take for a number of pairs.
 */
struct MeasuredPoint
{
    double pairs;        //!< circuits set up together
    double mean;         //!< mean, seconds
    double percentile99; //!< 99th percentile, seconds
};

/// Paper, appendix C, Figure 21.
constexpr std::array<MeasuredPoint, 3> PROTOTYPE{
    {{1, 0.04144, 0.060}, {4, 0.04244, 0.062}, {16, 0.04675, 0.068}}};

/**
 * @param pairs Circuits set up together.
 * @return the profile there, interpolated.
 */
MeasuredPoint
PrototypeAt(double pairs)
{
    if (pairs <= PROTOTYPE.front().pairs)
    {
        return PROTOTYPE.front();
    }
    for (size_t i = 1; i < PROTOTYPE.size(); ++i)
    {
        const auto& low = PROTOTYPE[i - 1];
        const auto& high = PROTOTYPE[i];
        if (pairs <= high.pairs)
        {
            const double part = (pairs - low.pairs) / (high.pairs - low.pairs);
            return {pairs,
                    low.mean + part * (high.mean - low.mean),
                    low.percentile99 + part * (high.percentile99 - low.percentile99)};
        }
    }
    return PROTOTYPE.back();
}

/**
 * @param point Mean and 99th percentile.
 * @param quantile Between 0 and 1.
 * @return that quantile of the log-normal distribution with this mean and percentile, seconds.
 */
double
LogNormalQuantile(const MeasuredPoint& point, double quantile)
{
    // percentile99 / mean = exp(z sigma - sigma^2 / 2), solved for the smaller sigma.
    const boost::math::normal standard;
    const double z = boost::math::quantile(standard, 0.99);
    const double sigma = z - std::sqrt(z * z - 2 * std::log(point.percentile99 / point.mean));
    const double mu = std::log(point.mean) - sigma * sigma / 2;
    return std::exp(mu + sigma * boost::math::quantile(standard, quantile));
}

/**
 * @param seconds A time in seconds.
 * @return the time in whole microseconds, or nanoseconds below one millisecond.
 */
Picoseconds
Rounded(double seconds)
{
    if (seconds < 1e-3)
    {
        return std::chrono::nanoseconds(std::llround(seconds * 1e9));
    }
    return std::chrono::microseconds(std::llround(seconds * 1e6));
}

/// @param time A span of time. @return it for people, in the unit that suits it.
std::string
Readable(Picoseconds time)
{
    constexpr std::array<std::pair<double, const char*>, 4> units{
        {{1e12, " s"}, {1e9, " ms"}, {1e6, " us"}, {1e3, " ns"}}};
    const auto unit = std::find_if(units.begin(), units.end() - 1, [&](const auto& one) {
        return double(time.count()) >= one.first;
    });
    std::ostringstream text;
    text << double(time.count()) / unit->first << unit->second;
    return text.str();
}

/// @param technology A technology. @return it in a line for lists.
std::string
SummaryOf(const OcsTechnology& technology)
{
    return Phrase() << technology.title << ", " << technology.ports << " ports, "
                    << Readable(technology.fastest)
                    << (technology.fastest == technology.slowest
                            ? ""
                            : " to " + Readable(technology.slowest))
                    << (technology.measuredByPairs ? ", by number of pairs" : "");
}

} // namespace

Registry<OcsTechnology>&
OcsTechnologies()
{
    static auto registry = RegistryOf<OcsTechnology>(
        "OCS technology",
        {{"robotic", "robotic patch panel (Telescent)", 1008, 120s, 300s, false},
         {"piezo", "piezo (Polatis)", 576, 10ms, 25ms, false},
         {"mems-3d", "3D MEMS (Calient)", 320, 10ms, 15ms, false},
         {"rotornet", "RotorNet (InFocus)", 128, 10us, 10us, false},
         {"silicon-photonics", "silicon photonics (Lightmatter)", 32, 7us, 7us, false},
         {"plzt", "PLZT (EpiPhotonics)", 16, 10ns, 10ns, false},
         {"prototype", "piezo as measured in the prototype", 576, 41440us, 68ms, true}},
        [](const OcsTechnology& technology) { return SummaryOf(technology); });
    return registry;
}

Picoseconds
ReconfigurationTime(const OcsTechnology& technology, double quantile, uint32_t pairs)
{
    if (technology.measuredByPairs)
    {
        return Rounded(LogNormalQuantile(PrototypeAt(pairs), quantile));
    }
    if (technology.fastest == technology.slowest)
    {
        return technology.fastest;
    }
    const std::chrono::duration<double> low = technology.fastest;
    const std::chrono::duration<double> high = technology.slowest;
    return Rounded((low + quantile * (high - low)).count());
}

} // namespace mixnetcore
