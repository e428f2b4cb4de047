/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_CONNECTIONS_H
#define FLOW_CONNECTIONS_H

#include "ns3/event-id.h"
#include "ns3/flow-paths.h"
#include "ns3/ocs-switch.h"
#include "ns3/rdma-nic.h"

#include <boost/container/flat_map.hpp>
#include <boost/container/small_vector.hpp>
#include <deque>
#include <memory>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief The queue pairs of a fabric whose messages are a fluid: which of them light lets go on.
 *
 * The devices of the fabric see light as with packets; this object watches them. A queue pair is
 * open while its line leads to its end: its NICs have light, its circuit joins them, links between
 * switches lead on. It goes on when light returns to its NIC. Where only its peer or a link between
 * switches was dark, its sender does not know; it goes on
 *
 * - at once, if it lost no frame, or if frames are in order and it has not run into the end of its
 *   window, so that a NACK tells it;
 * - else when its retransmission timer would next expire (doubling as BackoffLimit says).
 *
 * After LinkDownTimeout without light, or when the timer would have expired more than RetryLimit
 * times, it fails.
 *
 * Which queue pairs lose frames, where only a few do: frames of all of them that share a dark line
 * are counted through in the order of queue pairs, at the rates of that instant, and who has a
 * whole number of them loses one. So as many lose frames as on average with packets.
 *
 * Guarantees: a queue pair with messages that is closed opens or fails within a time that its NIC's
 * attributes set; equal calls give equal numbers.
 */
