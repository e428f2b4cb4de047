/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "control-options.h"

#include "ns3/demand-source.h"
#include "ns3/double.h"
#include "ns3/ns3-units.h"
#include "ns3/reconfiguration-policy.h"
#include "ns3/string.h"
#include "ns3/tensor-schedule.h"

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* TENSOR_ALGORITHM = "tensorAlgorithm"; //!< an option
constexpr const char* EFFICIENCY = "allToAllEfficiency";    //!< an option
constexpr const char* AUTOMATIC = "auto";                   //!< in place of a name

/// @param options The options. @return share of line rate that all-to-alls achieve.
/// @throws std::invalid_argument when it is not above 0 and at most 1.
double
ParseEfficiency(const ProgramOptions& options)
{
    const auto efficiency = options.Number(EFFICIENCY, 0, 1);
    if (efficiency == 0)
    {
        options.Refuse(EFFICIENCY, "must be above 0 and at most 1");
    }
    return efficiency;
}

} // namespace

void
AddControlOptions(ProgramOptions& options)
{
    const auto section = options.Section(OptionGroup::Circuits);
    section.Add("policy", "When circuits change", "block", NEEDS_CIRCUITS)
        .Basic()
        .OneOf("policies", mixnetcore::ReconfigurationPolicies());
    section.Add("controlLatency",
                "Latency of messages between hosts and controller, each way, a time",
                "1us",
                NEEDS_CIRCUITS);
    section
        .Add("demandSource",
             "Where the demands are from that circuits are chosen for",
             "known",
             NEEDS_CIRCUITS)
        .OneOf("demand-sources", mixnetcore::DemandSources());
    options.Reserve("ns3::mixnet::RegionalController::Policy", "policy");
    options.Reserve("ns3::mixnet::RegionalController::DemandSource", "demandSource");
    options.Reserve("ns3::mixnet::RegionalController::ControlLatency", "controlLatency");
    options.Reserve("ns3::mixnet::RegionalController::Allocator", "allocator");
    options.Reserve("ns3::mixnet::RegionalController::NumaRule", "numaRule");
}

ControlScenario
ParseControlOptions(const ProgramOptions& options, const FabricScenario& fabric)
{
    if (fabric.plan.regions.empty())
    {
        return {};
    }
    return {options.Choice("policy", mixnetcore::ReconfigurationPolicies().Names()),
            options.Choice("demandSource", mixnetcore::DemandSources().Names()),
            options.Duration("controlLatency")};
}

void
AddCollectiveOptions(ProgramOptions& options)
{
    options.Section(OptionGroup::Parallelism)
        .Add(TENSOR_ALGORITHM,
             "Steps of tensor-parallel collectives; auto for merged",
             AUTOMATIC,
             "several GPUs per EP rank, --tensorParallel")
        .OneOf("tensor-algorithms", mixnetcore::TensorAlgorithms(), {AUTOMATIC});
    options.Section(OptionGroup::Transport)
        .Add(EFFICIENCY,
             "Share of line rate that all-to-alls of expert parallelism achieve, above 0, at most "
             "1: their messages take as long as bytes / share would",
             "1");
    options.Reserve("ns3::mixnet::MoeTrainingApplication::TensorAlgorithm", TENSOR_ALGORITHM);
    options.Reserve("ns3::mixnet::MoeTrainingApplication::AllToAllEfficiency", EFFICIENCY);
}

CollectiveScenario
ParseCollectiveOptions(const ProgramOptions& options, uint64_t tensorParallel)
{
    std::string name = AUTOMATIC;
    if (tensorParallel > 1)
    {
        auto names = mixnetcore::TensorAlgorithms().Names();
        names.insert(names.begin(), AUTOMATIC);
        name = options.Choice(TENSOR_ALGORITHM, names);
    }
    return {name == AUTOMATIC ? "merged" : name, ParseEfficiency(options)};
}

std::string
DescribeCircuits(const FabricScenario& fabric, const ControlScenario& control)
{
    return "policy " + control.policy +
           (control.demandSource == "known" ? "" : ", demand " + control.demandSource) +
           ", allocator " + fabric.allocator + ", blackout " + fabric.blackout;
}

TrainingHelper
MakeTrainingHelper(const FabricScenario& fabric,
                   const ControlScenario& control,
                   const CollectiveScenario& collectives)
{
    TrainingHelper helper;
    helper.SetApplicationAttribute("TensorAlgorithm", StringValue(collectives.tensorAlgorithm));
    helper.SetApplicationAttribute("AllToAllEfficiency",
                                   DoubleValue(collectives.allToAllEfficiency));
    helper.SetControllerAttribute("Allocator", StringValue(fabric.allocator));
    helper.SetControllerAttribute("ControlLatency", TimeValue(ToTime(control.latency)));
    helper.SetControllerAttribute("Policy", StringValue(control.policy));
    helper.SetControllerAttribute("DemandSource", StringValue(control.demandSource));
    helper.SetControllerAttribute("NumaRule", StringValue(fabric.numaRule));
    return helper;
}

} // namespace mixnet
} // namespace ns3
