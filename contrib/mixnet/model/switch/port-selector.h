/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORT_SELECTOR_H
#define PORT_SELECTOR_H

#include "ns3/object.h"
#include "ns3/registry.h"
#include "ns3/roce-frame.h"

#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Chooses among ports of equal cost for one packet switch.
 */
class PortSelector : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// @param salt Any number, another one for every switch.
    void SetSalt(uint64_t salt)
    {
        m_salt = salt;
    }

    /**
     * @param frame A frame.
     * @param group Number of the group of ports, for what is remembered by group.
     * @param ports The ports of the group that may be used now, ascending; at least one.
     * @return the port on which the frame leaves, one of them.
     */
    virtual uint32_t Select(const RoceFrame& frame,
                            uint32_t group,
                            const std::vector<uint32_t>& ports) = 0;

  protected:
    /// @return the number that tells this switch from others.
    uint64_t GetSalt() const
    {
        return m_salt;
    }

  private:
    uint64_t m_salt{0}; //!< tells this switch from others
};

/**
 * @ingroup mixnet
 * @brief Equal-cost multipath: a hash of the five-tuple chooses, so that a flow keeps its port.
 *
 * The five-tuple is source and destination address, UDP source and destination port, and protocol
 * (RFC 2992 for the idea; RoCEv2 queue pairs differ in their UDP source port). The hash is salted,
 * since switches that all chose alike would leave most ports of the next tier unused.
 *
 * Guarantees: the same choice for all frames of a queue pair in one direction, as long as the
 * ports stay the same; the same on every machine. Not modelled: resilient hashing; when the ports
 * change, most flows move.
 */
class EcmpSelector : public PortSelector
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    // Documented in PortSelector.
    uint32_t Select(const RoceFrame& frame,
                    uint32_t group,
                    const std::vector<uint32_t>& ports) override;
};

/**
 * @ingroup mixnet
 * @brief Packet spraying: frames take the ports of a group in turn, whatever flow they belong to.
 *
 * A round serves each port of a group once, and ends early when ports come or go; each begins at a
 * place drawn anew, by switch and group. Without that, frames that come at a regular beat, such as
 * one acknowledgement per timeout, could meet the same port for ever, and with it a path that is
 * cut farther on.
 *
 * Guarantees: after every round all n ports of a group have got the same number of frames; of any
 * consecutive frames no port gets more than two more than another; the same on every machine.
 * Frames of a queue pair may overtake each other.
 */
class SpraySelector : public PortSelector
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    // Documented in PortSelector.
    uint32_t Select(const RoceFrame& frame,
                    uint32_t group,
                    const std::vector<uint32_t>& ports) override;

  private:
    /**
     * @brief One round over the ports of a group.
     */
    struct Round
    {
        uint64_t number{0}; //!< rounds begun so far
        uint32_t ports{0};  //!< ports that it serves
        uint32_t place{0};  //!< place of the port whose turn it is
        uint32_t left{0};   //!< ports that it has not served yet
    };

    /// @param group A group. @param ports Number of its ports. @brief Begins its next round.
    void BeginRound(uint32_t group, uint32_t ports);

    std::vector<Round> m_rounds; //!< by group
};

/// @ingroup mixnet
/// @return the subclasses of PortSelector that users choose by name: spray and ecmp.
mixnetcore::Registry<TypeId>& PortSelectors();

} // namespace mixnet
} // namespace ns3

#endif // PORT_SELECTOR_H
