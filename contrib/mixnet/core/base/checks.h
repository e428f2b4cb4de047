/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CHECKS_H
#define CHECKS_H

#include <cstddef>
#include <string>
#include <type_traits>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A text, part by part; numbers are written as std::to_string() does.
 */
class Phrase
{
  public:
    /// @param part A text or a number. @return this text, with it at its end.
    template <typename Part>
    Phrase& operator<<(const Part& part)
    {
        if constexpr (std::is_arithmetic_v<Part> && !std::is_same_v<Part, char>)
        {
            m_text += std::to_string(part);
        }
        else
        {
            m_text += part;
        }
        return *this;
    }

    /// @return the text.
    operator std::string() const
    {
        return m_text;
    }

  private:
    std::string m_text; //!< so far
};

/// @ingroup mixnet-core
/// @param message What is wrong. @throws std::invalid_argument always, with that message.
[[noreturn]] void Refuse(const std::string& message);

/**
 * @ingroup mixnet-core
 * @param index What is asked for.
 * @param count How many there are.
 * @param what What is counted.
 * @throws std::out_of_range when the index is not below the count.
 */
void CheckIndex(size_t index, size_t count, const std::string& what);

} // namespace mixnetcore

#endif // CHECKS_H
