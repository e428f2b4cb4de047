/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_ROUTING_H
#define FABRIC_ROUTING_H

#include "packet-switch.h"

#include "ns3/event-id.h"
#include "ns3/fabric-plan.h"

#include <map>
#include <optional>
#include <set>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Gives the packet switches of a fabric new tables when links between them go down or up.
 *
 * What a routing protocol does, without its messages: ConvergenceDelay after the signal of a link
 * has changed at either end, all switches get tables of shortest paths over the links that are up.
 * Until then a switch passes over its own dark ports only (PacketSwitch), and sends into paths that
 * are broken farther on.
 *
 * With UpDown no path goes up again once it has gone down, so that pauses cannot close a cycle;
 * where cuts leave no such path there is none. Without, the shortest is used, whatever it is:
 * FindTurn() tells whether one ever went down and up again.
 *
 * Guarantees: a link that changed is in the tables of that instant, whatever changes after it;
 * equal changes give equal tables.
 *
 * Not modelled: messages of the protocol; switches that learn at different times, and the loops
 * that may come of it.
 */
class FabricRouting : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// @param plan The fabric. @brief Makes tables in which all links are up.
    void SetFabric(std::shared_ptr<const mixnetcore::FabricPlan> plan);

    /// @param node Node index of the plan. @param device The switch there; gets its table.
    void AddSwitch(uint32_t node, Ptr<PacketSwitch> device);

    /// @return the tables in force.
    std::shared_ptr<const mixnetcore::ForwardingPlan> GetForwarding() const
    {
        return m_forwarding;
    }

    /// @return which paths it uses, by the attribute UpDown.
    mixnetcore::PathRule GetRule() const
    {
        return m_upDown ? mixnetcore::PathRule::UpDown : mixnetcore::PathRule::Shortest;
    }

    /// @return pairs of access switches that cuts have left without a path, by the tables in force.
    mixnetcore::ForwardingPlan::MissingPaths GetMissingPaths() const;

    /// @return the first path that has gone down and up again so far; none with UpDown.
    const std::optional<mixnetcore::ForwardingPlan::Turn>& FindTurn() const
    {
        return m_turn;
    }

    /**
     * @brief TracedCallback signature for a link between packet switches.
     * @param link Index in FabricPlan::links.
     * @param up Whether both its ends have a signal.
     */
    typedef void (*LinkTracedCallback)(uint32_t link, bool up);

    /**
     * @brief TracedCallback signature for new tables.
     * @param forwarding The tables.
     */
    typedef void (*ConvergedTracedCallback)(
        const std::shared_ptr<const mixnetcore::ForwardingPlan>& forwarding);

  protected:
    void DoDispose() override;

  private:
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a link

    /// @param node Node index. @param port A port there. @return its link, if that is between
    /// packet switches, or NONE.
    uint32_t LinkAt(uint32_t node, uint32_t port) const;

    /// @param node Node index. @param port A port there. @param up Whether it has a signal now.
    void HandleSignal(uint32_t node, uint32_t port, bool up);

    /// @param link A link. @param up Whether it is. @brief The protocol knows by now.
    void Learn(uint32_t link, bool up);

    /// @brief Makes tables, and gives them to the switches.
    void Converge();

    std::shared_ptr<const mixnetcore::FabricPlan> m_plan;           //!< the fabric
    std::shared_ptr<const mixnetcore::ForwardingPlan> m_whole;      //!< tables with all links
    std::shared_ptr<const mixnetcore::ForwardingPlan> m_forwarding; //!< tables in force
    std::optional<mixnetcore::ForwardingPlan::Turn> m_turn;         //!< the first one so far
    std::map<uint32_t, Ptr<PacketSwitch>> m_switches;               //!< by node
    std::set<std::pair<uint32_t, uint32_t>> m_darkEnds;             //!< nodes and ports
    std::set<uint32_t> m_down;                                      //!< links
    std::set<uint32_t> m_knownDown;                                 //!< links, in the tables
    EventId m_convergence;                                          //!< of this instant
    Time m_delay;                                                   //!< attribute
    bool m_upDown;                                                  //!< attribute

    TracedCallback<uint32_t, bool> m_linkTrace; //!< a link has gone down or up
    TracedCallback<const std::shared_ptr<const mixnetcore::ForwardingPlan>&>
        m_convergedTrace; //!< there are new tables
};

} // namespace mixnet
} // namespace ns3

#endif // FABRIC_ROUTING_H
