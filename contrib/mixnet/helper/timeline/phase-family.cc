/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "phase-family.h"

namespace ns3
{
namespace mixnet
{

PhaseFamily
FamilyOf(const mixnetcore::PhaseKey& phase)
{
    using mixnetcore::PhaseKind;
    if (phase.IsAllToAll())
    {
        return PhaseFamily::AllToAll;
    }
    if (phase.IsTensorCollective())
    {
        return PhaseFamily::Tensor;
    }
    if (phase.IsGradientReduce())
    {
        return PhaseFamily::Gradients;
    }
    const bool isPipeline =
        phase.kind == PhaseKind::PipelineReceive || phase.kind == PhaseKind::PipelineSend;
    return isPipeline ? PhaseFamily::Pipeline : PhaseFamily::Compute;
}

const char*
TraceNameOf(PhaseFamily family)
{
    constexpr const char* NAMES[PHASE_FAMILIES] =
        {"compute", "tensor parallelism", "all-to-all", "waiting", "pipeline", "gradients"};
    return NAMES[static_cast<uint32_t>(family)];
}

std::string
TraceNameOf(const mixnetcore::PhaseKey& phase)
{
    const bool isBack = phase.direction == mixnetcore::Direction::Backward;
    return mixnetcore::ToString(phase.kind) + (isBack ? " back" : phase.recompute ? " again" : "");
}

std::string
GroupNameOf(const mixnetcore::PhaseKey& phase)
{
    return "stage " + std::to_string(phase.stage) + ", replica " + std::to_string(phase.replica);
}

} // namespace mixnet
} // namespace ns3
