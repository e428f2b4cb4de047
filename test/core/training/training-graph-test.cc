/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/critical-path.h"
#include "ns3/keyed-random.h"
#include "ns3/task-graph-writer.h"
#include "ns3/training-graph.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/**
 * @brief Times and bytes from a table, or varied by phase and rank.
 */
class TableWork : public TrainingWork
{
  public:
    std::map<PhaseKind, int64_t> times;          //!< picoseconds forward; backward takes twice that
    DemandMatrix demand;                         //!< of every dispatch
    Bytes pipelineBytes{100};                    //!< of activations
    std::map<PhaseKind, uint64_t> gradientBytes; //!< of a layer
    bool varied{false}; //!< whether times and demands differ by phase and rank

    Picoseconds ComputeTime(const PhaseKey& phase, uint32_t expertRank) const override
    {
        const auto found = times.find(phase.kind);
        int64_t time = found == times.end() ? 0 : found->second;
        if (varied)
        {
            time += (phase.layer * 5 + phase.microbatch * 3 + expertRank * 7 + phase.replica) % 11;
        }
        return Picoseconds(phase.direction == Direction::Backward ? 2 * time : time);
    }

    Bytes TensorBytes(const PhaseKey& phase, uint32_t expertRank) const override
    {
        return Bytes(10 + (varied ? phase.layer + expertRank : 0));
    }

    DemandMatrix AllToAllBytes(const PhaseKey& phase) const override
    {
        auto bytes = demand;
        for (size_t from = 0; varied && from < bytes.Rows(); ++from)
        {
            for (size_t to = 0; to < bytes.Columns(); ++to)
            {
                // Some pairs have nothing to say to each other.
                bytes.At(from, to) = Bytes(
                    (from * 13 + to * 7 + phase.layer * 3 + phase.microbatch + phase.replica) % 5);
            }
        }
        return phase.IsTransposed() ? bytes.Transposed() : bytes;
    }

    const MoeLayerDemand& DemandOf(const PhaseKey& /* phase */) const override
    {
        throw std::logic_error("there are no tokens");
    }

    Bytes PipelineBytes() const override
    {
        return pipelineBytes;
    }

    Bytes GradientBytes(PhaseKind kind, uint32_t layer, uint32_t expertRank) const override
    {
        const auto found = gradientBytes.find(kind);
        const uint64_t extra = kind == PhaseKind::ExpertReduce ? expertRank : 0;
        return Bytes(found == gradientBytes.end() ? 0 : found->second * (layer + 1) + extra);
    }
};

/// A job to make graphs of.
struct Job
{
    ParallelPlanSpec plan;          //!< degrees and layers
    TrainingProgramOptions options; //!< the rest
    TableWork work;                 //!< what it costs

    /// @return its program.
    TrainingProgram Program() const
    {
        return {ParallelPlan(plan), options};
    }

    /// @return its graph.
    TaskGraph Graph() const
    {
        return BuildTrainingGraph(Program(), work);
    }
};

/// @param experts EP degree. @param stages PP degree. @param layers Layers.
/// @param microbatches Microbatches. @return a job with an EP group per host and 1F1B.
Job
JobOf(size_t experts, size_t stages, size_t layers, uint32_t microbatches)
{
    Job job;
    job.plan.expertParallel = experts;
    job.plan.pipelineParallel = stages;
    job.plan.dataParallel = 1;
    job.plan.layers = layers;
    job.plan.gpusPerHost = experts;
    job.options.microbatches = microbatches;
    job.work.demand = DemandMatrix(experts, experts);
    return job;
}

/// @param seed Which one. @return a small job of any shape.
Job
RandomJob(uint64_t seed)
{
    const KeyedRandom random(seed);
    uint64_t draws = 0;
    const auto upTo = [&](uint64_t most) { return random.Bits(draws++) % most + 1; };
    Job job = JobOf(upTo(4), upTo(4), 1, upTo(5));
    job.plan.tensorParallel = upTo(2);
    job.plan.dataParallel = upTo(3);
    job.plan.gpusPerHost = job.plan.expertParallel * job.plan.tensorParallel;
    const auto kind = upTo(3);
    job.options.schedule = kind == 1 ? "1f1b" : kind == 2 ? "gpipe" : "interleaved-1f1b";
    if (kind == 3)
    {
        job.plan.chunksPerStage = upTo(3);
        job.options.microbatches = job.plan.pipelineParallel * upTo(2);
    }
    job.plan.layers = job.plan.pipelineParallel * job.plan.chunksPerStage - 1 + upTo(3);
    job.options.denseLayers = upTo(job.plan.layers + 1) - 1;
    job.options.recompute = upTo(2) == 1;
    job.options.attentionCollectives = upTo(2) == 1;
    job.options.overlapGradientReduce = upTo(2) == 1;
    job.options.iteration = upTo(100);
    job.work.varied = true;
    job.work.times = {{PhaseKind::Attention, 10}, {PhaseKind::Expert, 20}, {PhaseKind::Head, 5}};
    job.work.gradientBytes = {{PhaseKind::ExpertReduce, 1000}, {PhaseKind::SharedReduce, 10}};
    return job;
}

