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
      "timeline"}},
    {"packet-hop-benchmark", {"rounds", "endpoints", "bytes", "packets", "mtu"}},
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

/// @param options Options of a program. @param name A name. @return whether it offers it.
bool
Offers(const ProgramOptions& options, const std::string& name)
{
    return options.Has(name) && !options.IsWithdrawn(name);
}

} // namespace

std::vector<std::string>
ProgramsWithOption(const std::string& name)
{
    ProgramOptions work("");
    AddLoadOptions(work);
    AddDeduplicationOption(work);
    AddComputeOptions(work);
    ProgramOptions load("");
    AddLoadOptions(load);
    std::vector<std::string> programs;
    const auto add = [&programs](const std::string& program, bool isThere) {
        if (isThere)
        {
            programs.push_back(program);
        }
    };
    add("mixnet-training", Offers(DeclareTrainingOptions(), name));
    add("all-to-all", Offers(DeclareAllToAllOptions(), name));
    for (const auto& [program, own] : OWN_OPTIONS)
    {
        const bool isOwn = std::find(own.begin(), own.end(), name) != own.end();
        add(program,
            isOwn || (program == "training-graph" && work.Has(name)) ||
                (program == "training-traffic" && load.Has(name)));
    }
    return programs;
}

const std::vector<std::string>&
OwnOptionsOf(const std::string& program)
{
    return OWN_OPTIONS.at(program);
}

} // namespace mixnet
} // namespace ns3
