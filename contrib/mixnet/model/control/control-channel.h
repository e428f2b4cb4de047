/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CONTROL_CHANNEL_H
#define CONTROL_CHANNEL_H

#include "ns3/all-to-all-router.h"
#include "ns3/callback.h"
#include "ns3/circuit-allocator.h"
#include "ns3/nstime.h"
#include "ns3/reconfiguration-policy.h"
#include "ns3/simple-ref-count.h"

#include <memory>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Circuits for some all-to-alls, and how the controller came to them.
 */
struct CircuitDecision
{
    mixnetcore::CircuitLease lease;              //!< all-to-alls that use them
    mixnetcore::DemandMatrix demand;             //!< bytes between endpoints they were chosen for
    mixnetcore::CircuitAllocation allocation{0}; //!< circuits per pair of endpoints
    std::vector<mixnetcore::CircuitConfiguration> configurations; //!< port by port, by plane
    std::shared_ptr<const mixnetcore::AllToAllRouter> router;     //!< routes over them
    uint32_t changedPorts{0};                                     //!< ports that went dark for them
    Time decidedAt;                                               //!< when a blackout began, if any
    Time readyAt;                                                 //!< when their links were up
};

/**
 * @ingroup mixnet
 * @brief Carries control messages between the hosts of a region and its controller.
 *
 * Hosts and controller know nothing of each other but these messages: a demand that a host reports,
 * an all-to-all that it is through with, circuits that are granted. Each arrives after the latency,
 * in the order in which it was sent, in the context of the node that gets it. Not modelled: their
 * bytes, and losses.
 */
class ControlChannel : public SimpleRefCount<ControlChannel>
{
  public:
    /// Takes circuits that are granted, for the all-to-alls of their lease.
    using GrantCallback = Callback<void, const CircuitDecision&>;
    /// Takes a phase, the endpoint that reports, and bytes that it has for every endpoint.
    using ReportCallback =
        Callback<void, mixnetcore::PhaseKey, uint32_t, std::vector<mixnetcore::Bytes>>;
    /// Takes an all-to-all that a host is through with.
    using ReleaseCallback = Callback<void, mixnetcore::PhaseKey>;

    /// @param latency Time that a message takes, each way; not negative.
    void SetLatency(const Time& latency)
    {
        m_latency = latency;
    }

    /// @return the time that a message takes.
    Time GetLatency() const
    {
        return m_latency;
    }

    /**
     * @brief Says who gets what hosts send.
     * @param context Identifier of the controller's node.
     * @param report Called with reports. @param release Called with releases.
     */
    void SetController(uint32_t context, ReportCallback report, ReleaseCallback release);

    /**
     * @brief A host takes part.
     * @param endpoints Its endpoints, by their places in the region: the host, or some of its GPUs.
     * @param context Identifier of its node.
     * @param grant Called with circuits.
     */
    void Join(const std::vector<uint32_t>& endpoints, uint32_t context, GrantCallback grant);

    /// @return hosts that take part.
    size_t CountHosts() const
    {
        return m_hosts.size();
    }

    /// @return endpoints of the hosts that take part.
    size_t CountEndpoints() const
    {
        return m_endpoints;
    }

    /**
     * @brief A host reports the demand of one of its endpoints.
     * @param phase The dispatch, forward.
     * @param endpoint Place of the endpoint in the region.
     * @param bytes Bytes it has for every endpoint of the region.
     */
    void Report(const mixnetcore::PhaseKey& phase,
                uint32_t endpoint,
                const std::vector<mixnetcore::Bytes>& bytes) const;

    /// @brief A host is through with an all-to-all. @param phase The all-to-all.
    void Release(const mixnetcore::PhaseKey& phase) const;

    /// @brief The controller grants circuits to all hosts. @param decision The circuits.
    void Grant(const CircuitDecision& decision) const;

    /// @brief Forgets everybody.
    void Close();

  private:
    /// A host that takes part.
    struct Host
    {
        uint32_t context;    //!< identifier of its node
        GrantCallback grant; //!< whom to call
    };

    Time m_latency;            //!< of each message
    uint32_t m_controller{0};  //!< identifier of the controller's node
    ReportCallback m_report;   //!< takes reports
    ReleaseCallback m_release; //!< takes releases
    std::vector<Host> m_hosts; //!< those that take part
    size_t m_endpoints{0};     //!< of them all
};

} // namespace mixnet
} // namespace ns3

#endif // CONTROL_CHANNEL_H
