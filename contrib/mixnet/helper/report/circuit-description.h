/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CIRCUIT_DESCRIPTION_H
#define CIRCUIT_DESCRIPTION_H

#include "ns3/fabric-options.h"

#include <nlohmann/json.hpp>
#include <string>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @param scenario A fabric.
 * @return its circuits that no controller commands, what is assumed of them and how far bytes go
 * over them, for people; empty where there are none.
 */
std::string DescribeStandingCircuits(const FabricScenario& scenario);

/**
 * @ingroup mixnet
 * @param scenario A fabric.
 * @return the same for summary.json; null where there are none.
 */
nlohmann::ordered_json SummarizeStandingCircuits(const FabricScenario& scenario);

/**
 * @ingroup mixnet
 * @param fabric A fabric, after a run.
 * @return what servers have passed on for others, for people; empty where that is nothing.
 */
std::string DescribeRelays(const Fabric& fabric);

/**
 * @ingroup mixnet
 * @param fabric A fabric, after a run.
 * @return bytes that each server has passed on, in the order of servers; null where none has any.
 */
nlohmann::ordered_json SummarizeRelays(const Fabric& fabric);

} // namespace mixnet
} // namespace ns3

#endif // CIRCUIT_DESCRIPTION_H
