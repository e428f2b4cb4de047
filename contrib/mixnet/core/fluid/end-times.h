/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef END_TIMES_H
#define END_TIMES_H

#include "ns3/mixnet-units.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Instants by number, of which the earliest is asked for after many of them have changed.
 *
 * A list with the earliest and the latest instant of each block of it. A change that takes one of
 * these away notes no more than that the block is out of date; asking costs the number of blocks
 * and the length of those.
 */
class EndTimes
{
  public:
    /// The instant of what does not end.
    static constexpr Picoseconds NEVER = Picoseconds::max();

    /// The latest instant at which something can end, 104 days.
    static constexpr Picoseconds LATEST{9'000'000'000'000'000'000};

    /// @brief Forgets all.
    void Clear();

    /// @param size How many there are from now on, at least as many as before; new ones are NEVER.
    void Grow(size_t size);

    /// @param number Below the size. @param end Its instant.
    void Set(uint32_t number, Picoseconds end);

    /// @return the earliest instant; NEVER when there is none.
    Picoseconds Earliest();

    /// @return the latest instant before NEVER; 0 when there is none.
    Picoseconds Latest();

    /**
     * @param limit An instant before NEVER.
     * @param[out] numbers All whose instants are at most that, ascending.
     */
    void FindUntil(Picoseconds limit, std::vector<uint32_t>& numbers);

  private:
    static constexpr uint32_t BLOCK = 16; //!< instants in a block

    /// @brief Instants of a block.
    struct Block
    {
        Picoseconds earliest{NEVER}; //!< of them
        Picoseconds latest{0};       //!< of them, before NEVER
        bool isStale{false};         //!< whether both are out of date
    };

    /// @brief Brings blocks up to date.
    void Refresh();

    std::vector<Picoseconds> m_ends; //!< by number
    std::vector<Block> m_blocks;     //!< of m_ends
};

} // namespace mixnetcore

#endif // END_TIMES_H
