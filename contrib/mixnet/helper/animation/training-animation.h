/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_ANIMATION_H
#define TRAINING_ANIMATION_H

#include "fabric-animation.h"

#include "ns3/phase-key.h"
#include "ns3/training-helper.h"

#include <map>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Writes a training run as an animation for NetAnim, while it runs: the fabric, and what
 * its servers do.
 *
 * A server has the colour and the name of the phase that its rank is in, with layer and
 * microbatch, or says what it waits for: circuits, another stage, gradients. Where it has several
 * ranks, the first of them that does anything decides. Servers count the time in which their ranks
 * waited for circuits alone.
 *
 * Not shown: pipeline transfers and gradient reduces that run beside what a rank goes on with.
 */
class TrainingAnimation
{
  public:
    /**
     * @param spec Where to write, and how much.
     * @param fabric The fabric; outlives this object, as the groups do.
     * @param groups EP groups to watch.
     * @param title A line above all.
     * @throws std::runtime_error when the file cannot be written, as all other functions.
     */
    TrainingAnimation(const AnimationSpec& spec,
                      const Fabric& fabric,
                      const std::vector<TrainingGroup>& groups,
                      const std::string& title);

    TrainingAnimation(const TrainingAnimation&) = delete;
    TrainingAnimation& operator=(const TrainingAnimation&) = delete;

    /// @brief Ends the file. @return a line that tells where it is, and what was left out.
    std::string Close()
    {
        return m_fabricAnimation.Close();
    }

  private:
    /// @brief What a rank does, as it is shown.
    struct Activity
    {
        PictureColour colour; //!< of its server
        std::string label;    //!< beside it; empty when it does nothing
    };

    /// @brief A server.
    struct Server
    {
        std::map<uint32_t, Activity> ranks; //!< what its ranks do
        double waited{0};                   //!< for circuits, all ranks, ms
    };

    /// @param host A server. @param rank A rank there. @param activity What it does from now on.
    void Show(uint32_t host, uint32_t rank, const Activity& activity);

    /// @param host Of the rank. @param phase What begins. @param rank The rank.
    void HandleBegin(uint32_t host, const mixnetcore::PhaseKey& phase, uint32_t rank);

    /// @param host Of the rank. @param rank The rank. @param from What it did. @param to What it
    /// does from now on.
    void HandleState(uint32_t host,
                     uint32_t rank,
                     MoeTrainingApplication::RankState from,
                     MoeTrainingApplication::RankState to);

    /// @param host Of the rank. @param phase An all-to-all. @param rank The rank. @param exposed It
    /// waited for circuits alone so long.
    void HandleWait(uint32_t host, const mixnetcore::PhaseKey& phase, uint32_t rank, Time exposed);

    FabricAnimation m_fabricAnimation; //!< the fabric, and the file
    std::vector<Server> m_servers;     //!< by host
    uint32_t m_waited{0};              //!< counter of waiting
};

} // namespace mixnet
} // namespace ns3

#endif // TRAINING_ANIMATION_H
