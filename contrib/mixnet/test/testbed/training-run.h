/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_RUN_H
#define TRAINING_RUN_H

#include "training-setup.h"

#include "ns3/double.h"
#include "ns3/ideal-switch-planner.h"
#include "ns3/mixnet-planner.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief One training run: installs it, and writes down all that its trace sources tell.
 */
class TrainingRun
{
  public:
    using PhaseKey = mixnetcore::PhaseKey;   //!< which phase
    using PhaseKind = mixnetcore::PhaseKind; //!< what

    /// Bytes from GPU to GPU of the region.
    using GpuBytes = std::map<std::pair<size_t, size_t>, uint64_t>;

    /// When a rank was in a phase.
    struct Span
    {
        ns3::Time begin; //!< when it began
        ns3::Time end;   //!< when it ended
    };

    /// A blackout, as the optical circuit switch has it.
    struct Blackout
    {
        ns3::Time begin;    //!< when it began
        ns3::Time end;      //!< when it ended
        uint32_t darkPorts; //!< ports that went dark
    };

    /// A rank's change of state.
    struct StateChange
    {
        uint32_t rank;                                       //!< rank
        ns3::mixnet::MoeTrainingApplication::RankState from; //!< state before
        ns3::mixnet::MoeTrainingApplication::RankState to;   //!< state from then on
    };

    /**
     * @param parameters What it is made of.
     */
    explicit TrainingRun(const TrainingSetup& parameters)
        : setup(parameters)
    {
        InstallFabric();
        InstallTraining();
        Listen();
    }

    TrainingRun(const TrainingRun&) = delete;
    TrainingRun& operator=(const TrainingRun&) = delete;

    /// @brief Runs to the end of all events.
    void Run()
    {
        ns3::Simulator::Run();
    }

    const TrainingSetup setup;                           //!< what it is made of
    ns3::mixnet::TrainingJobSpec job;                    //!< what is trained
    std::vector<ns3::mixnet::TrainingGroup> groups;      //!< the training: one group
    ns3::mixnet::Fabric fabric;                          //!< the fabric
    ns3::mixnet::TrainingGroup group;                    //!< the training
    std::vector<mixnetcore::PhaseRecord> records;        //!< in the order they came
    std::vector<ns3::mixnet::CircuitDecision> decisions; //!< likewise
    std::map<PhaseKey, GpuBytes> posted;                 //!< set out, by phase
    std::map<PhaseKey, GpuBytes> arrived;                //!< at their GPU, by phase
    std::map<std::pair<PhaseKey, uint32_t>, Span> spans; //!< by phase and rank
    std::map<uint32_t, std::vector<PhaseKey>> order;     //!< phases begun, by rank
    std::vector<Blackout> blackouts;                     //!< of the circuit switch
    std::vector<StateChange> changes;                    //!< in the order they came
    std::vector<ns3::Time> failures;                     //!< when messages failed

    /// @param kind What. @param direction Which way.
    /// @return its records, in the order they came, without what is recomputed.
    std::vector<mixnetcore::PhaseRecord> RecordsOf(
        PhaseKind kind,
        mixnetcore::Direction direction = mixnetcore::Direction::Forward) const
    {
        std::vector<mixnetcore::PhaseRecord> result;
        std::copy_if(records.begin(),
                     records.end(),
                     std::back_inserter(result),
                     [kind, direction](const auto& record) {
                         return record.key.kind == kind && record.key.direction == direction &&
                                !record.key.recompute;
                     });
        return result;
    }

    /// @param phase Which. @return latest end of it, over the ranks.
    ns3::Time LastEnd(const PhaseKey& phase) const
    {
        ns3::Time last;
        for (const auto& [key, span] : spans)
        {
            last = key.first == phase ? std::max(last, span.end) : last;
        }
        return last;
    }

    /// @param phase Which. @return tokens of each source rank (row) for each rank (column).
    mixnetcore::TokenMatrix TokensOf(const PhaseKey& phase) const
    {
        return job.work->Load().Draw(
            {phase.iteration, phase.layer, phase.microbatch, phase.replica});
    }

