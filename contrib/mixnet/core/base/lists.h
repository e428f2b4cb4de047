/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef LISTS_H
#define LISTS_H

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @param list A list by number, which grows where it is too short. @param number Of an element.
 * @param fill What new elements are, if not what they are by default.
 * @return the element.
 */
template <typename Element, typename... Fill>
Element&
Grown(std::vector<Element>& list, size_t number, const Fill&... fill)
{
    if (number >= list.size())
    {
        list.resize(number + 1, fill...);
    }
    return list[number];
}

/**
 * @ingroup mixnet-core
 * @param values Values of any range. @param function What to make of each.
 * @return what it makes of them, in their order.
 */
template <typename Range, typename Function>
auto
Mapped(const Range& values, const Function& function)
{
    std::vector<std::decay_t<decltype(function(*values.begin()))>> mapped;
    mapped.reserve(values.size());
    for (const auto& value : values)
    {
        mapped.push_back(function(value));
    }
    return mapped;
}

/**
 * @ingroup mixnet-core
 * @param values Values of any range. @param function What counts of each.
 * @return the sum of it, formed in their order.
 */
template <typename Range, typename Function>
auto
SumOf(const Range& values, const Function& function)
{
    std::decay_t<decltype(function(*values.begin()))> sum{};
    for (const auto& value : values)
    {
        sum += function(value);
    }
    return sum;
}

/// @ingroup mixnet-core
/// @param[in,out] values Any values; they become ascending, each once.
template <typename List>
void
SortUnique(List& values)
{
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// @ingroup mixnet-core
/// @param[in,out] values At least one value; loses the last. @return that.
template <typename Value>
Value
TakeLast(std::vector<Value>& values)
{
    auto last = std::move(values.back());
    values.pop_back();
    return last;
}

} // namespace mixnetcore

#endif // LISTS_H
