/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "test-network.h"

#include "ns3/fabric-helper.h"
#include "ns3/gradient-reducer.h"
#include "ns3/ideal-switch-planner.h"

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

constexpr uint32_t GPUS = 8;                    //!< of a host
constexpr uint64_t GPU_RATE = 450'000'000'000;  //!< of a GPU's NVSwitch port, bytes per second
constexpr uint64_t LINK_RATE = 400'000'000'000; //!< of a NIC, bits per second
constexpr uint64_t CHUNK = 1 << 20;             //!< bytes that travel together
constexpr uint64_t ACK_INTERVAL = 16;           //!< frames between acknowledgements

/**
 * @ingroup mixnet-tests
 * @brief As many bytes of gradients on every rank, of experts and others alike; no other work.
 */
class EvenGradients : public TrainingWork
{
  public:
    /// @param bytes Gradients of a rank.
    explicit EvenGradients(uint64_t bytes)
        : m_bytes(bytes)
    {
    }

    // Inherited from TrainingWork
    Picoseconds ComputeTime(const PhaseKey& /* phase */, uint32_t /* rank */) const override
    {
        return Picoseconds(0);
    }

    Bytes TensorBytes(const PhaseKey& /* phase */, uint32_t /* rank */) const override
    {
        return Bytes(0);
    }

    DemandMatrix AllToAllBytes(const PhaseKey& /* phase */) const override
    {
        return DemandMatrix(1, 1);
    }

    Bytes PipelineBytes() const override
    {
        return Bytes(0);
    }

    Bytes GradientBytes(PhaseKind /* kind */,
                        uint32_t /* layer */,
                        uint32_t /* rank */) const override
    {
        return Bytes(m_bytes);
    }

  private:
    uint64_t m_bytes; //!< gradients of a rank
};

/// What the hosts are, and what they reduce.
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

/**
 * @ingroup mixnet-tests
 * @brief Hosts of a stage with a reducer each, and when ranks were told of sums.
 */
class GradientReducerTestCase : public MixnetTestCase
{
  protected:
    /// @param name Its promise. @param setup The hosts.
    GradientReducerTestCase(const std::string& name, const ReducerSetup& setup)
        : MixnetTestCase(name),
          m_setup(setup)
    {
    }

