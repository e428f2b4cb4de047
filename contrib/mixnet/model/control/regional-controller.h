/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef REGIONAL_CONTROLLER_H
#define REGIONAL_CONTROLLER_H

#include "ns3/application.h"
#include "ns3/circuit-allocator.h"
#include "ns3/fabric-plan.h"
#include "ns3/lease-sequence.h"
#include "ns3/ocs-switch.h"
#include "ns3/region-router.h"

#include <map>
#include <memory>
#include <optional>

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
    mixnetcore::CircuitLease lease;                 //!< all-to-alls that use them
    mixnetcore::DemandMatrix demand;                //!< bytes between hosts they were chosen for
    mixnetcore::CircuitAllocation allocation{0};    //!< circuits per pair of hosts
    mixnetcore::CircuitConfiguration configuration; //!< the circuits, port by port
    std::shared_ptr<const mixnetcore::AllToAllRouter> router; //!< ways over them
    uint32_t changedPorts{0};                                 //!< ports that went dark for them
    Time decidedAt;                                           //!< when a blackout began, if any
    Time readyAt;                                             //!< when they carried light
};

/**
 * @ingroup mixnet
 * @brief The controller of one region.
 *
 * A policy (Block or Reuse) says which all-to-alls share the circuits of which demand: leases. The
 * controller goes through them in order:
 *
 * 1. Every host reports the bytes it has for every other host when its gates have run, and says
 *    when all its ranks are through with an all-to-all.
 * 2. When the demand of the next lease is known and all hosts are through with the one before, an
 *    allocator chooses the circuits and a port mapper their NIC ports, close to those in force
 *    (sections 5.1 and 5.2). So no circuit that carries bytes is touched.
 * 3. The optical circuit switch is told.
 * 4. When the new circuits carry light the hosts are told which there are, and for what.
 *
 * The controller sees hosts, ports and bytes; it knows nothing of packets. Messages to and from it
 * take ControlLatency.
 *
 * Not modelled: time that the allocation takes, loss of control messages, prediction of demand.
 */
class RegionalController : public Application
{
  public:
    /// What the controller does.
    enum class State : uint8_t
    {
        Idle,          //!< waits for demand, or for hosts to be through
        Reconfiguring, //!< the switch changes circuits
        Done,          //!< every lease has begun
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    RegionalController();
    ~RegionalController() override;

    /**
     * @brief Gives it its region.
     * @param fabric The fabric.
     * @param region Index of the region.
     * @param ocs Its optical circuit switch.
     */
    void SetRegion(std::shared_ptr<const mixnetcore::FabricPlan> fabric,
                   uint32_t region,
                   Ptr<OcsSwitch> ocs);

    /**
     * @brief Says what the hosts of the region are going to do.
     * @param program Phases of the EP group; the all-to-alls among them need circuits.
     */
    void SetProgram(std::shared_ptr<const mixnetcore::PhaseProgram> program);

    /// Called when circuits are there; a host may begin the all-to-alls of their lease.
    using ReadyCallback = Callback<void, const CircuitDecision&>;

    /**
     * @brief Says how a host is told.
     * @param endpoint Its place in the region.
     * @param context Identifier of its node.
     * @param ready Called, after the latency, in the context of its node.
     */
    void SetHost(uint32_t endpoint, uint32_t context, ReadyCallback ready);

    /**
     * @brief A host reports its demand. Called by the host; it arrives after the latency.
     * @param phase The dispatch, forward.
     * @param endpoint Place of the host in the region.
     * @param bytes Bytes it has for every host of the region.
     */
    void Report(const mixnetcore::PhaseKey& phase,
                uint32_t endpoint,
                const std::vector<mixnetcore::Bytes>& bytes);

    /**
     * @brief A host is through with an all-to-all. Called by the host; it arrives after the
     * latency.
     * @param phase The all-to-all.
     * @param endpoint Place of the host in the region.
     */
    void Release(const mixnetcore::PhaseKey& phase, uint32_t endpoint);

