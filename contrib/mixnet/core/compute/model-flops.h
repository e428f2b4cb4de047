/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MODEL_FLOPS_H
#define MODEL_FLOPS_H

#include "compute-model.h"

#include "ns3/model-spec.h"

#include <cstdint>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Which part of a model is trained.
struct TrainedPart
{
    uint64_t moeLayers{0};   //!< layers with experts
    uint64_t denseLayers{0}; //!< layers without
    bool hasHead{false};     //!< whether the output of the model is computed
    bool hasBackward{true};  //!< whether the backward pass follows
};

/**
 * @ingroup mixnet-core
 * @brief Floating-point operations that a microbatch of one EP rank needs.
 *
 * Those of the model, whoever does them: the experts' share is that of the rank's own tokens, k
 * experts each. The backward pass counts twice the forward pass; recomputation does not count, as
 * is usual for the utilization of model FLOPs (MFU).
 *
 * @param compute Operations of each kind of work.
 * @param model Sizes of the model and the microbatch.
 * @param part What is trained.
 * @return operations of all GPUs of the rank together.
 */
double ModelFlopsPerMicrobatch(const ComputeModel& compute,
                               const ModelSpec& model,
                               const TrainedPart& part);

} // namespace mixnetcore

#endif // MODEL_FLOPS_H
