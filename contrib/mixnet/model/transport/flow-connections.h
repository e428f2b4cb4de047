/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_CONNECTIONS_H
#define FLOW_CONNECTIONS_H

#include "ns3/event-id.h"
#include "ns3/flow-paths.h"
#include "ns3/ocs-switch.h"
#include "ns3/rdma-nic.h"

#include <map>
#include <memory>
#include <unordered_map>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief The queue pairs of a fabric whose messages are a fluid: which of them light lets go on.
 *
 * The devices of the fabric see light as with packets; this object watches them. A queue pair is
 * open while its line leads to its end: its NICs have light, its circuit joins them, links between
 * switches lead on. It goes on when light returns to its NIC, or, where only its peer or a link
 * between switches was dark, when its retransmission timer would next expire (doubling as
 * BackoffLimit says). After LinkDownTimeout without light, or when the timer would have expired
 * more than RetryLimit times, it fails.
 *
 * Guarantees: a queue pair with messages that is closed opens or fails within a time that its NIC's
 * attributes set; equal calls give equal numbers.
 */
class FlowConnections
{
  public:
    /// @brief Whom to tell.
    class Owner
    {
      public:
        virtual ~Owner() = default;

        /**
         * @param connection A queue pair whose line has closed.
         * @param isSevered Whether all that is under way is lost, rather than some of it.
         */
        virtual void NotifyClosed(uint32_t connection, bool isSevered) = 0;

        /// @param connection A queue pair whose line is open again, and whose sender knows.
        virtual void NotifyOpened(uint32_t connection) = 0;

        /// @param connection A queue pair that has waited for too long.
        virtual void NotifyFailed(uint32_t connection) = 0;

        /// @brief Links between switches have changed, and with them ways.
        virtual void NotifyWaysChanged() = 0;
    };

    /**
     * @param owner Whom to tell; outlives this object.
     * @param plan The fabric.
     * @param paths Its ways; told of links that go up and down. Outlives this object.
     */
    FlowConnections(Owner& owner,
                    std::shared_ptr<const mixnetcore::FabricPlan> plan,
                    mixnetcore::FlowPaths& paths);
    ~FlowConnections();

    FlowConnections(const FlowConnections&) = delete;
    FlowConnections& operator=(const FlowConnections&) = delete;

    /**
     * @brief Adds a host; hosts come in the order of the plan.
     * @param nics Its NICs by number.
     */
    void AddHost(const std::vector<Ptr<RdmaNic>>& nics);

    /// @param link A link between packet switches that goes down now. @brief Queue pairs with
    /// frames on it are held up until their timers expire.
    void LoseLink(uint32_t link);

    /// @brief Ways between switches have changed: looks at all queue pairs, after what else
    /// happens at this instant.
    void UpdateAll();

    /**
     * @brief Watches circuits.
     * @param ocs An optical circuit switch.
     * @param addresses Address of the NIC behind each of its ports.
     */
    void AddOpticalSwitch(Ptr<OcsSwitch> ocs, const std::vector<NicAddress>& addresses);

    /// @param leg From NIC to NIC. @return number of its queue pair.
    uint32_t NumberOf(const mixnetcore::RdmaLeg& leg);

    /// @return queue pairs so far, numbered from 0.
    uint32_t Size() const;

    /// @param number A queue pair. @return from which NIC to which.
    const mixnetcore::RdmaLeg& LegOf(uint32_t number) const;

    /// @param number A queue pair. @return whether its messages move.
    bool IsOpen(uint32_t number) const;

    /// @param number A queue pair. @return its messages, in no order.
    const std::vector<uint32_t>& MessagesOf(uint32_t number) const;

    /// @param number A queue pair. @return the NIC that sends.
    Ptr<RdmaNic> SenderOf(uint32_t number) const;

    /// @param number A queue pair. @param message Number of a message on it, as the owner counts.
    void Add(uint32_t number, uint32_t message);

    /// @param number A queue pair. @param message One that has left it.
    void Remove(uint32_t number, uint32_t message);

    /// @param number A queue pair. @brief Looks at its line, closes or opens it.
    void Update(uint32_t number);

  private:
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a number

    /// @brief What a queue pair's messages share.
    struct Connection
    {
        mixnetcore::RdmaLeg leg;        //!< from NIC to NIC
        std::vector<uint32_t> messages; //!< on it
        bool open{false};               //!< whether messages move
        bool retries{false};            //!< closed while its own NIC had light
        Time closedAt;                  //!< when it closed, or had a message while closed
        EventId failure;                //!< end of patience
        EventId resumption;             //!< the timer that finds its line open
    };

    /// @param nic A NIC. @return its address.
    NicAddress AddressOf(const mixnetcore::NicId& nic) const;

    /// @param leg From NIC to NIC. @return whether its line leads to its end now.
    bool HasLight(const mixnetcore::RdmaLeg& leg) const;

    /// @param leg From NIC to NIC. @return whether it is a circuit.
    bool IsOptical(const mixnetcore::RdmaLeg& leg) const;

    /// @param number A queue pair. @param isSevered As in NotifyClosed(). @brief It is held up.
    void Close(uint32_t number, bool isSevered);

    /// @param number A queue pair. @brief Its line is open again, and its sender knows.
    void Reopen(uint32_t number);

    /// @param number A closed queue pair. @brief Begins to wait for its line, unless it does.
    void StartPatience(uint32_t number);

    /// @param number A queue pair that has waited for too long. @brief Fails its messages.
    void HandleFailure(uint32_t number);

    /// @param connection A queue pair. @return time until its timer expires next.
    Time NextRetry(const Connection& connection) const;

    /// @param connection A queue pair. @return time in which its timer expires too often.
    Time RetryTime(const Connection& connection) const;

    /// @param address A NIC whose light has changed.
    void HandleNicLight(NicAddress address);

    /// @brief Looks at all lines after links between switches have changed.
    void HandleWays();

    /// @param ocs Number of an optical switch. @param a A port. @param b Another.
    void HandleCircuitUp(uint32_t ocs, uint32_t a, uint32_t b);

    /// @param ocs Number of an optical switch. @param a A port. @param b Another.
    void HandleCircuitDown(uint32_t ocs, uint32_t a, uint32_t b);

    /// @param address A NIC. @param peer The NIC that its circuit leads to, or NONE.
    void SetPeer(NicAddress address, NicAddress peer);

    Owner& m_owner;                                       //!< whom to tell
    std::shared_ptr<const mixnetcore::FabricPlan> m_plan; //!< the fabric
    mixnetcore::FlowPaths& m_paths;                       //!< its ways

    std::vector<Ptr<RdmaNic>> m_nics;                    //!< by address
    std::vector<uint32_t> m_linkOf;                      //!< link of the plan, by address
    std::vector<NicAddress> m_peers;                     //!< at the end of a circuit, by address
    std::vector<std::vector<NicAddress>> m_opticalPorts; //!< by switch and port

    std::vector<Connection> m_connections;                 //!< in the order of first use
    std::vector<std::vector<uint32_t>> m_connectionsOfNic; //!< by address
    std::unordered_map<uint64_t, uint32_t> m_numberOf;     //!< by addresses, looked up only
    EventId m_ways;                                        //!< links have changed at this instant
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_CONNECTIONS_H
