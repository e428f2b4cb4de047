/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * How fast packets move from hop to hop, beside ns-3's own point-to-point device as a probe of the
 * machine, in turn, on one thread.
 *
 *     ours:  8 GPUs, all to all, on a fat-tree of 16 servers; acknowledgements simulated
 *     probe: n0 --- n1 --- ... --- n6    PointToPointNetDevice, each node sends on what it gets
 *
 * Run:    ./ns3 run "packet-hop-benchmark --rounds=3"
 * Prints: data packet-hops per second of wall time of both, and their ratio, by round.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

#include <algorithm>
#include <iomanip>
#include <iostream>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

/**
 * @brief Hops and the wall time they took.
 */
struct Speed
{
    uint64_t hops;  //!< data packets times the lines each was put on
    double seconds; //!< wall time

    /// @return hops per second.
    double PerSecond() const
    {
        return hops / seconds;
    }
};

/// @return what Simulator::Run() took, in seconds of wall time.
double
TimeRun()
{
    const auto begin = WallClock::now();
    Simulator::Run();
    return SecondsSince(begin);
}

/**
 * @brief Sends packets along a chain of PointToPointNetDevices, each node on to the next.
 */
class PointToPointChain
{
  public:
    static constexpr uint32_t LINKS = 6; //!< as between pods of a three-tier fat-tree

    /**
     * @param packets How many. @param bytes Size of each.
     */
    PointToPointChain(uint64_t packets, uint32_t bytes)
        : m_left(packets),
          m_bytes(bytes),
          m_packets(packets)
    {
        m_nodes.Create(LINKS + 1);
        for (uint32_t link = 0; link < LINKS; ++link)
        {
            m_onward.push_back(Join(m_nodes.Get(link), m_nodes.Get(link + 1)));
        }
    }

    /// @return how fast they went.
    Speed Run()
    {
        Simulator::ScheduleNow(&PointToPointChain::SendNext, this);
        const double seconds = TimeRun();
        NS_ABORT_MSG_UNLESS(m_arrived == m_packets, "the chain has lost packets");
        return {m_packets * LINKS, seconds};
    }

  private:
    static constexpr uint64_t RATE = 400'000'000'000; //!< bits per second
    static constexpr uint16_t IPV4 = 0x0800;          //!< protocol number

    /// @param a A node. @param b The next. @return device that sends from the one to the other.
    Ptr<PointToPointNetDevice> Join(Ptr<Node> a, Ptr<Node> b)
    {
        const auto channel = CreateObject<PointToPointChannel>();
        channel->SetAttribute("Delay", TimeValue(MicroSeconds(1)));
        Ptr<PointToPointNetDevice> ends[2];
        for (auto& end : ends)
        {
            end = CreateObject<PointToPointNetDevice>();
            end->SetAttribute("DataRate", DataRateValue(DataRate(RATE)));
            end->SetMtu(m_bytes);
            end->SetQueue(CreateObject<DropTailQueue<Packet>>());
            end->SetAddress(Mac48Address::Allocate());
        }
        a->AddDevice(ends[0]);
        b->AddDevice(ends[1]);
        ends[0]->Attach(channel);
        ends[1]->Attach(channel);
        ends[1]->SetReceiveCallback(MakeCallback(&PointToPointChain::Forward, this));
        return ends[0];
    }

    /// @brief Sends one packet from the first node, and the next when the line is free again.
    void SendNext()
    {
        m_onward.front()->Send(Create<Packet>(m_bytes), m_onward.front()->GetBroadcast(), IPV4);
        if (--m_left > 0)
        {
            const uint64_t bits = (m_bytes + 2) * uint64_t{8}; // with the PPP header
            Simulator::Schedule(PicoSeconds(bits * 1'000'000'000'000 / RATE),
                                &PointToPointChain::SendNext,
                                this);
        }
    }

    /**
     * @param device Where it came in. @param packet The packet.
     * @return true, since it is taken.
     */
    bool Forward(Ptr<NetDevice> device, Ptr<const Packet> packet, uint16_t, const Address&)
    {
        const uint32_t node = device->GetNode()->GetId() - m_nodes.Get(0)->GetId();
        if (node == LINKS)
        {
            ++m_arrived;
            return true;
        }
        return m_onward[node]->Send(packet->Copy(), m_onward[node]->GetBroadcast(), IPV4);
    }

