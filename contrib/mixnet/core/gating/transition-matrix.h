/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRANSITION_MATRIX_H
#define TRANSITION_MATRIX_H

#include <cstddef>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Reads how tokens move from the experts of one layer to those of the next.
 *
 * The text is one JSON matrix, `[[0.9,0.1],[0.2,0.8]]`: a row per expert, with the probability that
 * one of its tokens goes to each expert of the next layer. Rows may miss 1 by 1e-6.
 *
 * @param text Text of the matrix.
 * @param name What messages call it: its path.
 * @param experts Rows and columns the model needs.
 * @return the probabilities, row by row.
 * @throws std::invalid_argument with one line (input, place, value, what is expected).
 */
std::vector<double> ParseTransitionMatrix(const std::string& text,
                                          const std::string& name,
                                          size_t experts);

/**
 * @ingroup mixnet-core
 * @param path File with the matrix.
 * @param experts Rows and columns the model needs.
 * @return the probabilities, row by row.
 * @throws std::invalid_argument as ParseTransitionMatrix(), and when the file cannot be read.
 */
std::vector<double> ReadTransitionMatrix(const std::string& path, size_t experts);

} // namespace mixnetcore

#endif // TRANSITION_MATRIX_H
