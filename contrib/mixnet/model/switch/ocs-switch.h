/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OCS_SWITCH_H
#define OCS_SWITCH_H

#include "ns3/circuit-configuration.h"
#include "ns3/event-id.h"
#include "ns3/fibre-port.h"
#include "ns3/random-variable-stream.h"

namespace ns3
{
namespace mixnet
{

class OcsSwitch;

/**
 * @ingroup mixnet
 * @brief One port of an optical circuit switch: where a fibre ends.
 *
 * It keeps no queue and does not know bits: it hands frames and signal to its switch.
 */
class OcsPort : public FibrePort
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Makes it a port of a switch. Called by OcsSwitch.
     * @param ocs The switch, which outlives its ports' events.
     * @param number Number of the port.
     */
    void SetSwitch(OcsSwitch* ocs, uint32_t number)
    {
        m_ocs = ocs;
        m_number = number;
    }

    /// @return number of the port.
    uint32_t GetNumber() const
    {
        return m_number;
    }

    /**
     * @brief Passes on a frame whose last bit is at the switch now. Called by OcsSwitch.
     * @param frame The frame.
     */
    void PassOn(RoceFrame&& frame)
    {
        Launch(std::move(frame), Time(0));
    }

    using FibrePort::Drop; // called by OcsSwitch, for a frame that came in here
    using FibrePort::Emit; // called by OcsSwitch, to pass on signal

    /// @return signal that comes in.
    const LinkSignal& GetIncomingSignal() const
    {
        return m_incoming;
    }

    // Documented in FibrePort.
    void HandleFrame(RoceFrame&& frame) override;
    void HandleSignal(const LinkSignal& signal) override;

  private:
    OcsSwitch* m_ocs{nullptr}; //!< the switch
    uint32_t m_number{0};      //!< number of the port
    LinkSignal m_incoming;     //!< signal that comes in
};

/**
 * @ingroup mixnet
 * @brief What became of a request to reconfigure.
 */
struct ReconfigureResult
{
    /// What became of it.
    enum class Outcome
    {
        Begun,   //!< ports that change are dark now
        Waiting, //!< a reconfiguration is in progress; this one begins when it ends
        Nothing, //!< the configuration asked for is in force
        Refused, //!< no switch of this size can hold it; nothing changed
    };

    Outcome outcome;       //!< what became of it
    std::string message;   //!< why it was refused; empty otherwise
    uint32_t darkPorts{0}; //!< ports that went dark
};

/**
 * @ingroup mixnet
 * @brief A layer-1 optical circuit switch.
 *
 * A circuit joins two ports in both directions; a one-way circuit carries light that comes in at
 * one port to another, and none back. A frame on a circuit passes by propagation alone: no queue,
 * no second serialisation, no look at its contents. What the switch holds from the beginning is
 * given by SetInitialConfiguration(); it changes only by Reconfigure():
 *
 * 1. A configuration that uses a port twice or one that does not exist is refused as a whole.
 * 2. The ports whose circuit changes go dark (ReconfigurationBegin, CircuitDown). All others carry
 *    on untouched, unless WholeSwitchDark is set.
 * 3. After the reconfiguration time the new circuits carry a signal (CircuitUp, of one-way
 * circuits OneWayUp; ReconfigurationEnd).
 * 4. A request during a blackout waits until it ends; a later one takes the place of one that
 *    waits.
 *
 * A frame is lost when any instant between its first and last bit at the switch meets a dark port
 * (Reconfiguring) or one without a circuit (NotConnected), or when the circuit at its last bit is
 * not the one at its first (Reconfiguring). A frame whose last bit passes at the very instant a
 * blackout begins, or whose first bit comes at the instant one ends, is not lost. Signals pass as
 * frames do, so that a NIC sees a blackout, or a cut behind the switch, as loss of signal.
 *
 * Guarantees: frames received by all ports = frames passed on + dropped by reason.
 *
 * Not modelled: insertion loss, polarisation, crosstalk.
 *
 * @see MixNet, section 4.2; Table 2 for technologies
 */
class OcsSwitch : public FabricDevice
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    OcsSwitch();

