/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "mixnet-test-case.h"

#include "ns3/critical-path.h"
#include "ns3/double.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/job-recorder.h"
#include "ns3/mixnet-planner.h"
#include "ns3/moe-training-work.h"
#include "ns3/ns3-units.h"
#include "ns3/string.h"
#include "ns3/synthetic-expert-load.h"
#include "ns3/training-graph.h"

#include <algorithm>
#include <functional>
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

constexpr uint32_t GPUS = 8; //!< of a host

/// What a job is made of. The default: two stages of two replicas of one host with two ranks each.
struct JobSetup
{
    bool optical{false};               //!< MixNet, a region per EP group, or an ideal switch
    Fidelity fidelity{Fidelity::Flow}; //!< how messages are carried
    uint32_t tensor{4};                //!< TP degree
    uint32_t expert{2};                //!< EP degree
    uint32_t replicas{2};              //!< DP degree
    uint32_t stages{2};                //!< PP degree
    std::string schedule{"1f1b"};      //!< order of microbatches
    uint32_t chunks{1};                //!< of layers, per stage
    bool recompute{false};             //!< whether layers go forward once more
    bool overlaps{false};              //!< whether gradients are reduced layer by layer
    uint32_t iterations{1};            //!< one after another

    /// @return hosts of an EP group.
    uint32_t HostsPerGroup() const
    {
        return tensor * expert / GPUS;
    }

    /// @return hosts of all.
    uint32_t Hosts() const
    {
        return HostsPerGroup() * replicas * stages;
    }

    /// @return a small model of four layers, the first of them dense.
    ModelSpec Model() const
    {
        ModelSpec model;
        model.name = "small";
        model.title = "Small";
        model.layers = 4;
        model.denseLayers = 1;
        model.hidden = 512;
        model.denseFfn = 2048;
        model.expertFfn = 1024;
        model.experts = std::max(2 * expert, 4U);
        model.paddedExperts = model.experts;
        model.topK = 2;
        model.heads = 8;
        model.kvHeads = 8;
        model.headSize = 64;
        model.vocabulary = 1000;
        model.sequenceLength = 1024;
        model.microbatchSize = 1;
        return model;
    }

