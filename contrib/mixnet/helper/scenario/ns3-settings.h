/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef NS3_SETTINGS_H
#define NS3_SETTINGS_H

#include <string>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @param name Name of an option.
 * @return whether it is a setting of ns-3: a global value, or an attribute of a class as
 * ns3::Class::Attribute.
 */
bool IsSetting(const std::string& name);

/**
 * @ingroup mixnet
 * @param name What is no setting. @return "; did you mean --NAME?" with the setting that is near:
 * another attribute of the class, or a global value; empty when none is.
 */
std::string SuggestSetting(const std::string& name);

/**
 * @ingroup mixnet
 * @brief Checks a value before ns-3 does, which would abort.
 * @param name Name of a setting.
 * @param value What the user gave for it.
 * @return what it must be; empty when ns-3 can read it.
 */
std::string FaultOfSetting(const std::string& name, const std::string& value);

} // namespace mixnet
} // namespace ns3

#endif // NS3_SETTINGS_H
