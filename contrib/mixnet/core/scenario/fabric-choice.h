/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_CHOICE_H
#define FABRIC_CHOICE_H

#include "ns3/fabric-planner.h"

#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @param options Values of options.
 * @return what --fabric says: one of FabricPlanners() as it is known, or the path of a fabric file
 * as it is given (IsJsonPath()).
 * @throws std::invalid_argument when it is neither, which lists the names.
 */
std::string ParseFabricName(const OptionReader& options);

/**
 * @ingroup mixnet-core
 * @brief Finds how a fabric is planned: by a planner, or by a file that has it all.
 *
 * A fabric file reads no options. Its servers must be those of the site, in number and in GPUs, and
 * its regions, if it has any, the groups of FabricSite::hostsPerRegion in their order.
 *
 * @param name One of FabricPlanners(), or the path of a fabric file, which is read.
 * @return the planner.
 * @throws std::invalid_argument when there is no such name, or as ReadFabricFile().
 */
FabricPlanner FabricPlannerOf(const std::string& name);

/**
 * @ingroup mixnet-core
 * @brief Plans a fabric of a kind, or reads it.
 * @param name One of FabricPlanners(), or the path of a fabric file.
 * @param options Values of options.
 * @param site The servers; of those of a file only numbers of servers and GPUs are looked at.
 * @return the plan, with the name of its kind or the one that the file says.
 * @throws std::invalid_argument with one line that names the option, or the fabric, its value and
 * what is allowed.
 */
FabricPlan PlanFabric(const std::string& name, const OptionReader& options, const FabricSite& site);

} // namespace mixnetcore

#endif // FABRIC_CHOICE_H
