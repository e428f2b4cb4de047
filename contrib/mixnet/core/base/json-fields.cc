/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "json-fields.h"

#include "checks.h"
#include "json-item.h"
#include "lists.h"
#include "option-names.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

namespace mixnetcore
{

namespace
{

/**
 * @param text Any text. @param before What stands before a part of it. @param after What stands
 * behind that part.
 * @return the part; empty when there is none.
 */
std::string
Between(const std::string& text, const std::string& before, const std::string& after)
{
    const auto begin = text.find(before);
    if (begin == std::string::npos)
    {
        return {};
    }
    const auto start = begin + before.size();
    return text.substr(start, text.find(after, start) - start);
}

/**
 * @param value Any value. @param least Smallest number. @param most Largest number.
 * @return whether it is a whole number in the range.
 */
bool
IsCount(const nlohmann::json& value, uint64_t least, uint64_t most)
{
    return value.is_number_unsigned() && value.get<uint64_t>() >= least &&
           value.get<uint64_t>() <= most;
}

/**
 * @param least Smallest number. @param most Largest number.
 * @return the range in words.
 */
std::string
CountRange(uint64_t least, uint64_t most)
{
    return "a whole number from " + std::to_string(least) + " to " + std::to_string(most);
}

} // namespace

std::string
Printable(std::string text)
{
    std::replace_if(
        text.begin(),
        text.end(),
        [](char letter) { return letter < ' ' || letter > '~'; },
        '?');
    return text;
}

std::string
ShowJson(const nlohmann::json& value)
{
    constexpr size_t most = 60;
    // Text that is not UTF-8 is shown with replacement characters instead of being refused here.
    auto text = value.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
    return text.size() > most ? text.substr(0, most) + "..." : text;
}

std::string
DescribeJsonMistake(const std::string& message)
{
    constexpr size_t most = 30;
    const auto line = Between(message, "at line ", ",");
    const auto column = Between(message, ", column ", ":");
    const auto number = Between(message, "number overflow parsing '", "'");
    auto found = Between(message, "unexpected ", ";");
    const std::string lastRead = "last read: '";
    const auto read = message.find(lastRead);
    if (read != std::string::npos)
    {
        // All that was read for the last token, blanks and ends of lines in front of it included.
        found =
            message.substr(read + lastRead.size(), message.rfind('\'') - read - lastRead.size());
        const std::string lineEnd = "<U+000A>";
        const auto end = found.rfind(lineEnd);
        found = end == std::string::npos ? found : found.substr(end + lineEnd.size());
        found = found.substr(found.find_last_of(' ') + 1);
        found =
            "'" + (found.size() > most ? "..." + found.substr(found.size() - most) : found) + "'";
    }
    std::string text = "not valid JSON";
    if (!number.empty())
    {
        return text + ": the number " + Printable(number) + " is too large";
    }
    text += line.empty() ? "" : " at line " + line + ", column " + column;
    const bool isEnd = found.empty() || found == "end of input" ||
                       message.find("unexpected end of input") != std::string::npos;
    return text + ": found " + (isEnd ? "the end of the text" : Printable(found));
}

nlohmann::json
ParseJsonText(const std::string& text, const std::string& file, const std::string& expected)
{
    using Json = nlohmann::json;
    static constexpr int MOST_DEPTH = 64;    // far more than any file of ours, and harmless
    std::vector<std::set<std::string>> open; // fields seen of each object that is not closed yet
    const auto watch = [&open, &file](int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > MOST_DEPTH)
        {
            Refuse(Phrase() << file << ": has lists in lists more than " << MOST_DEPTH
                            << " deep; expected fewer");
        }
        if (event == Json::parse_event_t::object_start)
        {
            open.emplace_back();
        }
        else if (event == Json::parse_event_t::object_end)
        {
            open.pop_back();
        }
        else if (event == Json::parse_event_t::key &&
                 !open.back().insert(parsed.get<std::string>()).second)
        {
            Refuse(file + ": field " + parsed.get<std::string>() +
                   " is there twice in one object; expected once");
        }
        return true;
    };
    try
    {
        return Json::parse(text, watch);
    }
    catch (const Json::exception& error)
    {
        Refuse(file + ": " + DescribeJsonMistake(error.what()) + "; expected " + expected);
    }
}

std::string
ReadText(std::istream& input, const std::string& name, const std::string& what)
{
    std::string text;
    std::vector<char> block(1 << 16);
    while (input && text.size() <= MAX_TEXT_BYTES)
    {
        input.read(block.data(), static_cast<std::streamsize>(block.size()));
        text.append(block.data(), static_cast<size_t>(input.gcount()));
    }
    // A folder can be opened but not read.
    if (input.bad() || text.empty() || text.size() > MAX_TEXT_BYTES)
    {
        const std::string reason =
            errno != 0     ? std::strerror(errno)
            : text.empty() ? "it is empty"
                           : "it has more than " + std::to_string(MAX_TEXT_BYTES) + " bytes";
        Refuse("cannot read the " + what + " file " + name + ": " + reason);
    }
    return text;
}

