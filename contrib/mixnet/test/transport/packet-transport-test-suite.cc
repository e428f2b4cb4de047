/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "packet-transport-test-case.h"

#include <set>
#include <string>

using namespace ns3;
using namespace ns3::mixnet;
using namespace mixnetcore;

namespace tests
{

namespace
{

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
        Transfer transfer{{0, 5}, {0, m_toGpu}, Bytes(m_bytes), {}};
        if (m_toGpu != 5)
        {
            transfer.route.push_back(NvswitchLeg{0, 5, m_toGpu});
        }
        PostAtStart(transfer);
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
        const uint64_t chunks = Chunks(m_bytes);
        const uint64_t last = LastChunk(m_bytes);
        const Time gather = NvswitchTime(std::min(m_bytes, CHUNK));
        const Time crossed = Start() + gather + ChunkTimes(m_bytes) + OneWay();
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
        const Time arrival = Start() + ChunkTimes(m_bytes) + OneWay();
        NS_TEST_EXPECT_MSG_EQ(m_region->ledger.arrivals[0].at, arrival, "arrival");
        NS_TEST_EXPECT_MSG_EQ(m_region->ledger.endings[0].at,
                              arrival + m_line.Ack() + OneWay(),
                              "completion");
    }

    uint64_t m_bytes; //!< size of the message
};

/**
 * @ingroup mixnet-tests
 * @brief Users may post on the queue pairs of a fabric's NICs themselves.
 */
class PacketTransportBesideTestCase : public PacketTransportTestCase
{
  public:
    PacketTransportBesideTestCase()
        : PacketTransportTestCase("A message posted on a queue pair of a NIC, beside those of the "
                                  "transports, ends and is none of theirs")
    {
    }

  private:
    void DoRun() override
    {
        MakeRegion();
        PostAtStart(Direct(MTU, 1));
        const auto nicOf = [this](uint32_t host) { return m_region->nics[host][1]; };
        constexpr uint32_t OWN_QUEUE_PAIR = 7;
        Simulator::Schedule(Start(), [this, nicOf] {
            nicOf(0)
                ->GetQueuePair(nicOf(1)->GetNicAddress(), OWN_QUEUE_PAIR)
                .Post(Create<RdmaMessage>(3 * MTU),
                      MakeCallback(&PacketTransportBesideTestCase::HandleEnd, this));
        });
        Simulator::Run();

        ExpectAllDeliveredOnce();
        NS_TEST_EXPECT_MSG_EQ(m_delivered, 3 * MTU, "bytes of the message beside");
    }

    /// @param completion How the message beside ended.
    void HandleEnd(const WriteCompletion& completion)
    {
        m_delivered += completion.bytesDelivered;
    }

    uint64_t m_delivered{0}; //!< bytes of the message beside
};

/**
 * @ingroup mixnet-tests
 * @brief Legs as fast as each other overlap: a chunk is on one while the next is on the one before.
 *
 * A pipeline of equal stages takes (chunks + legs - 1) times a chunk. Where the first leg is an
 * NVSwitch, as many chunks as may be in flight share it and end together, so that what comes first
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
        auto spec = Hosts(2);
        spec.host.gpuPortRate = BitsPerSecond(LINE_RATE * MTU / (MTU + LineTimes::OVERHEAD));
        MakeRegion(spec, CircuitConfiguration({{0, spec.host.opticalDegree}}));
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
        auto spec = Hosts(2);
        spec.host.nicAttachmentRate = BitsPerSecond(attachment);
        MakeRegion(spec, CircuitConfiguration({{0, spec.host.opticalDegree}}));
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
                                {{}, host, static_cast<uint32_t>(i)});
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
            NS_TEST_EXPECT_MSG_EQ(message.key.part, message.transfer.source.host, "whose part");
            NS_TEST_EXPECT_MSG_EQ(message.key.index, message.transfer.bytes.Count(), "which");
        }
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
        AddTestCase(new PacketTransportIdTestCase);
        AddTestCase(new PacketTransportBesideTestCase);
        for (const uint64_t chunks : {1, 2, 4, 5, 20, 60})
        {
            AddTestCase(new PacketTransportOverlapTestCase(chunks, false));
            AddTestCase(new PacketTransportOverlapTestCase(chunks, true));
        }
        AddTestCase(new PacketTransportAttachmentTestCase);
    }
};

PacketTransportTestSuite g_packetTransportTestSuite; //!< registers the suite

} // namespace

} // namespace tests
