/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef COMPUTE_PROFILE_H
#define COMPUTE_PROFILE_H

#include "compute-kind.h"

#include "ns3/mixnet-units.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Measured times of one kind of work, on all GPUs of a rank together.
 */
struct MeasuredTime
{
    Picoseconds forward{0};  //!< time of the forward pass
    Picoseconds backward{0}; //!< time of the backward pass, without recomputation
    Tokens tokens{0};        //!< tokens of the microbatch it was measured with; of routed experts
                             //!< the assignments that arrived
};

/**
 * @ingroup mixnet-core
 * @brief Times measured on real GPUs, which replace computed ones.
 *
 * A JSON file:
 *
 *     {
 *       "source": "8 x H800, TP 4, trace of 12 May",
 *       "operations": [
 *         {"operation": "attention", "forward": 0.0123, "backward": 0.0251, "tokens": 32768},
 *         {"operation": "expert", "forward": 0.0302, "backward": 0.0611, "tokens": 65536}
 *       ],
 *       "optimizer": 0.018
 *     }
 *
 * Times are in seconds from 0 to 10^6, of one microbatch in one layer (head: in the model), on the
 * GPUs of one rank. The operations are those of ComputeKind; what is not listed is computed. A time
 * is scaled to other numbers of tokens in proportion; sequences are as long as in the measurement.
 * "optimizer", the time of a whole step, is optional.
 */
class ComputeProfile
{
  public:
    /**
     * @param text The text of a file.
     * @param path What messages call it.
     * @return the profile.
     * @throws std::invalid_argument with one line: file, field, value and rule.
     */
    static ComputeProfile Parse(const std::string& text, const std::string& path);

    /**
     * @param path A file.
     * @return the profile in it.
     * @throws std::invalid_argument as Parse(), and when it cannot be read.
     */
    static ComputeProfile FromFile(const std::string& path);

    /// @return where the times are from: file and what it says about itself.
    std::string Description() const
    {
        return m_path + " (" + m_source + ")";
    }

    /// @param kind A kind of work. @return its measured times, or nothing when it is not listed.
    std::optional<MeasuredTime> TimeOf(ComputeKind kind) const;

    /// @return the measured time of an optimizer step, or nothing.
    std::optional<Picoseconds> Optimizer() const
    {
        return m_optimizer;
    }

  private:
    ComputeProfile() = default;

    std::string m_path;                                        //!< file
    std::string m_source;                                      //!< what the file says
    std::vector<std::pair<ComputeKind, MeasuredTime>> m_times; //!< as listed
    std::optional<Picoseconds> m_optimizer;                    //!< of a whole step
};

} // namespace mixnetcore

#endif // COMPUTE_PROFILE_H
