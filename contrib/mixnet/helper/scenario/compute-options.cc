/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "compute-options.h"

#include "ns3/compute-profile.h"
#include "ns3/gpu-type.h"
#include "ns3/option-names.h"

#include <algorithm>
#include <optional>
#include <sstream>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* GPU_TYPE = "gpuType"; //!< an option, and in place of a rate: that of the type

/**
 * @param options The options. @param type The kind of GPU.
 * @param isComputed Whether any time follows from the rate.
 * @return its rate in training.
 */
mixnetcore::FlopsPerSecond
ParseRate(const ProgramOptions& options, const mixnetcore::GpuType& type, bool isComputed)
{
    if (!isComputed)
    {
        return type.peak; // that of no time
    }
    if (options.Text("teraflops") == GPU_TYPE)
    {
        if (type.achieved == mixnetcore::FlopsPerSecond(0))
        {
            options.Refuse(GPU_TYPE,
                           "needs --teraflops, since no rate in training is published (peak " +
                               std::to_string(type.peak.Count() / 1'000'000'000'000) + ")");
        }
        return type.achieved;
    }
    const auto teraflops = options.Number("teraflops", 1e-3, 1e6, "TFLOP/s");
    return mixnetcore::FlopsPerSecond(static_cast<uint64_t>(teraflops * 1e12));
}

/// @param options The options. @return measured times, if any.
std::optional<mixnetcore::ComputeProfile>
ParseProfile(const ProgramOptions& options)
{
    const auto& path = options.Text("computeProfile");
    return path == ProgramOptions::NONE ? std::nullopt
                                        : std::optional(mixnetcore::ComputeProfile::FromFile(path));
}

/**
 * @param model A model. @param profile Measured times, if any.
 * @return whether some work of the model is not among them.
 */
bool
IsComputed(const mixnetcore::ModelSpec& model,
           const std::optional<mixnetcore::ComputeProfile>& profile)
{
    using mixnetcore::ComputeKind;
    const auto& kinds = mixnetcore::ComputeKinds();
    return !profile || std::any_of(kinds.begin(), kinds.end(), [&](ComputeKind kind) {
        const bool isAbsent = (kind == ComputeKind::SharedExpert && model.sharedFfn == 0) ||
                              (kind == ComputeKind::Dense && model.denseLayers == 0);
        return !isAbsent && !profile->TimeOf(kind);
    });
}

/// @param type The kind of GPU. @param profile Measured times. @return how long a step takes.
mixnetcore::OptimizerModel
OptimizerOf(const mixnetcore::GpuType& type,
            const std::optional<mixnetcore::ComputeProfile>& profile)
{
    return profile && profile->Optimizer() ? mixnetcore::OptimizerModel(*profile->Optimizer())
                                           : mixnetcore::OptimizerModel(type.memoryBandwidth);
}

} // namespace

void
AddGpuTypeOption(ProgramOptions& options)
{
    options.Section(OptionGroup::Compute)
        .Add(GPU_TYPE,
             "GPUs, with their NVLink, their memory and the rate they achieve in training",
             mixnetcore::GpuTypes().Names().front(),
             "--nvswitchRate=gpuType")
        .Basic()
        .OneOf("gpu-types", mixnetcore::GpuTypes());
}

const mixnetcore::GpuType&
ParseGpuType(const ProgramOptions& options)
{
    return mixnetcore::GpuTypes().Get(options.Choice(GPU_TYPE, mixnetcore::GpuTypes().Names()));
}

mixnetcore::BitsPerSecond
ParseNvlinkRate(const ProgramOptions& options, const std::string& name)
{
    return options.Text(name) == GPU_TYPE ? ParseGpuType(options).nvlink : options.Rate(name);
}

void
AddComputeOptions(ProgramOptions& options)
{
    const auto section = options.Section(OptionGroup::Compute);
    section.Add("teraflops",
                "Achieved TFLOP/s per GPU, or gpuType for what is known of --gpuType",
                GPU_TYPE,
                "operations whose times are not all measured by --computeProfile");
    section.Add("computeProfile",
                "JSON file with measured times of operations, which replace computed ones, or none",
                ProgramOptions::NONE);
}

ComputeScenario
ParseComputeOptions(const ProgramOptions& options,
                    const mixnetcore::ModelSpec& model,
                    uint64_t tensorParallel)
{
    const auto& type = ParseGpuType(options);
    const auto profile = ParseProfile(options);
    const auto rate = ParseRate(options, type, IsComputed(model, profile));
    std::ostringstream text;
    text << type.title << ", " << static_cast<double>(rate.Count()) * 1e-12 << " TFLOP/s"
         << (profile ? "; measured times of " + profile->Description() : "");
    return {
        mixnetcore::ComputeModel(model, tensorParallel, mixnetcore::ComputeRates(rate), profile),
        OptimizerOf(type, profile),
        type,
        text.str()};
}

} // namespace mixnet
} // namespace ns3
