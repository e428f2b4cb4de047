/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RDMA_MESSAGE_H
#define RDMA_MESSAGE_H

#include "ns3/simple-ref-count.h"

#include <cstdint>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief One RDMA WRITE as a queue pair sees it: a number of bytes.
 *
 * Whoever posts it may derive from it to say what the bytes are; the NIC that receives the last of
 * them hands it over.
 */
class RdmaMessage : public SimpleRefCount<RdmaMessage>
{
  public:
    /**
     * @param bytes Size; a message of zero bytes is one frame without payload.
     */
    explicit RdmaMessage(uint64_t bytes)
        : m_bytes(bytes)
    {
    }

    virtual ~RdmaMessage() = default;

    /// @return size in bytes.
    uint64_t GetBytes() const
    {
        return m_bytes;
    }

  private:
    uint64_t m_bytes; //!< size
};

} // namespace mixnet
} // namespace ns3

#endif // RDMA_MESSAGE_H
