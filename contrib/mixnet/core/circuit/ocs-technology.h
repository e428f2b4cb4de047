/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OCS_TECHNOLOGY_H
#define OCS_TECHNOLOGY_H

#include "ns3/mixnet-units.h"
#include "ns3/registry.h"

#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A kind of optical circuit switch: how many ports, how long a reconfiguration takes.
 */
struct OcsTechnology
{
    std::string name;     //!< name for options and attributes
    std::string title;    //!< technology and an example of a product
    uint32_t ports;       //!< ports at most
    Picoseconds fastest;  //!< shortest reconfiguration
    Picoseconds slowest;  //!< longest reconfiguration
    bool measuredByPairs; //!< whether the prototype's measured profile replaces the two times
};

/**
 * @ingroup mixnet-core
 * @brief The technologies of the paper's Table 2 that report a reconfiguration time, and the
 * prototype's switch as measured in its Figure 21.
 *
 * The robotic patch panel is reported as "several minutes"; two to five are taken.
 *
 * @return the technologies by name.
 */
Registry<OcsTechnology>& OcsTechnologies();

/**
 * @ingroup mixnet-core
 * @brief One quantile of the time that a reconfiguration takes.
 *
 * Uniform between the fastest and the slowest. For the prototype's switch: log-normal, with the
 * mean and the 99th percentile measured for 1, 4 and 16 pairs (41.44, 42.44, 46.75 ms and 60, 62,
 * 68 ms; paper, appendix C), interpolated linearly between them and held beyond. Rounded to whole
 * microseconds, or nanoseconds below 1 ms, so that it does not depend on the machine's
 * mathematical library.
 *
 * @param technology The technology.
 * @param quantile Between 0 and 1, both excluded.
 * @param pairs Circuits that are set up.
 * @return the time.
 */
Picoseconds ReconfigurationTime(const OcsTechnology& technology, double quantile, uint32_t pairs);

} // namespace mixnetcore

#endif // OCS_TECHNOLOGY_H
