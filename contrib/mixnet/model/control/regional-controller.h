/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef REGIONAL_CONTROLLER_H
#define REGIONAL_CONTROLLER_H

#include "control-channel.h"

#include "ns3/application.h"
#include "ns3/demand-source.h"
#include "ns3/lease-sequence.h"
#include "ns3/ocs-switch.h"
#include "ns3/region-circuits.h"

#include <map>
#include <memory>
#include <optional>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief The controller of one region.
 *
 * A policy says which all-to-alls share the circuits of which demand: leases. The controller goes
 * through them in order:
 *
 * 1. Every host reports the bytes that its endpoints have for every other when its gates have run,
 *    and says when all its ranks are through with an all-to-all.
 * 2. When the demand source knows the demand of the next lease and all hosts are through with the
 *    one before, an allocator chooses the circuits and a port mapper their NIC ports, plane by
 *    plane, close to those in force (sections 5.1 and 5.2). So no circuit that carries bytes is
 *    touched.
 * 3. The optical circuit switches are told.
 * 4. When the links of all new circuits are up, the hosts are granted them, with the routes over
 *    them: those of the router that the plan of the fabric names.
 *
 * The controller sees endpoints, ports and bytes; it knows nothing of packets, and of the fabric
 * only its plan. Hosts reach it by a ControlChannel. Endpoints of the region whose hosts take no
 * part in the program have no demand.
 *
 * Not modelled: time that the allocation takes.
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

    /**
     * @brief Gives it its region.
     * @param fabric The fabric.
     * @param region Index of the region.
     * @param switches Its optical circuit switches, by plane.
     */
    void SetRegion(std::shared_ptr<const mixnetcore::FabricPlan> fabric,
                   uint32_t region,
                   const std::vector<Ptr<OcsSwitch>>& switches);

    /**
     * @brief Says what the hosts of the region are going to do.
     * @param program Phases of the EP group; the all-to-alls among them need circuits.
     */
    void SetProgram(std::shared_ptr<const mixnetcore::PhaseProgram> program)
    {
        m_program = std::move(program);
    }

    /// @param inAdvance Tells demands to a source that does not wait for hosts; none by default.
    void SetDemandInAdvance(mixnetcore::DemandInAdvance inAdvance)
    {
        m_inAdvance = std::move(inAdvance);
    }

    /// @return what hosts talk to it by.
    Ptr<ControlChannel> GetChannel() const
    {
        return m_channel;
    }

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

    void StartApplication() override
    {
        Proceed();
    }

    /// @param phase A dispatch. @param endpoint Host. @param bytes Its row.
    void HandleReport(mixnetcore::PhaseKey phase,
                      uint32_t endpoint,
                      std::vector<mixnetcore::Bytes> bytes);

    /// @param latency Of control messages.
    void SetLatency(Time latency)
    {
        m_channel->SetLatency(latency);
    }

    /// @return latency of control messages.
    Time GetLatency() const
    {
        return m_channel->GetLatency();
    }

    /// @param phase An all-to-all that a host is through with.
    void HandleRelease(mixnetcore::PhaseKey phase);

    /// @brief Begins the next lease if all is there for it.
    void Proceed();

    /// @return whether all hosts are through with the lease before the next, if there is one.
    bool IsReleased() const;

    /// @return the demand of the next lease; nothing when it is not known.
    std::optional<mixnetcore::DemandMatrix> NextDemand() const;

    /// @param demand Demand of the next lease. @brief Begins that lease.
    void Decide(const mixnetcore::DemandMatrix& demand);

    /// @brief Tells the switches to set up the circuits of m_decision.
    void Reconfigure();

    /// @param plane Of the switch. @param configuration Circuits whose links are up.
    void HandleReconfigurationEnd(size_t plane,
                                  const mixnetcore::CircuitConfiguration& configuration);

    /// @brief Tells the hosts that the circuits of m_decision are there.
    void Announce();

    /// @param state State from now on.
    void SwitchToState(State state);

    State m_state{State::Idle};                                //!< what it does
    std::shared_ptr<const mixnetcore::FabricPlan> m_fabric;    //!< the fabric
    uint32_t m_region{0};                                      //!< index of the region
    size_t m_endpoints{0};                                     //!< of the region
    std::vector<Ptr<OcsSwitch>> m_switches;                    //!< of the region, by plane
    size_t m_pending{0};                                       //!< planes with a blackout
    Ptr<ControlChannel> m_channel;                             //!< to the hosts
    std::shared_ptr<const mixnetcore::PhaseProgram> m_program; //!< what the hosts do
    std::unique_ptr<mixnetcore::LeaseSequence> m_leases;       //!< from the next one on
    std::map<mixnetcore::PhaseKey, uint32_t> m_through;        //!< hosts through with an all-to-all
    std::unique_ptr<mixnetcore::RegionCircuits> m_circuits;    //!< chooses circuits
    mixnetcore::DemandInAdvance m_inAdvance;                   //!< for the source
    std::unique_ptr<mixnetcore::DemandSource> m_source;        //!< knows demands
    std::map<mixnetcore::PhaseKey, Demand> m_reported;         //!< by dispatch, until all rows came
    CircuitDecision m_decision;                                //!< the last
    std::string m_allocatorName;                               //!< attribute
    std::string m_policyName;                                  //!< attribute
    std::string m_sourceName;                                  //!< attribute
    std::string m_numaRule;                                    //!< attribute

    TracedCallback<State, State> m_stateTrace;              //!< state changes
    TracedCallback<const CircuitDecision&> m_decisionTrace; //!< circuits are ready
};

} // namespace mixnet
} // namespace ns3

#endif // REGIONAL_CONTROLLER_H
