/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "planner-checks.h"

#include <stdexcept>

namespace mixnetcore
{

void
CheckHostsAndDelay(uint32_t hosts, Picoseconds linkDelay)
{
    if (hosts == 0)
    {
        throw std::invalid_argument("hosts = 0: at least 1");
    }
    if (linkDelay < Picoseconds::zero())
    {
        throw std::invalid_argument("linkDelay = " + std::to_string(linkDelay.count()) +
                                    " ps: at least 0 ps");
    }
}

void
CheckNoOpticalNics(const HostSpec& host, const std::string& fabric)
{
    if (host.opticalDegree != 0)
    {
        throw std::invalid_argument("opticalDegree = " + std::to_string(host.opticalDegree) +
                                    ": 0 on " + fabric);
    }
}

} // namespace mixnetcore
