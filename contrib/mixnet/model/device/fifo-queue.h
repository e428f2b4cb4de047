/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FIFO_QUEUE_H
#define FIFO_QUEUE_H

#include <cstddef>
#include <utility>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief First in, first out; takes no memory before its first element.
 *
 * A ring that doubles when it is full and does not shrink: a fabric has hundreds of thousands of
 * queues, of which most stay empty, and those in use are at the heart of every frame's way.
 *
 * @tparam T What waits; can be made without arguments and moved.
 */
template <class T>
class FifoQueue
{
  public:
    /// @return whether nothing waits.
    bool IsEmpty() const
    {
        return m_size == 0;
    }

    /// @return how many wait.
    size_t GetSize() const
    {
        return m_size;
    }

    /// @return the one that has waited longest. @pre !IsEmpty()
    T& Front()
    {
        return m_ring[m_first];
    }

    /// @param place From the front, below GetSize(). @return the element there.
    const T& At(size_t place) const
    {
        return m_ring[(m_first + place) & (m_ring.size() - 1)];
    }

    /// @param element One more.
    void Push(T&& element)
    {
        if (m_size == m_ring.size())
        {
            Grow();
        }
        m_ring[(m_first + m_size) & (m_ring.size() - 1)] = std::move(element);
        ++m_size;
    }

    /// @brief Takes away the one that has waited longest. @pre !IsEmpty()
    void Pop()
    {
        m_ring[m_first] = T();
        m_first = (m_first + 1) & (m_ring.size() - 1);
        --m_size;
    }

  private:
    /// @brief Makes room for twice as many.
    void Grow()
    {
        std::vector<T> ring(m_ring.empty() ? 4 : 2 * m_ring.size());
        for (size_t i = 0; i < m_size; ++i)
        {
            ring[i] = std::move(m_ring[(m_first + i) & (m_ring.size() - 1)]);
        }
        m_ring = std::move(ring);
        m_first = 0;
    }

    std::vector<T> m_ring; //!< a power of two of places
    size_t m_first{0};     //!< place of the one that has waited longest
    size_t m_size{0};      //!< how many wait
};

} // namespace mixnet
} // namespace ns3

#endif // FIFO_QUEUE_H
