/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAFFIC_VOLUME_H
#define TRAFFIC_VOLUME_H

#include "ns3/mixnet-units.h"
#include "ns3/model-spec.h"
#include "ns3/parallel-plan.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief The parallelism that traffic is due to.
enum class Parallelism
{
    Tensor,   //!< all-gathers and reduce-scatters of activations (TP)
    Expert,   //!< all-to-alls of tokens (EP)
    Data,     //!< all-reduces of gradients (DP)
    Pipeline, //!< activations and their gradients from stage to stage (PP)
};

/// @ingroup mixnet-core
/// @brief All of them, in the order of tables.
constexpr Parallelism ALL_PARALLELISMS[] = {Parallelism::Tensor,
                                            Parallelism::Expert,
                                            Parallelism::Data,
                                            Parallelism::Pipeline};

/**
 * @ingroup mixnet-core
 * @param parallelism One of them.
 * @return its name in tables: TP, EP, DP or PP.
 */
std::string ToString(Parallelism parallelism);

/**
 * @ingroup mixnet-core
 * @brief What an iteration consists of.
 */
struct TrafficOptions
{
    uint64_t microbatches{1}; //!< per replica, 1 or more
    bool recompute{false};    //!< forward is done once more before backward, collectives included

    /// Backward gathers the inputs of the tensor-parallel matrices once more, instead of keeping
    /// the whole of them: Megatron's sequence parallelism does.
    bool gatherAgain{true};
};

/**
 * @ingroup mixnet-core
 * @brief Something of each parallelism.
 * @tparam Value What it is.
 */
template <typename Value>
struct ByParallelism
{
    Value tensor;   //!< TP
    Value expert;   //!< EP
    Value data;     //!< DP
    Value pipeline; //!< PP

    /// @param parallelism One of them. @return what it has.
    const Value& Of(Parallelism parallelism) const
    {
        const std::array values{&tensor, &expert, &data, &pipeline};
        return *values.at(static_cast<size_t>(parallelism));
    }

    /// @copydoc Of(Parallelism) const
    Value& Of(Parallelism parallelism)
    {
        return const_cast<Value&>(std::as_const(*this).Of(parallelism));
    }
};

/**
 * @ingroup mixnet-core
 * @brief Bytes of each parallelism.
 */
struct VolumeByParallelism : public ByParallelism<Bytes>
{
    /// @return all of them.
    Bytes Total() const
    {
        return tensor + expert + data + pipeline;
    }

    /// @param parallelism One of them. @return its part of all, 0 to 1; 0 when there are none.
    double Part(Parallelism parallelism) const;
};

/**
 * @ingroup mixnet-core
 * @brief Bytes of one group of ranks in one iteration.
 */
struct GroupVolume
{
    Parallelism parallelism{Parallelism::Tensor}; //!< what the group is for
    GroupKind kind{GroupKind::Tensor};            //!< which kind of group
    std::vector<size_t> ranks;                    //!< its members
    Bytes sent;                                   //!< that its members send to others
    Bytes buffers;                                //!< size of its collectives, each counted once
};

/**
 * @ingroup mixnet-core
 * @brief Bytes that parallel training moves in one iteration, in closed form.
 *
 * With A = b * s * 2d bytes, the activations of a microbatch on one EP rank, sharded over its TP
 * GPUs (sequence parallelism), and k experts per token, evenly loaded:
 *
 * | collective                  | buffer | of each                                             |
 * |-----------------------------|--------|-----------------------------------------------------|
 * | TP, attention               | A      | layer: all-gather, reduce-scatter                   |
 * | TP, dense or shared experts | A      | layer that has them: all-gather, reduce-scatter     |
 * | TP, routed experts          | k A    | MoE layer: all-gather, reduce-scatter               |
 * | TP, embedding               | A      | first stage: reduce-scatter                         |
 * | TP, head                    | A      | last stage: all-gather                              |
 * | EP                          | k A    | MoE layer and rank: dispatch, combine               |
 * | PP                          | A      | boundary of stages                                  |
 * | DP                          | 4 P    | parameters P of a rank, once: all-reduce            |
 *
 * Backward has the same collectives again, and with gatherAgain each all-gather of activations once
 * more; recomputation has those of forward in layers once more. Gradients are reduced in 4 bytes.
 *
 * Two countings:
 * - sent: what leaves a GPU for another one. Of a buffer B, all-gather and reduce-scatter among n
 *   send (n - 1) B together, all-reduce 2 (n - 1) B, direct or in a ring; an all-to-all of ranks
 *   with B each sends (n - 1) B of n B, the rest stays.
 * - buffers: the size of each collective once per group, the all-to-all's without what stays.
 *   This is the counting that comes nearest to the volumes that the paper measured.
 *
 * Guarantees: groups add up to the totals; integer arithmetic; nothing is counted of groups of one.
 * Not modelled: uneven loads (see TrafficMatrices), the exchange of token counts, norms' gradients
 * over TP, tied embeddings' gradients over PP, scalars.
 *
 * @see MixNet, section 2.1 and Figure 2
 */
class TrafficVolume
{
  public:
    static constexpr uint64_t GRADIENT_BYTES = 4; //!< of a parameter, as it is reduced: FP32

    /**
     * @param model Sizes of the model.
     * @param plan Its ranks; laid out for this model.
     * @param options What an iteration consists of.
     * @throws std::invalid_argument when there are no microbatches.
     */
    TrafficVolume(const ModelSpec& model, const ParallelPlan& plan, const TrafficOptions& options);

    /// @return the model.
    const ModelSpec& Model() const
    {
        return m_model;
    }

    /// @return its ranks.
    const ParallelPlan& Plan() const
    {
        return m_plan;
    }

    /// @return what an iteration consists of.
    const TrafficOptions& Options() const
    {
        return m_options;
    }

    /// @return bytes of all GPUs together that leave them.
    VolumeByParallelism Sent() const
    {
        return SumOfGroups(&GroupVolume::sent);
    }

    /// @return sizes of all collectives.
    VolumeByParallelism Buffers() const
    {
        return SumOfGroups(&GroupVolume::buffers);
    }

    /// @return all groups with two ranks or more: TP, EP, DP of experts and of others, PP.
    std::vector<GroupVolume> Groups() const;

    /// @return activations of a microbatch on one EP rank: A.
    Bytes Activations() const
    {
        return m_model.BytesPerToken() * m_model.TokensPerMicrobatch().Count();
    }

    /// @return how often the tokens pass a layer's all-to-alls there and back: forward, forward
    ///         again with recomputation, and backward.
    uint64_t Passes() const
    {
        return m_options.recompute ? 3 : 2;
    }

  private:
    /// @param part What of a group. @return the same of all groups.
    VolumeByParallelism SumOfGroups(Bytes GroupVolume::*part) const;

    /// @param stage Pipeline stage. @return size of all TP collectives of one EP rank on it.
    Bytes TensorBuffers(size_t stage) const;

    /// @param stage Pipeline stage. @return MoE layers on it.
    uint64_t MoeLayersOn(size_t stage) const;

    /// @param group A group, whose kind and ranks are set. Fills in the bytes.
    void Fill(GroupVolume& group) const;

    ModelSpec m_model;        //!< sizes
    ParallelPlan m_plan;      //!< ranks
    TrafficOptions m_options; //!< iteration
};

} // namespace mixnetcore

#endif // TRAFFIC_VOLUME_H
