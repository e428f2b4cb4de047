/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PATCH_BOARD_H
#define PATCH_BOARD_H

#include "ns3/circuit-configuration.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief What patch panels join, and how.
struct PatchBoardSpec
{
    uint32_t hosts{0};     //!< servers
    uint32_t nics{1};      //!< NICs of each, all of them on panels
    bool flatPanel{false}; //!< one panel for all; else NIC i of every host is on panel i
    bool duplex{false};    //!< circuits carry both directions; else one
};

/**
 * @ingroup mixnet-core
 * @brief The circuits of patch panels while they are being planned.
 *
 * A NIC is free or used. With one-way circuits a used NIC sends on one circuit and receives on one:
 * the NICs of a panel are the circles of a permutation, so hosts that reach others are reached by
 * them.
 *
 * NICs are numbered host by host.
 */
class PatchBoard
{
  public:
    /// @brief What the circuit is for on which a NIC sends.
    enum class Use : uint8_t
    {
        Free,   //!< there is none
        Link,   //!< for a pair of hosts
        Ring,   //!< of an all-reduce
        Bridge, //!< holds two parts of the fabric together
    };

    /// @param spec The panels. @brief All NICs are free.
    explicit PatchBoard(const PatchBoardSpec& spec);

    /// @return the panels.
    const PatchBoardSpec& Spec() const
    {
        return m_spec;
    }

    /// @return NICs of all hosts.
    uint32_t Nics() const
    {
        return m_to.size();
    }

    /// @param nic A NIC. @return its host.
    uint32_t HostOf(uint32_t nic) const
    {
        return nic / m_spec.nics;
    }

    /// @param nic A NIC. @return the panel that it is on.
    uint32_t PanelOf(uint32_t nic) const
    {
        return m_spec.flatPanel ? 0 : nic % m_spec.nics;
    }

    /// @return number of panels.
    uint32_t Panels() const
    {
        return m_spec.flatPanel ? 1 : m_spec.nics;
    }

    /// @param nic A NIC. @return what it is used for.
    Use UseOf(uint32_t nic) const
    {
        return m_use[nic];
    }

    /// @param nic A NIC. @return the one that it sends to; itself while it is free.
    uint32_t To(uint32_t nic) const
    {
        return m_to[nic];
    }

    /**
     * @param hosts Hosts.
     * @param from Lowest number that is looked at.
     * @return the lowest number of a NIC in its host that is free in all of them; may be none.
     */
    std::optional<uint32_t> FreeAtAll(const std::vector<uint32_t>& hosts, uint32_t from = 0) const;

    /// @param a A host. @param b Another. @return whether free NICs can join them.
    bool MayLink(uint32_t a, uint32_t b) const;

    /**
     * @brief Joins two hosts in both directions: by the lowest free NICs, of one panel.
     * @param a A host. @param b Another.
     * @pre MayLink(a, b)
     */
    void Link(uint32_t a, uint32_t b);

    /**
     * @brief Joins hosts in a ring.
     * @param order The hosts, at least 2; the last sends to the first.
     * @param nic Number of the NIC, in each, that sends to the next and receives from the one
     * before. With duplex circuits: of the one for the next, and on panels per NIC of the even
     * circuits of the ring.
     * @param second With duplex circuits and more than 2 hosts: number of the other NIC.
     * @pre These NICs are free, or in a ring of the same hosts.
     */
    void LayRing(const std::vector<uint32_t>& order, uint32_t nic, uint32_t second);

    /**
     * @brief Lets two NICs of a panel change places: what each sends to, the other does afterwards.
     *
     * With one-way circuits it makes one circle of two. With duplex circuits the two NICs are
     * joined, and those that they were joined with, too, or the one that there is becomes free.
     *
     * @param a A NIC, free or not. @param b Another on the same panel, not joined with it.
     */
    void Exchange(uint32_t a, uint32_t b);

    /// @return by host the lowest host of those that reach it and are reached by it.
    std::vector<uint32_t> Parts() const;

    /// @return what each panel holds.
    std::vector<CircuitConfiguration> Configurations() const;

  private:
    /// @param nic A NIC. @return its port at its panel.
    uint32_t PortOf(uint32_t nic) const
    {
        return m_spec.flatPanel ? nic : HostOf(nic);
    }

    /// @param host A host. @param number Of a NIC in it. @return number among all.
    uint32_t NicAt(uint32_t host, uint32_t number) const
    {
        return host * m_spec.nics + number;
    }

    /// @param from A NIC. @param to The one that it sends to. @param use What for.
    void Send(uint32_t from, uint32_t to, Use use);

    /// @param a A NIC. @param b Another. @param use What for. @brief Joins them in both directions.
    void Join(uint32_t a, uint32_t b, Use use);

    PatchBoardSpec m_spec;      //!< the panels
    std::vector<uint32_t> m_to; //!< by NIC, the one that it sends to; itself: free
    std::vector<Use> m_use;     //!< by NIC
};

} // namespace mixnetcore

#endif // PATCH_BOARD_H
