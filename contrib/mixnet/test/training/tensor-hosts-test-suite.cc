/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"
#include "../testbed/test-server.h"

#include "ns3/collective-engine.h"
#include "ns3/double.h"
#include "ns3/fabric-helper.h"
#include "ns3/fat-tree-planner.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/mixnet-planner.h"
#include "ns3/own-nic-router.h"
#include "ns3/rail-planner.h"
#include "ns3/rail-router.h"
#include "ns3/region-router.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>

using namespace ns3;
using namespace ns3::mixnet;
using namespace mixnetcore;

namespace tests
{

namespace
{

constexpr double NIC_RATE = 400e9 / 8 * 4096 / (4096 + 82); //!< payload of a NIC, bytes/s
const MessageKey ANY_COLLECTIVE{{}, 7};                     //!< a collective

/// Which fabric hosts are on.
enum class HostsOn
{
    Ideal,
    FatTree,
    Rail,
    Mixnet,
};

/// What is carried out, and where.
struct TensorSetup
{
    HostsOn fabric{HostsOn::Ideal};                           //!< the fabric
    Fidelity fidelity{Fidelity::Flow};                        //!< how messages are carried
    TensorCollective collective{TensorCollective::AllGather}; //!< what
    TensorAlgorithm algorithm{TensorAlgorithm::Merged};       //!< in which steps
    uint32_t hosts{2};                                        //!< hosts of the TP group
    uint64_t bytes{uint64_t{GPUS} * 6 * 1'000'000};           //!< whole buffer
    int64_t lateUs{0};                                        //!< by how much host 0 is late

    /// @return seconds on an idle fabric, without latencies.
    double ClosedForm() const
    {
        const double halves = collective == TensorCollective::AllReduce ? 2 : 1;
        // Two electrical NICs carry what eight GPUs send.
        const double rate = fabric == HostsOn::Mixnet ? NIC_RATE * 2 / GPUS : NIC_RATE;
        const double inside = (GPUS - 1.0) / GPUS * bytes / GPU_RATE;
        const double between = (hosts - 1.0) / (hosts * GPUS) * bytes / rate;
        return halves * (inside + between);
    }

    /**
     * @return seconds of all messages between hosts, at most, one after another: up to four fibres
     * or six, a frame for every switch, and a chunk on the way to and from a gateway.
     */
    double Latency() const
    {
        const double halves = collective == TensorCollective::AllReduce ? 2 : 1;
        const double steps = algorithm == TensorAlgorithm::Ring ? hosts - 1 : 1;
        const double links = fabric == HostsOn::Ideal || fabric == HostsOn::Mixnet ? 2 : 6;
        const double chunks = fabric == HostsOn::Mixnet ? 2.0 * (1 << 20) / GPU_RATE : 0;
        return halves * steps * (links * 1e-6 + links * 4200 * 8 / 400e9 + chunks + 1e-6);
    }

