/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/test-network.h"
#include "../testbed/test-server.h"

#include "ns3/collective-engine.h"

#include <map>
#include <memory>
#include <stdexcept>
#include <string>

using namespace ns3;
using namespace ns3::mixnet;
using namespace mixnetcore;

namespace tests
{

namespace
{

const MessageKey ANY{{}, 7};              //!< a collective
const MessageKey OTHER_COLLECTIVE{{}, 8}; //!< another

/// @return when tests begin: signals have reached every NIC.
Time
Start()
{
    return MicroSeconds(10);
}

/// @param bytes How many. @return time at the rate of a GPU's port, rounded up.
Time
NvswitchTime(uint64_t bytes)
{
    return PicoSeconds((bytes * 1'000'000 + GPU_RATE / 1'000'000 - 1) / (GPU_RATE / 1'000'000));
}

/**
 * @ingroup mixnet-tests
 * @brief Two hosts without circuits, an engine in each, and what they tell.
 */
class CollectiveEngineTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    /// A call of a ready callback.
    struct Ready
    {
        MessageKey key; //!< which
        uint32_t gpu;   //!< whose
        Time at;        //!< when
    };

    /// @param recovers Whether messages that fail are posted again. @brief Lays out the hosts.
    void MakeHosts(bool recovers = false)
    {
        MixnetSpec spec;
        spec.hosts = 2;
        spec.electrical.tiers = 1;
        ObjectFactory nicFactory("ns3::mixnet::RdmaNic");
        nicFactory.Set("LinkDownTimeout", TimeValue(Seconds(1)));
        m_hosts = std::make_unique<RegionNetwork>(spec, nicFactory);
        for (const auto& transport : m_hosts->transports)
        {
            auto engine = CreateObject<CollectiveEngine>();
            engine->SetTransport(transport);
            if (recovers)
            {
                const auto plan = std::make_shared<const FabricPlan>(m_hosts->plan);
                engine->SetRecovery(std::make_shared<const ElectricalRecoveryRouter>(
                    plan,
                    std::make_shared<const ForwardingPlan>(*plan)));
            }
            engine->TraceConnectWithoutContext(
                "MessageFailed",
                MakeCallback(&CollectiveEngineTestCase::HandleFailure, this));
            m_engines.push_back(engine);
        }
    }

    /// @param bytes How many. @param from GPU of host 0. @param to Another. @return one leg.
    static Transfer Inside(uint64_t bytes, uint32_t from, uint32_t to)
    {
        return {{0, from}, {0, to}, Bytes(bytes), {NvswitchLeg{0, from, to}}};
    }

    /// @param bytes How many. @param nic NIC of both hosts. @return from host 1 to host 0.
    Transfer Over(uint64_t bytes, uint32_t nic) const
    {
        const auto side = m_hosts->plan.host.nics[nic].role;
        return {{1, nic}, {0, nic}, Bytes(bytes), {RdmaLeg{{1, nic}, {0, nic}, side}}};
    }

    /// @brief Waits at host 0. @param key Which. @param gpu Whose. @param bytes How many.
    void Expect(const MessageKey& key, uint32_t gpu, uint64_t bytes)
    {
        const size_t before = m_ready.size();
        m_engines[0]->Expect(key,
                             gpu,
                             Bytes(bytes),
                             MakeCallback(&CollectiveEngineTestCase::HandleReady, this));
        NS_TEST_EXPECT_MSG_EQ(m_ready.size(), before, "not before Expect has returned");
    }

    /// @brief Runs a schedule at host 0. @param flows Its flows. @param gpus GPUs of its members.
    void Run(const std::vector<ScheduledFlow>& flows, const std::vector<uint32_t>& gpus)
    {
        const size_t before = m_through.size();
        m_engines[0]->Run(ANY, flows, gpus, Through());
        NS_TEST_EXPECT_MSG_EQ(m_through.size(), before, "not before Run has returned");
    }

