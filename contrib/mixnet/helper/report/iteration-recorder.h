/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ITERATION_RECORDER_H
#define ITERATION_RECORDER_H

#include "ns3/critical-path.h"
#include "ns3/load-imbalance.h"
#include "ns3/training-helper.h"

#include <array>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <ostream>
#include <string>
#include <unordered_map>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief When a pipeline stage worked on a microbatch, one way.
 */
struct StageStep
{
    uint32_t iteration{0};           //!< training iteration
    uint32_t stage{0};               //!< pipeline stage
    uint32_t replica{0};             //!< data-parallel replica
    uint32_t chunk{0};               //!< chunk of layers of the stage
    uint32_t microbatch{0};          //!< microbatch
    mixnetcore::Direction direction; //!< way through the model
    Time begin;                      //!< its first rank begins
    Time end;                        //!< its last rank has ended
};

/**
 * @ingroup mixnet
 * @brief What an iteration took, and what its time went into.
 */
struct IterationRecord
{
    uint32_t iteration{0};       //!< training iteration
    Time begin;                  //!< end of the one before, or zero
    Time end;                    //!< its last rank has ended
    uint32_t group{0};           //!< EP group of the rank that ends last
    uint32_t rank{0};            //!< that rank in its group
    mixnetcore::TimeByKind path; //!< critical path to its end: what time went into
    std::array<double, mixnetcore::TIME_KINDS>
        mean{};                   //!< the same of all ranks on average, seconds
    Time dark;                    //!< blackouts of a region, on average
    Time exposed;                 //!< the part of them that ranks waited for, on average
    double drain{0};              //!< from a rank's last task of it to `end`, on average, seconds
    std::vector<StageStep> steps; //!< what stages did
};

/**
 * @ingroup mixnet
 * @brief Bytes and messages of one kind of phase.
 */
struct KindTraffic
{
    uint64_t messages{0};   //!< that were posted
    uint64_t posted{0};     //!< their bytes, once each: those of the next three
    uint64_t inside{0};     //!< bytes that stayed inside servers
    uint64_t optical{0};    //!< bytes that crossed circuits
    uint64_t electrical{0}; //!< bytes that crossed packet switches
    uint64_t arrived{0};    //!< bytes at their GPUs
};

/**
 * @ingroup mixnet
 * @brief Looks at what controllers decide, and warns of servers that they leave out.
 *
 * A server with demand and without any circuit has its electrical NICs only; its phase takes
 * several times as long as those of the others.
 */
class CircuitWatch
{
  public:
    /// @param region Region of a controller. @param decision What it has decided.
    void Note(uint32_t region, const CircuitDecision& decision);

    /// @param out Where to print. @brief Prints a warning where servers were left out.
    void PrintWarning(std::ostream& out) const;

    /// @param[in,out] summary Gets circuitDecisions and isolatingDecisions where there are
    /// controllers.
    void Write(nlohmann::ordered_json& summary) const;

  private:
    uint64_t m_decisions{0}; //!< of all controllers
    uint64_t m_isolating{0}; //!< of these, that leave a server out
    std::string m_first;     //!< the first of these, for people
};

/**
 * @ingroup mixnet
 * @brief Watches a whole training job through its trace sources.
 *
 * The time of every rank is divided, without gaps or overlaps, into what it did and waited for:
 *
 * - Compute, Tensor: phases of that kind.
 * - Dispatch, Combine: the part of an all-to-all in which the rank that sent last had begun to; the
 *   rest is Imbalance. Light: the wait for circuits alone.
 * - Pipeline: the part of a wait for another stage in which that was sending; the rest is Bubble.
 * - Data: the part of a wait for gradients after all ranks of the sum had joined; the rest is
 *   Bubble, and so is the time after its last task (pipeline drain).
 *
 * The critical path to the end of an iteration leads back from the rank that ends last: over what a
 * rank did itself, and where it waited, to the rank that it waited for, at the time at which that
 * began to send (or joined last, or was the last to gate, or to end an all-to-all, before circuits
 * changed). It is kept going forward: every rank carries the path that has led to it. It begins
 * with the iteration of the rank that it leads back to; there is no bubble on it, and of imbalance
 * only what nobody caused.
 *
 * Conservation, checked by Check(): every phase of the program has begun and ended once on every
 * rank; bytes posted have arrived, kind by kind; all token assignments of a gating have come to
 * experts.
 */