    /// @return the setup in words.
    std::string Name() const
    {
        const char* fabrics[]{"ideal switch", "fat-tree", "rail-optimized", "MixNet"};
        const char* collectives[]{"All-gather", "Reduce-scatter", "All-reduce"};
        const char* algorithms[]{"direct", "ring", "merged"};
        return std::string(collectives[static_cast<int>(collective)]) + ", " +
               algorithms[static_cast<int>(algorithm)] + ", over " + std::to_string(hosts) +
               " hosts, " + fabrics[static_cast<int>(fabric)] + ", " + ToString(fidelity) +
               (lateUs > 0 ? ", host 0 late" : "");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Hosts that carry out a collective of one TP group, and what was seen of it.
 */
class TensorRun
{
  public:
    /// @param parameters What is carried out, and where.
    explicit TensorRun(const TensorSetup& parameters)
        : setup(parameters),
          ends(parameters.hosts)
    {
        MakeFabric();
        for (uint32_t host = 0; host < setup.hosts; ++host)
        {
            const auto engine = CreateObject<CollectiveEngine>();
            engine->SetTransport(m_fabric.hosts[host].transport);
            m_engines.push_back(engine);
            Listen(host);
            const Time at = host == 0 ? Start() + MicroSeconds(setup.lateUs) : Start();
            Simulator::Schedule(at, [this, host] { Begin(host); });
        }
        Simulator::Run();
    }

    TensorRun(const TensorRun&) = delete;
    TensorRun& operator=(const TensorRun&) = delete;

    const TensorSetup setup;             //!< what is carried out
    std::vector<std::vector<Time>> ends; //!< when each host was told that it is over
    std::map<std::pair<uint32_t, uint32_t>, uint64_t> posted;  //!< bytes by hosts
    std::map<std::pair<uint32_t, uint32_t>, uint64_t> arrived; //!< likewise

    /// @return when tests begin: signals have reached every NIC.
    static Time Start()
    {
        return MicroSeconds(10);
    }

    /// @return seconds from the begin until the last host was told.
    double Seconds() const
    {
        Time last;
        for (const auto& each : ends)
        {
            last = each.empty() ? Time::Max() : std::max(last, each.back());
        }
        return (last - Start()).GetPicoSeconds() * 1e-12;
    }

    /// @return GPUs that still wait, and failures.
    uint64_t Unfinished() const
    {
        uint64_t sum = 0;
        for (const auto& engine : m_engines)
        {
            sum += engine->GetWaiting() + engine->GetFailedMessages();
        }
        return sum;
    }

  private:
    /// @return the fabric.
    FabricPlan Plan() const
    {
        HostSpec host;
        host.opticalDegree = setup.fabric == HostsOn::Mixnet ? 6 : 0;
        host.electricalNics = GPUS - host.opticalDegree;
        if (setup.fabric == HostsOn::FatTree)
        {
            FatTreeSpec spec;
            spec.hosts = setup.hosts;
            spec.host = host;
            return PlanFatTree(spec);
        }
        if (setup.fabric == HostsOn::Rail)
        {
            RailSpec spec;
            spec.hosts = setup.hosts;
            spec.host = host;
            return PlanRailOptimized(spec);
        }
        if (setup.fabric == HostsOn::Mixnet)
        {
            MixnetSpec spec;
            spec.hosts = setup.hosts;
            spec.host = host;
            spec.electrical.tiers = 1;
            return PlanMixnet(spec);
        }
        IdealSwitchSpec spec;
        spec.hosts = setup.hosts;
        spec.host = host;
        return PlanIdealSwitch(spec);
    }

    /// @brief Makes hosts, what joins them, and ways.
    void MakeFabric()
    {
        FabricHelper helper;
        helper.SetFidelity(setup.fidelity);
        helper.SetFlowAttribute("EndTolerance", DoubleValue(0));
        m_fabric = helper.Install(Plan());
        m_fabric.AssignStreams(1);
        const auto& host = m_fabric.plan->host;
        if (setup.fabric == HostsOn::Mixnet)
        {
            m_router = std::make_unique<RegionRouter>(host, mixnetcore::FabricState{});
        }
        else if (setup.fabric == HostsOn::Rail)
        {
            m_router = std::make_unique<RailRouter>(host);
        }
        else
        {
            m_router = std::make_unique<OwnNicRouter>(host);
        }
    }

    /// @param host Whose messages are counted.
    void Listen(uint32_t host)
    {
        const auto count = [](std::map<std::pair<uint32_t, uint32_t>, uint64_t>& bytes) {
            return Callback<void, const Message&>([&bytes](const Message& message) {
                const auto& transfer = message.transfer;
                bytes[{transfer.source.host, transfer.destination.host}] += transfer.bytes.Count();
            });
        };
        const auto& transport = m_fabric.hosts[host].transport;
        transport->TraceConnectWithoutContext("Post", count(posted));
        transport->TraceConnectWithoutContext("Arrival", count(arrived));
    }

    /// @param host Begins with its part.
    void Begin(uint32_t host)
    {
        const auto flows = ScheduleTensorCollective(setup.collective,
                                                    setup.algorithm,
                                                    setup.hosts,
                                                    GPUS,
                                                    Bytes(setup.bytes));
        std::vector<GpuId> members;
        for (uint32_t member = 0; member < setup.hosts * GPUS; ++member)
        {
            members.push_back({member / GPUS, member % GPUS});
        }
        m_engines[host]->Run(ANY_COLLECTIVE,
                             flows,
                             members,
                             RoutesOfSchedule(flows, members, host, m_router.get()),
                             MakeCallback(&TensorRun::HandleThrough, this),
                             host);
    }

    /// @param host A host that is through.
    void HandleThrough(const MessageKey& /* key */, uint64_t host)
    {
        ends[host].push_back(Simulator::Now());
    }

    Fabric m_fabric;                              //!< hosts, and what joins them
    std::unique_ptr<AllToAllRouter> m_router;     //!< ways between hosts
    std::vector<Ptr<CollectiveEngine>> m_engines; //!< of the hosts
};

/// @ingroup mixnet-tests
/// @brief A case of TP groups over several hosts.
class TensorHostsTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    /// @param run A run. @brief Every host was told once, and no byte is missing.
    void CheckThrough(const TensorRun& run)
    {
        NS_TEST_EXPECT_MSG_EQ(run.Unfinished(), 0, "nothing waits, nothing failed");
        for (const auto& each : run.ends)
        {
            HasSize(each, 1, "every host is told once");
        }
        NS_TEST_EXPECT_MSG_EQ((run.posted == run.arrived), true, "what is sent arrives");
        const auto& setup = run.setup;
        const uint64_t halves = setup.collective == TensorCollective::AllReduce ? 2 : 1;
        std::map<uint32_t, uint64_t> out;
        std::map<uint32_t, uint64_t> inside;
        for (const auto& [hosts, bytes] : run.posted)
        {
            (hosts.first == hosts.second ? inside : out)[hosts.first] += bytes;
        }
        for (uint32_t host = 0; host < setup.hosts; ++host)
        {
            // (H - 1) shards of each of the host's GPUs; g - 1 times the buffer inside.
            NS_TEST_EXPECT_MSG_EQ(out[host],
                                  halves * (setup.hosts - 1) * setup.bytes / setup.hosts,
                                  "bytes that leave a host");
            NS_TEST_EXPECT_MSG_EQ(inside[host], halves * (GPUS - 1) * setup.bytes, "and stay");
        }
    }
};

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief On an idle fabric a collective takes its closed form and its latencies.
 */
class TensorHostsTimeTestCase : public TensorHostsTestCase
{
  public:
    /// @param setup What, and where.
    explicit TensorHostsTimeTestCase(const TensorSetup& setup)
        : TensorHostsTestCase("A collective takes (g - 1) / g B / R + (H - 1) / (H g) B / r: " +
                              setup.Name()),
          m_setup(setup)
    {
    }

