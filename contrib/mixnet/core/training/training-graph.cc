/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "training-graph.h"

#include "ns3/checks.h"
#include "ns3/lists.h"

#include <cassert>
#include <map>
#include <optional>

namespace mixnetcore
{

namespace
{

/// An all-reduce in the making: the tasks with which ranks come to it.
struct PendingReduce
{
    PhaseKey phase;            //!< of the first replica
    std::vector<TaskId> posts; //!< of all replicas, one after the other
};

/**
 * @brief A task graph in the making.
 */
class Builder
{
  public:
    /// @param program Who does what in which order. @param work What it costs.
    Builder(const TrainingProgram& program, const TrainingWork& work)
        : m_program(program),
          m_work(work),
          m_experts(static_cast<uint32_t>(program.Plan().ExpertParallel())),
          m_replicas(static_cast<uint32_t>(program.Plan().DataParallel())),
          m_stages(program.Shape().stages),
          m_graph(m_experts * m_replicas * m_stages),
          m_last(m_graph.Ranks()),
          m_reduces(m_stages)
    {
    }

    /// @return the graph.
    TaskGraph Build()
    {
        for (uint32_t replica = 0; replica < m_replicas; ++replica)
        {
            AddSteps(replica);
        }
        for (uint32_t stage = 0; stage < m_stages; ++stage)
        {
            AddEnd(stage);
        }
        m_graph.Compact();
        return std::move(m_graph);
    }

  private:
    /// @brief Adds all steps but the end of the iteration, senders before receivers.
    /// @param replica Of which replica.
    void AddSteps(uint32_t replica)
    {
        std::vector<size_t> next(m_stages, 0);
        for (bool moved = true; moved;)
        {
            moved = false;
            for (uint32_t stage = 0; stage < m_stages; ++stage)
            {
                while (next[stage] < m_program.StepsOf(stage).size() &&
                       AddStep(m_program.PhasesOf(stage, replica, next[stage])))
                {
                    ++next[stage];
                    moved = true;
                }
            }
        }
        for (uint32_t stage = 0; stage < m_stages; ++stage)
        {
            assert(next[stage] == m_program.StepsOf(stage).size() && "stages wait in a circle");
        }
    }

    /// @param phases Of a step. @return whether what it receives had been sent; else it is not
    /// added.
    bool AddStep(const std::vector<PhaseKey>& phases)
    {
        const auto& first = phases.front();
        if (first.kind == PhaseKind::PipelineReceive && m_sent.count(first) == 0)
        {
            return false;
        }
        for (const auto& phase : phases)
        {
            AddPhase(phase);
        }
        return true;
    }

    /// @param phase Any phase but the optimizer's.
    void AddPhase(const PhaseKey& phase)
    {
        if (phase.IsAllToAll())
        {
            AddAllToAll(phase);
        }
        else if (phase.IsTensorCollective())
        {
            AddTensorCollective(phase);
        }
        else if (phase.IsGradientReduce())
        {
            AddPosts(phase);
        }
        else if (phase.kind == PhaseKind::PipelineReceive)
        {
            AddReceive(phase);
        }
        else if (phase.kind == PhaseKind::PipelineSend)
        {
            AddSend(phase);
        }
        else
        {
            for (uint32_t expert = 0; expert < m_experts; ++expert)
            {
                AddWork(phase, expert, m_work.ComputeTime(phase, expert), {});
            }
        }
    }

    /// @param phase Of which stage and replica. @param expert EP rank. @return number in the graph.
    uint32_t RankOf(const PhaseKey& phase, uint32_t expert) const
    {
        return expert + m_experts * (phase.replica + m_replicas * phase.stage);
    }

    /// @param task To be added, as the next of its rank. @param after What it waits for besides.
    /// @return its number.
    TaskId AddNext(const Task& task, std::vector<TaskId> after)
    {
        auto& last = m_last[task.rank];
        if (last.has_value())
        {
            after.insert(after.begin(), *last);
        }
        last = m_graph.Add(task, after);
        return *last;
    }