    /// @return the setup in words.
    std::string Name() const
    {
        return "PP" + std::to_string(stages) + " DP" + std::to_string(replicas) + " EP" +
               std::to_string(expert) + " TP" + std::to_string(tensor) + ", " + schedule +
               (recompute ? ", recomputed" : "") + (overlaps ? ", overlapped" : "") +
               (iterations > 1 ? ", " + std::to_string(iterations) + " iterations" : "") +
               (optical ? ", MixNet, " : ", ideal switch, ") + ToString(fidelity);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A job that has run, and what was seen of it.
 */
class JobRun
{
  public:
    /// When a rank was in a phase.
    struct Span
    {
        Time begin; //!< when it began
        Time end;   //!< when it ended
    };

    /// A rank and a phase of it.
    using Place = std::pair<uint32_t, PhaseKey>;

    /// @param parameters What it is made of.
    explicit JobRun(const JobSetup& parameters)
        : setup(parameters)
    {
        MakeJob();
        MakeFabric();
        TrainingHelper helper;
        helper.SetApplicationAttribute("TensorAlgorithm", StringValue("merged"));
        m_groups = helper.InstallJob(m_fabric, job);
        m_recorder = std::make_unique<JobRecorder>(m_groups, job, [this](const auto& record) {
            iterations.push_back(record);
        });
        for (uint32_t group = 0; group < m_groups.size(); ++group)
        {
            Listen(group);
        }
        Simulator::Run();
        conservation = m_recorder->Check();
    }

    JobRun(const JobRun&) = delete;
    JobRun& operator=(const JobRun&) = delete;

    const JobSetup setup;                    //!< what it is made of
    TrainingJobSpec job;                     //!< what was trained
    std::vector<IterationRecord> iterations; //!< that have ended
    std::vector<std::string> conservation;   //!< what is missing
    std::map<Place, Span> spans;             //!< by rank of its group, and phase
    std::map<PhaseKind, uint64_t> posted;    //!< bytes between hosts, by phase
    std::map<PhaseKind, uint64_t> arrived;   //!< likewise
    bool isRepeated{false};                  //!< whether a rank began a phase twice

    /// @return groups' phases that have not ended, and failures.
    size_t Unfinished() const
    {
        size_t sum = 0;
        for (const auto& group : m_groups)
        {
            sum += group.GetUnfinishedPhases().size() + group.GetFailedMessages();
            for (const auto& reducer : group.reducers)
            {
                sum += reducer->GetOpen();
            }
            for (const auto& engine : group.engines)
            {
                sum += engine->GetWaiting();
            }
        }
        return sum;
    }

  private:
    /// @brief Makes what is trained.
    void MakeJob()
    {
        job.model = setup.Model();
        ParallelPlanSpec ranks;
        ranks.tensorParallel = setup.tensor;
        ranks.expertParallel = setup.expert;
        ranks.dataParallel = setup.replicas;
        ranks.pipelineParallel = setup.stages;
        ranks.layers = job.model.layers;
        ranks.chunksPerStage = setup.chunks;
        const ParallelPlan plan(ranks);
        auto options = DefaultTrainingProgram(job.model);
        options.schedule = setup.schedule;
        options.microbatches = 4;
        options.recompute = setup.recompute;
        options.overlapGradientReduce = setup.overlaps;
        job.program = std::make_shared<const TrainingProgram>(plan, options);
        job.load =
            std::make_shared<const SyntheticExpertLoad>(SyntheticLoadOf(job.model, setup.expert));
        job.compute = std::make_shared<const ComputeModel>(job.model, setup.tensor);
        job.work = std::make_shared<const MoeTrainingWork>(job.model,
                                                           plan,
                                                           job.load,
                                                           *job.compute,
                                                           OptimizerModel(Picoseconds(1'000'000)));
        job.deduplication = Deduplication::None;
        job.iterations = setup.iterations;
    }

    /// @brief Makes the hosts and what joins them.
    void MakeFabric()
    {
        FabricHelper helper;
        helper.SetFidelity(setup.fidelity);
        helper.SetFlowAttribute("EndTolerance", DoubleValue(0));
        helper.SetOcsAttribute("ReconfigurationTime",
                               StringValue("ns3::ConstantRandomVariable[Constant=0.00002]"));
        if (setup.optical)
        {
            MixnetSpec spec;
            spec.hosts = setup.Hosts();
            spec.hostsPerRegion = setup.HostsPerGroup();
            spec.electrical.tiers = 1;
            m_fabric = helper.Install(PlanMixnet(spec));
        }
        else
        {
            IdealSwitchSpec spec;
            spec.hosts = setup.Hosts();
            spec.host.opticalDegree = 0;
            spec.host.electricalNics = GPUS;
            m_fabric = helper.Install(PlanIdealSwitch(spec));
        }
        m_fabric.AssignStreams(1);
    }

    /// @param group EP group. @brief Subscribes to its trace sources.
    void Listen(uint32_t group)
    {
        for (const auto& application : m_groups[group].applications)
        {
            application->TraceConnectWithoutContext(
                "PhaseBegin",
                Callback<void, const PhaseKey&, uint32_t>(
                    [this](const PhaseKey& phase, uint32_t rank) {
                        isRepeated |= spans.count({rank, phase}) > 0;
                        spans[{rank, phase}].begin = Simulator::Now();
                    }));
            application->TraceConnectWithoutContext(
                "PhaseEnd",
                Callback<void, const PhaseKey&, uint32_t>(
                    [this](const PhaseKey& phase, uint32_t rank) {
                        spans[{rank, phase}].end = Simulator::Now();
                    }));
        }
        const auto count = [](std::map<PhaseKind, uint64_t>& bytes) {
            return Callback<void, const Message&>([&bytes](const Message& message) {
                const auto& transfer = message.transfer;
                if (transfer.source.host != transfer.destination.host)
                {
                    bytes[UnpackPhase(message.collective).kind] += transfer.bytes.Count();
                }
            });
        };
        for (const auto& transport : m_groups[group].transports)
        {
            transport->TraceConnectWithoutContext("Post", count(posted));
            transport->TraceConnectWithoutContext("Arrival", count(arrived));
        }
    }

    Fabric m_fabric;                         //!< the hosts
    std::vector<TrainingGroup> m_groups;     //!< the training
    std::unique_ptr<JobRecorder> m_recorder; //!< the module's own account
};

/// @ingroup mixnet-tests
/// @brief A case of whole jobs.
class TrainingJobTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    /// @param run A job that has run. @brief Every rank is through all its phases.
    void CheckThrough(const JobRun& run)
    {
        NS_TEST_EXPECT_MSG_EQ(run.Unfinished(), 0, "nothing is open, nothing failed");
        NS_TEST_EXPECT_MSG_EQ(run.isRepeated, false, "no phase begins twice");
        for (const auto& line : run.conservation)
        {
            NS_TEST_EXPECT_MSG_EQ(line, "", "conserved");
        }
        const auto& program = *run.job.program;
        size_t phases = 0;
        for (uint32_t stage = 0; stage < run.setup.stages; ++stage)
        {
            for (uint32_t replica = 0; replica < run.setup.replicas; ++replica)
            {
                for (size_t step = 0; step <= program.StepsOf(stage).size(); ++step)
                {
                    phases += program.PhasesOf(stage, replica, step).size();
                }
            }
        }
        NS_TEST_EXPECT_MSG_EQ(run.spans.size(),
                              phases * run.setup.expert * run.setup.iterations,
                              "every phase of every rank");
        HasSize(run.iterations, run.setup.iterations, "iterations have ended");
    }

    /// @param run A job that has run. @brief Bytes between hosts are those of the work.
    void CheckBytes(const JobRun& run)
    {
        const auto& setup = run.setup;
        const auto sum = [](const std::map<PhaseKind, uint64_t>& bytes, PhaseKind kind) {
            const auto found = bytes.find(kind);
            return found == bytes.end() ? 0 : found->second;
        };
        for (const auto& [kind, bytes] : run.posted)
        {
            NS_TEST_EXPECT_MSG_EQ(sum(run.arrived, kind), bytes, "arrived: " << ToString(kind));
        }
        // Over every border between slices of the model, both ways, every rank of every replica.
        const uint64_t borders = setup.stages * setup.chunks - 1;
        NS_TEST_EXPECT_MSG_EQ(sum(run.posted, PhaseKind::PipelineSend),
                              2 * borders * 4 * setup.replicas * setup.expert *
                                  run.job.work->PipelineBytes().Count() * setup.iterations,
                              "activations and their gradients");
        for (const auto kind : {PhaseKind::ExpertReduce, PhaseKind::SharedReduce})
        {
            CheckGradients(run, kind, sum(run.posted, kind));
        }
    }

    /// @param run A job that has run. @param kind What is reduced. @param posted Its bytes.
    /// @brief Every host sends two rounds of all n parts of its distinct gradients but one.
    void CheckGradients(const JobRun& run, PhaseKind kind, uint64_t posted)
    {
        const auto& setup = run.setup;
        const bool isShared = kind == PhaseKind::SharedReduce;
        const uint64_t ring = setup.replicas * (isShared ? setup.HostsPerGroup() : 1);
        double expected = 0;
        for (uint32_t layer = isShared ? 0 : 1; layer < run.job.model.layers; ++layer)
        {
            for (uint32_t rank = 0; rank < setup.expert; ++rank)
            {
                const auto bytes = run.job.work->GradientBytes(kind, layer, rank).Count();
                const double copies = isShared ? double(GPUS) / setup.tensor : 1;
                expected += 2.0 * (ring - 1) / ring * bytes / copies;
            }
        }
        expected *= setup.replicas * setup.iterations;
        // Parts of a ring's bytes differ by one: two rounds, four layers, eight rings.
        const double uneven = 2.0 * run.job.model.layers * GPUS * setup.Hosts();
        NS_TEST_EXPECT_MSG_EQ_TOL(double(posted),
                                  expected,
                                  uneven * setup.iterations,
                                  ToString(kind));
    }

  private:
    void DoTeardown() override
    {
        Simulator::Destroy();
    }
};

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief No iteration is shorter than its work in its order; no byte is missing.
 */
class TrainingJobBoundTestCase : public TrainingJobTestCase
{
  public:
    /// @param setup What it is made of.
    explicit TrainingJobBoundTestCase(const JobSetup& setup)
        : TrainingJobTestCase("A job takes no less than its critical path without communication, "
                              "and moves the bytes of its work: " +
                              setup.Name()),
          m_setup(setup)
    {
    }

