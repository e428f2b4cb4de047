/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ETHERNET_PORT_H
#define ETHERNET_PORT_H

#include "fibre-port.h"

#include "ns3/data-rate.h"
#include "ns3/event-id.h"

#include <array>
#include <memory>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A port with a line of its own: it serialises frames one after the other, and obeys pauses.
 *
 * A subclass that has a frame to send asks IsLineFree(). When it is, it hands the frame to
 * Transmit(); when not, it asks for TransmitStart() with CallWhenLineFree(). So a port that sends
 * now and then costs no event of its own.
 *
 * PFC (IEEE 802.1Qbb): a pause frame that has arrived stops its traffic classes until its time is
 * over, or a frame with a time of zero ends it. One quantum is 512 bit times. A frame that has
 * begun is finished. Loss of signal ends all pauses.
 */
class EthernetPort : public FibrePort
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    EthernetPort();

    /// Bits that one quantum of a pause lasts (IEEE 802.3, annex 31B).
    static constexpr uint64_t BITS_PER_QUANTUM = 512;

    /// @return line rate, each way.
    DataRate GetDataRate() const
    {
        return m_dataRate;
    }

    /// @param trafficClass A traffic class. @return whether the other end has paused it.
    bool IsPaused(uint8_t trafficClass) const
    {
        return m_pauses && (m_pauses->classes >> trafficClass & 1) != 0;
    }

    /// @param trafficClass A class that is paused. @return since when, without a break.
    const Time& GetPausedSince(uint8_t trafficClass) const
    {
        return m_pauses->since[trafficClass];
    }

    /// @return how long classes of this port were paused so far, summed.
    Time GetPausedTime() const;

    /**
     * @brief TracedCallback signature for a frame.
     * @param frame The frame.
     */
    typedef void (*FrameTracedCallback)(const RoceFrame& frame);

    /**
     * @brief TracedCallback signature for a pause.
     * @param trafficClass Traffic class.
     * @param paused Whether it is paused from now on.
     */
    typedef void (*PauseTracedCallback)(uint8_t trafficClass, bool paused);

  protected:
    void DoDispose() override;

    /// @param rate Line rate, above zero.
    void SetDataRate(const DataRate& rate);

    /// @return whether a frame can be put on the line now.
    bool IsLineFree() const;

    /// @brief Has TransmitStart() called once, as soon as the line is free.
    void CallWhenLineFree();

    /**
     * @brief Puts a frame on the line: its first bit leaves now.
     * @param frame The frame.
     * @pre IsLineFree()
     */
    void Transmit(RoceFrame&& frame);

    /// @param frame A pause frame that has arrived. @brief Pauses or resumes its classes.
    void HandlePause(const RoceFrame& frame);

    /// @brief Resumes all classes.
    void ClearPauses();

    TracedCallback<const RoceFrame&> m_receiveTrace; //!< a frame was taken in

  private:
    class LineEvent; //!< the event of a line that becomes free; one object, used again and again

    /**
     * @brief What the other end has paused; kept by ports that were ever paused.
     */
    struct Pauses
    {
        uint32_t classes{0};                      //!< bit c is set while class c is paused
        std::array<Time, TRAFFIC_CLASSES> since;  //!< begin of the pause, by class
        std::array<EventId, TRAFFIC_CLASSES> end; //!< event of its end, by class
        Time total;                               //!< time of the pauses that are over
    };

    /// @brief Sends the next frame if there is one and it may leave, or waits for the line.
    virtual void TransmitStart() = 0;

    /// @param trafficClass A class whose pause is over.
    void Resume(uint8_t trafficClass);

    /// @param wireBytes Size on the wire. @return its serialisation time.
    Time SerialisationTimeOf(uint32_t wireBytes);

    /**
     * @brief A size and its time, remembered: frames come in few sizes.
     */
    struct SizeAndTime
    {
        uint32_t wireBytes{0}; //!< size
        Time duration;         //!< its serialisation time
    };

    DataRate m_dataRate;                  //!< line rate
    Time m_lineFreeAt;                    //!< when the last bit on the line has left
    Ptr<EventImpl> m_lineEvent;           //!< when somebody waits for that
    bool m_lineAwaited{false};            //!< whether somebody does
    std::array<SizeAndTime, 2> m_times{}; //!< long frames; short frames
    std::unique_ptr<Pauses> m_pauses;     //!< what is paused; none before the first pause

    TracedCallback<const RoceFrame&> m_transmitTrace; //!< a frame begins to leave
    TracedCallback<uint8_t, bool> m_pauseTrace;       //!< a class is paused or resumed
};

} // namespace mixnet
} // namespace ns3

#endif // ETHERNET_PORT_H
