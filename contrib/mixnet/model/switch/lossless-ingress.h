/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef LOSSLESS_INGRESS_H
#define LOSSLESS_INGRESS_H

#include "shared-buffer.h"

#include "ns3/event-id.h"
#include "ns3/nstime.h"

namespace ns3
{
namespace mixnet
{

class SwitchPort;

/**
 * @ingroup mixnet
 * @brief What a packet switch holds of one lossless class that came in at one port (PFC, IEEE
 * 802.1Qbb).
 *
 * 1. Frames take shared buffer. When this input holds more of it than its dynamic threshold, or a
 *    frame found no room there, the other end is paused.
 * 2. What still comes while it is paused takes headroom, which only this port and class may use.
 *    It holds all that can come until the pause works: what is on the fibre, twice its delay at
 *    line rate; a frame that our line had begun before the pause frame; the pause frame; a frame
 *    that the other end had begun; and the frame that found no room. So nothing is lost while the
 *    other end obeys; else a frame is lost once the headroom is used up.
 * 3. Frames that leave give back headroom first. The other end is resumed when the headroom is
 *    empty and the shared part is below the threshold by more than two full frames (hysteresis),
 *    or empty.
 * 4. While it is paused, the pause is repeated whenever half of its time is over.
 * 5. Without signal there is no pause: it is forgotten, and decided anew when the signal returns.
 */
class LosslessIngress
{
  public:
    /**
     * @brief Sizes and times that depend on the port.
     */
    struct Limits
    {
        uint64_t headroom;  //!< headroom, bytes
        uint64_t fullFrame; //!< longest frame, bytes on the wire
        Time refresh;       //!< time after which a pause is repeated
    };

    /**
     * @param port The port, which outlives this object.
     * @param trafficClass The class.
     * @param buffer Of the switch; outlives this object.
     * @param limits Sizes and times.
     */
    LosslessIngress(SwitchPort& port,
                    uint8_t trafficClass,
                    SharedBuffer& buffer,
                    const Limits& limits);
    ~LosslessIngress();
    LosslessIngress(const LosslessIngress&) = delete;
    LosslessIngress& operator=(const LosslessIngress&) = delete;

    /**
     * @brief Takes buffer for a frame that has come; NotifyArrival() follows, once the frame is
     * where it waits.
     * @param bytes Its size.
     * @return whether there was any.
     */
    bool Admit(uint32_t bytes)
    {
        if (!m_pausing && m_buffer.HasRoom(bytes))
        {
            m_buffer.Take(bytes);
            m_shared += bytes;
            return true;
        }
        if (m_inHeadroom + bytes <= m_limits.headroom)
        {
            m_buffer.TakeHeadroom(bytes);
            m_inHeadroom += bytes;
            return true;
        }
        return false;
    }

    /// @brief Pauses the other end if that is due.
    void NotifyArrival()
    {
        if (!m_pausing && (m_inHeadroom > 0 || m_shared > m_buffer.GetIngressLimit()))
        {
            PauseStart();
        }
    }

    /// @brief Gives back the buffer of a frame that leaves. @param bytes Its size.
    void Release(uint32_t bytes);

    /// @brief The signal is gone: a pause has no meaning any more.
    void ForgetPause();

    /// @return whether the other end is to be silent.
    bool IsPausing() const
    {
        return m_pausing;
    }

    /**
     * @param left Bytes that it holds, of those that it holds now.
     * @return bytes of them that are in the shared buffer when the others have left: headroom
     * empties first.
     */
    uint64_t SharedOf(uint64_t left) const
    {
        const uint64_t gone = GetBytes() - left;
        return m_inHeadroom > gone ? left - (m_inHeadroom - gone) : left;
    }

    /**
     * @param left Bytes that it holds, of those that it holds now.
     * @param used Bytes of the shared buffer in use then.
     * @return whether the other end would be resumed.
     */
    bool WouldResume(uint64_t left, uint64_t used) const;

    /// @return the port.
    const SwitchPort& GetPort() const
    {
        return m_port;
    }

    /// @return the class.
    uint8_t GetTrafficClass() const
    {
        return m_trafficClass;
    }

    /// @return bytes held, of the shared buffer and of the headroom.
    uint64_t GetBytes() const
    {
        return m_shared + m_inHeadroom;
    }

  private:
    /// @brief Pauses the other end.
    void PauseStart();

    /// @brief Half of a pause is over: it is repeated, or ends.
    void Refresh();

    /// @return whether there is room enough again.
    bool MayResume() const
    {
        return m_inHeadroom == 0 && IsBelow(m_shared, m_buffer.GetIngressLimit());
    }

    /// @param shared Bytes of the shared buffer. @param limit What an input may hold of it.
    /// @return whether they are so far below that the other end is resumed.
    bool IsBelow(uint64_t shared, double limit) const;

    /// @brief Ends the pause.
    void Resume();

    SwitchPort& m_port;       //!< the port
    SharedBuffer& m_buffer;   //!< of the switch
    Limits m_limits;          //!< sizes and times
    uint64_t m_shared{0};     //!< held of the shared buffer, bytes
    uint64_t m_inHeadroom{0}; //!< held of the headroom, bytes
    EventId m_refresh;        //!< when the pause is repeated
    uint8_t m_trafficClass;   //!< the class
    bool m_pausing{false};    //!< whether the other end is to be silent
};

} // namespace mixnet
} // namespace ns3

#endif // LOSSLESS_INGRESS_H