  private:
    void DoRun() override
    {
        const JobRun run(m_setup);
        CheckThrough(run);
        CheckBytes(run);
        if (run.iterations.empty())
        {
            return;
        }
        const CriticalPath path(BuildTrainingGraph(*run.job.program, *run.job.work),
                                FreeCommunication());
        const auto& first = run.iterations.front();
        NS_TEST_EXPECT_MSG_GT(first.end - first.begin, ToTime(path.Makespan()), "with bytes");
        Time last;
        for (const auto& [place, span] : run.spans)
        {
            NS_TEST_EXPECT_MSG_LT_OR_EQ(span.begin, span.end, "phases end");
            last = std::max(last, span.end);
        }
        NS_TEST_EXPECT_MSG_EQ(run.iterations.back().end, last, "the last phase ends it");
    }

    JobSetup m_setup; //!< what it is made of
};

/**
 * @ingroup mixnet-tests
 * @brief Ranks compute as long as their work takes, in the order of their program.
 */
class TrainingJobOrderTestCase : public TrainingJobTestCase
{
  public:
    /// @param setup What it is made of.
    explicit TrainingJobOrderTestCase(const JobSetup& setup)
        : TrainingJobTestCase("Ranks go through their programs in order, wait for what others "
                              "send, and update when all sums are there: " +
                              setup.Name()),
          m_setup(setup)
    {
    }

