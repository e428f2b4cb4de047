/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_RELAYS_H
#define FLOW_RELAYS_H

#include "message-transport.h"

#include "ns3/event-id.h"
#include "ns3/fabric-plan.h"

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Messages of a fluid that go part by part: those that other hosts relay, and those beside
 * them on the same circuits.
 *
 * A relay keeps what it has got until its own NIC has sent it, so that the legs of a message have
 * rates of their own; and when a part is at a relay decides how early that can go on. So parts take
 * turns, as chunks of packets do. A message is cut into parts, whole chunks, PARTS at most; where n
 * begin together between the same two NICs, which keep relays busy as parts do, into PARTS / n, but
 * no fewer than LEAST_PARTS:
 *
 * 1. A leg has one part in flight or in line at a time: the first leg part after part, further
 *    legs all that have come by then together.
 * 2. Of all messages between the same two NICs some parts move at a time, in the order in which
 * they came in line: one in TURNS of those that are, and one at least. When these have left the
 * next ones go.
 * 3. A message with a single leg goes as a whole, beside all others, where none that is relayed has
 * crossed between its two NICs so far: there is nothing that it could hold up.
 * 4. When the last part of a relayed message is at its GPU, its host tells the sender, which takes
 *    the control latency; else it ends with the last acknowledgement.
 *
 * A part is a message of its own for whoever carries it, from GPU to GPU. When one fails or the
 * message is withdrawn, nothing more of it is sent, and what is on its last leg counts as far as it
 * has crossed.
 *
 * Error, against packets: a message alone on its route takes up to one part in PARTS longer for
 * each relay, as parts are coarser than chunks.
 *
 * Not modelled: a limit of what a relay keeps.
 */
class FlowRelays
{
  public:
    static constexpr uint64_t PARTS = 16;      //!< of a message, at most
    static constexpr uint64_t LEAST_PARTS = 8; //!< of a message beside PARTS others
    static constexpr size_t TURNS = 16;        //!< that what waits between two NICs takes, about

    /// @brief Carries the parts.
    class Owner
    {
      public:
        virtual ~Owner() = default;

        /// @param part A message with one leg between hosts that sets out now.
        virtual void BeginPart(Ptr<const Message> part) = 0;

        /// @param id A part. @return bytes of it that have crossed; it goes on no more. Nothing of
        /// one that has left as a whole.
        virtual uint64_t DropPart(MessageId id) = 0;

        /// @param message A message that is at its GPU. @param last Where its last part was when.
        virtual void NotifyRelayed(const Message& message, const ChunkTiming& last) = 0;

        /// @param relay A host. @param bytes That have come to it to be passed on.
        virtual void NotifyKept(uint32_t relay, uint64_t bytes) = 0;

        /// @param completion Whom to tell. @param end How a message ends. @brief Tells the sender,
        /// and where not all has arrived its last host, too.
        virtual void EndRelayed(const MessageTransport::CompletionCallback& completion,
                                const MessageCompletion& end) = 0;
    };

    /// @param owner Carries the parts; outlives this object. @param plan The fabric.
    /// @param chunkBytes Parts are whole chunks.
    FlowRelays(Owner& owner,
               std::shared_ptr<const mixnetcore::FabricPlan> plan,
               uint64_t chunkBytes);

    ~FlowRelays()
    {
        m_beginEvent.Cancel();
    }

    FlowRelays(const FlowRelays&) = delete;
    FlowRelays& operator=(const FlowRelays&) = delete;

    /// @param id A message. @return whether it is a part of another.
    static bool IsPart(MessageId id)
    {
        return id >> 63 != 0;
    }

    /// @param message A message with a leg between hosts, or several. @param completion Called
    /// once.
    void Begin(Ptr<const Message> message, const MessageTransport::CompletionCallback& completion);

    /// @param part A part that has left the NIC of its leg as a whole.
    void HandleLeft(const Message& part);

    /// @param part A part that is at the end of its leg. @param timing Where it was when.
    void HandleArrival(const Message& part, const ChunkTiming& timing);

    /// @param part A part whose acknowledgement is back at where its leg begins.
    void HandleAnswer(const Message& part);

    /// @param part A part that goes on no more. @param leg The leg that has failed.
    /// @param bytes Of it that have crossed.
    void HandleFailure(const Message& part, const mixnetcore::RdmaLeg& leg, uint64_t bytes);