    /**
     * @brief Adds ports to the switch and to its node.
     * @param count How many; the technology's limit is enforced.
     * @pre the switch has a node.
     */
    void AddPorts(uint32_t count);

    /// @return number of ports.
    uint32_t GetNPorts() const
    {
        return m_ports.size();
    }

    /**
     * @param number Number of a port, below GetNPorts().
     * @return the port.
     */
    Ptr<OcsPort> GetPort(uint32_t number) const;

    /**
     * @brief Says what it holds from the beginning, as a patch panel does that was set up before:
     * no blackout, and CircuitUp when it is initialised.
     * @param configuration The circuits; aborts at initialisation if no switch of this size can
     * hold them.
     */
    void SetInitialConfiguration(const mixnetcore::CircuitConfiguration& configuration)
    {
        m_initial = configuration;
    }

    /**
     * @brief Holds a configuration at once, without a blackout: what was held meanwhile nobody has
     * looked at. For schedules that rest while nothing is sent.
     * @param configuration The circuits. Aborts if no switch of this size can hold them, or during
     * a reconfiguration.
     */
    void Hold(const mixnetcore::CircuitConfiguration& configuration);

    /**
     * @brief Asks for a configuration.
     * @param configuration The circuits to hold, all of them.
     * @return what became of it.
     */
    ReconfigureResult Reconfigure(const mixnetcore::CircuitConfiguration& configuration);

    /// @return the time that a reconfiguration takes in the middle: the median of the technology
    /// for one pair, or the mean of ReconfigurationTime where it has one of its attributes
    /// Constant, Mean, or Min and Max; else zero.
    Time GetTypicalReconfigurationTime() const;

    /// @return the circuits that carry a signal now; during a blackout without those being set up.
    mixnetcore::CircuitConfiguration GetConfiguration() const;

    /// @return whether a reconfiguration is in progress.
    bool IsReconfiguring() const
    {
        return m_reconfiguring;
    }

    /**
     * @brief A frame's last bit is at a port. Called by OcsPort.
     * @param port Number of the port.
     * @param frame The frame.
     */
    void HandleFrameAt(uint32_t port, RoceFrame&& frame);

    /**
     * @brief Incoming signal of a port has changed. Called by OcsPort.
     * @param port Number of the port.
     */
    void HandleSignalAt(uint32_t port);

    /**
     * @brief Fixes the random streams.
     * @param stream First stream index to use.
     * @return how many were used.
     */
    int64_t AssignStreams(int64_t stream);

    /// @return what all ports have passed on (sent), received and lost.
    FrameCounters GetCounters() const;

    // Documented in NetDevice.
    bool IsBridge() const override
    {
        return true;
    }

    /**
     * @brief TracedCallback signature for the beginning of a reconfiguration.
     * @param configuration What will be held.
     * @param darkPorts Number of ports that go dark.
     * @param duration Time until its end.
     */
    typedef void (*BeginTracedCallback)(const mixnetcore::CircuitConfiguration& configuration,
                                        uint32_t darkPorts,
                                        Time duration);

    /**
     * @brief TracedCallback signature for the end of a reconfiguration.
     * @param configuration What is held from now on.
     */
    typedef void (*EndTracedCallback)(const mixnetcore::CircuitConfiguration& configuration);

    /**
     * @brief TracedCallback signature for a refused request.
     * @param configuration What was asked for.
     * @param message Why it was refused.
     */
    typedef void (*RefusedTracedCallback)(const mixnetcore::CircuitConfiguration& configuration,
                                          const std::string& message);

    /**
     * @brief TracedCallback signature for a circuit that begins or ends.
     * @param a Lower port.
     * @param b Higher port.
     */
    typedef void (*CircuitTracedCallback)(uint32_t a, uint32_t b);

    /**
     * @brief TracedCallback signature for a one-way circuit that begins or ends.
     * @param from Port at which light comes in.
     * @param to Port at which it leaves.
     */
    typedef void (*OneWayTracedCallback)(uint32_t from, uint32_t to);

