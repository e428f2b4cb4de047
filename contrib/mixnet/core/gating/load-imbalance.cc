/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "load-imbalance.h"

#include <algorithm>

namespace mixnetcore
{

void
LoadImbalance::Add(const std::vector<Tokens>& arrived)
{
    double sum = 0;
    double hottest = 0;
    for (const auto& tokens : arrived)
    {
        sum += tokens.Count();
        hottest = std::max<double>(hottest, tokens.Count());
    }
    if (sum > 0)
    {
        const double ratio = hottest * arrived.size() / sum;
        ++m_gatings;
        m_sum += ratio;
        m_worst = std::max(m_worst, ratio);
    }
}

} // namespace mixnetcore
