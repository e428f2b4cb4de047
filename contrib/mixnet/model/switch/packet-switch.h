/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PACKET_SWITCH_H
#define PACKET_SWITCH_H

#include "port-selector.h"
#include "shared-buffer.h"
#include "switch-port.h"

#include "ns3/forwarding-plan.h"
#include "ns3/random-variable-stream.h"
#include "ns3/type-id.h"

#include <memory>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief An Ethernet switch of a data centre: store and forward, output queues, one shared buffer,
 * PFC and ECN.
 *
 * Forwarding: a frame that has arrived whole goes to the port that its destination is behind, or
 * to one of the ports that begin a shortest way; a PortSelector chooses among those. Of these, a
 * port without a signal here is passed over as long as another has a signal; a way that is broken
 * farther on is not known here until there is a new table (FabricRouting). A frame without a way is
 * lost (NoRoute), as is one for a port without a signal, or in its queue when the signal goes
 * (PortDown).
 *
 * Buffer: a frame takes its bytes from its arrival until its first bit leaves again; the frame on
 * the line sits in a FIFO of the port. Classes are lossy or lossless:
 *
 * - Lossy: a frame for which the buffer has no room is lost (BufferFull), as is one with which its
 *   queue would hold more than EgressAlpha times what is free (QueueFull).
 * - Lossless (PFC, IEEE 802.1Qbb): queues have no limit; an input that holds more than IngressAlpha
 *   times what is free is paused, and what comes all the same takes headroom of its port and class,
 *   beside the shared buffer. A frame is lost only when that is used up (HeadroomFull), which does
 *   not happen while the other end obeys. @see LosslessIngress
 *
 * With PfcWatchdog, a class of a port that the other end has paused for that long while its frames
 * wait loses them, and those that come, until pauses are over (PauseStorm): so a cycle of pauses
 * ends in losses rather than never. @see SwitchPort
 *
 * ECN: a frame that leaves a queue is marked by what waits behind it in its queue: below EcnMinimum
 * never, above EcnMaximum always, in between with a probability that grows linearly up to
 * EcnProbability. Looking when it leaves rather than when it comes spares the news the time in the
 * queue, and lets a frame that did not wait go unmarked.
 *
 * Guarantees: received = sent + queued + dropped by reason; equal streams of random numbers and
 * equal arrivals give equal choices and marks; a pause ends when its cause does, or its time.
 *
 * Not modelled: forwarding latency, cut-through, cells of the buffer, scheduling by weights,
 * headroom for what is on fibres beyond a circuit switch.
 */