/// @brief Calls a function for every phase of a program. @param program The program.
/// @param act Takes the phase.
template <class Act>
void
ForEachPhase(const TrainingProgram& program, Act act)
{
    for (uint32_t stage = 0; stage < program.Shape().stages; ++stage)
    {
        for (uint32_t replica = 0; replica < program.Plan().DataParallel(); ++replica)
        {
            for (size_t step = 0; step <= program.StepsOf(stage).size(); ++step)
            {
                for (const auto& phase : program.PhasesOf(stage, replica, step))
                {
                    act(phase);
                }
            }
        }
    }
}

/// @param program A program. @param phase One of its phases. @param expert EP rank.
/// @return number of the rank in the graph.
uint32_t
RankOf(const TrainingProgram& program, const PhaseKey& phase, size_t expert)
{
    const auto& plan = program.Plan();
    return plan.RankAt({0, expert, phase.replica, phase.stage}) / plan.TensorParallel();
}

/// A byte takes a picosecond, a message or collective 1000 ps besides.
/// @param tensorParallel TP degree. @return costs.
LinearCommunication
UniformCosts(uint64_t tensorParallel = 1)
{
    const LinkCost link{Picoseconds(1000), BitsPerSecond(8'000'000'000'000)};
    return {link, link, tensorParallel};
}

constexpr uint64_t JOBS = 1000; //!< random jobs

} // namespace

TEST(TrainingGraph, IsSoundForRandomJobs)
{
    for (uint64_t seed = 0; seed < JOBS; ++seed)
    {
        const auto graph = RandomJob(seed).Graph();
        EXPECT_NO_THROW(graph.Check()) << seed;
        // Numbers are a topological order: no circle.
        for (TaskId id = 0; id < graph.Size(); ++id)
        {
            for (const auto before : graph.After(id))
            {
                ASSERT_LT(before, id) << seed;
            }
        }
    }
}

TEST(TrainingGraph, GivesEveryRankThePhasesOfItsProgramInOrder)
{
    for (uint64_t seed = 0; seed < JOBS; ++seed)
    {
        const auto job = RandomJob(seed);
        const auto program = job.Program();
        const auto graph = job.Graph();
        std::vector<std::vector<PhaseKey>> expected(graph.Ranks());
        std::vector<std::vector<PhaseKey>> found(graph.Ranks());
        ForEachPhase(program, [&](const PhaseKey& phase) {
            for (size_t expert = 0; expert < job.plan.expertParallel; ++expert)
            {
                expected[RankOf(program, phase, expert)].push_back(phase);
            }
        });
        for (TaskId id = 0; id < graph.Size(); ++id)
        {
            if (graph.At(id).OccupiesRank())
            {
                found[graph.At(id).rank].push_back(graph.At(id).phase);
            }
        }
        EXPECT_TRUE(found == expected) << seed;
    }
}

