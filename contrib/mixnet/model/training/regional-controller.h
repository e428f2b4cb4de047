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
#include "ns3/ocs-switch.h"
#include "ns3/phase-key.h"

#include <map>
#include <memory>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief How a controller came to the circuits of a phase.
 */
struct CircuitDecision
{
    mixnetcore::PhaseKey phase;                     //!< the phase
    mixnetcore::DemandMatrix demand;                //!< bytes between the hosts of the region
    mixnetcore::CircuitConfiguration configuration; //!< circuits for it
    uint32_t changedPorts{0};                       //!< ports that go dark for it
    Time decidedAt;                                 //!< when the demand was known
    Time readyAt;                                   //!< when the circuits carry light
};

/**
 * @ingroup mixnet
 * @brief The controller of one region, with the policy that the paper simulates: Block.
 *
 * 1. Every host reports the bytes it has for every other host when its gates have run.
 * 2. When all have, an allocator chooses the circuits and a port mapper their NIC ports, close to
 *    those in force (sections 5.1 and 5.2).
 * 3. The optical circuit switch is told; the phase waits until the new circuits carry light.
 * 4. The hosts are told which circuits there are, and begin.
 *
 * The controller sees hosts, ports and bytes; it knows nothing of packets. Messages to and from it
 * take ControlLatency. The circuits of an all-to-all are idle when the next one's demand is
 * complete, since every rank has its bytes before it gates again.
 *
 * Not modelled: time that the allocation takes, loss of control messages.
 */
class RegionalController : public Application
{
  public:
    /// What the controller does.
    enum class State : uint8_t
    {
        Idle,          //!< no demand is known
        Collecting,    //!< some hosts have reported
        Reconfiguring, //!< the switch changes circuits
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
     * @param plan The region.
     * @param ocs Its optical circuit switch.
     */
    void SetRegion(const mixnetcore::RegionPlan& plan, Ptr<OcsSwitch> ocs);

    /// Called with the decision for a phase when a host may begin it.
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
     * @param phase The phase.
     * @param endpoint Place of the host in the region.
     * @param bytes Bytes it has for every host of the region.
     */
    void Report(const mixnetcore::PhaseKey& phase,
                uint32_t endpoint,
                const std::vector<mixnetcore::Bytes>& bytes);

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
     * @brief Demand of which not all rows are known.
     */
    struct Pending
    {
        mixnetcore::DemandMatrix demand; //!< rows so far
        std::vector<bool> reported;      //!< which hosts have reported
        uint32_t missing;                //!< how many have not
    };

    /**
     * @brief How to tell a host.
     */
    struct Host
    {
        uint32_t context{0}; //!< identifier of its node
        ReadyCallback ready; //!< whom to tell
    };

    /// @param phase The phase. @param endpoint Host. @param bytes Its row.
    void HandleReport(mixnetcore::PhaseKey phase,
                      uint32_t endpoint,
                      std::vector<mixnetcore::Bytes> bytes);

    /// @param phase The phase. @param demand All of its demand.
    void Decide(const mixnetcore::PhaseKey& phase, const mixnetcore::DemandMatrix& demand);

    /// @param configuration Circuits that carry light from now on.
    void HandleReconfigurationEnd(const mixnetcore::CircuitConfiguration& configuration);

    /// @brief Tells the hosts that the circuits of m_decision are there.
    void Announce();

    /// @param endpoint Host. @param decision What to tell it.
    void Tell(uint32_t endpoint, std::shared_ptr<const CircuitDecision> decision);

    /// @param state State from now on.
    void SwitchToState(State state);

    State m_state{State::Idle};                                //!< what it does
    mixnetcore::RegionPlan m_region;                           //!< the region
    std::vector<uint32_t> m_opticalPorts;                      //!< optical ports per host
    Ptr<OcsSwitch> m_ocs;                                      //!< its switch
    std::unique_ptr<mixnetcore::CircuitAllocator> m_allocator; //!< chooses circuits
    std::unique_ptr<mixnetcore::PortMapper> m_mapper;          //!< chooses their ports
    std::map<mixnetcore::PhaseKey, Pending> m_pending;         //!< demand in the making
    CircuitDecision m_decision;  //!< the one in the making, or the last
    std::vector<Host> m_hosts;   //!< how to tell them
    std::string m_allocatorName; //!< attribute
    Time m_latency;              //!< attribute

    TracedCallback<State, State> m_stateTrace;              //!< state changes
    TracedCallback<const CircuitDecision&> m_decisionTrace; //!< circuits are ready
};

} // namespace mixnet
} // namespace ns3

#endif // REGIONAL_CONTROLLER_H
