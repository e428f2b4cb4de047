/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef QUEUE_FLUID_H
#define QUEUE_FLUID_H

#include <boost/container/small_vector.hpp>
#include <cstdint>
#include <deque>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Flows as a fluid in queues of switches that share buffers and pause their neighbours, in
 * steps of equal length.
 *
 * What it is for: where many windows meet before full links, buffers fill, and priority flow
 * control pauses whole ports. Ports then share a full link by inputs instead of by flows, and what
 * waits for one full link holds up what is behind it for another. Max-min fair rates have neither.
 *
 * Parts: a source is a NIC, whose flows take equal parts of what it may send, each up to its window
 * of bytes in flight. A queue serves its bytes in order. An input is where bytes enter a switch;
 * they count there until their queue there has served them. A switch is a group of equal ones over
 * which frames are sprayed.
 *
 * A step:
 *
 * 1. Every input wants what its source or queue has, up to its rate.
 * 2. Every switch admits of each input up to a threshold: alpha times what is free of its buffer
 * when all that is admitted has come. This is what pausing and resuming comes to on average (IEEE
 *    802.1Qbb; dynamic thresholds of Choudhury and Hahne, 1998).
 * 3. Sources send what is admitted.
 * 4. Queues serve, those nearer to sources first: up to their rate and what the input behind
 * admits. Bytes may pass all queues on their path in one step.
 *
 * Order within a queue is known to the grain: bytes that come in the time in which a full link
 * carries a grain are mixed.
 *
 * Guarantees: bytes sent = bytes delivered + bytes in queues; no queue serves more than its rate; a
 * switch takes in nothing that is beyond its thresholds; equal calls give equal results.
 *
 * Memory: a flow takes 152 bytes, and in each of its queues 8, and 8 for each grain that waits
 * there. Time of a step: flows by queues by grains that it serves.
 *
 * Not modelled: propagation; frames; order of flows within a grain.
 */
class QueueFluid
{
  public:
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a number

    /// @brief A switch on the path of a flow.
    struct Hop
    {
        uint32_t input; //!< where it enters
        uint32_t queue; //!< where it waits
    };

    using Path = boost::container::small_vector<Hop, 5>; //!< switch by switch

    /**
     * @param buffer Bytes that a switch of the group shares among its inputs.
     * @param alpha Threshold of an input, as part of what is free.
     * @param members Switches in the group.
     * @return its number.
     */
    uint32_t AddSwitch(double buffer, double alpha, uint32_t members);

    /// @param place A switch. @param ports Ports that bytes of this input come in by, of all
    /// members.
    /// @return number of the input.
    uint32_t AddInput(uint32_t place, uint32_t ports);

    /// @param rate Bytes per second. @param input What it feeds; NONE where flows end.
    /// @return number of the queue; queues are served in the order in which they were added to
    /// paths.
    uint32_t AddQueue(double rate, uint32_t input);

    /// @param rate Bytes per second. @param input What it feeds. @return number of the source.
    uint32_t AddSource(double rate, uint32_t input);

    /**
     * @param source Where it comes from. @param path Its switches, the first fed by the source.
     * @param bytes Its size. @param window Bytes that may be in flight.
     * @param group Flows whose weight SetWeight() says; NONE: it has weight 1.
     * @return its number.
     */
    uint32_t AddFlow(uint32_t source,
                     const Path& path,
                     double bytes,
                     double window,
                     uint32_t group = NONE);

    /// @param flow A flow. @brief Takes it out, wherever its bytes are.
    void RemoveFlow(uint32_t flow);

    /**
     * @brief What a flow's source has not sent goes another path; what is in flight gets through at
     * once, but for a byte at least.
     * @param flow The flow. @param path Its switches, the first fed by its source.
     */
    void SetPath(uint32_t flow, const Path& path);

    /// @param flow A flow. @param held Whether its source sends nothing more of it.
    void SetHeld(uint32_t flow, bool held);

    /// @param flow A flow that is held, or will be. @param keep Bytes that it keeps at least.
    /// @brief Its source sends on to the end of its window all the same.
    void LetWindowOut(uint32_t flow, double keep);

    /// @param group A group. @param weight Part of a flow that each flow of it counts as, at its
    /// source; 1 if nothing is said.
    void SetWeight(uint32_t group, double weight);

    /// @param flow A flow. @param bytes That it sends once more.
    void Repeat(uint32_t flow, double bytes);

    /// @param flow A flow. @return bytes that have not been delivered.
    double Left(uint32_t flow) const
    {
        return m_flows.at(flow).left + m_flows[flow].inFlight;
    }

    /// @param flow A flow. @return bytes per second that were delivered in the last step.
    double Rate(uint32_t flow) const
    {
        return m_seconds > 0 ? m_flows.at(flow).delivered / m_seconds : 0;
    }

    /// @return flows that are not over.
    uint32_t Flows() const
    {
        return m_count;
    }

    /// @return bytes that sources have sent and queues have served in the last step. When it is 0
    /// again and again, queues wait for each other in a cycle, or for flows that are held.
    double Moved() const
    {
        return m_moved;
    }

    /// @return longest step that is accurate, seconds: a part of a threshold, and of a window.
    double LongestStep() const;

    /**
     * @brief Goes on by a step.
     * @param seconds Its length, more than 0, and not more than LongestStep(): else ports that are
     * paused idle.
     * @return flows that ended in it, in ascending order; they are gone.
     */
    const std::vector<uint32_t>& Step(double seconds);

