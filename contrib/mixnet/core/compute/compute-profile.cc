/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "compute-profile.h"

#include "ns3/json-fields.h"

#include <nlohmann/json.hpp>

namespace mixnetcore
{

namespace
{

constexpr double MAX_SECONDS = 1e6; //!< longest time taken

/**
 * @param fields An object. @param name Field with a time in seconds.
 * @return the time, rounded to the nearest picosecond.
 */
Picoseconds
ReadTime(const JsonFields& fields, const std::string& name)
{
    constexpr double picosecondsPerSecond = 1e12;
    const auto time = fields.Number(name, 0, MAX_SECONDS) * picosecondsPerSecond;
    return Picoseconds(static_cast<int64_t>(time + 0.5));
}

/**
 * @param entry An element of the list. @return which kind of work it is about.
 */
ComputeKind
ReadKind(const JsonFields& entry)
{
    const auto name = entry.Text("operation");
    std::string known;
    for (const auto kind : ComputeKinds())
    {
        if (ToString(kind) == name)
        {
            return kind;
        }
        known += (known.empty() ? "" : ", ") + ToString(kind);
    }
    entry.Refuse("operation", "one of " + known);
}

} // namespace

ComputeProfile
ComputeProfile::Parse(const std::string& text, const std::string& path)
{
    const auto json = ParseJsonText(text, path, "an object with source and operations");
    const JsonFields file(json, path, "", {"source", "operations", "optimizer"});
    ComputeProfile profile;
    profile.m_path = path;
    profile.m_source = file.Text("source");
    for (const auto& element : file.List("operations"))
    {
        const auto where = "operations[" + std::to_string(profile.m_times.size()) + "]";
        const JsonFields entry(element,
                               path,
                               where,
                               {"operation", "forward", "backward", "tokens"});
        const auto kind = ReadKind(entry);
        if (profile.TimeOf(kind))
        {
            entry.Refuse("operation", "each operation once");
        }
        profile.m_times.emplace_back(
            kind,
            MeasuredTime{ReadTime(entry, "forward"),
                         ReadTime(entry, "backward"),
                         Tokens(entry.Count("tokens", 1, uint64_t{1} << 40))});
    }
    if (file.Has("optimizer"))
    {
        profile.m_optimizer = ReadTime(file, "optimizer");
    }
    return profile;
}

ComputeProfile
ComputeProfile::FromFile(const std::string& path)
{
    return Parse(ReadTextFile(path, "profile"), path);
}

std::optional<MeasuredTime>
ComputeProfile::TimeOf(ComputeKind kind) const
{
    for (const auto& [each, time] : m_times)
    {
        if (each == kind)
        {
            return time;
        }
    }
    return std::nullopt;
}

} // namespace mixnetcore
