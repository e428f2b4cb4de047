/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * What fabrics are made of, and what it costs to set them up: ports, fibres and paths of a plan,
 * and time and memory of its tables and of its ns-3 objects.
 *
 * Run:    ./ns3 run "fabric-plans --servers=128,1024 --fabrics=fat-tree,rail-only"
 * Prints: a row per fabric and size; what the paper's authors count beside what the plan has.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"

#include <cmath>
#include <iomanip>
#include <iostream>
#include <malloc.h>
#include <optional>
#include <sstream>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

/// @return heap memory in use, bytes.
double
HeapNow()
{
    const auto state = mallinfo2();
    return double(state.uordblks) + double(state.hblkhd);
}

/**
 * @brief Counts as the authors of the paper make them (its appendix and their site).
 */
struct AuthorsCount
{
    double ports;  //!< ports of packet switches
    double fibres; //!< fibres
};

/**
 * @param plan A fabric.
 * @return what the authors count for it; nothing for fabrics that they do not count.
 */
std::optional<AuthorsCount>
CountOfAuthors(const mixnetcore::FabricPlan& plan)
{
    const double nics = double(plan.hosts) * plan.host.nics.size();
    if (plan.name == "fat-tree" || plan.name == "rail-optimized")
    {
        return AuthorsCount{5 * nics, 3 * nics};
    }
    if (plan.name == "rail-only")
    {
        return AuthorsCount{4 * nics, 2.5 * nics};
    }
    if (plan.name == "mixnet")
    {
        const double electrical =
            double(plan.hosts) * plan.host.NicsOn(mixnetcore::NicRole::Electrical).size();
        return AuthorsCount{5 * electrical, std::ceil(5 * electrical / 2) + (nics - electrical)};
    }
    return std::nullopt;
}

/**
 * @brief Prints one row: plans a fabric, computes its tables, installs it.
 * @param scenario The fabric.
 * @param planSeconds Wall time of the plan.
 */
void
PrintFabric(const FabricScenario& scenario, double planSeconds)
{
    const auto& plan = scenario.plan;
    const auto count = CountFabric(plan);
    const auto nics = static_cast<uint32_t>(plan.hosts * plan.host.nics.size());
    const auto electrical = plan.host.NicsOn(mixnetcore::NicRole::Electrical).front();

    auto begin = WallClock::now();
    const mixnetcore::ForwardingPlan tables(plan);
    const double tableSeconds = SecondsSince(begin);
    const auto perHost = static_cast<uint32_t>(plan.host.nics.size());
    const uint64_t paths = tables.PathsBetween(electrical, (plan.hosts - 1) * perHost + electrical);

    const double before = HeapNow();
    begin = WallClock::now();
    {
        const auto fabric = InstallFabric(scenario);
        const double installSeconds = SecondsSince(begin);
        const double memory = HeapNow() - before;
        const auto authors = CountOfAuthors(plan);
        std::ostringstream author;
        if (authors)
        {
            author << authors->ports / nics << " / " << authors->fibres / nics;
        }
        std::ostringstream ours;
        ours << double(count.switchPorts) / nics << " / " << double(count.fibres) / nics;
        std::cout << std::setw(7) << plan.hosts << "  " << std::left << std::setw(16) << plan.name
                  << std::right << std::setw(8) << nics << std::setw(9)
                  << plan.nodes.size() - plan.hosts << std::setw(9) << count.switchPorts
                  << std::setw(9) << count.fibres << std::setw(14) << count.transceivers << "  "
                  << std::setw(16) << ours.str() << std::setw(16) << author.str() << std::setw(8)
                  << paths << std::setw(7) << tables.LongestPathLinks() << std::fixed
                  << std::setprecision(2) << std::setw(8) << planSeconds << std::setw(8)
                  << tableSeconds << std::setw(9) << installSeconds << std::setprecision(1)
                  << std::setw(9) << tables.Bytes() * 1e-6 << std::setw(9) << memory * 1e-6
                  << std::defaultfloat << std::setprecision(6) << std::endl;
    }
    Simulator::Destroy();
}

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
PrintPlans(int argc, char* argv[])
{
    Time::SetResolution(Time::PS);
    ProgramOptions options(
        "Plans fabrics of servers with eight GPUs, computes their tables and "
        "installs them, and prints what they are made of and what that costs.",
        {"fabric-plans --servers=128", "fabric-plans --servers=16,128 --fabrics=rail-only,mixnet"});
    const auto section = options.Section(OptionGroup::Fabric);
    section.Add("servers", "Sizes, servers, with commas in between", "128,512,1024,4096").Basic();
    section
        .Add("fabrics",
             "Fabrics, with commas in between",
             "fat-tree,rail-optimized,rail-only,mixnet,oversub-fat-tree")
        .Basic()
        .OneOf("fabrics", mixnetcore::FabricPlanners());
    section.Add("regionServers",
                "Servers of an optical region; 0 for all",
                "8",
                "mixnet among the --fabrics");
    AddFabricOptions(options, "fat-tree");
    options.WithdrawAllBut(OwnOptionsOf("fabric-plans"),
                           "a program that sends something; here fabrics are counted");
    options.Parse(argc, argv);

    std::vector<std::pair<FabricScenario, double>> scenarios; // with wall seconds of the plan
    for (const auto& size : mixnetcore::ParseList("servers", options.Text("servers")))
    {
        const auto servers = mixnetcore::ParseCount("servers", size, 1, 1 << 16, "servers");
        for (const auto& name : mixnetcore::ParseList("fabrics", options.Text("fabrics")))
        {
            const auto& names = mixnetcore::FabricPlanners().Names();
            const auto fabric = mixnetcore::IsJsonPath(name)
                                    ? name
                                    : mixnetcore::ParseChoice("fabrics", name, names);
            auto one = options;
            one.Set("fabric", fabric);
            const bool hasRegions = options.Made("fabrics", [&fabric] {
                return mixnetcore::FabricPlannerOf(fabric).hasRegions;
            });
            const auto regionServers = hasRegions ? ParseRegionServers(options, servers) : 0;
            const auto begin = WallClock::now();
            auto scenario = ParseFabricOptions(one, servers, 8, regionServers);
            scenarios.emplace_back(std::move(scenario), SecondsSince(begin));
        }
    }
    options.Settle();
    std::cout << "                                               switch                         "
                 "   ports / fibres per NIC    equal            seconds of wall time       MB\n"
                 "servers  fabric              NICs switches    ports   fibres  transceivers     "
                 "       plan         authors   paths  links    plan  tables  install   tables  "
                 "install\n";
    for (const auto& [scenario, planSeconds] : scenarios)
    {
        PrintFabric(scenario, planSeconds);
    }
    std::cout
        << "\nequal paths: between the first and the last server, same NIC. links: of the longest "
           "path.\nrail-only: each rail is a non-blocking network of the fewest tiers that the "
           "radix allows: 1 / 1 with\none switch per rail, 3 / 2 with two tiers, 5 / 3 with three. "
           "The authors' 4 / 2.5 lies between the two\nlast and is no count of whole switches.\n"
           "mixnet: fibres of the plan join both ends; the authors' ceil(5e/2) + (N - e) counts "
           "half "
           "of the\nelectrical switch ports and leaves out that each electrical NIC needs a "
           "fibre.\n";
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
    return RunProgram("fabric-plans", PrintPlans, argc, argv);
}
