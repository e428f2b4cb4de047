/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef SWITCH_PORT_H
#define SWITCH_PORT_H

#include "lossless-ingress.h"

#include "ns3/ethernet-port.h"
#include "ns3/fifo-queue.h"

#include <array>
#include <map>
#include <memory>

namespace ns3
{
namespace mixnet
{

class PacketSwitch;

/**
 * @ingroup mixnet
 * @brief One port of a packet switch: output queues and a line, and pauses for the other end.
 *
 * Pause frames go first, after the frame on the line. Then the highest traffic class that has a
 * frame and is not paused by the other end; within each, first come first served. A frame gives
 * its buffer back when its first bit leaves: what is on the line sits in a FIFO of the port.
 *
 * Watchdog of pauses (PacketSwitch attribute PfcWatchdog): a class whose frames wait while the
 * other end pauses it for that long, without a break, is in a storm. Its frames here are lost
 * (PauseStorm), and so are those that come for it, until no pause has come for as long again. The
 * port looks whenever a pause frame comes.
 */
class SwitchPort : public EthernetPort
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Makes it a port of a switch. Called by PacketSwitch.
     * @param owner The switch, which outlives its ports' events.
     * @param number Number of the port.
     * @param rate Line rate.
     */
    void SetSwitch(PacketSwitch* owner, uint32_t number, const DataRate& rate);

    /**
     * @brief Says when frames are marked (ECN). Called by PacketSwitch.
     * @param minimum Queue below which none is, bytes.
     * @param maximum Queue above which all are, bytes.
     */
    void SetMarkLimits(uint64_t minimum, uint64_t maximum);

    /// @return number of the port.
    uint32_t GetNumber() const
    {
        return m_number;
    }

    /**
     * @brief Takes a frame that leaves here. Called by PacketSwitch.
     * @param frame The frame, which has its buffer.
     * @param ingress Whose buffer that is; none of a lossy frame.
     * @pre IsLit()
     */
    void Enqueue(RoceFrame&& frame, LosslessIngress* ingress);

    using FibrePort::Drop; // called by PacketSwitch, for a frame that came in here

    /**
     * @brief The accounts of a lossless class that comes in here; made when first asked for.
     * @param trafficClass The class.
     * @return its accounts, which live as long as the port.
     */
    LosslessIngress& IngressOf(uint8_t trafficClass)
    {
        auto& ingress = m_ingress[trafficClass];
        return ingress ? *ingress : MakeIngress(trafficClass);
    }

    /// @brief Pauses or resumes the other end. Called by LosslessIngress.
    /// @param trafficClass Which class. @param paused Whether it is paused from now on.
    void SendPause(uint8_t trafficClass, bool paused);

    /// @brief Pauses the other end for longer. Called by LosslessIngress.
    /// @param trafficClass Which class.
    void RepeatPause(uint8_t trafficClass);

    /// @param trafficClass A class. @return whether the other end is asked to pause it.
    bool IsPausing(uint8_t trafficClass) const;

    /// @param trafficClass A class. @return bytes of lossless frames that came in here and are in
    /// the switch, the headroom among them.
    uint64_t GetIngressBytes(uint8_t trafficClass) const;

    /// @return the switch.
    const PacketSwitch& GetSwitch() const
    {
        return *m_owner;
    }

    /// @param trafficClass A class. @return accounts of it, of what comes in here; none before the
    /// first frame.
    const LosslessIngress* FindIngress(uint8_t trafficClass) const
    {
        return m_ingress[trafficClass].get();
    }

    /// @param trafficClass A class. @return bytes in its output queue, by whose buffer they take;
    /// those of lossy frames are not among them. Looks at all frames there.
    std::map<const LosslessIngress*, uint64_t> GetHeldBytes(uint8_t trafficClass) const;

    /// @return whether there is a signal.
    bool IsLit() const
    {
        return m_up;
    }

    /// @param trafficClass A class. @return whether its frames may wait here: there is a signal,
    /// and no storm of pauses.
    bool Takes(uint8_t trafficClass) const
    {
        return (m_takes >> trafficClass & 1) != 0;
    }

    /// @param trafficClass A class. @return bytes in its output queue.
    uint64_t GetQueuedBytes(uint8_t trafficClass) const
    {
        return m_queues[trafficClass].bytes;
    }

