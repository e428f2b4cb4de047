/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MOE_TRAINING_WORK_H
#define MOE_TRAINING_WORK_H

#include "training-work.h"

#include "ns3/compute-model.h"
#include "ns3/expert-load.h"
#include "ns3/model-parameters.h"
#include "ns3/optimizer-model.h"
#include "ns3/parallel-plan.h"
#include "ns3/token-dispatch.h"

#include <list>
#include <memory>
#include <optional>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief How gradients and optimizer states are kept, and how often tokens are sent.
 */
struct TrainingWorkOptions
{
    uint64_t bytesPerGradient{4};    //!< 2 (BF16) or 4 (FP32)
    bool distributedOptimizer{true}; //!< whether those who hold a parameter share its update
    Deduplication deduplication{Deduplication::None}; //!< how often a token is sent
};

/**
 * @ingroup mixnet-core
 * @brief What a model, laid out by a plan, computes and sends.
 *
 * | phase                              | time or bytes of an EP rank                            |
 * | ---------------------------------- | ------------------------------------------------------ |
 * | attention, gating, dense, head     | ComputeModel::Time                                     |
 * | expert                             | ComputeModel::Expert of the assignments that arrived   |
 * | embedding                          | none: a look-up                                        |
 * | optimizer                          | OptimizerModel::Step of what a GPU updates             |
 * | dispatch, combine                  | bytes of the tokens sent, as DispatchTokens(); a slice |
 * |                                    | of each from every GPU of a rank to its like           |
 * | collectives around experts         | tokens that the rank holds in the end                  |
 * | other tensor collectives, sends    | tokens of the microbatch                               |
 * | gradients                          | parameters of the layer that the rank holds            |
 *
 * The hottest rank takes longest: the assignments of each gating decide.
 *
 * A pure function: the gatings asked for last are only kept because all hosts of a group ask for
 * the same, those of every EP group apart.
 *
 * Every rank knows all token counts of a phase, as after the exchange of counts that precedes an
 * all-to-all in real software. Not modelled: the time of that exchange.
 */
class MoeTrainingWork : public TrainingWork
{
  public:
    /**
     * @param model Sizes of the model.
     * @param plan Ranks, and layers on stages.
     * @param load Which tokens go where; its rows are EP ranks.
     * @param compute Times of the computing phases.
     * @param optimizer Time of the step that ends an iteration.
     * @param options The rest.
     * @throws std::invalid_argument when plan or load are not for that model, or a gradient does
     *         not take 2 or 4 bytes.
     */
    MoeTrainingWork(const ModelSpec& model,
                    const ParallelPlan& plan,
                    std::shared_ptr<const ExpertLoad> load,
                    const ComputeModel& compute,
                    const OptimizerModel& optimizer,
                    const TrainingWorkOptions& options = {});

    /// @return sizes of the model.
    const ModelSpec& Model() const
    {
        return m_model;
    }

    /// @return which tokens go where.
    const ExpertLoad& Load() const
    {
        return *m_load;
    }

    /// @return times of the computing phases.
    const ComputeModel& Compute() const
    {
        return m_compute;
    }

    // Inherited from TrainingWork
    Picoseconds ComputeTime(const PhaseKey& phase, uint32_t expertRank) const override;
    Bytes TensorBytes(const PhaseKey& phase, uint32_t expertRank) const override;
    DemandMatrix AllToAllBytes(const PhaseKey& phase) const override;
    const MoeLayerDemand& DemandOf(const PhaseKey& phase) const override;

    Bytes PipelineBytes() const override
    {
        return m_model.BytesPerToken() * m_model.TokensPerMicrobatch().Count();
    }

    Bytes GradientBytes(PhaseKind kind, uint32_t layer, uint32_t expertRank) const override;

    static constexpr size_t GATINGS_KEPT = 4; //!< gatings of an EP group that are remembered

  private:
    /// What one gating asks for.
    struct Gating
    {
        LoadKey key;                          //!< which
        TokenDispatch tokens;                 //!< what is sent, and what each rank gets
        std::optional<MoeLayerDemand> demand; //!< the same in bytes between GPUs, once asked for
    };

    /// @param phase A phase of a layer with experts. @return what its gating asks for.
    Gating& GatingOf(const PhaseKey& phase) const;

    /// @param layer Below the number of layers. @param expertRank EP rank.
    /// @return parameters of the layer's experts that it holds.
    Parameters ExpertParameters(uint32_t layer, uint32_t expertRank) const;

    /// @param layer Below the number of layers.
    /// @return all others, embedding, head and last norm included, on all GPUs of a rank together.
    Parameters SharedParameters(uint32_t layer) const;

    /// @param phase The step. @param expertRank EP rank. @return its time.
    Picoseconds OptimizerTime(const PhaseKey& phase, uint32_t expertRank) const;

    ModelSpec m_model;                                //!< sizes
    ParallelPlan m_plan;                              //!< ranks, and layers on stages
    std::shared_ptr<const ExpertLoad> m_load;         //!< which tokens go where
    ComputeModel m_compute;                           //!< times of the computing phases
    OptimizerModel m_optimizer;                       //!< time of the last one
    TrainingWorkOptions m_options;                    //!< the rest
    mutable std::vector<std::list<Gating>> m_gatings; //!< by EP group, asked for last first
};

} // namespace mixnetcore

#endif // MOE_TRAINING_WORK_H