  private:
    void DoRun() override
    {
        const JobRun run(m_setup);
        CheckThrough(run);
        for (uint32_t stage = 0; stage < m_setup.stages; ++stage)
        {
            for (uint32_t replica = 0; replica < m_setup.replicas; ++replica)
            {
                const auto program = std::make_shared<const StageProgram>(run.job.program,
                                                                          stage,
                                                                          replica,
                                                                          m_setup.iterations);
                for (uint32_t rank = 0; rank < m_setup.expert; ++rank)
                {
                    CheckRank(run, rank, PhaseCursor(program));
                }
            }
        }
    }

    /// @param run The job. @param rank A rank. @param cursor Before its first phase.
    void CheckRank(const JobRun& run, uint32_t rank, PhaseCursor cursor)
    {
        Time free;
        Time sums;
        for (; !cursor.IsDone(); cursor.Advance())
        {
            const auto& phase = cursor.Phase();
            const auto& span = run.spans.at({rank, phase});
            const auto name = ToString(phase.kind);
            NS_TEST_EXPECT_MSG_GT_OR_EQ(span.begin, free, "not before the one before: " << name);
            if (phase.IsGradientReduce())
            {
                sums = std::max(sums, span.end);
                continue; // beside the next
            }
            if (phase.kind == PhaseKind::Optimizer)
            {
                NS_TEST_EXPECT_MSG_EQ(span.begin, std::max(free, sums), "when all sums are there");
            }
            else
            {
                NS_TEST_EXPECT_MSG_EQ((span.begin == free || phase.IsAllToAll()),
                                      true,
                                      "at once, but for light: " << name);
            }
            free = span.end;
            if (phase.kind == PhaseKind::PipelineReceive)
            {
                const auto sent = run.spans.at({rank, run.job.program->SendOf(phase)}).begin;
                NS_TEST_EXPECT_MSG_GT(span.end, sent + MicroSeconds(2), "two fibres later");
            }
            else if (!phase.IsAllToAll() && !phase.IsTensorCollective() &&
                     phase.kind != PhaseKind::PipelineSend)
            {
                NS_TEST_EXPECT_MSG_EQ(span.end - span.begin,
                                      ToTime(run.job.work->ComputeTime(phase, rank)),
                                      name);
            }
        }
    }

    JobSetup m_setup; //!< what it is made of
};

/**
 * @ingroup mixnet-tests
 * @brief Replicas do not meet before they add up gradients.
 */
class TrainingJobReplicaTestCase : public TrainingJobTestCase
{
  public:
    /// @param setup What it is made of, but for the replicas.
    explicit TrainingJobReplicaTestCase(const JobSetup& setup)
        : TrainingJobTestCase("The first of two replicas does the same as one alone until stages "
                              "add up gradients: " +
                              setup.Name()),
          m_setup(setup)
    {
    }

  private:
    void DoRun() override
    {
        const auto alone = TraceOf(1);
        const auto withOther = TraceOf(2);
        // The last of a stage's gradients to the stage before share lines with its sums.
        const Time sums = std::min(alone.sums, withOther.sums);
        size_t before = 0;
        size_t same = 0;
        for (const auto& [place, span] : alone.spans)
        {
            const auto found = withOther.spans.find(place);
            const bool isBefore = span.end < sums;
            before += isBefore;
            same += isBefore && found != withOther.spans.end() &&
                    found->second.begin == span.begin && found->second.end == span.end;
        }
        NS_TEST_EXPECT_MSG_GT(before, alone.spans.size() * 3 / 4, "most come before the sums");
        NS_TEST_EXPECT_MSG_EQ(same, before, "at the same times");
    }