    /// @param id A message. @return whether it is relayed and has not ended.
    bool Has(MessageId id) const
    {
        return m_messages.count(id) > 0;
    }

    /// @param id A message. @return whether it is withdrawn: not when all of it has arrived.
    bool Withdraw(MessageId id);

    /// @param host A host. @return relayed messages that it sends and that are not all there.
    uint64_t CountOutgoing(uint32_t host) const;

  private:
    /// NICs of a leg: hosts and numbers of both.
    using LineKey = std::array<uint32_t, 4>;

    /// @brief What is between two NICs.
    struct Line
    {
        std::deque<std::pair<MessageId, uint32_t>> waiting; //!< messages, and which of their legs
        uint64_t beginning{0};  //!< messages that begin to use it together
        size_t moving{0};       //!< parts in turn that have not left
        bool hasRelayed{false}; //!< whether a relayed message has begun to use it
    };

    /// @brief A leg between hosts, with what is inside of them before and behind it.
    struct Leg
    {
        mixnetcore::GpuId source;      //!< GPU where bytes begin it
        mixnetcore::GpuId destination; //!< GPU where they end it
        mixnetcore::Route route;       //!< over what
        Line* line{nullptr};           //!< what is between its NICs
        uint64_t launched{0};          //!< parts that have set out
        uint64_t arrived{0};           //!< parts that are at its end
        bool isBusy{false};            //!< whether a part is in line, or has not left
    };

    /// @brief A message.
    struct Relayed
    {
        Ptr<const Message> message;                      //!< the message
        MessageTransport::CompletionCallback completion; //!< whom to tell
        uint64_t parts;                                  //!< how many
        std::vector<Leg> legs;                           //!< in their order
        ChunkTiming timing;                              //!< of the last part that has come
        uint64_t answered{0}; //!< parts whose acknowledgement is back, of one with a single leg
        bool hasEnded{false}; //!< whether its sender was told
        uint64_t open{0};     //!< what has set out and is not over

        /// @return whether all of it is at its GPU.
        bool HasArrived() const
        {
            return legs.back().arrived == parts;
        }
    };

    /// @brief Which parts of which message.
    struct Part
    {
        MessageId message; //!< the message
        uint32_t leg;      //!< which of its legs
        uint64_t count;    //!< how many parts go together
        bool inTurn;       //!< whether others between the same NICs wait for them
        bool hasLeft;      //!< whether all of them have left
        bool hasArrived;   //!< whether all of them are at the end of the leg
        bool hasAnswered;  //!< whether their acknowledgement is back
    };

    /// @param message A message. @return its legs.
    std::vector<Leg> LegsOf(const Message& message);

    /// @brief Has all set out that have begun at this time.
    void BeginAll();

    /// @param relayed A message. @param parts How many, from the first on. @return their bytes.
    mixnetcore::Bytes BytesOf(const Relayed& relayed, uint64_t parts) const;

    /// @param relayed A message. @param number One of its legs. @brief Gets in line if there is
    /// something to send.
    void Advance(Relayed& relayed, uint32_t number);

    /// @param line What is between two NICs. @brief Has the next one go, if none does.
    void Serve(Line& line);

    /// @param relayed A message. @param number One of its legs.
    /// @param inTurn Whether others wait for it. @brief Sends what there is to send.
    void Launch(Relayed& relayed, uint32_t number, bool inTurn);

    /// @param id A part. @brief Forgets it if it is over, and its message likewise.
    void CheckOver(MessageId id);

    /// @param relayed A message. @param status How it ends. @param failed The leg that has failed.
    /// @param crossed Bytes of the part that has failed that have crossed the last leg.
    void Abort(Relayed& relayed,
               MessageStatus status,
               const std::optional<mixnetcore::RdmaLeg>& failed,
               uint64_t crossed);

    Owner& m_owner;                                       //!< carries parts
    std::shared_ptr<const mixnetcore::FabricPlan> m_plan; //!< the fabric
    uint64_t m_chunkBytes;                                //!< parts are whole chunks
    std::map<MessageId, Relayed> m_messages;              //!< that are not all there
    std::map<MessageId, Part> m_parts;                    //!< that are not over
    std::map<LineKey, Line> m_lines;                      //!< by NICs
    MessageId m_begun{0};                                 //!< parts so far
    std::vector<MessageId> m_beginning;                   //!< have begun at this time
    EventId m_beginEvent;                                 //!< has these set out
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_RELAYS_H
