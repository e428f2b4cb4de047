/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_COUNT_H
#define FABRIC_COUNT_H

#include "fabric-plan.h"

#include <array>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What a fabric is made of: parts in use, as they are bought.
 *
 * A port is counted when a fibre ends there. A transceiver is at each end of a fibre that is at a
 * port of a packet switch or at a NIC; an optical circuit switch needs none.
 *
 * For N NICs in full pods this gives 5N switch ports, 6N transceivers and 3N fibres for fat-tree
 * and rail-optimized; for MixNet with e electrical NICs 5e switch ports, 5e + N transceivers and
 * 3e + (N - e) fibres, as the authors of the paper count, with two differences:
 *
 * - The authors' fibres of MixNet are half of the switch ports and one per optical NIC, 5e / 2
 *   rounded up + (N - e). Half of the ports leaves out that a fibre to a NIC takes one port, not
 *   two: e fibres to NICs and half of the other 4e ports are 3e. Theirs are e / 2 fewer.
 * - The authors pay for N ports of optical circuit switches; N - e have a fibre.
 */
struct FabricCount
{
    static constexpr size_t TIERS = 4; //!< 0 for switches of no tier, and tiers 1 to 3

    std::array<uint64_t, TIERS>
        switchPortsByTier{};  //!< ports of packet switches, by NodePlan::tier
    uint64_t switchPorts{0};  //!< all of them together
    uint64_t ocsPorts{0};     //!< ports of optical circuit switches
    uint64_t nics{0};         //!< NICs with a fibre
    uint64_t transceivers{0}; //!< at packet switches and NICs
    uint64_t fibres{0};       //!< fibres
};

/**
 * @ingroup mixnet-core
 * @param plan The fabric.
 * @return what it is made of.
 */
FabricCount CountFabric(const FabricPlan& plan);

} // namespace mixnetcore

#endif // FABRIC_COUNT_H
