/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FAT_TREE_PLANNER_H
#define FAT_TREE_PLANNER_H

#include "clos.h"

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What a fat-tree with its hosts needs to be described.
struct FatTreeSpec
{
    uint32_t hosts{8};                //!< servers, at least 1
    HostSpec host;                    //!< inside of each; opticalDegree must be 0
    ClosSpec clos{};                  //!< the switches
    Picoseconds linkDelay{1'000'000}; //!< propagation of a fibre (paper, section 7.1: 1 us)
};

/**
 * @ingroup mixnet-core
 * @brief Plans a fat-tree: all NICs of all hosts on one folded Clos network, host by host.
 *
 * The NICs of a host are next to each other, so that a host has one leaf, or few.
 *
 * @param spec The hosts and the network; 3:1 at the leaf is the paper's oversubscribed fat-tree.
 * @return the plan, named "fat-tree", or "oversub-fat-tree" when it is oversubscribed.
 * @throws std::invalid_argument as PlanHost() and ResolveRadix(), or when there are no hosts,
 * optical NICs, or a negative delay.
 */
FabricPlan PlanFatTree(const FatTreeSpec& spec);

} // namespace mixnetcore

#endif // FAT_TREE_PLANNER_H
