/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_CONNECTIONS_H
#define FLOW_CONNECTIONS_H

#include "flow-links.h"

#include "ns3/event-id.h"

#include <boost/container/flat_map.hpp>
#include <deque>
#include <list>
#include <memory>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief The queue pairs of a fabric whose messages are a fluid: which of them links let go on.
 *
 * A queue pair is open while its line leads to its end (FlowLinks): its NICs have a signal, its
 * circuit joins them, links between switches lead on. It goes on when the signal returns to its
 * NIC. Where only its peer or a link between switches was down, its sender does not know; it goes
 * on
 *
 * - at once, if it lost no frame, or if frames are in order and it has not run into the end of its
 *   window, so that a NACK tells it;
 * - else when its retransmission timer would next expire (doubling as BackoffLimit says).
 *
 * After LinkDownTimeout without a signal, or when the timer would have expired more than RetryLimit
 * times, it fails.
 *
 * Which queue pairs lose frames, where only a few do: frames of all of them that share a line that
 * is down are counted through in the order of queue pairs, at the rates of that instant, and who
 * has a whole number of them loses one. So as many lose frames as on average with packets.
 *
 * Guarantees: a queue pair with messages that is closed opens or fails within a time that its NIC's
 * attributes set; equal calls give equal numbers.
 */
class FlowConnections : private FlowLinks::Owner
{
  public:
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a number

    /// @brief How the messages of a queue pair move.
    struct Pace
    {
        double rate;    //!< payload bytes per second, of all together; of what has begun before now
        double left;    //!< of all, bytes that have not been sent
        Time roundTrip; //!< from a frame to its acknowledgement
        Time age;       //!< of the oldest
    };

    using MessageList = std::list<uint32_t>;   //!< as the owner counts, as they came
    using Entry = MessageList::const_iterator; //!< of a message on a queue pair

    /// @brief Whom to tell.
    class Owner
    {
      public:
        virtual ~Owner() = default;

        /**
         * @param connection A queue pair whose line has closed.
         * @param isSevered Whether all in flight is lost, rather than some of it.
         */
        virtual void NotifyClosed(uint32_t connection, bool isSevered) = 0;

        /// @param connection A queue pair that has lost frames, and goes on as a NACK tells it.
        virtual void NotifyLost(uint32_t connection) = 0;

        /// @param connection A queue pair. @return how its messages move at this instant.
        virtual Pace PaceOf(uint32_t connection) const = 0;

        /// @param connection A queue pair whose line is open again, and whose sender knows.
        virtual void NotifyOpened(uint32_t connection) = 0;

        /// @param connection A queue pair that has waited for too long.
        virtual void NotifyFailed(uint32_t connection) = 0;

        /// @brief Links between switches have changed, and with them paths.
        virtual void NotifyPathsChanged() = 0;
    };

    /**
     * @param owner Whom to tell; outlives this object.
     * @param plan The fabric.
     * @param paths Its paths; outlives this object.
     */
    FlowConnections(Owner& owner,
                    std::shared_ptr<const mixnetcore::FabricPlan> plan,
                    mixnetcore::FlowPaths& paths);
    ~FlowConnections() override;

    FlowConnections(const FlowConnections&) = delete;
    FlowConnections& operator=(const FlowConnections&) = delete;

    /// @return links of the fabric.
    FlowLinks& Links()
    {
        return m_links;
    }

    /// @param leg From NIC to NIC. @return number of its queue pair.
    uint32_t NumberOf(const mixnetcore::RdmaLeg& leg);

    /// @return queue pairs so far, numbered from 0.
    uint32_t Size() const
    {
        return m_connections.size();
    }

    /// @param number A queue pair. @return from which NIC to which.
    const mixnetcore::RdmaLeg& LegOf(uint32_t number) const
    {
        return m_connections[number].leg;
    }

    /// @param number A queue pair. @return whether its messages move.
    bool IsOpen(uint32_t number) const
    {
        return m_connections[number].open;
    }

    /// @param number A queue pair. @return its messages that are not acknowledged; valid
    /// while others come, not while they go.
    const MessageList& MessagesOf(uint32_t number) const
    {
        return m_connections[number].messages;
    }

    /// @param number A queue pair. @return how many of its messages move, or will.
    uint32_t MovingOn(uint32_t number) const
    {
        return m_connections[number].moving;
    }

