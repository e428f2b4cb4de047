/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TEST_REGION_H
#define TEST_REGION_H

#include "measured-load.h"
#include "mixnet-test-case.h"

#include "ns3/double.h"
#include "ns3/fabric-helper.h"
#include "ns3/mixnet-planner.h"
#include "ns3/phase-program.h"
#include "ns3/pointer.h"
#include "ns3/random-variable-stream.h"
#include "ns3/regional-controller.h"
#include "ns3/string.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

/**
 * @file
 * What the suites of RegionalController share.
 */

namespace tests
{

using namespace ns3;
using namespace ns3::mixnet;
using mixnetcore::Bytes;
using mixnetcore::DemandMatrix;
using mixnetcore::PhaseKey;

constexpr uint32_t DEGREE = 6; //!< optical ports of a host: number k of host h is port 6h + k

/// @param microbatch Which. @return its dispatch.
inline PhaseKey
Dispatch(uint32_t microbatch)
{
    PhaseKey phase;
    phase.microbatch = microbatch;
    phase.kind = mixnetcore::PhaseKind::Dispatch;
    return phase;
}

/// @return the measured matrix with a token of one byte.
inline DemandMatrix
MeasuredDemand()
{
    const auto tokens = MeasuredTokens();
    DemandMatrix demand(tokens.Rows(), tokens.Columns());
    for (size_t from = 0; from < tokens.Rows(); ++from)
    {
        for (size_t to = 0; to < tokens.Columns(); ++to)
        {
            demand.At(from, to) = Bytes(tokens.At(from, to).Count());
        }
    }
    return demand;
}

/// @param count How many. @return dispatches of so many microbatches.
inline std::vector<PhaseKey>
Dispatches(uint32_t count)
{
    std::vector<PhaseKey> phases;
    for (uint32_t microbatch = 0; microbatch < count; ++microbatch)
    {
        phases.push_back(Dispatch(microbatch));
    }
    return phases;
}

/// @param layers How many. @return phases of a microbatch on four EP ranks of a GPU.
inline std::vector<PhaseKey>
PhasesOfLayers(uint32_t layers)
{
    mixnetcore::ParallelPlanSpec ranks;
    ranks.expertParallel = 4;
    ranks.layers = layers;
    mixnetcore::TrainingProgramOptions options;
    options.excerpt = mixnetcore::LayerRange{0, layers};
    const mixnetcore::TrainingProgram program(mixnetcore::ParallelPlan(ranks), options);
    auto phases = program.PhasesOf(0, 0, 0);
    const auto backward = program.PhasesOf(0, 0, 1);
    phases.insert(phases.end(), backward.begin(), backward.end());
    return phases;
}

/**
 * @ingroup mixnet-tests
 * @brief What a TestRegion is made of.
 */
struct RegionSetup
{
    uint32_t hosts{8};                                   //!< how many
    Time blackout{MicroSeconds(25)};                     //!< reconfiguration delay
    std::vector<PhaseKey> phases{Dispatches(1)};         //!< what the hosts do
    Time latency{0};                                     //!< of control messages, each way
    std::string allocator{"greedy"};                     //!< name of the allocator
    std::string policy{"block"};                         //!< name of the policy
    std::string numaRule{"spread"};                      //!< circuits of a pair in the halves
    std::map<std::pair<uint32_t, PhaseKey>, Time> holds; //!< how long a host has a phase; else 0
};

/**
 * @ingroup mixnet-tests
 * @brief A controller and its region, whose hosts only write down what they are told, and are
 * through with their all-to-alls.
 */
class TestRegion
{
  public:
    /// What a host was told.
    struct Answer
    {
        uint32_t endpoint;        //!< the host
        Time at;                  //!< when
        uint32_t context;         //!< node in whose context
        CircuitDecision decision; //!< what
    };

