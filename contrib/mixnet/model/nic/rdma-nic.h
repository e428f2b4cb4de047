/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RDMA_NIC_H
#define RDMA_NIC_H

#include "queue-pair.h"

#include "ns3/ethernet-port.h"
#include "ns3/fifo-queue.h"

#include <memory>
#include <optional>
#include <unordered_map>

namespace ns3
{
namespace mixnet
{

class ControlPath;

/**
 * @ingroup mixnet
 * @brief One port of a RoCEv2 NIC.
 *
 * Sending: acknowledgements and other control frames go first, then queue pairs take turns, a
 * frame each. Frames are made when the line is free, so there is no queue that could overflow. A
 * PFC pause of the class of data or of control frames stops those; a NIC takes in what comes, and
 * never sends a pause.
 *
 * Link: the port is Down, becomes active LinkUpDelay after a signal comes, and notices loss of
 * signal LinkDownDelay after it ends; signal that returns before is not missed. A frame that
 * arrives while the port is not active is lost (PortDown); one that is for another NIC is lost
 * (WrongPeer). The signal tells whose it is, as a link layer discovery protocol would; queue pairs
 * to another NIC are suspended meanwhile. Signal of a packet switch serves all.
 *
 * One-way circuits (SetControlPath): the NIC that it sends to is not the one whose signal it sees.
 * Control frames of its queue pairs take the control path, which also tells it where its own signal
 * arrives: that NIC can be reached, with or without signal of its own.
 *
 * NetDevice: Send puts a packet on the line as a control frame, to whatever is at the other end.
 *
 * Not modelled: several ports that share one PCIe attachment, processing delay of the NIC.
 */
class RdmaNic : public EthernetPort
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// What the port sees of signal.
    enum class LinkState : uint8_t
    {
        Down,       //!< no signal
        Activating, //!< signal, not yet usable
        Up,         //!< in use
        Fading,     //!< signal is gone, not yet noticed
    };

    RdmaNic();

    /**
     * @brief Sets the address that other NICs know it by.
     * @param address Unique in the fabric; not LinkSignal::PACKET_SWITCH.
     */
    void SetNicAddress(NicAddress address);

    /// @return the address that other NICs know it by.
    NicAddress GetNicAddress() const
    {
        return m_nicAddress;
    }

    /// Window without an attribute or a suggestion, bytes: 800 Gb/s times 10 us.
    static constexpr uint64_t DEFAULT_WINDOW = 1'000'000;

    /// Retransmission timeout likewise, ns: 4.096 us times 2^10.
    static constexpr uint64_t DEFAULT_TIMEOUT_NS = 4'194'304;

    /**
     * @brief Says what suits the paths of its frames, for attributes that are left at 0.
     * @param window Unacknowledged payload of a queue pair, bytes, above 0.
     * @param roundTrip Of a frame and its acknowledgement on an idle path.
     * @param retransmissionTimeout Time without progress, above 0; more than a round trip.
     */
    void SuggestPath(uint64_t window, const Time& roundTrip, const Time& retransmissionTimeout);

    /**
     * @brief Makes it fit for one-way circuits. Called by ControlPath.
     * @param path What control frames take; disposed of after the NIC's last event.
     */
    void SetControlPath(Ptr<ControlPath> path);

    /// @return whether control frames take a path of their own.
    bool HasControlPath() const
    {
        return m_controlPath != nullptr;
    }

    /**
     * @brief Called when a message has arrived whole: message, NIC it came from.
     */
    using MessageCallback = Callback<void, Ptr<const RdmaMessage>, NicAddress>;

    /**
     * @param callback Whom to hand arrived messages to.
     */
    void SetMessageCallback(MessageCallback callback)
    {
        m_messageCallback = callback;
    }

    /**
     * @brief The queue pair to another NIC; made when first asked for.
     * @param peer The other NIC.
     * @param number Which of several between the two.
     * @return the queue pair, which lives as long as the NIC.
     */
    QueuePair& GetQueuePair(NicAddress peer, uint32_t number = 0);

