/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_DESCRIPTION_H
#define FABRIC_DESCRIPTION_H

#include "ns3/fabric-options.h"

#include <string>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @param scenario A fabric as options describe it. @return its NICs and frames, for people.
std::string DescribeFabric(const FabricScenario& scenario);

/// @ingroup mixnet
/// @param host Inside of a server. @return line rates of its NICs, for people: one where all are
/// alike.
std::string DescribeNicRates(const mixnetcore::HostPlan& host);

/// @ingroup mixnet
/// @param scenario A fabric. @return what frames are on its lines: MTU, and load balancing where
/// there are packet switches, for people.
std::string DescribeFrames(const FabricScenario& scenario);

/// @ingroup mixnet
/// @param host Inside of a server. @return what joins its GPUs, for people.
std::string DescribeServer(const mixnetcore::HostPlan& host);

/// @ingroup mixnet
/// @param scenario A fabric. @return the forwarding inside of servers and what it means, for
/// people.
std::string DescribeForwarding(const FabricScenario& scenario);

/// @ingroup mixnet
/// @param scenario A fabric as options describe it. @return how it is simulated, for people.
std::string DescribeFidelity(const FabricScenario& scenario);

/**
 * @ingroup mixnet
 * @param scenario A fabric as options describe it.
 * @param fabric The same, after a run.
 * @return a row for people when messages were flows and packets would have waited for buffer; empty
 * otherwise.
 */
std::string DescribeBuffers(const FabricScenario& scenario, const Fabric& fabric);

/**
 * @ingroup mixnet
 * @param scenario A fabric as options describe it. @param fabric The same, installed.
 * @return a line for people when the given pipeline of chunks holds a message below line rate;
 * empty otherwise.
 */
std::string DescribePipeline(const FabricScenario& scenario, const Fabric& fabric);

/**
 * @ingroup mixnet
 * @param fabric A fabric, after a run.
 * @return a line for people when cuts have left pairs of leaves without a path, or with one that
 * goes down and up again; empty otherwise.
 */
std::string DescribePaths(const Fabric& fabric);

} // namespace mixnet
} // namespace ns3

#endif // FABRIC_DESCRIPTION_H
