/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OUTGOING_MESSAGES_H
#define OUTGOING_MESSAGES_H

#include "ns3/callback.h"
#include "ns3/roce-frame.h"

#include <deque>
#include <optional>
#include <vector>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief How the transfer of a message ended at its sender.
enum class CompletionStatus : uint8_t
{
    Success,         //!< every byte was acknowledged
    RetryExceeded,   //!< nothing was acknowledged although the link was up
    LinkDownTimeout, //!< no signal from the peer for too long
    Withdrawn,       //!< whoever posted it took it back
};

/**
 * @ingroup mixnet
 * @param status A status.
 * @return its name.
 */
const char* ToString(CompletionStatus status);

/**
 * @ingroup mixnet
 * @brief The end of a message at its sender.
 */
struct WriteCompletion
{
    Ptr<const RdmaMessage> message; //!< what ended
    CompletionStatus status;        //!< how
    /// Bytes whose acknowledgement came back. After an error up to one window more may have
    /// arrived at the peer.
    uint64_t bytesDelivered;
};

/**
 * @ingroup mixnet
 * @brief The messages of a queue pair that have not ended, as runs of frame numbers, in the order
 * in which they were posted.
 *
 * A message that was withdrawn keeps its numbers until those before it are acknowledged; they, and
 * those of messages that ended with an error, are skipped: the next message says from where on.
 *
 * One of the messages is the current one, to which the next frame belongs.
 */
class OutgoingMessages
{
  public:
    /// Called when a message has ended.
    using CompletionCallback = Callback<void, const WriteCompletion&>;

    /// @brief A message that has not ended.
    struct Outgoing
    {
        Ptr<const RdmaMessage> message; //!< the message
        CompletionCallback completion;  //!< whom to tell
        uint64_t first;                 //!< number of its first frame
        uint64_t frames;                //!< how many frames
        uint64_t skippedFrom;           //!< numbers from here to the first are skipped
        bool withdrawn;                 //!< whether only its numbers are left

        /// @return number after its last frame.
        uint64_t End() const
        {
            return first + frames;
        }
    };

    /// @param first Number of the first frame. @param mtu Payload of a frame, bytes.
    OutgoingMessages(uint64_t first, uint64_t mtu);

    /// @param message Comes after all others. @param completion Whom to tell.
    void Post(Ptr<const RdmaMessage> message, CompletionCallback completion);

    /// @param message A message. @return it, withdrawn now; none when it has ended, or was already.
    std::optional<Outgoing> Withdraw(Ptr<const RdmaMessage> message);

    /// @return whether there is none.
    bool IsEmpty() const
    {
        return m_messages.empty();
    }

    /// @return number after all messages.
    uint64_t End() const
    {
        return m_end;
    }

    /// @return the oldest message. There is one.
    const Outgoing& Front() const
    {
        return m_messages.front();
    }

    /// @return the message to which the next frame belongs. There is one.
    const Outgoing& Current() const
    {
        return m_messages[m_current];
    }

    /// @brief The current message has sent its last frame.
    void Pass()
    {
        ++m_current;
    }

    /// @brief The oldest message is the current one again.
    void Rewind()
    {
        m_current = 0;
    }

    /// @param next Number of the next frame. @return the same, or that after withdrawn messages
    /// that would be current.
    uint64_t PassWithdrawn(uint64_t next);

    /// @param unacknowledged Oldest unacknowledged number. @return the same, or that after
    /// withdrawn messages that are the oldest; they are gone.
    uint64_t DropWithdrawn(uint64_t unacknowledged);

    /// @param sequence Number of a frame. @return the message that it belongs to.
    const Outgoing& Find(uint64_t sequence) const;

    /**
     * @param sequence A number that the peer misses.
     * @return number of the frame that ends this: itself or, when it was given up, the next one
     * that is of use, which says so; none when there is no such frame.
     */
    std::optional<uint64_t> RemedyFor(uint64_t sequence) const;

    /// @param highest A number. @return the last message, not withdrawn, that begins before it.
    const Outgoing* LastBefore(uint64_t highest) const;

    /// @param outgoing A message. @param expected A number. @return bytes of it before that.
    uint64_t BytesBefore(const Outgoing& outgoing, uint64_t expected) const;

    /// @param from A number. @param to Another. @return bytes in between that were not withdrawn.
    uint64_t BytesBetween(uint64_t from, uint64_t to) const;

    /// @param expected A number. @return messages that end before it, and were not withdrawn; all
    /// that end before it are gone.
    std::vector<Outgoing> TakeUntil(uint64_t expected);

    /// @return all messages; they are gone, and their numbers skipped.
    std::deque<Outgoing> TakeAll();

    /// @brief Forgets all messages.
    void Clear()
    {
        m_messages.clear();
    }

  private:
    std::deque<Outgoing> m_messages; //!< the oldest first
    size_t m_current{0};             //!< that of the next frame
    uint64_t m_end;                  //!< number after all messages
    uint64_t m_skippedFrom;          //!< numbers from here to the end are skipped
    uint64_t m_mtu;                  //!< payload of a frame
};

} // namespace mixnet
} // namespace ns3

#endif // OUTGOING_MESSAGES_H
