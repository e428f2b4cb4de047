/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef HOST_PLAN_H
#define HOST_PLAN_H

#include "ns3/mixnet-units.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Which side of the fabric a NIC is on.
enum class NicRole
{
    Electrical, //!< on a packet switch
    Optical,    //!< on an optical circuit switch
};

/// @ingroup mixnet-core
/// @brief One NIC of a host: a single port.
struct NicPlan
{
    NicRole role;       //!< side of the fabric
    uint32_t gpu;       //!< GPU it is attached to, in its host
    uint32_t numaHalf;  //!< half of the host it sits in, 0 or 1
    BitsPerSecond rate; //!< line rate, each way
};

/// @ingroup mixnet-core
/// @brief What joins the GPUs of a host.
enum class GpuInterconnect
{
    NvSwitch,    //!< a crossbar
    NvlinkPairs, //!< NVLink between GPUs 2n and 2n + 1, PCIe between all (paper, section 6)
};

/**
 * @ingroup mixnet-core
 * @brief What the inside of a server is made of.
 *
 * The first half of the GPUs, rounded up, sits in NUMA half 0. A rate that is not given is no
 * bottleneck.
 */
struct HostPlan
{
    uint32_t gpus{0};          //!< GPUs
    BitsPerSecond gpuPortRate; //!< rate of one GPU's NVSwitch or NVLink port, each way
    std::vector<NicPlan> nics; //!< NICs in the order of their number
    GpuInterconnect interconnect{GpuInterconnect::NvSwitch}; //!< what joins the GPUs
    std::optional<BitsPerSecond> pcieRate;          //!< one GPU's PCIe, each way; NVLink pairs only
    std::optional<BitsPerSecond> numaLinkRate;      //!< between the halves, each way
    std::optional<BitsPerSecond> nicAttachmentRate; //!< between a NIC and its GPU, each way

    /**
     * @param gpu A GPU.
     * @return half of the host it sits in, 0 or 1.
     */
    uint32_t NumaHalfOf(uint32_t gpu) const
    {
        return gpu < (gpus + 1) / 2 ? 0 : 1;
    }

    /**
     * @param role Side of the fabric.
     * @return numbers of the NICs on that side, ascending.
     */
    std::vector<uint32_t> NicsOn(NicRole role) const;
};

/**
 * @ingroup mixnet-core
 * @brief What a server needs to be described; by default one of the paper's (section 7.1).
 */
struct HostSpec
{
    static constexpr uint32_t MOST_NICS = 1024; //!< of a server

    uint32_t gpus{8};                              //!< GPUs
    uint32_t opticalDegree{6};                     //!< NICs on the optical circuit switch
    uint32_t electricalNics{2};                    //!< NICs on packet switches
    BitsPerSecond linkRate{400'000'000'000};       //!< line rate of a NIC
    std::optional<BitsPerSecond> electricalRate{}; //!< of an electrical one, if that is another
    BitsPerSecond gpuPortRate{3'600'000'000'000};  //!< 450 GB/s each way (paper: 900 GB/s both)
    GpuInterconnect interconnect{GpuInterconnect::NvSwitch}; //!< what joins the GPUs
    std::optional<BitsPerSecond> pcieRate;                   //!< as in HostPlan
    std::optional<BitsPerSecond> numaLinkRate;               //!< as in HostPlan
    std::optional<BitsPerSecond> nicAttachmentRate;          //!< as in HostPlan
};

/**
 * @ingroup mixnet-core
 * @brief Describes a server whose NICs are spread evenly over its GPUs.
 *
 * Of N NICs and G GPUs, NIC n is attached to GPU n * G / N, rounded down, and sits in the NUMA half
 * of that GPU; with one NIC per GPU, NIC n at GPU n. So fewer NICs than GPUs are at the first of
 * the GPUs that share them, and of more NICs neighbours are at one GPU. The electrical NICs are
 * spread evenly, too: number k of E is NIC k * N / E, rounded up; NICs 0 and 4 when two of eight
 * are electrical, and always one in each half when there are two.
 *
 * @param spec The server.
 * @return the plan.
 * @throws std::invalid_argument when there are no GPUs, no NICs or more than MOST_NICS, or a rate
 * is zero; the message names field, value and range.
 */
HostPlan PlanHost(const HostSpec& spec);

} // namespace mixnetcore

#endif // HOST_PLAN_H