    /// @return what writes down that something is through.
    CollectiveEngine::ThroughCallback Through()
    {
        return MakeCallback(&CollectiveEngineTestCase::HandleThrough, this);
    }

    std::unique_ptr<RegionNetwork> m_hosts;       //!< the hosts
    std::vector<Ptr<CollectiveEngine>> m_engines; //!< of the hosts
    std::vector<Ready> m_ready;                   //!< GPUs that have their bytes
    std::vector<Time> m_through;                  //!< ends of schedules
    std::vector<uint64_t> m_tags;                 //!< that came with them
    std::vector<MessageCompletion> m_failures;    //!< messages that failed

  private:
    void DoTeardown() override
    {
        m_engines.clear();
        m_hosts.reset();
        Simulator::Destroy();
    }

    // Sinks.

    /// @param key Which. @param gpu A GPU that has its bytes.
    void HandleReady(const MessageKey& key, uint32_t gpu)
    {
        m_ready.push_back({key, gpu, Simulator::Now()});
    }

    /// @param tag Of a schedule, or of what was sent together. @brief Notes its end.
    void HandleThrough(const MessageKey& /* key */, uint64_t tag)
    {
        m_through.push_back(Simulator::Now());
        m_tags.push_back(tag);
    }

    /// @param completion End of a message that failed.
    void HandleFailure(const MessageCompletion& completion)
    {
        m_failures.push_back(completion);
    }
};

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief A collective on an idle NVSwitch takes (n - 1) shards / rate, an all-reduce twice that.
 */
class CollectiveEngineScheduleTestCase : public CollectiveEngineTestCase
{
  public:
    /**
     * @param collective What.
     * @param algorithm How.
     * @param members How many.
     * @param shard Bytes of each.
     */
    CollectiveEngineScheduleTestCase(TensorCollective collective,
                                     TensorAlgorithm algorithm,
                                     uint32_t members,
                                     uint64_t shard)
        : CollectiveEngineTestCase(
              std::string(collective == TensorCollective::AllGather       ? "All-gather"
                          : collective == TensorCollective::ReduceScatter ? "Reduce-scatter"
                                                                          : "All-reduce") +
              (algorithm == TensorAlgorithm::Ring     ? " around a ring"
               : algorithm == TensorAlgorithm::Direct ? " directly"
                                                      : " around a merged ring") +
              " among " + std::to_string(members) + " GPUs takes (n - 1) shards of " +
              std::to_string(shard) + " bytes / rate per half"),
          m_collective(collective),
          m_algorithm(algorithm),
          m_members(members),
          m_shard(shard)
    {
    }