class IterationRecorder
{
  public:
    /// Called when all ranks have ended an iteration.
    using IterationCallback = std::function<void(const IterationRecord&)>;

    /**
     * @param groups EP groups of the job; they outlive this object.
     * @param job The job.
     * @param callback Whom to tell.
     */
    IterationRecorder(const std::vector<TrainingGroup>& groups,
                      const TrainingJobSpec& job,
                      IterationCallback callback);

    IterationRecorder(const IterationRecorder&) = delete;
    IterationRecorder& operator=(const IterationRecorder&) = delete;

    /// @return phases of all ranks, those to come included.
    uint64_t GetPhases() const
    {
        return m_phases;
    }

    /// @return phases that have ended so far.
    uint64_t GetEndedPhases() const
    {
        return m_ended;
    }

    /// @return token assignments that have come to experts, forward.
    uint64_t GetAssignments() const
    {
        return m_assignments;
    }

    /// @return how unevenly the gatings so far have loaded EP ranks.
    const mixnetcore::LoadImbalance& GetImbalance() const
    {
        return m_imbalance;
    }

    /// @return what controllers have decided.
    const CircuitWatch& GetCircuits() const
    {
        return m_circuits;
    }

    /// @param kind A kind of phase. @return its messages.
    const KindTraffic& GetTraffic(mixnetcore::PhaseKind kind) const;

    /**
     * @return what is not conserved, a line each; empty when all is.
     */
    std::vector<std::string> Check() const;

  private:
    /// @brief A point on a rank's way, and what led there.
    struct Point
    {
        Time time;                   //!< when
        mixnetcore::TimeByKind path; //!< what time went into until then
    };

    /// @brief A rank, as far as it has come.
    struct Rank
    {
        Time since;                   //!< until when its time is accounted for
        Time light;                   //!< what it waited for circuits before that
        mixnetcore::TimeByKind times; //!< of the iteration it is in
        mixnetcore::TimeByKind path;  //!< what led to `since`
    };

    /// @brief An all-to-all that not all ranks have ended.
    struct Exchange
    {
        std::vector<Point> begins;        //!< by rank
        std::vector<uint32_t> lastSource; //!< rank whose message came last, by rank
        Time exposed;                     //!< longest wait of a rank for circuits
        uint32_t ended{0};                //!< ranks that have
    };

    /// @brief An iteration that not all ranks have ended.
    struct Open
    {
        IterationRecord record;                         //!< in the making
        uint64_t ended{0};                              //!< ranks that have
        double ends{0};                                 //!< when, summed, seconds
        std::map<std::vector<uint32_t>, size_t> stepOf; //!< index in record.steps
        std::map<std::vector<uint32_t>, Point> joined;  //!< last joining, by all-reduce
    };

    /// @param group EP group. @brief Listens to it.
    void Watch(uint32_t group);

    /// @param group EP group. @param phase A phase. @param rank A rank that begins it.
    void HandleBegin(uint32_t group, const mixnetcore::PhaseKey& phase, uint32_t rank);
    /// @param group EP group. @param phase A phase. @param rank A rank that has ended it.
    void HandleEnd(uint32_t group, const mixnetcore::PhaseKey& phase, uint32_t rank);
    /// @param group EP group. @param phase An all-to-all. @param rank A rank. @param exposed It
    /// waited only for circuits so long.
    void HandleCircuitWait(uint32_t group,
                           const mixnetcore::PhaseKey& phase,
                           uint32_t rank,
                           Time exposed);
    /// @param message A message that sets out.
    void HandlePost(const Message& message);
    /// @param group EP group of the host. @param message A message that is at its GPU.
    void HandleArrival(uint32_t group, const Message& message);
    /// @param group EP group of the region. @param decision Circuits that are ready.
    void HandleDecision(uint32_t group, const CircuitDecision& decision);

