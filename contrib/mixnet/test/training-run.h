/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_RUN_H
#define TRAINING_RUN_H

#include "measured-load.h"

#include "ns3/double.h"
#include "ns3/mixnet-region-planner.h"
#include "ns3/phase-recorder.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/synthetic-expert-load.h"
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
 * @brief One matrix of token counts for every layer and microbatch, as it stands.
 */
class FixedLoad : public mixnetcore::ExpertLoad
{
  public:
    /**
     * @param tokens Assignments of each source rank (row) to each expert (column).
     */
    explicit FixedLoad(mixnetcore::TokenMatrix tokens)
        : m_tokens(std::move(tokens))
    {
    }

    // Inherited from ExpertLoad
    mixnetcore::TokenMatrix Draw(const mixnetcore::LoadKey& /* key */) const override
    {
        return m_tokens;
    }

    size_t SourceRanks() const override
    {
        return m_tokens.Rows();
    }

    size_t Experts() const override
    {
        return m_tokens.Columns();
    }

    bool RepeatsItself() const override
    {
        return true;
    }

    std::string Description() const override
    {
        return "fixed";
    }

  private:
    mixnetcore::TokenMatrix m_tokens; //!< the matrix
};

/**
 * @ingroup mixnet-tests
 * @brief What a run of these tests is made of. The default: the measured matrix, a rank per host.
 *
 * A token is 2 KiB, so that the busiest circuit of the measured matrix, 10897 tokens, takes
 * 446 us at 400 Gb/s: long against the few microseconds of propagation and of the legs inside the
 * hosts.
 */
struct TrainingSetup
{
    static constexpr uint32_t GPUS_PER_HOST = 8; //!< as the paper's servers