    /// @brief Lays out the hosts.
    void MakeHosts()
    {
        FabricHelper helper;
        helper.SetFidelity(m_setup.fidelity);
        helper.SetFlowAttribute("EndTolerance", DoubleValue(0));
        helper.SetNicAttribute("AckInterval", UintegerValue(ACK_INTERVAL));
        helper.SetNicAttribute("LinkDownTimeout", TimeValue(MilliSeconds(1)));
        helper.SetTransportAttribute("ChunkSize", UintegerValue(CHUNK));
        m_fabric = helper.Install(PlanFabric());
        m_fabric.AssignStreams(1);
        ParallelPlanSpec ranks;
        ranks.tensorParallel = m_setup.tensor;
        ranks.expertParallel = m_setup.expert;
        ranks.dataParallel = m_setup.replicas;
        const auto plan = std::make_shared<const GradientPlan>(
            std::make_shared<const TrainingProgram>(ParallelPlan(ranks), TrainingProgramOptions()),
            std::make_shared<const EvenGradients>(m_setup.bytes),
            m_fabric.plan->host);
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            auto engine = CreateObject<CollectiveEngine>();
            engine->SetTransport(m_fabric.hosts[host].transport);
            auto reducer = CreateObject<GradientReducer>();
            reducer->SetAttribute("MaxSteps", UintegerValue(m_setup.maxSteps));
            reducer->SetAttribute("StepLatency", TimeValue(ReduceTime::StepLatency()));
            reducer->SetPlan(plan, host, m_setup.Ranks(), engine);
            m_engines.push_back(engine);
            m_reducers.push_back(reducer);
        }
    }

    /// @param at When. @param host Whose first ranks. @param count How many. @param kind What.
    void JoinAt(const Time& at, uint32_t host, uint32_t count, PhaseKind kind)
    {
        PhaseKey reduce;
        reduce.kind = kind;
        reduce.direction = Direction::Backward;
        reduce.replica = host / m_setup.HostsPerGroup();
        Simulator::Schedule(at, [this, host, count, kind, reduce] {
            for (uint32_t rank = 0; rank < count; ++rank)
            {
                const auto before = m_ends[{kind, host}].size();
                m_reducers[host]->Join(
                    reduce,
                    MakeCallback(&GradientReducerTestCase::HandleDone, this).Bind(kind, host));
                NS_TEST_EXPECT_MSG_EQ((m_ends[{kind, host}].size()),
                                      before,
                                      "not before Join has returned");
            }
        });
    }

    /// @param at When. @param kind What. @brief All ranks of all hosts join.
    void AllJoinAt(const Time& at, PhaseKind kind)
    {
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            JoinAt(at, host, m_setup.Ranks(), kind);
        }
    }

    /// @param kind What. @brief Every rank was told once, and nothing is left over.
    void CheckThrough(PhaseKind kind)
    {
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            HasSize(m_ends[{kind, host}], m_setup.Ranks(), "every rank is told once");
            NS_TEST_EXPECT_MSG_EQ(m_reducers[host]->GetOpen(), 0, "none is open");
            NS_TEST_EXPECT_MSG_EQ(m_engines[host]->GetWaiting(), 0, "no GPU waits");
            NS_TEST_EXPECT_MSG_EQ(m_engines[host]->GetFailedMessages(), 0, "none failed");
        }
    }

    /// @param kind What. @return when the last rank was told; zero when none was.
    Time LastEnd(PhaseKind kind) const
    {
        Time last;
        for (const auto& [key, times] : m_ends)
        {
            for (const auto& time : times)
            {
                last = key.first == kind ? std::max(last, time) : last;
            }
        }
        return last;
    }

    /// @param duration What something took. @param expected At least that, but for a nanosecond
    /// of each part. @param slack How much longer it may be. @param what What it is.
    void CheckTime(const Time& duration,
                   const Time& expected,
                   const Time& slack,
                   const std::string& what)
    {
        NS_TEST_EXPECT_MSG_GT_OR_EQ(duration, expected - NanoSeconds(4), what << ", least");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(duration, expected + slack, what << ", most");
    }

    /// @return when tests begin: light has reached every NIC.
    static Time Start()
    {
        return MicroSeconds(10);
    }

    /// @param kind What. @return bytes on the lines of all rings, as messages have them.
    uint64_t RingBytes(PhaseKind kind) const
    {
        // Every host sends, of every ring, two rounds of all n parts but one.
        const uint64_t hosts = m_setup.RingHosts(kind);
        return m_setup.Hosts() * (m_setup.Distinct(kind) / hosts * (hosts - 1)) * 2;
    }

    const ReducerSetup m_setup;                   //!< the hosts
    Fabric m_fabric;                              //!< what joins them
    std::vector<Ptr<CollectiveEngine>> m_engines; //!< of the hosts
    std::vector<Ptr<GradientReducer>> m_reducers; //!< of the hosts
    /// When ranks were told, by kind and host.
    std::map<std::pair<PhaseKind, uint32_t>, std::vector<Time>> m_ends;

  private:
    void DoTeardown() override
    {
        m_reducers.clear();
        m_engines.clear();
        m_fabric = {};
        Simulator::Destroy();
    }

    /// @return the fabric.
    FabricPlan PlanFabric() const
    {
        HostSpec host;
        host.opticalDegree = GPUS - m_setup.Rings();
        host.electricalNics = m_setup.Rings();
        if (!m_setup.optical)
        {
            IdealSwitchSpec spec;
            spec.hosts = m_setup.Hosts();
            spec.host = host;
            return PlanIdealSwitch(spec);
        }
        MixnetSpec spec;
        spec.hosts = m_setup.Hosts();
        spec.host = host;
        spec.electrical.tiers = 1;
        return PlanMixnet(spec);
    }

    /// @param kind What. @param host Whose sums are there.
    void HandleDone(PhaseKind kind, uint32_t host)
    {
        m_ends[{kind, host}].push_back(Simulator::Now());
    }
};

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief All hosts have the sums after the parts in the host and 2 (n - 1) steps.
 */
