/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef REDUCE_TIME_H
#define REDUCE_TIME_H

#include "../testbed/test-network.h"
#include "../testbed/test-server.h"

#include "ns3/fabric-helper.h"
#include "ns3/phase-key.h"

#include <string>

namespace tests
{

using mixnetcore::PhaseKind;

static constexpr uint64_t LINK_RATE = 400'000'000'000; //!< of a NIC, bits per second
static constexpr uint64_t CHUNK = 1 << 20;             //!< bytes that travel together
static constexpr uint64_t ACK_INTERVAL = 16;           //!< frames between acknowledgements
/// Gradients that 8 GPUs, 8 rings, and rings over 2, 3, 4, 6 and 8 hosts divide, bytes.
static constexpr uint64_t EVEN_BYTES = 8 * 8 * 12'000;

/**
 * @ingroup mixnet-tests
 * @brief What the hosts are, and what they reduce.
 */
struct ReducerSetup
{
    bool optical{false}; //!< MixNet with 2 electrical NICs, or an ideal switch with 8
    Fidelity fidelity{Fidelity::Packet}; //!< how messages are carried
    uint32_t tensor{8};                  //!< TP degree
    uint32_t expert{1};                  //!< EP degree
    uint32_t replicas{2};                //!< DP degree
    uint64_t bytes{1 << 20};             //!< gradients of a rank
    uint32_t maxSteps{256};              //!< steps that are simulated one by one

    /// @return hosts of an EP group.
    uint32_t HostsPerGroup() const
    {
        return expert * tensor / GPUS;
    }

    /// @return hosts of all.
    uint32_t Hosts() const
    {
        return HostsPerGroup() * replicas;
    }

    /// @return EP ranks of a host.
    uint32_t Ranks() const
    {
        return GPUS / tensor;
    }

    /// @param kind What is reduced. @return hosts of a ring.
    uint32_t RingHosts(PhaseKind kind) const
    {
        return kind == PhaseKind::ExpertReduce ? replicas : Hosts();
    }

    /// @return electrical NICs of a host: its rings.
    uint32_t Rings() const
    {
        return optical ? 2 : 8;
    }

    /// @param kind What is reduced. @return distinct gradients of a host.
    uint64_t Distinct(PhaseKind kind) const
    {
        return kind == PhaseKind::ExpertReduce ? bytes * Ranks() : bytes;
    }

    /// @return the setup in words.
    std::string Name() const
    {
        return std::to_string(bytes) + " bytes, TP" + std::to_string(tensor) + " EP" +
               std::to_string(expert) + " DP" + std::to_string(replicas) +
               (optical ? " on MixNet" : " on an ideal switch") + ", " + ToString(fidelity);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What an all-reduce takes on idle lines, by arithmetic.
 *
 * In a host of R ranks, slices of `bytes` / TP that they share are reduced around a ring in (R - 1)
 * / R of their time, then each of the 8 / rings GPUs of a gateway but itself moves an eighth of the
 * distinct bytes there: both once more at the end. Between n hosts 2 (n - 1) steps of bytes / n:
 * frames of a step on the line, the last of them once more behind the switch, two fibres.
 */
class ReduceTime
{
  public:
    /// @param setup The hosts. @param kind What is reduced; shares must come out even.
    ReduceTime(const ReducerSetup& setup, PhaseKind kind)
        : m_hosts(setup.RingHosts(kind))
    {
        const uint64_t ranks = setup.Ranks();
        const bool isReduced = kind == PhaseKind::SharedReduce && ranks > 1;
        const uint64_t around = isReduced ? setup.bytes / setup.tensor / ranks * (ranks - 1) : 0;
        const uint64_t others = m_hosts > 1 ? GPUS / setup.Rings() - 1 : 0;
        m_inside = OnNvswitch(around) + OnNvswitch(others * (setup.Distinct(kind) / GPUS));
        m_step = setup.Distinct(kind) / setup.Rings() / m_hosts;
    }

    /// @return time of the part before the rings, and as much of the part after them.
    Time Inside() const
    {
        return m_inside;
    }

    /// @return steps of a ring.
    uint32_t Steps() const
    {
        return 2 * (m_hosts - 1);
    }

    /// @return what a step takes beside its time on the line.
    static Time StepLatency()
    {
        return Line().Full() + MicroSeconds(2);
    }

    /// @return time of the rings.
    Time Rings() const
    {
        return (OnLine(m_step) + StepLatency()) * int64_t{Steps()};
    }

    /// @return time of all.
    Time All() const
    {
        return m_inside * int64_t{2} + Rings();
    }

    /**
     * @return what may come on top: acknowledgements, one for ACK_INTERVAL frames and one for each
     * chunk, that share the NIC's line out and the switch's line in; a nanosecond for each step and
     * part, since NVSwitch and fluids keep time to the picosecond only on the whole.
     */
    Time Slack() const
    {
        const uint64_t chunks = m_step / CHUNK + 1;
        const uint64_t acks = Line().Frames(m_step) / ACK_INTERVAL + chunks;
        return (Line().Ack() * int64_t(2 * acks) + NanoSeconds(1)) * int64_t{Steps() + 2};
    }

  private:
    /// @return frames on a NIC's line.
    static LineTimes Line()
    {
        return {LINK_RATE, 4096};
    }

    /// @param bytes How many. @return time at the rate of a GPU's port, rounded up.
    static Time OnNvswitch(uint64_t bytes)
    {
        return PicoSeconds((bytes * 1'000'000 + GPU_RATE / 1'000'000 - 1) / (GPU_RATE / 1'000'000));
    }

    /// @param bytes A message. @return time on the line, chunk by chunk.
    static Time OnLine(uint64_t bytes)
    {
        Time time(0);
        for (; bytes > CHUNK; bytes -= CHUNK)
        {
            time += Line().Message(CHUNK);
        }
        return time + Line().Message(bytes);
    }

    uint32_t m_hosts; //!< of a ring
    uint64_t m_step;  //!< bytes of a step
    Time m_inside;    //!< part before the rings
};

} // namespace tests

#endif // REDUCE_TIME_H
