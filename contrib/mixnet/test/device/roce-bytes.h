/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ROCE_BYTES_H
#define ROCE_BYTES_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tests
{

/// @ingroup mixnet-tests
/// @brief Bytes of a frame.
using ByteList = std::vector<uint8_t>;

// Where fields are, from the standards: Ethernet 14, IPv4 20, UDP 8, BTH 12 bytes.
constexpr size_t IPV4 = 14;        //!< first byte of the IPv4 header
constexpr size_t UDP = 34;         //!< first byte of the UDP header
constexpr size_t BTH = 42;         //!< first byte of the base transport header
constexpr size_t EXTENSION = 54;   //!< first byte of RETH, AETH or what a CNP reserves
constexpr uint64_t WRAP = 1 << 24; //!< sequence numbers that the wire tells apart

/**
 * @ingroup mixnet-tests
 * @param bytes Bytes of a frame. @param offset Where a field begins. @param size Its bytes.
 * @return the field, whose first byte is the highest.
 */
inline uint64_t
Field(const ByteList& bytes, size_t offset, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i)
    {
        value = value * 256 + bytes.at(offset + i);
    }
    return value;
}

} // namespace tests

#endif // ROCE_BYTES_H
