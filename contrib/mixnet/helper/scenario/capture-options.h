/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CAPTURE_OPTIONS_H
#define CAPTURE_OPTIONS_H

#include "fabric-options.h"
#include "program-options.h"

#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What to capture, and where to.
 */
struct CaptureSpec
{
    std::string folder;                        //!< where files go; empty for no capture
    std::vector<mixnetcore::PortPlan> ports{}; //!< Ethernet ports of the plan
};

/**
 * @ingroup mixnet
 * @brief Declares the options of captures: --pcap and --pcapPorts.
 * @param options Options of a program.
 */
void AddCaptureOptions(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Reads what AddCaptureOptions declares.
 * @param options Options of a program, read.
 * @param scenario Its fabric as options describe it.
 * @return what to capture.
 * @throws std::invalid_argument with one line when a port does not exist, or has no packets to
 * capture.
 */
CaptureSpec ParseCapture(const ProgramOptions& options, const FabricScenario& scenario);

} // namespace mixnet
} // namespace ns3

#endif // CAPTURE_OPTIONS_H
