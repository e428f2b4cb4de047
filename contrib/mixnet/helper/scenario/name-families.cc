/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "name-families.h"

#include "ns3/all-to-all-router.h"
#include "ns3/circuit-allocator.h"
#include "ns3/congestion-control.h"
#include "ns3/demand-source.h"
#include "ns3/expert-loads.h"
#include "ns3/fabric-parts.h"
#include "ns3/fabric-planner.h"
#include "ns3/gpu-type.h"
#include "ns3/model-spec.h"
#include "ns3/numa-split.h"
#include "ns3/ocs-technology.h"
#include "ns3/patch-panels.h"
#include "ns3/pipeline-schedule.h"
#include "ns3/port-selector.h"
#include "ns3/preset.h"
#include "ns3/price-list.h"
#include "ns3/reconfiguration-policy.h"
#include "ns3/tensor-schedule.h"
#include "ns3/token-dispatch.h"
#include "ns3/traffic-pattern.h"

namespace ns3
{
namespace mixnet
{

std::vector<NameFamily>
NameFamilies()
{
    using namespace mixnetcore;
    return {
        {"models", "Models", "model", &Models()},
        {"presets", "Presets", "preset", &Presets()},
        {"fabrics", "FabricPlanners", "fabric", &FabricPlanners()},
        {"circuit allocators", "CircuitAllocators", "allocator", &CircuitAllocators()},
        {"reconfiguration policies",
         "ReconfigurationPolicies",
         "policy",
         &ReconfigurationPolicies()},
        {"demand sources", "DemandSources", "demandSource", &DemandSources()},
        {"OCS technologies", "OcsTechnologies", "ocsTechnology", &OcsTechnologies()},
        {"rules for circuits and halves of servers", "NumaRules", "numaRule", &NumaRules()},
        {"routers, as fabrics name them", "AllToAllRouters", "forwarding", &AllToAllRouters()},
        {"congestion controls", "CongestionControls", "congestionControl", &CongestionControls()},
        {"choices of an equal-cost port", "PortSelectors", "loadBalancing", &PortSelectors()},
        {"pipeline schedules", "PipelineSchedules", "schedule", &PipelineSchedules()},
        {"tensor-parallel algorithms", "TensorAlgorithms", "tensorAlgorithm", &TensorAlgorithms()},
        {"expert loads", "ExpertLoads", "expertLoad", &ExpertLoads()},
        {"deduplication of tokens", "Deduplications", "deduplicate", &Deduplications()},
        {"GPU types", "GpuTypes", "gpuType", &GpuTypes()},
        {"layouts of patch panels", "PanelLayouts", "panels", &PanelLayouts()},
        {"kinds of circuits of patch panels", "CircuitKinds", "circuits", &CircuitKinds()},
        {"prices of parts", "PriceLists", "prices", &PriceLists()},
        {"links to leaf switches", "ShortLinks", "shortLinks", &ShortLinks()},
        {"fan-outs of NICs", "OcsFanOuts", "fanOut", &OcsFanOuts()},
        {"traffic patterns of all-to-all", "TrafficPatterns", "pattern", &TrafficPatterns()},
    };
}

} // namespace mixnet
} // namespace ns3
