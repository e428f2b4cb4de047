/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef KEYED_RANDOM_H
#define KEYED_RANDOM_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Random numbers addressed by coordinates instead of drawn in sequence.
 *
 * A tree: each coordinate leads from a place to one below it, and each place has its numbers. So
 * any number can be had without drawing those before it, and drawing more somewhere changes nothing
 * elsewhere. Numbers are those of SplitMix64 started at a hash of the coordinates.
 *
 * Guarantees: the same bits on every machine; two different coordinates below one place never lead
 * to the same place. Not for cryptography.
 *
 * @see Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014
 */
class KeyedRandom
{
  public:
    /**
     * @param seed Any number.
     */
    explicit KeyedRandom(uint64_t seed);

    /**
     * @param coordinate Any number.
     * @return the place below this one.
     */
    KeyedRandom At(uint64_t coordinate) const
    {
        return KeyedRandom(Bits(coordinate));
    }

    /**
     * @param index Which number of this place.
     * @return 64 random bits.
     */
    uint64_t Bits(uint64_t index) const
    {
        return Mix(m_state + (index + 1) * INCREMENT);
    }

    /**
     * @param index Which number of this place.
     * @return a number from 0 (included) to 1 (excluded), a multiple of 2^-53.
     */
    double Uniform(uint64_t index) const
    {
        return static_cast<double>(Bits(index) >> 11) / 9007199254740992.0;
    }

    /**
     * @brief A number of mean 0 and variance 1: the sum of twelve uniform ones.
     *
     * Near the normal distribution; never beyond -6 and 6. Uses the numbers 0 to 2 of this place.
     *
     * @return the number.
     */
    double NearNormal() const;

    /**
     * @param size How many.
     * @return the numbers from 0 to @p size - 1 in random order. Uses the numbers 0 to @p size - 1
     *         of this place.
     */
    std::vector<size_t> Permutation(size_t size) const;

  private:
    /// Of SplitMix64: 2^64 / golden ratio, odd.
    static constexpr uint64_t INCREMENT = 0x9E3779B97F4A7C15;

    /// @param bits Any bits. @return them mixed, one to one: the output function of SplitMix64.
    static uint64_t Mix(uint64_t bits)
    {
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return bits ^ (bits >> 31);
    }

    uint64_t m_state; //!< hash of the seed and the coordinates
};

} // namespace mixnetcore

#endif // KEYED_RANDOM_H