    /**
     * @brief Bytes of a dispatch, from the token counts: those of a rank's token that goes to
     * another rank are dealt to the GPUs of the rank, each to its like.
     * @param phase Which.
     * @return bytes from GPU to GPU, no zeros.
     */
    GpuBytes DispatchBytes(const PhaseKey& phase) const
    {
        const auto tokens = TokensOf(phase);
        const uint64_t slices = setup.tensorParallel;
        GpuBytes bytes;
        for (size_t from = 0; from < setup.ranks; ++from)
        {
            for (size_t to = 0; to < setup.ranks; ++to)
            {
                const uint64_t all =
                    from == to ? 0 : tokens.At(from, to).Count() * setup.hidden * 2;
                for (size_t slice = 0; slice < slices; ++slice)
                {
                    const uint64_t part = all / slices + (slice < all % slices ? 1 : 0);
                    if (part > 0)
                    {
                        bytes[{from * slices + slice, to * slices + slice}] = part;
                    }
                }
            }
        }
        return bytes;
    }

    /**
     * @param phase An all-to-all.
     * @return bytes from GPU to GPU: tokens go to experts and their gradients come back against
     * them; results come back and their gradients go as the tokens did.
     */
    GpuBytes AllToAllBytes(const PhaseKey& phase) const
    {
        const auto forth = DispatchBytes(phase);
        const bool isForward = phase.direction == mixnetcore::Direction::Forward;
        const bool toExperts =
            isForward ? phase.kind == PhaseKind::Dispatch : phase.kind == PhaseKind::Combine;
        return toExperts ? forth : Transposed(forth);
    }

    /**
     * @brief Bytes of a collective among the GPUs of each rank. Everyone's shard goes to all others
     * (all-gather), or the shard of each from all others (reduce-scatter); around a ring all shards
     * but one to the next GPU.
     * @param phase The collective.
     * @return bytes from GPU to GPU, no zeros.
     */
    GpuBytes TensorBytes(const PhaseKey& phase) const
    {
        const auto tokens = TokensOf(phase);
        const uint64_t members = setup.tensorParallel;
        const bool gathers = phase.kind == PhaseKind::AllGather;
        GpuBytes bytes;
        for (size_t rank = 0; rank < setup.ranks; ++rank)
        {
            const uint64_t all = tokens.ColumnSum(rank).Count() * setup.hidden * 2;
            const auto shard = [&](uint64_t member) {
                return all / members + (member < all % members ? 1 : 0);
            };
            for (uint64_t from = 0; from < members; ++from)
            {
                for (uint64_t to = 0; to < members; ++to)
                {
                    uint64_t count = from == to ? 0 : shard(gathers ? from : to);
                    if (setup.tensorAlgorithm == "ring")
                    {
                        const bool isNext = to == (from + 1) % members;
                        count = isNext ? all - shard(gathers ? to : from) : 0;
                    }
                    if (count > 0)
                    {
                        bytes[{rank * members + from, rank * members + to}] = count;
                    }
                }
            }
        }
        return bytes;
    }

    /// @param bytes From GPU to GPU. @return from host to host, nothing within a host.
    mixnetcore::DemandMatrix BetweenHosts(const GpuBytes& bytes) const
    {
        const size_t hosts = fabric.hosts.size();
        mixnetcore::DemandMatrix demand(hosts, hosts);
        for (const auto& [pair, count] : bytes)
        {
            const auto from = Place(pair.first).first;
            const auto to = Place(pair.second).first;
            demand.At(from, to) += mixnetcore::Bytes(from == to ? 0 : count);
        }
        return demand;
    }

    /// @param bytes From GPU to GPU. @return the way back.
    static GpuBytes Transposed(const GpuBytes& bytes)
    {
        GpuBytes result;
        for (const auto& [pair, count] : bytes)
        {
            result[{pair.second, pair.first}] = count;
        }
        return result;
    }

    /// @param configuration Circuits. @return how many there are between hosts, lower host first.
    std::map<std::pair<size_t, size_t>, uint32_t> CircuitsBetweenHosts(
        const mixnetcore::CircuitConfiguration& configuration) const
    {
        // NIC k of the optical ones of host h is at port h * degree + k.
        const auto degree = fabric.plan->host.NicsOn(mixnetcore::NicRole::Optical).size();
        std::map<std::pair<size_t, size_t>, uint32_t> result;
        for (const auto& [a, b] : configuration.Circuits())
        {
            ++result[std::minmax(a / degree, b / degree)];
        }
        return result;
    }