    /**
     * @brief TracedCallback signature for a lost frame.
     * @param frame The frame.
     * @param port Port it came in at.
     * @param reason Why it was lost.
     */
    typedef void (*DropTracedCallback)(const RoceFrame& frame, uint32_t port, DropReason reason);

  protected:
    void DoInitialize() override;
    void DoDispose() override;

  private:
    static constexpr uint32_t NO_PORT = 0xffffffff; //!< in place of a peer: no circuit

    /**
     * @brief Where light that comes in at a port goes.
     */
    struct Attachment
    {
        uint32_t peer{NO_PORT}; //!< the port at which it leaves
        bool oneWay{false};     //!< whether none comes back
        Time since;             //!< when a signal began to pass
        Time until;             //!< when it ended, for one that is over
    };

    /**
     * @brief What the switch knows of a port.
     */
    struct PortState
    {
        Ptr<OcsPort> port;        //!< the port
        Attachment current;       //!< its circuit
        Attachment previous;      //!< the circuit before
        uint32_t source{NO_PORT}; //!< port whose light leaves here
        bool dark{false};         //!< whether a reconfiguration holds what comes in
        Time changedAt{-1};       //!< when it last went dark or came back
    };

    /**
     * @brief Begins a reconfiguration.
     * @param configuration A configuration without fault that differs from the one in force.
     * @return ports that went dark.
     */
    uint32_t ReconfigurationStart(const mixnetcore::CircuitConfiguration& configuration);

    /**
     * @brief Ends the reconfiguration in progress, and begins the one that waits, if any.
     */
    void ReconfigurationComplete();

    /**
     * @brief Light that comes in at a port leaves nowhere from now on.
     * @param number Port.
     */
    void Darken(uint32_t number);

    /**
     * @brief Light that comes in at a port leaves at another from now on.
     * @param from Port it comes in at.
     * @param to The other.
     * @param oneWay Whether that is all of the circuit.
     */
    void Join(uint32_t from, uint32_t to, bool oneWay);

    /// @brief Sets up what is asked for and not there yet.
    void JoinAll();

    /**
     * @param state Port a frame came in at.
     * @param firstBit When its first bit came.
     * @return port on which the whole frame leaves; NO_PORT when it is lost.
     */
    uint32_t OutputPortOf(const PortState& state, const Time& firstBit) const;

    /**
     * @param circuits Number of circuits set up.
     * @return time that it takes.
     */
    Time DrawReconfigurationTime(uint32_t circuits);

    std::vector<PortState> m_ports;                  //!< by number
    mixnetcore::CircuitConfiguration m_initial;      //!< held from the beginning
    mixnetcore::CircuitConfiguration m_target;       //!< asked for last and accepted
    bool m_reconfiguring{false};                     //!< whether one is in progress
    bool m_waiting{false};                           //!< whether a request waits
    mixnetcore::CircuitConfiguration m_next;         //!< the request that waits
    EventId m_complete;                              //!< end of the one in progress
    Ptr<UniformRandomVariable> m_uniform;            //!< for the technologies
    Ptr<RandomVariableStream> m_reconfigurationTime; //!< seconds, without a technology
    std::string m_technology;                        //!< name of a technology, or empty
    bool m_wholeSwitchDark{false};                   //!< whether all ports go dark

    TracedCallback<const mixnetcore::CircuitConfiguration&, uint32_t, Time> m_beginTrace; //!< begun
    TracedCallback<const mixnetcore::CircuitConfiguration&> m_endTrace;                   //!< ended
    TracedCallback<const mixnetcore::CircuitConfiguration&, const std::string&>
        m_refusedTrace;                                                 //!< refused
    TracedCallback<uint32_t, uint32_t> m_circuitUpTrace;                //!< signal passes
    TracedCallback<uint32_t, uint32_t> m_circuitDownTrace;              //!< no more
    TracedCallback<uint32_t, uint32_t> m_oneWayUpTrace;                 //!< the same, one way
    TracedCallback<uint32_t, uint32_t> m_oneWayDownTrace;               //!< no more
    TracedCallback<const RoceFrame&, uint32_t, DropReason> m_dropTrace; //!< lost
};

} // namespace mixnet
} // namespace ns3

#endif // OCS_SWITCH_H
