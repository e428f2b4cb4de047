/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"

#include "ns3/all-to-all-router.h"
#include "ns3/circuit-recovery.h"
#include "ns3/double.h"
#include "ns3/fabric-helper.h"
#include "ns3/flow-job.h"
#include "ns3/simulator.h"
#include "ns3/topoopt-planner.h"

#include <cmath>
#include <map>

namespace tests
{

namespace
{

using namespace ns3;
using namespace ns3::mixnet;
using mixnetcore::FlowSpec;

constexpr uint32_t GPUS = 4; //!< of a server, with as many NICs

/// @param hosts Servers. @return a fabric of patch panels with a ring over all, planned for an even
/// demand beside it.
mixnetcore::FabricPlan
PlanPanels(uint32_t hosts)
{
    mixnetcore::TopoOptSpec spec;
    spec.hosts = hosts;
    spec.host.gpus = GPUS;
    spec.host.opticalDegree = GPUS;
    spec.host.electricalNics = 0;
    spec.traffic.modelParallel = mixnetcore::DemandMatrix(hosts, hosts, [](size_t from, size_t to) {
        return mixnetcore::Bytes(from == to ? 0 : 1'000'000);
    });
    mixnetcore::AllReduceGroup group{{}, mixnetcore::Bytes(4'000'000)};
    for (uint32_t host = 0; host < hosts; ++host)
    {
        group.hosts.push_back(host);
    }
    spec.traffic.allReduce = {group};
    return mixnetcore::PlanTopoOpt(spec);
}

/**
 * @ingroup mixnet-tests
 * @brief Flows over circuits of patch panels.
 */
class CircuitRelaysTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    /// How a job went.
    struct Outcome
    {
        double milliseconds;           //!< until its end
        std::vector<uint64_t> relayed; //!< bytes that each server has passed on
        uint64_t arrived;              //!< bytes that are at their GPUs
        uint64_t failed;               //!< messages that failed
    };

    /**
     * @param plan The fabric. @param flows The job. @param fidelity How it is carried.
     * @param disturb What happens to the fabric meanwhile; may be null.
     * @return how it went.
     */
    static Outcome Run(const mixnetcore::FabricPlan& plan,
                       const std::vector<FlowSpec>& flows,
                       Fidelity fidelity,
                       void (*disturb)(const Fabric&) = nullptr)
    {
        FabricHelper helper;
        helper.SetFidelity(fidelity);
        helper.SetFlowAttribute("EndTolerance", DoubleValue(0));
        helper.SetNicAttribute("LinkDownTimeout", TimeValue(MilliSeconds(1)));
        const auto fabric = helper.Install(plan);
        FlowJob job(fabric, flows);
        job.SetRouter(mixnetcore::MakeRouter(plan));
        job.SetRecovery(
            mixnetcore::MakeRecoveryRouter(fabric.plan, fabric.routing->GetForwarding()));
        fabric.Initialize();
        Simulator::Run(); // until all NICs see signal
        const auto begin = Simulator::Now();
        job.Start();
        if (disturb)
        {
            disturb(fabric);
        }
        Simulator::Run();
        Outcome outcome{job.GetEnd().count() * 1e-9 - begin.GetPicoSeconds() * 1e-9,
                        {},
                        job.GetArrivedBytes().Count(),
                        job.GetFailedMessages()};
        for (const auto& host : fabric.hosts)
        {
            outcome.relayed.push_back(host.transport->GetRelayedBytes());
        }
        Simulator::Destroy();
        return outcome;
    }

