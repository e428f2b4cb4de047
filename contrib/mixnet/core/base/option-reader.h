/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OPTION_READER_H
#define OPTION_READER_H

#include "option-values.h"

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Gives the values of options, checked as they are read.
 *
 * An option that is read counts as one that decides something; so read it only where it does.
 */
class OptionReader
{
  public:
    virtual ~OptionReader() = default;

    /// @param name An option. @return what is given, or the default.
    virtual const std::string& Text(const std::string& name) const = 0;

    /// @param name An option. @return what Text() would give; it does not count as read, since it
    /// decides about other options only.
    virtual const std::string& Peek(const std::string& name) const = 0;

    /// @param name An option. @param names Known names. @return the one that is given, in whatever
    /// case. @throws std::invalid_argument when it is none of them, which lists them.
    std::string Choice(const std::string& name, const std::vector<std::string>& names) const
    {
        return ParseChoice(name, Text(name), names);
    }

    /// @param name An option. @param least Smallest value. @param most Largest. @param unit What is
    /// counted, for messages. @return its value.
    uint64_t Count(const std::string& name,
                   uint64_t least,
                   uint64_t most,
                   const std::string& unit = "") const
    {
        return ParseCount(name, Text(name), least, most, unit);
    }

    /// @param name An option. @param least Smallest value. @param most Largest.
    /// @return its value, bytes.
    uint64_t Size(const std::string& name, uint64_t least, uint64_t most) const
    {
        return ParseSize(name, Text(name), least, most);
    }

    /// @param name An option. @param least Smallest value. @param most Largest. @param unit Its
    /// unit, for messages. @return its value.
    double Number(const std::string& name,
                  double least,
                  double most,
                  const std::string& unit = "") const
    {
        return ParseNumber(name, Text(name), least, most, unit);
    }

    /// @param name An option. @return its value.
    BitsPerSecond Rate(const std::string& name) const
    {
        return ParseRate(name, Text(name));
    }

    /// @param name An option. @return its value.
    Picoseconds Duration(const std::string& name) const
    {
        return ParseDuration(name, Text(name));
    }

    /// @param name An option. @return whether it is yes.
    bool Flag(const std::string& name) const
    {
        return ParseFlag(name, Text(name));
    }
};

} // namespace mixnetcore

#endif // OPTION_READER_H