    /// @param rank A rank. @param kind What it did since the last account.
    void Account(Rank& rank, mixnetcore::TimeKind kind);
    /// @param rank A rank that has waited since the last account. @param cause Where what it waited
    /// for began. @param kind What the time since then was. @param before What the time until then
    /// was, if there was any.
    void AccountWait(Rank& rank,
                     const Point& cause,
                     mixnetcore::TimeKind kind,
                     mixnetcore::TimeKind before);
    /// @param rank A rank. @return where it is.
    Point PointOf(const Rank& rank) const;
    /// @param group EP group. @param phase An all-to-all. @param rank A rank that begins it.
    void BeginExchange(uint32_t group, const mixnetcore::PhaseKey& phase, uint32_t rank);
    /// @param phase An optimizer step. @param rank A rank that begins it.
    void BeginOptimizer(const mixnetcore::PhaseKey& phase, Rank& rank);

    /// @param group EP group. @param phase An all-to-all. @return it.
    Exchange& ExchangeOf(uint32_t group, const mixnetcore::PhaseKey& phase);
    /// @param group EP group. @param phase An all-to-all. @param rank A rank that has ended it.
    void EndExchange(uint32_t group, const mixnetcore::PhaseKey& phase, uint32_t rank);
    /// @param group EP group. @param phase An optimizer step. @param rank A rank that has ended it.
    void EndIteration(uint32_t group, const mixnetcore::PhaseKey& phase, uint32_t rank);
    /// @param phase A phase that a rank begins or has ended.
    void NoteStep(const mixnetcore::PhaseKey& phase);
    /// @param group EP group. @param phase Its expert phase. @brief Counts the tokens.
    void CountTokens(uint32_t group, const mixnetcore::PhaseKey& phase);

    /// @param phase A phase. @return its iteration.
    Open& OpenOf(const mixnetcore::PhaseKey& phase);
    /// @param reduce An all-reduce. @return what its members have in common.
    std::vector<uint32_t> ReduceKey(const mixnetcore::PhaseKey& reduce) const;

    const std::vector<TrainingGroup>& m_groups; //!< EP groups of the job
    TrainingJobSpec m_job;                      //!< the job
    IterationCallback m_callback;               //!< whom to tell
    std::vector<std::vector<Rank>> m_ranks;     //!< by group and rank
    std::unordered_map<mixnetcore::PhaseKey, Exchange, mixnetcore::PhaseHash>
        m_exchanges; //!< looked up only
    std::map<std::pair<mixnetcore::PhaseKey, uint32_t>, Point>
        m_sent;                              //!< of stages, by phase and rank
    std::vector<Point> m_lastGating;         //!< by group: the rank that gated last
    std::vector<Point> m_lastExchange;       //!< likewise: that ended an all-to-all
    std::map<uint32_t, Open> m_open;         //!< iterations
    std::array<KindTraffic, 32> m_traffic{}; //!< by kind
    uint64_t m_rankCount{0};                 //!< of all groups
    uint64_t m_phases{0};                    //!< of all ranks
    uint64_t m_ended{0};                     //!< of these
    uint64_t m_assignments{0};               //!< that came to experts
    uint64_t m_assignmentsExpected{0};       //!< that gatings made
    Time m_lastEnd;                          //!< of an iteration
    mixnetcore::LoadImbalance m_imbalance;   //!< of gatings so far
    CircuitWatch m_circuits;                 //!< what controllers decide
};

} // namespace mixnet
} // namespace ns3

#endif // ITERATION_RECORDER_H
