/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "host-interior.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mixnetcore
{

namespace
{

/**
 * @param rate A rate, or none.
 * @return bytes per second, or infinity.
 */
double
BytesPerSecond(const std::optional<BitsPerSecond>& rate)
{
    return rate ? rate->Count() / 8.0 : std::numeric_limits<double>::infinity();
}

} // namespace

HostInterior::HostInterior(const HostPlan& plan)
    : m_plan(plan)
{
    for (uint32_t gpu = 0; gpu < plan.gpus; ++gpu)
    {
        const double port = BytesPerSecond(plan.gpuPortRate);
        const double pcie = BytesPerSecond(plan.pcieRate);
        m_capacities.insert(m_capacities.end(), {port, port, pcie, pcie});
    }
    m_capacities.insert(m_capacities.end(), 2, BytesPerSecond(plan.numaLinkRate));
    m_capacities.insert(m_capacities.end(),
                        2 * plan.nics.size(),
                        BytesPerSecond(plan.nicAttachmentRate));
}

std::vector<uint32_t>
HostInterior::Finite(std::vector<uint32_t> resources) const
{
    resources.erase(
        std::remove_if(resources.begin(),
                       resources.end(),
                       [this](uint32_t index) { return std::isinf(m_capacities[index]); }),
        resources.end());
    return resources;
}

std::vector<uint32_t>
HostInterior::Between(uint32_t from, uint32_t to) const
{
    const bool byPort = m_plan.interconnect == GpuInterconnect::NvSwitch || from / 2 == to / 2;
    std::vector<uint32_t> resources{OfGpu(from, byPort ? PORT_OUT : PCIE_OUT),
                                    OfGpu(to, byPort ? PORT_IN : PCIE_IN)};
    if (m_plan.NumaHalfOf(from) != m_plan.NumaHalfOf(to))
    {
        resources.push_back(NumaLink(m_plan.NumaHalfOf(from)));
    }
    return resources;
}

std::vector<uint32_t>
HostInterior::BesideNic(uint32_t nic, bool into) const
{
    std::vector<uint32_t> resources{Attachment(nic, into)};
    if (m_plan.interconnect == GpuInterconnect::NvlinkPairs)
    {
        resources.push_back(OfGpu(m_plan.nics.at(nic).gpu, into ? PCIE_OUT : PCIE_IN));
    }
    return Finite(std::move(resources));
}

} // namespace mixnetcore