class FlowConnections
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

    /// @brief A message on a queue pair, between others on it.
    struct Entry
    {
        uint32_t message;  //!< as the owner counts
        uint32_t previous; //!< entry of the one that came before, or NONE
        uint32_t next;     //!< entry of the one that came behind, or NONE
    };

    /// @brief Messages on a queue pair, as they came; valid while others come, not while they go.
    class MessageList
    {
      public:
        /// @brief Goes from message to message.
        class Iterator
        {
          public:
            /// @param entries All entries. @param at One of them, or NONE.
            Iterator(const std::vector<Entry>& entries, uint32_t at)
                : m_entries(entries),
                  m_at(at)
            {
            }

            /// @return the message.
            uint32_t operator*() const
            {
                return m_entries[m_at].message;
            }

            /// @return this, at the next message.
            Iterator& operator++()
            {
                m_at = m_entries[m_at].next;
                return *this;
            }

            /// @param other Another. @return whether it is elsewhere.
            bool operator!=(const Iterator& other) const
            {
                return m_at != other.m_at;
            }

          private:
            const std::vector<Entry>& m_entries; //!< all
            uint32_t m_at;                       //!< the message's
        };

        /// @param entries All entries. @param first The first message's, or NONE.
        MessageList(const std::vector<Entry>& entries, uint32_t first)
            : m_entries(entries),
              m_first(first)
        {
        }

        /// @return the first message.
        Iterator begin() const // NOLINT: as range-based for loops want it
        {
            return {m_entries, m_first};
        }

        /// @return behind the last message.
        Iterator end() const // NOLINT: as range-based for loops want it
        {
            return {m_entries, NONE};
        }

      private:
        const std::vector<Entry>& m_entries; //!< all
        uint32_t m_first;                    //!< the first message's
    };

    /// @brief Whom to tell.
    class Owner
    {
      public:
        virtual ~Owner() = default;

        /**
         * @param connection A queue pair whose line has closed.
         * @param isSevered Whether all that is under way is lost, rather than some of it.
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

        /// @brief Links between switches have changed, and with them ways.
        virtual void NotifyPathsChanged() = 0;
    };

    /**
     * @param owner Whom to tell; outlives this object.
     * @param plan The fabric.
     * @param paths Its ways; told of links that go up and down. Outlives this object.
     */
    FlowConnections(Owner& owner,
                    std::shared_ptr<const mixnetcore::FabricPlan> plan,
                    mixnetcore::FlowPaths& paths);
    ~FlowConnections();

    FlowConnections(const FlowConnections&) = delete;
    FlowConnections& operator=(const FlowConnections&) = delete;

    /**
     * @brief Adds a host; hosts come in the order of the plan.
     * @param nics Its NICs by number.
     */
    void AddHost(const std::vector<Ptr<RdmaNic>>& nics);

    /// @param link A link between packet switches that goes down now. @brief Queue pairs with
    /// frames on it are held up until their timers expire.
    void LoseLink(uint32_t link);

    /// @brief Ways between switches have changed: looks at all queue pairs, after what else
    /// happens at this instant.
    void UpdateAll();

    /**
     * @brief Watches circuits.
     * @param ocs An optical circuit switch.
     * @param addresses Address of the NIC behind each of its ports.
     */
    void AddOpticalSwitch(Ptr<OcsSwitch> ocs, const std::vector<NicAddress>& addresses);

    /// @param leg From NIC to NIC. @return number of its queue pair.
    uint32_t NumberOf(const mixnetcore::RdmaLeg& leg);

    /// @return queue pairs so far, numbered from 0.
    uint32_t Size() const;

    /// @param number A queue pair. @return from which NIC to which.
    const mixnetcore::RdmaLeg& LegOf(uint32_t number) const;

    /// @param number A queue pair. @return whether its messages move.
    bool IsOpen(uint32_t number) const;

    /// @param number A queue pair. @return its messages that are not acknowledged.
    MessageList MessagesOf(uint32_t number) const;

    /// @param number A queue pair. @return how many of its messages move, or will.
    uint32_t MovingOn(uint32_t number) const;

    /// @param number A queue pair. @return the NIC that sends.
    Ptr<RdmaNic> SenderOf(uint32_t number) const;

    /// @param number A queue pair. @param message Number of a message on it, as the owner counts,
    /// that does not move.
    /// @return its entry.
    uint32_t Add(uint32_t number, uint32_t message);

    /// @param number A queue pair. @brief One of its messages moves from now on.
    void Start(uint32_t number);

    /// @param number A queue pair. @brief A message that moved has sent all.
    void Stop(uint32_t number);

    /// @param number A queue pair. @param entry Of a message that does not move, and is over.
    void Remove(uint32_t number, uint32_t entry);

    /**
     * @brief Looks back whether a frame got over a line.
     * @param leg From NIC to NIC.
     * @param atNic When it would be at the last NIC; not later than now.
     * @param payload Of it, bytes.
     * @return whether darkness at one of the two NICs, or of its circuit, has taken it.
     */
    bool Loses(const mixnetcore::RdmaLeg& leg, const Time& atNic, uint32_t payload);

    /// @param number A queue pair that has lost the last frames of a message, or their
    /// acknowledgement. @brief It is held up until its sender knows.
    void HoldUp(uint32_t number);

    /// @param number A queue pair. @brief Looks at its line, closes or opens it.
    void Update(uint32_t number);

  private:
    /// @brief What a closed queue pair with messages waits for.
    struct Wait
    {
        Time since;         //!< when it closed, or had a message while closed
        bool retries;       //!< whether its own NIC had light then
        bool hasLost;       //!< whether frames are known to be lost that no NACK tells of
        double rate;        //!< of its messages then, bytes per second; 0: it sent into the dark
        Time sendsUntil;    //!< when its sender is out of bytes, or at the end of its window
        EventId failure;    //!< end of patience
        EventId resumption; //!< the timer that finds its line open
    };

    /// @brief What a queue pair's messages share.
    struct Connection
    {
        /// @param way From NIC to NIC. @param isOpen Whether its line leads to its end.
        Connection(const mixnetcore::RdmaLeg& way, bool isOpen);

        mixnetcore::RdmaLeg leg;    //!< from NIC to NIC
        uint32_t first{NONE};       //!< entry of the oldest message that is not acknowledged
        uint32_t last{NONE};        //!< of the newest
        uint32_t moving{0};         //!< of these, how many move, or will
        bool open;                  //!< whether messages move
        std::unique_ptr<Wait> wait; //!< while it is closed and has messages
    };

    /// @brief When a NIC's circuit led nowhere last.
    struct Blackout
    {
        Time from{Time::Max()}; //!< when its circuit went; never
        Time until;             //!< when there was light again
    };

    /// @param nic A NIC. @return its address.
    NicAddress AddressOf(const mixnetcore::NicId& nic) const;

    /// @param leg From NIC to NIC. @return whether its line leads to its end now.
    bool HasLight(const mixnetcore::RdmaLeg& leg) const;

    /// @param leg From NIC to NIC. @return whether it is a circuit.
    bool IsOptical(const mixnetcore::RdmaLeg& leg) const;

    /// @param number A queue pair. @param isSevered As in NotifyClosed(). @brief It is held up.
    void Close(uint32_t number, bool isSevered);

    /// @param number A queue pair. @brief Its line is open again, and its sender knows.
    void Reopen(uint32_t number);

    /// @param number A closed queue pair. @param pace Of its messages until now. @brief Begins to
    /// wait for its line, unless it does.
    void StartPatience(uint32_t number, const Pace& pace);

    /// @param nic A NIC. @return what one of its queue pairs sends when all have windows open,
    /// bytes per second.
    double ShareOf(NicAddress nic) const;

    /// @param number A queue pair that waits. @brief If its own NIC is dark now, its timer stands
    /// still, and light is what it waits for.
    void NoticeDarkness(uint32_t number);

    /// @param connection A queue pair that closes no more. @brief It waits for nothing.
    void EndPatience(Connection& connection);

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

    /// @param address A NIC whose light has changed.
    void HandleNicLight(NicAddress address);

    /// @param isCut Whether a fibre is cut now, or spliced.
    void HandleCut(bool isCut);

    /// @brief Looks at all lines after links between switches have changed.
    void HandleWays();

    /// @param ocs Number of an optical switch. @param a A port. @param b Another.
    void HandleCircuitUp(uint32_t ocs, uint32_t a, uint32_t b);

    /// @param ocs Number of an optical switch. @param a A port. @param b Another.
    void HandleCircuitDown(uint32_t ocs, uint32_t a, uint32_t b);

    /// @param address A NIC. @param peer The NIC that its circuit leads to, or NONE.
    void SetPeer(NicAddress address, NicAddress peer);

    Owner& m_owner;                                       //!< whom to tell
    std::shared_ptr<const mixnetcore::FabricPlan> m_plan; //!< the fabric
    mixnetcore::FlowPaths& m_paths;                       //!< its ways

    std::vector<Ptr<RdmaNic>> m_nics;                    //!< by address
    std::vector<uint32_t> m_linkOf;                      //!< link of the plan, by address
    std::vector<NicAddress> m_peers;                     //!< at the end of a circuit, by address
    std::vector<Blackout> m_blackouts;                   //!< of circuits, by address
    std::vector<std::vector<NicAddress>> m_opticalPorts; //!< by switch and port

    std::deque<Connection> m_connections;                  //!< in the order of first use
    std::vector<Entry> m_entries;                          //!< messages of all
    uint32_t m_freeEntry{NONE};                            //!< the first to use again
    std::vector<std::vector<uint32_t>> m_connectionsOfNic; //!< by address
    std::vector<boost::container::flat_map<NicAddress, uint32_t>>
        m_numberOf;         //!< by sender, then by receiver
    EventId m_ways;         //!< links have changed at this instant
    bool m_hasCuts{false};  //!< whether the fibre of a NIC was ever cut
    double m_lostFrames{0}; //!< counted through so far
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_CONNECTIONS_H
