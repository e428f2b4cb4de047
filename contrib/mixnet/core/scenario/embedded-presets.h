/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef EMBEDDED_PRESETS_H
#define EMBEDDED_PRESETS_H

#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A file of the catalogue of presets as it was when this library was built.
 */
struct EmbeddedPreset
{
    const char* name; //!< name of the file without .json
    const char* text; //!< its text
};

/**
 * @ingroup mixnet-core
 * @brief The files presets/NAME.json; the function is generated when the library is built.
 * @return all of them, ordered by name.
 */
const std::vector<EmbeddedPreset>& EmbeddedPresets();

} // namespace mixnetcore

#endif // EMBEDDED_PRESETS_H
