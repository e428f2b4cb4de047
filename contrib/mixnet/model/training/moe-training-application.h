/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MOE_TRAINING_APPLICATION_H
#define MOE_TRAINING_APPLICATION_H

#include "collective-engine.h"
#include "gradient-reducer.h"

#include "ns3/application.h"
#include "ns3/control-channel.h"
#include "ns3/endpoint-table.h"
#include "ns3/expert-parallel-group.h"
#include "ns3/host-all-to-all.h"
#include "ns3/phase-program.h"
#include "ns3/training-work.h"

#include <memory>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief One host's part in training an MoE model: the EP ranks on its GPUs.
 *
 * Each rank goes through the same phases (PhaseProgram), at its own pace:
 *
 * - Attention, gating, expert and other work take the time of their FLOPs; the expert that of the
 *   tokens that came, so the hottest rank is the slowest.
 * - Dispatch and combine: the rank sends what it has for others and waits for what they have for
 *   it. It waits for circuits first, where a controller gives them out.
 * - All-gathers and reduce-scatters run among the rank's GPUs, on the NVSwitch. Where a rank has
 *   GPUs in several hosts, every host trains its part of it, and these collectives go between the
 *   parts on electrical NICs, too (ScheduleTensorCollective()). Dispatch, combine and what goes to
 *   other stages is between GPUs of the same number in a rank, so each part has its own.
 * - Pipeline: what a rank sends, it sends beside what it goes on with, from each GPU its slice to
 *   the same GPU of the other stage's EP rank; what it receives, it waits for.
 * - Gradients are reduced beside what a rank goes on with (GradientReducer); the optimizer waits
 *   for them.
 *
 * When all ranks of the host have gated, the host reports its demand to the controller. When they
 * are through with an all-to-all, and all that they sent is acknowledged, it says so: nothing of it
 * is on a circuit any more. A rank goes on when what it needs is there; there is no other barrier.
 * Addition and normalisation take no time.
 *
 * Tokens that cross once per host (Deduplication::Host) are passed on inside of it on the NVSwitch:
 * by a GPU that has all that was sent to it, to the GPUs that need it, too. Results go the other
 * way: they are reduced in their host, and a GPU sends when it has all that its host adds to its
 * own. A rank has ended such a phase when all that comes to it has come, from either.
 *
 * An all-to-all may achieve a part of the line rate only (AllToAllEfficiency, PadTransfers()). What
 * is reported to the controller is payload.
 *
 * Traces number parts of ranks (ExpertParallelGroup::Parts()): EP ranks, where these share hosts.
 *
 * What there is to do comes from a TaskSource, for example a stage of a training program.
 *
 * Not modelled: passing on that begins with the first tokens; EP groups that share a host.
 *
 * @see MixNet, sections 2.1 and 5
 */
class MoeTrainingApplication : public Application
{
  public:
    /// Hosts of every EP group of a job, as the fabric numbers them.
    using GroupHosts = std::vector<std::vector<uint32_t>>;

    /// @brief Where a host stands in a job.
    struct Place
    {
        mixnetcore::ExpertParallelGroup layout;  //!< ranks of every EP group on its GPUs
        std::shared_ptr<const GroupHosts> hosts; //!< of all groups, shared by them
        uint32_t group{0};                       //!< EP group of the host
        uint32_t endpoint{0};                    //!< its place among the hosts of the group
    };

    /// What a rank does, or waits for.
    enum class RankState : uint8_t
    {
        Idle,              //!< not started, or through
        Computing,         //!< attention, gating, expert
        AwaitingCircuits,  //!< ready for an all-to-all that has no circuits yet
        Communicating,     //!< waits for bytes
        AwaitingStage,     //!< waits for activations or gradients of another stage
        AwaitingGradients, //!< waits for gradients to be reduced
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    MoeTrainingApplication();

    /**
     * @brief Gives it its work.
     * @param tasks Tasks of the EP group.
     * @param place Where the host stands.
     */
    void SetTasks(std::shared_ptr<const mixnetcore::TaskSource> tasks, const Place& place);

    /**
     * @param reducer What reduces the gradients of this host; needed where there are any.
     */
    void SetReducer(Ptr<GradientReducer> reducer)
    {
        m_reducer = reducer;
    }

    /**
     * @param engine What sends and counts for this host.
     */
    void SetCollectiveEngine(Ptr<CollectiveEngine> engine)
    {
        m_engine = engine;
    }

    /**
     * @brief Takes circuits, and so routes, from a controller.
     * @param channel How messages get to it.
     * @param endpoints Those of the region that the GPUs of the EP group belong to.
     */
    void SetControlChannel(Ptr<ControlChannel> channel,
                           std::shared_ptr<const mixnetcore::EndpointTable> endpoints);

