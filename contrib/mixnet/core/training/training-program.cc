/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-program.h"

#include "ns3/checks.h"

#include <algorithm>
#include <initializer_list>
#include <stdexcept>

namespace mixnetcore
{

namespace
{

/// Kinds of phases, in order.
using Kinds = std::initializer_list<PhaseKind>;

/// Phases of a layer with experts, forward.
constexpr Kinds MOE_FORWARD{PhaseKind::AttentionGather,
                            PhaseKind::Attention,
                            PhaseKind::AttentionScatter,
                            PhaseKind::Gating,
                            PhaseKind::Dispatch,
                            PhaseKind::AllGather,
                            PhaseKind::Expert,
                            PhaseKind::ReduceScatter,
                            PhaseKind::Combine};

/// The same backward.
constexpr Kinds MOE_BACKWARD{PhaseKind::Combine,
                             PhaseKind::AllGather,
                             PhaseKind::Expert,
                             PhaseKind::ReduceScatter,
                             PhaseKind::Dispatch,
                             PhaseKind::Gating,
                             PhaseKind::AttentionGather,
                             PhaseKind::Attention,
                             PhaseKind::AttentionScatter};

/// Phases of a layer without experts, forward.
constexpr Kinds DENSE_FORWARD{PhaseKind::AttentionGather,
                              PhaseKind::Attention,
                              PhaseKind::AttentionScatter,
                              PhaseKind::AllGather,
                              PhaseKind::Dense,
                              PhaseKind::ReduceScatter};

/// The same backward.
constexpr Kinds DENSE_BACKWARD{PhaseKind::AllGather,
                               PhaseKind::Dense,
                               PhaseKind::ReduceScatter,
                               PhaseKind::AttentionGather,
                               PhaseKind::Attention,
                               PhaseKind::AttentionScatter};

/**
 * @param steps Steps of a stage.
 * @param chunks Chunks of a stage.
 * @return of each chunk: place of its last step backward.
 */
std::vector<size_t>
LastSteps(const std::vector<PipelineStep>& steps, uint32_t chunks)
{
    std::vector<size_t> last(chunks, 0);
    for (size_t step = 0; step < steps.size(); ++step)
    {
        if (steps[step].direction == Direction::Backward)
        {
            last[steps[step].chunk] = step;
        }
    }
    return last;
}

} // namespace

TrainingProgramOptions
DefaultTrainingProgram(const ModelSpec& model)
{
    TrainingProgramOptions options;
    options.denseLayers = static_cast<uint32_t>(model.denseLayers);
    options.microbatches = static_cast<uint32_t>(model.microbatches);
    return options;
}

TrainingProgram::TrainingProgram(const ParallelPlan& plan, const TrainingProgramOptions& options)
    : m_plan(plan),
      m_options(options),
      m_shape{static_cast<uint32_t>(plan.PipelineParallel()),
              options.microbatches,
              static_cast<uint32_t>(plan.Layers().ChunksPerStage())}
{
    if (options.denseLayers > plan.Layers().Layers())
    {
        Refuse(Phrase() << "training program with " << options.denseLayers
                        << " dense layers: must be at most the " << plan.Layers().Layers()
                        << " layers");
    }
    CheckExcerpt();
    const auto schedule = PipelineSchedules().Make(options.schedule);
    schedule->Check(m_shape);
    for (uint32_t stage = 0; stage < m_shape.stages; ++stage)
    {
        auto steps = schedule->StepsOf(m_shape, stage);
        const auto isLeftOut = [&options](const PipelineStep& step) {
            return !options.backward && step.direction == Direction::Backward;
        };
        steps.erase(std::remove_if(steps.begin(), steps.end(), isLeftOut), steps.end());
        m_steps.push_back(std::move(steps));
        m_lastSteps.push_back(LastSteps(m_steps.back(), m_shape.chunks));
    }
}

void
TrainingProgram::CheckExcerpt() const
{
    const auto layers = m_plan.Layers().Layers();
    if (m_options.excerpt && (m_options.excerpt->count == 0 || m_options.excerpt->End() > layers))
    {
        Refuse(Phrase() << "training program of " << m_options.excerpt->count << " layers from "
                        << m_options.excerpt->first << " on: must be some of the " << layers
                        << " layers");
    }
    if (m_options.excerpt && (m_shape.stages > 1 || m_shape.chunks > 1))
    {
        Refuse(Phrase() << "training program of some layers on " << m_shape.stages << " stages of "
                        << m_shape.chunks << " chunks: must be one stage of one");
    }
}

LayerRange
TrainingProgram::LayersOf(uint32_t stage, const PipelineStep& step) const
{
    return m_options.excerpt.value_or(m_plan.Layers().LayersOf({stage, step.chunk}));
}

std::vector<PhaseKey>
TrainingProgram::PhasesOf(uint32_t stage, uint32_t replica, size_t step) const
{
    const auto& steps = m_steps.at(stage);
    if (step > steps.size())
    {
        throw std::out_of_range("a training program has no such step");
    }
    auto key = KeyAt(stage, replica);
    std::vector<PhaseKey> phases;
    if (step == steps.size())
    {
        AddEnd(key, phases);
        return phases;
    }
    const auto& [chunk, microbatch, direction] = steps[step];
    const auto layers = LayersOf(stage, steps[step]);
    key.microbatch = microbatch;
    key.direction = direction;
    if (direction == Direction::Forward)
    {
        AddForward(key, layers, phases);
    }
    else
    {
        const bool isLast = step == m_lastSteps[stage][chunk];
        AddBackward(key, layers, m_options.overlapGradientReduce && isLast, phases);
    }
    return phases;
}

PhaseKey
TrainingProgram::KeyAt(uint32_t stage, uint32_t replica) const
{
    PhaseKey key;
    key.iteration = m_options.iteration;
    key.replica = replica;
    key.stage = stage;
    key.region = static_cast<uint32_t>(m_plan.RegionOf(m_plan.RankAt({0, 0, replica, stage})));
    return key;
}

void
TrainingProgram::AddForward(PhaseKey key,
                            const LayerRange& layers,
                            std::vector<PhaseKey>& phases) const
{
    key.layer = static_cast<uint32_t>(layers.first);
    const bool isFirst = layers.first == 0;
    if (!m_options.excerpt && (isFirst || m_shape.stages > 1))
    {
        phases.push_back(key.With(isFirst ? PhaseKind::Embedding : PhaseKind::PipelineReceive));
    }
    for (; key.layer < layers.End(); ++key.layer)
    {
        AddLayer(key, phases);
    }
    --key.layer;
    const bool isLast = layers.End() == m_plan.Layers().Layers();
    if (!m_options.excerpt && (isLast || m_shape.stages > 1))
    {
        phases.push_back(key.With(isLast ? PhaseKind::Head : PhaseKind::PipelineSend));
    }
}

void
TrainingProgram::AddBackward(PhaseKey key,
                             const LayerRange& layers,
                             bool reduces,
                             std::vector<PhaseKey>& phases) const
{
    key.layer = static_cast<uint32_t>(layers.End());
    --key.layer;
    const bool isLast = layers.End() == m_plan.Layers().Layers();
    if (!m_options.excerpt && (isLast || m_shape.stages > 1))
    {
        phases.push_back(key.With(isLast ? PhaseKind::Head : PhaseKind::PipelineReceive));
    }
    for (size_t left = layers.count; left > 0; --left)
    {
        key.layer = static_cast<uint32_t>(layers.first + left - 1);
        if (m_options.recompute)
        {
            auto again = key;
            again.direction = Direction::Forward;
            again.recompute = true;
            AddLayer(again, phases);
        }
        AddLayer(key, phases);
        const bool isFirst = key.layer == 0;
        if (!m_options.excerpt && (isFirst || (left == 1 && m_shape.stages > 1)))
        {
            phases.push_back(key.With(isFirst ? PhaseKind::Embedding : PhaseKind::PipelineSend));
        }
        if (reduces)
        {
            AddReduces(key, HasExperts(key.layer), phases);
        }
    }
}

void
TrainingProgram::AddLayer(const PhaseKey& key, std::vector<PhaseKey>& phases) const
{
    const bool isForward = key.direction == Direction::Forward;
    const auto& kinds = HasExperts(key.layer) ? (isForward ? MOE_FORWARD : MOE_BACKWARD)
                                              : (isForward ? DENSE_FORWARD : DENSE_BACKWARD);
    for (const auto kind : kinds)
    {
        if (Has(key.With(kind)))
        {
            phases.push_back(key.With(kind));
        }
    }
}

void
TrainingProgram::AddReduces(const PhaseKey& key, bool experts, std::vector<PhaseKey>& phases) const
{
    if (experts && Has(key.With(PhaseKind::ExpertReduce)))
    {
        phases.push_back(key.With(PhaseKind::ExpertReduce));
    }
    if (Has(key.With(PhaseKind::SharedReduce)))
    {
        phases.push_back(key.With(PhaseKind::SharedReduce));
    }
}

void
TrainingProgram::AddEnd(PhaseKey key, std::vector<PhaseKey>& phases) const
{
    if (m_options.excerpt || !m_options.backward)
    {
        return;
    }
    key.microbatch = m_options.microbatches - 1;
    key.direction = Direction::Backward;
    key.layer = static_cast<uint32_t>(m_plan.Layers().LayersOf({key.stage, 0}).first);
    if (!m_options.overlapGradientReduce)
    {
        // Dense layers come first: a stage has experts when its last layer has.
        const auto last = m_plan.Layers().LayersOf({key.stage, m_shape.chunks - 1}).End() - 1;
        AddReduces(key, HasExperts(last), phases);
    }
    phases.push_back(key.With(PhaseKind::Optimizer));
}

bool
TrainingProgram::Has(const PhaseKey& phase) const
{
    switch (phase.kind)
    {
    case PhaseKind::AttentionGather:
    case PhaseKind::AttentionScatter:
        return m_options.attentionCollectives && m_plan.TensorParallel() > 1;
    case PhaseKind::AllGather:
    case PhaseKind::ReduceScatter:
        return m_plan.TensorParallel() > 1;
    case PhaseKind::ExpertReduce:
        return m_plan.DataParallel() > 1;
    case PhaseKind::SharedReduce:
        return m_plan.DataParallel() * m_plan.ExpertParallel() > 1;
    default:
        return true;
    }
}

PhaseKey
TrainingProgram::LastPhaseOf(uint32_t stage, uint32_t replica) const
{
    const auto end = m_steps.at(stage).size();
    const auto phases = PhasesOf(stage, replica, end);
    return phases.empty() ? PhasesOf(stage, replica, end - 1).back() : phases.back();
}

uint64_t
TrainingProgram::MoeLayers() const
{
    const auto range = m_options.excerpt.value_or(LayerRange{0, m_plan.Layers().Layers()});
    return range.End() - std::max<size_t>(range.first, m_options.denseLayers);
}

PhaseKey
TrainingProgram::PeerOf(const PhaseKey& phase, PhaseKind kind, int32_t layersOn) const
{
    // Neighbouring slices of the model have neighbouring layers at their common end.
    auto peer = phase.With(kind);
    peer.layer += phase.direction == Direction::Forward ? layersOn : -layersOn;
    peer.stage = static_cast<uint32_t>(m_plan.Layers().PlaceOf(peer.layer).stage);
    peer.region = KeyAt(peer.stage, phase.replica).region;
    return peer;
}

std::vector<LayerRange>
TrainingProgram::LayersReducedBy(const PhaseKey& reduce) const
{
    if (m_options.overlapGradientReduce)
    {
        return {{reduce.layer, 1}};
    }
    const size_t from = reduce.kind == PhaseKind::ExpertReduce ? m_options.denseLayers : 0;
    std::vector<LayerRange> ranges;
    for (size_t chunk = 0; chunk < m_shape.chunks; ++chunk)
    {
        const auto layers = m_plan.Layers().LayersOf({reduce.stage, chunk});
        const auto first = std::max(from, layers.first);
        if (first < layers.End())
        {
            ranges.push_back({first, layers.End() - first});
        }
    }
    return ranges;
}

} // namespace mixnetcore
