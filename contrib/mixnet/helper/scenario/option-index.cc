/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "option-index.h"

#include "all-to-all-scenario.h"
#include "compute-options.h"
#include "load-options.h"
#include "program-options.h"
#include "training-scenario.h"

#include "ns3/option-names.h"

#include <algorithm>
#include <map>

namespace ns3
{
namespace mixnet
{

namespace
{

/// Options that programs declare in their own files, without --config.
const std::map<std::string, std::vector<std::string>> OWN_OPTIONS{
    {"fabric-cost", {"servers",          "linkRates",     "fabrics",
                     "regionServers",    "prices",        "shortLinks",
                     "ocsPorts",         "panelsAs",      "panelPorts",
                     "fanOut",           "radix",         "tiers",
                     "oversubscription", "opticalDegree", "electricalNics",
                     "planes",           "panels",        "nics",
                     "electricalRate",   "uplinkRate",    "output"}},
    {"fabric-plans",
     {"servers",
      "fabrics",
      "regionServers",
      "fidelity",
      "radix",
      "tiers",
      "oversubscription",
      "opticalDegree",
      "electricalNics",
      "planes"}},
    {"fidelity-benchmark",
     {"part", "regions", "packetRegions", "layers", "spacing", "only", "output"}},
    {"ocs-reconfiguration",
     {"reconfigurationDelay",
      "swapAt",
      "swapBackAt",
      "interval",
      "linkRate",
      "messageBytes",
      "mtu",
      "timeline",
      "animation",
      "animationWindow",
      "animationInterval",
      "animationSize",
      "animationUnit"}},
    {"packet-hop-benchmark", {"rounds", "endpoints", "bytes", "packets", "mtu"}},
    {"topoopt-mix",
     {"servers",
      "degrees",
      "shares",
      "linkRate",
      "allReduceBytes",
      "rates",
      "fidelity",
      "diameters",
      "output"}},
    {"training-graph", {"preset",           "model",          "layers",
                        "expertParallel",   "tensorParallel", "pipelineParallel",
                        "dataParallel",     "schedule",       "chunks",
                        "microbatches",     "recompute",      "attentionCollectives",
                        "overlapGradients", "iteration",      "gradientBytes",
                        "linkRate",         "linkDelay",      "gpuType",
                        "nvswitchRate",     "seed",           "output",
                        "timeline"}},
    {"training-traffic",
     {"preset",
      "models",
      "dataParallel",
      "microbatches",
      "recompute",
      "gatherAgain",
      "iterations",
      "interval",
      "layer",
      "iteration",
      "seed",
      "output"}},
};

/**
 * @brief A program and the names of its options.
 */
struct ProgramNames
{
    std::string program;            //!< its name
    std::vector<std::string> names; //!< of its options
};

/// @return all programs, the two that simulate first.
std::vector<ProgramNames>
AllPrograms()
{
    ProgramOptions work("");
    AddLoadOptions(work);
    AddDeduplicationOption(work);
    AddComputeOptions(work);
    ProgramOptions load("");
    AddLoadOptions(load);
    std::vector<ProgramNames> programs{{"mixnet-training", DeclareTrainingOptions().Names()},
                                       {"all-to-all", DeclareAllToAllOptions().Names()}};
    for (const auto& [program, own] : OWN_OPTIONS)
    {
        programs.push_back({program, own});
        const auto shared = program == "training-graph"     ? work.Names()
                            : program == "training-traffic" ? load.Names()
                                                            : std::vector<std::string>();
        auto& names = programs.back().names;
        names.insert(names.end(), shared.begin(), shared.end());
    }
    return programs;
}

} // namespace

std::vector<std::string>
ProgramsWithOption(const std::string& name)
{
    std::vector<std::string> programs;
    for (const auto& [program, names] : AllPrograms())
    {
        if (std::find(names.begin(), names.end(), name) != names.end())
        {
            programs.push_back(program);
        }
    }
    return programs;
}

OptionOfProgram
NearestOptionOfPrograms(const std::string& name)
{
    for (const auto& [program, names] : AllPrograms())
    {
        if (const auto nearest = mixnetcore::NearestName(names, name))
        {
            return {program, *nearest};
        }
    }
    return {};
}

const std::vector<std::string>&
OwnOptionsOf(const std::string& program)
{
    return OWN_OPTIONS.at(program);
}

} // namespace mixnet
} // namespace ns3
