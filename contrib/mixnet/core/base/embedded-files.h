/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef EMBEDDED_FILES_H
#define EMBEDDED_FILES_H

#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A file of a catalogue as it was when this library was built.
 */
struct EmbeddedFile
{
    const char* name; //!< name of the file without .json
    const char* text; //!< its text
};

/// @ingroup mixnet-core
/// @return the files models/NAME.json, ordered by name; generated when the library is built.
const std::vector<EmbeddedFile>& EmbeddedModels();

/// @ingroup mixnet-core
/// @return the files presets/NAME.json, likewise.
const std::vector<EmbeddedFile>& EmbeddedPresets();

/// @ingroup mixnet-core
/// @return the files prices/NAME.json, likewise.
const std::vector<EmbeddedFile>& EmbeddedPrices();

} // namespace mixnetcore

#endif // EMBEDDED_FILES_H