class GradientReducerTimeTestCase : public GradientReducerTestCase
{
  public:
    /// @param setup The hosts. @param kind What they reduce.
    GradientReducerTimeTestCase(const ReducerSetup& setup, PhaseKind kind)
        : GradientReducerTestCase(
              "All-reduce " + mixnetcore::ToString(kind) + " of " + setup.Name() +
                  " takes 2 (n - 1) steps of 1 / n of the bytes, and twice the part in a host",
              setup),
          m_kind(kind)
    {
    }

  private:
    void DoRun() override
    {
        MakeHosts();
        uint64_t overLines = 0;
        for (const auto& host : m_fabric.hosts)
        {
            host.transport->TraceConnectWithoutContext(
                "Post",
                Callback<void, const Message&>([&](const Message& message) {
                    const auto& transfer = message.transfer;
                    const bool isInside = transfer.source.host == transfer.destination.host;
                    overLines += isInside ? 0 : transfer.bytes.Count();
                }));
        }
        AllJoinAt(Start(), m_kind);
        Simulator::Run();
        CheckThrough(m_kind);
        NS_TEST_EXPECT_MSG_EQ(overLines, RingBytes(m_kind), "bytes over lines");
        const ReduceTime time(m_setup, m_kind);
        for (const auto& [key, ends] : m_ends)
        {
            for (const auto& end : ends)
            {
                CheckTime(end - Start(), time.All(), time.Slack(), "time of a host");
            }
        }
    }

    PhaseKind m_kind; //!< what they reduce
};

/**
 * @ingroup mixnet-tests
 * @brief On an idle fabric merged steps take as long as all of them.
 */
class GradientReducerMergedTestCase : public GradientReducerTestCase
{
  public:
    /// @param setup The hosts.
    explicit GradientReducerMergedTestCase(const ReducerSetup& setup)
        : GradientReducerTestCase("A ring of " + std::to_string(setup.Hosts()) +
                                      " hosts takes the same time when its steps are merged to " +
                                      std::to_string(setup.maxSteps) + ": " + setup.Name(),
                                  setup)
    {
    }

