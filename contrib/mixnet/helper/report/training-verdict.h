/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_VERDICT_H
#define TRAINING_VERDICT_H

#include "training-efficiency.h"

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A run of training in five lines: how long an iteration takes, what decides that, how well
 * all-to-alls use their lines, what circuits do, and how even the load is.
 */
struct TrainingVerdict
{
    double seconds{0};                                   //!< of an iteration, mean
    double tokensPerSecond{0};                           //!< that it trains
    TrainingEfficiency efficiency;                       //!< of GPUs
    std::vector<std::pair<std::string, double>> parts{}; //!< of its critical path, seconds
    double allToAlls{0};     //!< from their first ranks' begins to their last ranks' ends, seconds
    double bound{0};         //!< the least that their bytes take of circuits and lines, seconds
    bool hasCircuits{false}; //!< whether the fabric has any
    double opticalBytes{0};  //!< payload that crossed circuits
    double electricalBytes{0};  //!< that crossed packet switches
    double blackouts{0};        //!< of an iteration, mean of regions, seconds
    double exposedBlackouts{0}; //!< of them, what ranks waited for alone, seconds

    /// @param out Where to print. @brief Prints the five lines.
    void Print(std::ostream& out) const;
};

} // namespace mixnet
} // namespace ns3

#endif // TRAINING_VERDICT_H
