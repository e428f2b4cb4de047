/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef COLLECTIVE_ENGINE_H
#define COLLECTIVE_ENGINE_H

#include "ns3/message-transport.h"
#include "ns3/recovery-router.h"
#include "ns3/schedule-routes.h"

#include <map>
#include <memory>
#include <unordered_map>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief One host's part in collectives: sends what leaves its GPUs, counts what comes to them.
 *
 * A collective is a MessageKey on which all hosts agree. A host posts its own transfers and says
 * how many bytes each of its GPUs is to get; bytes may come before it does. There is no barrier:
 * every GPU is ready when its own bytes are there. Bytes are payload: padding is not waited for.
 *
 * What a message did not carry, since a leg of its route failed or somebody withdrew it, is posted
 * again on another route, which a RecoveryRouter finds; the host keeps to what it has learned and
 * posts nothing more over a leg that has failed, as long as there is another route. Without one the
 * collective ends in an error.
 *
 * Guarantees: a GPU's callback comes once, when exactly the expected bytes have arrived; no byte
 * arrives twice.
 */
class CollectiveEngine : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @param transport What carries this host's messages.
     */
    void SetTransport(Ptr<MessageTransport> transport);

    /**
     * @brief Says how to go around legs that fail; without it a message that fails is an error.
     * @param router Finds other routes; may be shared with other hosts.
     */
    void SetRecovery(std::shared_ptr<const mixnetcore::RecoveryRouter> router)
    {
        m_recovery.SetRouter(std::move(router));
    }

    /// Called when everything has ended, with the key and the tag that were given. Making one is
    /// expensive: make one for many.
    using ThroughCallback = Callback<void, const mixnetcore::MessageKey&, uint64_t>;

    /**
     * @brief Posts transfers, all at once.
     * @param key What they belong to.
     * @param transfers Their ends, bytes and routes; from GPUs of this host.
     * @param through Called once when all of them have been delivered and nothing of them is in
     * flight any more; never before Send has returned. May be null.
     * @throws std::runtime_error from the event at which a message ends that has failed and for
     * which there is no other route: phase, ends, bytes and leg.
     * @param tag What it wants to be reminded of.
     */
    void Send(const mixnetcore::MessageKey& key,
              const std::vector<mixnetcore::Transfer>& transfers,
              ThroughCallback through = ThroughCallback(),
              uint64_t tag = 0);

    /// Called when a GPU has all its bytes.
    using ReadyCallback = Callback<void, const mixnetcore::MessageKey&, uint32_t>;

    /**
     * @brief Waits for the bytes of one GPU.
     * @param key What they belong to.
     * @param gpu GPU of this host.
     * @param bytes How many it is to get, those from its own host included.
     * @param ready Called once with key and GPU, never before Expect has returned.
     */
    void Expect(const mixnetcore::MessageKey& key,
                uint32_t gpu,
                mixnetcore::Bytes bytes,
                ReadyCallback ready);

    /**
     * @brief Carries out a collective among GPUs of this host, each flow when those it waits for
     * have ended.
     * @param key What its messages belong to; their index is that of their flow.
     * @param flows The flows, as ScheduleTensorCollective() gives them.
     * @param gpus GPU of each member.
     * @param through Called once, never before Run has returned.
     * @param tag What it wants to be reminded of.
     */
    void Run(const mixnetcore::MessageKey& key,
             const std::vector<mixnetcore::ScheduledFlow>& flows,
             const std::vector<uint32_t>& gpus,
             ThroughCallback through,
             uint64_t tag = 0);

    /**
     * @brief Carries out this host's part in a collective among GPUs of several hosts: the flows
     * that begin in it, each when those that it waits for, and that end in this host, have ended.
     * All these hosts do so with the same flows.
     *
     * @param key What its messages belong to; their index is that of their flow. At one time a GPU
     * gets bytes in one schedule of that key only.
     * @param flows The flows, as ScheduleTensorCollective() gives them: each has bytes.
     * @param members GPU of each member.
     * @param routes Of each flow, as RoutesOfSchedule() gives them.
     * @param through Called once when all flows that end in this host have, never before Run has
     * returned.
     * @param tag What it wants to be reminded of.
     */
    void Run(const mixnetcore::MessageKey& key,
             const std::vector<mixnetcore::ScheduledFlow>& flows,
             const std::vector<mixnetcore::GpuId>& members,
             std::vector<std::vector<mixnetcore::Transfer>> routes,
             ThroughCallback through,
             uint64_t tag = 0);

    /// @return messages that failed so far, those that were posted again included.
    uint64_t GetFailedMessages() const
    {
        return m_failed;
    }

    /// @return messages that were posted again, or took another route from the start.
    uint64_t GetReroutedMessages() const
    {
        return m_rerouted;
    }

    /// @return GPUs that still wait for bytes.
    size_t GetWaiting() const;

    /**
     * @brief TracedCallback signature for a message that failed.
     * @param completion Its end.
     */
    typedef void (*FailedTracedCallback)(const MessageCompletion& completion);

  protected:
    void DoDispose() override;

  private:
    using ScheduleId = uint32_t; //!< number of a schedule

    static constexpr ScheduleId NONE = 0; //!< in place of a schedule

    /**
     * @brief Bytes of one key for one GPU.
     */
    struct Inbound
    {
        uint64_t arrived{0};       //!< bytes so far
        uint64_t expected{0};      //!< bytes that are waited for
        bool isAwaited{false};     //!< whether somebody does
        ScheduleId schedule{NONE}; //!< whose flow they are
        ReadyCallback ready;       //!< whom to tell, unless they are a flow
    };

    /// @brief Whose bytes.
    struct InboundKey
    {
        mixnetcore::MessageKey message; //!< what they belong to
        uint32_t gpu;                   //!< GPU that gets them

        /// @param other Another. @return whether it is the same.
        bool operator==(const InboundKey& other) const
        {
            return gpu == other.gpu && message == other.message;
        }
    };

    /// @brief Hash of an InboundKey.
    struct InboundHash
    {
        /// @param key Whose bytes. @return its hash.
        size_t operator()(const InboundKey& key) const;
    };

    /**
     * @brief A schedule that is being carried out.
     */
    struct Schedule
    {
        mixnetcore::MessageKey key;                            //!< what its messages belong to
        std::vector<std::vector<mixnetcore::Transfer>> routes; //!< per flow: what we send
        std::vector<uint32_t> missing;                         //!< per flow: flows it waits for
        std::vector<std::vector<uint32_t>> successors;         //!< per flow: flows that wait for it
        std::vector<char> endsHere;                            //!< per flow: whether we see its end
        size_t left{0};                                        //!< flows that end here and have not
        ThroughCallback through;                               //!< whom to tell
        uint64_t tag;                                          //!< with that
    };

    /**
     * @brief Transfers that were posted together.
     */
    struct Batch
    {
        size_t left;                //!< transfers that have not ended
        mixnetcore::MessageKey key; //!< what they belong to
        ThroughCallback through;    //!< whom to tell
        uint64_t tag;               //!< with that
    };

    /// @param schedule A schedule. @param flows Its flows. @param members GPU of each member.
    /// @brief Notes which of them wait for which, as far as this host sees them.
    void Link(Schedule& schedule,
              const std::vector<mixnetcore::ScheduledFlow>& flows,
              const std::vector<mixnetcore::GpuId>& members) const;

    /// @param schedule A schedule. @param flow A flow that ends here. @param gpu GPU that gets it.
    /// @param bytes How many. @brief Waits for it.
    void Await(ScheduleId schedule, uint32_t flow, uint32_t gpu, mixnetcore::Bytes bytes);

    /// @param id A schedule. @param flow A flow that may begin.
    void Start(ScheduleId id, uint32_t flow);

    /// @param id A schedule. @param flow A flow that has ended here.
    void EndFlow(ScheduleId id, uint32_t flow);

    /// @param id A schedule. @brief Tells that it is through.
    void Finish(ScheduleId id);

    /// @param message A message for one of our GPUs.
    void HandleArrival(const Message& message);

    /// @param batch Transfers that have all ended.
    void FinishBatch(uint64_t batch);

    /// @param transfer Its ends, bytes and route. @param key What it belongs to. @param batch
    /// Number of its batch, or NO_BATCH. @brief Posts it, around legs that have failed.
    void Post(const mixnetcore::Transfer& transfer,
              const mixnetcore::MessageKey& key,
              uint64_t batch);

    /// @param completion End of a message of ours.
    void HandleCompletion(const MessageCompletion& completion);

    /// @param completion End of a message that has not carried all. @brief Posts the rest again.
    void Recover(const MessageCompletion& completion);

    /// @param key Whose bytes. @brief Tells whoever waits when they are there.
    void Check(const InboundKey& key);

    static constexpr uint64_t NO_BATCH = 0; //!< in place of the number of a batch

    Ptr<MessageTransport> m_transport;                       //!< carries our messages
    MessageTransport::CompletionCallback m_handleCompletion; //!< for all of them
    mixnetcore::RouteRecovery m_recovery;                    //!< what becomes of messages that fail
    std::unordered_map<InboundKey, Inbound, InboundHash>
        m_inbound;                              //!< what GPUs have got and wait for
    std::map<uint64_t, Batch> m_batches;        //!< transfers that have not all ended
    uint64_t m_sent{NO_BATCH};                  //!< batches so far
    std::map<ScheduleId, Schedule> m_schedules; //!< being carried out
    ScheduleId m_scheduled{NONE};               //!< schedules so far
    uint64_t m_failed{0};                       //!< messages that failed
    uint64_t m_rerouted{0};                     //!< messages on other routes than they were to

    TracedCallback<const MessageCompletion&> m_failedTrace; //!< a message failed
};

} // namespace mixnet
} // namespace ns3

#endif // COLLECTIVE_ENGINE_H