TEST(TrainingGraph, SendsExactlyTheDemandOfEveryAllToAllAndSend)
{
    for (uint64_t seed = 0; seed < JOBS; ++seed)
    {
        const auto job = RandomJob(seed);
        const auto program = job.Program();
        const auto graph = job.Graph();
        using Bytes3 = std::map<std::tuple<PhaseKey, uint32_t, uint32_t>, uint64_t>;
        Bytes3 expected;
        Bytes3 found;
        ForEachPhase(program, [&](const PhaseKey& phase) {
            for (size_t from = 0; from < job.plan.expertParallel; ++from)
            {
                for (size_t to = 0; to < job.plan.expertParallel && phase.IsAllToAll(); ++to)
                {
                    const auto bytes = job.work.AllToAllBytes(phase).At(from, to).Count();
                    if (from != to && bytes > 0)
                    {
                        expected[{phase,
                                  RankOf(program, phase, from),
                                  RankOf(program, phase, to)}] = bytes;
                    }
                }
                if (phase.kind == PhaseKind::PipelineSend)
                {
                    expected[{phase,
                              RankOf(program, phase, from),
                              RankOf(program, program.ReceiveOf(phase), from)}] = 100;
                }
            }
        });
        for (TaskId id = 0; id < graph.Size(); ++id)
        {
            const auto task = graph.At(id);
            if (task.type == TaskType::Message)
            {
                found[{task.phase, task.rank, task.peer}] += task.bytes.Count();
            }
        }
        EXPECT_TRUE(found == expected) << seed;
    }
}

TEST(TrainingGraph, HasAllWorkOfAllPhases)
{
    for (uint64_t seed = 0; seed < JOBS; ++seed)
    {
        const auto job = RandomJob(seed);
        Picoseconds expected{0};
        Bytes tensor;
        ForEachPhase(job.Program(), [&](const PhaseKey& phase) {
            for (uint32_t expert = 0; expert < job.plan.expertParallel; ++expert)
            {
                const bool computes =
                    !phase.IsAllToAll() && TimeKindOf(phase.kind) == TimeKind::Compute;
                expected += computes ? job.work.ComputeTime(phase, expert) : Picoseconds(0);
                tensor +=
                    phase.IsTensorCollective() ? job.work.TensorBytes(phase, expert) : Bytes(0);
            }
        });
        const auto graph = job.Graph();
        for (TaskId id = 0; id < graph.Size(); ++id)
        {
            const auto task = graph.At(id);
            expected -= task.duration;
            tensor -= task.type == TaskType::TensorCollective ? task.bytes : Bytes(0);
        }
        EXPECT_EQ(expected, Picoseconds(0)) << seed;
        EXPECT_EQ(tensor, Bytes(0)) << seed;
    }
}

TEST(TrainingGraph, AddsUpEveryGradientOnceInEveryGroup)
{
    for (uint64_t seed = 0; seed < JOBS; ++seed)
    {
        const auto job = RandomJob(seed);
        const auto program = job.Program();
        const auto graph = job.Graph();
        const auto& plan = program.Plan();
        // Bytes that each rank takes part in adding up, experts' and others'.
        std::map<std::pair<PhaseKind, uint32_t>, uint64_t> found;
        for (TaskId id = 0; id < graph.Size(); ++id)
        {
            const auto task = graph.At(id);
            if (task.type != TaskType::AllReduce)
            {
                continue;
            }
            const auto& members = graph.Groups()[task.peer];
            const bool isShared = task.phase.kind == PhaseKind::SharedReduce;
            ASSERT_EQ(members.size(), plan.DataParallel() * (isShared ? plan.ExpertParallel() : 1));
            for (const auto rank : members)
            {
                found[{task.phase.kind, rank}] += task.bytes.Count();
                const auto first = plan.CoordinatesOf(members[0] * plan.TensorParallel());
                const auto other = plan.CoordinatesOf(rank * plan.TensorParallel());
                ASSERT_EQ(first.stage, other.stage);
                ASSERT_TRUE(isShared || first.expert == other.expert);
            }
        }
        for (uint32_t rank = 0; rank < graph.Ranks(); ++rank)
        {
            const auto [tensor, expert, replica, stage] =
                plan.CoordinatesOf(rank * plan.TensorParallel());
            uint64_t shared = 0;
            uint64_t experts = 0;
            for (size_t layer = 0; layer < job.plan.layers; ++layer)
            {
                const bool isHere = plan.Layers().PlaceOf(layer).stage == stage;
                shared += isHere ? 10 * (layer + 1) : 0;
                experts +=
                    isHere && layer >= job.options.denseLayers ? 1000 * (layer + 1) + expert : 0;
            }
            const bool addsShared = plan.DataParallel() * plan.ExpertParallel() > 1;
            EXPECT_EQ((found[{PhaseKind::SharedReduce, rank}]), addsShared ? shared : 0) << seed;
            EXPECT_EQ((found[{PhaseKind::ExpertReduce, rank}]),
                      plan.DataParallel() > 1 ? experts : 0)
                << seed;
        }
    }
}

