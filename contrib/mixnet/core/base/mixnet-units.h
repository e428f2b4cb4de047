/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MIXNET_UNITS_H
#define MIXNET_UNITS_H

#include <boost/operators.hpp>
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
 * @brief Refuses a sum, difference or product of counts that 64 bits cannot hold.
 * @param first What comes first.
 * @param sign What was to be done: '+', '-' or '*'.
 * @param second What comes second.
 * @param unit What is counted.
 * @throws std::overflow_error always.
 */
[[noreturn]] void ThrowNoCount(uint64_t first, char sign, uint64_t second, const char* unit);

/**
 * @ingroup mixnet-core
 * @param first A count. @param second Another. @param unit What is counted.
 * @return their sum.
 * @throws std::overflow_error when it is above 2^64 - 1.
 */
constexpr uint64_t
CheckedSum(uint64_t first, uint64_t second, const char* unit)
{
    uint64_t sum = 0;
    if (__builtin_add_overflow(first, second, &sum))
    {
        ThrowNoCount(first, '+', second, unit);
    }
    return sum;
}

/**
 * @ingroup mixnet-core
 * @param first A count. @param second Another. @param unit What is counted.
 * @return what the first has more.
 * @throws std::overflow_error when it has less.
 */
constexpr uint64_t
CheckedDifference(uint64_t first, uint64_t second, const char* unit)
{
    uint64_t difference = 0;
    if (__builtin_sub_overflow(first, second, &difference))
    {
        ThrowNoCount(first, '-', second, unit);
    }
    return difference;
}

/**
 * @ingroup mixnet-core
 * @param first A count. @param second Another. @param unit What is counted.
 * @return their product.
 * @throws std::overflow_error when it is above 2^64 - 1.
 */
constexpr uint64_t
CheckedProduct(uint64_t first, uint64_t second, const char* unit)
{
    uint64_t product = 0;
    if (__builtin_mul_overflow(first, second, &product))
    {
        ThrowNoCount(first, '*', second, unit);
    }
    return product;
}

/**
 * @ingroup mixnet-core
 * @brief A count of one kind of thing, which does not mix with counts of another kind.
 *
 * Counts go from 0 to 2^64 - 1. What would be beyond is refused with std::overflow_error: nothing
 * wraps, and nothing stops at the largest number.
 *
 * @tparam UNIT Names what is counted.
 */
template <const char* UNIT>
class Quantity : private boost::totally_ordered<Quantity<UNIT>>
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
        m_count = CheckedSum(m_count, other.m_count, UNIT);
        return *this;
    }

    /**
     * @param other What to take away; at most what is there.
     * @return this object.
     */
    constexpr Quantity& operator-=(Quantity other)
    {
        m_count = CheckedDifference(m_count, other.m_count, UNIT);
        return *this;
    }

    /// @cond
    friend constexpr Quantity operator+(Quantity a, Quantity b)
    {
        return a += b;
    }

    friend constexpr Quantity operator-(Quantity a, Quantity b)
    {
        return a -= b;
    }

    friend constexpr Quantity operator*(Quantity a, uint64_t factor)
    {
        return Quantity(CheckedProduct(a.m_count, factor, UNIT));
    }

    friend constexpr bool operator==(Quantity a, Quantity b)
    {
        return a.m_count == b.m_count;
    }

    friend constexpr bool operator<(Quantity a, Quantity b)
    {
        return a.m_count < b.m_count;
    }

    /// @endcond

  private:
    uint64_t m_count{0}; //!< how many
};

/// @ingroup mixnet-core
/// @brief Names bytes.
inline constexpr char BYTE_UNIT[] = "bytes";

/// @ingroup mixnet-core
/// @brief Names assignments of tokens.
inline constexpr char TOKEN_UNIT[] = "tokens";

/// @ingroup mixnet-core
/// @brief Names bits per second.
inline constexpr char BIT_PER_SECOND_UNIT[] = "bits per second";

/// @ingroup mixnet-core
/// @brief An amount of data, in bytes.
using Bytes = Quantity<BYTE_UNIT>;

/// @ingroup mixnet-core
/// @brief A number of token assignments: a token sent to k experts counts k times.
using Tokens = Quantity<TOKEN_UNIT>;

/// @ingroup mixnet-core
/// @brief A data rate, in bits per second.
using BitsPerSecond = Quantity<BIT_PER_SECOND_UNIT>;

/// @ingroup mixnet-core
/// @brief A span of simulated time. 63 bits reach 106 days; the operators of std::chrono do not
/// look whether they do: where inputs may be of any size, the functions below do.
using Picoseconds = std::chrono::duration<int64_t, std::pico>;

/**
 * @ingroup mixnet-core
 * @brief Refuses a time that 63 bits cannot hold.
 * @param picoseconds The time, as nearly as is known.
 * @param what What takes that time.
 * @throws std::overflow_error always; it names the limit.
 */
[[noreturn]] void ThrowNoTime(double picoseconds, const char* what);

/**
 * @ingroup mixnet-core
 * @param first A span of time. @param second Another. @param what What takes both together.
 * @return both together.
 * @throws std::overflow_error when that is beyond 63 bits.
 */
constexpr Picoseconds
CheckedSum(Picoseconds first, Picoseconds second, const char* what)
{
    int64_t sum = 0;
    if (__builtin_add_overflow(first.count(), second.count(), &sum))
    {
        ThrowNoTime(double(first.count()) + double(second.count()), what);
    }
    return Picoseconds(sum);
}

/**
 * @ingroup mixnet-core
 * @param span A span of time. @param times How often it passes. @param what What takes that time.
 * @return all of them together.
 * @throws std::overflow_error when that is beyond 63 bits.
 */
constexpr Picoseconds
CheckedProduct(Picoseconds span, uint64_t times, const char* what)
{
    int64_t product = 0;
    if (__builtin_mul_overflow(span.count(), times, &product))
    {
        ThrowNoTime(double(span.count()) * double(times), what);
    }
    return Picoseconds(product);
}

/**
 * @ingroup mixnet-core
 * @param picoseconds A time; whole already, or to be rounded by the caller. @param what What takes
 * it.
 * @return it, without what is behind the point.
 * @throws std::overflow_error when it is beyond 63 bits, or not a number.
 */
constexpr Picoseconds
CheckedTime(double picoseconds, const char* what)
{
    constexpr double LIMIT = 9223372036854775808.0; // 2^63
    if (!(picoseconds > -LIMIT && picoseconds < LIMIT))
    {
        ThrowNoTime(picoseconds, what);
    }
    return Picoseconds(static_cast<int64_t>(picoseconds));
}

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
 * @throws std::overflow_error when it is beyond 63 bits.
 */
constexpr Picoseconds
TransmissionTime(Bytes size, BitsPerSecond rate)
{
    __extension__ using Wide = unsigned __int128;
    constexpr Wide picobitsPerByte = Wide{8} * 1'000'000'000'000;
    const Wide scaled = size.Count() * picobitsPerByte + rate.Count() / 2;
    const Wide time = scaled / rate.Count();
    if (time > static_cast<Wide>(Picoseconds::max().count()))
    {
        ThrowNoTime(static_cast<double>(time), "sending bytes at a rate");
    }
    return Picoseconds(static_cast<int64_t>(time));
}

} // namespace mixnetcore

#endif // MIXNET_UNITS_H