    NodeContainer m_nodes;                            //!< the chain
    std::vector<Ptr<PointToPointNetDevice>> m_onward; //!< device towards the next node, by node
    uint64_t m_left;                                  //!< packets to send
    uint32_t m_bytes;                                 //!< size of each
    uint64_t m_packets;                               //!< packets in all
    uint64_t m_arrived{0};                            //!< packets at the end
};

/**
 * @param endpoints GPUs that take part. @param bytes Bytes of a flow. @param mtu Payload per frame.
 * @return how fast an all-to-all went.
 */
Speed
RunAllToAll(uint32_t endpoints, uint64_t bytes, uint16_t mtu)
{
    mixnetcore::HostSpec host;
    host.gpus = 1;
    host.opticalDegree = 0;
    host.electricalNics = 1;
    FabricHelper helper;
    helper.SetNicAttribute("Mtu", UintegerValue(mtu));
    const auto fabric = helper.Install(mixnetcore::PlanFatTree({2 * endpoints, host}));
    mixnetcore::PatternSpec pattern;
    pattern.endpoints = endpoints;
    pattern.bytesPerFlow = mixnetcore::Bytes(bytes);
    FlowJob job(fabric, mixnetcore::MakePattern("uniform", pattern));
    job.SetRouter(mixnetcore::MakeRouter(*fabric.plan));
    Simulator::Run(); // until all links are up
    job.Start();
    const double seconds = TimeRun();
    NS_ABORT_MSG_UNLESS(job.IsComplete(), "the all-to-all did not arrive whole");
    return {fabric.GetHopCounters().dataSent, seconds};
}

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
Measure(int argc, char* argv[])
{
    Time::SetResolution(Time::PS);
    ProgramOptions options(
        "Measures data packet-hops per second of wall time of an all-to-all on a "
        "fat-tree, beside ns-3's point-to-point device, in turn.",
        {"packet-hop-benchmark --rounds=3 --bytes=5MB --packets=100000",
         "packet-hop-benchmark --rounds=1 --bytes=1MB --packets=10000"});
    const auto section = options.Section(OptionGroup::Benchmark);
    section.Add("rounds", "How often both are measured", "3").Basic();
    section.Add("endpoints", "GPUs of the all-to-all", "8").Basic();
    section.Add("bytes", "Bytes of each of its flows", "200000000").Basic();
    section.Add("packets", "Packets along the chain", "1000000").Basic();
    section.Add("mtu", "Payload per frame, bytes", "9000");
    options.Parse(argc, argv);
    const auto rounds = options.Count("rounds", 1, 1000, "rounds");
    const auto endpoints = options.Count("endpoints", 2, 1024, "GPUs");
    const auto bytes = options.Size("bytes", 1, uint64_t{1} << 40);
    const auto packets = options.Count("packets", 1, 1'000'000'000, "packets");
    const auto mtu = options.Size("mtu", 64, 9216);
    options.Settle();

    std::vector<double> ratios;
    std::cout << "round   all-to-all M/s   point-to-point M/s   ratio\n" << std::fixed;
    for (uint64_t round = 0; round < rounds; ++round)
    {
        const auto ours = RunAllToAll(endpoints, bytes, mtu);
        Simulator::Destroy();
        const auto probe = PointToPointChain(packets, mtu).Run();
        Simulator::Destroy();
        ratios.push_back(ours.PerSecond() / probe.PerSecond());
        std::cout << std::setw(5) << round << std::setprecision(3) << std::setw(17)
                  << ours.PerSecond() * 1e-6 << std::setw(21) << probe.PerSecond() * 1e-6
                  << std::setprecision(2) << std::setw(8) << ratios.back() << std::endl;
    }
    std::sort(ratios.begin(), ratios.end());
    const double median = (ratios[(ratios.size() - 1) / 2] + ratios[ratios.size() / 2]) /
                          2; // of the two in the middle
    std::cout << "median ratio " << median << "; peak memory " << PeakMemoryBytes() / 1000000
              << " MB\n";
    return 0;
}

} // namespace

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
main(int argc, char* argv[])
{
    return RunProgram("packet-hop-benchmark", Measure, argc, argv);
}