    /**
     * @brief No schedule can carry bytes faster, if those of a pair of hosts with circuits go over
     * these, those of others over the electrical NICs, each in equal shares; or, without circuits,
     * each GPU's over its own NIC.
     * @param bytes From GPU to GPU.
     * @param configuration Circuits.
     * @return seconds: the slowest of circuits, electrical NICs and GPU ports, either way.
     */
    double LowerBoundSeconds(const GpuBytes& bytes,
                             const mixnetcore::CircuitConfiguration& configuration) const
    {
        const auto& plan = fabric.plan->host;
        const auto optical = plan.NicsOn(mixnetcore::NicRole::Optical);
        const auto electrical = plan.NicsOn(mixnetcore::NicRole::Electrical);
        const double nicRate = setup.linkRate / 8.0 * setup.mtu / (setup.mtu + 82.0);
        const double gpuRate = setup.gpuPortRate / 8.0;
        // GPUs at the two ends of each NIC pair that a pair of hosts uses: a NIC is its GPU's.
        std::map<std::pair<size_t, size_t>, std::vector<std::pair<size_t, size_t>>> circuits;
        for (const auto& [a, b] : configuration.Circuits())
        {
            const size_t hostA = a / optical.size();
            const size_t hostB = b / optical.size();
            const size_t nicA = optical[a % optical.size()];
            const size_t nicB = optical[b % optical.size()];
            circuits[{hostA, hostB}].emplace_back(nicA, nicB);
            circuits[{hostB, hostA}].emplace_back(nicB, nicA);
        }
        std::map<std::pair<size_t, size_t>, double> overPair;
        std::map<size_t, double> electricalOut;
        std::map<size_t, double> electricalIn;
        std::map<size_t, double> ownOut;
        std::map<size_t, double> ownIn;
        std::map<size_t, double> gpuOut;
        std::map<size_t, double> gpuIn;
        const auto nvswitch = [&](size_t host, size_t from, size_t to, double share) {
            if (from != to)
            {
                gpuOut[host * TrainingSetup::GPUS_PER_HOST + from] += share;
                gpuIn[host * TrainingSetup::GPUS_PER_HOST + to] += share;
            }
        };
        for (const auto& [pair, count] : bytes)
        {
            const auto [hostA, gpuA] = Place(pair.first);
            const auto [hostB, gpuB] = Place(pair.second);
            if (hostA == hostB)
            {
                nvswitch(hostA, gpuA, gpuB, count);
                continue;
            }
            if (!setup.IsOptical())
            {
                ownOut[pair.first] += count;
                ownIn[pair.second] += count;
                continue;
            }
            std::vector<std::pair<size_t, size_t>> ways;
            if (circuits.count({hostA, hostB}) > 0)
            {
                ways = circuits[{hostA, hostB}];
                overPair[{hostA, hostB}] += count;
            }
            else
            {
                for (const auto nic : electrical)
                {
                    ways.emplace_back(nic, nic);
                }
                electricalOut[hostA] += count;
                electricalIn[hostB] += count;
            }
            for (const auto& [out, in] : ways)
            {
                const double share = static_cast<double>(count) / ways.size();
                nvswitch(hostA, gpuA, out, share);
                nvswitch(hostB, in, gpuB, share);
            }
        }
        double bound = 0;
        for (const auto& [hosts, sum] : overPair)
        {
            bound = std::max(bound, sum / (circuits[hosts].size() * nicRate));
        }
        for (const auto* side : {&electricalOut, &electricalIn})
        {
            for (const auto& [host, sum] : *side)
            {
                bound = std::max(bound, sum / (electrical.size() * nicRate));
            }
        }
        for (const auto* side : {&ownOut, &ownIn})
        {
            for (const auto& [gpu, sum] : *side)
            {
                bound = std::max(bound, sum / nicRate);
            }
        }
        for (const auto* side : {&gpuOut, &gpuIn})
        {
            for (const auto& [gpu, sum] : *side)
            {
                bound = std::max(bound, sum / gpuRate);
            }
        }
        return bound;
    }

  private:
    /// @param gpu GPU of the region. @return host, and number there.
    static std::pair<size_t, size_t> Place(size_t gpu)
    {
        return {gpu / TrainingSetup::GPUS_PER_HOST, gpu % TrainingSetup::GPUS_PER_HOST};
    }