    /// @param number A queue pair. @return the NIC that sends.
    Ptr<RdmaNic> SenderOf(uint32_t number) const
    {
        return m_links.At(m_connections[number].leg.from);
    }

    /// @param number A queue pair. @param message Number of a message on it, as the owner counts,
    /// that does not move.
    /// @return its entry.
    Entry Add(uint32_t number, uint32_t message);

    /// @param number A queue pair. @brief One of its messages moves from now on.
    void Start(uint32_t number);

    /// @param number A queue pair. @brief A message that moved has sent all.
    void Stop(uint32_t number)
    {
        --m_connections[number].moving;
    }

    /// @param number A queue pair. @param entry Of a message that does not move, and is over.
    void Remove(uint32_t number, Entry entry);

    /// @param number A queue pair that has lost the last frames of a message, or their
    /// acknowledgement. @brief It is held up until its sender knows.
    void HoldUp(uint32_t number);

  private:
    /// @brief What a closed queue pair with messages waits for.
    struct Wait
    {
        Time since;   //!< when it closed, or had a message while closed
        bool retries; //!< whether its own NIC had a signal then
        bool hasLost; //!< whether frames are known to be lost that no NACK tells of
        double rate;  //!< of its messages then, bytes per second; 0: it sent into the closed line
        Time sendsUntil;    //!< when its sender is out of bytes, or at the end of its window
        EventId failure;    //!< it waits no longer
        EventId resumption; //!< the timer that finds its line open
    };

    /// @brief What a queue pair's messages share.
    struct Connection
    {
        mixnetcore::RdmaLeg leg;    //!< from NIC to NIC
        MessageList messages;       //!< those that are not acknowledged
        uint32_t moving;            //!< of these, how many move, or will
        bool open;                  //!< whether messages move
        std::unique_ptr<Wait> wait; //!< while it is closed and has messages
    };

    // Inherited from FlowLinks::Owner
    void NotifyNic(NicAddress address) override;
    void NotifyLinkDown(uint32_t link) override;
    void NotifyPaths() override;

    /// @param number A queue pair. @brief Looks at its line, closes or opens it.
    void Update(uint32_t number);

    /// @param number A queue pair. @param isSevered As in NotifyClosed(). @brief It is held up.
    void Close(uint32_t number, bool isSevered);

    /// @param number A queue pair. @brief Its line is open again, and its sender knows.
    void Reopen(uint32_t number);

    /// @param number A closed queue pair. @param pace Of its messages until now. @brief Begins to
    /// wait for its line, unless it does.
    void StartWaiting(uint32_t number, const Pace& pace);

    /// @param nic A NIC. @return what one of its queue pairs sends when all have windows open,
    /// bytes per second.
    double ShareOf(const mixnetcore::NicId& nic) const;

    /// @param number A queue pair that waits. @brief If its own NIC has no signal now, its retry
    /// timer stands still, and the signal is what it waits for.
    void NoticeSignalLoss(uint32_t number);

    /// @param connection A queue pair that closes no more. @brief It waits for nothing.
    void EndWaiting(Connection& connection);

    /// @param connection A closed queue pair whose line is open again. @return whether its sender
    /// goes on without waiting for its timer.
    bool GoesOn(const Connection& connection);

    /// @param frames That are lost on average. @return whether one is.
    bool LosesFrame(double frames);

    /// @param number A queue pair that has waited for too long. @brief Fails its messages.
    void HandleFailure(uint32_t number);

    /// @param connection A queue pair that waits. @return time until its timer expires next.
    Time NextRetry(const Connection& connection) const;

    /// @param connection A queue pair. @return time in which its timer expires too often.
    Time RetryTime(const Connection& connection) const;

    /// @brief Looks at all lines after paths have changed.
    void UpdateAll();

    Owner& m_owner;                 //!< whom to tell
    mixnetcore::FlowPaths& m_paths; //!< of the fabric
    FlowLinks m_links;              //!< of the fabric

    std::deque<Connection> m_connections;                  //!< in the order of first use
    MessageList m_spare;                                   //!< entries to use again
    std::vector<std::vector<uint32_t>> m_connectionsOfNic; //!< by address
    std::vector<boost::container::flat_map<NicAddress, uint32_t>>
        m_numberOf;         //!< by sender, then by receiver
    EventId m_update;       //!< of all, at this instant
    double m_lostFrames{0}; //!< counted through so far
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_CONNECTIONS_H
