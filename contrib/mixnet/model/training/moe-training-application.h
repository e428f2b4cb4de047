/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MOE_TRAINING_APPLICATION_H
#define MOE_TRAINING_APPLICATION_H

#include "collective-engine.h"
#include "regional-controller.h"

#include "ns3/application.h"
#include "ns3/moe-group-workload.h"
#include "ns3/region-router.h"

#include <memory>
#include <optional>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief One host's part in training an MoE model: the EP ranks on its GPUs.
 *
 * For every microbatch and layer, forward, each rank goes through
 *
 * 1. Attention and Gating: time from the model's FLOPs.
 * 2. AwaitingCircuits: when all ranks of the host have gated, the host reports its demand to the
 *    regional controller; the controller answers when the circuits are there.
 * 3. Dispatch: the rank's tokens leave for their experts; the rank waits for those that come.
 * 4. Expert: time from the tokens that came, so the hottest rank is the slowest.
 * 5. Combine: the results go back the same way; the rank waits for its own.
 *
 * A rank goes on when what it needs is there; there is no barrier but the controller's. Addition
 * and normalisation take no time.
 *
 * Not modelled: backward pass, pipeline stages and replicas; with TP above 1, the all-gather
 * before and the reduce-scatter after the expert; a message that failed is not sent again, so the
 * ranks that need it stop (GetUnfinishedPhases() tells).
 *
 * @see MixNet, sections 2.1 and 5
 */
class MoeTrainingApplication : public Application
{
  public:
    /// What a rank does, or waits for.
    enum class RankState : uint8_t
    {
        Idle,             //!< not started, or through
        Attention,        //!< computes attention
        Gating,           //!< computes the gates
        AwaitingCircuits, //!< waits for the other ranks' gates and for light
        Dispatch,         //!< waits for tokens
        Expert,           //!< computes its experts
        Combine,          //!< waits for results
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    MoeTrainingApplication();
    ~MoeTrainingApplication() override;

    /**
     * @brief Gives it its work.
     * @param workload Work of the EP group, shared by its hosts.
     * @param fabric The fabric, shared likewise.
     * @param region Region of the group.
     * @param endpoint Place of this host in the region.
     */
    void SetWorkload(std::shared_ptr<const mixnetcore::MoeGroupWorkload> workload,
                     std::shared_ptr<const mixnetcore::FabricPlan> fabric,
                     uint32_t region,
                     uint32_t endpoint);

    /**
     * @param engine What sends and counts for this host.
     */
    void SetCollectiveEngine(Ptr<CollectiveEngine> engine);

    /**
     * @param controller Controller of the region.
     */
    void SetController(Ptr<RegionalController> controller);

    /**
     * @brief A phase that a rank has begun and not ended.
     */
    struct UnfinishedPhase
    {
        uint32_t rank;              //!< EP rank
        RankState state;            //!< what it does, or waits for
        mixnetcore::PhaseKey phase; //!< microbatch and layer
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
     * @param rank EP rank.
     */
    typedef void (*PhaseTracedCallback)(const mixnetcore::PhaseKey& phase, uint32_t rank);

    /**
     * @brief TracedCallback signature for what a rank sends in a phase.
     * @param phase The phase.
     * @param transfers Ends, bytes and ways.
     */
    typedef void (*TransfersTracedCallback)(const mixnetcore::PhaseKey& phase,
                                            const std::vector<mixnetcore::Transfer>& transfers);

    /**
     * @brief TracedCallback signature for a rank's change of state.
     * @param rank EP rank.
     * @param from State before.
     * @param to State from now on.
     */
    typedef void (*StateTracedCallback)(uint32_t rank, RankState from, RankState to);

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    /**
     * @brief One EP rank of this host.
     */
    struct Rank
    {
        uint32_t number;                  //!< EP rank in the group
        RankState state{RankState::Idle}; //!< what it does
        mixnetcore::PhaseKey phase;       //!< microbatch and layer; the kind is of no matter
        uint32_t gpusWaiting{0};          //!< GPUs whose bytes are not there yet
    };

    void StartApplication() override;
    void StopApplication() override;

    /// @param index Rank of this host. @brief Begins a layer.
    void AttentionStart(size_t index);
    /// @param index Rank of this host.
    void AttentionComplete(size_t index);
    /// @param index Rank of this host.
    void GatingComplete(size_t index);
    /// @brief All ranks of this host have gated: tells the controller.
    void ReportDemand();
    /// @param decision Circuits for the phase that this host waits for.
    void DispatchStart(const CircuitDecision& decision);
    /// @param index Rank of this host.
    void ExpertStart(size_t index);
    /// @param index Rank of this host.
    void ExpertComplete(size_t index);
    /// @param index Rank of this host. @brief Results are back: goes on to the next layer.
    void CombineComplete(size_t index);

    /**
     * @brief Sends what a rank has for the others, and waits for what they have for it.
     * @param index Rank of this host.
     * @param kind Dispatch or Combine.
     */
    void AllToAllStart(size_t index, mixnetcore::PhaseKind kind);

    /// @param collective Packed phase. @param gpu GPU of this host that has all its bytes.
    void HandleGpuReady(uint64_t collective, uint32_t gpu);

    /// @param index Rank of this host. @param state State from now on.
    void SwitchToState(size_t index, RankState state);

    /// @param phase A phase. @return its key in the expert load.
    static mixnetcore::LoadKey LoadKeyOf(const mixnetcore::PhaseKey& phase);

    /// @param phase A phase. @return what it asks.
    const mixnetcore::MoeLayerDemand& DemandOf(const mixnetcore::PhaseKey& phase) const;

    /// @param gpu GPU of the group. @return the same as the fabric numbers it.
    mixnetcore::GpuId FabricGpu(size_t gpu) const;

    std::shared_ptr<const mixnetcore::MoeGroupWorkload> m_workload; //!< work of the group
    std::shared_ptr<const mixnetcore::FabricPlan> m_fabric;         //!< the fabric
    uint32_t m_region{0};                                           //!< region of the group
    uint32_t m_endpoint{0};                                         //!< place in the region
    Ptr<CollectiveEngine> m_engine;                                 //!< sends and counts
    Ptr<RegionalController> m_controller;                           //!< of the region
    std::optional<mixnetcore::RegionRouter> m_router; //!< ways over the circuits in force
    std::vector<Rank> m_ranks;                        //!< of this host
    size_t m_gated{0};                                //!< ranks that have gated
    uint32_t m_layers;                                //!< attribute
    uint32_t m_firstLayer;                            //!< attribute
    uint32_t m_microbatches;                          //!< attribute
    uint32_t m_iteration;                             //!< attribute

    TracedCallback<uint32_t, RankState, RankState> m_stateTrace;             //!< a rank's state
    TracedCallback<const mixnetcore::PhaseKey&, uint32_t> m_phaseBeginTrace; //!< a phase begins
    TracedCallback<const mixnetcore::PhaseKey&, uint32_t> m_phaseEndTrace;   //!< a phase has ended
    TracedCallback<const mixnetcore::PhaseKey&, const std::vector<mixnetcore::Transfer>&>
        m_transfersTrace; //!< what a rank sends
};

} // namespace mixnet
} // namespace ns3

#endif // MOE_TRAINING_APPLICATION_H
