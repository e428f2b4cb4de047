/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-animation.h"

#include <algorithm>
#include <array>

namespace ns3
{
namespace mixnet
{

namespace
{

using mixnetcore::PhaseKey;
using mixnetcore::PhaseKind;
using RankState = MoeTrainingApplication::RankState; //!< of ranks

/// What servers do, with the colours that plots have for it, lighter so that text can be read.
struct Doing
{
    const char* label;    //!< for the legend
    PictureColour colour; //!< of a server
};

constexpr Doing ATTENTION{"attention, gating", {171, 227, 246}}; //!< before the experts
constexpr Doing TENSOR{"TP collectives", {227, 218, 152}};       //!< all-gathers, reduce-scatters
constexpr Doing DISPATCH{"dispatch", {246, 171, 180}};           //!< tokens to experts
constexpr Doing EXPERT{"expert", {152, 180, 208}};               //!< work of experts
constexpr Doing COMBINE{"combine", {208, 143, 180}};             //!< results back
constexpr Doing OTHER{"embedding, head, optimizer", {133, 190, 143}}; //!< at the ends of the model
constexpr Doing CIRCUITS{"waiting for circuits", {170, 170, 170}};    //!< a dispatch that has none
constexpr Doing WAITING{"waiting for another stage, gradients",
                        {204, 204, 204}};                //!< for what others send
constexpr Doing IDLE_SERVER{"nothing", {238, 238, 238}}; //!< not begun, or through

constexpr std::array ALL_DOINGS{ATTENTION,
                                DISPATCH,
                                EXPERT,
                                COMBINE,
                                TENSOR,
                                OTHER,
                                CIRCUITS,
                                WAITING,
                                IDLE_SERVER}; //!< in the order of the legend

/// @param phase A phase. @return what a server does in it.
const Doing&
DoingOf(const PhaseKey& phase)
{
    if (phase.IsTensorCollective())
    {
        return TENSOR;
    }
    switch (phase.kind)
    {
    case PhaseKind::Attention:
    case PhaseKind::Gating:
        return ATTENTION;
    case PhaseKind::Dispatch:
        return DISPATCH;
    case PhaseKind::Combine:
        return COMBINE;
    case PhaseKind::Expert:
    case PhaseKind::Dense:
        return EXPERT;
    default:
        return OTHER;
    }
}

/// @param phase A phase. @return whether a rank goes on beside it.
bool
IsBeside(const PhaseKey& phase)
{
    return phase.kind == PhaseKind::PipelineSend || phase.IsGradientReduce();
}

} // namespace

TrainingAnimation::TrainingAnimation(const AnimationSpec& spec,
                                     const Fabric& fabric,
                                     const std::vector<TrainingGroup>& groups,
                                     const std::string& title)
    : m_fabricAnimation(spec, fabric, title),
      m_servers(fabric.plan->hosts)
{
    for (const auto& doing : ALL_DOINGS)
    {
        m_fabricAnimation.AddLegend(doing.colour, doing.label);
    }
    m_waited = m_fabricAnimation.Scene().AddCounter("waited for circuits, ms");
    m_fabricAnimation.Begin();
    for (const auto& group : groups)
    {
        for (size_t endpoint = 0; endpoint < group.applications.size(); ++endpoint)
        {
            const auto host = group.transports[endpoint]->GetHost();
            const auto& application = group.applications[endpoint];
            application->TraceConnectWithoutContext(
                "PhaseBegin",
                MakeCallback(&TrainingAnimation::HandleBegin, this).Bind(host));
            application->TraceConnectWithoutContext(
                "StateTransition",
                MakeCallback(&TrainingAnimation::HandleState, this).Bind(host));
            application->TraceConnectWithoutContext(
                "WaitedForCircuits",
                MakeCallback(&TrainingAnimation::HandleWait, this).Bind(host));
        }
    }
}

void
TrainingAnimation::Show(uint32_t host, uint32_t rank, const Activity& activity)
{
    auto& ranks = m_servers[host].ranks;
    ranks[rank] = activity;
    const auto shown = std::find_if(ranks.begin(), ranks.end(), [](const auto& entry) {
        return !entry.second.label.empty();
    });
    if (shown == ranks.end())
    {
        m_fabricAnimation.ShowServer(host, IDLE_SERVER.colour, "");
    }
    else
    {
        m_fabricAnimation.ShowServer(host, shown->second.colour, '\n' + shown->second.label);
    }
}

void
TrainingAnimation::HandleBegin(uint32_t host, const PhaseKey& phase, uint32_t rank)
{
    if (IsBeside(phase))
    {
        return;
    }
    const bool isBack = phase.direction == mixnetcore::Direction::Backward;
    Show(host,
         rank,
         {DoingOf(phase).colour,
          mixnetcore::ToString(phase.kind) + (isBack ? " back" : "") + "\nL" +
              std::to_string(phase.layer) + ", mb " + std::to_string(phase.microbatch)});
}

void
TrainingAnimation::HandleState(uint32_t host, uint32_t rank, RankState /* from */, RankState to)
{
    if (to == RankState::Idle)
    {
        Show(host, rank, {IDLE_SERVER.colour, ""});
    }
    else if (to == RankState::AwaitingCircuits)
    {
        Show(host, rank, {CIRCUITS.colour, "waiting for\ncircuits"});
    }
    else if (to == RankState::AwaitingStage)
    {
        Show(host, rank, {WAITING.colour, "waiting for\nanother stage"});
    }
    else if (to == RankState::AwaitingGradients)
    {
        Show(host, rank, {WAITING.colour, "waiting for\ngradients"});
    }
}

void
TrainingAnimation::HandleWait(uint32_t host,
                              const PhaseKey& /* phase */,
                              uint32_t /* rank */,
                              Time exposed)
{
    if (!exposed.IsZero())
    {
        m_servers[host].waited += exposed.GetPicoSeconds() * 1e-9;
        m_fabricAnimation.Scene().Count(m_waited, host, m_servers[host].waited);
    }
}

} // namespace mixnet
} // namespace ns3
