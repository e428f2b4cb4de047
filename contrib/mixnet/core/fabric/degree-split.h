/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef DEGREE_SPLIT_H
#define DEGREE_SPLIT_H

#include "ns3/mixnet-units.h"

#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief How many NICs of each server are for rings of all-reduces; the others are for links
 * between pairs.
 *
 * The share of the all-reduce in all bytes, rounded up; 0 where it has none, else a ring at least.
 *
 * @param allReduce Bytes that all servers send in rings.
 * @param modelParallel All other bytes between servers.
 * @param degree NICs of a server, at least @p nicsPerRing.
 * @param nicsPerRing NICs that a ring takes of each server: 1, or 2 with duplex circuits.
 * @return NICs for rings.
 * @see Wang et al., TopoOpt (NSDI 2023), section 4 (TopologyFinder)
 */
uint32_t SplitDegree(Bytes allReduce, Bytes modelParallel, uint32_t degree, uint32_t nicsPerRing);

/// @ingroup mixnet-core
/// @brief A group that shares the NICs for rings with others.
struct RingShare
{
    std::vector<uint32_t> hosts; //!< its members
    uint64_t bytes{0};           //!< that each of them sends
    uint32_t nicsPerRing{1};     //!< NICs that a ring takes of each of them
};

/**
 * @ingroup mixnet-core
 * @brief Shares the NICs for rings among groups, which may have servers in common.
 *
 * One group after the other, in the order given, gets NICs by its share of the bytes at that of its
 * members at which it is smallest, rounded to the nearest; one ring at least, as far as all members
 * have NICs left; and no part of a ring.
 *
 * @param groups The groups.
 * @param hosts Servers of the fabric.
 * @param nics NICs of each server for rings.
 * @return rings of each group.
 */
std::vector<uint32_t> ShareRings(const std::vector<RingShare>& groups,
                                 uint32_t hosts,
                                 uint32_t nics);

} // namespace mixnetcore

#endif // DEGREE_SPLIT_H