    /**
     * @param phase Which.
     * @param expert EP rank.
     * @param duration How long.
     * @param after What it waits for beside the phase before.
     * @return number of the task.
     */
    TaskId AddWork(const PhaseKey& phase,
                   uint32_t expert,
                   Picoseconds duration,
                   std::vector<TaskId> after)
    {
        return AddNext({TaskType::Work, RankOf(phase, expert), 0, phase, duration, {}},
                       std::move(after));
    }

    /**
     * @param phase Of the sender.
     * @param from Source, in the graph.
     * @param to Destination, in the graph.
     * @param bytes How many; above zero.
     * @return number of the message.
     */
    TaskId AddMessage(const PhaseKey& phase, uint32_t from, uint32_t to, Bytes bytes)
    {
        return m_graph.Add({TaskType::Message, from, to, phase, Picoseconds(0), bytes},
                           {m_last[from].value()});
    }

    /// @param phase A dispatch or combine.
    void AddAllToAll(const PhaseKey& phase)
    {
        const auto bytes = m_work.AllToAllBytes(phase);
        if (bytes.Rows() != m_experts || bytes.Columns() != m_experts)
        {
            Refuse(Phrase() << "all-to-all between " << bytes.Rows() << " sources and "
                            << bytes.Columns() << " destinations: must be the " << m_experts
                            << " EP ranks");
        }
        std::vector<std::vector<TaskId>> arriving(m_experts);
        for (uint32_t from = 0; from < m_experts; ++from)
        {
            for (uint32_t to = 0; to < m_experts; ++to)
            {
                if (from != to && bytes.At(from, to) > Bytes(0))
                {
                    arriving[to].push_back(AddMessage(phase,
                                                      RankOf(phase, from),
                                                      RankOf(phase, to),
                                                      bytes.At(from, to)));
                }
            }
        }
        for (uint32_t to = 0; to < m_experts; ++to)
        {
            AddWork(phase, to, Picoseconds(0), std::move(arriving[to]));
        }
    }

    /// @param phase An all-gather or reduce-scatter of tensor parallelism.
    void AddTensorCollective(const PhaseKey& phase)
    {
        for (uint32_t expert = 0; expert < m_experts; ++expert)
        {
            AddNext({TaskType::TensorCollective,
                     RankOf(phase, expert),
                     0,
                     phase,
                     Picoseconds(0),
                     m_work.TensorBytes(phase, expert)},
                    {});
        }
    }

    /// @param phase A PipelineReceive whose message has been sent.
    void AddReceive(const PhaseKey& phase)
    {
        const auto sent = m_sent.find(phase);
        for (uint32_t expert = 0; expert < m_experts; ++expert)
        {
            AddWork(phase, expert, Picoseconds(0), {sent->second[expert]});
        }
        m_sent.erase(sent);
    }

    /// @param phase A PipelineSend.
    void AddSend(const PhaseKey& phase)
    {
        const auto receive = m_program.ReceiveOf(phase);
        auto& messages = m_sent[receive];
        for (uint32_t expert = 0; expert < m_experts; ++expert)
        {
            AddWork(phase, expert, Picoseconds(0), {});
        }
        for (uint32_t expert = 0; expert < m_experts; ++expert)
        {
            messages.push_back(AddMessage(phase,
                                          RankOf(phase, expert),
                                          RankOf(receive, expert),
                                          m_work.PipelineBytes()));
        }
    }

    /// @brief Lets ranks come to an all-reduce. @param phase An ExpertReduce or SharedReduce.
    void AddPosts(const PhaseKey& phase)
    {
        auto& reduces = m_reduces[phase.stage];
        auto shared = phase;
        shared.replica = 0;
        shared.region = 0;
        const auto [place, isNew] = m_reducePlaces.emplace(shared, reduces.size());
        if (isNew)
        {
            reduces.push_back({phase, {}});
        }
        for (uint32_t expert = 0; expert < m_experts; ++expert)
        {
            reduces[place->second].posts.push_back(AddWork(phase, expert, Picoseconds(0), {}));
        }
    }

