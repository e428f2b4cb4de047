/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SCHEDULE_ROUTES_H
#define SCHEDULE_ROUTES_H

#include "tensor-schedule.h"

#include "ns3/all-to-all-router.h"

#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Finds the routes of a schedule's flows, as far as one host sends them.
 *
 * Inside of the host a flow goes by NVSwitch. What leaves it for another host is routed together,
 * step by step, so that flows of a step share the NICs between the two hosts as an all-to-all
 * would.
 *
 * @param flows Flows of a collective; those of a step have different ends.
 * @param members GPU of each member.
 * @param host The host.
 * @param router Ways between hosts; may be null when none are needed.
 * @return of each flow its transfers, which carry its bytes together; none of flows that begin in
 * another host.
 * @throws std::invalid_argument when a flow leaves the host and there is no router, or no way.
 */
std::vector<std::vector<Transfer>> RoutesOfSchedule(const std::vector<ScheduledFlow>& flows,
                                                    const std::vector<GpuId>& members,
                                                    uint32_t host,
                                                    const AllToAllRouter* router);

} // namespace mixnetcore

#endif // SCHEDULE_ROUTES_H