    // What its queue pairs go by: the attributes of the same names.

    /// @return whether frames may overtake each other on their way.
    bool IsOutOfOrder() const
    {
        return m_outOfOrder;
    }

    /// @return number of the first frame of a queue pair.
    uint64_t GetFirstSequence() const
    {
        return m_firstSequence;
    }

    /// @return how often the timeout doubles at most.
    uint32_t GetBackoffLimit() const
    {
        return m_backoffLimit;
    }

    /// @return time between CNPs of one queue pair, at least.
    const Time& GetCnpInterval() const
    {
        return m_cnpInterval;
    }

    /**
     * @param changed Called when its window or rate have changed.
     * @return a new congestion control of the chosen class.
     */
    Ptr<CongestionControl> MakeCongestionControl(Callback<void> changed) const;

    /// @return payload in flight that keeps a path busy, bytes.
    uint64_t GetWindow() const
    {
        return m_windowBytes > 0 ? m_windowBytes : m_suggestedWindow;
    }

    /// @return frames between requested acknowledgements.
    uint32_t GetAckInterval() const
    {
        return m_ackInterval;
    }

    /// @return repetitions without progress at most.
    uint32_t GetRetryLimit() const
    {
        return m_retryLimit;
    }

    /// @return time without progress until a repetition.
    const Time& GetRetransmissionTimeout() const
    {
        return m_retransmissionTimeout.IsZero() ? m_suggestedTimeout : m_retransmissionTimeout;
    }

    /// @return time until a NACK is said again.
    const Time& GetNackInterval() const
    {
        return m_nackInterval;
    }

    /// @return time without a signal until messages end.
    const Time& GetLinkDownTimeout() const
    {
        return m_linkDownTimeout;
    }

    /// @return frames that all queue pairs have retransmitted.
    uint64_t GetRetransmittedFrames() const;

    // Called by QueuePair only.

    /// @param queuePair One that may have data to send.
    void NotifyData(QueuePair& queuePair);

    /// @param queuePair One that may have a control frame to send.
    void NotifyControl(QueuePair& queuePair);

    /// @param message A message that has arrived whole.
    /// @param peer NIC it came from.
    void NotifyMessage(Ptr<const RdmaMessage> message, NicAddress peer);

    // Called by ControlPath only.

    /// @param frame A control frame for this NIC.
    void HandleControlFrame(const RoceFrame& frame);

    /// @param by NIC at which this one's signal arrives. @param on Whether it does from now on.
    void HandleFarEnd(NicAddress by, bool on);

    // Documented in FibrePort and NetDevice.
    void HandleFrame(RoceFrame&& frame) override;
    void HandleSignal(const LinkSignal& signal) override;

    bool IsLinkUp() const override
    {
        return m_state == LinkState::Up || m_state == LinkState::Fading;
    }

    bool Send(Ptr<Packet> packet, const Address& dest, uint16_t protocolNumber) override;

    /**
     * @brief TracedCallback signature for a change of the link's state.
     * @param from State before.
     * @param to State from now on.
     */
    typedef void (*StateTracedCallback)(LinkState from, LinkState to);

    /**
     * @brief TracedCallback signature for a queue pair that is suspended, or goes on.
     * @param peer NIC of its other end.
     * @param number Which of the queue pairs between the two.
     * @param suspended Whether it is from now on.
     */
    typedef void (*SuspensionTracedCallback)(NicAddress peer, uint32_t number, bool suspended);

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    // Documented in EthernetPort.
    void TransmitStart() final;

    /// @return whether a frame may wait to leave.
    bool HasFrames() const
    {
        return (!IsPaused(CONTROL_CLASS) && (!m_rawFrames.IsEmpty() || !m_controlRing.IsEmpty())) ||
               (!IsPaused(DATA_CLASS) && !m_dataRing.IsEmpty());
    }

