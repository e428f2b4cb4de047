/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "packet-transport-test-case.h"

#include "ns3/ideal-switch-planner.h"
#include "ns3/own-nic-router.h"
#include "ns3/random-variable-stream.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace ns3;
using namespace ns3::mixnet;
using namespace mixnetcore;

namespace tests
{

namespace
{

constexpr uint64_t DEPTH = 4; //!< default of PipelineDepth, chunks

/**
 * @ingroup mixnet-tests
 * @brief Messages that meet at a NIC share it, chunk by chunk.
 */
class PacketTransportSharingTestCase : public PacketTransportTestCase
{
  public:
    /// @param count How many messages.
    explicit PacketTransportSharingTestCase(uint32_t count)
        : PacketTransportTestCase(std::to_string(count) +
                                  " messages share a NIC chunk by chunk, and all end together"),
          m_count(count)
    {
    }

  private:
    void DoRun() override
    {
        MakeRegion();
        const uint64_t chunks = 10;
        for (uint32_t i = 0; i < m_count; ++i)
        {
            PostAtStart(Direct(chunks * CHUNK, 1));
        }
        Simulator::Run();

        ExpectAllDeliveredOnce();
        if (IsStatusFailure())
        {
            return;
        }
        const auto& arrivals = m_region->ledger.arrivals;
        const Time chunk = m_line.Message(CHUNK);
        NS_TEST_EXPECT_MSG_EQ(arrivals.back().at,
                              Start() + static_cast<int64_t>(m_count * chunks) * chunk + OneWay(),
                              "the line is never idle");
        // A message has at most its pipeline at the NIC, so none is further ahead than that.
        NS_TEST_EXPECT_MSG_LT_OR_EQ(arrivals.back().at - arrivals.front().at,
                                    static_cast<int64_t>(m_count * DEPTH) * chunk,
                                    "fair within the pipeline");
    }

    uint32_t m_count; //!< how many messages
};

/// @ingroup mixnet-tests
/// @brief Which GPUs of host 0 send to which of host 1.
enum class HostPairPattern
{
    OneToOne, //!< GPU 1 to GPU 6
    AllToOne, //!< all to GPU 6
    OneToAll, //!< GPU 1 to all
    AllToAll, //!< all to all, and all back
};

/**
 * @ingroup mixnet-tests
 * @brief Messages between two servers take what the busiest NIC needs for all its payload.
 *
 * Over one circuit that NIC is the only one there is; on an ideal switch it is that of the GPU that
 * sends or receives most. To that come two fibres, over a switch the store-and-forward of a frame,
 * and NVSwitch at the ends; GPU 1 is the delegate, so the first byte leaves at once.
 */
class PacketTransportPatternTestCase : public PacketTransportTestCase
{
  public:
    /**
     * @param pattern Who sends to whom.
     * @param name The same in words.
     * @param optical Whether over a circuit of a MixNet region, not over an ideal switch.
     */
    PacketTransportPatternTestCase(HostPairPattern pattern, const std::string& name, bool optical)
        : PacketTransportTestCase(name + " between two servers " +
                                  (optical ? "over one circuit" : "over an ideal switch") +
                                  " takes bytes / (rate * MTU / (MTU + 82)), within a chunk"),
          m_pattern(pattern),
          m_optical(optical)
    {
    }

  private:
    static constexpr uint64_t BYTES = 2 * CHUNK + 12'345; //!< size of each message
    static constexpr uint32_t GPUS = 8;                   //!< of each server

    /// @return bytes from host 0 to host 1, and back with all-to-all.
    std::vector<GpuDemand> Demand() const
    {
        const bool all = m_pattern == HostPairPattern::AllToAll;
        std::vector<GpuDemand> demand;
        for (uint32_t from = 0; from < GPUS; ++from)
        {
            for (uint32_t to = 0; to < GPUS; ++to)
            {
                if ((all || m_pattern == HostPairPattern::AllToOne || from == 1) &&
                    (all || m_pattern == HostPairPattern::OneToAll || to == 6))
                {
                    demand.push_back({{0, from}, {1, to}, Bytes(BYTES)});
                }
                if (all)
                {
                    demand.push_back({{1, from}, {0, to}, Bytes(BYTES)});
                }
            }
        }
        return demand;
    }

    void DoRun() override
    {
        const auto demand = Demand();
        std::vector<Transfer> transfers;
        if (m_optical)
        {
            const auto spec = Hosts(2);
            const CircuitConfiguration circuits({{0, spec.host.opticalDegree}});
            MakeRegion(spec, circuits);
            transfers = OverCircuits(circuits).Route(demand);
        }
        else
        {
            IdealSwitchSpec spec;
            spec.hosts = 2;
            spec.host.opticalDegree = 0;
            spec.host.electricalNics = GPUS;
            const auto plan = PlanIdealSwitch(spec);
            m_region = std::make_unique<RegionNetwork>(plan, ObjectFactory("ns3::mixnet::RdmaNic"));
            transfers = OwnNicRouter(plan.host).Route(demand);
        }
        PostAllAtStart(transfers);
        Simulator::Run();

        // The busiest NIC, one way: all messages of a server over a circuit, else those of one GPU.
        uint64_t messages = m_pattern == HostPairPattern::OneToOne ? 1 : GPUS;
        if (m_optical && m_pattern == HostPairPattern::AllToAll)
        {
            messages *= GPUS;
        }
        const Time line = m_line.Full() * static_cast<int64_t>(messages * BYTES) /
                          static_cast<int64_t>(MTU); // bytes / (rate * MTU / (MTU + 82))
        const Time latency = OneWay() + (m_optical ? Time(0) : m_line.Full());
        const Time chunk = m_line.Message(CHUNK);
        if (!HasSize(m_region->ledger.arrivals, transfers.size(), "all arrive"))
        {
            return;
        }
        const Time last = m_region->ledger.arrivals.back().at;
        NS_TEST_EXPECT_MSG_GT_OR_EQ(last, Start() + line + OneWay(), "not before the payload");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(last, Start() + line + latency + chunk, "within a chunk");
        for (const auto& nics : m_region->nics)
        {
            for (const auto& nic : nics)
            {
                NS_TEST_EXPECT_MSG_EQ(nic->GetRetransmittedFrames(), 0, "nothing is retransmitted");
            }
        }
    }