class PacketSwitch : public FabricDevice
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    PacketSwitch();

    /**
     * @brief Adds a port to the switch and to its node.
     * @param rate Line rate, each way.
     * @return its number.
     * @pre the switch has a node.
     */
    uint32_t AddPort(const DataRate& rate);

    /// @return number of ports.
    uint32_t GetNPorts() const
    {
        return m_ports.size();
    }

    /**
     * @param number Number of a port, below GetNPorts().
     * @return the port.
     */
    Ptr<SwitchPort> GetPort(uint32_t number) const;

    /**
     * @brief Gives it its forwarding table, at first or in place of another; all ports exist
     * already.
     * @param plan Tables of all switches of the fabric, shared by them.
     * @param node Node index of this switch in the plan.
     */
    void SetForwarding(std::shared_ptr<const mixnetcore::ForwardingPlan> plan, uint32_t node);

    /**
     * @brief Says where a NIC is, in a network without a plan.
     * @param destination The NIC.
     * @param port Port it is behind, below GetNPorts().
     */
    void SetRoute(NicAddress destination, uint32_t port);

    /**
     * @brief Says how to get to a NIC, in a network without a plan.
     * @param destination The NIC.
     * @param ports Ports of equal cost, ascending, each below GetNPorts(); at least one.
     */
    void SetRoute(NicAddress destination, const std::vector<uint32_t>& ports);

    /**
     * @brief Fixes the random streams.
     * @param stream First stream index to use.
     * @return how many were used.
     */
    int64_t AssignStreams(int64_t stream);

    /// @return what chooses among ports of equal cost; none before initialisation.
    Ptr<PortSelector> GetPortSelector() const
    {
        return m_selector;
    }

    /// @return bytes of the shared buffer in use.
    uint64_t GetBufferedBytes() const
    {
        return m_buffer.GetUsed();
    }

    /// @return the most that was ever in use of the shared buffer, bytes.
    uint64_t GetPeakBufferedBytes() const
    {
        return m_buffer.GetPeakUsed();
    }

    /// @return bytes of headroom in use, of all ports.
    uint64_t GetHeadroomBytes() const
    {
        return m_buffer.GetHeadroomUsed();
    }

    /// @return the most that was ever in use of the headroom, of all ports, bytes.
    uint64_t GetPeakHeadroomBytes() const
    {
        return m_buffer.GetPeakHeadroomUsed();
    }

    /// @return frames marked so far.
    uint64_t GetMarkedFrames() const
    {
        return m_markedFrames;
    }

    /// @return longest frame that it is made for, bytes on the wire.
    uint32_t GetFullFrame() const
    {
        return GetMtu() + wire::PadBytes(GetMtu()) + wire::ROCE_OVERHEAD + wire::RDMA_HEADER;
    }

    /// @return what all ports have sent, received and lost.
    FrameCounters GetCounters() const;

    // Called by SwitchPort only.

    /**
     * @brief A frame has arrived whole.
     * @param in Port it came in at.
     * @param frame The frame.
     */
    void HandleFrameAt(SwitchPort& in, RoceFrame&& frame);

    /// @param port Number of a port whose signal has changed. @param up Whether it has any now.
    void NotifySignal(uint32_t port, bool up);

    /// @param port Number of a port. @param trafficClass A class of it.
    /// @param paused Whether the other end is paused from now on.
    void NotifyPause(uint32_t port, uint8_t trafficClass, bool paused)
    {
        m_pauseTrace(port, trafficClass, paused);
    }

    /// @param port Number of a port that says a pause again. @param trafficClass A class of it.
    void NotifyPauseRepeat(uint32_t port, uint8_t trafficClass)
    {
        m_pauseRepeatTrace(port, trafficClass);
    }

    /// @param port Number of a port. @param trafficClass A class of it.
    /// @param begins Whether its frames are lost from now on (PfcWatchdog), or no more.
    void NotifyStorm(uint32_t port, uint8_t trafficClass, bool begins)
    {
        m_stormTrace(port, trafficClass, begins);
    }

    /// @return the attribute; 0 for none.
    const Time& GetPfcWatchdog() const
    {
        return m_pfcWatchdog;
    }

    /// @param frame A frame that was marked. @param port Number of the port it leaves.
    void NotifyMark(const RoceFrame& frame, uint32_t port);

    /// @param part A part of the way from the lower to the upper mark limit. @param whole That way.
    /// @return whether to mark a frame; at random.
    bool DrawMark(uint64_t part, uint64_t whole);

    /// @return the buffer.
    SharedBuffer& GetBuffer()
    {
        return m_buffer;
    }

    // Documented in NetDevice.
    bool IsBridge() const override
    {
        return true;
    }

    /**
     * @brief TracedCallback signature for signal of a port.
     * @param port Number of the port.
     * @param up Whether it has any from now on.
     */
    typedef void (*SignalTracedCallback)(uint32_t port, bool up);

    /**
     * @brief TracedCallback signature for a pause of the other end of a port.
     * @param port Number of the port.
     * @param trafficClass The class.
     * @param paused Whether it is paused from now on.
     */
    typedef void (*PauseTracedCallback)(uint32_t port, uint8_t trafficClass, bool paused);

    /**
     * @brief TracedCallback signature for a pause that is said again.
     * @param port Number of the port whose other end is paused.
     * @param trafficClass The class.
     */
    typedef void (*PauseRepeatTracedCallback)(uint32_t port, uint8_t trafficClass);

    /**
     * @brief TracedCallback signature for a storm of pauses (PfcWatchdog).
     * @param port Number of the port that was paused for too long.
     * @param trafficClass The class.
     * @param begins Whether frames of it are lost from now on, or no more.
     */
    typedef void (*StormTracedCallback)(uint32_t port, uint8_t trafficClass, bool begins);

    /**
     * @brief TracedCallback signature for a marked frame.
     * @param frame The frame.
     * @param port Number of the port it leaves.
     */
    typedef void (*MarkTracedCallback)(const RoceFrame& frame, uint32_t port);

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    static constexpr uint32_t NO_PORT = 0xffffffff; //!< in place of a port: no route

    /**
     * @brief Routes of a network without a plan, in the form of one.
     */
    struct OwnRoutes
    {
        std::vector<mixnetcore::AccessPort> access; //!< by address
        mixnetcore::SwitchTable table;              //!< of this switch
    };

    /// @return routes of a network without a plan, to be added to.
    /// @param destination A NIC that there is to be a place for.
    OwnRoutes& RoutesUpTo(NicAddress destination);

    /// @param ports Ports of a route. Aborts when there is one that does not exist.
    void CheckPorts(const std::vector<uint32_t>& ports) const;

    /// @param access Where NICs are, by address. @param table Of this switch. Both stay.
    void UseTable(const std::vector<mixnetcore::AccessPort>& access,
                  const mixnetcore::SwitchTable& table);

    /// @param frame A frame. @return port on which it leaves, or NO_PORT.
    uint32_t OutputPortOf(const RoceFrame& frame);

    /// @brief Leaves ports without a signal out of groups in which another has a signal.
    void UpdateGroups();

    /// @brief Tells ports the limits of their queues for ECN, and checks those.
    void InitializeMarking();

    /// @return salt for the choice of ports; at random.
    uint64_t DrawSalt();

    std::vector<Ptr<SwitchPort>> m_ports; //!< by number

    // Forwarding
    std::shared_ptr<const mixnetcore::ForwardingPlan> m_plan;    //!< of all switches, if any
    std::unique_ptr<OwnRoutes> m_ownRoutes;                      //!< without a plan
    const std::vector<mixnetcore::AccessPort>* m_access;         //!< where NICs are, by address
    const mixnetcore::SwitchTable* m_table{nullptr};             //!< of this switch
    const std::vector<std::vector<uint32_t>>* m_groups{nullptr}; //!< with a signal, where any has
    std::vector<std::vector<uint32_t>> m_upGroups;               //!< the same while any is dark
    bool m_groupsOutdated{false}; //!< whether signal has changed since
    Ptr<PortSelector> m_selector; //!< chooses in a group

    SharedBuffer m_buffer;                //!< what frames take
    Ptr<UniformRandomVariable> m_uniform; //!< for marks and the salt
    uint64_t m_markedFrames{0};           //!< so far

    // Attributes
    TypeId m_selectorType;     //!< class of the selector
    uint64_t m_bufferSize;     //!< shared buffer, bytes
    double m_egressAlpha;      //!< what a lossy queue may hold over what is free
    bool m_pfc;                //!< whether there are lossless classes
    uint8_t m_losslessClasses; //!< bit c is set for class c
    double m_ingressAlpha;     //!< what an input may hold over what is free
    Time m_pfcWatchdog;        //!< pause that makes frames be lost; 0: none
    bool m_ecn;                //!< whether frames are marked
    uint64_t m_ecnMinimum;     //!< queue below which none is, bytes, or 0
    uint64_t m_ecnMaximum;     //!< queue above which all are, bytes, or 0
    double m_ecnProbability;   //!< of a mark just below the maximum

    TracedCallback<uint32_t, bool> m_signalTrace;           //!< signal has come or gone
    TracedCallback<uint32_t, uint8_t, bool> m_pauseTrace;   //!< the other end is paused
    TracedCallback<uint32_t, uint8_t> m_pauseRepeatTrace;   //!< the same, again
    TracedCallback<uint32_t, uint8_t, bool> m_stormTrace;   //!< frames are lost for a pause
    TracedCallback<const RoceFrame&, uint32_t> m_markTrace; //!< a frame was marked
};

} // namespace mixnet
} // namespace ns3

#endif // PACKET_SWITCH_H
