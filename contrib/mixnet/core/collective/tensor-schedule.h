/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TENSOR_SCHEDULE_H
#define TENSOR_SCHEDULE_H

#include "ns3/mixnet-units.h"

#include <string>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief A collective of tensor parallelism.
enum class TensorCollective
{
    AllGather,     //!< every member gets the shards of all
    ReduceScatter, //!< every member gets the sum of its shard
    AllReduce,     //!< a reduce-scatter and an all-gather of the sums
};

/// @ingroup mixnet-core
/// @brief In which steps a collective is carried out.
enum class TensorAlgorithm
{
    Direct, //!< everybody to everybody at once
    Ring,   //!< to the next member, one shard per step
    Merged, //!< the ring with its steps merged: one flow to the next member
};

/**
 * @ingroup mixnet-core
 * @param name direct, ring or merged.
 * @return the algorithm.
 * @throws std::invalid_argument naming the known names.
 */
TensorAlgorithm FindTensorAlgorithm(const std::string& name);

/**
 * @ingroup mixnet-core
 * @brief One flow of a collective.
 */
struct ScheduledFlow
{
    uint32_t from;               //!< member that sends
    uint32_t to;                 //!< member that receives
    Bytes bytes;                 //!< how many
    std::vector<uint32_t> after; //!< flows that must have ended before it, by index; all lower
};

/**
 * @ingroup mixnet-core
 * @brief The flows of a collective.
 *
 * The buffer is shared evenly: shard i of n belongs to member i. On an idle crossbar with rate R
 * per port, all-gather and reduce-scatter take (n - 1) shards / R in any of the ways, and an
 * all-reduce twice that. Merged puts the same bytes on every port with the fewest flows, and does
 * not wait between steps. Not modelled: the time of the additions.
 *
 * @param collective What.
 * @param algorithm How.
 * @param members Number of members, at least 1; with one there is nothing to do.
 * @param total Size of the whole buffer: the shards of all members together.
 * @return the flows; none of zero bytes.
 */
std::vector<ScheduledFlow> ScheduleTensorCollective(TensorCollective collective,
                                                    TensorAlgorithm algorithm,
                                                    uint32_t members,
                                                    Bytes total);

} // namespace mixnetcore

#endif // TENSOR_SCHEDULE_H