    HostPairPattern m_pattern; //!< who sends to whom
    bool m_optical;            //!< whether over a circuit
};

/**
 * @ingroup mixnet-tests
 * @brief Every byte between the GPUs of a region arrives at its GPU, whatever its way.
 */
class PacketTransportMatrixTestCase : public PacketTransportTestCase
{
  public:
    /// @param seed Which random matrix.
    explicit PacketTransportMatrixTestCase(uint32_t seed)
        : PacketTransportTestCase(
              "A random matrix between 32 GPUs of 4 hosts arrives byte for byte, "
              "run " +
              std::to_string(seed)),
          m_seed(seed)
    {
    }

  private:
    void DoRun() override
    {
        auto random = CreateObject<UniformRandomVariable>();
        random->SetStream(m_seed);
        // Circuits for hosts 0 and 1 (two), 1 and 2 (one); all others meet at the packet switch.
        const CircuitConfiguration circuits({{0, 6}, {4, 10}, {8, 12}});
        MakeRegion(Hosts(4), circuits);
        const auto router = OverCircuits(circuits);

        std::map<std::pair<uint32_t, uint32_t>, uint64_t> posted;
        std::vector<GpuDemand> demand;
        for (uint32_t source = 0; source < 32; ++source)
        {
            for (uint32_t destination = 0; destination < 32; ++destination)
            {
                const uint64_t bytes = random->GetInteger(0, 3) * random->GetInteger(0, 50'000);
                posted[{destination / 8, destination % 8}] += bytes;
                demand.push_back(
                    {{source / 8, source % 8}, {destination / 8, destination % 8}, Bytes(bytes)});
            }
        }
        const auto transfers = router.Route(demand);
        PostAllAtStart(transfers);
        Simulator::Run();

        const auto& ledger = m_region->ledger;
        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), transfers.size(), "all arrive");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), transfers.size(), "all end");
        if (IsStatusFailure())
        {
            return;
        }
        std::set<MessageId> ids;
        std::map<std::pair<uint32_t, uint32_t>, uint64_t> arrived;
        for (const auto& [message, at] : ledger.arrivals)
        {
            const auto& transfer = message.transfer;
            ids.insert(message.id);
            arrived[{transfer.destination.host, transfer.destination.gpu}] +=
                transfer.bytes.Count();
        }
        NS_TEST_EXPECT_MSG_EQ(ids.size(), transfers.size(), "numbers are unique, arrivals too");
        for (const auto& [gpu, bytes] : posted)
        {
            NS_TEST_EXPECT_MSG_EQ(arrived[gpu],
                                  bytes,
                                  "bytes at GPU " << gpu.second << " of host " << gpu.first);
        }
        for (const auto& [completion, at] : ledger.endings)
        {
            NS_TEST_EXPECT_MSG_EQ((completion.status == MessageStatus::Delivered), true, "status");
        }
        NS_TEST_EXPECT_MSG_EQ(m_region->packetSwitch->GetCounters().AllDropped().frames,
                              0,
                              "no loss");
    }

    uint32_t m_seed; //!< which random matrix
};

/**
 * @ingroup mixnet-tests
 * @brief Messages that are in flight together.
 */
class PacketTransportSharingTestSuite : public TestSuite
{
  public:
    PacketTransportSharingTestSuite()
        : TestSuite("mixnet-packet-transport-sharing", TestSuite::Type::UNIT)
    {
        AddTestCase(new PacketTransportSharingTestCase(2));
        AddTestCase(new PacketTransportSharingTestCase(5));
        for (const auto& [pattern, name] : {std::pair(HostPairPattern::OneToOne, "One to one"),
                                            std::pair(HostPairPattern::AllToOne, "All to one"),
                                            std::pair(HostPairPattern::OneToAll, "One to all"),
                                            std::pair(HostPairPattern::AllToAll, "All to all")})
        {
            AddTestCase(new PacketTransportPatternTestCase(pattern, name, true));
            AddTestCase(new PacketTransportPatternTestCase(pattern, name, false));
        }
        for (const uint32_t seed : {1, 2, 3})
        {
            AddTestCase(new PacketTransportMatrixTestCase(seed));
        }
    }
};

PacketTransportSharingTestSuite g_packetTransportSharingTestSuite; //!< registers the suite

} // namespace

} // namespace tests
