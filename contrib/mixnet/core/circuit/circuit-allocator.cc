/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "circuit-allocator.h"

#include "greedy-circuit-allocator.h"

#include <functional>
#include <map>
#include <stdexcept>

namespace mixnetcore
{

namespace
{

using Maker = std::function<std::unique_ptr<CircuitAllocator>()>; //!< makes an allocator

/// @return how to make each allocator, by name.
const std::map<std::string, Maker>&
Makers()
{
    static const std::map<std::string, Maker> makers{
        {"greedy", [] { return std::make_unique<GreedyCircuitAllocator>(); }},
        {"greedy-literal",
         [] {
             return std::make_unique<GreedyCircuitAllocator>(TieRule::Demand,
                                                             StopRule::FirstFailure);
         }},
    };
    return makers;
}

} // namespace

std::unique_ptr<CircuitAllocator>
MakeCircuitAllocator(const std::string& name)
{
    const auto maker = Makers().find(name);
    if (maker != Makers().end())
    {
        return maker->second();
    }
    std::string message = "circuit allocator \"" + name + "\" is not known; known are";
    for (const auto& known : CircuitAllocatorNames())
    {
        message += " " + known;
    }
    throw std::invalid_argument(message);
}

std::vector<std::string>
CircuitAllocatorNames()
{
    std::vector<std::string> names;
    for (const auto& [name, maker] : Makers())
    {
        names.push_back(name);
    }
    return names;
}

} // namespace mixnetcore