std::string
ReadTextFile(const std::string& path, const std::string& what)
{
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    return ReadText(file, path, what);
}

void
RefuseUnreadable(const std::string& name, const std::string& expected)
{
    const std::string reason = errno == 0 ? "unknown reason" : std::strerror(errno);
    Refuse(Phrase() << name << ": cannot be read (" << reason << "); expected " << expected);
}

std::ifstream
OpenFile(const std::string& path, const std::string& expected)
{
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    file.peek(); // a folder opens, but does not read
    if (!file.is_open() || file.bad())
    {
        RefuseUnreadable(path, expected);
    }
    return file;
}

JsonFields::JsonFields(const nlohmann::json& value,
                       const std::string& file,
                       const std::string& path,
                       const std::vector<std::string>& known)
    : m_value(&value),
      m_file(file),
      m_path(path)
{
    if (!value.is_object())
    {
        mixnetcore::Refuse(file + ": " + (path.empty() ? "the file" : path) + " is " +
                           ShowJson(value) + "; expected an object with the fields " +
                           JoinNames(known));
    }
    for (const auto& [name, unused] : value.items())
    {
        if (std::find(known.begin(), known.end(), name) == known.end())
        {
            mixnetcore::Refuse(file + ": unknown field " + PathOf(name) + "; expected fields of " +
                               (path.empty() ? "the file" : path) + " are " + JoinNames(known));
        }
    }
}

bool
JsonFields::Has(const std::string& name) const
{
    return m_value->contains(name);
}

uint64_t
JsonFields::Count(const std::string& name, uint64_t least, uint64_t most) const
{
    const auto& value = Value(name);
    if (!IsCount(value, least, most))
    {
        Refuse(name, CountRange(least, most));
    }
    return value.get<uint64_t>();
}

uint64_t
JsonFields::CountOr(const std::string& name,
                    uint64_t otherwise,
                    uint64_t least,
                    uint64_t most) const
{
    return Has(name) ? Count(name, least, most) : otherwise;
}

std::vector<uint64_t>
JsonFields::Counts(const std::string& name, uint64_t least, uint64_t most) const
{
    if (!Has(name))
    {
        return {};
    }
    const auto& list = Value(name);
    const auto isCount = [=](const nlohmann::json& value) { return IsCount(value, least, most); };
    if (!list.is_array() || !std::all_of(list.begin(), list.end(), isCount))
    {
        Refuse(name, "a list, each element " + CountRange(least, most));
    }
    return Mapped(list, [](const nlohmann::json& value) { return value.get<uint64_t>(); });
}

double
JsonFields::Number(const std::string& name, double least, double most) const
{
    const auto& value = Value(name);
    if (!value.is_number() || !(value.get<double>() >= least && value.get<double>() <= most))
    {
        Refuse(name,
               "a number from " + nlohmann::json(least).dump() + " to " +
                   nlohmann::json(most).dump());
    }
    return value.get<double>();
}

bool
JsonFields::FlagOr(const std::string& name, bool otherwise) const
{
    if (!Has(name))
    {
        return otherwise;
    }
    const auto& value = Value(name);
    if (!value.is_boolean())
    {
        Refuse(name, "true or false");
    }
    return value.get<bool>();
}

std::string
JsonFields::Text(const std::string& name) const
{
    const auto& value = Value(name);
    if (!value.is_string() || value.get<std::string>().empty())
    {
        Refuse(name, "a text in quotes, not empty");
    }
    return value.get<std::string>();
}

std::vector<std::string>
JsonFields::Texts(const std::string& name) const
{
    std::vector<std::string> texts;
    for (const auto& value : List(name))
    {
        if (!value.is_string())
        {
            Refuse(name, "a list of texts in quotes");
        }
        texts.push_back(value.get<std::string>());
    }
    return texts;
}

JsonFields
JsonFields::Object(const std::string& name, const std::vector<std::string>& known) const
{
    return {Value(name), m_file, PathOf(name), known};
}

const nlohmann::json&
JsonFields::List(const std::string& name) const
{
    const auto& list = Value(name);
    if (!list.is_array() || list.empty())
    {
        Refuse(name, "a list with at least one element");
    }
    return list;
}

JsonItem
JsonFields::Item(const std::string& name) const
{
    return {Value(name), m_file, PathOf(name)};
}

std::vector<JsonItem>
JsonFields::Items(const std::string& name) const
{
    return Has(name) ? Item(name).Items() : std::vector<JsonItem>();
}

void
JsonFields::Refuse(const std::string& name, const std::string& expected) const
{
    mixnetcore::Refuse(m_file + ": " + PathOf(name) + " is " + ShowJson(Value(name)) +
                       "; expected " + expected);
}

const nlohmann::json&
JsonFields::Value(const std::string& name) const
{
    const auto found = m_value->find(name);
    if (found == m_value->end())
    {
        mixnetcore::Refuse(m_file + ": field " + PathOf(name) + " is missing");
    }
    return *found;
}

} // namespace mixnetcore
