/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MESSAGE_KEY_H
#define MESSAGE_KEY_H

#include "phase-key.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What a message belongs to, as its sender and its receiver agree.
 *
 * All messages of one key between the same GPUs are one amount of bytes to their receiver: a rest
 * that is posted again has the key of the message whose rest it is.
 */
struct MessageKey
{
    PhaseKey phase;    //!< phase of the training job
    uint32_t part{0};  //!< which of the collectives of that phase, where it has several
    uint32_t index{0}; //!< its flow in the schedule of that collective, or its step

    /// @param flow A flow, or step. @return the key of that one in the same collective.
    MessageKey At(uint32_t flow) const
    {
        return {phase, part, flow};
    }

    /// @return all fields, in the order in which messages are sorted.
    auto Fields() const
    {
        return std::tie(phase, part, index);
    }

    /// @param other Another key. @return whether it is the same.
    bool operator==(const MessageKey& other) const
    {
        return Fields() == other.Fields();
    }

    /// @param other Another key. @return whether it is another one.
    bool operator!=(const MessageKey& other) const
    {
        return !(*this == other);
    }

    /// @param other Another key. @return whether this one comes first.
    bool operator<(const MessageKey& other) const
    {
        return Fields() < other.Fields();
    }
};

} // namespace mixnetcore

#endif // MESSAGE_KEY_H
