/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef REPLICATED_EXPERT_LOAD_H
#define REPLICATED_EXPERT_LOAD_H

#include "expert-load.h"

#include "ns3/expert-copies.h"

#include <map>
#include <memory>
#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A load whose busiest experts have several copies, which share their tokens.
 *
 * Copies are laid for every layer by its first gating of all, of the first replica and microbatch,
 * and stay. Whoever counts the tokens of experts counts those of copies. Not modelled: a balancer
 * that moves copies while a job runs, and the exchange of gradients between the copies of an
 * expert, which training would need; serving, where copies are used, has none.
 *
 * @see ExpertCopies
 */
class ReplicatedExpertLoad : public ExpertLoad
{
  public:
    /**
     * @param load Tokens for experts, each in one place, none of them empty.
     * @param places Places of all copies.
     * @throws std::invalid_argument when there are fewer than experts, or the load's ranks do not
     * divide them.
     */
    ReplicatedExpertLoad(std::shared_ptr<const ExpertLoad> load, size_t places);

    // Inherited from ExpertLoad
    TokenMatrix Draw(const LoadKey& key) const override;
    TokenMatrix DrawDistinct(const LoadKey& key, size_t placesPerGroup) const override;
    std::string Description() const override;

    size_t SourceRanks() const override
    {
        return m_load->SourceRanks();
    }

    size_t Experts() const override
    {
        return m_places;
    }

    bool RepeatsItself() const override
    {
        return m_load->RepeatsItself();
    }

    size_t LoadedRanks() const override
    {
        return m_load->LoadedRanks();
    }

  private:
    /// @param layer Which layer with experts. @return where their copies are.
    const ExpertCopies& CopiesOf(uint32_t layer) const;

    std::shared_ptr<const ExpertLoad> m_load;         //!< for experts
    size_t m_places;                                  //!< of copies
    mutable std::map<uint32_t, ExpertCopies> m_known; //!< copies, by layer
};

} // namespace mixnetcore

#endif // REPLICATED_EXPERT_LOAD_H
