/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORT_MAPPER_H
#define PORT_MAPPER_H

#include "circuit-allocation.h"
#include "circuit-configuration.h"
#include "numa-split.h"

#include <array>
#include <map>
#include <utility>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief One optical port of an endpoint and where its fibre ends.
 */
struct OpticalAttachment
{
    uint32_t endpoint; //!< index in the endpoints of its region
    uint32_t nic;      //!< NIC of the endpoint's host
    uint32_t numaHalf; //!< half of the host in which the NIC sits, 0 or 1
    uint32_t ocsPort;  //!< port of the optical circuit switch
};

/**
 * @ingroup mixnet-core
 * @brief Chooses the NIC ports that carry the circuits of an allocation.
 *
 * 1. The circuits of one pair of hosts sit in both NUMA halves of each host, as evenly as the
 *    ports allow (paper, section 5.2, step 4; NumaSplit says precisely what that is).
 * 2. Within that, a pair keeps the circuits it had in the previous configuration, so that few
 *    ports go dark; the same allocation gives the same configuration. Pairs that have none too many
 *    choose first, in ascending order; a pair with too many gives up those in its fuller halves.
 * 3. New circuits take the free ports, the lower peer first, half 0 before half 1.
 * 4. Ties go to the lower port.
 *
 * Guarantees: every circuit of the allocation is mapped; no port is used twice; no host is split
 * worse than its ports and allocation allow, whatever the previous configuration; mapping the same
 * allocation again changes nothing; with equal halves, one circuit less darkens its two ports only;
 * equal inputs give equal outputs.
 *
 * Not guaranteed: the fewest possible dark ports over all mappings. Circuits are kept one after
 * another, without going back.
 */
class PortMapper
{
  public:
    /**
     * @param attachments The optical ports of the region, in any order.
     * @param rule How the circuits of a pair lie in the halves.
     * @throws std::invalid_argument when a switch port occurs twice or a half is neither 0 nor 1.
     */
    explicit PortMapper(std::vector<OpticalAttachment> attachments,
                        NumaRule rule = NumaRule::Spread);

    /**
     * @param allocation Circuits per pair of endpoints.
     * @param previous The configuration in force; circuits on unknown ports are ignored, and so
     * are circuits on a port that an earlier circuit uses.
     * @return the configuration.
     * @throws std::invalid_argument when an endpoint has more circuits than ports.
     */
    CircuitConfiguration Map(const CircuitAllocation& allocation,
                             const CircuitConfiguration& previous) const;

    /**
     * @param configuration Circuits, each between ports of the region.
     * @param endpoints Endpoints of the region.
     * @return how many of them each pair of endpoints has.
     */
    CircuitAllocation CountCircuits(const CircuitConfiguration& configuration,
                                    size_t endpoints) const;

  private:
    /// Switch ports of one endpoint in its half 0 and in its half 1.
    using PortsByHalf = std::array<std::vector<uint32_t>, 2>;

    /// Switch ports at an endpoint (first) for circuits with a peer (second).
    using NewEnds = std::map<std::pair<uint32_t, uint32_t>, std::vector<uint32_t>>;

    /**
     * @param allocation Circuits per pair of endpoints.
     * @return for each endpoint, how its circuits may lie in its halves; nothing fixed.
     * @throws std::invalid_argument when an endpoint has more circuits than ports.
     */
    std::vector<NumaSplit> Splits(const CircuitAllocation& allocation) const;

    /**
     * @brief Fixes the circuits of the previous configuration that can stay.
     * @param allocation Circuits per pair of endpoints.
     * @param previous The configuration in force.
     * @param splits Where the circuits of each endpoint lie; what stays gets fixed.
     * @return the circuits that stay.
     */
    std::vector<Circuit> Keep(const CircuitAllocation& allocation,
                              const CircuitConfiguration& previous,
                              std::vector<NumaSplit>& splits) const;

    /**
     * @param splits Where the circuits of each endpoint lie.
     * @param kept The circuits that stay.
     * @return ports for the ends of the missing circuits, at every endpoint for each of its peers.
     */
    NewEnds EndsToAdd(const std::vector<NumaSplit>& splits, const std::vector<Circuit>& kept) const;

    /**
     * @param endpoints Number of endpoints.
     * @param kept The circuits that stay.
     * @return the other ports of each endpoint, the lowest last.
     */
    std::vector<PortsByHalf> FreePorts(size_t endpoints, const std::vector<Circuit>& kept) const;

    NumaRule m_rule;                                   //!< how pairs lie in the halves
    std::vector<OpticalAttachment> m_attachments;      //!< ascending by endpoint, switch port
    std::map<uint32_t, OpticalAttachment> m_ofOcsPort; //!< the same, by switch port
};

} // namespace mixnetcore

#endif // PORT_MAPPER_H