  private:
    /// Runs it on an idle host; compares its end with shards / rate.
    void DoRun() override
    {
        MakeHosts();
        const auto flows = ScheduleTensorCollective(m_collective,
                                                    m_algorithm,
                                                    m_members,
                                                    Bytes(m_members * m_shard));
        std::vector<uint32_t> gpus;
        for (uint32_t member = 0; member < m_members; ++member)
        {
            gpus.push_back(7 - member);
        }
        Simulator::Schedule(Start(), [&] { Run(flows, gpus); });
        Simulator::Run();

        const uint64_t halves = m_collective == TensorCollective::AllReduce ? 2 : 1;
        const Time expected = NvswitchTime(halves * (m_members - 1) * m_shard);
        if (!HasSize(m_through, 1, "through once"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ_TOL(m_through[0], Start() + expected, NanoSeconds(1), "time");
        NS_TEST_EXPECT_MSG_EQ(m_hosts->servers[0]->GetTransferredBytes(),
                              halves * (m_members - 1) * m_members * m_shard,
                              "bytes");
        NS_TEST_EXPECT_MSG_EQ(m_engines[0]->GetWaiting(), 0, "nobody waits");
    }

    TensorCollective m_collective; //!< what
    TensorAlgorithm m_algorithm;   //!< how
    uint32_t m_members;            //!< how many
    uint64_t m_shard;              //!< bytes of each
};

/**
 * @ingroup mixnet-tests
 * @brief A flow begins when the last of those it waits for has ended, and no earlier.
 */
class CollectiveEngineDependencyTestCase : public CollectiveEngineTestCase
{
  public:
    CollectiveEngineDependencyTestCase()
        : CollectiveEngineTestCase("A flow waits for the last of two others, and for nobody else")
    {
    }

  private:
    /// Runs four flows of two lengths; compares begins of those that wait, and the end.
    void DoRun() override
    {
        // 0 to 1 and 2 to 3 take 1 and 3 parts; 1 to 2 waits for both, 1 part; 3 to 0 for the
        // first, 1 part: over after 2; all over after 4.
        constexpr uint64_t part = 900'000;
        MakeHosts();
        m_hosts->servers[0]->TraceConnectWithoutContext(
            "TransferBegin",
            MakeCallback(&CollectiveEngineDependencyTestCase::HandleBegin, this));
        Simulator::Schedule(Start(), [&] {
            Run({{0, 1, Bytes(part), {}},
                 {2, 3, Bytes(3 * part), {}},
                 {1, 2, Bytes(part), {0, 1}},
                 {3, 0, Bytes(part), {0}}},
                {0, 1, 2, 3});
        });
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ_TOL(m_begins[1],
                                  Start() + NvswitchTime(3 * part),
                                  PicoSeconds(10),
                                  "after the longer");
        NS_TEST_EXPECT_MSG_EQ_TOL(m_begins[3],
                                  Start() + NvswitchTime(part),
                                  PicoSeconds(10),
                                  "after the first only");
        if (HasSize(m_through, 1, "through once"))
        {
            NS_TEST_EXPECT_MSG_EQ_TOL(m_through[0],
                                      Start() + NvswitchTime(4 * part),
                                      PicoSeconds(10),
                                      "3 parts and 1 part");
        }
    }

    /// @param fromGpu GPU whose transfer begins.
    void HandleBegin(uint32_t fromGpu, uint32_t /* toGpu */, uint64_t /* bytes */)
    {
        m_begins[fromGpu] = Simulator::Now();
    }

    std::map<uint32_t, Time> m_begins; //!< last begin of a transfer, by GPU that sends
};

/**
 * @ingroup mixnet-tests
 * @brief Two ranks of one host run the same collective at once, and do not disturb each other.
 */
class CollectiveEngineTwoSchedulesTestCase : public CollectiveEngineTestCase
{
  public:
    CollectiveEngineTwoSchedulesTestCase()
        : CollectiveEngineTestCase("Two schedules of one collective end each in its own time")
    {
    }

  private:
    /// Runs two, one three times as large, in one collective; compares their ends.
    void DoRun() override
    {
        constexpr uint64_t shard = 450'000;
        MakeHosts();
        const auto schedule = [](uint32_t members, uint64_t factor) {
            return ScheduleTensorCollective(TensorCollective::AllGather,
                                            TensorAlgorithm::Ring,
                                            members,
                                            Bytes(members * factor * shard));
        };
        Simulator::Schedule(Start(), [&] {
            Run(schedule(4, 1), {0, 1, 2, 3});
            Run(schedule(4, 3), {4, 5, 6, 7});
        });
        // Nothing of them is left over for those who wait later.
        Simulator::Schedule(MilliSeconds(1), [&] {
            for (uint32_t gpu = 0; gpu < 8; ++gpu)
            {
                Expect(ANY, gpu, 0);
            }
        });
        Simulator::Run();

        if (HasSize(m_through, 2, "each through once"))
        {
            NS_TEST_EXPECT_MSG_EQ_TOL(m_through[0],
                                      Start() + NvswitchTime(3 * shard),
                                      NanoSeconds(1),
                                      "3 shards");
            NS_TEST_EXPECT_MSG_EQ_TOL(m_through[1],
                                      Start() + NvswitchTime(9 * shard),
                                      NanoSeconds(1),
                                      "3 shards three times as large");
        }
        NS_TEST_EXPECT_MSG_EQ(m_ready.size(), 8, "no bytes are left over");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A schedule without flows is through at its instant.
 */
class CollectiveEngineEmptyScheduleTestCase : public CollectiveEngineTestCase
{
  public:
    CollectiveEngineEmptyScheduleTestCase()
        : CollectiveEngineTestCase("A schedule without flows is through at once, after Run")
    {
    }

  private:
    /// Runs no flows; looks at when they are through.
    void DoRun() override
    {
        MakeHosts();
        Simulator::Schedule(Start(), [&] { Run({}, {0}); });
        Simulator::Run();
        if (HasSize(m_through, 1, "through once"))
        {
            NS_TEST_EXPECT_MSG_EQ(m_through[0], Start(), "at its instant");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A GPU is ready when its bytes are there, whenever it says what it waits for.
 */
class CollectiveEngineExpectTestCase : public CollectiveEngineTestCase
{
  public:
    /// @param early Whether it says so before the bytes come.
    explicit CollectiveEngineExpectTestCase(bool early)
        : CollectiveEngineTestCase(std::string("A GPU that waits ") + (early ? "before" : "after") +
                                   " its bytes come is ready once, with the last of them"),
          m_early(early)
    {
    }

  private:
    /// Waits before or after the bytes come; looks at when the GPU is ready.
    void DoRun() override
    {
        // GPU 4 gets 900 000 bytes from GPU 5 of its host in 2 us, and 4096 from host 1 over the
        // packet switch: two frames of 4096 + 98 bytes in time, two fibres.
        constexpr uint64_t near = 900'000;
        constexpr uint64_t far = 4096;
        const LineTimes line{400'000'000'000, 4096};
        const Time last = Start() + std::max(NvswitchTime(near),
                                             line.Message(far) * int64_t{2} + MicroSeconds(2));
        const Time expected = m_early ? Start() : MicroSeconds(100);
        MakeHosts();
        Simulator::Schedule(Start(), [&] {
            m_engines[0]->Send(ANY, {Inside(near, 5, 4)});
            m_engines[1]->Send(ANY, {Over(far, 4)});
            // Of other collectives and GPUs; they do not count.
            m_engines[0]->Send(OTHER_COLLECTIVE, {Inside(1, 5, 4)});
            m_engines[0]->Send(ANY, {Inside(1, 5, 3)});
        });
        Simulator::Schedule(expected, [&] {
            Expect(ANY, 4, near + far);
            Expect(ANY, 2, 1); // never comes
            NS_TEST_EXPECT_MSG_EQ(m_engines[0]->GetWaiting(), 2, "waiting");
        });
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(m_engines[0]->GetWaiting(), 1, "the one whose byte never came");
        NS_TEST_EXPECT_MSG_EQ(m_engines[0]->GetFailedMessages(), 0, "no failures");
        if (HasSize(m_ready, 1, "ready once"))
        {
            NS_TEST_EXPECT_MSG_EQ((m_ready[0].key == ANY), true, "collective");
            NS_TEST_EXPECT_MSG_EQ(m_ready[0].gpu, 4, "GPU");
            NS_TEST_EXPECT_MSG_EQ(m_ready[0].at, std::max(last, expected), "with the last byte");
        }
    }

    bool m_early; //!< whether it says so before the bytes come
};

/**
 * @ingroup mixnet-tests
 * @brief Who waits for nothing is ready at once.
 */
class CollectiveEngineZeroBytesTestCase : public CollectiveEngineTestCase
{
  public:
    CollectiveEngineZeroBytesTestCase()
        : CollectiveEngineTestCase("A GPU that waits for zero bytes is ready at its instant")
    {
    }

  private:
    /// Waits for zero bytes; looks at when the GPU is ready.
    void DoRun() override
    {
        MakeHosts();
        Simulator::Schedule(Start(), [&] { Expect(ANY, 3, 0); });
        Simulator::Run();
        NS_TEST_EXPECT_MSG_EQ(m_engines[0]->GetWaiting(), 0, "nobody waits");
        if (HasSize(m_ready, 1, "ready once"))
        {
            NS_TEST_EXPECT_MSG_EQ(m_ready[0].gpu, 3, "GPU");
            NS_TEST_EXPECT_MSG_EQ(m_ready[0].at, Start(), "at its instant");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A message that fails is counted and traced once, and is an error without a router.
 */
class CollectiveEngineFailureTestCase : public CollectiveEngineTestCase
{
  public:
    CollectiveEngineFailureTestCase()
        : CollectiveEngineTestCase("A message that fails is counted and traced, once, by its "
                                   "sender, and ends the run where there is no other route")
    {
    }

  private:
    /// Sends one message without a signal and one with; looks at what each engine counts.
    void DoRun() override
    {
        MakeHosts();
        Simulator::Schedule(Start(), [&] {
            m_engines[1]->Send(ANY, {Over(1000, 1), Over(2000, 4)}); // NIC 1 has no circuit
            Expect(ANY, 1, 1000);
            Expect(ANY, 4, 2000);
        });
        std::string error;
        try
        {
            Simulator::Run();
        }
        catch (const std::runtime_error& thrown)
        {
            error = thrown.what();
        }

        NS_TEST_EXPECT_MSG_NE(
            error.find("1000 of 1000 bytes from GPU 1 of host 1 to GPU 1 of host 0 did not arrive: "
                       "NIC 1 of host 1 does not reach NIC 1 of host 0, and there is no other "
                       "route"),
            std::string::npos,
            "said '" << error << "'");

        NS_TEST_EXPECT_MSG_EQ(m_engines[1]->GetFailedMessages(), 1, "counted");
        NS_TEST_EXPECT_MSG_EQ(m_engines[0]->GetFailedMessages(), 0, "by its sender only");
        NS_TEST_EXPECT_MSG_EQ(m_engines[0]->GetWaiting(), 1, "its receiver waits on");
        if (HasSize(m_failures, 1, "traced once"))
        {
            NS_TEST_EXPECT_MSG_EQ((m_failures[0].status == MessageStatus::Failed), true, "status");
            NS_TEST_EXPECT_MSG_EQ(m_failures[0].message->transfer.bytes.Count(), 1000, "which");
        }
        if (HasSize(m_ready, 1, "the other arrives"))
        {
            NS_TEST_EXPECT_MSG_EQ(m_ready[0].gpu, 4, "GPU");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Who sends is told once when nothing of it is on its way any more.
 */
class CollectiveEngineSentTestCase : public CollectiveEngineTestCase
{
  public:
    CollectiveEngineSentTestCase()
        : CollectiveEngineTestCase("What was sent together is through when the last is there, also "
                                   "by another route; nothing is through at once")
    {
    }

  private:
    /// Sends nothing, transfers, and a message that fails; compares when each is through.
    void DoRun() override
    {
        // 9000 bytes in 20 ns; nothing; a message that fails when the NIC has been dark for 1 s,
        // and goes by an electrical NIC then.
        constexpr uint64_t bytes = 9'000;
        MakeHosts(true);
        const auto send = [this](uint32_t host, const std::vector<Transfer>& transfers) {
            const size_t before = m_through.size();
            m_engines[host]->Send(ANY, transfers, Through(), transfers.size());
            NS_TEST_EXPECT_MSG_EQ(m_through.size(), before, "not before Send has returned");
        };
        Simulator::Schedule(Start(), [&] {
            send(1, {Over(1000, 1), Over(2000, 4)});
            send(0, {});
            send(0, {Inside(bytes, 5, 4), Inside(bytes, 6, 3), Inside(1, 7, 2)});
        });
        Simulator::Run();

        if (HasSize(m_through, 3, "each once"))
        {
            NS_TEST_EXPECT_MSG_EQ(m_through[0], Start(), "nothing to wait for");
            NS_TEST_EXPECT_MSG_EQ(m_through[1], Start() + NvswitchTime(bytes), "with the largest");
            NS_TEST_EXPECT_MSG_GT_OR_EQ(m_through[2], Seconds(1), "after the failure");
            const std::vector<uint64_t> tags{0, 3, 2};
            NS_TEST_EXPECT_MSG_EQ((m_tags == tags), true, "each with its own tag");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Too many bytes, and waiting twice, end the program with a message that helps.
 */
class CollectiveEngineAbortTestCase : public CollectiveEngineTestCase
{
  public:
    CollectiveEngineAbortTestCase()
        : CollectiveEngineTestCase("Too many bytes, or waiting a second time, abort with a message")
    {
    }

  private:
    /// Reads the message of each mistake.
    void DoRun() override
    {
        MakeHosts();
        const auto tooMany = AbortMessageOf([&] {
            Expect(ANY, 4, 10);
            m_engines[0]->Send(ANY, {Inside(11, 5, 4)});
            Simulator::Run();
        });
        NS_TEST_EXPECT_MSG_NE(tooMany.find("GPU 4 got 11 bytes of a collective; it expected 10"),
                              std::string::npos,
                              "said '" << tooMany << "'");
        const auto twice = AbortMessageOf([&] {
            Expect(ANY, 4, 10);
            Expect(ANY, 4, 10);
        });
        NS_TEST_EXPECT_MSG_NE(twice.find("GPU 4 waits for a collective a second time"),
                              std::string::npos,
                              "said '" << twice << "'");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-collective-engine.
 */
class CollectiveEngineTestSuite : public TestSuite
{
  public:
    CollectiveEngineTestSuite()
        : TestSuite("mixnet-collective-engine", TestSuite::Type::UNIT)
    {
        for (const auto collective : {TensorCollective::AllGather,
                                      TensorCollective::ReduceScatter,
                                      TensorCollective::AllReduce})
        {
            for (const auto algorithm :
                 {TensorAlgorithm::Direct, TensorAlgorithm::Ring, TensorAlgorithm::Merged})
            {
                for (const uint32_t members : {2, 3, 4, 8})
                {
                    Add(collective, algorithm, members, 450'000);
                }
                Add(collective, algorithm, 4, 10'000'001); // several chunks
            }
        }
        AddTestCase(new CollectiveEngineDependencyTestCase);
        AddTestCase(new CollectiveEngineTwoSchedulesTestCase);
        AddTestCase(new CollectiveEngineEmptyScheduleTestCase);
        AddTestCase(new CollectiveEngineExpectTestCase(true));
        AddTestCase(new CollectiveEngineExpectTestCase(false));
        AddTestCase(new CollectiveEngineZeroBytesTestCase);
        AddTestCase(new CollectiveEngineFailureTestCase);
        AddTestCase(new CollectiveEngineSentTestCase);
        AddTestCase(new CollectiveEngineAbortTestCase);
    }

  private:
    /**
     * @brief Adds a case of a schedule.
     * @param collective What.
     * @param algorithm How.
     * @param members How many.
     * @param shard Bytes of each.
     */
    void Add(TensorCollective collective,
             TensorAlgorithm algorithm,
             uint32_t members,
             uint64_t shard)
    {
        AddTestCase(new CollectiveEngineScheduleTestCase(collective, algorithm, members, shard));
    }
};

static CollectiveEngineTestSuite g_collectiveEngineTestSuite; //!< the suite

} // namespace tests