  private:
    /// Runs it once; compares its time with the closed form.
    void DoRun() override
    {
        const TensorRun run(m_setup);
        CheckThrough(run);
        const double closed = m_setup.ClosedForm();
        NS_TEST_EXPECT_MSG_GT(run.Seconds(), closed - 1e-9, "no faster");
        NS_TEST_EXPECT_MSG_LT(run.Seconds(),
                              closed * 1.005 + m_setup.Latency(),
                              "but for latencies");
    }

    TensorSetup m_setup; //!< what, and where
};

/**
 * @ingroup mixnet-tests
 * @brief Flows take as long as packets.
 */
class TensorHostsFidelityTestCase : public TensorHostsTestCase
{
  public:
    /// @param setup What, and where.
    explicit TensorHostsFidelityTestCase(const TensorSetup& setup)
        : TensorHostsTestCase("Packets and flows agree within 1 %: " + setup.Name()),
          m_setup(setup)
    {
    }

  private:
    /// Runs it with packets, then as flows; compares the two times.
    void DoRun() override
    {
        double seconds[2]{};
        for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
        {
            auto setup = m_setup;
            setup.fidelity = fidelity;
            {
                const TensorRun run(setup);
                CheckThrough(run);
                seconds[fidelity == Fidelity::Flow] = run.Seconds();
            }
            Simulator::Destroy();
        }
        NS_TEST_EXPECT_MSG_EQ_TOL(seconds[1] / seconds[0], 1, 0.01, "flows over packets");
    }

