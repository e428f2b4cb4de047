/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OPTION_HINTS_H
#define OPTION_HINTS_H

#include "option-declaration.h"

#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What somebody may have meant who typed what is no option of a program.
 */
class OptionHints
{
  public:
    /// @param options Options of the program.
    explicit OptionHints(std::vector<OptionDeclaration> options);

    /// @param name A name that is no option. @return what the user may have meant, in words.
    std::string OfName(const std::string& name) const;

    /// @param argument What does not begin with two dashes. @return what the user may have meant,
    /// in words.
    std::string OfArgument(const std::string& argument) const;

    /// @param option An option that stands alone. @param next The argument behind it; may be empty.
    /// @throws std::invalid_argument always, with one line that says how to write it.
    [[noreturn]] static void RefuseBare(const OptionDeclaration& option, const std::string& next);

  private:
    /// @param name An option. @return whether it takes yes and no.
    bool IsYesOrNo(const std::string& name) const;

    std::vector<OptionDeclaration> m_options; //!< as declared
    std::vector<std::string> m_names;         //!< theirs
};

} // namespace mixnet
} // namespace ns3

#endif // OPTION_HINTS_H
