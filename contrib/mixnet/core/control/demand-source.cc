/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "demand-source.h"

#include "ns3/checks.h"

#include <map>

namespace mixnetcore
{

namespace
{

/// Demands as hosts have reported them.
class KnownDemand : public DemandSource
{
  public:
    // Inherited from DemandSource
    std::optional<DemandMatrix> DemandOf(const PhaseKey& dispatch) override
    {
        const auto found = m_demands.find(dispatch);
        return found == m_demands.end() ? std::nullopt : std::optional(found->second);
    }

    void Learn(const PhaseKey& dispatch, const DemandMatrix& demand) override
    {
        m_demands.insert_or_assign(dispatch, demand);
    }

    void Forget(const PhaseKey& dispatch) override
    {
        m_demands.erase(dispatch);
    }

  private:
    std::map<PhaseKey, DemandMatrix> m_demands; //!< those that may still be asked for
};

/// Demands as they are going to be.
class OracleDemand : public DemandSource
{
  public:
    /// @param inAdvance Tells them.
    explicit OracleDemand(DemandInAdvance inAdvance)
        : m_inAdvance(std::move(inAdvance))
    {
        if (!m_inAdvance)
        {
            Refuse("demand source oracle: nobody tells demands in advance");
        }
    }

    // Inherited from DemandSource
    std::optional<DemandMatrix> DemandOf(const PhaseKey& dispatch) override
    {
        return m_inAdvance(dispatch);
    }

    void Learn(const PhaseKey& /* dispatch */, const DemandMatrix& /* demand */) override
    {
    }

    void Forget(const PhaseKey& /* dispatch */) override
    {
    }

  private:
    DemandInAdvance m_inAdvance; //!< tells them
};

} // namespace

Registry<DemandSourceMaker>&
DemandSources()
{
    static Registry<DemandSourceMaker> registry(
        "demand source",
        {{"known",
          [](const auto& /* inAdvance */) { return std::make_unique<KnownDemand>(); },
          "as hosts report it when their gates have run"},
         {"oracle",
          [](const auto& inAdvance) { return std::make_unique<OracleDemand>(inAdvance); },
          "told in advance, as no real controller could"}});
    return registry;
}

} // namespace mixnetcore
