/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FORWARDING_PLAN_H
#define FORWARDING_PLAN_H

#include "ns3/fabric-plan.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>
#include <set>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Where a NIC is attached to packet switches.
struct AccessPort
{
    static constexpr uint32_t NONE = 0xffffffff; //!< access switch of a NIC that is on none

    uint32_t accessSwitch; //!< number of the switch among those that have NICs, in node order
    uint32_t port;         //!< port of that switch
};

/**
 * @ingroup mixnet-core
 * @brief Where one packet switch sends what is for NICs at other switches.
 */
struct SwitchTable
{
    static constexpr uint32_t NO_GROUP = 0xffffffff; //!< for switches that there is no path to

    /// @brief A run of access switches with the same ports; it ends where the next begins.
    struct Interval
    {
        uint32_t firstAccess; //!< first of the run
        uint32_t group;       //!< index in groups, or NO_GROUP
    };

    uint32_t ownAccess{AccessPort::NONE};      //!< its own number, if it has NICs
    std::vector<Interval> intervals;           //!< ascending; the first begins at 0
    std::vector<std::vector<uint32_t>> groups; //!< sets of ports of equal cost, each ascending

    /**
     * @param access Number of an access switch.
     * @return index of the group of ports towards it; NO_GROUP for itself, or when there is no
     * path.
     */
    uint32_t GroupOf(uint32_t access) const
    {
        const auto next = std::upper_bound(
            intervals.begin(),
            intervals.end(),
            access,
            [](uint32_t number, const Interval& run) { return number < run.firstAccess; });
        return next == intervals.begin() ? NO_GROUP : std::prev(next)->group;
    }
};

/// @ingroup mixnet-core
/// @brief Which paths a forwarding plan may use.
enum class PathRule
{
    UpDown,   //!< first up, then down: no buffer ever waits for itself
    Shortest, //!< the shortest, also one that goes down and up again where others are cut
};

/**
 * @ingroup mixnet-core
 * @brief Forwarding tables of all packet switches of a fabric: shortest paths, all of equal cost.
 *
 * 1. A path counts its links, whatever their rates and delays.
 * 2. Only packet switches forward: neither hosts nor optical circuit switches are on a path.
 * 3. A group is the set of ports of a switch that begin a shortest path to an access switch; links
 *    side by side are each in it. Equal groups of a switch are one, numbered as they are first
 *    needed by ascending access switches.
 * 4. By PathRule::UpDown a path only goes down once it has gone down. Up is to a higher tier, and
 *    within a tier to a later node. A switch from which links lead only down to an access switch
 *    sends down; all others send up, by the shortest of what is left there. So lossless classes
 *    cannot pause each other in a cycle. In a Clos network without cuts both rules give the same.
 *
 * Guarantees: following any port of any group, hop by hop, ends at the access switch, without a
 * loop; equal plans give equal tables. In a Clos network, memory grows with the number of links.
 *
 * Tables do not change: where links have, others are made.
 */
class ForwardingPlan
{
  public:
    /**
     * @param plan The fabric.
     * @param down Links between packet switches that no path uses, as in FabricPlan::links.
     * @param rule Which paths may be used.
     */
    explicit ForwardingPlan(const FabricPlan& plan,
                            const std::set<uint32_t>& down = {},
                            PathRule rule = PathRule::UpDown);

    /// @return where each NIC is attached, by address: host * NICs per host + NIC.
    const std::vector<AccessPort>& Access() const
    {
        return m_access;
    }

    /// @return node index of each access switch, by its number.
    const std::vector<uint32_t>& AccessNodes() const
    {
        return m_accessNodes;
    }

    /**
     * @param node Node index of a packet switch.
     * @return its table.
     * @throws std::invalid_argument when it is none.
     */
    const SwitchTable& TableOf(uint32_t node) const;

    /**
     * @param fromAddress Address of a NIC.
     * @param toAddress Address of another.
     * @return number of shortest paths; 1 at the same switch, 0 when there is no path.
     * @throws std::invalid_argument when there is no such NIC.
     */
    uint64_t PathsBetween(uint32_t fromAddress, uint32_t toAddress) const;

    /// @return links from NIC to NIC, at most, of two NICs that reach each other; 0 without any.
    uint32_t LongestPathLinks() const
    {
        return m_longestPathLinks;
    }

    /// @brief Pairs of access switches that others have a path between.
    struct MissingPaths
    {
        uint64_t pairs{0};        //!< how many, each direction on its own
        uint32_t from{NO_SWITCH}; //!< node index of the first pair's sender; NO_SWITCH: none
        uint32_t to{NO_SWITCH};   //!< node index of its receiver
    };

    /**
     * @param whole Tables of the same fabric.
     * @return pairs that have a path there and none here. Looks at all of them.
     */
    MissingPaths MissingOf(const ForwardingPlan& whole) const;

    /// @brief Where frames for an access switch come down, and go up again.
    struct Turn
    {
        uint32_t at; //!< node index of the switch where they do
        uint32_t to; //!< node index of the access switch
    };

    /// @return the first one, by access switch and node; none by PathRule::UpDown. Looks at all.
    std::optional<Turn> FindTurn() const;

    static constexpr uint32_t NO_SWITCH = 0xffffffff; //!< in place of a node index

    /// @return heap memory that is in use, bytes.
    size_t Bytes() const;

  private:
    static constexpr uint32_t NOT_A_SWITCH = 0xffffffff; //!< place of all other nodes

    /**
     * @brief Links between packet switches, as each one sees them.
     *
     * Port p of the switch at place n is at ends[first[n] + p]: place of the switch at its other
     * end, or NOT_A_SWITCH.
     */
    struct Adjacency
    {
        std::vector<size_t> first;  //!< by place; one more than there are switches
        std::vector<uint32_t> ends; //!< by place and port
    };

    /// @brief What is being made, for one access switch after the other.
    class Builder;

    /// @param place Of a switch. @param other Of another. @return whether it is up from there.
    bool IsAbove(uint32_t place, uint32_t other) const
    {
        return std::pair(m_tiers[place], place) > std::pair(m_tiers[other], other);
    }

    /// @param place Of a switch. @param access Number of an access switch. @return ports towards
    /// it, or nothing.
    const std::vector<uint32_t>* PortsTowards(uint32_t place, uint32_t access) const;

    /// @param plan The fabric: gives each packet switch a place, each NIC and its switch a number.
    void NumberSwitches(const FabricPlan& plan);

    /// @param plan The fabric: fills m_adjacency. @param down Links that are left out.
    void JoinSwitches(const FabricPlan& plan, const std::set<uint32_t>& down);

    /// @param address Address of a NIC. @return where it is. @throws when there is no such NIC.
    const AccessPort& AccessOf(uint32_t address) const;

    std::vector<AccessPort> m_access;    //!< by address
    std::vector<uint32_t> m_accessNodes; //!< node index, by number of the access switch
    std::vector<uint32_t> m_placeOfNode; //!< place among packet switches, by node index
    std::vector<uint32_t> m_tiers;       //!< by place
    Adjacency m_adjacency;               //!< links between packet switches
    std::vector<SwitchTable> m_tables;   //!< by place
    uint32_t m_longestPathLinks{0};      //!< from NIC to NIC
};

} // namespace mixnetcore

#endif // FORWARDING_PLAN_H