  private:
    void DoRun() override
    {
        MakeHosts();
        AllJoinAt(Start(), PhaseKind::ExpertReduce);
        Simulator::Run();
        CheckThrough(PhaseKind::ExpertReduce);
        // Fewer messages have fewer first frames, and fewer that are not full: of each step that is
        // not simulated the time of one frame's bytes around the payload may be saved.
        const ReduceTime time(m_setup, PhaseKind::ExpertReduce);
        const LineTimes line{LINK_RATE, 4096};
        const Time saved =
            line.Of(LineTimes::OVERHEAD + LineTimes::FIRST + 4) * int64_t{time.Steps()};
        CheckTime(LastEnd(PhaseKind::ExpertReduce) - Start(),
                  time.All() - saved,
                  saved + time.Slack(),
                  "merged");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief An all-reduce begins when the one before it has ended; both end.
 */
class GradientReducerSequenceTestCase : public GradientReducerTestCase
{
  public:
    /// @param setup The hosts.
    explicit GradientReducerSequenceTestCase(const ReducerSetup& setup)
        : GradientReducerTestCase("Two all-reduces at once go one after the other: " + setup.Name(),
                                  setup)
    {
    }

  private:
    void DoRun() override
    {
        MakeHosts();
        AllJoinAt(Start(), PhaseKind::ExpertReduce);
        AllJoinAt(Start(), PhaseKind::SharedReduce);
        Simulator::Schedule(Start(), [this] {
            NS_TEST_EXPECT_MSG_EQ(m_reducers[0]->GetOpen(), 2, "both are open");
        });
        Simulator::Run();
        CheckThrough(PhaseKind::ExpertReduce);
        CheckThrough(PhaseKind::SharedReduce);
        const ReduceTime first(m_setup, PhaseKind::ExpertReduce);
        const ReduceTime second(m_setup, PhaseKind::SharedReduce);
        CheckTime(LastEnd(PhaseKind::ExpertReduce) - Start(), first.All(), first.Slack(), "first");
        CheckTime(LastEnd(PhaseKind::SharedReduce) - Start(),
                  first.All() + second.All(),
                  first.Slack() + second.Slack(),
                  "both");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Nobody has the sums before the last rank has joined.
 */
class GradientReducerLateTestCase : public GradientReducerTestCase
{
  public:
    /// @param setup The hosts. @param host The one that is late.
    GradientReducerLateTestCase(const ReducerSetup& setup, uint32_t host)
        : GradientReducerTestCase("A rank of host " + std::to_string(host) +
                                      " that joins late delays all: " + setup.Name(),
                                  setup),
          m_late(host)
    {
    }

  private:
    void DoRun() override
    {
        constexpr auto KIND = PhaseKind::SharedReduce;
        const Time late = MilliSeconds(3);
        MakeHosts();
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            JoinAt(Start(), host, m_setup.Ranks() - (host == m_late ? 1 : 0), KIND);
        }
        JoinAt(late, m_late, 1, KIND);
        Simulator::Run();
        CheckThrough(KIND);
        // A step that leaves it goes on from host to host, as if all had been late; what has come
        // to it before is sent behind that, as fast as the line is without the bytes around
        // payload.
        const ReduceTime time(m_setup, KIND);
        const Time around = time.Rings() * int64_t{LineTimes::OVERHEAD} / int64_t{4096};
        CheckTime(LastEnd(KIND) - late, time.All(), time.Slack() + around, "the last");
        for (const auto& [key, ends] : m_ends)
        {
            for (const auto& end : ends)
            {
                NS_TEST_EXPECT_MSG_GT(end, late + time.Inside() * int64_t{2}, "nobody before it");
            }
        }
    }

    uint32_t m_late; //!< the host that is late
};

/**
 * @ingroup mixnet-tests
 * @brief Gradients without bytes, and few of them, end as well.
 */
class GradientReducerFewBytesTestCase : public GradientReducerTestCase
{
  public:
    /// @param setup The hosts.
    explicit GradientReducerFewBytesTestCase(const ReducerSetup& setup)
        : GradientReducerTestCase("Sums of few bytes wait for all hosts, of none for nobody: " +
                                      setup.Name(),
                                  setup)
    {
    }

  private:
    void DoRun() override
    {
        constexpr auto KIND = PhaseKind::ExpertReduce;
        const Time late = MicroSeconds(100);
        MakeHosts();
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            JoinAt(host == 0 ? late : Start(), host, m_setup.Ranks(), KIND);
        }
        Simulator::Run();
        CheckThrough(KIND);
        for (uint32_t host = 1; host < m_setup.Hosts(); ++host)
        {
            for (const auto& end : m_ends[{KIND, host}])
            {
                if (m_setup.bytes == 0)
                {
                    NS_TEST_EXPECT_MSG_EQ(end, Start(), "at its instant");
                }
                else if (host == 1)
                {
                    NS_TEST_EXPECT_MSG_GT(end, late, "after the host before it");
                }
            }
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A host without light keeps its all-reduce open; the simulation ends.
 */
class GradientReducerCutTestCase : public GradientReducerTestCase
{
  public:
    /// @param fidelity How messages are carried.
    explicit GradientReducerCutTestCase(Fidelity fidelity)
        : GradientReducerTestCase(
              std::string("An all-reduce over a cut fibre stays open, and nothing hangs: ") +
                  ToString(fidelity),
              SetupOf(fidelity))
    {
    }

  private:
    /// @param fidelity How messages are carried. @return three hosts.
    static ReducerSetup SetupOf(Fidelity fidelity)
    {
        ReducerSetup setup;
        setup.fidelity = fidelity;
        setup.replicas = 3;
        setup.bytes = 3 << 20;
        return setup;
    }

    void DoRun() override
    {
        MakeHosts();
        Simulator::Schedule(Start(), &Fibre::Cut, m_fabric.fibres.front());
        AllJoinAt(Start() + MicroSeconds(3), PhaseKind::SharedReduce);
        Simulator::Run();
        uint64_t failed = 0;
        size_t told = 0;
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            NS_TEST_EXPECT_MSG_EQ(m_reducers[host]->GetOpen(), 1, "stays open");
            failed += m_engines[host]->GetFailedMessages();
            told += m_ends[{PhaseKind::SharedReduce, host}].size();
        }
        NS_TEST_EXPECT_MSG_GT(failed, 0, "messages failed");
        NS_TEST_EXPECT_MSG_EQ(told, 0, "nobody was told");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief More ranks than the host has are refused.
 */
class GradientReducerAbortTestCase : public GradientReducerTestCase
{
  public:
    GradientReducerAbortTestCase()
        : GradientReducerTestCase("A rank too many is refused", ReducerSetup())
    {
    }

  private:
    void DoRun() override
    {
        const auto message = AbortMessageOf([this] {
            MakeHosts();
            JoinAt(Start(), 1, 2, PhaseKind::SharedReduce);
            Simulator::Run();
        });
        NS_TEST_EXPECT_MSG_NE(message.find("more ranks than the 1 of host 1 join an all-reduce"),
                              std::string::npos,
                              message);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of GradientReducer.
 */
class GradientReducerTestSuite : public TestSuite
{
  public:
    GradientReducerTestSuite()
        : TestSuite("mixnet-gradient-reducer", Type::SYSTEM)
    {
        for (const bool optical : {false, true})
        {
            for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
            {
                AddTimes(optical, fidelity);
                AddOthers(optical, fidelity);
            }
        }
        AddTestCase(new GradientReducerCutTestCase(Fidelity::Packet));
        AddTestCase(new GradientReducerCutTestCase(Fidelity::Flow));
        AddTestCase(new GradientReducerAbortTestCase);
    }

  private:
    /// @param optical Which fabric. @param fidelity How messages are carried. @brief Adds times.
    void AddTimes(bool optical, Fidelity fidelity)
    {
        // Bytes that 8 GPUs, 8 rings, and rings over 2, 3, 4 and 6 hosts divide.
        constexpr uint64_t bytes = 8 * 8 * 12 * 1000;
        for (const auto kind : {PhaseKind::ExpertReduce, PhaseKind::SharedReduce})
        {
            // One rank per host; two; eight; groups of two hosts; a single host.
            AddTestCase(new GradientReducerTimeTestCase({optical, fidelity, 8, 1, 2, bytes}, kind));
            AddTestCase(new GradientReducerTimeTestCase({optical, fidelity, 8, 1, 3, bytes}, kind));
            AddTestCase(new GradientReducerTimeTestCase({optical, fidelity, 4, 2, 4, bytes}, kind));
            AddTestCase(new GradientReducerTimeTestCase({optical, fidelity, 1, 8, 2, bytes}, kind));
            AddTestCase(new GradientReducerTimeTestCase({optical, fidelity, 8, 2, 3, bytes}, kind));
        }
        AddTestCase(new GradientReducerTimeTestCase({optical, fidelity, 2, 4, 1, bytes},
                                                    PhaseKind::SharedReduce));
        // A step of several chunks.
        AddTestCase(new GradientReducerTimeTestCase({optical, fidelity, 8, 1, 2, 48'000'000},
                                                    PhaseKind::SharedReduce));
    }

    /// @param optical Which fabric. @param fidelity How messages are carried. @brief Adds the rest.
    void AddOthers(bool optical, Fidelity fidelity)
    {
        constexpr uint64_t bytes = 8 * 8 * 12 * 1000;
        for (const uint32_t maxSteps : {2, 3, 9, 13, 14})
        {
            AddTestCase(new GradientReducerMergedTestCase(
                {optical, fidelity, 8, 1, 8, 8 * 8 * 12'000, maxSteps}));
        }
        AddTestCase(new GradientReducerSequenceTestCase({optical, fidelity, 8, 2, 2, bytes}));
        AddTestCase(new GradientReducerSequenceTestCase({optical, fidelity, 4, 2, 3, bytes}));
        AddTestCase(new GradientReducerLateTestCase({optical, fidelity, 8, 1, 4, bytes}, 0));
        AddTestCase(new GradientReducerLateTestCase({optical, fidelity, 4, 2, 3, bytes}, 2));
        // Steps of six chunks: more than are under way at once.
        AddTestCase(new GradientReducerLateTestCase(
            {optical, fidelity, 8, 1, 3, (optical ? 2 : 8) * 3 * 6 * CHUNK},
            1));
        AddTestCase(new GradientReducerFewBytesTestCase({optical, fidelity, 8, 1, 3, 0}));
        AddTestCase(new GradientReducerFewBytesTestCase({optical, fidelity, 8, 1, 3, 8}));
        AddTestCase(new GradientReducerFewBytesTestCase({optical, fidelity, 8, 1, 5, 1}));
    }
};

static GradientReducerTestSuite g_gradientReducerTestSuite; //!< the suite

} // namespace tests
