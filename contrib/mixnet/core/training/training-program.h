/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_PROGRAM_H
#define TRAINING_PROGRAM_H

#include "ns3/model-spec.h"
#include "ns3/parallel-plan.h"
#include "ns3/phase-key.h"
#include "ns3/pipeline-schedule.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What a user chooses of the order in which an iteration is trained.
 */
struct TrainingProgramOptions
{
    std::string schedule{"1f1b"};      //!< name of a PipelineSchedule
    uint32_t iteration{0};             //!< training iteration
    uint32_t microbatches{1};          //!< microbatches of a replica
    uint32_t denseLayers{0};           //!< layers at the beginning that have no experts
    bool recompute{false};             //!< whether layers go forward once more before backward
    bool attentionCollectives{true};   //!< whether attention gathers and scatters its TP slices
    bool overlapGradientReduce{false}; //!< whether layers reduce as soon as they are backward
    bool backward{true};               //!< whether the backward pass follows, and what ends it
    /// These layers of the model alone, on one stage: without embedding and head, and without what
    /// ends an iteration, gradients and optimizer.
    std::optional<LayerRange> excerpt{};
};

/**
 * @ingroup mixnet-core
 * @param model A model.
 * @return its dense layers and default microbatches; all else as by default.
 */
TrainingProgramOptions DefaultTrainingProgram(const ModelSpec& model);

/**
 * @ingroup mixnet-core
 * @brief What the ranks of each pipeline stage do in one training iteration, in order.
 *
 * The ranks of an EP group, one stage of one replica, go through the same phases. The pipeline
 * schedule orders their steps, and a step has the phases of its layers:
 *
 * - Forward: activations come from the stage before, or the embedding makes them. Each layer:
 *   attention, gating, dispatch, all-gather, expert, reduce-scatter, combine; a dense layer:
 *   attention, all-gather, dense, reduce-scatter. Then activations go on, or the head takes them.
 * - Backward: the same in reverse; the gradient of an all-gather is a reduce-scatter, and vice
 *   versa. With recomputation the forward phases of a layer come once more before its backward
 *   ones, collectives included.
 * - At the end gradients are reduced: those of experts over replicas, all others over replicas and
 *   EP ranks. Either once for all layers of a stage, or overlapped: layer by layer as soon as
 *   its last microbatch is backward. Then the optimizer makes new parameters.
 *
 * With TP above 1 attention, too, has an all-gather before and a reduce-scatter after it (sequence
 * parallelism), unless that is switched off. What a degree of 1 makes pointless is left out: tensor
 * collectives, gradients of one rank only, and sends from a stage to itself.
 *
 * Phases are made step by step on demand: a program takes a few bytes per step of a stage, however
 * many ranks and layers there are.
 *
 * Guarantees: a pure function of plan and options; no phase comes twice; every send has one
 * receive.
 * Not modelled: an all-gather of parameters after an optimizer that is split over replicas, the
 * norm of gradients, all-reduces between a first and last stage that share the embedding's matrix.
 *
 * @see MixNet, sections 2 and 4
 */
class TrainingProgram
{
  public:
    /**
     * @param plan Ranks, and layers on stages.
     * @param options The rest.
     * @throws std::invalid_argument when the schedule is not known or does not fit the plan, when
     *         there are more dense layers than layers, when an excerpt is not of the model's layers
     *         or has several stages, or when a phase has fields too large for its key.
     */
    TrainingProgram(const ParallelPlan& plan, const TrainingProgramOptions& options);

    /// @return ranks, and layers on stages.
    const ParallelPlan& Plan() const
    {
        return m_plan;
    }

    /// @return the rest.
    const TrainingProgramOptions& Options() const
    {
        return m_options;
    }

    /// @return what the schedule orders.
    const PipelineShape& Shape() const
    {
        return m_shape;
    }

    /**
     * @param stage Pipeline stage.
     * @return its steps, without the end of the iteration.
     * @throws std::out_of_range when there is no such stage.
     */
    const std::vector<PipelineStep>& StepsOf(uint32_t stage) const
    {
        return m_steps.at(stage);
    }

