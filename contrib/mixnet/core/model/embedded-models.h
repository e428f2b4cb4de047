/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef EMBEDDED_MODELS_H
#define EMBEDDED_MODELS_H

#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A file of the model catalogue as it was when this library was built.
 */
struct EmbeddedModel
{
    const char* name; //!< name of the file without .json
    const char* text; //!< its text
};

/**
 * @ingroup mixnet-core
 * @brief The files models/NAME.json; the function is generated when the library is built.
 * @return all of them, ordered by name.
 */
const std::vector<EmbeddedModel>& EmbeddedModels();

} // namespace mixnetcore

#endif // EMBEDDED_MODELS_H
