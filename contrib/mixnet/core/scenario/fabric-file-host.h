/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_FILE_HOST_H
#define FABRIC_FILE_HOST_H

#include "ns3/host-plan.h"
#include "ns3/json-item.h"

#include <nlohmann/json_fwd.hpp>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Reads what servers of a fabric file are made of.
 * @param item The object "host".
 * @param linkRate Of NICs that say nothing.
 * @return the inside of every host.
 * @throws std::invalid_argument with one line: file, field, value and rule.
 */
HostPlan ReadHost(const JsonItem& item, BitsPerSecond linkRate);

/**
 * @ingroup mixnet-core
 * @param host The inside of every host.
 * @param linkRate Of NICs that say nothing.
 * @return the object "host" of a fabric file, from which ReadHost() makes the same.
 */
nlohmann::ordered_json HostJson(const HostPlan& host, BitsPerSecond linkRate);

} // namespace mixnetcore

#endif // FABRIC_FILE_HOST_H
