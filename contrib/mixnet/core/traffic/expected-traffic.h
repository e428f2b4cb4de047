/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef EXPECTED_TRAFFIC_H
#define EXPECTED_TRAFFIC_H

#include "host-traffic.h"
#include "traffic-volume.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What a job is expected to send between hosts in an iteration, before it runs: with an even
 * load of experts.
 *
 * Bytes of a tensor or expert group are the same between all pairs of its ranks, activations go to
 * the next stage and their gradients back. Gradients are those of AllReduceGroup: ranks that reduce
 * the same parameters on the same hosts are one group there, as a host reduces its own first.
 *
 * @param volume Model, plan and iteration.
 * @param gradientBytes Of a parameter, as it is reduced.
 * @return bytes between hosts; nothing of what stays inside.
 */
HostTraffic ExpectedTraffic(const TrafficVolume& volume, uint64_t gradientBytes);

} // namespace mixnetcore

#endif // EXPECTED_TRAFFIC_H
