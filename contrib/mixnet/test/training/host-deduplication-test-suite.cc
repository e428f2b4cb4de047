/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/test-server.h"
#include "../testbed/training-test-case.h"

using namespace ns3;
using namespace ns3::mixnet;
using namespace mixnetcore;

namespace tests
{

namespace
{

/// @param setup Of a run. @return what tells it from others, in words.
std::string
WordsFor(const TrainingSetup& setup)
{
    return std::string(setup.IsOptical() ? "MixNet" : "ideal switch") + ", " +
           std::to_string(setup.ranks) + " ranks of " + std::to_string(setup.tensorParallel) +
           " GPUs, " + ToString(setup.electrical);
}

/// When messages of an all-to-all set out and were there, by GPU of the group.
struct Instants
{
    std::map<size_t, Time> lastSentTo;      //!< last that another rank sent to it has come
    std::map<size_t, Time> firstSent;       //!< its first to another host has set out
    std::map<size_t, Time> firstForwarded;  //!< it first passes on
    std::map<size_t, Time> lastForwardedTo; //!< last that was passed on to it has come
};

/// @param message A message. @return GPUs of the group at its ends.
std::pair<size_t, size_t>
Ends(const Message& message)
{
    const auto& [from, to] = std::tie(message.transfer.source, message.transfer.destination);
    return {from.host * GPUS + from.gpu, to.host * GPUS + to.gpu};
}

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief A token crosses once to each other host that has some of its experts.
 */
class HostDeduplicationTestCase : public MixnetTestCase
{
  public:
    /// @param setup What it is made of.
    explicit HostDeduplicationTestCase(const TrainingSetup& setup)
        : MixnetTestCase("A token crosses once to a host, and comes to all ranks that need it; "
                         "results go back the same ways: " +
                         WordsFor(setup)),
          m_setup(setup)
    {
    }

  private:
    void DoRun() override
    {
        m_setup.deduplication = Deduplication::Host;
        m_setup.seed = 3;
        TrainingRun run(m_setup);
        Listen(run);
        run.Run();
        NS_TEST_EXPECT_MSG_EQ(run.group.GetUnfinishedPhases().size(), 0, "all are through");
        for (const auto& engine : run.group.engines)
        {
            NS_TEST_EXPECT_MSG_EQ(engine->GetWaiting() + engine->GetFailedMessages(), 0, "no loss");
        }
        NS_TEST_EXPECT_MSG_EQ((run.posted == run.arrived), true, "what is sent arrives");
        NS_TEST_EXPECT_MSG_EQ(m_instants.size(), 4, "dispatch and combine, forward and backward");
        for (const auto& [phase, instants] : m_instants)
        {
            CheckBytes(run, phase);
            CheckOrder(phase, instants);
        }
    }

    /// @param run A run to come. @brief Writes down when messages set out and come.
    void Listen(const TrainingRun& run)
    {
        for (const auto& transport : run.group.transports)
        {
            transport->TraceConnectWithoutContext(
                "Post",
                MakeCallback(&HostDeduplicationTestCase::HandlePost, this));
            transport->TraceConnectWithoutContext(
                "Arrival",
                MakeCallback(&HostDeduplicationTestCase::HandleArrival, this));
        }
    }

    /// @param message A message that sets out.
    void HandlePost(const Message& message)
    {
        const auto phase = message.key.phase;
        const auto [from, to] = Ends(message);
        if (phase.IsForwarding())
        {
            m_instants[phase.Whole()].firstForwarded.emplace(from, Simulator::Now());
        }
        else if (phase.IsAllToAll() && from / GPUS != to / GPUS)
        {
            m_instants[phase].firstSent.emplace(from, Simulator::Now());
        }
    }

    /// @param message A message that is there.
    void HandleArrival(const Message& message)
    {
        const auto phase = message.key.phase;
        const auto [from, to] = Ends(message);
        if (phase.IsForwarding())
        {
            m_instants[phase.Whole()].lastForwardedTo[to] = Simulator::Now();
        }
        else if (phase.IsAllToAll())
        {
            m_instants[phase].lastSentTo[to] = Simulator::Now();
        }
    }

    /**
     * @brief Between hosts goes each token once; with what is passed on, every rank has those that
     * it needs once.
     * @param run A run that is over.
     * @param phase An all-to-all.
     */
    void CheckBytes(const TrainingRun& run, const PhaseKey& phase)
    {
        const size_t ranksPerHost = GPUS / m_setup.tensorParallel;
        std::map<std::pair<size_t, size_t>, uint64_t> crossed; // source rank, other host
        std::map<size_t, uint64_t> held;                       // by rank
        const auto passed = run.posted.find(phase.Forwarding());
        NS_TEST_EXPECT_MSG_EQ((passed != run.posted.end()),
                              (ranksPerHost > 1),
                              "some is passed on");
        for (const bool isForwarded : {false, true})
        {
            const auto found = isForwarded ? passed : run.posted.find(phase);
            for (const auto& [ends, count] :
                 found == run.posted.end() ? TrainingRun::GpuBytes() : found->second)
            {
                const auto from = phase.IsTransposed() ? ends.second : ends.first;
                const auto to = phase.IsTransposed() ? ends.first : ends.second;
                const bool crosses = from / GPUS != to / GPUS;
                held[to / m_setup.tensorParallel] += count;
                crossed[{from / m_setup.tensorParallel, to / GPUS}] += crosses ? count : 0;
                NS_TEST_EXPECT_MSG_EQ((isForwarded && crosses), false, "passed on inside only");
            }
        }
        CheckTokens(run, phase, crossed, held);
    }

