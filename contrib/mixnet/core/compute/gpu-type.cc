/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "gpu-type.h"

#include <stdexcept>

namespace mixnetcore
{

const std::vector<GpuType>&
GpuTypes()
{
    constexpr FlopsPerSecond tera(1'000'000'000'000);
    constexpr BitsPerSecond gigabits(1'000'000'000);
    constexpr BitsPerSecond gigabytes(8'000'000'000);
    static const std::vector<GpuType> types{
        {"h100",
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
         "none published"},
    };
    return types;
}

const GpuType&
FindGpuType(const std::string& name)
{
    std::string known;
    for (const auto& type : GpuTypes())
    {
        if (type.name == name)
        {
            return type;
        }
        known += (known.empty() ? "" : ", ") + type.name;
    }
    throw std::invalid_argument("unknown GPU type '" + name + "'; expected one of " + known);
}

std::vector<std::string>
GpuTypeNames()
{
    std::vector<std::string> names;
    for (const auto& type : GpuTypes())
    {
        names.push_back(type.name);
    }
    return names;
}

} // namespace mixnetcore
