/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "host-plan.h"

#include "ns3/checks.h"

#include <string>

namespace mixnetcore
{

namespace
{

/**
 * @param spec A server.
 * @throws std::invalid_argument naming field, value and range of the first thing that is wrong.
 */
void
Check(const HostSpec& spec)
{
    const auto refuse = [](const std::string& field, uint64_t value, const std::string& range) {
        Refuse(Phrase() << field << " = " << value << ": " << range);
    };
    const auto limit = "at most " + std::to_string(HostSpec::MOST_NICS) + " NICs of a server";
    const auto nics = uint64_t{spec.opticalDegree} + spec.electricalNics;
    if (spec.gpus == 0)
    {
        refuse("gpus", 0, "at least 1");
    }
    if (spec.opticalDegree > HostSpec::MOST_NICS)
    {
        refuse("opticalDegree", spec.opticalDegree, limit);
    }
    if (nics > HostSpec::MOST_NICS)
    {
        refuse("electricalNics",
               spec.electricalNics,
               limit + ", of which opticalDegree takes " + std::to_string(spec.opticalDegree));
    }
    if (nics == 0)
    {
        refuse("electricalNics", 0, "at least 1 NIC, electrical or optical");
    }
    if (spec.linkRate == BitsPerSecond())
    {
        refuse("linkRate", 0, "at least 1 bit/s");
    }
    if (spec.gpuPortRate == BitsPerSecond())
    {
        refuse("gpuPortRate", 0, "at least 1 bit/s");
    }
    if (spec.electricalRate == BitsPerSecond())
    {
        refuse("electricalRate", 0, "at least 1 bit/s, or none for linkRate");
    }
    for (const auto& [field, rate] : {std::pair("pcieRate", spec.pcieRate),
                                      std::pair("numaLinkRate", spec.numaLinkRate),
                                      std::pair("nicAttachmentRate", spec.nicAttachmentRate)})
    {
        if (rate == BitsPerSecond())
        {
            refuse(field, 0, "at least 1 bit/s, or none for no limit");
        }
    }
    if (spec.interconnect == GpuInterconnect::NvlinkPairs && spec.gpus % 2 != 0)
    {
        refuse("gpus", spec.gpus, "an even number for NVLink pairs");
    }
}

} // namespace

std::vector<uint32_t>
HostPlan::NicsOn(NicRole role) const
{
    std::vector<uint32_t> numbers;
    for (uint32_t nic = 0; nic < nics.size(); ++nic)
    {
        if (nics[nic].role == role)
        {
            numbers.push_back(nic);
        }
    }
    return numbers;
}

HostPlan
PlanHost(const HostSpec& spec)
{
    Check(spec);
    const auto nics = spec.opticalDegree + spec.electricalNics;
    HostPlan plan;
    plan.gpus = spec.gpus;
    plan.gpuPortRate = spec.gpuPortRate;
    plan.interconnect = spec.interconnect;
    plan.pcieRate = spec.pcieRate;
    plan.numaLinkRate = spec.numaLinkRate;
    plan.nicAttachmentRate = spec.nicAttachmentRate;
    for (uint32_t nic = 0; nic < nics; ++nic)
    {
        const auto gpu = static_cast<uint32_t>(uint64_t{nic} * spec.gpus / nics);
        plan.nics.push_back({NicRole::Optical, gpu, plan.NumaHalfOf(gpu), spec.linkRate});
    }
    for (uint64_t k = 0; k < spec.electricalNics; ++k)
    {
        const auto nic = (k * nics + spec.electricalNics - 1) / spec.electricalNics;
        plan.nics[nic].role = NicRole::Electrical;
        plan.nics[nic].rate = spec.electricalRate.value_or(spec.linkRate);
    }
    return plan;
}

} // namespace mixnetcore