    /// @brief Adds the end of the iteration. @param stage Of which stage.
    void AddEnd(uint32_t stage)
    {
        const auto step = m_program.StepsOf(stage).size();
        for (uint32_t replica = 0; replica < m_replicas; ++replica)
        {
            for (const auto& phase : m_program.PhasesOf(stage, replica, step))
            {
                if (phase.kind != PhaseKind::Optimizer)
                {
                    AddPhase(phase);
                }
            }
        }
        const auto lastReduces = AddAllReduces(stage);
        for (uint32_t replica = 0; replica < m_replicas; ++replica)
        {
            const auto phase = m_program.PhasesOf(stage, replica, step).back();
            for (uint32_t expert = 0; expert < m_experts; ++expert)
            {
                AddWork(phase, expert, m_work.ComputeTime(phase, expert), lastReduces[expert]);
            }
        }
    }

    /**
     * @brief Adds the all-reduces that ranks have come to, in the order in which they have.
     * @param stage Of which stage.
     * @return of each EP rank: the last all-reduces of the groups it is in.
     */
    std::vector<std::vector<TaskId>> AddAllReduces(uint32_t stage)
    {
        // Groups and last all-reduces: of the experts of each EP rank, then of all else.
        std::vector<std::optional<uint32_t>> groups(m_experts + 1);
        std::vector<std::optional<TaskId>> last(m_experts + 1);
        for (const auto& reduce : m_reduces[stage])
        {
            if (reduce.phase.kind == PhaseKind::SharedReduce)
            {
                last[m_experts] =
                    AddAllReduce(reduce.phase, reduce.posts, groups[m_experts], last[m_experts]);
                continue;
            }
            for (uint32_t expert = 0; expert < m_experts; ++expert)
            {
                std::vector<TaskId> posts;
                for (size_t post = expert; post < reduce.posts.size(); post += m_experts)
                {
                    posts.push_back(reduce.posts[post]);
                }
                last[expert] =
                    AddAllReduce(reduce.phase, std::move(posts), groups[expert], last[expert]);
            }
        }
        std::vector<std::vector<TaskId>> ofRank(m_experts);
        for (uint32_t expert = 0; expert < m_experts; ++expert)
        {
            for (const auto& reduce : {last[expert], last[m_experts]})
            {
                if (reduce.has_value())
                {
                    ofRank[expert].push_back(*reduce);
                }
            }
        }
        return ofRank;
    }

    /**
     * @param phase Which.
     * @param after With which tasks its members come to it.
     * @param[in,out] group Its group; made when there is none.
     * @param before The all-reduce of that group before, if any.
     * @return number of the all-reduce.
     */
    TaskId AddAllReduce(const PhaseKey& phase,
                        std::vector<TaskId> after,
                        std::optional<uint32_t>& group,
                        const std::optional<TaskId>& before)
    {
        if (!group.has_value())
        {
            group = m_graph.AddGroup(
                Mapped(after, [this](TaskId post) { return m_graph.At(post).rank; }));
        }
        Task task{TaskType::AllReduce,
                  m_graph.Groups()[*group].front(),
                  *group,
                  phase,
                  Picoseconds(0),
                  {}};
        task.bytes = m_work.GradientBytes(phase.kind,
                                          m_program.LayersReducedBy(phase),
                                          task.rank % m_experts);
        if (before.has_value())
        {
            after.push_back(*before);
        }
        return m_graph.Add(task, after);
    }

    const TrainingProgram& m_program;                  //!< who does what in which order
    const TrainingWork& m_work;                        //!< what it costs
    uint32_t m_experts;                                //!< EP ranks of a stage and replica
    uint32_t m_replicas;                               //!< replicas
    uint32_t m_stages;                                 //!< pipeline stages
    TaskGraph m_graph;                                 //!< so far
    std::vector<std::optional<TaskId>> m_last;         //!< last task of each rank
    std::map<PhaseKey, std::vector<TaskId>> m_sent;    //!< messages, by their receive
    std::vector<std::vector<PendingReduce>> m_reduces; //!< of each stage, in order
    std::map<PhaseKey, size_t> m_reducePlaces;         //!< of their phases, in the stage's list
};

} // namespace

TaskGraph
BuildTrainingGraph(const TrainingProgram& program, const TrainingWork& work)
{
    return Builder(program, work).Build();
}

} // namespace mixnetcore
