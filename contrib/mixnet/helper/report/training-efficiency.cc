/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-efficiency.h"

#include "ns3/number-text.h"

#include <iomanip>

namespace ns3
{
namespace mixnet
{

void
TrainingEfficiency::Print(std::ostream& out, int width) const
{
    const auto row = [&out, width](const char* name, const std::string& value) {
        out << std::left << std::setw(width) << name << std::right << std::setw(12) << value << ' ';
    };
    row("TFLOP/s per GPU", mixnetcore::FixedText(flopsPerGpu * 1e-12, 1));
    out << "  of the model, " << mixnetcore::FixedText(100 * Utilization(), 1)
        << " % of the peak of " << gpu.title << ", "
        << mixnetcore::FixedText(gpu.peak.Count() * 1e-12, 0) << "\n";
    row("hottest EP rank", mixnetcore::FixedText(imbalance.Mean(), 2));
    out << "  times the mean's tokens, mean of " << imbalance.Gatings() << " gatings, worst "
        << mixnetcore::FixedText(imbalance.Worst(), 2)
        << "; the hottest sets the time of the experts\n";
    if (bubble)
    {
        row("pipeline bubble", mixnetcore::FixedText(100 * *bubble, 1));
        out << "% of ranks' time; " << mixnetcore::FixedText(100 * balancedBubble, 1)
            << " % with equal stages, (p - 1) / (p - 1 + v m)\n";
    }
}

void
TrainingEfficiency::Write(nlohmann::ordered_json& summary) const
{
    summary["gpuType"] = gpu.name;
    summary["modelFlopsPerGpuPerSecond"] = flopsPerGpu;
    summary["peakFlopsPerGpuPerSecond"] = gpu.peak.Count();
    summary["modelFlopsUtilization"] = Utilization();
    summary["expertImbalance"] = imbalance.Mean();
    summary["worstExpertImbalance"] = imbalance.Worst();
    if (bubble)
    {
        summary["bubbleShare"] = *bubble;
        summary["balancedBubbleShare"] = balancedBubble;
    }
}

} // namespace mixnet
} // namespace ns3
