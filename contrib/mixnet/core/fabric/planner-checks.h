/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PLANNER_CHECKS_H
#define PLANNER_CHECKS_H

#include "host-plan.h"

#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Checks what all planners of fabrics take.
 * @param hosts Servers.
 * @param linkDelay Propagation of a fibre.
 * @throws std::invalid_argument when there are no servers or the delay is negative; the message
 * names field, value and range.
 */
void CheckHostsAndDelay(uint32_t hosts, Picoseconds linkDelay);

/**
 * @ingroup mixnet-core
 * @brief Checks that hosts suit a fabric without optical circuit switches.
 * @param host Inside of each.
 * @param fabric What is planned, as in "on a fat-tree".
 * @throws std::invalid_argument when a NIC is optical; the message names field, value and range.
 */
void CheckNoOpticalNics(const HostSpec& host, const std::string& fabric);

} // namespace mixnetcore

#endif // PLANNER_CHECKS_H
