/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OPTIMIZER_MODEL_H
#define OPTIMIZER_MODEL_H

#include "ns3/mixnet-units.h"
#include "ns3/model-parameters.h"

#include <optional>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief How long a GPU takes to update its parameters: Adam in mixed precision, bound by memory.
 *
 * Weights are BF16 with an FP32 copy, gradients and both moments are FP32. Each parameter is
 * touched once, so the time is the bytes moved over the bandwidth of the GPU's memory:
 *
 * | bytes | what                                                  |
 * |-------|-------------------------------------------------------|
 * | 4     | gradient read                                         |
 * | 8     | FP32 copy read and written                            |
 * | 16    | both moments read and written                         |
 * | 2     | BF16 weight written                                   |
 *
 * With a distributed optimizer each of the replicas of a parameter updates its share of them.
 *
 * Not modelled: clipping and zeroing of gradients, the fraction of the peak that memory reaches
 * (give a lower bandwidth instead), the all-gather of updated weights (a collective).
 *
 * @see Rajbhandari et al.: ZeRO, SC 2020, section 3.1; Megatron Core, distributed optimizer: "bf16
 * parameters, fp32 gradients", 18 bytes per parameter, 6 + 12 / d distributed
 */
class OptimizerModel
{
  public:
    static constexpr uint64_t BYTES_MOVED_PER_PARAMETER = 4 + 8 + 16 + 2; //!< see above

    /**
     * @param memoryBandwidth Bandwidth of a GPU's memory; above zero.
     * @throws std::invalid_argument when it is zero.
     */
    explicit OptimizerModel(BitsPerSecond memoryBandwidth);

    /**
     * @param given Time of every step, for those who measured it; zero or more.
     * @throws std::invalid_argument when it is negative.
     */
    explicit OptimizerModel(Picoseconds given);

    /**
     * @param held Parameters that the GPU holds.
     * @param shares GPUs that share the update of these parameters: replicas with a distributed
     *        optimizer, otherwise 1; at least 1.
     * @return time of the GPU's part of the step, rounded up to whole parameters; the given time if
     *         there is one.
     * @throws std::invalid_argument when @p shares is zero.
     */
    Picoseconds Step(Parameters held, uint64_t shares) const;

  private:
    BitsPerSecond m_memoryBandwidth;    //!< of a GPU
    std::optional<Picoseconds> m_given; //!< measured time
};

} // namespace mixnetcore

#endif // OPTIMIZER_MODEL_H
