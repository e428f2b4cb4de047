/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_FILE_WRITER_H
#define FABRIC_FILE_WRITER_H

#include "ns3/fabric-plan.h"

#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Writes a fabric as ParseFabric() reads it.
 *
 * What is read from the text is the plan, with the attachments of regions ascending by port.
 * Numbers are exact. A delay of a control path that has no one-way circuits is left out.
 *
 * @param plan The fabric, as planners make it.
 * @return the text of the file.
 * @throws std::invalid_argument with one line when a region has other attachments or endpoints than
 * those that follow from its links, or a circuit is at a port without a NIC.
 */
std::string WriteFabric(const FabricPlan& plan);

} // namespace mixnetcore

#endif // FABRIC_FILE_WRITER_H
