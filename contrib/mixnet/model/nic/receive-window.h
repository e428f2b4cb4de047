/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RECEIVE_WINDOW_H
#define RECEIVE_WINDOW_H

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Which sequence numbers have arrived: the receiver's half of a queue pair.
 *
 * In order, only the number expected next is taken. Out of order, for paths on which frames
 * overtake each other, every number up to REACH beyond it is, once; a bitmap remembers those that
 * came early. It takes as many bits as the sender keeps in flight: its window.
 *
 * A sender that gives numbers up says so in the frame after them; they count as arrived once all
 * before them have.
 */
class ReceiveWindow
{
  public:
    /// What becomes of an arrival.
    enum class Verdict : uint8_t
    {
        Taken,     //!< it is new
        Duplicate, //!< it has arrived before
        Refused,   //!< numbers before it are missing, and it cannot wait for them
    };

    /// Numbers beyond the expected one that can be waited for: half of what 24 bits tell apart.
    static constexpr uint64_t REACH = uint64_t{1} << 23;

    /**
     * @param first Number expected first.
     * @param outOfOrder Whether frames may overtake each other.
     */
    ReceiveWindow(uint64_t first, bool outOfOrder);

    /**
     * @param sequence Number that has arrived.
     * @param skippedFrom Numbers from here to this one will never come; the number itself if all
     * will.
     * @return what becomes of it.
     */
    Verdict Take(uint64_t sequence, uint64_t skippedFrom);

    /// @return number expected next: all before it have arrived, or never will.
    uint64_t Expected() const
    {
        return m_expected;
    }

    /// @return numbers that are missing before the highest that has arrived, ascending.
    std::vector<uint64_t> Missing() const;

  private:
    /// @param sequence A number, beyond the expected one. @return whether it was marked before.
    bool Mark(uint64_t sequence);

    /// @return whether the expected number is marked; the mark is taken away.
    bool TakeMark();

    /// @param sequence Number expected next from now on; marks before it are forgotten.
    void JumpTo(uint64_t sequence);

    /// @param from First number to skip, beyond the expected one. @param until The one after the
    /// last.
    void Skip(uint64_t from, uint64_t until);

    /// @param sequence A number, not below the expected one. @return whether it will be skipped.
    bool IsSkipped(uint64_t sequence) const;

    /// @brief Moves on over numbers that have arrived or are skipped.
    void Advance();

    /// @param sequence A number. @return its word in the bitmap.
    uint64_t& WordOf(uint64_t sequence);

    bool m_outOfOrder;              //!< whether frames may overtake each other
    uint64_t m_expected;            //!< number expected next
    uint64_t m_highest;             //!< after the highest that has arrived
    size_t m_marks{0};              //!< marks in the bitmap
    std::vector<uint64_t> m_bitmap; //!< ring of numbers that came early; a power of two
    std::map<uint64_t, uint64_t>
        m_skipped; //!< first skipped number, and the one after the last; apart
};

} // namespace mixnet
} // namespace ns3

#endif // RECEIVE_WINDOW_H