    /// @param plan A fabric. @param flows A job. @return bytes that each server passes on, by the
    /// routes of all flows.
    static std::vector<uint64_t> RelaysOf(const mixnetcore::FabricPlan& plan,
                                          const std::vector<FlowSpec>& flows)
    {
        std::map<uint32_t, std::vector<mixnetcore::GpuDemand>> ofHost;
        for (const auto& flow : flows)
        {
            ofHost[flow.source / GPUS].push_back(
                {{flow.source / GPUS, flow.source % GPUS},
                 {flow.destination / GPUS, flow.destination % GPUS},
                 flow.bytes});
        }
        std::vector<uint64_t> relayed(plan.hosts);
        const auto router = mixnetcore::MakeRouter(plan);
        for (const auto& [host, demand] : ofHost)
        {
            for (const auto& transfer : router->Route(demand))
            {
                const auto* last = &transfer.source.host;
                for (const auto& leg : transfer.route)
                {
                    const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg);
                    if (rdma && last != &transfer.source.host)
                    {
                        relayed[*last] += transfer.bytes.Count();
                    }
                    last = rdma ? &rdma->to.host : last;
                }
            }
        }
        return relayed;
    }
};

/// @param hosts Servers. @param bytes Of a flow. @return flows between all GPUs of all servers.
std::vector<FlowSpec>
AllToAll(uint32_t hosts, uint64_t bytes)
{
    std::vector<FlowSpec> flows;
    const uint32_t gpus = hosts * GPUS;
    for (uint32_t shift = 1; shift < gpus; ++shift)
    {
        for (uint32_t from = 0; from < gpus; ++from)
        {
            flows.push_back({from, (from + shift) % gpus, mixnetcore::Bytes(bytes)});
        }
    }
    return flows;
}

/// @param hosts Servers. @param bytes Of a flow. @return flows from each GPU to one of every second
/// server behind its own: some of them are relayed.
std::vector<FlowSpec>
Shifted(uint32_t hosts, uint64_t bytes)
{
    std::vector<FlowSpec> flows;
    const uint32_t gpus = hosts * GPUS;
    for (uint32_t from = 0; from < gpus; ++from)
    {
        const uint32_t further = 2 + from % GPUS * 2; // servers
        flows.push_back({from, (from + GPUS * further) % gpus, mixnetcore::Bytes(bytes)});
    }
    return flows;
}

