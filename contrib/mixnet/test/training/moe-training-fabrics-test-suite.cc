/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/training-test-case.h"

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief The measured matrix, a rank per host: as fast as its slowest line.
 */
class MeasuredTrainingTestCase : public TrainingTestCase
{
  public:
    /**
     * @param linkRateGbps Line rate of a NIC, Gb/s.
     * @param mtu Payload per frame.
     */
    MeasuredTrainingTestCase(uint64_t linkRateGbps, uint32_t mtu)
        : TrainingTestCase("The measured dispatch at " + std::to_string(linkRateGbps) +
                           " Gb/s, MTU " + std::to_string(mtu) + ", takes its bound"),
          m_linkRateGbps(linkRateGbps),
          m_mtu(mtu)
    {
    }

  private:
    void DoRun() override
    {
        TrainingSetup setup;
        setup.linkRate = m_linkRateGbps * 1'000'000'000;
        setup.mtu = m_mtu;
        setup.backward = false;
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        CheckNoLoss(run);
        CheckBounds(run);
        CheckSpeed(run);
        if (!HasSize(run.decisions, 1, "one dispatch"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(run.decisions[0].configurations.front().Size(),
                              24,
                              "6 ports of 8 hosts");
        // The longest leg is the circuit from host 3 to host 0: 10897 tokens of 2048 bytes.
        const auto record = run.RecordsOf(PhaseKind::Dispatch).front();
        const double bound = 10897.0 * 2048 * 8 / setup.linkRate * (m_mtu + 82) / m_mtu;
        NS_TEST_EXPECT_MSG_EQ_TOL(record.lowerBound.count() * 1e-12, bound, 1e-4 * bound, "bound");
        NS_TEST_EXPECT_MSG_LT(record.duration.count() * 1e-12, 1.03 * bound, "duration");
        NS_TEST_EXPECT_MSG_EQ(record.changedPorts, 48, "all ports");
    }

    uint64_t m_linkRateGbps; //!< line rate of a NIC, Gb/s
    uint32_t m_mtu;          //!< payload per frame
};

/**
 * @ingroup mixnet-tests
 * @brief The literal reading of the allocator leaves most pairs to the electrical side, where
 * more comes to host 0 than the packet switch can hold: frames are lost there, and retransmitted.
 */
class LiteralAllocatorTestCase : public TrainingTestCase
{
  public:
    LiteralAllocatorTestCase()
        : TrainingTestCase("The literal allocator trains over 6 circuits")
    {
    }

  private:
    void DoRun() override
    {
        TrainingSetup setup;
        setup.allocator = "greedy-literal";
        setup.backward = false;
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        CheckBounds(run);
        if (HasSize(run.decisions, 1, "one dispatch"))
        {
            NS_TEST_EXPECT_MSG_EQ(run.decisions[0].configurations.front().Size(), 6, "circuits");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Layouts of ranks on GPUs get to their end with every byte, forward and backward.
 */
class LayoutTestCase : public TrainingTestCase
{
  public:
    /**
     * @param setup What the run is made of.
     * @param bound Whether a dispatch is long enough to be compared with its bound.
     */
    LayoutTestCase(const TrainingSetup& setup, bool bound)
        : TrainingTestCase(LayoutName(setup) + " trains, and every byte arrives once each way"),
          m_setup(setup),
          m_bound(bound)
    {
    }

  private:
    void DoRun() override
    {
        TrainingRun run(m_setup);
        run.Run();
        CheckAll(run);
        CheckNoLoss(run);
        CheckBounds(run);
        if (m_bound)
        {
            CheckSpeed(run);
        }
        if (m_setup.ranks * m_setup.tensorParallel <= TrainingSetup::GPUS_PER_HOST)
        {
            const auto record = run.RecordsOf(PhaseKind::Dispatch).front();
            NS_TEST_EXPECT_MSG_EQ(record.circuits, 0, "a single host needs no circuit");
            NS_TEST_EXPECT_MSG_EQ(record.optical.Count() + record.electrical.Count(),
                                  0,
                                  "nor any NIC");
            NS_TEST_EXPECT_MSG_GT(record.nvswitch.Count(), 0, "but its NVSwitch");
        }
    }

    TrainingSetup m_setup; //!< what the run is made of
    bool m_bound;          //!< whether to compare with bounds
};

/**
 * @ingroup mixnet-tests
 * @brief Bytes that cannot be shared evenly among the GPUs of a rank come to them all the same.
 */
class UnevenSharesTestCase : public TrainingTestCase
{
  public:
    /**
     * @param algorithm Steps of tensor-parallel collectives.
     */
    explicit UnevenSharesTestCase(const std::string& algorithm)
        : TrainingTestCase("Tokens of six bytes are shared by eight GPUs to the byte, " +
                           algorithm),
          m_algorithm(algorithm)
    {
    }

  private:
    void DoRun() override
    {
        auto setup = Layout(8, 8, 3);
        setup.tensorAlgorithm = m_algorithm;
        TrainingRun run(setup);
        run.Run();
        CheckAll(run);
        CheckNoLoss(run);
        CheckBounds(run);
        const auto dispatch = run.RecordsOf(PhaseKind::Dispatch).front().key;
        const auto gather = run.TensorBytes(dispatch.With(PhaseKind::AllGather));
        const auto scatter = run.TensorBytes(dispatch.With(PhaseKind::ReduceScatter));
        NS_TEST_EXPECT_MSG_EQ((gather == scatter), false, "the two differ by single bytes");
    }

    std::string m_algorithm; //!< steps of tensor-parallel collectives
};

/**
 * @ingroup mixnet-tests
 * @brief How much slower the measured dispatch is on circuits than on an ideal switch.
 *
 * On the circuits the slowest line is that of the pair with the most tokens per circuit. On the
 * switch every GPU of a rank takes its share of all that the rank sends and gets over its own NIC:
 * the busiest is that of the rank with the largest row or column. Each token takes a NIC as long.
 */
class IdealSwitchRatioTestCase : public TrainingTestCase
{
  public:
    IdealSwitchRatioTestCase()
        : TrainingTestCase("The measured dispatch takes on circuits 1.28 times as long as on an "
                           "ideal switch")
    {
    }

  private:
    void DoRun() override
    {
        TrainingSetup setup;
        setup.hidden = 2048;
        setup.backward = false;
        const auto tokens = MeasuredTokens();
        double slowestCircuit = 0;
        const auto mixnet = Dispatch(setup, [&](const TrainingRun& run) {
            const auto& allocation = run.decisions.at(0).allocation;
            for (size_t from = 0; from < tokens.Rows(); ++from)
            {
                for (size_t to = 0; to < tokens.Columns(); ++to)
                {
                    const uint32_t circuits = allocation.Between(from, to);
                    const double load = tokens.At(from, to).Count();
                    slowestCircuit = std::max(slowestCircuit, circuits > 0 ? load / circuits : 0.0);
                }
            }
        });
        setup.fabric = TestFabric::Ideal;
        const auto ideal = Dispatch(setup, [](const TrainingRun& /* run */) {});
        const auto away = tokens.WithoutDiagonal();
        double busiestNic = 0;
        for (size_t rank = 0; rank < away.Rows(); ++rank)
        {
            const auto most = std::max(away.RowSum(rank).Count(), away.ColumnSum(rank).Count());
            busiestNic =
                std::max(busiestNic, static_cast<double>(most) / TrainingSetup::GPUS_PER_HOST);
        }
        NS_TEST_EXPECT_MSG_EQ(slowestCircuit, 10897, "host 3 to host 0, one circuit");
        NS_TEST_EXPECT_MSG_EQ_TOL(busiestNic, 8486.6, 0.1, "into each GPU of rank 0");
        const double ratio = static_cast<double>(mixnet.count()) / ideal.count();
        const double expected = slowestCircuit / busiestNic;
        NS_TEST_EXPECT_MSG_EQ_TOL(ratio, expected, 0.02 * expected, "mixnet over ideal switch");
    }

    /// @param setup What a run is made of. @param look What to look at when it is over.
    /// @return duration of its dispatch.
    mixnetcore::Picoseconds Dispatch(const TrainingSetup& setup,
                                     const std::function<void(const TrainingRun&)>& look)
    {
        mixnetcore::Picoseconds duration(0);
        {
            TrainingRun run(setup);
            run.Run();
            CheckAll(run);
            CheckNoLoss(run);
            CheckSpeed(run);
            look(run);
            duration = run.RecordsOf(PhaseKind::Dispatch).front().duration;
        }
        Simulator::Destroy();
        return duration;
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Circuits of a pair in both halves of a server spare a slow NUMA link.
 *
 * Four hosts with six optical ports: two circuits for each pair. The GPUs of a rank, half of them
 * in each half, have as much for each peer. With a circuit in each half nothing crosses the NUMA
 * link; where both are in one half, what the other half has, or gets, crosses: half of the pair's
 * bytes, each way.
 */
class NumaTestCase : public TrainingTestCase
{
  public:
    /**
     * @param numaGbps Rate of the NUMA link, Gb/s.
     */
    explicit NumaTestCase(uint64_t numaGbps)
        : TrainingTestCase("Over a NUMA link of " + std::to_string(numaGbps) +
                           " Gb/s circuits spread over the halves are faster than packed ones"),
          m_numaGbps(numaGbps)
    {
    }

  private:
    void DoRun() override
    {
        constexpr size_t HOSTS = 4;
        constexpr uint64_t TOKENS = 32768;
        TrainingSetup setup;
        setup.ranks = HOSTS;
        setup.tokens = {Filled(HOSTS, TOKENS)};
        setup.numaLinkRate = m_numaGbps * 1'000'000'000;
        const double ofPair = TOKENS * setup.hidden * 2;
        const double numaRate = setup.numaLinkRate / 8.0;
        const double nicRate = setup.linkRate / 8.0 * setup.mtu / (setup.mtu + 82.0);
        // Two circuits carry what a pair has.
        const double onCircuits = ofPair / 2 / nicRate;

        const auto spread = Train(setup);
        setup.numaRule = "pack";
        const auto pack = Train(setup);
        NS_TEST_EXPECT_MSG_EQ(spread.crossing, 0, "spread: nothing crosses");
        NS_TEST_EXPECT_MSG_GT(pack.crossing, 0, "packed: some does");
        const double acrossHalves = pack.crossing * ofPair / 2 / numaRate;
        for (size_t i = 0; i < spread.seconds.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ_TOL(spread.seconds[i], onCircuits, 0.03 * onCircuits, "spread");
            NS_TEST_EXPECT_MSG_GT(pack.seconds[i], acrossHalves, "packed: not before all crossed");
            NS_TEST_EXPECT_MSG_GT(pack.seconds[i] / spread.seconds[i],
                                  0.97 * acrossHalves / onCircuits,
                                  "by what the links say");
        }
    }

    /// What came of a run.
    struct Outcome
    {
        uint32_t crossing{0};        //!< most pairs whose half crosses a NUMA link in one direction
        std::vector<double> seconds; //!< durations of its all-to-alls
    };

    /// @param setup What a run is made of. @return what came of it.
    Outcome Train(const TrainingSetup& setup)
    {
        Outcome outcome;
        {
            TrainingRun run(setup);
            run.Run();
            CheckAll(run);
            CheckNoLoss(run);
            for (const auto& record : run.records)
            {
                if (record.IsAllToAll())
                {
                    outcome.seconds.push_back(record.duration.count() * 1e-12);
                }
            }
            outcome.crossing = MostCrossing(run);
        }
        Simulator::Destroy();
        return outcome;
    }

    /// @param run A run. @return of all NUMA links and directions, the most pairs that cross.
    uint32_t MostCrossing(const TrainingRun& run)
    {
        const size_t hosts = run.fabric.hosts.size();
        // Circuits by host, peer and half of the host that they end in.
        std::map<std::tuple<uint32_t, uint32_t, uint32_t>, uint32_t> circuits;
        const auto& attachments = run.fabric.plan->regions.front().planes.front().attachments;
        for (const auto& [a, b] : run.decisions.at(0).configurations.front().Circuits())
        {
            const auto& first = attachments.at(a);
            const auto& second = attachments.at(b);
            ++circuits[{first.endpoint, second.endpoint, first.numaHalf}];
            ++circuits[{second.endpoint, first.endpoint, second.numaHalf}];
        }
        uint32_t most = 0;
        for (uint32_t host = 0; host < hosts; ++host)
        {
            std::array<uint32_t, 2> outOf{}; // by half that bytes leave
            for (uint32_t peer = 0; peer < hosts; ++peer)
            {
                for (const uint32_t half : {0, 1})
                {
                    const bool isPacked = circuits[{host, peer, half}] == 2;
                    // What it sends goes to the circuits' half; what it gets leaves it.
                    outOf[1 - half] += isPacked ? 1 : 0;
                    outOf[half] += isPacked ? 1 : 0;
                }
                const uint32_t both = circuits[{host, peer, 0}] + circuits[{host, peer, 1}];
                NS_TEST_EXPECT_MSG_EQ(both, (peer == host ? 0 : 2), "two circuits per pair");
            }
            most = std::max({most, outOf[0], outOf[1]});
        }
        return most;
    }

    uint64_t m_numaGbps; //!< rate of the NUMA link, Gb/s
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of training on several fabrics and layouts: bytes and times.
 */
class MoeTrainingFabricsTestSuite : public TestSuite
{
  public:
    MoeTrainingFabricsTestSuite()
        : TestSuite("mixnet-moe-training-fabrics", TestSuite::Type::SYSTEM)
    {
        AddTestCase(new MeasuredTrainingTestCase(400, 16384));
        AddTestCase(new MeasuredTrainingTestCase(100, 4096));
        AddTestCase(new LiteralAllocatorTestCase);
        AddTestCase(new IdealSwitchRatioTestCase);
        for (const auto fabric : {TestFabric::Mixnet, TestFabric::Ideal})
        {
            AddTestCase(new LayoutTestCase(Layout(8, 8, 512, fabric), false));
            AddTestCase(new LayoutTestCase(Layout(8, 4, 512, fabric), false));
            AddTestCase(new LayoutTestCase(Layout(16, 1, 128, fabric), false));
            AddTestCase(new LayoutTestCase(Layout(32, 1, 32, fabric), false));
            AddTestCase(new LayoutTestCase(Layout(64, 1, 8, fabric), false));
            AddTestCase(new LayoutTestCase(Layout(8, 1, 1024, fabric), true));  // one host
            AddTestCase(new LayoutTestCase(Layout(4, 2, 1024, fabric), false)); // one host
        }
        AddTestCase(new LayoutTestCase(Layout(8, 4, 2048), true));
        AddTestCase(new LayoutTestCase(Layout(16, 1, 512), true));
        AddTestCase(new LayoutTestCase(Layout(16, 2, 512), true));
        AddTestCase(new LayoutTestCase(Layout(32, 1, 256), true));
        AddTestCase(new LayoutTestCase(Layout(4, 1, 1024), false)); // half a host
        AddTestCase(new UnevenSharesTestCase("direct"));
        AddTestCase(new UnevenSharesTestCase("ring"));
        AddTestCase(new NumaTestCase(400));
        AddTestCase(new NumaTestCase(100));
    }
};

static MoeTrainingFabricsTestSuite g_moeTrainingFabricsTestSuite; //!< the suite

} // namespace

} // namespace tests