    /// @return the fabric.
    mixnetcore::FabricPlan Plan() const
    {
        const size_t hosts =
            std::max<size_t>(1, setup.ranks * setup.tensorParallel / TrainingSetup::GPUS_PER_HOST);
        mixnetcore::HostSpec host;
        host.gpus = TrainingSetup::GPUS_PER_HOST;
        host.linkRate = mixnetcore::BitsPerSecond(setup.linkRate);
        host.gpuPortRate = mixnetcore::BitsPerSecond(setup.gpuPortRate);
        if (setup.numaLinkRate > 0)
        {
            host.numaLinkRate = mixnetcore::BitsPerSecond(setup.numaLinkRate);
        }
        if (!setup.IsOptical())
        {
            mixnetcore::IdealSwitchSpec spec;
            spec.hosts = hosts;
            spec.host = host;
            spec.host.opticalDegree = 0;
            spec.host.electricalNics = TrainingSetup::GPUS_PER_HOST;
            return mixnetcore::PlanIdealSwitch(spec);
        }
        mixnetcore::MixnetSpec spec;
        spec.hosts = hosts;
        spec.electrical.tiers = 1;
        spec.host = host;
        spec.host.opticalDegree = setup.opticalDegree;
        spec.host.electricalNics = setup.electricalNics;
        return mixnetcore::PlanMixnet(spec);
    }

    /// @brief Makes the fabric.
    void InstallFabric()
    {
        ns3::mixnet::FabricHelper helper;
        helper.SetFidelity(mixnetcore::NicRole::Optical, setup.optical);
        helper.SetFidelity(mixnetcore::NicRole::Electrical, setup.electrical);
        helper.SetNicAttribute("Mtu", ns3::UintegerValue(setup.mtu));
        helper.SetNicAttribute("LinkDownTimeout",
                               ns3::TimeValue(ns3::NanoSeconds(setup.linkDownTimeoutNs)));
        const auto blackout = ns3::CreateObject<ns3::ConstantRandomVariable>();
        blackout->SetAttribute("Constant", ns3::DoubleValue(setup.blackoutNs * 1e-9));
        helper.SetOcsAttribute("ReconfigurationTime", ns3::PointerValue(blackout));
        fabric = helper.Install(Plan());
        fabric.AssignStreams(1);
    }

    /// @brief Makes the training.
    void InstallTraining()
    {
        const auto model = setup.Model();
        std::shared_ptr<const mixnetcore::ExpertLoad> load = std::make_shared<FixedLoad>(
            setup.tokens.empty() ? std::vector<mixnetcore::TokenMatrix>{MeasuredTokens()}
                                 : setup.tokens);
        if (setup.seed > 0)
        {
            auto options = mixnetcore::SyntheticLoadOf(model, setup.ranks);
            options.seed = setup.seed;
            load = std::make_shared<mixnetcore::SyntheticExpertLoad>(options);
        }
        mixnetcore::ParallelPlanSpec ranks;
        ranks.expertParallel = setup.ranks;
        ranks.tensorParallel = setup.tensorParallel;
        ranks.dataParallel = 1;
        ranks.layers = model.layers;
        ranks.gpusPerHost = TrainingSetup::GPUS_PER_HOST;
        const mixnetcore::ParallelPlan plan(ranks);
        mixnetcore::TrainingWorkOptions options;
        options.deduplication = setup.deduplication;
        job.model = model;
        job.work = std::make_shared<const mixnetcore::MoeTrainingWork>(
            model,
            plan,
            load,
            mixnetcore::ComputeModel(model, setup.tensorParallel),
            mixnetcore::OptimizerModel(mixnetcore::Picoseconds(1)),
            options);
        mixnetcore::TrainingProgramOptions program;
        program.iteration = setup.iteration;
        program.excerpt = mixnetcore::LayerRange{setup.firstLayer, setup.layers};
        program.microbatches = setup.microbatches;
        program.backward = setup.backward;
        program.recompute = setup.recompute;
        program.attentionCollectives = false;
        job.program = std::make_shared<const mixnetcore::TrainingProgram>(plan, program);
        ns3::mixnet::TrainingHelper helper;
        helper.SetApplicationAttribute("TensorAlgorithm", ns3::StringValue(setup.tensorAlgorithm));
        helper.SetApplicationAttribute("AllToAllEfficiency", ns3::DoubleValue(setup.efficiency));
        helper.SetControllerAttribute("Allocator", ns3::StringValue(setup.allocator));
        helper.SetControllerAttribute("Policy", ns3::StringValue(setup.policy));
        helper.SetControllerAttribute("NumaRule", ns3::StringValue(setup.numaRule));
        helper.SetControllerAttribute("ControlLatency",
                                      ns3::TimeValue(ns3::NanoSeconds(setup.controlLatencyNs)));
        groups = helper.Install(fabric, job);
        group = groups.front();
    }

