/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef GRADIENT_REDUCER_TEST_CASE_H
#define GRADIENT_REDUCER_TEST_CASE_H

#include "reduce-time.h"

#include "ns3/fabric-helper.h"
#include "ns3/gradient-reducer.h"
#include "ns3/ideal-switch-planner.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace tests
{

using namespace mixnetcore;

/**
 * @ingroup mixnet-tests
 * @brief As many bytes of gradients on every rank, of experts and others alike; no other work.
 */
class EvenGradients : public TrainingWork
{
  public:
    /// @param bytes Gradients of a rank.
    explicit EvenGradients(uint64_t bytes)
        : m_bytes(bytes)
    {
    }

    // Inherited from TrainingWork
    Picoseconds ComputeTime(const PhaseKey& /* phase */, uint32_t /* rank */) const override
    {
        return Picoseconds(0);
    }

    Bytes TensorBytes(const PhaseKey& /* phase */, uint32_t /* rank */) const override
    {
        return Bytes(0);
    }

    DemandMatrix AllToAllBytes(const PhaseKey& /* phase */) const override
    {
        return DemandMatrix(1, 1);
    }

    const MoeLayerDemand& DemandOf(const PhaseKey& /* phase */) const override
    {
        throw std::logic_error("there are no tokens");
    }

    Bytes PipelineBytes() const override
    {
        return Bytes(0);
    }

    Bytes GradientBytes(PhaseKind /* kind */,
                        uint32_t /* layer */,
                        uint32_t /* rank */) const override
    {
        return Bytes(m_bytes);
    }

  private:
    uint64_t m_bytes; //!< gradients of a rank
};

/**
 * @ingroup mixnet-tests
 * @brief Hosts of a stage with a reducer each, and when ranks were told of sums.
 */
class GradientReducerTestCase : public MixnetTestCase
{
  protected:
    /// @param name Its promise. @param setup The hosts.
    GradientReducerTestCase(const std::string& name, const ReducerSetup& setup)
        : MixnetTestCase(name),
          m_setup(setup)
    {
    }

    /// @brief Lays out the hosts.
    void MakeHosts()
    {
        FabricHelper helper;
        helper.SetFidelity(m_setup.fidelity);
        helper.SetFlowAttribute("EndTolerance", DoubleValue(0));
        helper.SetNicAttribute("AckInterval", UintegerValue(ACK_INTERVAL));
        helper.SetNicAttribute("LinkDownTimeout", TimeValue(MilliSeconds(1)));
        helper.SetTransportAttribute("ChunkSize", UintegerValue(CHUNK));
        m_fabric = helper.Install(PlanFabric());
        m_fabric.AssignStreams(1);
        ParallelPlanSpec ranks;
        ranks.tensorParallel = m_setup.tensor;
        ranks.expertParallel = m_setup.expert;
        ranks.dataParallel = m_setup.replicas;
        const auto plan = std::make_shared<const GradientPlan>(
            std::make_shared<const TrainingProgram>(ParallelPlan(ranks), TrainingProgramOptions()),
            std::make_shared<const EvenGradients>(m_setup.bytes),
            m_fabric.plan->host);
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            auto engine = CreateObject<CollectiveEngine>();
            engine->SetTransport(m_fabric.hosts[host].transport);
            auto reducer = CreateObject<GradientReducer>();
            reducer->SetAttribute("MaxSteps", UintegerValue(m_setup.maxSteps));
            reducer->SetAttribute("StepLatency", TimeValue(ReduceTime::StepLatency()));
            reducer->SetPlan(plan, host, m_setup.Ranks(), engine);
            m_engines.push_back(engine);
            m_reducers.push_back(reducer);
        }
    }

    /// @param at When. @param host Whose first ranks. @param count How many. @param kind What.
    void JoinAt(const Time& at, uint32_t host, uint32_t count, PhaseKind kind)
    {
        PhaseKey reduce;
        reduce.kind = kind;
        reduce.direction = Direction::Backward;
        reduce.replica = host / m_setup.HostsPerGroup();
        Simulator::Schedule(at, [this, host, count, kind, reduce] {
            for (uint32_t rank = 0; rank < count; ++rank)
            {
                const auto before = m_ends[{kind, host}].size();
                m_reducers[host]->Join(
                    reduce,
                    MakeCallback(&GradientReducerTestCase::HandleDone, this).Bind(kind, host));
                NS_TEST_EXPECT_MSG_EQ((m_ends[{kind, host}].size()),
                                      before,
                                      "not before Join has returned");
            }
        });
    }

    /// @param at When. @param kind What. @brief All ranks of all hosts join.
    void AllJoinAt(const Time& at, PhaseKind kind)
    {
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            JoinAt(at, host, m_setup.Ranks(), kind);
        }
    }

    /// @param kind What. @brief Every rank was told once, and nothing is left over.
    void CheckThrough(PhaseKind kind)
    {
        for (uint32_t host = 0; host < m_setup.Hosts(); ++host)
        {
            HasSize(m_ends[{kind, host}], m_setup.Ranks(), "every rank is told once");
            NS_TEST_EXPECT_MSG_EQ(m_reducers[host]->GetOpen(), 0, "none is open");
            NS_TEST_EXPECT_MSG_EQ(m_engines[host]->GetWaiting(), 0, "no GPU waits");
            NS_TEST_EXPECT_MSG_EQ(m_engines[host]->GetFailedMessages(), 0, "none failed");
        }
    }

    /// @param kind What. @return when ranks were told, host by host.
    std::vector<Time> EndsOf(PhaseKind kind) const
    {
        std::vector<Time> ends;
        for (const auto& [key, times] : m_ends)
        {
            if (key.first == kind)
            {
                ends.insert(ends.end(), times.begin(), times.end());
            }
        }
        return ends;
    }

    /// @param kind What. @return when the last rank was told; zero when none was.
    Time LastEnd(PhaseKind kind) const
    {
        Time last;
        for (const auto& end : EndsOf(kind))
        {
            last = std::max(last, end);
        }
        return last;
    }

    /// @param duration What something took. @param expected At least that, but for a nanosecond
    /// of each part. @param slack How much longer it may be. @param what What it is.
    void CheckTime(const Time& duration,
                   const Time& expected,
                   const Time& slack,
                   const std::string& what)
    {
        NS_TEST_EXPECT_MSG_GT_OR_EQ(duration, expected - NanoSeconds(4), what << ", least");
        NS_TEST_EXPECT_MSG_LT_OR_EQ(duration, expected + slack, what << ", most");
    }

    /// @return when tests begin: signals have reached every NIC.
    static Time Start()
    {
        return MicroSeconds(10);
    }

    /// @param kind What. @return bytes on the lines of all rings, as messages have them.
    uint64_t RingBytes(PhaseKind kind) const
    {
        // Every host sends, of every ring, two rounds of all n parts but one.
        const uint64_t hosts = m_setup.RingHosts(kind);
        return m_setup.Hosts() * (m_setup.Distinct(kind) / hosts * (hosts - 1)) * 2;
    }

    const ReducerSetup m_setup;                   //!< the hosts
    Fabric m_fabric;                              //!< what joins them
    std::vector<Ptr<CollectiveEngine>> m_engines; //!< of the hosts
    std::vector<Ptr<GradientReducer>> m_reducers; //!< of the hosts
    /// When ranks were told, by kind and host.
    std::map<std::pair<PhaseKind, uint32_t>, std::vector<Time>> m_ends;

  private:
    void DoTeardown() override
    {
        m_reducers.clear();
        m_engines.clear();
        m_fabric = {};
        Simulator::Destroy();
    }

    /// @return the fabric.
    FabricPlan PlanFabric() const
    {
        HostSpec host;
        host.opticalDegree = GPUS - m_setup.Rings();
        host.electricalNics = m_setup.Rings();
        if (!m_setup.optical)
        {
            IdealSwitchSpec spec;
            spec.hosts = m_setup.Hosts();
            spec.host = host;
            return PlanIdealSwitch(spec);
        }
        MixnetSpec spec;
        spec.hosts = m_setup.Hosts();
        spec.host = host;
        spec.electrical.tiers = 1;
        return PlanMixnet(spec);
    }

    /// @param kind What. @param host Whose sums are there.
    void HandleDone(PhaseKind kind, uint32_t host)
    {
        m_ends[{kind, host}].push_back(Simulator::Now());
    }
};

} // namespace tests

#endif // GRADIENT_REDUCER_TEST_CASE_H
