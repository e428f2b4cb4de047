/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_JOB_RUN_H
#define TRAINING_JOB_RUN_H

#include "mixnet-test-case.h"
#include "test-server.h"

#include "ns3/double.h"
#include "ns3/fat-tree-planner.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/iteration-recorder.h"
#include "ns3/mixnet-planner.h"
#include "ns3/moe-training-work.h"
#include "ns3/ns3-units.h"
#include "ns3/string.h"
#include "ns3/synthetic-expert-load.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace tests
{

using namespace ns3;
using namespace ns3::mixnet;
using namespace mixnetcore;

/// @ingroup mixnet-tests
/// @brief What a job is made of. The default: two stages of two replicas of one host with two ranks
/// each, and a small model of four layers, the first of them dense.
struct JobSetup
{
    bool optical{false};               //!< MixNet, a region per EP group, or an ideal switch
    bool fatTree{false};               //!< a fat-tree in place of the ideal switch
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
    uint32_t firstIteration{0};        //!< number of the first
    uint32_t microbatches{4};          //!< microbatches
    uint32_t layers{4};                //!< of the model
    uint32_t denseLayers{1};           //!< of these, the first ones
    uint64_t hidden{512};              //!< elements of two bytes per token
    uint64_t sequence{1024};           //!< tokens of a microbatch
    bool uniform{false};               //!< whether experts get as many tokens each
    double efficiency{1};              //!< of all-to-alls
    uint32_t maxSteps{256};            //!< of a ring of gradients

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

    /// @return hosts that a rank has a part in.
    uint32_t HostsPerRank() const
    {
        return std::max(1U, tensor / GPUS);
    }

    /// @return parts of a group's ranks, which traces tell apart.
    uint32_t Parts() const
    {
        return expert * HostsPerRank();
    }

    /// @return the model.
    ModelSpec Model() const
    {
        ModelSpec model;
        model.name = "small";
        model.title = "Small";
        model.layers = layers;
        model.denseLayers = denseLayers;
        model.hidden = hidden;
        model.denseFfn = 4 * hidden;
        model.expertFfn = 2 * hidden;
        model.experts = std::max(2 * expert, 4U);
        model.paddedExperts = model.experts;
        model.topK = 2;
        model.heads = 8;
        model.kvHeads = 8;
        model.headSize = 64;
        model.vocabulary = 1000;
        model.sequenceLength = sequence;
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
               (optical   ? ", MixNet, "
                : fatTree ? ", fat-tree, "
                          : ", ideal switch, ") +
               ToString(fidelity);
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

    /// A part of a rank and a phase of it.
    using Place = std::pair<uint32_t, PhaseKey>;

    /// A phase, and numbers of source and destination GPU in the fabric.
    using Way = std::tuple<PhaseKey, uint32_t, uint32_t>;

    /// @param parameters What it is made of.
    explicit JobRun(const JobSetup& parameters)
        : setup(parameters)
    {
        MakeJob();
        MakeFabric();
        TrainingHelper helper;
        helper.SetApplicationAttribute("TensorAlgorithm", StringValue("merged"));
        helper.SetApplicationAttribute("AllToAllEfficiency", DoubleValue(setup.efficiency));
        helper.SetReducerAttribute("MaxSteps", UintegerValue(setup.maxSteps));
        m_groups = helper.Install(m_fabric, job);
        m_recorder = std::make_unique<IterationRecorder>(m_groups, job, [this](const auto& record) {
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
    std::map<Way, uint64_t> messages;        //!< bytes by phase and ends
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
        options.microbatches = setup.microbatches;
        options.iteration = setup.firstIteration;
        options.recompute = setup.recompute;
        options.overlapGradientReduce = setup.overlaps;
        job.program = std::make_shared<const TrainingProgram>(plan, options);
        auto load = SyntheticLoadOf(job.model, setup.expert);
        load.skew = setup.uniform ? 0 : 1;
        job.work = std::make_shared<const MoeTrainingWork>(
            job.model,
            plan,
            std::make_shared<const SyntheticExpertLoad>(load),
            ComputeModel(job.model, setup.tensor),
            OptimizerModel(Picoseconds(1'000'000)));
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
        else if (setup.fatTree)
        {
            FatTreeSpec spec;
            spec.hosts = setup.Hosts();
            spec.host.opticalDegree = 0;
            spec.host.electricalNics = GPUS;
            m_fabric = helper.Install(PlanFatTree(spec));
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
                    bytes[message.key.phase.kind] += transfer.Payload().Count();
                }
            });
        };
        for (const auto& transport : m_groups[group].transports)
        {
            transport->TraceConnectWithoutContext(
                "Post",
                Callback<void, const Message&>([this](const Message& message) {
                    const auto& source = message.transfer.source;
                    const auto& destination = message.transfer.destination;
                    messages[{message.key.phase,
                              source.host * GPUS + source.gpu,
                              destination.host * GPUS + destination.gpu}] +=
                        message.transfer.Payload().Count();
                }));
            transport->TraceConnectWithoutContext("Post", count(posted));
            transport->TraceConnectWithoutContext("Arrival", count(arrived));
        }
    }

    Fabric m_fabric;                               //!< the hosts
    std::vector<TrainingGroup> m_groups;           //!< the training
    std::unique_ptr<IterationRecorder> m_recorder; //!< the module's own account
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
                              phases * run.setup.Parts() * run.setup.iterations,
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
                              2 * borders * setup.microbatches * setup.replicas * setup.expert *
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
        const uint64_t alike = isShared ? setup.HostsPerGroup() / setup.HostsPerRank() : 1;
        const uint64_t ring = setup.replicas * alike;
        double expected = 0;
        for (uint32_t layer = isShared ? 0 : setup.denseLayers; layer < run.job.model.layers;
             ++layer)
        {
            for (uint32_t rank = 0; rank < setup.expert; ++rank)
            {
                const auto bytes = run.job.work->GradientBytes(kind, layer, rank).Count();
                const double copies = isShared ? std::max(1.0, double(GPUS) / setup.tensor) : 1;
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

} // namespace tests

#endif // TRAINING_JOB_RUN_H
