/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CLOS_H
#define CLOS_H

#include "fabric-plan.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A folded Clos network of equal packet switches.
 *
 * One tier is a single switch. Two tiers are leaves and spines. Three tiers are pods of leaves and
 * spines, and core switches above them: the fat-tree.
 */
struct ClosSpec
{
    uint32_t tiers{3};            //!< tiers of switches: 1, 2 or 3
    uint32_t radix{0};            //!< ports that a switch has; 0 for ResolveRadix() to choose
    uint32_t oversubscription{1}; //!< downlinks of a leaf for each of its uplinks
    std::optional<BitsPerSecond> uplinkRate{}; //!< of links between switches, if not the NICs'
};

/**
 * @ingroup mixnet-core
 * @brief What a ClosSpec comes to when all of its NICs are there.
 */
struct ClosShape
{
    uint32_t downlinks;    //!< NICs of a leaf
    uint32_t uplinks;      //!< uplinks of a leaf, and spines of a pod; 0 with one tier
    uint32_t leavesPerPod; //!< leaves that share their spines
    uint32_t spineUplinks; //!< uplinks of a spine, and core switches of its group; 0 below 3 tiers
    uint32_t pods;         //!< pods at most
};

/**
 * @ingroup mixnet-core
 * @brief Works out the sizes of a folded Clos network.
 *
 * At the leaf, k:1 holds exactly: of radix R, R / (k + 1) rounded down are uplinks and k times as
 * many downlinks. Above the leaf nothing is oversubscribed: a spine has half of its ports up and
 * half down with three tiers, and all down with two.
 *
 * @param spec The network; its radix is not 0.
 * @return its shape.
 * @throws std::invalid_argument when tiers, radix or oversubscription are outside of their range;
 * the message names field, value and range.
 */
ClosShape ShapeOf(const ClosSpec& spec);

/**
 * @ingroup mixnet-core
 * @param spec The network; with radix 0, one of the largest switches.
 * @return NICs that it has room for; the largest number there is when they are more.
 * @throws std::invalid_argument as ShapeOf().
 */
uint32_t ClosCapacity(const ClosSpec& spec);

/**
 * @ingroup mixnet-core
 * @brief Chooses the radix where it is 0: the smallest power of two, at least 4, with room for the
 * NICs; with one tier as many ports as NICs.
 *
 * @param spec The network.
 * @param nics NICs to be joined.
 * @return it with its radix, which is as it was unless it was 0.
 * @throws std::invalid_argument as ShapeOf(), or when there are no NICs, or too many for the radix
 * or for any; the message names field, value and range.
 */
ClosSpec ResolveRadix(const ClosSpec& spec, uint64_t nics);

/**
 * @ingroup mixnet-core
 * @brief Joins NICs by a folded Clos network.
 *
 * NICs are at the leaves in the order of the list, as many per leaf as it has downlinks; only the
 * last leaf can have fewer. Every leaf has one link to each spine of its pod. With three tiers,
 * spine s of every pod has one link to each core switch of group s, so that each core switch has
 * one link to every pod.
 *
 * Only switches that are needed exist: leaves that have NICs, and pods that have leaves. These keep
 * all their uplinks: a leaf with fewer NICs, or a pod with fewer leaves, is less oversubscribed
 * than others, never more, and all core switches exist even above a single pod. So with one
 * downlink for each uplink, N NICs in full pods use 2N ports of leaves, 2N of spines and N of core
 * switches, 5N in all, and 3N fibres.
 *
 * Leaves, then spines, then core switches become nodes. A node has the ports that are used:
 * downlinks first, ascending by what is below; uplinks then, ascending by what is above. In a link,
 * a is the lower end.
 *
 * @param plan The fabric, with its hosts; gains nodes and links.
 * @param nics Ports of hosts, all of one rate, which is that of all fibres unless spec says.
 * @param spec The network.
 * @param prefix Goes before the names leaf0, spine0, core0, ...
 * @param delay Propagation of a fibre.
 * @param buffer Of each switch; without one as its model has it.
 * @throws std::invalid_argument as ResolveRadix().
 */
void AddClos(FabricPlan& plan,
             const std::vector<PortPlan>& nics,
             const ClosSpec& spec,
             const std::string& prefix,
             Picoseconds delay,
             std::optional<Bytes> buffer = {});

/**
 * @ingroup mixnet-core
 * @brief As AddClos(), with the NICs of every leaf given.
 *
 * @param plan The fabric, with its hosts; gains nodes and links.
 * @param leaves NICs of each leaf, at least one and at most as many as a leaf has downlinks; at
 * most as many leaves as there is room for.
 * @param spec The network; its radix is not 0.
 * @param prefix Goes before the names leaf0, spine0, core0, ...
 * @param delay Propagation of a fibre.
 * @param buffer Of each switch; without one as its model has it.
 * @throws std::invalid_argument as ShapeOf().
 */
void AddClosOfLeaves(FabricPlan& plan,
                     const std::vector<std::vector<PortPlan>>& leaves,
                     const ClosSpec& spec,
                     const std::string& prefix,
                     Picoseconds delay,
                     std::optional<Bytes> buffer = {});

} // namespace mixnetcore

#endif // CLOS_H