    /// @brief Subscribes to the trace sources.
    void Listen()
    {
        m_recorder.emplace(fabric, groups, job, [this](const mixnetcore::PhaseRecord& record) {
            records.push_back(record);
        });
        if (group.controller)
        {
            group.controller->TraceConnectWithoutContext(
                "CircuitsReady",
                ns3::MakeCallback(&TrainingRun::HandleDecision, this));
        }
        for (const auto& ocs : fabric.opticalSwitches)
        {
            ocs->TraceConnectWithoutContext(
                "ReconfigurationBegin",
                ns3::MakeCallback(&TrainingRun::HandleBlackoutBegin, this));
            ocs->TraceConnectWithoutContext(
                "ReconfigurationEnd",
                ns3::MakeCallback(&TrainingRun::HandleBlackoutEnd, this));
        }
        for (const auto& application : group.applications)
        {
            application->TraceConnectWithoutContext(
                "PhaseBegin",
                ns3::MakeCallback(&TrainingRun::HandleBegin, this));
            application->TraceConnectWithoutContext(
                "PhaseEnd",
                ns3::MakeCallback(&TrainingRun::HandleEnd, this));
            application->TraceConnectWithoutContext(
                "StateTransition",
                ns3::MakeCallback(&TrainingRun::HandleState, this));
        }
        for (const auto& transport : group.transports)
        {
            transport->TraceConnectWithoutContext(
                "Post",
                ns3::MakeCallback(&TrainingRun::HandlePost, this));
            transport->TraceConnectWithoutContext(
                "Arrival",
                ns3::MakeCallback(&TrainingRun::HandleArrival, this).Bind(transport->GetHost()));
        }
        for (const auto& engine : group.engines)
        {
            engine->TraceConnectWithoutContext(
                "MessageFailed",
                ns3::MakeCallback(&TrainingRun::HandleFailure, this));
        }
    }

    /// @param decision Circuits that are ready.
    void HandleDecision(const ns3::mixnet::CircuitDecision& decision)
    {
        decisions.push_back(decision);
    }

    /// @param darkPorts Ports that go dark.
    void HandleBlackoutBegin(const mixnetcore::CircuitConfiguration& /* configuration */,
                             uint32_t darkPorts,
                             ns3::Time /* duration */)
    {
        blackouts.push_back({ns3::Simulator::Now(), ns3::Time::Max(), darkPorts});
    }

    /// @brief Notes when the last blackout has ended.
    void HandleBlackoutEnd(const mixnetcore::CircuitConfiguration& /* configuration */)
    {
        blackouts.back().end = ns3::Simulator::Now();
    }

    /// @param phase A phase. @param rank A rank that begins it.
    void HandleBegin(const PhaseKey& phase, uint32_t rank)
    {
        spans[{phase, rank}].begin = ns3::Simulator::Now();
        order[rank].push_back(phase);
    }

    /// @param phase A phase. @param rank A rank that has ended it.
    void HandleEnd(const PhaseKey& phase, uint32_t rank)
    {
        spans[{phase, rank}].end = ns3::Simulator::Now();
    }

    /// @param rank A rank. @param from State before. @param to State from now on.
    void HandleState(uint32_t rank,
                     ns3::mixnet::MoeTrainingApplication::RankState from,
                     ns3::mixnet::MoeTrainingApplication::RankState to)
    {
        changes.push_back({rank, from, to});
    }

    /// @param message A message. @param host Where it is to end.
    /// @param[out] bytes Where to count it.
    static void Count(const ns3::mixnet::Message& message,
                      uint32_t host,
                      std::map<PhaseKey, GpuBytes>& bytes)
    {
        const auto& transfer = message.transfer;
        const size_t from =
            size_t{transfer.source.host} * TrainingSetup::GPUS_PER_HOST + transfer.source.gpu;
        const size_t to = size_t{host} * TrainingSetup::GPUS_PER_HOST + transfer.destination.gpu;
        bytes[message.key.phase][{from, to}] += transfer.Payload().Count();
    }

    /// @param message A message that sets out.
    void HandlePost(const ns3::mixnet::Message& message)
    {
        Count(message, message.transfer.destination.host, posted);
    }

    /// @param host Host whose transport says so. @param message A message that is at its GPU.
    void HandleArrival(uint32_t host, const ns3::mixnet::Message& message)
    {
        Count(message, host, arrived);
    }

    /// @brief Notes when a message has failed.
    void HandleFailure(const ns3::mixnet::MessageCompletion& /* completion */)
    {
        failures.push_back(ns3::Simulator::Now());
    }

    std::optional<ns3::mixnet::PhaseRecorder> m_recorder; //!< makes the records
};

} // namespace tests

#endif // TRAINING_RUN_H
