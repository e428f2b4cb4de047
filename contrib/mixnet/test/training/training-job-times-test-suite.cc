/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/training-job-run.h"

#include "ns3/critical-path.h"
#include "ns3/training-graph.h"

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief Communication in its closed forms on an idle fabric on which every GPU has a NIC, where a
 * rank has all GPUs of a host.
 *
 * A host adds up gradients of experts before all others, so the others wait for that.
 */
class ClosedForms : public CommunicationCost
{
  public:
    /// @param run The job.
    explicit ClosedForms(const JobRun& run)
        : m_experts(run.job.work->GradientBytes(PhaseKind::ExpertReduce, 0, 0) *
                    (run.setup.layers / run.setup.stages)),
          m_replicas(run.setup.replicas),
          m_linear({Picoseconds(2'000'000 + 84'000), // two fibres, and a frame in the switch
                    BitsPerSecond(uint64_t(GPUS * 400e9 * 4096 / (4096 + 82)))},
                   {Picoseconds(0), BitsPerSecond(uint64_t(450e9 * 8))},
                   GPUS)
    {
    }

    // Inherited from CommunicationCost
    Picoseconds TimeOf(const Task& task, size_t members) const override
    {
        auto time = m_linear.TimeOf(task, members);
        if (task.type == TaskType::AllReduce && task.phase.kind == PhaseKind::SharedReduce)
        {
            auto experts = task;
            experts.bytes = m_experts;
            time += m_linear.TimeOf(experts, m_replicas);
        }
        return time;
    }

  private:
    Bytes m_experts;              //!< gradients of a rank's experts of a stage
    size_t m_replicas;            //!< that add them up
    LinearCommunication m_linear; //!< one collective alone
};

} // namespace

/**
 * @ingroup mixnet-tests
 * @brief An iteration of several stages takes its critical path with collectives in closed form.
 *
 * Messages between stages go beside what follows. What shares lines with one waits for it, at most
 * for its time.
 */
class TrainingJobClosedFormTestCase : public TrainingJobTestCase
{
  public:
    /// @param setup What it is made of. @param shared Messages between stages whose time may come
    /// on top.
    TrainingJobClosedFormTestCase(const JobSetup& setup, uint32_t shared)
        : TrainingJobTestCase("Under uniform load an iteration takes the critical path of its work "
                              "and of collectives in their closed forms, and at most " +
                              std::to_string(shared) + " messages between stages more: " +
                              std::to_string(setup.layers) + " layers, " + setup.Name()),
          m_setup(setup),
          m_shared(shared)
    {
    }

  private:
    void DoRun() override
    {
        const JobRun run(m_setup);
        CheckThrough(run);
        const auto graph = BuildTrainingGraph(*run.job.program, *run.job.work);
        const ClosedForms cost(run);
        const CriticalPath free(graph, FreeCommunication());
        const CriticalPath closed(graph, cost);
        Task send;
        send.type = TaskType::Message;
        send.bytes = run.job.work->PipelineBytes();
        const auto& first = run.iterations.front();
        const Time time = first.end - first.begin;
        const double least = ToTime(free.Makespan()).GetDouble();
        const double expected = ToTime(closed.Makespan()).GetDouble();
        NS_TEST_EXPECT_MSG_GT(time.GetDouble(), least, "no shorter than its work");
        NS_TEST_EXPECT_MSG_GT(expected, least * 1.1, "communication is a part of it that shows");
        NS_TEST_EXPECT_MSG_GT(time.GetDouble(), expected * 0.99, "closed form, least");
        NS_TEST_EXPECT_MSG_LT(time.GetDouble(),
                              expected * 1.01 + m_shared * ToTime(cost.TimeOf(send, 1)).GetDouble(),
                              "closed form, most");
    }

    JobSetup m_setup;  //!< what it is made of
    uint32_t m_shared; //!< messages between stages that may come on top
};

/**
 * @ingroup mixnet-tests
 * @brief The fabric's plan gives merged rings the latency of the steps that they leave out.
 */
class TrainingJobMergedRingTestCase : public TrainingJobTestCase
{
  public:
    /// @param setup What it is made of.
    explicit TrainingJobMergedRingTestCase(const JobSetup& setup)
        : TrainingJobTestCase("Gradients take as long in merged rings as in rings of all steps, "
                              "within 1 %: " +
                              setup.Name()),
          m_setup(setup)
    {
    }

  private:
    void DoRun() override
    {
        const double whole = SumSeconds(1000);
        NS_TEST_EXPECT_MSG_GT(whole,
                              2 * 2.0 * (m_setup.replicas - 1) * 2e-6,
                              "two rings of 2 (n - 1) steps of two fibres each");
        for (const uint32_t steps : {2, 5, 13})
        {
            NS_TEST_EXPECT_MSG_EQ_TOL(SumSeconds(steps) / whole, 1, 0.01, steps << " steps");
        }
    }

