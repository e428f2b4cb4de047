/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_LINKS_H
#define FLOW_LINKS_H

#include "ns3/fabric-routing.h"
#include "ns3/flow-paths.h"
#include "ns3/ocs-switch.h"
#include "ns3/rdma-nic.h"

#include <memory>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief The links and circuits of a fabric whose messages are a fluid: which of them are up.
 *
 * The devices of the fabric see loss of signal as with packets; this object watches them, and
 * nothing else tells the paths of links, circuits and tables.
 */
class FlowLinks
{
  public:
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a number

    /// @brief Whom to tell.
    class Owner
    {
      public:
        virtual ~Owner() = default;

        /// @param address A NIC whose link or circuit has changed.
        virtual void NotifyNic(NicAddress address) = 0;

        /// @param link A link between packet switches that goes down; paths are still as before.
        virtual void NotifyLinkDown(uint32_t link) = 0;

        /// @brief Links between switches have changed, or tables, and with them paths.
        virtual void NotifyPaths() = 0;
    };

    /**
     * @param owner Whom to tell; outlives this object.
     * @param plan The fabric.
     * @param paths Its paths; told of links that go up and down. Outlives this object.
     */
    FlowLinks(Owner& owner,
              std::shared_ptr<const mixnetcore::FabricPlan> plan,
              mixnetcore::FlowPaths& paths);

    FlowLinks(const FlowLinks&) = delete;
    FlowLinks& operator=(const FlowLinks&) = delete;

    /// @param nics NICs of the next host of the plan, by number.
    void AddHost(const std::vector<Ptr<RdmaNic>>& nics);

    /// @param ocs An optical circuit switch. @param addresses Of the NIC behind each of its ports.
    void AddOpticalSwitch(Ptr<OcsSwitch> ocs, const std::vector<NicAddress>& addresses);

    /// @param routing Tells of links between switches, and of tables.
    void SetRouting(Ptr<FabricRouting> routing);

    /// @param nic A NIC. @return its address.
    NicAddress AddressOf(const mixnetcore::NicId& nic) const
    {
        return nic.host * m_plan->host.nics.size() + nic.nic;
    }

    /// @param nic A NIC. @return it.
    Ptr<RdmaNic> At(const mixnetcore::NicId& nic) const
    {
        return m_nics[AddressOf(nic)];
    }

    /// @param nic A NIC. @return propagation on its link.
    Time DelayOf(const mixnetcore::NicId& nic) const;

    /// @param leg From NIC to NIC. @return whether it is a circuit.
    bool IsOptical(const mixnetcore::RdmaLeg& leg) const
    {
        return m_plan->host.nics[leg.from.nic].role == mixnetcore::NicRole::Optical;
    }

    /// @param leg From NIC to NIC. @return whether all links up to its end are up now.
    bool IsUp(const mixnetcore::RdmaLeg& leg) const
    {
        return (!IsOptical(leg) || IsJoined(leg)) && m_paths.IsOpen(leg);
    }

    /**
     * @brief Looks back whether a frame got over a line.
     * @param leg From NIC to NIC.
     * @param atNic When it would be at the last NIC; not later than now.
     * @param payload Of it, bytes.
     * @return whether loss of signal at one of the two NICs, or of its circuit, has taken it.
     */
    bool Loses(const mixnetcore::RdmaLeg& leg, const Time& atNic, uint32_t payload) const;

  private:
    /// @brief When a NIC's circuit led nowhere last.
    struct Blackout
    {
        Time from{Time::Max()}; //!< when its circuit went; never
        Time until;             //!< when there was one again
    };

    /// @param leg From NIC to NIC, optical. @return whether a circuit joins them.
    bool IsJoined(const mixnetcore::RdmaLeg& leg) const;

    /// @param address A NIC whose link has changed.
    void HandleNic(NicAddress address);

    /// @param isCut Whether a fibre is cut now, or spliced.
    void HandleCut(bool isCut);

    /// @param link A link between switches. @param up Whether it is, from now on.
    void HandleLink(uint32_t link, bool up);

    /// @param forwarding Tables of the switches from now on.
    void HandleTables(const std::shared_ptr<const mixnetcore::ForwardingPlan>& forwarding);

    /// @param ocs Number of an optical switch. @param a A port. @param b Another.
    void HandleCircuitUp(uint32_t ocs, uint32_t a, uint32_t b);

    /// @param ocs Number of an optical switch. @param a A port. @param b Another.
    void HandleCircuitDown(uint32_t ocs, uint32_t a, uint32_t b);

    /// @param ocs Number of an optical switch. @param from A port. @param to Another.
    void HandleOneWayUp(uint32_t ocs, uint32_t from, uint32_t to);

    /// @param ocs Number of an optical switch. @param from A port. @param to Another.
    void HandleOneWayDown(uint32_t ocs, uint32_t from, uint32_t to);

    /// @param ocs Number of an optical switch. @param port Port of it. @return the NIC behind it,
    /// or NONE.
    NicAddress AddressAt(uint32_t ocs, uint32_t port) const;

    /// @param address A NIC. @param peer The NIC that its circuit leads to, or NONE.
    void SetPeer(NicAddress address, NicAddress peer);

    Owner& m_owner;                                       //!< whom to tell
    std::shared_ptr<const mixnetcore::FabricPlan> m_plan; //!< the fabric
    mixnetcore::FlowPaths& m_paths;                       //!< its paths
    std::vector<Ptr<RdmaNic>> m_nics;                     //!< by address
    std::vector<uint32_t> m_linkOf;                       //!< link of the plan, by address
    std::vector<NicAddress> m_peers;                      //!< at the end of a circuit, by address
    std::vector<Blackout> m_blackouts;                    //!< of circuits, by address
    std::vector<std::vector<NicAddress>> m_opticalPorts;  //!< by switch and port
    bool m_hasCuts{false}; //!< whether the fibre of a NIC was ever cut
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_LINKS_H
