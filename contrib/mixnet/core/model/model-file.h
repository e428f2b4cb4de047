/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MODEL_FILE_H
#define MODEL_FILE_H

#include "model-spec.h"

#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Reads a model from the text of a JSON file, as models/README.md describes it.
 *
 * Every field is checked: unknown ones, missing ones, types, ranges, and whether the parts fit each
 * other and the default parallelism.
 *
 * @param text The text.
 * @param path Path of the file: for messages, and the model is named after it, without folder and
 *        .json.
 * @return the model.
 * @throws std::invalid_argument with one line: file, field, value and rule; for a mistake in the
 *         syntax file, line and column.
 */
ModelSpec ParseModel(const std::string& text, const std::string& path);

/**
 * @ingroup mixnet-core
 * @param path A JSON file.
 * @return the model in it.
 * @throws std::invalid_argument as ParseModel(), and when the file cannot be read.
 */
ModelSpec ReadModelFile(const std::string& path);

} // namespace mixnetcore

#endif // MODEL_FILE_H
