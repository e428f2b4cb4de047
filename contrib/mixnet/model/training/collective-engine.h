/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef COLLECTIVE_ENGINE_H
#define COLLECTIVE_ENGINE_H

#include "ns3/message-transport.h"
#include "ns3/schedule-ways.h"

#include <boost/container/small_vector.hpp>
#include <map>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief One host's part in collectives: sends what leaves its GPUs, counts what comes to them.
 *
 * A collective is a number on which all hosts agree. A host posts its own transfers and says how
 * many bytes each of its GPUs is to get; bytes may come before it does. There is no barrier: every
 * GPU is ready when its own bytes are there. Bytes are payload: padding is not waited for.
 *
 * Guarantees: a GPU's callback comes once, when exactly the expected bytes have arrived.
 */
class CollectiveEngine : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    CollectiveEngine();
    ~CollectiveEngine() override;

    /**
     * @param transport What carries this host's messages.
     */
    void SetTransport(Ptr<MessageTransport> transport);

    /// Called when everything has ended, with the tag that was given. Making one is dear: make one
    /// for many.
    using ThroughCallback = Callback<void, uint64_t>;

    /**
     * @brief Posts transfers, all at once.
     * @param collective What they belong to.
     * @param transfers Their ends, bytes and ways; from GPUs of this host.
     * @param through Called once when all of them have ended here, well or not, and nothing of them
     * is on its way any more; never before Send has returned. May be null.
     * @param tag What it wants to be reminded of.
     */
    void Send(uint64_t collective,
              const std::vector<mixnetcore::Transfer>& transfers,
              ThroughCallback through = ThroughCallback(),
              uint64_t tag = 0);

    /// Called when a GPU has all its bytes.
    using ReadyCallback = Callback<void, uint64_t, uint32_t>;

    /**
     * @brief Waits for the bytes of one GPU.
     * @param collective What they belong to.
     * @param gpu GPU of this host.
     * @param bytes How many it is to get, those from its own host included.
     * @param ready Called once with collective and GPU, never before Expect has returned.
     */
    void Expect(uint64_t collective, uint32_t gpu, mixnetcore::Bytes bytes, ReadyCallback ready);

    /**
     * @brief Carries out a collective among GPUs of this host, each flow when those it waits for
     * have ended.
     * @param collective What its messages belong to.
     * @param flows The flows, as ScheduleTensorCollective() gives them.
     * @param gpus GPU of each member.
     * @param through Called once, never before Run has returned.
     * @param tag What it wants to be reminded of.
     */
    void Run(uint64_t collective,
             const std::vector<mixnetcore::ScheduledFlow>& flows,
             const std::vector<uint32_t>& gpus,
             ThroughCallback through,
             uint64_t tag = 0);

    /**
     * @brief Carries out this host's part in a collective among GPUs of several hosts: the flows
     * that begin in it, each when those that it waits for, and that end in this host, have ended.
     * All these hosts do so with the same flows.
     *
     * What comes to a GPU from other hosts is told apart by bytes alone: a flow has ended when as
     * many have come as it and those before it in the list have.
     *
     * @param collective What its messages belong to; at one time a GPU gets bytes from other hosts
     * in one schedule of that number only.
     * @param flows The flows, as ScheduleTensorCollective() gives them.
     * @param members GPU of each member.
     * @param ways Of each flow, as WaysOfSchedule() gives them.
     * @param through Called once when all flows that end in this host have, never before Run has
     * returned.
     * @param tag What it wants to be reminded of.
     */
    void Run(uint64_t collective,
             const std::vector<mixnetcore::ScheduledFlow>& flows,
             const std::vector<mixnetcore::GpuId>& members,
             std::vector<std::vector<mixnetcore::Transfer>> ways,
             ThroughCallback through,
             uint64_t tag = 0);

    /// @return messages that failed so far.
    uint64_t GetFailedMessages() const;

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
    /// @brief Bytes that somebody waits for.
    struct Awaited
    {
        uint64_t bytes;      //!< how many
        ReadyCallback ready; //!< whom to tell
    };

    /**
     * @brief Bytes of one collective for one GPU.
     */
    struct Inbound
    {
        uint64_t arrived{0}; //!< bytes so far, but for those that somebody has been told of
        boost::container::small_vector<Awaited, 1> awaited; //!< whose arriving bytes are, in order

        /// @return bytes of all that is awaited.
        uint64_t Expected() const;
    };

    using Key = std::pair<uint64_t, uint32_t>; //!< collective and GPU

    /**
     * @brief A schedule that is being carried out.
     */
    struct Schedule
    {
        uint64_t collective;                                 //!< what its messages belong to
        std::vector<std::vector<mixnetcore::Transfer>> ways; //!< per flow: what we send
        std::vector<uint32_t> missing;                       //!< per flow: flows it waits for
        std::vector<uint32_t> parts;                         //!< per flow: transfers under way
        std::vector<std::vector<uint32_t>> successors;       //!< per flow: flows that wait for it
        std::vector<char> endsHere;                          //!< per flow: whether we see its end
        size_t left{0};                                      //!< flows that end here and have not
        ThroughCallback through;                             //!< whom to tell
        uint64_t tag;                                        //!< with that
    };

    /**
     * @brief Transfers that were posted together.
     */
    struct Batch
    {
        size_t left;             //!< transfers that have not ended
        ThroughCallback through; //!< whom to tell
        uint64_t tag;            //!< with that
    };

    using ScheduleKey = uint32_t; //!< number of a schedule

    /// @param schedule A schedule. @param flows Its flows. @param members GPU of each member.
    /// @brief Notes which of them wait for which, as far as this host sees them.
    void Link(Schedule& schedule,
              const std::vector<mixnetcore::ScheduledFlow>& flows,
              const std::vector<mixnetcore::GpuId>& members) const;

    /// @param key Collective and GPU. @param bytes How many. @param ready Whom to tell.
    /// @brief Waits for bytes behind what is awaited already.
    void Await(Key key, mixnetcore::Bytes bytes, ReadyCallback ready);

    /// @param key A schedule. @param flow A flow that may begin.
    void Start(ScheduleKey key, uint32_t flow);

    /// @param key A schedule. @param flow A flow whose bytes have come from another host.
    /// @param collective What they belong to. @param gpu GPU that has got them.
    void HandleFlowArrival(ScheduleKey key, uint32_t flow, uint64_t collective, uint32_t gpu);

    /// @param key A schedule. @param flow A flow that has ended here.
    void EndFlow(ScheduleKey key, uint32_t flow);

    /// @param key A schedule. @brief Tells that it is through.
    void Finish(ScheduleKey key);

    /// @param completion End of a schedule's flow.
    void HandleFlowEnd(const MessageCompletion& completion);

    /// @param message A message for one of our GPUs.
    void HandleArrival(const Message& message);

    /// @param completion End of a transfer that was posted together with others.
    void HandleSent(const MessageCompletion& completion);

    /// @param batch Transfers that have all ended.
    void FinishBatch(uint64_t batch);

    /// @param completion End of a message of ours.
    void HandleCompletion(const MessageCompletion& completion);

    /// @param key Collective and GPU. @brief Tells whoever waits when the bytes are there.
    void Check(Key key);

    Ptr<MessageTransport> m_transport;                    //!< carries our messages
    MessageTransport::CompletionCallback m_handleSent;    //!< for all transfers
    MessageTransport::CompletionCallback m_handleFlowEnd; //!< for all flows of schedules
    std::map<Key, Inbound> m_inbound;                     //!< what GPUs have got and wait for
    std::map<uint64_t, Batch> m_batches;                  //!< transfers that have not all ended
    uint64_t m_sent{0};                                   //!< batches so far
    std::map<ScheduleKey, Schedule> m_schedules;          //!< being carried out
    std::map<uint64_t, uint32_t> m_running;               //!< schedules under way, by collective
    ScheduleKey m_scheduled{0};                           //!< schedules so far
    uint64_t m_failed{0};                                 //!< messages that failed

    TracedCallback<const MessageCompletion&> m_failedTrace; //!< a message failed
};

} // namespace mixnet
} // namespace ns3

#endif // COLLECTIVE_ENGINE_H
