/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "gpu-type.h"

#include "ns3/checks.h"

namespace mixnetcore
{

namespace
{

/// @param type A kind of GPU. @return it in a line for lists.
std::string
SummaryOf(const GpuType& type)
{
    const auto tera = [](FlopsPerSecond rate) { return rate.Count() / 1'000'000'000'000; };
    return Phrase() << type.title << ": "
                    << (type.achieved == FlopsPerSecond(0)
                            ? std::string("rate in training not published, --teraflops")
                            : std::to_string(tera(type.achieved)) + " TFLOP/s in training (" +
                                  type.source + ")")
                    << ", peak " << tera(type.peak) << "; NVLink "
                    << type.nvlink.Count() / 1'000'000'000 << " Gb/s each way";
}

} // namespace

Registry<GpuType>&
GpuTypes()
{
    constexpr FlopsPerSecond tera(1'000'000'000'000);
    constexpr BitsPerSecond gigabits(1'000'000'000);
    constexpr BitsPerSecond gigabytes(8'000'000'000);
    static auto registry = RegistryOf<GpuType>("GPU type",
                                               {{"h100",
                                                 "H100 SXM",
                                                 tera * 989,
                                                 tera * 246,
                                                 gigabits * 3600,
                                                 gigabytes * 3350,
                                                 "middle of 216 to 277, NeMo AutoModel"},
                                                {"h800",
                                                 "H800 SXM",
                                                 tera * 989,
                                                 tera * 137,
                                                 gigabits * 1600,
                                                 gigabytes * 3350,
                                                 "MixNet, figure 3"},
                                                {"a100",
                                                 "A100 SXM",
                                                 tera * 312,
                                                 tera * 115,
                                                 gigabits * 2400,
                                                 gigabytes * 2039,
                                                 "middle of 90 to 140, MoE training"},
                                                {"b200",
                                                 "B200 SXM",
                                                 tera * 2250,
                                                 FlopsPerSecond(0),
                                                 gigabits * 7200,
                                                 gigabytes * 8000,
                                                 "none published"}},
                                               [](const GpuType& type) { return SummaryOf(type); });
    return registry;
}

} // namespace mixnetcore
