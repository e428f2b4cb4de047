/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_WORK_H
#define TRAINING_WORK_H

#include "ns3/demand-matrix.h"
#include "ns3/layer-split.h"
#include "ns3/mixnet-units.h"
#include "ns3/phase-key.h"

#include <cstdint>
#include <vector>

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
    DemandMatrix dispatch;        //!< bytes between the GPUs of the group, tokens to experts
    DemandMatrix forwarded;       //!< bytes then passed on between the GPUs of each host; zero
                                  //!< unless tokens are sent once per host
    bool isForwarded{false};      //!< whether any are
};

/**
 * @ingroup mixnet-core
 * @brief What the phases of a training iteration cost: times of work, bytes of communication.
 *
 * A pure function of its arguments. An EP rank is a TP group of GPUs; bytes are those of all its
 * GPUs together.
 */
class TrainingWork
{
  public:
    virtual ~TrainingWork() = default;

    /**
     * @param phase Embedding, attention, gating, expert, dense, head or optimizer.
     * @param expertRank EP rank of the phase's stage and replica.
     * @return how long the rank computes.
     */
    virtual Picoseconds ComputeTime(const PhaseKey& phase, uint32_t expertRank) const = 0;

    /**
     * @param phase A collective of tensor parallelism.
     * @param expertRank EP rank of the phase's stage and replica.
     * @return size of its whole buffer.
     */
    virtual Bytes TensorBytes(const PhaseKey& phase, uint32_t expertRank) const = 0;

    /**
     * @param phase A dispatch or combine, forward or backward.
     * @return bytes from each EP rank (row) to each (column), as they travel in that phase; the
     * diagonal stays where it is.
     */
    virtual DemandMatrix AllToAllBytes(const PhaseKey& phase) const = 0;

    /**
     * @param phase A phase of a layer with experts.
     * @return what its gating asks; valid until the gatings of many other phases have been asked
     * for.
     * @throws std::invalid_argument when the layer has no experts.
     */
    virtual const MoeLayerDemand& DemandOf(const PhaseKey& phase) const = 0;

    /// @return bytes of the activations, or of their gradients, of a rank's microbatch.
    virtual Bytes PipelineBytes() const = 0;

    /**
     * @param kind ExpertReduce or SharedReduce.
     * @param layer Layer of the model; the first has the embedding besides, the last the head.
     * @param expertRank EP rank; decides of experts, makes no difference for the others.
     * @return bytes of such gradients that the rank has of the layer.
     */
    virtual Bytes GradientBytes(PhaseKind kind, uint32_t layer, uint32_t expertRank) const = 0;

    /// @param kind As above. @param ranges Layers of the model. @param expertRank As above.
    /// @return the same of all these layers.
    Bytes GradientBytes(PhaseKind kind,
                        const std::vector<LayerRange>& ranges,
                        uint32_t expertRank) const
    {
        Bytes sum;
        for (const auto& range : ranges)
        {
            for (size_t layer = range.first; layer < range.End(); ++layer)
            {
                sum += GradientBytes(kind, static_cast<uint32_t>(layer), expertRank);
            }
        }
        return sum;
    }
};

} // namespace mixnetcore

#endif // TRAINING_WORK_H