    /**
     * @brief TracedCallback signature for circuits that are ready.
     * @param decision How they came about.
     */
    typedef void (*DecisionTracedCallback)(const CircuitDecision& decision);

    /**
     * @brief TracedCallback signature for a change of state.
     * @param from State before.
     * @param to State from now on.
     */
    typedef void (*StateTracedCallback)(State from, State to);

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    /**
     * @brief Demand of a dispatch, of which not all rows may be known.
     */
    struct Demand
    {
        mixnetcore::DemandMatrix bytes; //!< rows so far
        std::vector<bool> reported;     //!< which hosts have reported
        uint32_t missing{0};            //!< how many have not
    };

    /**
     * @brief How to tell a host.
     */
    struct Host
    {
        uint32_t context{0}; //!< identifier of its node
        ReadyCallback ready; //!< whom to tell
    };

    void StartApplication() override;

    /// @param phase A dispatch. @param endpoint Host. @param bytes Its row.
    void HandleReport(mixnetcore::PhaseKey phase,
                      uint32_t endpoint,
                      std::vector<mixnetcore::Bytes> bytes);

    /// @param phase An all-to-all that a host is through with.
    void HandleRelease(mixnetcore::PhaseKey phase);

    /// @brief Begins the next lease if all is there for it.
    void Proceed();

    /// @return whether all hosts are through with the lease before the next, if there is one.
    bool IsReleased() const;

    /// @param lease A lease. @return its demand; nothing when not all rows are known.
    std::optional<mixnetcore::DemandMatrix> DemandOf(const mixnetcore::CircuitLease& lease) const;

    /// @param demand Demand of the next lease. @brief Begins that lease.
    void Decide(const mixnetcore::DemandMatrix& demand);

    /// @param configuration Circuits that carry light from now on.
    void HandleReconfigurationEnd(const mixnetcore::CircuitConfiguration& configuration);

    /// @brief Tells the hosts that the circuits of m_decision are there.
    void Announce();

    /// @param endpoint Host. @param decision What to tell it.
    void Tell(uint32_t endpoint, std::shared_ptr<const CircuitDecision> decision);

    /// @param state State from now on.
    void SwitchToState(State state);

    State m_state{State::Idle};                                //!< what it does
    std::shared_ptr<const mixnetcore::FabricPlan> m_fabric;    //!< the fabric
    uint32_t m_region{0};                                      //!< index of the region
    std::vector<uint32_t> m_opticalPorts;                      //!< optical ports per host
    Ptr<OcsSwitch> m_ocs;                                      //!< its switch
    std::shared_ptr<const mixnetcore::PhaseProgram> m_program; //!< what the hosts do
    std::unique_ptr<mixnetcore::LeaseSequence> m_leases;       //!< from the next one on
    std::map<mixnetcore::PhaseKey, uint32_t> m_through;        //!< hosts through with an all-to-all
    std::unique_ptr<mixnetcore::CircuitAllocator> m_allocator; //!< chooses circuits
    std::unique_ptr<mixnetcore::PortMapper> m_mapper;          //!< chooses their ports
    std::map<mixnetcore::PhaseKey, Demand> m_demands;          //!< by dispatch, while needed
    CircuitDecision m_decision;                                //!< the last
    std::vector<Host> m_hosts;                                 //!< how to tell them
    std::string m_allocatorName;                               //!< attribute
    std::string m_policyName;                                  //!< attribute
    std::string m_numaRule;                                    //!< attribute
    Time m_latency;                                            //!< attribute

    TracedCallback<State, State> m_stateTrace;              //!< state changes
    TracedCallback<const CircuitDecision&> m_decisionTrace; //!< circuits are ready
};

} // namespace mixnet
} // namespace ns3

#endif // REGIONAL_CONTROLLER_H