    /// @return the frame that is to leave next, if there is one.
    std::optional<RoceFrame> NextFrame();

    /// @return the control frame that is to leave next, if there is one.
    std::optional<RoceFrame> NextControl();

    /// @return the data frame that is to leave next, if there is one.
    std::optional<RoceFrame> NextData();

    /// @param state State from now on.
    void SwitchToState(LinkState state);

    /// @brief Signal has been there for long enough.
    void ActivationComplete();

    /// @brief Signal has been gone for long enough.
    void FadingComplete();

    /// @brief Tells every queue pair whether its peer can be reached.
    void UpdateReachability();

    /// @brief Tells the control path whose signal is seen, where that has changed.
    void TellSignal();

    /// @param peer A NIC.
    /// @return whether signal from it is there; with a control path, whether ours is there.
    bool IsReachable(NicAddress peer) const
    {
        return m_controlPath ? m_farEnd == peer
                             : IsLinkUp() && (m_signal.source == LinkSignal::PACKET_SWITCH ||
                                              m_signal.source == peer);
    }

    NicAddress m_nicAddress{0};                           //!< what others know it by
    MessageCallback m_messageCallback;                    //!< receives messages
    std::vector<std::unique_ptr<QueuePair>> m_queuePairs; //!< in the order they were made
    std::unordered_map<uint64_t, QueuePair*>
        m_queuePairByPeer;               //!< by peer and number; looked up only
    QueuePair* m_lastQueuePair{nullptr}; //!< found last
    uint64_t m_lastKey{0};               //!< its peer and number
    FifoQueue<QueuePair*> m_controlRing; //!< those with control frames
    FifoQueue<QueuePair*> m_dataRing;    //!< those with data, in turn
    FifoQueue<RoceFrame> m_rawFrames;    //!< packets handed to Send
    bool m_choosing{false};              //!< whether the next frame is being looked for
    LinkState m_state{LinkState::Down};  //!< what it sees of signal
    LinkSignal m_signal;                 //!< signal that arrives
    Ptr<ControlPath> m_controlPath;      //!< what control frames take; none: the line
    std::optional<NicAddress> m_farEnd;  //!< NIC at which ours arrives, with a control path
    std::optional<NicAddress> m_told;    //!< whose signal the control path knows that we see
    EventId m_linkEvent;                 //!< end of Activating or Fading

    // Attributes
    Time m_linkUpDelay;                         //!< signal to active
    Time m_linkDownDelay;                       //!< dark to noticed
    Time m_linkDownTimeout;                     //!< dark to the end of messages
    TypeId m_congestionControl;                 //!< class of congestion controls
    bool m_outOfOrder;                          //!< whether frames may overtake each other
    uint64_t m_windowBytes;                     //!< unacknowledged payload at most, or 0
    uint64_t m_suggestedWindow{DEFAULT_WINDOW}; //!< the same where that is 0
    Time m_roundTrip;                           //!< of a frame and its acknowledgement
    uint64_t m_firstSequence;                   //!< number of the first frame of a queue pair
    uint32_t m_ackInterval;                     //!< frames between requested acknowledgements
    uint32_t m_retryLimit;                      //!< repetitions without progress
    uint32_t m_backoffLimit;                    //!< how often the timeout doubles at most
    Time m_retransmissionTimeout;               //!< time without progress until a repetition, or 0
    Time m_suggestedTimeout;                    //!< the same where that is 0
    Time m_nackInterval;                        //!< time until a NACK is said again
    Time m_cnpInterval;                         //!< time between CNPs, at least

    TracedCallback<LinkState, LinkState> m_stateTrace;            //!< link state
    TracedCallback<NicAddress, uint32_t, bool> m_suspensionTrace; //!< of queue pairs
};

} // namespace mixnet
} // namespace ns3

#endif // RDMA_NIC_H