TEST(TrainingGraph, AccountsForAllTimeOfAllRanks)
{
    for (uint64_t seed = 0; seed < JOBS; seed += 10)
    {
        const auto job = RandomJob(seed);
        const CriticalPath path(job.Graph(), UniformCosts(job.plan.tensorParallel));
        EXPECT_EQ(path.PathTimes().Total(), path.Makespan()) << seed;
        for (uint32_t rank = 0; rank < job.Graph().Ranks(); ++rank)
        {
            EXPECT_EQ(path.TimesOfRank(rank).Total(), path.Makespan()) << seed;
        }
    }
}

TEST(TrainingGraph, TakesTheClosedFormTimeWithEqualStagesAndFreeCommunication)
{
    // A layer takes f = 10 + 3 + 20 forward and 2 f backward; s stages of l layers, v chunks:
    // (m * v + p - 1) * (f + 2 f) * l / v.
    for (const size_t stages : {1, 2, 4})
    {
        for (const uint32_t microbatches : {1, 2, 8})
        {
            for (const size_t chunks : {1, 2})
            {
                constexpr size_t layersPerStage = 4;
                auto job = JobOf(2, stages, stages * layersPerStage, microbatches);
                job.plan.chunksPerStage = chunks;
                if (chunks > 1)
                {
                    job.options.schedule = "interleaved-1f1b";
                    job.options.microbatches *= stages;
                }
                job.work.demand = DemandMatrix{{5, 5}, {5, 5}};
                job.work.times = {{PhaseKind::Attention, 10},
                                  {PhaseKind::Gating, 3},
                                  {PhaseKind::Expert, 20}};
                const CriticalPath path(job.Graph(), FreeCommunication());
                const auto units = job.options.microbatches * chunks + stages - 1;
                const auto unit = (10 + 3 + 20) * 3 * layersPerStage / chunks;
                EXPECT_EQ(path.Makespan(), Picoseconds(units * unit));
                // The first stage ends last; what it does not work, it waits.
                EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Bubble], Picoseconds((stages - 1) * unit));
                EXPECT_EQ(path.LastRank(), 0U);
            }
        }
    }
}

TEST(TrainingGraph, TakesRecomputationAsAnotherForwardPass)
{
    for (const bool recompute : {false, true})
    {
        auto job = JobOf(1, 2, 4, 4);
        job.options.recompute = recompute;
        job.work.times = {{PhaseKind::Attention, 10}, {PhaseKind::Expert, 20}};
        EXPECT_EQ(CriticalPath(job.Graph(), FreeCommunication()).Makespan(),
                  Picoseconds((4 + 2 - 1) * 2 * 30 * (recompute ? 4 : 3)));
    }
}

TEST(TrainingGraph, AddsUpTwoStagesByHand)
{
    // One EP rank, two stages of one layer, one microbatch; 100 bytes between the stages.
    // Forward: embedding 1, attention 10, expert 20, message; attention, expert, head 4.
    // Backward, twice each: head, expert, attention; message; expert, attention, embedding.
    auto job = JobOf(1, 2, 2, 1);
    job.work.times = {{PhaseKind::Embedding, 1},
                      {PhaseKind::Attention, 10},
                      {PhaseKind::Expert, 20},
                      {PhaseKind::Head, 4}};
    const CriticalPath path(job.Graph(), UniformCosts());
    constexpr int64_t message = 1000 + 100;
    constexpr int64_t forward = 1 + 30 + message + 30 + 4;
    constexpr int64_t backward = 2 * 4 + 2 * 30 + message + 2 * 30 + 2 * 1;
    EXPECT_EQ(path.Makespan(), Picoseconds(forward + backward));
    EXPECT_EQ(path.PathTimes()[TimeKind::Pipeline], Picoseconds(2 * message));
    EXPECT_EQ(path.PathTimes()[TimeKind::Compute], Picoseconds(forward + backward - 2 * message));
    // Stage 0 works 31 + 62; it waits for both messages, and for the 34 + 68 of stage 1.
    EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Compute], Picoseconds(31 + 62));
    EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Pipeline], Picoseconds(message));
    EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Bubble], Picoseconds(message + 34 + 68));
}