    /**
     * @return for each of the flows that ended in the last step, by which part of the step it had:
     * in its middle on average, and not before its source and its last link could have carried
     * what they did.
     */
    const std::vector<double>& EndParts() const
    {
        return m_endParts;
    }

  private:
    /// @brief Bytes that came into a queue in the time of a grain, by place in the queue.
    struct Bin
    {
        std::vector<double> bytes; //!< of each flow
        double sum{0};             //!< of all
    };

    /// @brief A flow in a queue.
    struct Entry
    {
        uint32_t flow; //!< its number; NONE for a free place
        uint32_t hop;  //!< of its path
    };

    /// @brief What waits for a link, or a bundle of links.
    struct Queue
    {
        double rate;                //!< bytes per second
        uint32_t input;             //!< what it feeds, or NONE
        std::vector<Entry> entries; //!< by place
        std::vector<uint32_t> free; //!< places to use again
        std::deque<Bin> bins;       //!< the oldest first
        std::vector<Bin> spare;     //!< to use again
        double waiting{0};          //!< bytes
        double arrived{0};          //!< bytes in the last step
        double busy{0};             //!< part of the last step in which it sent
        uint32_t rank{0};           //!< most queues before it on any path
    };

    /// @brief Where bytes enter a switch.
    struct Input
    {
        uint32_t place;     //!< the switch
        double ports;       //!< of all its members
        double held{0};     //!< bytes in queues there
        double drained{0};  //!< bytes that left them in the last step
        double wanted{0};   //!< bytes that would come in this step
        double admitted{0}; //!< bytes that may
    };

    /// @brief Equal switches.
    struct Switch
    {
        double buffer;                //!< bytes of each
        double alpha;                 //!< part of what is free
        double members;               //!< how many
        std::vector<uint32_t> inputs; //!< all
    };

    /// @brief A NIC.
    struct Source
    {
        double rate;                 //!< bytes per second
        uint32_t input;              //!< what it feeds
        std::vector<uint32_t> flows; //!< of it, as they came
        bool hasEnded;               //!< whether one of them has ended in this step
        double busy;                 //!< part of the last step in which it sent
    };

    /// @brief A hop of a flow.
    struct Stop
    {
        uint32_t input; //!< where it enters
        uint32_t queue; //!< where it waits
        uint32_t place; //!< in the queue
    };

    /// @brief A flow.
    struct Flow
    {
        uint32_t source{NONE};                        //!< NONE: it is over
        bool held{false};                             //!< sends nothing
        double quota{0};                              //!< bytes that it sends though held
        uint32_t group{NONE};                         //!< whose weight it has
        double left{0};                               //!< bytes at the source
        double inFlight{0};                           //!< bytes in queues
        double delivered{0};                          //!< bytes in the last step
        double window{0};                             //!< bytes in flight at most
        double bytes{0};                              //!< all
        boost::container::small_vector<Stop, 5> path; //!< switch by switch
    };

    /// @param flow A flow. @return its weight at its source.
    double WeightOf(const Flow& flow) const
    {
        return flow.group < m_weights.size() ? m_weights[flow.group] : 1;
    }

    /// @param flow A flow. @return bytes that its window lets out now.
    double OpenOf(const Flow& flow) const;

    /// @param place A switch. @brief Says what its inputs admit.
    void Admit(const Switch& place);

    /// @param source A NIC. @brief Sends what is admitted.
    void Send(Source& source);

    /// @param flow A flow that ends in this step. @return by which part of the step.
    double EndPart(const Flow& flow) const;

    /// @param queue A queue. @param seconds Of the step. @brief Serves it.
    void Serve(Queue& queue, double seconds);

    /// @param queue A queue. @param bin One of its bins. @param part Of it, which goes on.
    /// @return bytes of it.
    double Pass(Queue& queue, Bin& bin, double part);

    /// @param queue A queue. @param place Of a flow. @param bytes That come. @brief They wait.
    static void Put(Queue& queue, uint32_t place, double bytes);

    /// @param number A flow that its source does not have any more.
    void Free(uint32_t number);

    /// @brief Takes out the flows that have ended in this step.
    void RemoveEnded();

    /// @param flow A flow in no queue. @param path Its switches. @brief Gives it places in queues.
    void Enter(uint32_t flow, const Path& path);

    /// @param flow A flow. @brief It is in no queue, wherever its bytes are.
    void Leave(Flow& flow);

    /// @param queue A queue. @brief What comes from now on is behind what is there.
    static void OpenBin(Queue& queue);

    /// @brief Sorts queues, those nearer to sources first.
    void SortQueues();

    std::vector<Switch> m_switches; //!< by number
    std::vector<Input> m_inputs;    //!< by number
    std::vector<Queue> m_queues;    //!< by number
    std::vector<Source> m_sources;  //!< by number
    std::vector<Flow> m_flows;      //!< by number
    std::vector<double> m_weights;  //!< by group
    std::vector<uint32_t> m_free;   //!< numbers of flows to use again
    std::vector<uint32_t> m_order;  //!< of queues
    std::vector<uint32_t> m_ended;  //!< in this step
    std::vector<double> m_endParts; //!< of these, part of the step
    std::vector<double> m_open;     //!< of the flows of a source
    bool m_isSorted{false};         //!< whether the order is that of the paths
    uint32_t m_count{0};            //!< flows that are not over
    double m_seconds{0};            //!< of the last step
    double m_moved{0};              //!< bytes in the last step
};

} // namespace mixnetcore

#endif // QUEUE_FLUID_H
