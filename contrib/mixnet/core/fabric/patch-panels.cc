/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "patch-panels.h"

namespace mixnetcore
{

Registry<bool>&
PanelLayouts()
{
    static Registry<bool> registry("panel layout",
                                   {{"per-nic", false, "NIC i of every server on panel i"},
                                    {"flat", true, "all NICs on one panel"}});
    return registry;
}

Registry<bool>&
CircuitKinds()
{
    static Registry<bool> registry(
        "kind of circuit",
        {{"simplex", false, "one way: a NIC sends to one server and receives from another"},
         {"duplex", true, "both directions: a ring takes two NICs of a server"}});
    return registry;
}

} // namespace mixnetcore
