/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "test-network.h"

#include "ns3/ideal-switch-planner.h"
#include "ns3/own-nic-router.h"
#include "ns3/random-variable-stream.h"
#include "ns3/region-router.h"

#include <map>
#include <memory>
#include <set>
#include <string>

using namespace ns3;
using namespace ns3::mixnet;
using namespace mixnetcore;

namespace tests
{

namespace
{

constexpr uint64_t LINE_RATE = 400'000'000'000;  //!< of a NIC, bits per second
constexpr uint64_t GPU_RATE = 3'600'000'000'000; //!< of a GPU's NVSwitch port, bits per second
constexpr uint64_t MTU = 4096;                   //!< bytes
constexpr uint64_t CHUNK = 1 << 20;              //!< default of ChunkSize, bytes
constexpr uint64_t DEPTH = 4;                    //!< default of PipelineDepth, chunks

/// @return when tests post: light has reached every NIC.
Time
Start()
{
    return MicroSeconds(10);
}

/// @return time from NIC to NIC over a switch: two fibres of a microsecond.
Time
OneWay()
{
    return MicroSeconds(2);
}

/// @param bytes How many. @return time at the rate of a GPU's port, rounded up.
Time
NvswitchTime(uint64_t bytes)
{
    return PicoSeconds((bytes * 8'000'000'000 + GPU_RATE / 1000 - 1) / (GPU_RATE / 1000));
}

/**
 * @ingroup mixnet-tests
 * @brief Hosts of a region of which GPU 2 to GPU 3 of the next host is the way with three legs.
 */
class PacketTransportTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    /// @brief Lays out two hosts with a circuit between their NICs 1.
    void MakeRegion()
    {
        MixnetSpec spec;
        spec.hosts = 2;
        spec.electrical.tiers = 1;
        ObjectFactory nicFactory("ns3::mixnet::RdmaNic");
        nicFactory.Set("LinkDownTimeout", TimeValue(Seconds(1)));
        m_region = std::make_unique<RegionNetwork>(spec, nicFactory);
        const uint32_t degree = spec.host.opticalDegree;
        m_circuits = CircuitConfiguration({{0, degree}, {1, degree + 1}});
        m_region->SetCircuits(m_circuits);
    }

    /// @param bytes How many. @return from GPU 5 of host 0 to GPU 7 of host 1 by NICs 1.
    static Transfer Delegated(uint64_t bytes)
    {
        return {{0, 5},
                {1, 7},
                Bytes(bytes),
                {NvswitchLeg{0, 5, 1},
                 RdmaLeg{{0, 1}, {1, 1}, NicRole::Optical},
                 NvswitchLeg{1, 1, 7}}};
    }

    /// @param bytes How many. @param nic Which. @return from its GPU to that of host 1, one leg.
    static Transfer Direct(uint64_t bytes, uint32_t nic)
    {
        return {{0, nic}, {1, nic}, Bytes(bytes), {RdmaLeg{{0, nic}, {1, nic}, NicRole::Optical}}};
    }

    /// @param transfer What to post at the start.
    void PostAtStart(const Transfer& transfer)
    {
        Simulator::Schedule(Start(), [=, this_ = this] { this_->m_region->Post(transfer); });
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
    CircuitConfiguration m_circuits;         //!< in force
};

/**
 * @ingroup mixnet-tests
 * @brief What stays in the host moves at the rate of a GPU's port, or not at all.
 */
class PacketTransportIntraHostTestCase : public PacketTransportTestCase
{
  public:
    /// @param bytes How many. @param toGpu Destination; the source is GPU 5.
    PacketTransportIntraHostTestCase(uint64_t bytes, uint32_t toGpu)
        : PacketTransportTestCase("GPU 5 to GPU " + std::to_string(toGpu) +
                                  " of its host: " + std::to_string(bytes) + " bytes take " +
                                  (toGpu == 5 ? "no time" : "their time at the port rate")),
          m_bytes(bytes),
          m_toGpu(toGpu)
    {
    }

  private:
    void DoRun() override
    {
        MakeRegion();
        Route route;
        if (m_toGpu != 5)
        {
            route.push_back(NvswitchLeg{0, 5, m_toGpu});
        }
        PostAtStart({{0, 5}, {0, m_toGpu}, Bytes(m_bytes), route});
        Simulator::Run();

        ExpectAllDeliveredOnce();
        if (IsStatusFailure())
        {
            return;
        }
        const Time expected = Start() + (m_toGpu == 5 ? Time(0) : NvswitchTime(m_bytes));
        // Each chunk ends at a whole picosecond.
        const Time rounding = PicoSeconds(m_toGpu == 5 ? 0 : m_bytes / CHUNK);
        NS_TEST_EXPECT_MSG_EQ_TOL(m_region->ledger.arrivals[0].at, expected, rounding, "arrival");
        NS_TEST_EXPECT_MSG_EQ(m_region->ledger.endings[0].at,
                              m_region->ledger.arrivals[0].at,
                              "and completion");
        for (const auto& nic : m_region->nics[0])
        {
            NS_TEST_EXPECT_MSG_EQ(nic->GetCounters().sent.frames, 0, "no NIC is used");
        }
    }

    uint64_t m_bytes; //!< how many
    uint32_t m_toGpu; //!< destination
};

/**
 * @ingroup mixnet-tests
 * @brief Gather, RDMA and scatter of one message overlap, chunk by chunk.
 */
class PacketTransportPipelineTestCase : public PacketTransportTestCase
{
  public:
    /// @param bytes Size of the message.
    explicit PacketTransportPipelineTestCase(uint64_t bytes)
        : PacketTransportTestCase("A delegated message of " + std::to_string(bytes) +
                                  " bytes takes the NIC's time for all of it and the NVSwitch's "
                                  "for its first chunk and its last"),
          m_bytes(bytes)
    {
    }

  private:
    void DoRun() override
    {
        MakeRegion();
        PostAtStart(Delegated(m_bytes));
        Simulator::Run();

        ExpectAllDeliveredOnce();
        if (IsStatusFailure())
        {
            return;
        }
        // The first chunk is gathered alone; from then on the NIC is never idle, since the NVSwitch
        // is nine times as fast; the last chunk is scattered alone.
        const uint64_t chunks = m_bytes == 0 ? 1 : (m_bytes + CHUNK - 1) / CHUNK;
        const uint64_t last = m_bytes - (chunks - 1) * CHUNK;
        const Time gather = NvswitchTime(std::min(m_bytes, CHUNK));
        const Time nic =
            static_cast<int64_t>(chunks - 1) * m_line.Message(CHUNK) + m_line.Message(last);
        const Time crossed = Start() + gather + nic + OneWay();
        if (chunks == 1 || m_line.Message(last) > NvswitchTime(CHUNK))
        {
            NS_TEST_EXPECT_MSG_EQ_TOL(m_region->ledger.arrivals[0].at,
                                      crossed + NvswitchTime(last),
                                      PicoSeconds(10),
                                      "arrival");
            NS_TEST_EXPECT_MSG_EQ_TOL(m_region->ledger.endings[0].at,
                                      crossed + m_line.Ack() + OneWay(),
                                      PicoSeconds(10),
                                      "completion");
        }
        else
        {
            // The short chunk comes while the one before it is still being scattered.
            NS_TEST_EXPECT_MSG_EQ_TOL(m_region->ledger.arrivals[0].at,
                                      crossed,
                                      NvswitchTime(2 * CHUNK),
                                      "arrival");
        }
        const auto& sent = m_region->nics[0][1]->GetCounters().sent;
        NS_TEST_EXPECT_MSG_EQ(sent.bytes,
                              (chunks - 1) * m_line.WireBytes(CHUNK) + m_line.WireBytes(last),
                              "each chunk is an RDMA message");
        NS_TEST_EXPECT_MSG_EQ(m_region->servers[0]->GetTransferredBytes(), m_bytes, "gathered");
        NS_TEST_EXPECT_MSG_EQ(m_region->servers[1]->GetTransferredBytes(), m_bytes, "scattered");
    }

    uint64_t m_bytes; //!< size of the message
};

/**
 * @ingroup mixnet-tests
 * @brief A message on one RDMA leg is there with its last byte, however it is cut into chunks.
 */
class PacketTransportDirectTestCase : public PacketTransportTestCase
{
  public:
    /// @param bytes Size of the message.
    explicit PacketTransportDirectTestCase(uint64_t bytes)
        : PacketTransportTestCase("A message of " + std::to_string(bytes) +
                                  " bytes on one RDMA leg arrives with its last byte"),
          m_bytes(bytes)
    {
    }

  private:
    void DoRun() override
    {
        MakeRegion();
        PostAtStart(Direct(m_bytes, 1));
        Simulator::Run();

        ExpectAllDeliveredOnce();
        if (IsStatusFailure())
        {
            return;
        }
        const uint64_t chunks = m_bytes == 0 ? 1 : (m_bytes + CHUNK - 1) / CHUNK;
        const Time nic = static_cast<int64_t>(chunks - 1) * m_line.Message(CHUNK) +
                         m_line.Message(m_bytes - (chunks - 1) * CHUNK);
        const Time arrival = Start() + nic + OneWay();
        NS_TEST_EXPECT_MSG_EQ(m_region->ledger.arrivals[0].at, arrival, "arrival");
        NS_TEST_EXPECT_MSG_EQ(m_region->ledger.endings[0].at,
                              arrival + m_line.Ack() + OneWay(),
                              "completion");
    }

    uint64_t m_bytes; //!< size of the message
};

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

/**
 * @ingroup mixnet-tests
 * @brief An RDMA leg without light fails the message, and only those on it.
 */
class PacketTransportFailureTestCase : public PacketTransportTestCase
{
  public:
    /// @param delegated Whether the message is gathered first.
    explicit PacketTransportFailureTestCase(bool delegated)
        : PacketTransportTestCase(std::string("A ") + (delegated ? "delegated" : "direct") +
                                  " message on a cut fibre ends Failed once, with the bytes that "
                                  "were acknowledged; another NIC carries on"),
          m_delegated(delegated)
    {
    }

  private:
    void DoRun() override
    {
        MakeRegion();
        const uint64_t bytes = 20 * CHUNK;
        const Time cut = Start() + MicroSeconds(150);
        PostAtStart(m_delegated ? Delegated(bytes) : Direct(bytes, 1));
        PostAtStart(Direct(bytes, 2));
        Simulator::Schedule(cut, &Fibre::Cut, FibreOf(1, 1));
        Simulator::Run(); // returns

        const auto& ledger = m_region->ledger;
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 2, "both end once");
        NS_TEST_ASSERT_MSG_EQ(ledger.arrivals.size(), 1, "one arrives");
        if (IsStatusFailure())
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(ledger.arrivals[0].message.id, ledger.posted[1], "on the other NIC");
        const auto& failed = ledger.endings[1];
        NS_TEST_EXPECT_MSG_EQ((failed.completion.status == MessageStatus::Failed), true, "status");
        NS_TEST_EXPECT_MSG_EQ(failed.completion.message->id, ledger.posted[0], "message");
        // Light is lost at the sender two fibres after the cut.
        NS_TEST_EXPECT_MSG_EQ(failed.at, cut + OneWay() + Seconds(1), "after LinkDownTimeout");
        const uint64_t delivered = failed.completion.bytesDelivered;
        const uint64_t arrived = m_region->nics[1][1]
                                     ->GetQueuePair(m_region->nics[0][1]->GetNicAddress())
                                     .GetReceivedBytes();
        // Acknowledged are all that arrived a round trip before, at the interval of 16 frames.
        NS_TEST_EXPECT_MSG_LT_OR_EQ(delivered, arrived, "no more than arrived");
        NS_TEST_EXPECT_MSG_GT(delivered + 100 * MTU, arrived, "and not much less");
        NS_TEST_EXPECT_MSG_GT(delivered, CHUNK, "more than a chunk went well");
    }

    /// @param host A host. @param nic A NIC of it. @return its fibre.
    Ptr<Fibre> FibreOf(uint32_t host, uint32_t nic) const
    {
        return DynamicCast<Fibre>(m_region->nics[host][nic]->GetChannel());
    }

    bool m_delegated; //!< whether the message is gathered first
};

/**
 * @ingroup mixnet-tests
 * @brief A message taken back ends once, and leaves its NIC to the others.
 */
class PacketTransportWithdrawTestCase : public PacketTransportTestCase
{
  public:
    /// @param after When it is withdrawn, us after it was posted. @param accepted Whether it can.
    PacketTransportWithdrawTestCase(uint64_t after, bool accepted)
        : PacketTransportTestCase("A message withdrawn " + std::to_string(after) +
                                  " us after its post ends once, " +
                                  (accepted ? "Withdrawn" : "Delivered, as it has arrived")),
          m_after(after),
          m_accepted(accepted)
    {
    }

  private:
    void DoRun() override
    {
        MakeRegion();
        const uint64_t bytes = 20 * CHUNK;
        const Time withdrawal = Start() + MicroSeconds(m_after);
        PostAtStart(Delegated(bytes));
        auto& ledger = m_region->ledger;
        const auto transport = m_region->transports[0];
        std::vector<bool> answers;
        Simulator::Schedule(withdrawal, [&] {
            answers.push_back(transport->Withdraw(ledger.posted[0]));
            answers.push_back(transport->Withdraw(ledger.posted[0]));
            m_region->Post(Direct(MTU, 1));
        });
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ((answers == std::vector<bool>{m_accepted, false}), true, "answers");
        NS_TEST_ASSERT_MSG_EQ(ledger.endings.size(), 2, "both end once");
        if (IsStatusFailure())
        {
            return;
        }
        const auto& first = ledger.endings[0];
        NS_TEST_EXPECT_MSG_EQ(first.completion.message->id, ledger.posted[0], "the first");
        const auto status = m_accepted ? MessageStatus::Withdrawn : MessageStatus::Delivered;
        NS_TEST_EXPECT_MSG_EQ((first.completion.status == status), true, "status");
        const size_t arrivals = m_accepted ? 0 : 1;
        NS_TEST_EXPECT_MSG_EQ(ledger.Arrivals(ledger.posted[0]), arrivals, "arrivals");
        NS_TEST_EXPECT_MSG_EQ(ledger.Arrivals(ledger.posted[1]), 1, "the next arrives");
        NS_TEST_EXPECT_MSG_EQ(m_region->nics[0][1]->GetRetransmittedFrames(), 0, "no gap");
        if (!m_accepted)
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(first.at, withdrawal, "at once");
        // Whole chunks: those whose acknowledgement was back, the NIC having begun after a gather.
        const Time begun = NvswitchTime(CHUNK) + 2 * OneWay() + m_line.Ack();
        const int64_t busy = (withdrawal - Start() - begun).GetPicoSeconds();
        const uint64_t chunks = busy < 0 ? 0 : busy / m_line.Message(CHUNK).GetPicoSeconds();
        NS_TEST_EXPECT_MSG_EQ(first.completion.bytesDelivered, chunks * CHUNK, "bytes delivered");
        // The line is free for the next after at most one frame.
        const auto& next = ledger.arrivals[0];
        const Time alone = withdrawal + m_line.Message(MTU) + OneWay();
        NS_TEST_EXPECT_MSG_GT_OR_EQ(next.at, alone, "the next goes");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(next.at, alone + m_line.Full(), "after one frame");
    }

    uint64_t m_after; //!< when it is withdrawn, us
    bool m_accepted;  //!< whether it had not ended
};

/**
 * @ingroup mixnet-tests
 * @brief Every byte between the GPUs of a region arrives at its GPU, whatever its way.
 */
class PacketTransportMatrixTestCase : public MixnetTestCase
{
  public:
    /// @param seed Which random matrix.
    explicit PacketTransportMatrixTestCase(uint32_t seed)
        : MixnetTestCase("A random matrix between 32 GPUs of 4 hosts arrives byte for byte, "
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
        MixnetSpec spec;
        spec.hosts = 4;
        spec.electrical.tiers = 1;
        RegionNetwork region(spec, ObjectFactory("ns3::mixnet::RdmaNic"));
        // Circuits for hosts 0 and 1 (two), 1 and 2 (one); all others meet at the packet switch.
        const CircuitConfiguration circuits({{0, 6}, {4, 10}, {8, 12}});
        region.SetCircuits(circuits);
        const RegionRouter router(region.plan, 0, circuits);

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
        Simulator::Schedule(Start(), [&] {
            for (const auto& transfer : transfers)
            {
                region.Post(transfer);
            }
        });
        Simulator::Run();

        const auto& ledger = region.ledger;
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
        NS_TEST_EXPECT_MSG_EQ(region.packetSwitch->GetCounters().AllDropped().frames, 0, "no loss");
    }

    uint32_t m_seed; //!< which random matrix
};

/**
 * @ingroup mixnet-tests
 * @brief Numbers of messages do not repeat, between hosts neither.
 */
class PacketTransportIdTestCase : public PacketTransportTestCase
{
  public:
    PacketTransportIdTestCase()
        : PacketTransportTestCase("Messages of all hosts have numbers of their own, and carry what "
                                  "they are for")
    {
    }

  private:
    void DoRun() override
    {
        MakeRegion();
        auto& ledger = m_region->ledger;
        Simulator::Schedule(Start(), [&] {
            for (uint64_t i = 0; i < 50; ++i)
            {
                for (uint32_t host = 0; host < 2; ++host)
                {
                    ledger.Post(m_region->transports[host],
                                {{host, 0}, {host, 1}, Bytes(i), {NvswitchLeg{host, 0, 1}}},
                                1000 * host + i);
                }
            }
        });
        Simulator::Run();

        ExpectAllDeliveredOnce();
        if (IsStatusFailure())
        {
            return;
        }
        const std::set<MessageId> ids(ledger.posted.begin(), ledger.posted.end());
        NS_TEST_EXPECT_MSG_EQ(ids.size(), 100, "all different");
        for (const auto& [message, at] : ledger.arrivals)
        {
            NS_TEST_EXPECT_MSG_EQ(message.collective,
                                  1000 * message.transfer.source.host +
                                      message.transfer.bytes.Count(),
                                  "what it is for");
        }
    }
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
class PacketTransportPatternTestCase : public MixnetTestCase
{
  public:
    /**
     * @param pattern Who sends to whom.
     * @param name The same in words.
     * @param optical Whether over a circuit of a MixNet region, not over an ideal switch.
     */
    PacketTransportPatternTestCase(HostPairPattern pattern, const std::string& name, bool optical)
        : MixnetTestCase(name + " between two servers " +
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
        std::unique_ptr<RegionNetwork> network;
        std::vector<Transfer> transfers;
        if (m_optical)
        {
            MixnetSpec spec;
            spec.hosts = 2;
            spec.electrical.tiers = 1;
            network = std::make_unique<RegionNetwork>(spec, ObjectFactory("ns3::mixnet::RdmaNic"));
            const CircuitConfiguration circuits({{0, spec.host.opticalDegree}});
            network->SetCircuits(circuits);
            transfers = RegionRouter(network->plan, 0, circuits).Route(demand);
        }
        else
        {
            IdealSwitchSpec spec;
            spec.hosts = 2;
            spec.host.opticalDegree = 0;
            spec.host.electricalNics = GPUS;
            const auto plan = PlanIdealSwitch(spec);
            network = std::make_unique<RegionNetwork>(plan, ObjectFactory("ns3::mixnet::RdmaNic"));
            transfers = OwnNicRouter(plan.host).Route(demand);
        }
        Simulator::Schedule(Start(), [&] {
            for (const auto& transfer : transfers)
            {
                network->Post(transfer);
            }
        });
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
        if (!HasSize(network->ledger.arrivals, transfers.size(), "all arrive"))
        {
            return;
        }
        const Time last = network->ledger.arrivals.back().at;
        NS_TEST_EXPECT_MSG_GT_OR_EQ(last, Start() + line + OneWay(), "not before the payload");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(last, Start() + line + latency + chunk, "within a chunk");
        for (const auto& nics : network->nics)
        {
            for (const auto& nic : nics)
            {
                NS_TEST_EXPECT_MSG_EQ(nic->GetRetransmittedFrames(), 0, "nothing is sent again");
            }
        }
    }

    const LineTimes m_line{LINE_RATE, MTU}; //!< arithmetic of a NIC
    HostPairPattern m_pattern;              //!< who sends to whom
    bool m_optical;                         //!< whether over a circuit
};

/**
 * @ingroup mixnet-tests
 * @brief Legs as fast as each other overlap: a chunk is on one while the next is on the one before.
 *
 * A pipeline of equal stages takes (chunks + legs - 1) times a chunk. Where the first leg is an
 * NVSwitch, as many chunks as may be under way share it and end together, so that what comes first
 * comes later by one chunk less than these.
 */
class PacketTransportOverlapTestCase : public PacketTransportTestCase
{
  public:
    /// @param chunks Size of the message. @param gathered Whether it starts on an NVSwitch leg.
    PacketTransportOverlapTestCase(uint64_t chunks, bool gathered)
        : PacketTransportTestCase(std::to_string(chunks) + " chunks over " +
                                  (gathered ? "gather, RDMA and scatter" : "RDMA and scatter") +
                                  " of equal rates overlap"),
          m_chunks(chunks),
          m_gathered(gathered)
    {
    }

  private:
    void DoRun() override
    {
        MixnetSpec spec;
        spec.hosts = 2;
        spec.electrical.tiers = 1;
        spec.host.gpuPortRate = BitsPerSecond(LINE_RATE * MTU / (MTU + LineTimes::OVERHEAD));
        m_region = std::make_unique<RegionNetwork>(spec, ObjectFactory("ns3::mixnet::RdmaNic"));
        m_circuits = CircuitConfiguration({{0, spec.host.opticalDegree}});
        m_region->SetCircuits(m_circuits);
        auto transfer = Delegated(m_chunks * CHUNK);
        if (!m_gathered)
        {
            transfer.source.gpu = 1;
            transfer.route.erase(transfer.route.begin());
        }
        PostAtStart(transfer);
        Simulator::Run();

        ExpectAllDeliveredOnce();
        if (IsStatusFailure())
        {
            return;
        }
        const uint64_t steps = m_chunks + transfer.route.size() - 1;
        const Time chunk = m_line.Message(CHUNK);
        NS_TEST_EXPECT_MSG_EQ_TOL(m_region->ledger.arrivals[0].at,
                                  Start() + static_cast<int64_t>(steps) * chunk + OneWay(),
                                  chunk,
                                  "legs overlap");
        if (m_chunks > 1)
        {
            const int64_t sum = m_chunks * transfer.route.size();
            NS_TEST_EXPECT_MSG_LT(m_region->ledger.arrivals[0].at,
                                  Start() + sum * chunk,
                                  "not one leg after the other");
        }
    }

    uint64_t m_chunks; //!< size of the message
    bool m_gathered;   //!< whether it starts on an NVSwitch leg
};

/**
 * @ingroup mixnet-tests
 * @brief A finite attachment is one more leg at either end: bytes cross it whole, chunk by chunk.
 */
class PacketTransportAttachmentTestCase : public PacketTransportTestCase
{
  public:
    PacketTransportAttachmentTestCase()
        : PacketTransportTestCase("One chunk crosses the attachments of both NICs before and after "
                                  "the line")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t attachment = 200'000'000'000; // bits per second
        MixnetSpec spec;
        spec.hosts = 2;
        spec.electrical.tiers = 1;
        spec.host.nicAttachmentRate = BitsPerSecond(attachment);
        m_region = std::make_unique<RegionNetwork>(spec, ObjectFactory("ns3::mixnet::RdmaNic"));
        m_circuits = CircuitConfiguration({{0, spec.host.opticalDegree}});
        m_region->SetCircuits(m_circuits);
        PostAtStart(Direct(CHUNK, 1));
        Simulator::Run();

        ExpectAllDeliveredOnce();
        if (IsStatusFailure())
        {
            return;
        }
        const Time crossing = PicoSeconds(CHUNK * 8'000 / (attachment / 1'000'000'000));
        NS_TEST_EXPECT_MSG_EQ_TOL(m_region->ledger.arrivals[0].at,
                                  Start() + 2 * crossing + m_line.Message(CHUNK) + OneWay(),
                                  PicoSeconds(2),
                                  "attachment, line, attachment");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Transport that carries messages packet by packet.
 */
class PacketTransportTestSuite : public TestSuite
{
  public:
    PacketTransportTestSuite()
        : TestSuite("mixnet-packet-transport", TestSuite::Type::UNIT)
    {
        for (const uint64_t bytes : {uint64_t{0}, uint64_t{1}, CHUNK, CHUNK + 1, 20 * CHUNK})
        {
            AddTestCase(new PacketTransportIntraHostTestCase(bytes, 5));
            AddTestCase(new PacketTransportIntraHostTestCase(bytes, 2));
            AddTestCase(new PacketTransportPipelineTestCase(bytes));
            AddTestCase(new PacketTransportDirectTestCase(bytes));
        }
        AddTestCase(new PacketTransportSharingTestCase(2));
        AddTestCase(new PacketTransportSharingTestCase(5));
        AddTestCase(new PacketTransportFailureTestCase(false));
        AddTestCase(new PacketTransportFailureTestCase(true));
        AddTestCase(new PacketTransportWithdrawTestCase(0, true));
        AddTestCase(new PacketTransportWithdrawTestCase(5, true));
        AddTestCase(new PacketTransportWithdrawTestCase(100, true));
        AddTestCase(new PacketTransportWithdrawTestCase(1000, false));
        AddTestCase(new PacketTransportIdTestCase);
        for (const auto& [pattern, name] : {std::pair(HostPairPattern::OneToOne, "One to one"),
                                            std::pair(HostPairPattern::AllToOne, "All to one"),
                                            std::pair(HostPairPattern::OneToAll, "One to all"),
                                            std::pair(HostPairPattern::AllToAll, "All to all")})
        {
            AddTestCase(new PacketTransportPatternTestCase(pattern, name, true));
            AddTestCase(new PacketTransportPatternTestCase(pattern, name, false));
        }
        for (const uint64_t chunks : {1, 2, 4, 5, 20, 60})
        {
            AddTestCase(new PacketTransportOverlapTestCase(chunks, false));
            AddTestCase(new PacketTransportOverlapTestCase(chunks, true));
        }
        AddTestCase(new PacketTransportAttachmentTestCase);
        for (const uint32_t seed : {1, 2, 3})
        {
            AddTestCase(new PacketTransportMatrixTestCase(seed));
        }
    }
};

PacketTransportTestSuite g_packetTransportTestSuite; //!< registers the suite

} // namespace

} // namespace tests