    /// What the first replica does.
    struct Trace
    {
        std::map<JobRun::Place, JobRun::Span> spans; //!< its phases
        Time sums{Time::Max()};                      //!< when a rank first joins an all-reduce
    };

    /// @param replicas How many. @return what the first does.
    Trace TraceOf(uint32_t replicas)
    {
        auto setup = m_setup;
        setup.replicas = replicas;
        Trace trace;
        {
            const JobRun run(setup);
            CheckThrough(run);
            for (const auto& [place, span] : run.spans)
            {
                auto [rank, phase] = place;
                if (phase.IsGradientReduce())
                {
                    trace.sums = std::min(trace.sums, span.begin);
                }
                else if (phase.replica == 0)
                {
                    phase.region = 0; // numbered otherwise
                    trace.spans[{rank, phase}] = span;
                }
            }
        }
        Simulator::Destroy();
        return trace;
    }

    JobSetup m_setup; //!< what it is made of
};

/**
 * @ingroup mixnet-tests
 * @brief The same job gives the same times.
 */
class TrainingJobRepeatTestCase : public TrainingJobTestCase
{
  public:
    TrainingJobRepeatTestCase()
        : TrainingJobTestCase("A job that runs again does the same at the same times")
    {
    }

  private:
    void DoRun() override
    {
        JobSetup setup;
        setup.optical = true;
        setup.tensor = 8;
        std::vector<std::map<JobRun::Place, JobRun::Span>> traces;
        for (int time = 0; time < 2; ++time)
        {
            {
                traces.push_back(JobRun(setup).spans);
            }
            Simulator::Destroy();
        }
        NS_TEST_EXPECT_MSG_EQ(traces[0].size(), traces[1].size(), "as many phases");
        for (const auto& [place, span] : traces[0])
        {
            const auto& again = traces[1].at(place);
            NS_TEST_EXPECT_MSG_EQ((span.begin == again.begin && span.end == again.end),
                                  true,
                                  ToString(place.second.kind));
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Tests of whole training jobs.
 */
class TrainingJobTestSuite : public TestSuite
{
  public:
    TrainingJobTestSuite()
        : TestSuite("mixnet-training-job", Type::SYSTEM)
    {
        for (const auto& setup : Setups())
        {
            AddTestCase(new TrainingJobBoundTestCase(setup));
            AddTestCase(new TrainingJobOrderTestCase(setup));
        }
        JobSetup setup;
        AddTestCase(new TrainingJobReplicaTestCase(setup));
        setup.tensor = 8;
        AddTestCase(new TrainingJobReplicaTestCase(setup));
        setup.optical = true;
        AddTestCase(new TrainingJobReplicaTestCase(setup));
        AddTestCase(new TrainingJobRepeatTestCase);
    }

  private:
    /// @return jobs that differ in everything that decides what is done.
    static std::vector<JobSetup> Setups()
    {
        std::vector<JobSetup> setups(1);
        const auto add = [&setups](const std::function<void(JobSetup&)>& change) {
            change(setups.emplace_back());
        };
        add([](JobSetup& setup) { setup.tensor = 8; });
        add([](JobSetup& setup) {
            setup.tensor = 1;
            setup.expert = 8;
        });
        add([](JobSetup& setup) { setup.stages = setup.replicas = 1; });
        add([](JobSetup& setup) {
            setup.tensor = 8;
            setup.expert = 1;
            setup.replicas = 1;
        });
        add([](JobSetup& setup) { setup.schedule = "gpipe"; });
        add([](JobSetup& setup) {
            setup.schedule = "interleaved-1f1b";
            setup.chunks = 2;
            setup.recompute = true;
        });
        add([](JobSetup& setup) { setup.overlaps = true; });
        add([](JobSetup& setup) { setup.iterations = 3; });
        add([](JobSetup& setup) { setup.fidelity = Fidelity::Packet; });
        add([](JobSetup& setup) {
            setup.optical = true;
            setup.tensor = 8;
            setup.overlaps = true;
            setup.iterations = 2;
        });
        add([](JobSetup& setup) { setup.optical = true; });
        return setups;
    }
};

static TrainingJobTestSuite g_trainingJobTestSuite; //!< the suite

} // namespace tests