    /// @param maxSteps Steps of a ring. @return from the last rank's joining until sums are there.
    double SumSeconds(uint32_t maxSteps)
    {
        auto setup = m_setup;
        setup.maxSteps = maxSteps;
        Time joined;
        Time summed;
        {
            const JobRun run(setup);
            CheckThrough(run);
            for (const auto& [place, span] : run.spans)
            {
                if (place.second.IsGradientReduce())
                {
                    joined = std::max(joined, span.begin);
                    summed = std::max(summed, span.end);
                }
            }
        }
        Simulator::Destroy();
        return (summed - joined).GetPicoSeconds() * 1e-12;
    }

    JobSetup m_setup; //!< what it is made of
};

/**
 * @ingroup mixnet-tests
 * @brief A run may begin with any iteration.
 */
class TrainingJobLateStartTestCase : public TrainingJobTestCase
{
  public:
    /// @param setup What it is made of.
    explicit TrainingJobLateStartTestCase(const JobSetup& setup)
        : TrainingJobTestCase("A run that begins with iteration 2 has the phases and the messages "
                              "of iteration 2 of a longer one: " +
                              setup.Name()),
          m_setup(setup)
    {
    }

  private:
    /// What an iteration does.
    struct Trace
    {
        std::vector<JobRun::Place> places;        //!< phases of ranks
        std::map<JobRun::Way, uint64_t> messages; //!< bytes by phase and ends
    };

    void DoRun() override
    {
        const auto late = TraceOf(2, 1, 2);
        const auto same = TraceOf(0, 3, 2);
        NS_TEST_EXPECT_MSG_GT(late.messages.size(), 0, "there are messages");
        NS_TEST_EXPECT_MSG_EQ((late.places == same.places), true, "the same phases");
        NS_TEST_EXPECT_MSG_EQ((late.messages == same.messages), true, "the same messages");
        auto other = TraceOf(0, 3, 1).messages;
        std::map<JobRun::Way, uint64_t> renumbered;
        for (const auto& [way, bytes] : other)
        {
            auto [phase, from, to] = way;
            phase.iteration = 2;
            renumbered[{phase, from, to}] = bytes;
        }
        NS_TEST_EXPECT_MSG_EQ((late.messages == renumbered), false, "iterations differ");
    }

    /// @param first First iteration. @param count How many. @param which The one looked at.
    /// @return what it does.
    Trace TraceOf(uint32_t first, uint32_t count, uint32_t which)
    {
        auto setup = m_setup;
        setup.firstIteration = first;
        setup.iterations = count;
        Trace trace;
        {
            const JobRun run(setup);
            CheckThrough(run);
            for (const auto& [place, span] : run.spans)
            {
                if (place.second.iteration == which)
                {
                    trace.places.push_back(place);
                }
            }
            for (const auto& [way, bytes] : run.messages)
            {
                if (std::get<0>(way).iteration == which)
                {
                    trace.messages[way] = bytes;
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
 * @brief Tests of how long whole jobs take.
 */
class TrainingJobTimesTestSuite : public TestSuite
{
  public:
    TrainingJobTimesTestSuite()
        : TestSuite("mixnet-training-job-times", Type::SYSTEM)
    {
        AddClosedForms();
        for (const bool fatTree : {false, true})
        {
            for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
            {
                JobSetup setup;
                setup.fatTree = fatTree;
                setup.fidelity = fidelity;
                setup.tensor = 8;
                setup.expert = 1;
                setup.replicas = 8;
                setup.stages = 1;
                setup.microbatches = 1;
                setup.layers = 2;
                AddTestCase(new TrainingJobMergedRingTestCase(setup));
            }
        }
        JobSetup setup;
        setup.tensor = 8;
        AddTestCase(new TrainingJobLateStartTestCase(setup));
        setup.optical = true;
        AddTestCase(new TrainingJobLateStartTestCase(setup));
    }

  private:
    /// @brief Adds jobs of two stages, two replicas and two microbatches.
    void AddClosedForms()
    {
        JobSetup setup;
        setup.tensor = 8;
        setup.denseLayers = 0;
        setup.microbatches = 2;
        setup.uniform = true;
        setup.hidden = 1024;
        setup.sequence = 4096;
        for (const auto fidelity : {Fidelity::Packet, Fidelity::Flow})
        {
            for (const auto* schedule : {"1f1b", "gpipe"})
            {
                // There and back for each microbatch; with more layers these do not count.
                setup.fidelity = fidelity;
                setup.schedule = schedule;
                setup.layers = 2;
                AddTestCase(new TrainingJobClosedFormTestCase(setup, 2 * setup.microbatches));
                setup.layers = 8;
                AddTestCase(new TrainingJobClosedFormTestCase(setup, 0));
            }
        }
    }
};

static TrainingJobTimesTestSuite g_trainingJobTimesTestSuite; //!< the suite

} // namespace tests
