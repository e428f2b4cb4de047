/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PHASE_KEY_H
#define PHASE_KEY_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief A named interval of a training iteration.
enum class PhaseKind : uint8_t
{
    PipelineReceive,  //!< activations or gradients come from another stage
    Embedding,        //!< tokens become activations, before the first layer
    AttentionGather,  //!< all-gather of the TP slices, before the attention
    Attention,        //!< attention of one microbatch
    AttentionScatter, //!< reduce-scatter to the TP slices, after the attention
    Gating,           //!< choice of experts
    Dispatch,         //!< all-to-all of tokens to experts
    AllGather,        //!< tokens of the TP slices, before the experts or the dense layer
    Expert,           //!< work of the experts
    Dense,            //!< work of a layer without experts, in their place
    ReduceScatter,    //!< results of the TP slices, after the experts or the dense layer
    Combine,          //!< all-to-all of results back
    Head,             //!< logits and loss, after the last layer
    PipelineSend,     //!< activations or gradients go to another stage
    ExpertReduce,     //!< all-reduce of the gradients of experts, over replicas
    SharedReduce,     //!< all-reduce of the other gradients, over replicas and EP ranks
    Optimizer,        //!< new parameters from gradients
    DispatchForward,  //!< of a dispatch: what is passed on inside of hosts (messages only)
    CombineForward,   //!< of a combine: the same
};

/// @ingroup mixnet-core
/// @brief Which way through the model.
enum class Direction : uint8_t
{
    Forward,
    Backward,
};

/// @ingroup mixnet-core
/// @param kind A kind of phase. @return its name in tables and results, lower case.
std::string ToString(PhaseKind kind);

/// @ingroup mixnet-core
/// @param direction A direction. @return its name in tables and results, lower case.
std::string ToString(Direction direction);

/**
 * @ingroup mixnet-core
 * @brief Which phase: where in the training job, and what.
 */
struct PhaseKey
{
    uint32_t iteration{0};                   //!< training iteration
    uint32_t replica{0};                     //!< data-parallel replica
    uint32_t stage{0};                       //!< pipeline stage
    uint32_t region{0};                      //!< optical region of the fabric
    uint32_t microbatch{0};                  //!< microbatch within the iteration
    uint32_t layer{0};                       //!< layer of the whole model
    Direction direction{Direction::Forward}; //!< way through the model
    bool recompute{false};                   //!< whether a forward phase is done once more
    PhaseKind kind{PhaseKind::Attention};    //!< what

    /**
     * @param other What.
     * @return the phase of that kind of the same layer.
     */
    PhaseKey With(PhaseKind other) const
    {
        auto key = *this;
        key.kind = other;
        return key;
    }

    /// @return whether it is a dispatch or a combine.
    bool IsAllToAll() const
    {
        return kind == PhaseKind::Dispatch || kind == PhaseKind::Combine;
    }

    /// @return whether it is what is passed on inside of hosts for an all-to-all.
    bool IsForwarding() const
    {
        return kind == PhaseKind::DispatchForward || kind == PhaseKind::CombineForward;
    }

    /// @return of an all-to-all: what is passed on inside of hosts for it.
    PhaseKey Forwarding() const
    {
        return With(kind == PhaseKind::Dispatch ? PhaseKind::DispatchForward
                                                : PhaseKind::CombineForward);
    }

    /// @return of what is passed on inside of hosts: the all-to-all; any other phase itself.
    PhaseKey Whole() const
    {
        switch (kind)
        {
        case PhaseKind::DispatchForward:
            return With(PhaseKind::Dispatch);
        case PhaseKind::CombineForward:
            return With(PhaseKind::Combine);
        default:
            return *this;
        }
    }

    /// @return whether it is a collective of tensor parallelism.
    bool IsTensorCollective() const
    {
        return kind == PhaseKind::AllGather || kind == PhaseKind::ReduceScatter ||
               kind == PhaseKind::AttentionGather || kind == PhaseKind::AttentionScatter;
    }

    /// @return whether it is an all-reduce of gradients.
    bool IsGradientReduce() const
    {
        return kind == PhaseKind::ExpertReduce || kind == PhaseKind::SharedReduce;
    }

    /**
     * @return of an all-to-all: whether bytes travel from experts to tokens' owners, against the
     * dispatch's matrix. Gradients of the combine travel as the dispatch does.
     */
    bool IsTransposed() const
    {
        return (kind == PhaseKind::Combine) != (direction == Direction::Backward);
    }

    /// @return all fields, in the order in which phases are sorted.
    auto Fields() const
    {
        return std::tie(iteration,
                        replica,
                        stage,
                        region,
                        microbatch,
                        layer,
                        direction,
                        recompute,
                        kind);
    }

    /// @param other Another key. @return whether it is the same.
    bool operator==(const PhaseKey& other) const
    {
        return Fields() == other.Fields();
    }

    /// @param other Another key. @return whether it is another phase.
    bool operator!=(const PhaseKey& other) const
    {
        return !(*this == other);
    }

    /// @param other Another key. @return whether this one comes first.
    bool operator<(const PhaseKey& other) const
    {
        return Fields() < other.Fields();
    }
};

/// @ingroup mixnet-core
/// @param key A phase. @return it in words, for messages.
std::string Describe(const PhaseKey& key);

/// @ingroup mixnet-core
/// @brief Hash of a phase, for tables that are looked up only.
struct PhaseHash
{
    /// @param key A phase. @return its hash.
    size_t operator()(const PhaseKey& key) const;
};

} // namespace mixnetcore

#endif // PHASE_KEY_H