    TensorSetup m_setup; //!< what, and where
};

/**
 * @ingroup mixnet-tests
 * @brief A host that is late has what came before it began.
 */
class TensorHostsLateTestCase : public TensorHostsTestCase
{
  public:
    /// @param setup What, and where; the first host is late.
    explicit TensorHostsLateTestCase(const TensorSetup& setup)
        : TensorHostsTestCase("A late host goes on with what has come already: " + setup.Name()),
          m_setup(setup)
    {
    }

  private:
    /// Runs it with a late host; compares ends with the late begin.
    void DoRun() override
    {
        const TensorRun run(m_setup);
        CheckThrough(run);
        // The others have sent all theirs when it begins; it still has its own part to do.
        const double late = m_setup.lateUs * 1e-6;
        NS_TEST_EXPECT_MSG_GT(late, m_setup.ClosedForm(), "later than all of it would take");
        NS_TEST_EXPECT_MSG_LT(run.Seconds(),
                              late + m_setup.ClosedForm() * 1.005 + m_setup.Latency(),
                              "and no longer than from the begin");
        const double own = (run.ends[0].front() - TensorRun::Start()).GetPicoSeconds() * 1e-12;
        const double inside = (GPUS - 1.0) / GPUS * m_setup.bytes / GPU_RATE;
        NS_TEST_EXPECT_MSG_EQ_TOL(own, late + inside, 0.01 * inside, "only what is inside is left");
    }

    TensorSetup m_setup; //!< what, and where
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of tensor parallelism over several hosts.
 */
class TensorHostsTestSuite : public TestSuite
{
  public:
    TensorHostsTestSuite()
        : TestSuite("mixnet-tensor-hosts", Type::SYSTEM)
    {
        for (const auto fabric : {HostsOn::Ideal, HostsOn::FatTree, HostsOn::Rail, HostsOn::Mixnet})
        {
            for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
            {
                for (const auto collective :
                     {TensorCollective::AllGather, TensorCollective::ReduceScatter})
                {
                    AddTestCase(new TensorHostsTimeTestCase({fabric, fidelity, collective}));
                }
            }
            AddTestCase(new TensorHostsFidelityTestCase({fabric}));
            AddTestCase(new TensorHostsFidelityTestCase(
                {fabric, Fidelity::Flow, TensorCollective::AllReduce, TensorAlgorithm::Ring, 3}));
        }
        for (const auto algorithm :
             {TensorAlgorithm::Direct, TensorAlgorithm::Ring, TensorAlgorithm::Merged})
        {
            for (const uint32_t hosts : {1, 2, 3})
            {
                AddTestCase(new TensorHostsTimeTestCase({HostsOn::Ideal,
                                                         Fidelity::Flow,
                                                         TensorCollective::AllReduce,
                                                         algorithm,
                                                         hosts}));
            }
            AddTestCase(new TensorHostsLateTestCase({HostsOn::Ideal,
                                                     Fidelity::Flow,
                                                     TensorCollective::AllGather,
                                                     algorithm,
                                                     2,
                                                     uint64_t{GPUS} * 6 * 1'000'000,
                                                     1000}));
        }
    }
};

static TensorHostsTestSuite g_tensorHostsTestSuite; //!< the suite

} // namespace tests
