/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SHARED_BUFFER_H
#define SHARED_BUFFER_H

#include <algorithm>
#include <cstdint>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Bytes of a packet switch: a part that all ports share, and headroom beside it.
 *
 * What one queue may hold, and one input before it is paused, is a multiple of the shared bytes
 * that are free: the fuller the buffer, the less each may have (dynamic thresholds).
 *
 * @see Choudhury, Hahne: Dynamic queue length thresholds for shared-memory packet switches,
 * IEEE/ACM Transactions on Networking, 1998
 */
class SharedBuffer
{
  public:
    /**
     * @param size Shared part, bytes.
     * @param egressAlpha What a queue may hold over what is free.
     * @param ingressAlpha What an input may hold over what is free, before it is paused.
     */
    void Configure(uint64_t size, double egressAlpha, double ingressAlpha)
    {
        m_size = size;
        m_egressAlpha = egressAlpha;
        m_ingressAlpha = ingressAlpha;
    }

    /// @param bytes Size of a frame. @return whether the shared part has room for it.
    bool HasRoom(uint32_t bytes) const
    {
        return m_used + bytes <= m_size;
    }

    /// @param bytes What to take of the shared part. @pre HasRoom(bytes)
    void Take(uint32_t bytes)
    {
        m_used += bytes;
        m_peakUsed = std::max(m_peakUsed, m_used);
    }

    /// @param bytes What to give back to the shared part.
    void Release(uint32_t bytes)
    {
        m_used -= bytes;
    }

    /// @param bytes What to take of the headroom.
    void TakeHeadroom(uint32_t bytes)
    {
        m_headroomUsed += bytes;
        m_peakHeadroomUsed = std::max(m_peakHeadroomUsed, m_headroomUsed);
    }

    /// @param bytes What to give back to the headroom.
    void ReleaseHeadroom(uint32_t bytes)
    {
        m_headroomUsed -= bytes;
    }

    /// @return bytes that a queue may hold now.
    double GetQueueLimit() const
    {
        return m_egressAlpha * (m_size - m_used);
    }

    /// @return bytes of the shared part that an input may hold now without being paused.
    double GetIngressLimit() const
    {
        return m_ingressAlpha * (m_size - m_used);
    }

    /// @param used Bytes of the shared part. @return what an input might hold without being paused
    /// if so many were in use.
    double GetIngressLimitAt(uint64_t used) const
    {
        return m_ingressAlpha * (m_size - used);
    }

    /// @return bytes of the shared part in use.
    uint64_t GetUsed() const
    {
        return m_used;
    }

    /// @return the most that was ever in use of the shared part, bytes.
    uint64_t GetPeakUsed() const
    {
        return m_peakUsed;
    }

    /// @return bytes of headroom in use, of all ports.
    uint64_t GetHeadroomUsed() const
    {
        return m_headroomUsed;
    }

    /// @return the most that was ever in use of the headroom, of all ports, bytes.
    uint64_t GetPeakHeadroomUsed() const
    {
        return m_peakHeadroomUsed;
    }

  private:
    uint64_t m_size{0};             //!< shared part, bytes
    double m_egressAlpha{0};        //!< what a queue may hold over what is free
    double m_ingressAlpha{0};       //!< what an input may hold over what is free
    uint64_t m_used{0};             //!< of the shared part, bytes
    uint64_t m_peakUsed{0};         //!< the most there ever were
    uint64_t m_headroomUsed{0};     //!< of the headroom of all ports, bytes
    uint64_t m_peakHeadroomUsed{0}; //!< the most there ever were
};

} // namespace mixnet
} // namespace ns3

#endif // SHARED_BUFFER_H
