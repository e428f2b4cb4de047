/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef JSON_LAYOUT_H
#define JSON_LAYOUT_H

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Writes JSON for people: what fits a line stands in one, what does not has an element per
 * line.
 * @param value Any value.
 * @return its text, with the end of a line at its end.
 */
std::string LayOutJson(const nlohmann::ordered_json& value);

} // namespace mixnetcore

#endif // JSON_LAYOUT_H