/// @param hosts Servers. @return an all-to-all and a ring of larger flows beside it.
std::vector<FlowSpec>
Mixed(uint32_t hosts)
{
    auto flows = AllToAll(hosts, 400'000);
    for (uint32_t host = 0; host < hosts; ++host)
    {
        flows.push_back({host * GPUS, (host + 1) % hosts * GPUS, mixnetcore::Bytes(40'000'000)});
    }
    return flows;
}

/**
 * @ingroup mixnet-tests
 * @brief Flows agree with packets, and both relay what routes say.
 */
class CircuitRelaysFidelityTestCase : public CircuitRelaysTestCase
{
  public:
    /// @param what What kind of job. @param hosts Servers. @param flows The job.
    CircuitRelaysFidelityTestCase(const std::string& what,
                                  uint32_t hosts,
                                  std::vector<FlowSpec> flows)
        : CircuitRelaysTestCase("On circuits of patch panels, " + what + " of " +
                                std::to_string(hosts) +
                                " servers takes as long as flows as it does as packets, and is "
                                "relayed as routes say"),
          m_hosts(hosts),
          m_flows(std::move(flows))
    {
    }

  private:
    void DoRun() override
    {
        constexpr double TOLERANCE = 0.02; // promised
        const auto plan = PlanPanels(m_hosts);
        const auto packets = Run(plan, m_flows, Fidelity::Packet);
        const auto flows = Run(plan, m_flows, Fidelity::Flow);
        uint64_t bytes = 0;
        for (const auto& flow : m_flows)
        {
            bytes += flow.bytes.Count();
        }
        NS_TEST_EXPECT_MSG_EQ(packets.arrived, bytes, "all arrives as packets");
        NS_TEST_EXPECT_MSG_EQ(flows.arrived, bytes, "all arrives as flows");
        NS_TEST_EXPECT_MSG_EQ_TOL(flows.milliseconds,
                                  packets.milliseconds,
                                  TOLERANCE * packets.milliseconds,
                                  "time");
        const auto expected = RelaysOf(plan, m_flows);
        NS_TEST_EXPECT_MSG_GT(*std::max_element(expected.begin(), expected.end()), 0, "relays");
        for (uint32_t host = 0; host < m_hosts; ++host)
        {
            NS_TEST_EXPECT_MSG_EQ(packets.relayed[host], expected[host], "packets, host " << host);
            NS_TEST_EXPECT_MSG_EQ(flows.relayed[host], expected[host], "flows, host " << host);
        }
    }

    uint32_t m_hosts;              //!< servers
    std::vector<FlowSpec> m_flows; //!< the job
};

/**
 * @ingroup mixnet-tests
 * @brief Servers that pass bytes on fail in the midst of it.
 */
class CircuitRelaysFailureTestCase : public CircuitRelaysTestCase
{
  public:
    /// @param fidelity How messages are carried.
    explicit CircuitRelaysFailureTestCase(Fidelity fidelity)
        : CircuitRelaysTestCase(std::string("A relay that fails in mid-message is gone around, and "
                                            "no byte is lost or counted twice (") +
                                ToString(fidelity) + ")"),
          m_fidelity(fidelity)
    {
    }

  private:
    void DoRun() override
    {
        // All fibres of server 1, which only relays, are cut after 100 us: what was to go by way of
        // it goes around after LinkDownTimeout.
        const auto plan = PlanPanels(8);
        std::vector<FlowSpec> flows;
        for (const auto& flow : AllToAll(8, 1'000'000))
        {
            if (flow.source / GPUS != 1 && flow.destination / GPUS != 1)
            {
                flows.push_back(flow);
            }
        }
        const auto undisturbed = Run(plan, flows, m_fidelity);
        const auto disturbed = Run(plan, flows, m_fidelity, [](const Fabric& fabric) {
            for (size_t link = 0; link < fabric.fibres.size(); ++link)
            {
                if (fabric.plan->links[link].a.node == 1)
                {
                    Simulator::Schedule(MicroSeconds(100), &Fibre::Cut, fabric.fibres[link]);
                }
            }
        });
        NS_TEST_EXPECT_MSG_GT(undisturbed.relayed[1], 0, "server 1 is a relay");
        NS_TEST_EXPECT_MSG_EQ(undisturbed.failed, 0, "nothing fails by itself");
        NS_TEST_EXPECT_MSG_GT(disturbed.failed, 0, "messages fail");
        NS_TEST_EXPECT_MSG_EQ(disturbed.arrived, undisturbed.arrived, "each byte arrives once");
        NS_TEST_EXPECT_MSG_LT(disturbed.relayed[1], undisturbed.relayed[1], "less by way of it");
        NS_TEST_EXPECT_MSG_GT(disturbed.milliseconds, 1, "after the timeout of a NIC");
        NS_TEST_EXPECT_MSG_LT(disturbed.milliseconds, 10, "and not many of them");
    }

    Fidelity m_fidelity; //!< how messages are carried
};

/**
 * @ingroup mixnet-tests
 * @brief Servers that pass on bytes of others over circuits.
 */
class CircuitRelaysTestSuite : public TestSuite
{
  public:
    CircuitRelaysTestSuite()
        : TestSuite("mixnet-circuit-relays", TestSuite::Type::SYSTEM)
    {
        AddTestCase(new CircuitRelaysFidelityTestCase("an all-to-all", 8, AllToAll(8, 500'000)));
        AddTestCase(new CircuitRelaysFidelityTestCase("an all-to-all", 12, AllToAll(12, 300'000)));
        AddTestCase(new CircuitRelaysFidelityTestCase("a shift", 12, Shifted(12, 30'000'000)));
        AddTestCase(new CircuitRelaysFidelityTestCase("a mix", 8, Mixed(8)));
        AddTestCase(new CircuitRelaysFailureTestCase(Fidelity::Packet));
        AddTestCase(new CircuitRelaysFailureTestCase(Fidelity::Flow));
    }
};

CircuitRelaysTestSuite g_circuitRelaysTestSuite; //!< registers the suite

} // namespace

} // namespace tests
