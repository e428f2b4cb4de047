/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MOE_GROUP_WORKLOAD_H
#define MOE_GROUP_WORKLOAD_H

#include "ns3/compute-model.h"
#include "ns3/expert-load.h"
#include "ns3/expert-parallel-group.h"
#include "ns3/model-spec.h"
#include "ns3/token-dispatch.h"

#include "ns3/phase-key.h"

#include <list>
#include <memory>
#include <type_traits>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What one microbatch asks of one MoE layer of an EP group.
 */
struct MoeLayerDemand
{
    std::vector<Tokens> arriving; //!< token assignments that each EP rank's experts get
    std::vector<Tokens> buffered; //!< tokens that each EP rank holds for them: the same, or fewer
                                  //!< with deduplication
    DemandMatrix dispatch;        //!< bytes between the GPUs of the region, tokens to experts
    DemandMatrix forwarded;       //!< bytes then passed on between the GPUs of each host; zero
                                  //!< unless tokens are sent once per host
    bool isForwarded{false};      //!< whether any are
};

/**
 * @ingroup mixnet-core
 * @brief The work of one EP group: who it is, what it computes, which tokens go where.
 *
 * A pure function of the load's key. The hosts of a group share one object; the demands asked for
 * last are kept, since all of them ask for the same.
 *
 * Every rank knows all token counts of a phase, as after the exchange of counts that precedes an
 * all-to-all in real software. Not modelled: the time of that exchange.
 */
class MoeGroupWorkload
{
  public:
    /**
     * @param model Sizes of the model.
     * @param group EP and TP ranks on their GPUs.
     * @param load Which tokens go where; its rows are the group's ranks.
     * @param compute Times of the computing phases.
     * @param deduplication How often a token with several experts on a rank or host is sent.
     * @throws std::invalid_argument when the load is not of the group's size.
     */
    MoeGroupWorkload(const ModelSpec& model,
                     const ExpertParallelGroup& group,
                     std::shared_ptr<const ExpertLoad> load,
                     const ComputeModel& compute,
                     Deduplication deduplication = Deduplication::None);

    /// @return sizes of the model.
    const ModelSpec& Model() const;

    /// @return EP and TP ranks on their GPUs.
    const ExpertParallelGroup& Group() const;

    /// @return which tokens go where.
    const ExpertLoad& Load() const;

    /// @return times of the computing phases.
    const ComputeModel& Compute() const;

    /**
     * @param key Microbatch and MoE layer.
     * @return what it asks; valid until DEMANDS_KEPT other demands have been asked for.
     */
    const MoeLayerDemand& DemandOf(const LoadKey& key) const;

    /**
     * @brief The demand behind a phase. A list of numbers in braces is a LoadKey, never a phase.
     * @tparam Phase PhaseKey.
     * @param phase A phase of a layer with experts.
     * @return what its gating asks; valid as above.
     * @throws std::invalid_argument when the layer has no experts.
     */
    template <class Phase, std::enable_if_t<std::is_same_v<Phase, PhaseKey>, bool> = true>
    const MoeLayerDemand& DemandOf(const Phase& phase) const
    {
        return DemandOf(LoadKeyOf(phase, m_model.denseLayers));
    }

    /**
     * @brief Time of a computing phase, in its direction.
     * @param phase Attention, gating or expert.
     * @param rank EP rank; the tokens that its experts get decide their time.
     * @return the time.
     */
    Picoseconds ComputeTime(const PhaseKey& phase, size_t rank) const;

    /**
     * @brief Size of the buffer of a rank's all-gather or reduce-scatter: the tokens that it holds
     * for its experts, with sequence parallelism a slice on each of its GPUs.
     * @param phase All-gather or reduce-scatter.
     * @param rank EP rank.
     * @return the size.
     */
    Bytes TensorBytes(const PhaseKey& phase, size_t rank) const;

    static constexpr size_t DEMANDS_KEPT = 4; //!< demands that are remembered

  private:
    ModelSpec m_model;                                               //!< sizes
    ExpertParallelGroup m_group;                                     //!< ranks on GPUs
    std::shared_ptr<const ExpertLoad> m_load;                        //!< which tokens go where
    ComputeModel m_compute;                                          //!< times
    Deduplication m_deduplication;                                   //!< how often a token is sent
    mutable std::list<std::pair<LoadKey, MoeLayerDemand>> m_demands; //!< asked for last first
};

} // namespace mixnetcore

#endif // MOE_GROUP_WORKLOAD_H
