/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FIBRE_H
#define FIBRE_H

#include "fibre-port.h"
#include "fifo-queue.h"

#include "ns3/channel.h"
#include "ns3/event-impl.h"

#include <array>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A point-to-point channel: a pair of fibres, one each way, that only delays.
 *
 * It has two ends for its whole life; circuits change inside the optical circuit switch and never
 * by moving a fibre. Rates and queues belong to the ports.
 *
 * A cut takes both directions away until Restore(): a frame of which any bit is in the fibre
 * meanwhile is lost (FibreCut), and the ports at both ends lose their signal one delay later. A
 * frame whose last bit leaves the fibre at the very instant of the cut is not lost.
 *
 * Guarantees: carried = delivered + dropped + in flight, frame by frame.
 *
 * Not modelled: attenuation, bit errors, the place of a cut.
 */
class Fibre : public Channel
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    Fibre();
    Fibre(const Fibre&) = delete;
    Fibre& operator=(const Fibre&) = delete;

    /**
     * @brief Joins two ports, once.
     * @param a Port at end 0.
     * @param b Port at end 1.
     */
    void Connect(Ptr<FibrePort> a, Ptr<FibrePort> b);

    /**
     * @brief Takes the fibre apart; it stays so until Restore(). Cutting a cut fibre does nothing.
     */
    void Cut();

    /**
     * @brief Splices the fibre; whatever signal its ends emit arrives one delay later.
     */
    void Restore();

    /// @return whether the fibre is cut.
    bool IsCut() const
    {
        return m_cut;
    }

    /**
     * @param lastBit When the last bit of a frame would be at the far end, or was; not later than
     * now.
     * @param duration Serialisation time of the frame.
     * @return whether a cut takes it; of cuts before, the last two are known.
     */
    bool Loses(const Time& lastBit, const Time& duration) const;

    /**
     * @brief Carries a frame to the other end. Called by FibrePort.
     * @param from End it starts from, 0 or 1.
     * @param frame The frame.
     * @param untilLastBit Time from now until its last bit enters the fibre.
     */
    void Carry(uint32_t from, RoceFrame&& frame, const Time& untilLastBit);

    /**
     * @brief Changes the signal put in at one end. Called by FibrePort.
     * @param from End, 0 or 1.
     * @param signal The signal from now on.
     */
    void SetSignal(uint32_t from, const LinkSignal& signal);

    /// @return what was carried (sent), delivered (received) and lost.
    const FrameCounters& GetCounters() const
    {
        return m_counters;
    }

    /// @return propagation delay.
    Time GetDelay() const
    {
        return m_delay;
    }

    // Documented in Channel.
    std::size_t GetNDevices() const override
    {
        return m_ports[0] ? 2 : 0;
    }

    Ptr<NetDevice> GetDevice(std::size_t i) const override
    {
        return m_ports.at(i);
    }

    /**
     * @brief TracedCallback signature of TxRxPointToPoint, as animation tools expect it.
     * @param packet The packet.
     * @param sender Device that sends.
     * @param receiver Device that receives.
     * @param duration Serialisation time.
     * @param lastBit Time from now until the last bit arrives.
     */
    typedef void (*TxRxTracedCallback)(Ptr<const Packet> packet,
                                       Ptr<NetDevice> sender,
                                       Ptr<NetDevice> receiver,
                                       Time duration,
                                       Time lastBit);

  protected:
    void DoDispose() override;

  private:
    class Arrival; //!< the event of a frame's last bit at the far end

    /**
     * @brief A frame on its way.
     */
    struct Travel
    {
        RoceFrame frame; //!< the frame
        Time lastBit;    //!< when its last bit is at the far end
    };

    /**
     * @brief One of the two directions. Frames neither overtake nor leave, so that only the first
     * has an event.
     */
    struct Direction
    {
        FifoQueue<Travel> inFlight; //!< frames on their way, the oldest first
        Ptr<EventImpl> arrival;     //!< event of the oldest
    };

    /**
     * @brief Schedules the arrival of the oldest frame in flight.
     * @param to The far end.
     */
    void ScheduleArrival(uint32_t to);

    /**
     * @brief The last bit of the oldest frame is at the far end.
     * @param to That end.
     */
    void HandleArrival(uint32_t to);

    /**
     * @brief Sends what signal an end emits, or loss of signal, towards the other.
     * @param from The end.
     */
    void PropagateSignal(uint32_t from);

    std::array<Ptr<FibrePort>, 2> m_ports; //!< the two ends
    std::array<Direction, 2> m_directions; //!< frames in flight, by the end they go to
    std::array<LinkSignal, 2> m_emitted;   //!< signal put in at each end
    bool m_cut{false};                     //!< whether it is cut
    Time m_cutAt;                          //!< when it was cut last
    Time m_darkFrom;                       //!< begin of the latest finished cut
    Time m_darkUntil;                      //!< its end
    FrameCounters m_counters;              //!< carried, delivered, lost
    Time m_delay;                          //!< propagation delay

    /// A frame sets out.
    TracedCallback<Ptr<const Packet>, Ptr<NetDevice>, Ptr<NetDevice>, Time, Time> m_txRxTrace;
    TracedCallback<const RoceFrame&, DropReason> m_dropTrace; //!< a frame was lost here
    TracedCallback<bool> m_cutTrace;                          //!< cut, or spliced
};

} // namespace mixnet
} // namespace ns3

#endif // FIBRE_H
