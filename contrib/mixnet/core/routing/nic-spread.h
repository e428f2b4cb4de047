/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef NIC_SPREAD_H
#define NIC_SPREAD_H

#include "all-to-all-router.h"

#include "ns3/host-plan.h"

#include <cstdint>
#include <functional>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Two NICs that bytes may cross between.
struct NicPair
{
    uint32_t from; //!< NIC of the host that sends
    uint32_t to;   //!< NIC of the host that receives
};

/// @ingroup mixnet-core
/// @brief Is handed a part of a demand's entry, and the index of the NICs that it crosses between.
using NicAssignment = std::function<void(const GpuDemand&, size_t)>;

/**
 * @ingroup mixnet-core
 * @brief Deals the bytes of a pair of hosts out to NICs, so many to each.
 *
 * Within that, a GPU's bytes go to NICs on their own side of the NUMA link first, and to the NIC of
 * the GPU itself before others, counted at both ends.
 *
 * @param host Inside of both hosts.
 * @param nics NICs they may cross between; at least one pair.
 * @param room Bytes for each of them, as many in all as there are.
 * @param demand Entries above zero between one pair of different hosts.
 * @param assign Is handed the parts, none empty.
 */
void AssignToNics(const HostPlan& host,
                  const std::vector<NicPair>& nics,
                  std::vector<Bytes> room,
                  const std::vector<GpuDemand>& demand,
                  const NicAssignment& assign);

/**
 * @ingroup mixnet-core
 * @brief Spreads the bytes of a pair of hosts evenly, to the byte, over NICs (AssignToNics()).
 *
 * The GPU a NIC is attached to is the delegate:
 * bytes come to it by NVSwitch (gather), and go on from the peer's delegate by NVSwitch (scatter).
 *
 * @param host Inside of both hosts.
 * @param nics NICs they may cross between; at least one pair.
 * @param demand Entries above zero between one pair of different hosts.
 * @param[out] transfers Where to add their transfers.
 *
 * @see MixNet, section 5.3
 */
void SpreadOverNics(const HostPlan& host,
                    const std::vector<NicPair>& nics,
                    const std::vector<GpuDemand>& demand,
                    std::vector<Transfer>& transfers);

} // namespace mixnetcore

#endif // NIC_SPREAD_H