    /// @param run A run. @param phase An all-to-all. @param crossed Bytes by source rank and other
    /// host. @param held Bytes that came to each rank, or that it gave back.
    void CheckTokens(const TrainingRun& run,
                     const PhaseKey& phase,
                     std::map<std::pair<size_t, size_t>, uint64_t>& crossed,
                     std::map<size_t, uint64_t>& held)
    {
        const LoadKey key{phase.iteration, phase.layer, phase.microbatch, phase.replica};
        const auto& load = run.job.work->Load();
        const size_t perRank = load.Experts() / m_setup.ranks;
        const size_t ranksPerHost = GPUS / m_setup.tensorParallel;
        const auto toRank = load.DrawDistinct(key, perRank);
        const auto toHost = load.DrawDistinct(key, perRank * ranksPerHost);
        const uint64_t bytesPerToken = 2 * m_setup.hidden;
        for (size_t rank = 0; rank < m_setup.ranks; ++rank)
        {
            uint64_t needed = 0;
            for (size_t source = 0; source < m_setup.ranks; ++source)
            {
                needed += source == rank ? 0 : toRank.At(source, rank).Count();
            }
            NS_TEST_EXPECT_MSG_EQ(held[rank], needed * bytesPerToken, "a rank's tokens");
            for (size_t host = 0; host < m_setup.ranks / ranksPerHost; ++host)
            {
                const bool isOwn = host == rank / ranksPerHost;
                const uint64_t once = isOwn ? 0 : toHost.At(rank, host).Count();
                NS_TEST_EXPECT_MSG_EQ((crossed[{rank, host}]),
                                      once * bytesPerToken,
                                      "crossed once");
            }
        }
    }

    /// @param phase An all-to-all. @param instants When its messages set out and came.
    void CheckOrder(const PhaseKey& phase, const Instants& instants)
    {
        const auto& first = phase.IsTransposed() ? instants.lastForwardedTo : instants.lastSentTo;
        const auto& then = phase.IsTransposed() ? instants.firstSent : instants.firstForwarded;
        for (const auto& [gpu, begun] : then)
        {
            const auto came = first.find(gpu);
            NS_TEST_EXPECT_MSG_EQ(
                (came == first.end() || came->second <= begun),
                true,
                "tokens are passed on when all have come, results sent when those "
                "of the host are added");
        }
    }

    TrainingSetup m_setup;                   //!< what it is made of
    std::map<PhaseKey, Instants> m_instants; //!< by all-to-all
};

/**
 * @ingroup mixnet-tests
 * @brief Packets and flows agree where tokens are passed on.
 */
class HostDeduplicationFidelityTestCase : public MixnetTestCase
{
  public:
    /// @param setup What it is made of, at either level.
    explicit HostDeduplicationFidelityTestCase(const TrainingSetup& setup)
        : MixnetTestCase("Packets and flows agree within 1 % where tokens cross once per host: " +
                         WordsFor(setup)),
          m_setup(setup)
    {
    }

  private:
    void DoRun() override
    {
        m_setup.deduplication = Deduplication::Host;
        m_setup.seed = 3;
        std::vector<double> seconds;
        for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
        {
            m_setup.optical = fidelity;
            m_setup.electrical = fidelity;
            {
                TrainingRun run(m_setup);
                run.Run();
                NS_TEST_EXPECT_MSG_EQ(run.group.GetUnfinishedPhases().size(), 0, "through");
                TrainingTotals totals;
                for (const auto& record : run.records)
                {
                    totals.Add(record);
                }
                seconds.push_back(totals.IterationTime().count() * 1e-12);
            }
            Simulator::Destroy();
        }
        NS_TEST_EXPECT_MSG_EQ_TOL(seconds[1] / seconds[0], 1, 0.01, "flows over packets");
    }

    TrainingSetup m_setup; //!< what it is made of
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of tokens that cross once per host.
 */
class HostDeduplicationTestSuite : public TestSuite
{
  public:
    HostDeduplicationTestSuite()
        : TestSuite("mixnet-host-deduplication", Type::SYSTEM)
    {
        for (const auto fabric : {TestFabric::Ideal, TestFabric::Mixnet})
        {
            TrainingSetup setup;
            setup.fabric = fabric;
            for (const size_t tensor : {1, 2, 8})
            {
                setup.tensorParallel = tensor;
                setup.ranks = 24 / tensor;
                for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
                {
                    setup.optical = fidelity;
                    setup.electrical = fidelity;
                    AddTestCase(new HostDeduplicationTestCase(setup));
                }
            }
            setup.tensorParallel = 2;
            setup.ranks = 12;
            AddTestCase(new HostDeduplicationFidelityTestCase(setup));
        }
    }
};

static HostDeduplicationTestSuite g_hostDeduplicationTestSuite; //!< the suite

} // namespace tests
