/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef JSON_ITEM_H
#define JSON_ITEM_H

#include "json-fields.h"
#include "mixnet-units.h"

#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A value of any kind in a user's JSON file, checked as it is read.
 *
 * Refuses with one line that names file, place, value and rule; places within lists have numbers
 * from 0, as links[3].ends[1].
 */
class JsonItem
{
  public:
    /**
     * @param value The value; outlives this one.
     * @param file What messages call the file: its path.
     * @param path Name of the value within the file.
     */
    JsonItem(const nlohmann::json& value, std::string file, std::string path);

    /// @return name of the value within the file.
    const std::string& Path() const
    {
        return m_path;
    }

    /// @return whether it is a list.
    bool IsList() const;

    /// @return whether it is a text.
    bool IsText() const;

    /// @return the elements of a list, which may be empty.
    /// @throws std::invalid_argument when it is no list.
    std::vector<JsonItem> Items() const;

    /// @param expected What would be right. @return the elements of a list of two.
    /// @throws std::invalid_argument when it is none.
    std::pair<JsonItem, JsonItem> Pair(const std::string& expected) const;

    /// @param known Names of all fields it may have. @return the fields of an object.
    /// @throws std::invalid_argument when it is no object, or has an unknown field.
    JsonFields Fields(const std::vector<std::string>& known) const;

    /// @return a text. @throws std::invalid_argument when it is none, or empty.
    std::string Text() const;

    /// @param least Smallest number allowed. @param most Largest. @return a whole number.
    /// @throws std::invalid_argument when it is none, or out of range.
    uint64_t Count(uint64_t least, uint64_t most) const;

    /// @return a number above 0, fractions allowed. @throws std::invalid_argument when it is none.
    double PositiveNumber() const;

    /// @return a data rate. @throws std::invalid_argument when it is no text as ParseRate() takes.
    BitsPerSecond Rate() const;

    /// @return a time. @throws std::invalid_argument when it is no text as ParseDuration() takes.
    Picoseconds Duration() const;

    /**
     * @param names Known names.
     * @return one of them, in whatever case it is given.
     * @throws std::invalid_argument when it is no text, or none of them, which lists them.
     */
    std::string Choice(const std::vector<std::string>& names) const;

    /// @param expected What would be right. @throws std::invalid_argument always.
    [[noreturn]] void Refuse(const std::string& expected) const;

  private:
    const nlohmann::json* m_value; //!< the value
    std::string m_file;            //!< path of the file
    std::string m_path;            //!< name within the file
};

} // namespace mixnetcore

#endif // JSON_ITEM_H
