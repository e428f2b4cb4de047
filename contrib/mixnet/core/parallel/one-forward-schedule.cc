/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "one-forward-schedule.h"

namespace mixnetcore
{

} // namespace mixnetcore
