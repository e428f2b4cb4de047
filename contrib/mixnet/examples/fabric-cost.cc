/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * What fabrics cost and draw: the parts of their plans, and as the paper's authors count them.
 *
 *     servers, fabrics, line rates -> plans -> parts -> prices -> dollars, watts
 *
 * Run:    ./ns3 run "fabric-cost --servers=128,512 --linkRates=100Gb/s,400Gb/s"
 *         ./ns3 run "fabric-cost --shortLinks=copper --prices=my-prices.json"
 * Prints: a table per line rate. Writes cost.csv and summary.json.
 *
 * @see MixNet, section 7.2 and appendix D.2, D.3
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

using mixnetcore::NetworkCost;
using mixnetcore::PartKind;

constexpr const char* PROGRAM = "fabric-cost"; //!< this one
constexpr const char* TABLE = "cost.csv";      //!< its results
constexpr uint32_t GPUS = 8;                   //!< of a server
constexpr const char* MIXNET = "mixnet";       //!< what others are compared with

/// @brief What a fabric costs.
struct FabricPrice
{
    std::string fabric;                 //!< its name
    uint32_t servers;                   //!< of the fabric
    mixnetcore::BitsPerSecond linkRate; //!< of its NICs
    uint32_t largestOcs;                //!< ports of its largest optical switch; 0 without any
    NetworkPrice price;                 //!< what it costs

    /// @param isAuthors Whether by the rules of the authors. @return its price; 0 if there is none.
    double Usd(bool isAuthors) const
    {
        return !isAuthors ? price.plan.usd : price.authors ? price.authors->usd : 0;
    }
};

/// @return the options with their defaults.
ProgramOptions
DeclareOptions()
{
    ProgramOptions options(
        "Plans fabrics of servers with eight GPUs and prints what their networks "
        "cost and draw: the parts of a plan, and as the paper's authors count.",
        {"fabric-cost", "fabric-cost --servers=512 --shortLinks=copper"});
    const auto section = options.Section(OptionGroup::Fabric);
    section.Add("servers", "Sizes, servers, with commas in between", "128").Basic();
    section
        .Add("linkRates",
             "Line rates of NICs, with commas in between",
             "100Gb/s,200Gb/s,400Gb/s,800Gb/s")
        .Basic();
    section
        .Add("fabrics",
             "Fabrics, with commas in between",
             "mixnet,fat-tree,oversub-fat-tree,rail-optimized,rail-only,topoopt")
        .Basic()
        .OneOf("fabrics", mixnetcore::FabricPlanners());
    section.Add("regionServers",
                "Servers of an optical region; 0 for all",
                "8",
                "mixnet or rotor among the --fabrics");
    AddCostOptions(options, "mixnet-sigcomm25");
    AddFabricOptions(options, MIXNET);
    options.Section(OptionGroup::Output)
        .Add("output", "Folder for the table, or none", ProgramOptions::NONE)
        .Basic()
        .Output();
    auto known = OwnOptionsOf(PROGRAM);
    options.WithdrawAllBut(known, "a program that sends something; here parts are counted");
    return options;
}

/// @param plan A fabric. @return ports of its largest optical switch or panel; 0 without any.
uint32_t
LargestOcs(const mixnetcore::FabricPlan& plan)
{
    uint32_t largest = 0;
    for (const auto& node : plan.nodes)
    {
        if (node.role == mixnetcore::NodeRole::OpticalCircuitSwitch)
        {
            largest = std::max(largest, node.ports);
        }
    }
    return largest;
}

/**
 * @param options The options. @param name A fabric. @param servers How many.
 * @param rate Line rate, as text. @param rules What it is priced by.
 * @return what it costs.
 */
