/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/training-job-run.h"

#include "ns3/critical-path.h"
#include "ns3/training-graph.h"

#include <functional>

namespace tests
{

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
                for (uint32_t rank = 0; rank < m_setup.Parts(); ++rank)
                {
                    CheckRank(run, rank, PhaseCursor(program));
                }
            }
        }
    }

    /// @param run The job. @param rank Part of a rank. @param cursor Before its first phase.
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
                                      "at once, but for signal: " << name);
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
                NS_TEST_EXPECT_MSG_EQ(
                    span.end - span.begin,
                    ToTime(run.job.work->ComputeTime(phase, rank / m_setup.HostsPerRank())),
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
        add([](JobSetup& setup) { setup.tensor = 16; });
        add([](JobSetup& setup) {
            setup.tensor = 16;
            setup.optical = true;
            setup.overlaps = true;
        });
        add([](JobSetup& setup) {
            setup.tensor = 16;
            setup.expert = 1;
            setup.fatTree = true;
            setup.fidelity = Fidelity::Packet;
        });
        add([](JobSetup& setup) {
            setup.efficiency = 0.3;
            setup.tensor = 8;
        });
        return setups;
    }
};

static TrainingJobTestSuite g_trainingJobTestSuite; //!< the suite

} // namespace tests
