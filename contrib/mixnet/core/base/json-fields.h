/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef JSON_FIELDS_H
#define JSON_FIELDS_H

#include <cstdint>
#include <fstream>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace mixnetcore
{

class JsonItem;

/**
 * @ingroup mixnet-core
 * @brief Parses the text of a user's JSON file.
 * @param text The text.
 * @param file What messages call it: its path.
 * @param expected What the file should be.
 * @return the value in it.
 * @throws std::invalid_argument with one line that names the file, what it should be and, for a
 *         mistake in the syntax, line and column; also when an object has a field twice.
 */
nlohmann::json ParseJsonText(const std::string& text,
                             const std::string& file,
                             const std::string& expected = "a file in JSON");

/**
 * @ingroup mixnet-core
 * @brief Puts what the JSON parser says about a mistake into our words.
 * @param message What it says.
 * @return "not valid JSON at line 3, column 5: found '}'", and the like.
 */
std::string DescribeJsonMistake(const std::string& message);

/**
 * @ingroup mixnet-core
 * @param value Any value of a user's JSON file.
 * @return it for a message: in one line of reasonable length.
 */
std::string ShowJson(const nlohmann::json& value);

/// @ingroup mixnet-core
/// @brief Largest file that is read as a whole, far above any model or matrix.
inline constexpr uint64_t MAX_TEXT_BYTES = uint64_t{1} << 28;

/**
 * @ingroup mixnet-core
 * @brief Reads all of an input.
 * @param input The input.
 * @param name What messages call it.
 * @param what What it is, for messages: "model", "profile".
 * @return its text.
 * @throws std::invalid_argument with one line when it cannot be read, is empty or has more than
 *         MAX_TEXT_BYTES.
 */
std::string ReadText(std::istream& input, const std::string& name, const std::string& what);

/**
 * @ingroup mixnet-core
 * @brief Reads a whole file.
 * @param path The file.
 * @param what What it is, for messages: "model", "profile".
 * @return its text.
 * @throws std::invalid_argument with one line when it cannot be read, is empty or has more than
 *         MAX_TEXT_BYTES.
 */
std::string ReadTextFile(const std::string& path, const std::string& what);

/**
 * @ingroup mixnet-core
 * @brief Refuses an input that the system does not let read, for the reason in errno.
 * @param name What the input is called.
 * @param expected What it should be.
 * @throws std::invalid_argument always.
 */
[[noreturn]] void RefuseUnreadable(const std::string& name, const std::string& expected);

/**
 * @ingroup mixnet-core
 * @brief Opens a file that is read piece by piece.
 * @param path The file.
 * @param expected What it should be, for messages.
 * @return it, open.
 * @throws std::invalid_argument with one line when it cannot be read.
 */
std::ifstream OpenFile(const std::string& path, const std::string& expected);

/// @ingroup mixnet-core
/// @param text Any text. @return it with ? for what cannot be printed.
std::string Printable(std::string text);

/**
 * @ingroup mixnet-core
 * @brief The fields of an object in a user's JSON file, each checked as it is read.
 *
 * Refuses with one line that names file, field, value and rule; fields within fields are named
 * with dots, as experts.topK.
 */
class JsonFields
{
  public:
    /**
     * @param value What should be an object; outlives this one.
     * @param file What messages call the file: its path.
     * @param path Name of the object within the file; empty for the outermost one.
     * @param known Names of all fields it may have.
     * @throws std::invalid_argument when it is no object, or has an unknown field.
     */
    JsonFields(const nlohmann::json& value,
               const std::string& file,
               const std::string& path,
               const std::vector<std::string>& known);

    /// @param name A known field. @return whether the object has it.
    bool Has(const std::string& name) const;

    /**
     * @param name A known field.
     * @param least Smallest number allowed.
     * @param most Largest number allowed.
     * @return the number.
     * @throws std::invalid_argument when it is missing, no whole number, or out of range.
     */
    uint64_t Count(const std::string& name, uint64_t least, uint64_t most) const;

    /**
     * @param name A known field.
     * @param otherwise The number when it is missing.
     * @param least Smallest number allowed.
     * @param most Largest number allowed.
     * @return the number.
     * @throws std::invalid_argument when it is no whole number, or out of range.
     */
    uint64_t CountOr(const std::string& name,
                     uint64_t otherwise,
                     uint64_t least,
                     uint64_t most) const;

    /**
     * @param name A known field.
     * @param least Smallest number allowed.
     * @param most Largest number allowed.
     * @return the numbers of a list, which may be empty or missing.
     * @throws std::invalid_argument when it is no list, or holds anything else.
     */
    std::vector<uint64_t> Counts(const std::string& name, uint64_t least, uint64_t most) const;

    /**
     * @param name A known field.
     * @param least Smallest number allowed.
     * @param most Largest number allowed.
     * @return the number, fractions allowed.
     * @throws std::invalid_argument when it is missing, no number, or out of range.
     */
    double Number(const std::string& name, double least, double most) const;

    /**
     * @param name A known field.
     * @param otherwise What holds when it is missing.
     * @return whether it is true.
     * @throws std::invalid_argument when it is neither true nor false.
     */
    bool FlagOr(const std::string& name, bool otherwise) const;

    /**
     * @param name A known field.
     * @return the text.
     * @throws std::invalid_argument when it is missing, no text, or empty.
     */
    std::string Text(const std::string& name) const;

    /**
     * @param name A known field.
     * @return the texts of a list with at least one.
     * @throws std::invalid_argument when it is missing, no list, empty, or holds anything else.
     */
    std::vector<std::string> Texts(const std::string& name) const;

    /**
     * @param name A known field.
     * @param known Names of all fields that the object in it may have.
     * @return that object.
     * @throws std::invalid_argument when it is missing, no object, or has an unknown field.
     */
    JsonFields Object(const std::string& name, const std::vector<std::string>& known) const;

    /**
     * @param name A known field.
     * @return the elements of a list with at least one; they live as long as the file's value.
     * @throws std::invalid_argument when it is missing, no list, or empty.
     */
    const nlohmann::json& List(const std::string& name) const;

    /// @param name A known field. @return its value; lives as long as the file's value.
    /// @throws std::invalid_argument when it is missing.
    JsonItem Item(const std::string& name) const;

    /// @param name A known field. @return the elements of a list, which may be empty or missing.
    /// @throws std::invalid_argument when it is no list.
    std::vector<JsonItem> Items(const std::string& name) const;

    /**
     * @brief Refuses a field for a rule of the caller.
     * @param name A known field.
     * @param expected What would be right.
     * @throws std::invalid_argument always.
     */
    [[noreturn]] void Refuse(const std::string& name, const std::string& expected) const;

  private:
    /// @param name A field. @return its name within the file.
    std::string PathOf(const std::string& name) const
    {
        return m_path.empty() ? name : m_path + "." + name;
    }

    /**
     * @param name A field.
     * @return its value.
     * @throws std::invalid_argument when it is missing.
     */
    const nlohmann::json& Value(const std::string& name) const;

    const nlohmann::json* m_value; //!< the object
    std::string m_file;            //!< path of the file
    std::string m_path;            //!< name within the file
};

} // namespace mixnetcore

#endif // JSON_FIELDS_H
