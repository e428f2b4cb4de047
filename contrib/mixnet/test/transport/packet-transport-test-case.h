/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PACKET_TRANSPORT_TEST_CASE_H
#define PACKET_TRANSPORT_TEST_CASE_H

#include "../testbed/test-network.h"

#include "ns3/region-router.h"

#include <memory>
#include <vector>

/**
 * @file
 * What the suites of PacketTransport share.
 */

namespace tests
{

static constexpr uint64_t LINE_RATE = 400'000'000'000;       //!< of a NIC, bits per second
static constexpr uint64_t GPU_PORT_RATE = 3'600'000'000'000; //!< of a GPU's port, bits per second
static constexpr uint64_t MTU = 4096;                        //!< bytes
static constexpr uint64_t CHUNK = 1 << 20;                   //!< default of ChunkSize, bytes

/**
 * @ingroup mixnet-tests
 * @brief Hosts of a region of which GPU 5 to GPU 7 of the next host is the way with three legs.
 */
class PacketTransportTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    /// @return when tests post: signals have reached every NIC.
    static Time Start()
    {
        return MicroSeconds(10);
    }

    /// @return time from NIC to NIC over a switch: two fibres of a microsecond.
    static Time OneWay()
    {
        return MicroSeconds(2);
    }

    /// @param bytes How many. @return time at the rate of a GPU's port, rounded up.
    static Time NvswitchTime(uint64_t bytes)
    {
        return PicoSeconds((bytes * 8'000'000'000 + GPU_PORT_RATE / 1000 - 1) /
                           (GPU_PORT_RATE / 1000));
    }

    /// @param bytes Size of a message. @return its chunks.
    static uint64_t Chunks(uint64_t bytes)
    {
        return bytes == 0 ? 1 : (bytes + CHUNK - 1) / CHUNK;
    }

    /// @param bytes Size of a message. @return bytes of its last chunk.
    static uint64_t LastChunk(uint64_t bytes)
    {
        return bytes - (Chunks(bytes) - 1) * CHUNK;
    }

    /// @param bytes Size of a message. @return time of its chunks on a line that is never idle.
    Time ChunkTimes(uint64_t bytes) const
    {
        return static_cast<int64_t>(Chunks(bytes) - 1) * m_line.Message(CHUNK) +
               m_line.Message(LastChunk(bytes));
    }

    /// @param hosts How many. @return a region of so many hosts on one packet switch.
    static mixnetcore::MixnetSpec Hosts(uint32_t hosts)
    {
        mixnetcore::MixnetSpec spec;
        spec.hosts = hosts;
        spec.electrical.tiers = 1;
        return spec;
    }

    /**
     * @brief Lays out a region.
     * @param spec The region.
     * @param circuits In force.
     * @param nicFactory Makes NICs.
     */
    void MakeRegion(const mixnetcore::MixnetSpec& spec,
                    const mixnetcore::CircuitConfiguration& circuits,
                    const ObjectFactory& nicFactory = ObjectFactory("ns3::mixnet::RdmaNic"))
    {
        m_region = std::make_unique<RegionNetwork>(spec, nicFactory);
        m_region->SetCircuits(circuits);
    }

    /// @param circuits In force in the region. @return the routes over them.
    mixnetcore::RegionRouter OverCircuits(const mixnetcore::CircuitConfiguration& circuits) const
    {
        const auto& plan = m_region->plan;
        return {plan.host, {mixnetcore::JoinedNics(plan, 0, {circuits})}};
    }

    /// @brief Lays out two hosts with circuits between their NICs 1 and between their NICs 2.
    void MakeRegion()
    {
        const auto spec = Hosts(2);
        ObjectFactory nicFactory("ns3::mixnet::RdmaNic");
        nicFactory.Set("LinkDownTimeout", TimeValue(Seconds(1)));
        const uint32_t degree = spec.host.opticalDegree;
        MakeRegion(spec,
                   mixnetcore::CircuitConfiguration({{0, degree}, {1, degree + 1}}),
                   nicFactory);
    }

    /// @param bytes How many. @return from GPU 5 of host 0 to GPU 7 of host 1 by NICs 1.
    static mixnetcore::Transfer Delegated(uint64_t bytes)
    {
        return {{0, 5},
                {1, 7},
                mixnetcore::Bytes(bytes),
                {mixnetcore::NvswitchLeg{0, 5, 1},
                 mixnetcore::RdmaLeg{{0, 1}, {1, 1}, mixnetcore::NicRole::Optical},
                 mixnetcore::NvswitchLeg{1, 1, 7}}};
    }

    /// @param bytes How many. @param nic Which. @return from its GPU to that of host 1, one leg.
    static mixnetcore::Transfer Direct(uint64_t bytes, uint32_t nic)
    {
        return {{0, nic},
                {1, nic},
                mixnetcore::Bytes(bytes),
                {mixnetcore::RdmaLeg{{0, nic}, {1, nic}, mixnetcore::NicRole::Optical}}};
    }

    /// @param transfer What to post at the start.
    void PostAtStart(const mixnetcore::Transfer& transfer)
    {
        Simulator::Schedule(Start(), [=, this_ = this] { this_->m_region->Post(transfer); });
    }

    /// @param transfers What to post at the start, one after the other.
    void PostAllAtStart(const std::vector<mixnetcore::Transfer>& transfers)
    {
        Simulator::Schedule(Start(), [=, this_ = this] {
            for (const auto& transfer : transfers)
            {
                this_->m_region->Post(transfer);
            }
        });
    }

    /// @brief Checks that every message arrived and ended Delivered, once.
    void ExpectAllDeliveredOnce()
    {
        const auto& ledger = m_region->ledger;
        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), ledger.posted.size(), "arrivals");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), ledger.posted.size(), "ends");
        if (IsStatusFailure())
        {
            return;
        }
        for (const auto id : ledger.posted)
        {
            NS_TEST_EXPECT_MSG_EQ(ledger.Arrivals(id), 1, "arrives once");
            NS_TEST_EXPECT_MSG_EQ(ledger.Endings(id), 1, "ends once");
        }
        for (const auto& [completion, at] : ledger.endings)
        {
            NS_TEST_EXPECT_MSG_EQ((completion.status == MessageStatus::Delivered), true, "status");
            NS_TEST_EXPECT_MSG_EQ(completion.bytesDelivered,
                                  completion.message->transfer.bytes.Count(),
                                  "bytes");
        }
    }

    const LineTimes m_line{LINE_RATE, MTU};  //!< arithmetic of a NIC
    std::unique_ptr<RegionNetwork> m_region; //!< the hosts
};

} // namespace tests

#endif // PACKET_TRANSPORT_TEST_CASE_H