    /**
     * @param parameters What it is made of.
     */
    explicit TestRegion(const RegionSetup& parameters)
        : setup(parameters)
    {
        mixnetcore::MixnetSpec spec;
        spec.hosts = setup.hosts;
        spec.electrical.tiers = 1;
        const auto delay = CreateObject<ConstantRandomVariable>();
        delay->SetAttribute("Constant", DoubleValue(setup.blackout.GetSeconds()));
        FabricHelper helper;
        helper.SetOcsAttribute("ReconfigurationTime", PointerValue(delay));
        fabric = helper.Install(mixnetcore::PlanMixnet(spec));
        const auto& plan = fabric.plan->regions.front();
        controller = CreateObject<RegionalController>();
        controller->SetAttribute("ControlLatency", TimeValue(setup.latency));
        controller->SetAttribute("Allocator", StringValue(setup.allocator));
        controller->SetAttribute("Policy", StringValue(setup.policy));
        controller->SetAttribute("NumaRule", StringValue(setup.numaRule));
        controller->SetRegion(fabric.plan, 0, fabric.opticalSwitches);
        controller->SetProgram(std::make_shared<const mixnetcore::PhaseList>(setup.phases));
        fabric.nodes.Get(plan.planes.front().opticalSwitch)->AddApplication(controller);
        for (uint32_t endpoint = 0; endpoint < setup.hosts; ++endpoint)
        {
            controller->GetChannel()->Join(
                {endpoint},
                fabric.hosts[endpoint].node->GetId(),
                MakeCallback(&TestRegion::HandleAnswer, this).Bind(endpoint));
        }
        controller->TraceConnectWithoutContext("StateTransition",
                                               MakeCallback(&TestRegion::HandleState, this));
        controller->TraceConnectWithoutContext("CircuitsReady",
                                               MakeCallback(&TestRegion::HandleReady, this));
    }

    /// @param at When. @param phase Which. @param endpoint Host that reports. @param demand Its
    /// row.
    void ReportAt(const Time& at, const PhaseKey& phase, uint32_t endpoint, DemandMatrix demand)
    {
        Simulator::Schedule(at, [this, phase, endpoint, demand = std::move(demand)]() {
            std::vector<Bytes> row;
            for (size_t to = 0; to < demand.Columns(); ++to)
            {
                row.push_back(demand.At(endpoint, to));
            }
            controller->GetChannel()->Report(phase, endpoint, row);
        });
    }

    /// @param at When. @param phase Which. @param demand What all hosts report, all at once.
    void ReportAllAt(const Time& at, const PhaseKey& phase, const DemandMatrix& demand)
    {
        for (uint32_t endpoint = 0; endpoint < demand.Rows(); ++endpoint)
        {
            ReportAt(at, phase, endpoint, demand);
        }
    }

    /// @param decision A decision. @return ports with another peer, or none, than in the one
    /// before.
    uint32_t PortsThatDiffer(size_t decision) const
    {
        const uint32_t ports = fabric.opticalSwitches.front()->GetNPorts();
        const auto now = decisions[decision].configurations.front().Peers(ports);
        const auto before = decision == 0
                                ? mixnetcore::CircuitConfiguration().Peers(ports)
                                : decisions[decision - 1].configurations.front().Peers(ports);
        uint32_t count = 0;
        for (uint32_t port = 0; port < ports; ++port)
        {
            count += now[port] == before[port] ? 0 : 1;
        }
        return count;
    }

    const RegionSetup setup;                       //!< what it is made of
    Fabric fabric;                                 //!< the region
    Ptr<RegionalController> controller;            //!< what is tested
    std::vector<Answer> answers;                   //!< in the order they came
    std::vector<CircuitDecision> decisions;        //!< likewise
    std::vector<RegionalController::State> states; //!< entered, in order

  private:
    /// @param endpoint Host. @param decision What it is told.
    void HandleAnswer(uint32_t endpoint, const CircuitDecision& decision)
    {
        answers.push_back({endpoint, Simulator::Now(), Simulator::GetContext(), decision});
        for (const auto& phase : decision.lease.phases)
        {
            const auto hold = setup.holds.find({endpoint, phase});
            Simulator::Schedule(hold == setup.holds.end() ? Time(0) : hold->second,
                                &ControlChannel::Release,
                                controller->GetChannel(),
                                phase);
        }
    }

    /// @param to State from now on.
    void HandleState(RegionalController::State /* from */, RegionalController::State to)
    {
        states.push_back(to);
    }

    /// @param decision Circuits that are ready.
    void HandleReady(const CircuitDecision& decision)
    {
        decisions.push_back(decision);
    }
};

} // namespace tests

#endif // TEST_REGION_H
