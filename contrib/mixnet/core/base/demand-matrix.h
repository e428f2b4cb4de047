/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef DEMAND_MATRIX_H
#define DEMAND_MATRIX_H

#include "checks.h"
#include "mixnet-units.h"

#include <cstddef>
#include <initializer_list>
#include <numeric>
#include <stdexcept>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A dense matrix of quantities, from sources (rows) to destinations (columns).
 *
 * @tparam Value Bytes or Tokens.
 */
template <class Value>
class CountMatrix
{
  public:
    CountMatrix() = default;

    /**
     * @param rows Number of sources.
     * @param columns Number of destinations.
     */
    CountMatrix(size_t rows, size_t columns)
        : m_rows(rows),
          m_columns(columns),
          m_values(rows * columns)
    {
    }

    /**
     * @param rows Number of sources.
     * @param columns Number of destinations.
     * @param valueAt Tells the value at a row and column.
     */
    template <typename ValueAt>
    CountMatrix(size_t rows, size_t columns, const ValueAt& valueAt)
        : CountMatrix(rows, columns)
    {
        for (size_t row = 0; row < rows; ++row)
        {
            for (size_t column = 0; column < columns; ++column)
            {
                At(row, column) = valueAt(row, column);
            }
        }
    }

    /**
     * @param rows The values, row by row.
     * @throws std::invalid_argument when the rows differ in length.
     */
    CountMatrix(std::initializer_list<std::initializer_list<uint64_t>> rows);

    /// @return number of sources.
    size_t Rows() const
    {
        return m_rows;
    }

    /// @return number of destinations.
    size_t Columns() const
    {
        return m_columns;
    }

    /**
     * @param row Source, below Rows().
     * @param column Destination, below Columns().
     * @return the value.
     */
    Value& At(size_t row, size_t column)
    {
        return m_values[Index(row, column)];
    }

    /**
     * @copydoc At(size_t,size_t)
     */
    const Value& At(size_t row, size_t column) const
    {
        return m_values[Index(row, column)];
    }

    /**
     * @param row Source, below Rows().
     * @return sum over all destinations.
     */
    Value RowSum(size_t row) const;

    /**
     * @param column Destination, below Columns().
     * @return sum over all sources.
     */
    Value ColumnSum(size_t column) const;

    /// @return sum over all.
    Value Total() const;

    /// @return the matrix with sources and destinations exchanged.
    CountMatrix Transposed() const;

    /**
     * @brief Adds up neighbouring rows and columns, as ranks into hosts or experts into ranks.
     * @param rowsPerGroup How many rows make one new row; divides Rows().
     * @param columnsPerGroup How many columns make one new column; divides Columns().
     * @return the smaller matrix with the same total.
     * @throws std::invalid_argument when a group size is zero or does not divide.
     */
    CountMatrix Grouped(size_t rowsPerGroup, size_t columnsPerGroup) const;

    /// @return the matrix with zeros from (i, i), for what stays at home.
    CountMatrix WithoutDiagonal() const;

    /// @param other A matrix of the same size. @return this one, with its values added.
    CountMatrix& operator+=(const CountMatrix& other)
    {
        for (size_t place = 0; place < m_values.size(); ++place)
        {
            m_values[place] += other.m_values.at(place);
        }
        return *this;
    }

    /**
     * @param other Another matrix.
     * @return whether sizes and values are the same.
     */
    bool operator==(const CountMatrix& other) const
    {
        return m_rows == other.m_rows && m_columns == other.m_columns && m_values == other.m_values;
    }

    /**
     * @param other Another matrix.
     * @return whether sizes or values differ.
     */
    bool operator!=(const CountMatrix& other) const
    {
        return !(*this == other);
    }

  private:
    /**
     * @param row Source.
     * @param column Destination.
     * @return place of the value.
     * @throws std::out_of_range when there is no such row or column.
     */
    size_t Index(size_t row, size_t column) const
    {
        if (row >= m_rows || column >= m_columns)
        {
            throw std::out_of_range("matrix index outside of its rows or columns");
        }
        return row * m_columns + column;
    }

    size_t m_rows{0};            //!< number of sources
    size_t m_columns{0};         //!< number of destinations
    std::vector<Value> m_values; //!< the values, row by row
};

template <class Value>
CountMatrix<Value>::CountMatrix(std::initializer_list<std::initializer_list<uint64_t>> rows)
    : m_rows(rows.size()),
      m_columns(rows.size() == 0 ? 0 : rows.begin()->size())
{
    m_values.reserve(m_rows * m_columns);
    for (const auto& row : rows)
    {
        if (row.size() != m_columns)
        {
            Refuse("the rows of a matrix differ in length");
        }
        for (const auto value : row)
        {
            m_values.emplace_back(value);
        }
    }
}

template <class Value>
Value
CountMatrix<Value>::RowSum(size_t row) const
{
    Value sum;
    for (size_t column = 0; column < m_columns; ++column)
    {
        sum += At(row, column);
    }
    return sum;
}

template <class Value>
Value
CountMatrix<Value>::ColumnSum(size_t column) const
{
    Value sum;
    for (size_t row = 0; row < m_rows; ++row)
    {
        sum += At(row, column);
    }
    return sum;
}

template <class Value>
Value
CountMatrix<Value>::Total() const
{
    return std::accumulate(m_values.begin(), m_values.end(), Value());
}

template <class Value>
CountMatrix<Value>
CountMatrix<Value>::Transposed() const
{
    return {m_columns, m_rows, [this](size_t row, size_t column) { return At(column, row); }};
}

template <class Value>
CountMatrix<Value>
CountMatrix<Value>::Grouped(size_t rowsPerGroup, size_t columnsPerGroup) const
{
    if (rowsPerGroup == 0 || columnsPerGroup == 0 || m_rows % rowsPerGroup != 0 ||
        m_columns % columnsPerGroup != 0)
    {
        Refuse("the group sizes of a matrix do not divide its rows, columns");
    }
    CountMatrix result(m_rows / rowsPerGroup, m_columns / columnsPerGroup);
    for (size_t row = 0; row < m_rows; ++row)
    {
        for (size_t column = 0; column < m_columns; ++column)
        {
            result.At(row / rowsPerGroup, column / columnsPerGroup) += At(row, column);
        }
    }
    return result;
}

template <class Value>
CountMatrix<Value>
CountMatrix<Value>::WithoutDiagonal() const
{
    auto result = *this;
    for (size_t i = 0; i < m_rows && i < m_columns; ++i)
    {
        result.At(i, i) = Value();
    }
    return result;
}

/// @ingroup mixnet-core
/// @brief Bytes per (source row, destination column) of one phase: ranks, GPUs or hosts.
using DemandMatrix = CountMatrix<Bytes>;

/// @ingroup mixnet-core
/// @brief Token assignments per (source EP rank, expert or destination EP rank).
using TokenMatrix = CountMatrix<Tokens>;

} // namespace mixnetcore

#endif // DEMAND_MATRIX_H
