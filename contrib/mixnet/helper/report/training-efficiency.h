/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_EFFICIENCY_H
#define TRAINING_EFFICIENCY_H

#include "ns3/gpu-type.h"
#include "ns3/load-imbalance.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What GPUs make of their peak in a run, and what keeps them from it.
 */
struct TrainingEfficiency
{
    mixnetcore::GpuType gpu;             //!< kind of GPU
    double flopsPerGpu{0};               //!< operations of the model per second and GPU
    mixnetcore::LoadImbalance imbalance; //!< of EP ranks
    std::optional<double> bubble;        //!< share of ranks' time without work; of whole jobs
    double balancedBubble{0};            //!< the same if all work were equal and nothing else slow

    /// @return operations of the model over the peak of all GPUs (MFU).
    double Utilization() const
    {
        return flopsPerGpu / gpu.peak.Count();
    }

    /// @param out Where to print. @param width Columns of a row's name. @brief Prints a row each.
    void Print(std::ostream& out, int width) const;

    /// @param[in,out] summary Gets modelFlopsPerGpuPerSecond, peakFlopsPerGpuPerSecond,
    /// modelFlopsUtilization, expertImbalance, and of jobs bubbleShare and balancedBubbleShare.
    void Write(nlohmann::ordered_json& summary) const;
};

} // namespace mixnet
} // namespace ns3

#endif // TRAINING_EFFICIENCY_H