FabricPrice
PriceFabric(const ProgramOptions& options,
            const std::string& name,
            uint32_t servers,
            const std::string& rate,
            const CostRules& rules)
{
    const bool hasRegions =
        options.Made("fabrics", [&name] { return mixnetcore::FabricPlannerOf(name).hasRegions; });
    const auto region = hasRegions ? ParseRegionServers(options, servers) : 0;
    auto one = options;
    one.Set("fabric", name);
    if (!mixnetcore::IsJsonPath(name)) // which says its rates itself
    {
        one.Set("linkRate", rate);
    }
    const auto plan = ParseFabricOptions(one, servers, GPUS, region).plan;
    return {plan.name,
            servers,
            mixnetcore::ParseRate("linkRates", rate),
            LargestOcs(plan),
            options.Made("prices", [&] { return PriceNetwork(plan, rules); })};
}

/// @param options The options. @param rules What fabrics are priced by.
/// @return what all of them cost: by rate, size and fabric.
std::vector<FabricPrice>
PriceAll(const ProgramOptions& options, const CostRules& rules)
{
    const auto rates = mixnetcore::ParseList("linkRates", options.Text("linkRates"));
    const auto sizes = mixnetcore::ParseList("servers", options.Text("servers"));
    const auto fabrics = mixnetcore::ParseList("fabrics", options.Text("fabrics"));
    std::vector<FabricPrice> prices;
    for (const auto& rate : rates)
    {
        for (const auto& size : sizes)
        {
            const auto servers = static_cast<uint32_t>(
                mixnetcore::ParseCount("servers", size, 1, 1 << 16, "servers"));
            for (const auto& fabric : fabrics)
            {
                const auto name =
                    mixnetcore::IsJsonPath(fabric)
                        ? fabric
                        : mixnetcore::ParseChoice("fabrics",
                                                  fabric,
                                                  mixnetcore::FabricPlanners().Names());
                prices.push_back(PriceFabric(options, name, servers, rate, rules));
            }
        }
    }
    return prices;
}

/// @param all All prices. @param of One of them. @param isAuthors By which count.
/// @return its price over that of mixnet with as many servers and the same rate; 0 if there is
/// none.
double
OverMixnet(const std::vector<FabricPrice>& all, const FabricPrice& of, bool isAuthors)
{
    const auto found = std::find_if(all.begin(), all.end(), [&of](const FabricPrice& other) {
        return other.fabric == MIXNET && other.servers == of.servers &&
               other.linkRate == of.linkRate;
    });
    return found == all.end() ? 0 : of.Usd(isAuthors) / found->Usd(isAuthors);
}

/// @param value A number that is 0 where there is none. @param width Columns. @param digits Behind
/// the point. @brief Prints it, or a dash.
void
PrintOrDash(double value, int width, int digits)
{
    if (value == 0)
    {
        std::cout << std::setw(width) << '-';
        return;
    }
    std::cout << std::setw(width) << mixnetcore::FixedText(value, digits);
}

/// @param all What all fabrics cost. @param first First of a rate. @param last Behind its last.
/// @brief Prints these.
void
PrintRate(const std::vector<FabricPrice>& all, size_t first, size_t last)
{
    std::cout
        << '\n'
        << mixnetcore::ExactText(all[first].linkRate)
        << ": parts of the plan                                                               "
           "million dollars   dollars per GPU    over mixnet\n"
           "fabric             GPUs    NICs  modules   ports  OCS ports  panel  largest  fibres  "
           "cables    plan authors     plan authors    plan authors       kW\n";
    for (size_t i = first; i < last; ++i)
    {
        const auto& price = all[i];
        const auto count = [&price](PartKind kind) {
            double sum = 0;
            for (const auto& part : price.price.plan.parts)
            {
                sum += part.kind == kind ? part.count : 0;
            }
            return sum;
        };
        const double gpus = double(price.servers) * GPUS;
        std::cout << std::left << std::setw(16) << price.fabric << std::right << std::setw(7)
                  << gpus;
        PrintOrDash(count(PartKind::Nic), 8, 0);
        PrintOrDash(count(PartKind::Transceiver), 9, 0);
        PrintOrDash(count(PartKind::ElectricalPort), 8, 0);
        PrintOrDash(count(PartKind::OcsPort), 11, 0);
        PrintOrDash(count(PartKind::PanelPort), 7, 0);
        PrintOrDash(price.largestOcs, 9, 0);
        PrintOrDash(count(PartKind::Fibre), 8, 0);
        PrintOrDash(count(PartKind::CopperCable) + count(PartKind::OpticalCable), 8, 0);
        for (const bool isAuthors : {false, true})
        {
            PrintOrDash(price.Usd(isAuthors) * 1e-6, 8, 3);
        }
        std::cout << ' ';
        for (const bool isAuthors : {false, true})
        {
            PrintOrDash(price.Usd(isAuthors) / gpus, 8, 0);
        }
        for (const bool isAuthors : {false, true})
        {
            PrintOrDash(OverMixnet(all, price, isAuthors), 8, 3);
        }
        PrintOrDash(price.price.plan.watts * 1e-3, 9, 1);
        std::cout << '\n';
    }
}

