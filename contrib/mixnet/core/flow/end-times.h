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
 * A list with the earliest instant of each block of it: a change costs nothing more than noting
 * that its block is out of date, and asking costs the number of blocks and the length of those.
 */
class EndTimes
{
  public:
    /// The instant of what does not end.
    static constexpr Picoseconds NEVER = Picoseconds::max();

    /// @param size How many; all of them NEVER.
    void Reset(size_t size);

    /// @param number Below the size. @param end Its instant.
    void Set(uint32_t number, Picoseconds end);

    /// @return the earliest instant; NEVER when there is none.
    Picoseconds Earliest();

    /**
     * @param limit An instant before NEVER.
     * @param[out] numbers All whose instants are at most that, ascending.
     */
    void FindUntil(Picoseconds limit, std::vector<uint32_t>& numbers);

  private:
    static constexpr uint32_t BLOCK = 64; //!< instants in a block

    /// @brief Finds the earliest instant of each block that is out of date.
    void Refresh();

    std::vector<Picoseconds> m_ends;     //!< by number
    std::vector<Picoseconds> m_earliest; //!< by block
    std::vector<char> m_isStale;         //!< by block, whether the earliest is out of date
};

} // namespace mixnetcore

#endif // END_TIMES_H
