/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "control-options.h"

#include "ns3/ns3-units.h"
#include "ns3/reconfiguration-policy.h"
#include "ns3/string.h"

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* TENSOR_ALGORITHM = "tensorAlgorithm"; //!< an option
constexpr const char* AUTOMATIC = "auto";                   //!< in place of a name

} // namespace

void
AddControlOptions(ProgramOptions& options)
{
    options.Add("policy",
                "When circuits change: block (dispatch waits for its circuits) or reuse (dispatch "
                "keeps those that are there)",
                "block");
    options.Add("controlLatency", "Latency between hosts and controller, each way", "0us");
}

ControlScenario
ParseControlOptions(const ProgramOptions& options)
{
    const auto latency = options.Duration("controlLatency");
    return {OneOf(mixnetcore::ReconfigurationPolicyNames(), "policy", options.Text("policy")),
            latency};
}

void
AddTensorAlgorithmOption(ProgramOptions& options)
{
    options.Add(TENSOR_ALGORITHM,
                "Steps of tensor-parallel collectives: direct, ring, merged (one flow per member), "
                "or auto for direct, and with --gpus for merged",
                AUTOMATIC);
}

std::string
ParseTensorAlgorithm(const ProgramOptions& options, const std::string& automatic)
{
    const auto name = OneOf({AUTOMATIC, "direct", "ring", "merged"},
                            TENSOR_ALGORITHM,
                            options.Text(TENSOR_ALGORITHM));
    return name == AUTOMATIC ? automatic : name;
}

std::string
DescribeCircuits(const FabricScenario& fabric, const ControlScenario& control)
{
    return "policy " + control.policy + ", allocator " + fabric.allocator + ", blackout " +
           fabric.blackout;
}

TrainingHelper
MakeTrainingHelper(const FabricScenario& fabric,
                   const ControlScenario& control,
                   const std::string& tensorAlgorithm)
{
    TrainingHelper helper;
    helper.SetApplicationAttribute("TensorAlgorithm", StringValue(tensorAlgorithm));
    helper.SetControllerAttribute("Allocator", StringValue(fabric.allocator));
    helper.SetControllerAttribute("ControlLatency", TimeValue(ToTime(control.latency)));
    helper.SetControllerAttribute("Policy", StringValue(control.policy));
    helper.SetControllerAttribute("NumaRule", StringValue(fabric.numaRule));
    return helper;
}

} // namespace mixnet
} // namespace ns3
