/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef DEMAND_SOURCE_H
#define DEMAND_SOURCE_H

#include "ns3/demand-matrix.h"
#include "ns3/phase-key.h"
#include "ns3/registry.h"

#include <functional>
#include <memory>
#include <optional>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Where a controller has the demands from for which it chooses circuits.
 *
 * A demand is that of a dispatch, forward: bytes from endpoint (row) to endpoint (column). A source
 * may know it when the hosts have reported it, or before: by forecast from those it has learnt, or
 * because it is told.
 */
class DemandSource
{
  public:
    virtual ~DemandSource() = default;

    /**
     * @param dispatch A dispatch, forward.
     * @return its demand; nothing as long as the source has to wait for the hosts.
     */
    virtual std::optional<DemandMatrix> DemandOf(const PhaseKey& dispatch) = 0;

    /**
     * @brief All hosts have reported a demand.
     * @param dispatch Which dispatch's.
     * @param demand The demand.
     */
    virtual void Learn(const PhaseKey& dispatch, const DemandMatrix& demand) = 0;

    /**
     * @brief Nobody is going to ask for a demand again.
     * @param dispatch Which dispatch's.
     */
    virtual void Forget(const PhaseKey& dispatch) = 0;
};

/// @ingroup mixnet-core
/// @brief Tells the demand of a dispatch before its gates have run.
using DemandInAdvance = std::function<DemandMatrix(const PhaseKey&)>;

/// @ingroup mixnet-core
/// @brief Makes a demand source; one that asks nobody in advance may leave the argument.
using DemandSourceMaker = std::function<std::unique_ptr<DemandSource>(const DemandInAdvance&)>;

/**
 * @ingroup mixnet-core
 * @return the demand sources:
 *
 * | name   | a demand is known                                                             |
 * | ------ | ----------------------------------------------------------------------------- |
 * | known  | when the gates of all hosts have run and the hosts have reported it            |
 * | oracle | from the beginning: what no real controller can; the bound of all forecasts    |
 */
Registry<DemandSourceMaker>& DemandSources();

} // namespace mixnetcore

#endif // DEMAND_SOURCE_H
