/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "model-flops.h"

namespace mixnetcore
{

double
ModelFlopsPerMicrobatch(const ComputeModel& compute,
                        const ModelSpec& model,
                        const TrainedPart& part)
{
    const auto work = [&compute](ComputeKind kind, Tokens arrived = Tokens(0)) {
        return static_cast<double>(compute.Work(kind, arrived).Count());
    };
    const double attention = work(ComputeKind::Attention);
    const double experts = work(ComputeKind::Gating) + work(ComputeKind::SharedExpert) +
                           work(ComputeKind::Expert, model.AssignmentsPerMicrobatch());
    const double forward = part.moeLayers * (attention + experts) +
                           part.denseLayers * (attention + work(ComputeKind::Dense)) +
                           (part.hasHead ? work(ComputeKind::Head) : 0);
    return part.hasBackward ? 3 * forward : forward;
}

} // namespace mixnetcore
