/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MIXNET_UNITS_H
#define MIXNET_UNITS_H

#include <chrono>
#include <cstdint>
#include <ratio>

/**
 * @defgroup mixnet-core Descriptions and algorithms without ns-3
 * @ingroup mixnet
 *
 * Plain values (demand, plans, circuits) and the algorithms on them. Nothing here knows ns-3: the
 * same sources are built as a static library for their unit tests and inside the module.
 */

/**
 * @brief Descriptions and algorithms of mixnet that do not need ns-3.
 */
namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A count of one kind of thing, which does not mix with counts of another kind.
 *
 * Arithmetic is that of unsigned 64-bit integers; subtracting more than there is wraps, as it does
 * there, and is an error of the caller.
 *
 * @tparam Kind An empty type that names what is counted.
 */
template <class Kind>
class Quantity
{
  public:
    constexpr Quantity() = default;

    /**
     * @param count How many.
     */
    explicit constexpr Quantity(uint64_t count)
        : m_count(count)
    {
    }

    /**
     * @return how many, as a bare number.
     */
    constexpr uint64_t Count() const
    {
        return m_count;
    }

    /**
     * @param other What to add.
     * @return this object.
     */
    constexpr Quantity& operator+=(Quantity other)
    {
        m_count += other.m_count;
        return *this;
    }

    /**
     * @param other What to take away; at most what is there.
     * @return this object.
     */
    constexpr Quantity& operator-=(Quantity other)
    {
        m_count -= other.m_count;
        return *this;
    }

    /// @cond
    friend constexpr Quantity operator+(Quantity a, Quantity b)
    {
        return Quantity(a.m_count + b.m_count);
    }

    friend constexpr Quantity operator-(Quantity a, Quantity b)
    {
        return Quantity(a.m_count - b.m_count);
    }

    friend constexpr Quantity operator*(Quantity a, uint64_t factor)
    {
        return Quantity(a.m_count * factor);
    }

    friend constexpr bool operator==(Quantity a, Quantity b)
    {
        return a.m_count == b.m_count;
    }

    friend constexpr bool operator!=(Quantity a, Quantity b)
    {
        return a.m_count != b.m_count;
    }

    friend constexpr bool operator<(Quantity a, Quantity b)
    {
        return a.m_count < b.m_count;
    }

    friend constexpr bool operator>(Quantity a, Quantity b)
    {
        return a.m_count > b.m_count;
    }

    friend constexpr bool operator<=(Quantity a, Quantity b)
    {
        return a.m_count <= b.m_count;
    }

    friend constexpr bool operator>=(Quantity a, Quantity b)
    {
        return a.m_count >= b.m_count;
    }

    /// @endcond

  private:
    uint64_t m_count{0}; //!< how many
};

/// @ingroup mixnet-core
/// @brief An amount of data, in bytes.
using Bytes = Quantity<struct ByteKind>;

/// @ingroup mixnet-core
/// @brief A number of token assignments: a token sent to k experts counts k times.
using Tokens = Quantity<struct TokenKind>;

/// @ingroup mixnet-core
/// @brief A data rate, in bits per second.
using BitsPerSecond = Quantity<struct BitsPerSecondKind>;

/// @ingroup mixnet-core
/// @brief A span of simulated time. 63 bits reach 106 days.
using Picoseconds = std::chrono::duration<int64_t, std::pico>;

/**
 * @ingroup mixnet-core
 * @brief Share number @p index of @p count near-equal shares of @p total.
 *
 * The shares differ by one byte at most and add up to @p total.
 *
 * @param total What is shared.
 * @param index Which share, below @p count.
 * @param count How many shares, at least one.
 * @return the share.
 */
constexpr Bytes
EvenShare(Bytes total, uint64_t index, uint64_t count)
{
    const auto base = total.Count() / count;
    const auto rest = total.Count() % count;
    return Bytes(base + (index < rest ? 1 : 0));
}

/**
 * @ingroup mixnet-core
 * @brief Time that @p size takes at @p rate, rounded to the nearest picosecond.
 *
 * Exact: the product is formed in 128 bits.
 *
 * @param size Amount of data.
 * @param rate Data rate, above zero.
 * @return the time.
 */
constexpr Picoseconds
TransmissionTime(Bytes size, BitsPerSecond rate)
{
    __extension__ using Wide = unsigned __int128;
    constexpr Wide picobitsPerByte = Wide{8} * 1'000'000'000'000;
    const Wide scaled = size.Count() * picobitsPerByte + rate.Count() / 2;
    return Picoseconds(static_cast<int64_t>(scaled / rate.Count()));
}

} // namespace mixnetcore

#endif // MIXNET_UNITS_H
