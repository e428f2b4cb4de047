/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORT_NAMES_H
#define PORT_NAMES_H

#include "ns3/fabric-plan.h"

#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Reads a list of Ethernet ports: those of hosts and packet switches.
 *
 * A port is the name of its node and its number, as in host0/3. Ports of optical circuit switches
 * see light and no frames, so they are not among them.
 *
 * @param option Name of the option, for messages.
 * @param text What the user gave: ports separated by commas, or all.
 * @param plan The fabric.
 * @return the ports in the order of the plan, each once.
 * @throws std::invalid_argument with one line that names option, text and the ports there are.
 */
std::vector<PortPlan> ParsePorts(const std::string& option,
                                 const std::string& text,
                                 const FabricPlan& plan);

} // namespace mixnetcore

#endif // PORT_NAMES_H