    size_t ranks{8};          //!< EP degree
    size_t tensorParallel{8}; //!< TP degree
    uint64_t hidden{1024};    //!< elements of two bytes per token
    /// Inner size of an expert: it takes longer than a dispatch, so that no combine begins, and
    /// shares lines with it, before the last rank has its tokens.
    uint64_t expertFfn{16384};
    uint64_t seed{0};                              //!< of the synthetic load; 0 without
    std::optional<mixnetcore::TokenMatrix> tokens; //!< fixed load; the measured one when none
    uint32_t layers{1};                            //!< MoE layers
    uint32_t microbatches{1};                      //!< microbatches
    uint32_t firstLayer{0};                        //!< number of the first layer
    uint32_t iteration{0};                         //!< number of the iteration
    int64_t blackoutNs{25'000};                    //!< reconfiguration delay
    int64_t controlLatencyNs{0};                   //!< between hosts and controller, each way
    int64_t linkDownTimeoutNs{30'000'000'000};     //!< of the NICs
    std::string allocator{"greedy"};               //!< circuit allocator
    uint32_t mtu{16384};                           //!< payload per frame; few events
    uint64_t linkRate{400'000'000'000};            //!< bits per second
    uint64_t gpuPortRate{3'600'000'000'000};       //!< bits per second, each way

    /**
     * @return a small model: 4 x 4096 tokens that choose 2 experts each, the 32768 assignments of a
     * measured row; one expert per rank.
     */
    mixnetcore::ModelSpec Model() const
    {
        mixnetcore::ModelSpec model;
        model.name = "small";
        model.title = "Small";
        model.layers = 64;
        model.hidden = hidden;
        model.expertFfn = expertFfn;
        model.experts = ranks;
        model.paddedExperts = ranks;
        model.topK = 2;
        model.heads = 8;
        model.kvHeads = 8;
        model.headSize = 128;
        model.sequenceLength = 4096;
        model.microbatchSize = 4;
        return model;
    }
};

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

    const TrainingSetup setup;                                    //!< what it is made of
    std::shared_ptr<const mixnetcore::MoeGroupWorkload> workload; //!< work of the group
    ns3::mixnet::Fabric fabric;                                   //!< the fabric
    ns3::mixnet::TrainingGroup group;                             //!< the training
    std::vector<mixnetcore::PhaseRecord> records;                 //!< in the order they came
    std::vector<ns3::mixnet::CircuitDecision> decisions;          //!< likewise
    std::map<PhaseKey, GpuBytes> posted;                          //!< set out, by phase
    std::map<PhaseKey, GpuBytes> arrived;                         //!< at their GPU, by phase
    std::map<std::pair<PhaseKey, uint32_t>, Span> spans;          //!< by phase and rank
    std::vector<StateChange> changes;                             //!< in the order they came
    std::vector<ns3::Time> failures;                              //!< when messages failed

    /// @param kind What. @return its records, in the order they came.
    std::vector<mixnetcore::PhaseRecord> RecordsOf(PhaseKind kind) const
    {
        std::vector<mixnetcore::PhaseRecord> result;
        std::copy_if(records.begin(),
                     records.end(),
                     std::back_inserter(result),
                     [kind](const auto& record) { return record.key.kind == kind; });
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
        return workload->Load().Draw(
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
     * these, those of others over the electrical NICs, each in equal shares.
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

    /// @brief Makes the region.
    void InstallFabric()
    {
        mixnetcore::MixnetRegionSpec spec;
        spec.hosts =
            std::max<size_t>(1, setup.ranks * setup.tensorParallel / TrainingSetup::GPUS_PER_HOST);
        spec.host.gpus = TrainingSetup::GPUS_PER_HOST;
        spec.host.linkRate = mixnetcore::BitsPerSecond(setup.linkRate);
        spec.host.gpuPortRate = mixnetcore::BitsPerSecond(setup.gpuPortRate);
        ns3::mixnet::FabricHelper helper;
        helper.SetNicAttribute("Mtu", ns3::UintegerValue(setup.mtu));
        helper.SetNicAttribute("LinkDownTimeout",
                               ns3::TimeValue(ns3::NanoSeconds(setup.linkDownTimeoutNs)));
        const auto blackout = ns3::CreateObject<ns3::ConstantRandomVariable>();
        blackout->SetAttribute("Constant", ns3::DoubleValue(setup.blackoutNs * 1e-9));
        helper.SetOcsAttribute("ReconfigurationTime", ns3::PointerValue(blackout));
        fabric = helper.Install(mixnetcore::PlanMixnetRegion(spec));
        fabric.AssignStreams(1);
    }

    /// @brief Makes the training.
    void InstallTraining()
    {
        const auto model = setup.Model();
        std::shared_ptr<const mixnetcore::ExpertLoad> load =
            std::make_shared<FixedLoad>(setup.tokens.value_or(MeasuredTokens()));
        if (setup.seed > 0)
        {
            auto options = mixnetcore::SyntheticLoadOf(model, setup.ranks);
            options.seed = setup.seed;
            load = std::make_shared<mixnetcore::SyntheticExpertLoad>(options);
        }
        workload = std::make_shared<const mixnetcore::MoeGroupWorkload>(
            model,
            mixnetcore::ExpertParallelGroup(setup.ranks,
                                            setup.tensorParallel,
                                            TrainingSetup::GPUS_PER_HOST),
            load,
            mixnetcore::ComputeModel(model, setup.tensorParallel));
        ns3::mixnet::TrainingHelper helper;
        helper.SetApplicationAttribute("Layers", ns3::UintegerValue(setup.layers));
        helper.SetApplicationAttribute("Microbatches", ns3::UintegerValue(setup.microbatches));
        helper.SetApplicationAttribute("FirstLayer", ns3::UintegerValue(setup.firstLayer));
        helper.SetApplicationAttribute("Iteration", ns3::UintegerValue(setup.iteration));
        helper.SetControllerAttribute("Allocator", ns3::StringValue(setup.allocator));
        helper.SetControllerAttribute("ControlLatency",
                                      ns3::TimeValue(ns3::NanoSeconds(setup.controlLatencyNs)));
        group = helper.Install(fabric, 0, workload);
    }

    /// @brief Subscribes to the trace sources.
    void Listen()
    {
        m_recorder.emplace(fabric, group, [this](const mixnetcore::PhaseRecord& record) {
            records.push_back(record);
        });
        group.controller->TraceConnectWithoutContext(
            "CircuitsReady",
            ns3::MakeCallback(&TrainingRun::HandleDecision, this));
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
                ns3::MakeCallback(&TrainingRun::HandleArrival, this));
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

    /// @param phase A phase. @param rank A rank that begins it.
    void HandleBegin(const PhaseKey& phase, uint32_t rank)
    {
        spans[{phase, rank}].begin = ns3::Simulator::Now();
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

    /// @param message A message. @param[out] bytes Where to count it.
    static void Count(const ns3::mixnet::Message& message, std::map<PhaseKey, GpuBytes>& bytes)
    {
        const auto& transfer = message.transfer;
        const auto gpu = [](const mixnetcore::GpuId& id) {
            return size_t{id.host} * TrainingSetup::GPUS_PER_HOST + id.gpu;
        };
        bytes[mixnetcore::UnpackPhase(message.collective)]
             [{gpu(transfer.source), gpu(transfer.destination)}] += transfer.bytes.Count();
    }

    /// @param message A message that sets out.
    void HandlePost(const ns3::mixnet::Message& message)
    {
        Count(message, posted);
    }

    /// @param message A message that is at its GPU.
    void HandleArrival(const ns3::mixnet::Message& message)
    {
        Count(message, arrived);
    }

    /// @param completion End of a message that failed.
    void HandleFailure(const ns3::mixnet::MessageCompletion& /* completion */)
    {
        failures.push_back(ns3::Simulator::Now());
    }

    std::optional<ns3::mixnet::PhaseRecorder> m_recorder; //!< makes the records
};

} // namespace tests

#endif // TRAINING_RUN_H