    /**
     * @param stage Pipeline stage.
     * @param replica Data-parallel replica.
     * @param step Which of StepsOf(), or their number: the end of the iteration.
     * @return the phases of the step, in order.
     * @throws std::out_of_range when there is no such stage, replica or step.
     */
    std::vector<PhaseKey> PhasesOf(uint32_t stage, uint32_t replica, size_t step) const;

    /// @param receive A PipelineReceive. @return the PipelineSend that it waits for.
    PhaseKey SendOf(const PhaseKey& receive) const
    {
        return PeerOf(receive, PhaseKind::PipelineSend, -1);
    }

    /// @param send A PipelineSend. @return the PipelineReceive that waits for it.
    PhaseKey ReceiveOf(const PhaseKey& send) const
    {
        return PeerOf(send, PhaseKind::PipelineReceive, 1);
    }

    /// @param layer A layer. @return whether it has experts.
    bool HasExperts(size_t layer) const
    {
        return layer >= m_options.denseLayers;
    }

    /**
     * @param stage Pipeline stage.
     * @param replica Data-parallel replica.
     * @return the last phase of its ranks in an iteration.
     */
    PhaseKey LastPhaseOf(uint32_t stage, uint32_t replica) const;

    /// @return layers with experts that a microbatch passes.
    uint64_t MoeLayers() const;

    /**
     * @param reduce An ExpertReduce or SharedReduce.
     * @return layers whose gradients it reduces, of experts those that have any; the first of the
     *         model brings the embedding along, the last the head.
     */
    std::vector<LayerRange> LayersReducedBy(const PhaseKey& reduce) const;

  private:
    /// @param phase A send or receive. @param kind The other of these. @param layersOn How far away
    /// the layer at the other end is, forward. @return what happens there.
    PhaseKey PeerOf(const PhaseKey& phase, PhaseKind kind, int32_t layersOn) const;

    /// @brief Refuses an excerpt that is not there.
    void CheckExcerpt() const;

    /// @param stage Stage. @param step A step of it. @return its layers.
    LayerRange LayersOf(uint32_t stage, const PipelineStep& step) const;

    /// @param stage Stage. @param replica Replica. @return a phase with that, and its region.
    PhaseKey KeyAt(uint32_t stage, uint32_t replica) const;

    /// @param key Of the step. @param layers Of its chunk. @param[in,out] phases Gets them.
    void AddForward(PhaseKey key, const LayerRange& layers, std::vector<PhaseKey>& phases) const;

    /**
     * @param key Of the step.
     * @param layers Of its chunk.
     * @param reduces Whether gradients are complete and to be reduced at once.
     * @param[in,out] phases Gets them.
     */
    void AddBackward(PhaseKey key,
                     const LayerRange& layers,
                     bool reduces,
                     std::vector<PhaseKey>& phases) const;

    /// @param key Of the step and layer, direction included. @param[in,out] phases Gets the
    /// layer's.
    void AddLayer(const PhaseKey& key, std::vector<PhaseKey>& phases) const;

    /// @param key Of the first layer. @param experts If any. @param[in,out] phases Gets them.
    void AddReduces(const PhaseKey& key, bool experts, std::vector<PhaseKey>& phases) const;

    /// @param key Of the stage. @param[in,out] phases Gets the end of the iteration.
    void AddEnd(PhaseKey key, std::vector<PhaseKey>& phases) const;

    /// @param phase A phase. @return whether the degrees and options of this job have it.
    bool Has(const PhaseKey& phase) const;

    ParallelPlan m_plan;                            //!< ranks, and layers on stages
    TrainingProgramOptions m_options;               //!< the rest
    PipelineShape m_shape;                          //!< what the schedule orders
    std::vector<std::vector<PipelineStep>> m_steps; //!< of each stage
    std::vector<std::vector<size_t>> m_lastSteps;   //!< of each stage and chunk: last one backward
};

} // namespace mixnetcore

#endif // TRAINING_PROGRAM_H