    /**
     * @brief Takes the same routes for every all-to-all; without a controller.
     * @param router The routes.
     */
    void SetRouter(std::shared_ptr<const mixnetcore::AllToAllRouter> router)
    {
        m_router = router;
    }

    /**
     * @brief Says how hosts are reached by all but all-to-alls: between stages, and in tensor
     * collectives of ranks with GPUs in several hosts.
     * @param router The routes.
     */
    void SetStaticRouter(std::shared_ptr<const mixnetcore::AllToAllRouter> router)
    {
        m_static = router;
    }

    /**
     * @brief A phase that a rank has not ended.
     */
    struct UnfinishedPhase
    {
        uint32_t rank;              //!< EP rank
        RankState state;            //!< what it does, or waits for
        mixnetcore::PhaseKey phase; //!< the phase
    };

    /// @return what the ranks of this host do; empty when all are through.
    std::vector<UnfinishedPhase> GetUnfinishedPhases() const;

    /**
     * @param state A state.
     * @return its name.
     */
    static const char* ToString(RankState state);

    /**
     * @brief TracedCallback signature for a rank that begins or ends a phase.
     * @param phase The phase.
     * @param rank Part of an EP rank.
     */
    typedef void (*PhaseTracedCallback)(const mixnetcore::PhaseKey& phase, uint32_t rank);

    /**
     * @brief TracedCallback signature for what a rank sends in a phase.
     * @param phase The phase.
     * @param transfers Ends, bytes and routes.
     */
    typedef void (*TransfersTracedCallback)(const mixnetcore::PhaseKey& phase,
                                            const std::vector<mixnetcore::Transfer>& transfers);

    /**
     * @brief TracedCallback signature for a rank that waited for circuits.
     * @param phase The all-to-all.
     * @param rank Part of an EP rank.
     * @param exposed Time in which it waited only for circuits.
     */
    typedef void (*CircuitsTracedCallback)(const mixnetcore::PhaseKey& phase,
                                           uint32_t rank,
                                           Time exposed);

    /**
     * @brief TracedCallback signature for a rank's change of state.
     * @param rank Part of an EP rank.
     * @param from State before.
     * @param to State from now on.
     */
    typedef void (*StateTracedCallback)(uint32_t rank, RankState from, RankState to);

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    /**
     * @brief One EP rank of this host, or the part of it that is here.
     */
    struct Rank
    {
        uint32_t part;                    //!< its number among the parts of the group
        uint32_t number;                  //!< EP rank in the group
        std::vector<uint32_t> slices;     //!< which of the rank's GPUs are here
        RankState state{RankState::Idle}; //!< what it does
        mixnetcore::PhaseCursor cursor;   //!< phase it is at
        mixnetcore::RankTask task;        //!< what that is
        uint32_t gpusWaiting{0};          //!< GPUs whose bytes are not there yet
        uint32_t reducesOpen{0};          //!< all-reduces that it has joined and that go on
        Time readySince;                  //!< since when it waits for circuits
    };

    void StartApplication() override;

    /// @param index Rank of this host. @brief Begins the phase it is at, or ends its work.
    void Begin(size_t index);
    /// @param index Rank of this host. @brief Ends the phase it is at and begins the next.
    void Complete(size_t index);
    /// @param index Rank of this host. @brief Leaves the phase it is at and begins the next.
    void GoOn(size_t index);

    /// @param index Rank of this host.
    void ComputeStart(size_t index);
    /// @param index Rank of this host. @brief An all-to-all is next: begins it or waits.
    void AllToAllReady(size_t index);
    /// @param index Rank of this host. @brief Sends what it has, and waits for what it gets.
    void AllToAllStart(size_t index);
    /// @param index Rank of this host.
    void TensorCollectiveStart(size_t index);
    /// @param index Rank of this host whose tensor collective has ended.
    void HandleTensorEnd(const mixnetcore::MessageKey& /* key */, uint64_t index);
    /// @param index Rank of this host. @brief Sends to another stage, and goes on.
    void PipelineSendStart(size_t index);
    /// @param index Rank of this host. @brief Waits for another stage.
    void PipelineReceiveStart(size_t index);
    /// @param index Rank of this host. @brief Has its gradients reduced, and goes on.
    void ReduceStart(size_t index);
    /// @param index Rank of this host. @param reduce An all-reduce that has ended.
    void HandleReduced(size_t index, mixnetcore::PhaseKey reduce);