    /// @return frames in the output queues.
    size_t GetQueuedFrames() const;

    // Documented in FibrePort and NetDevice.
    void HandleFrame(RoceFrame&& frame) override;
    void HandleSignal(const LinkSignal& signal) override;

    bool IsLinkUp() const override
    {
        return m_up;
    }

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    /**
     * @brief A frame that waits.
     */
    struct QueuedFrame
    {
        RoceFrame frame;                   //!< the frame
        LosslessIngress* ingress{nullptr}; //!< whose buffer it takes; none of a lossy frame
    };

    /**
     * @brief The output queue of one class.
     */
    struct ClassQueue
    {
        FifoQueue<QueuedFrame> frames; //!< what waits
        uint64_t bytes{0};             //!< its size
    };

    /// @param trafficClass A lossless class. @return its new accounts.
    LosslessIngress& MakeIngress(uint8_t trafficClass);

    // Documented in EthernetPort.
    void TransmitStart() final;

    /// @brief Puts the next frame of a queue on the line; then its buffer is free.
    /// @param trafficClass Its class. @pre a frame of it waits
    void TransmitFrom(uint32_t trafficClass);

    /// @return the pause frame that is to leave next. @pre HasPauseDue()
    RoceFrame TakePause();

    /// @return whether a pause frame is to leave.
    bool HasPauseDue() const
    {
        return (m_pausesDue | m_resumesDue) != 0;
    }

    /// @return the highest class with a frame that may leave, or TRAFFIC_CLASSES.
    uint32_t NextClass() const;

    /// @brief Marks a frame that leaves its queue, if that is due (ECN).
    /// @param frame The frame. @param queuedBytes What waits behind it.
    void Mark(RoceFrame& frame, uint64_t queuedBytes);

    /// @brief Gives buffer back. @param bytes How much. @param ingress Whose it is.
    void Release(uint32_t bytes, LosslessIngress* ingress);

    /// @brief Loses what waits (PortDown).
    void Flush();

    /// @param trafficClass A class. @param reason Why its frames that wait are lost.
    void FlushClass(uint8_t trafficClass, DropReason reason);

    /**
     * @brief What the watchdog of pauses knows; kept by ports that were ever paused.
     */
    struct Watch
    {
        uint8_t waiting{0};                           //!< bit c: frames of class c wait for a pause
        uint8_t paused{0};                            //!< bit c: a pause came since the last look
        uint8_t storms{0};                            //!< bit c: frames of class c are lost
        std::array<Time, TRAFFIC_CLASSES> since;      //!< when they began to wait, by class
        std::array<EventId, TRAFFIC_CLASSES> restore; //!< next look whether a storm is over
    };

    /// @param pause A pause frame that has come. @brief Looks for storms.
    void WatchPauses(const RoceFrame& pause);

    /// @param trafficClass A class whose frames have waited for too long.
    void StormStart(uint8_t trafficClass);

    /// @param trafficClass A class in a storm. @brief Looks whether that is over.
    void StormCheck(uint8_t trafficClass);

    /// @brief Ends all storms, without a signal.
    void ForgetStorms();

    /// @brief Says which classes it takes.
    void UpdateTakes();

    PacketSwitch* m_owner{nullptr}; //!< the switch
    uint32_t m_number{0};           //!< number of the port
    bool m_up{false};               //!< whether there is a signal
    uint8_t m_takes{0};             //!< bit c is set if frames of class c may wait
    uint8_t m_waiting{0};           //!< bit c is set while frames of class c wait
    uint8_t m_pausesDue{0};         //!< bit c is set while a pause of class c is to be sent
    uint8_t m_resumesDue{0};        //!< the same for the end of a pause
    uint64_t m_markMinimum{0};      //!< queue below which no frame is marked, bytes
    uint64_t m_markMaximum{0};      //!< queue above which all are, bytes
    std::array<ClassQueue, TRAFFIC_CLASSES> m_queues;                        //!< by class
    std::array<std::unique_ptr<LosslessIngress>, TRAFFIC_CLASSES> m_ingress; //!< by class
    std::unique_ptr<Watch> m_watch; //!< of pauses; none before the first that it is to watch
};

} // namespace mixnet
} // namespace ns3

#endif // SWITCH_PORT_H