TEST(TrainingGraph, LetsRanksGoOnThatHaveGotTheirBytes)
{
    // Rank 0 sends to rank 1 and gets nothing: its expert starts while the message is on its way.
    auto job = JobOf(2, 1, 1, 1);
    job.work.demand = DemandMatrix{{0, 500}, {0, 0}};
    job.work.times = {{PhaseKind::Attention, 10}, {PhaseKind::Expert, 20}};
    const auto graph = job.Graph();
    const CriticalPath path(graph, UniformCosts());
    std::vector<Picoseconds> starts(2);
    for (TaskId id = 0; id < graph.Size(); ++id)
    {
        const auto task = graph.At(id);
        if (task.phase.kind == PhaseKind::Expert && task.phase.direction == Direction::Forward)
        {
            starts[task.rank] = path.StartOf(id);
        }
    }
    EXPECT_EQ(starts[0], Picoseconds(10));
    EXPECT_EQ(starts[1], Picoseconds(10 + 1000 + 500));
}

TEST(TrainingGraph, TurnsTheDemandRoundForCombineAndForGradientsOfDispatch)
{
    auto job = JobOf(2, 1, 1, 1);
    job.work.demand = DemandMatrix{{0, 500}, {0, 0}};
    const auto graph = job.Graph();
    std::vector<std::string> messages;
    for (TaskId id = 0; id < graph.Size(); ++id)
    {
        const auto task = graph.At(id);
        if (task.type == TaskType::Message)
        {
            messages.push_back(ToString(task.phase.direction) + " " + ToString(task.phase.kind) +
                               " " + std::to_string(task.rank) + " to " +
                               std::to_string(task.peer));
        }
    }
    EXPECT_EQ(messages,
              (std::vector<std::string>{"forward dispatch 0 to 1",
                                        "forward combine 1 to 0",
                                        "backward combine 0 to 1",
                                        "backward dispatch 1 to 0"}));
}

TEST(TrainingGraph, ReducesGradientsAtTheEndOrBesideTheBackwardPass)
{
    // Two replicas of 2 layers, no experts: backward 2000 per layer. Reduces of layers 0 and 1 have
    // 100 and 200 bytes; in a ring of 2: 2 steps of 1000 + half the bytes.
    auto job = JobOf(1, 1, 2, 1);
    job.plan.dataParallel = 2;
    job.options.denseLayers = 2;
    job.work.times = {{PhaseKind::Dense, 1000}, {PhaseKind::Optimizer, 7}};
    job.work.gradientBytes = {{PhaseKind::SharedReduce, 100}};
    const int64_t work = 2 * 1000 + 2 * 2000;
    EXPECT_EQ(CriticalPath(job.Graph(), UniformCosts()).Makespan(),
              Picoseconds(work + 2 * (1000 + 150) + 2 * 7));
    EXPECT_EQ(CriticalPath(job.Graph(), UniformCosts()).TimesOfRank(1)[TimeKind::Data],
              Picoseconds(2 * (1000 + 150)));

    // Layer 1 is backward at 4000, its reduce ends at 6200; layer 0's then takes 2100 more.
    job.options.overlapGradientReduce = true;
    EXPECT_EQ(CriticalPath(job.Graph(), UniformCosts()).Makespan(),
              Picoseconds(4000 + 2 * (1000 + 100) + 2 * (1000 + 50) + 2 * 7));
}

TEST(TrainingGraph, WaitsForTheSlowestReplica)
{
    auto job = JobOf(1, 1, 1, 1);
    job.plan.dataParallel = 2;
    // Replica 1 takes 1 ps more in embedding, attention, gating, expert and head, 2 ps backward.
    job.work.varied = true;
    const CriticalPath path(job.Graph(), FreeCommunication());
    EXPECT_EQ(path.TimesOfRank(0)[TimeKind::Imbalance], Picoseconds(5 * 3));
    EXPECT_EQ(path.TimesOfRank(1)[TimeKind::Imbalance], Picoseconds(0));
}

TEST(TrainingGraph, IsTheSameEveryTime)
{
    const auto write = [] {
        std::ostringstream output;
        WriteTaskGraphJson(RandomJob(5).Graph(), output);
        return output.str();
    };
    EXPECT_EQ(write(), write());
}

TEST(TrainingGraph, RefusesDemandsOfAnotherSize)
{
    auto job = JobOf(2, 1, 1, 1);
    job.work.demand = DemandMatrix(3, 3);
    try
    {
        job.Graph();
        FAIL();
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_STREQ(error.what(),
                     "all-to-all between 3 sources and 3 destinations: must be the 2 EP ranks");
    }
}