    /// @param phase An all-to-all. @param gpus GPUs of this host that send what they have in it.
    void SendFrom(const mixnetcore::PhaseKey& phase, const std::vector<uint32_t>& gpus);
    /// @param phase An all-to-all. @param gpus GPUs of this host that pass on what they have to.
    void Forward(const mixnetcore::PhaseKey& phase, const std::vector<uint32_t>& gpus);
    /// @param key Of the phase. @param gpu GPU of this host that has all that was sent to it, and
    /// passes some of it on.
    void HandleToForward(const mixnetcore::MessageKey& key, uint32_t gpu);
    /// @param key Of the phase. @param gpu GPU of this host that has all that its host adds to its
    /// own, and sends it.
    void HandleGathered(const mixnetcore::MessageKey& key, uint32_t gpu);

    /// @param decision Circuits that are there.
    void HandleCircuits(const CircuitDecision& decision);
    /// @param key Of the phase. @param gpu GPU of this host that has all its bytes.
    void HandleGpuReady(const mixnetcore::MessageKey& key, uint32_t gpu);

    /// @param key Of an all-to-all of which all that a GPU sent has ended.
    void HandleSent(const mixnetcore::MessageKey& key, uint64_t /* tag */);

    /// @param phase A phase that a rank has ended, or an all-to-all for which a GPU has sent all.
    /// @brief Tells the controller when all have.
    void CountEnd(const mixnetcore::PhaseKey& phase);
    /// @param phase A gating that all ranks of this host have ended.
    void ReportDemand(const mixnetcore::PhaseKey& phase);

    /// @return number of this host in the fabric.
    uint32_t OwnHost() const
    {
        return m_place.hosts->at(m_place.group)[m_place.endpoint];
    }

    /// @param index Rank of this host. @param state State from now on.
    void SwitchToState(size_t index, RankState state);

    /// @param index Rank of this host. @return the phase it is at.
    const mixnetcore::PhaseKey& PhaseOf(size_t index) const
    {
        return m_ranks[index].cursor.Phase();
    }

    /// @param phase An all-to-all. @return its routes, or nothing when it has no circuits yet.
    std::shared_ptr<const mixnetcore::AllToAllRouter> RouterOf(
        const mixnetcore::PhaseKey& phase) const;
    /// @param gpu GPU of the group. @return the same as the fabric numbers it.
    mixnetcore::GpuId FabricGpu(size_t gpu) const;

    std::shared_ptr<const mixnetcore::TaskSource> m_tasks; //!< work of the group
    Place m_place{{1, 1, 1}, nullptr, 0, 0};               //!< of this host
    Ptr<GradientReducer> m_reducer;                        //!< reduces its gradients

    // Made once, as that is expensive
    CollectiveEngine::ReadyCallback m_handleGpuReady;    //!< a GPU has what it waited for
    CollectiveEngine::ReadyCallback m_handleToForward;   //!< a GPU has what it passes on
    CollectiveEngine::ReadyCallback m_handleGathered;    //!< a GPU has what it sends
    CollectiveEngine::ThroughCallback m_handleSent;      //!< a GPU's part has gone
    CollectiveEngine::ThroughCallback m_handleTensorEnd; //!< a rank's collective has ended

    Ptr<CollectiveEngine> m_engine;                               //!< sends and counts
    Ptr<ControlChannel> m_control;                                //!< to who gives out circuits
    std::shared_ptr<const mixnetcore::EndpointTable> m_endpoints; //!< of the region
    std::shared_ptr<const mixnetcore::AllToAllRouter> m_router;   //!< without a controller
    std::shared_ptr<const mixnetcore::AllToAllRouter> m_static;   //!< of all but all-to-alls
    std::map<mixnetcore::PhaseKey, std::shared_ptr<const mixnetcore::AllToAllRouter>>
        m_routers;                                        //!< of all-to-alls that have circuits
    std::unique_ptr<mixnetcore::HostAllToAll> m_allToAll; //!< what this host sends and gets
    std::map<mixnetcore::PhaseKey, size_t> m_ended;       //!< ends so far, see CountEnd()
    std::vector<Rank> m_ranks;                            //!< of this host
    mixnetcore::TensorAlgorithm m_tensorAlgorithm;        //!< attribute, looked up
    std::string m_tensorAlgorithmName;                    //!< attribute
    double m_allToAllEfficiency;                          //!< attribute

    TracedCallback<uint32_t, RankState, RankState> m_stateTrace;             //!< a rank's state
    TracedCallback<const mixnetcore::PhaseKey&, uint32_t> m_phaseBeginTrace; //!< a phase begins
    TracedCallback<const mixnetcore::PhaseKey&, uint32_t> m_phaseEndTrace;   //!< a phase has ended
    TracedCallback<const mixnetcore::PhaseKey&, uint32_t, Time>
        m_circuitsTrace; //!< waited for circuits
    TracedCallback<const mixnetcore::PhaseKey&, const std::vector<mixnetcore::Transfer>&>
        m_transfersTrace; //!< what a rank sends
};

} // namespace mixnet
} // namespace ns3

#endif // MOE_TRAINING_APPLICATION_H
