/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "optimizer-model.h"

#include "ns3/checks.h"

namespace mixnetcore
{

OptimizerModel::OptimizerModel(BitsPerSecond memoryBandwidth)
    : m_memoryBandwidth(memoryBandwidth)
{
    if (memoryBandwidth.Count() == 0)
    {
        Refuse("memory bandwidth is 0 b/s; expected more");
    }
}

OptimizerModel::OptimizerModel(Picoseconds given)
    : m_given(given)
{
    if (given.count() < 0)
    {
        Refuse(Phrase() << "time of an optimizer step is " << given.count()
                        << " ps; expected zero or more");
    }
}

Picoseconds
OptimizerModel::Step(Parameters held, uint64_t shares) const
{
    if (shares == 0)
    {
        Refuse("optimizer step shared by 0 GPUs; expected at least 1");
    }
    if (m_given)
    {
        return *m_given;
    }
    const auto own = held.Count() / shares + (held.Count() % shares > 0 ? 1 : 0);
    return TransmissionTime(Bytes(own) * BYTES_MOVED_PER_PARAMETER, m_memoryBandwidth);
}

} // namespace mixnetcore