/// @param all What all fabrics cost. @param file Gets a row for each kind of part of each.
void
WriteTable(const std::vector<FabricPrice>& all, OutputFile& file)
{
    file << "fabric,servers,gpus,linkRateBitsPerSecond,counting,part,partRateBitsPerSecond,count,"
            "usd,watts,isInterpolated\n";
    for (const auto& price : all)
    {
        const auto write = [&](const NetworkCost& cost, const char* counting) {
            for (const auto& part : cost.parts)
            {
                file << price.fabric << ',' << price.servers << ',' << price.servers * GPUS << ','
                     << price.linkRate.Count() << ',' << counting << ',' << NameOf(part.kind) << ','
                     << part.rate.Count() << ',' << part.count << ',' << part.usd << ','
                     << part.watts << ',' << (part.isInterpolated ? 1 : 0) << '\n';
            }
        };
        write(price.price.plan, "plan");
        if (price.price.authors)
        {
            write(*price.price.authors, "authors");
        }
    }
}

/// @param rules What fabrics are priced by. @param all What they cost. @brief Prints what it rests
/// on.
void
PrintNotes(const CostRules& rules, const std::vector<FabricPrice>& all)
{
    std::cout << "\nprices: " << rules.prices.Title() << '\n';
    for (const auto& source : rules.prices.Sources())
    {
        std::cout << "- " << source << '\n';
    }
    std::cout << "plan: ports and fibres in use; authors: per NIC, whatever the number of "
                 "switches, as in "
                 "the\nchapter on cost. modules: transceivers. largest: ports of the largest "
                 "optical switch or panel.\nkW: of the plan, network only.\n";
    if (std::any_of(all.begin(), all.end(), [](const FabricPrice& price) {
            return price.price.plan.IsInterpolated();
        }))
    {
        std::cout
            << "Prices between two listed line rates are interpolated linearly in the rate.\n";
    }
}

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
PrintCosts(int argc, char* argv[])
{
    Time::SetResolution(Time::PS);
    auto options = DeclareOptions();
    options.Parse(argc, argv);
    const auto rules = *ParseCostOptions(options);
    const auto all = PriceAll(options, rules);
    const auto& output = options.Text("output");
    options.Settle();
    for (size_t first = 0; first < all.size();)
    {
        size_t last = first;
        while (last < all.size() && all[last].linkRate == all[first].linkRate)
        {
            ++last;
        }
        PrintRate(all, first, last);
        first = last;
    }
    PrintNotes(rules, all);
    if (output != ProgramOptions::NONE)
    {
        ResultFolder folder(output, {TABLE});
        auto file = folder.OpenWhole(TABLE);
        file << std::setprecision(12);
        WriteTable(all, file);
        file.Close();
        auto summary = options.Record().Summary(PROGRAM);
        if (all.size() == 1)
        {
            summary["gpus"] = all.front().servers * GPUS;
            summary["network"] = SummarizePrice(all.front().price);
        }
        folder.WriteSummary(summary);
    }
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
    return RunProgram(PROGRAM, PrintCosts, argc, argv);
}
