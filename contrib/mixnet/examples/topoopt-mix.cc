/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * What an all-to-all costs on circuits that are laid once: TopoOpt beside switches, for a job of an
 * all-reduce over all servers and a uniform all-to-all between them (TopoOpt, NSDI 2023).
 *
 *     all-reduce   around the rings of the plan; on switches around a ring over every NIC
 *     all-to-all   over shortest paths, servers pass it on; on switches evenly over all NICs
 *
 * Both begin at once and share lines; the time is that of the last byte. Nothing computes. A ring
 * is a fluid, without the latency of its steps. A server has one GPU with all its NICs: nothing
 * inside of it is a bottleneck.
 *
 * Run:    ./ns3 run "topoopt-mix --servers=32 --degrees=4 --shares=0,0.8"
 * Prints: a row per share of the all-to-all; writes mix.csv with --output. With --diameters a table
 * of the diameters of rings instead, and diameters.csv.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"

#include <cmath>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

using mixnetcore::Bytes;
using mixnetcore::NicRole;
using mixnetcore::Picoseconds;

constexpr const char* PROGRAM = "topoopt-mix";          //!< name in messages and results
constexpr const char* ONLY = "only";                    //!< in place of a share: no all-reduce
constexpr const char* MIX_TABLE = "mix.csv";            //!< results of mixes
constexpr const char* DIAMETER_TABLE = "diameters.csv"; //!< results with --diameters

/**
 * @brief A job, and what users call it.
 */
struct NamedMix
{
    std::string name;           //!< share of the all-to-all
    mixnetcore::TrafficMix mix; //!< what is sent
};

/**
 * @brief A part of a rate.
 */
struct Fraction
{
    std::string name;                   //!< as users give it
    mixnetcore::BitsPerSecond lineRate; //!< that part of the rate of the study
};

/**
 * @brief What the user asks for.
 */
struct Study
{
    std::vector<uint32_t> degrees;      //!< NICs of a server
    std::vector<NamedMix> mixes;        //!< in their order
    mixnetcore::BitsPerSecond linkRate; //!< of a NIC
    std::vector<Fraction> fractions;    //!< of the rate, for fat-trees
    Fidelity fidelity{Fidelity::Flow};  //!< how messages are carried
};

/// @param nics NICs. @param rate Their line rate. @param role Where they end. @return a server.
mixnetcore::HostSpec
ServerWith(uint32_t nics, mixnetcore::BitsPerSecond rate, NicRole role)
{
    mixnetcore::HostSpec host;
    host.gpus = 1;
    host.opticalDegree = role == NicRole::Optical ? nics : 0;
    host.electricalNics = nics - host.opticalDegree;
    host.linkRate = rate;
    return host;
}

/// @param study What is asked for. @param mix A job. @param degree NICs of a server.
/// @return TopoOpt's fabric for it.
mixnetcore::FabricPlan
PlanCircuits(const Study& study, const mixnetcore::TrafficMix& mix, uint32_t degree)
{
    mixnetcore::TopoOptSpec spec;
    spec.hosts = mix.servers;
    spec.host = ServerWith(degree, study.linkRate, NicRole::Optical);
    spec.traffic = mix.Traffic();
    return mixnetcore::PlanTopoOpt(spec);
}

/// @param study What is asked for. @param servers How many. @param degree NICs of a server.
/// @return one switch for all.
mixnetcore::FabricPlan
PlanSwitch(const Study& study, uint32_t servers, uint32_t degree)
{
    mixnetcore::IdealSwitchSpec spec;
    spec.hosts = servers;
    spec.host = ServerWith(degree, study.linkRate, NicRole::Electrical);
    auto plan = mixnetcore::PlanIdealSwitch(spec);
    plan.router = "spread"; // over all NICs of the GPU
    return plan;
}

/// @param servers How many. @param degree NICs of a server. @param rate Their line rate.
/// @return a non-blocking fat-tree.
mixnetcore::FabricPlan
PlanTree(uint32_t servers, uint32_t degree, mixnetcore::BitsPerSecond rate)
{
    mixnetcore::FatTreeSpec spec;
    spec.hosts = servers;
    spec.host = ServerWith(degree, rate, NicRole::Electrical);
    auto plan = mixnetcore::PlanFatTree(spec);
    plan.router = "spread";
    return plan;
}

/**
 * @brief How an iteration of a mix went on a network.
 */
struct Result
{
    mixnetcore::MixLoads loads; //!< what NICs had to send
    Picoseconds bound{0};       //!< time that the busiest line takes for it
    Picoseconds time{0};        //!< what it took
    uint64_t sentBytes{0};      //!< that NICs put on their lines, headers included
};

/// @param plan A network. @param mix What is sent. @param fidelity How messages are carried.
/// @return how it went.
Result
Simulate(const mixnetcore::FabricPlan& plan, const mixnetcore::TrafficMix& mix, Fidelity fidelity)
{
    FabricScenario scenario;
    scenario.plan = plan;
    scenario.opticalFidelity = scenario.electricalFidelity = fidelity;
    Result result;
    {
        const auto fabric = InstallFabric(scenario);
        fabric.Initialize();
        const auto routes = mixnetcore::RouteMix(plan, mix);
        result.loads = mixnetcore::LoadsOfMix(plan, routes);
        TransferJob job(fabric, routes.All());
        result.bound = job.BoundOfLines();
        result.time = job.Run();
        for (uint32_t host = 0; host < plan.hosts; ++host)
        {
            for (uint32_t nic = 0; nic < plan.host.nics.size(); ++nic)
            {
                result.sentBytes += fabric.GetSentBytes(host, nic);
            }
        }
    }
    Simulator::Destroy();
    return result;
}

/**
 * @brief A plan of circuits for a mix, and how far bytes go over them.
 */
struct CircuitPlan
{
    mixnetcore::FabricPlan plan;            //!< the fabric
    mixnetcore::RouteStatistics statistics; //!< of the same between all servers
    double links;                           //!< NICs of a server with a signal and in no ring
    uint64_t busiestOfRings;                //!< most that a NIC would send if all were in rings

    /// @param study What is asked for. @param mix A job. @param degree NICs of a server.
    CircuitPlan(const Study& study, const mixnetcore::TrafficMix& mix, uint32_t degree)
        : plan(PlanCircuits(study, mix, degree)),
          statistics(mixnetcore::StatisticsOfRoutes(plan, Uniform(mix.servers))),
          links(static_cast<double>(mixnetcore::CircuitsOf(plan).size()) / plan.hosts -
                static_cast<double>(plan.rings.size()))
    {
        const auto rings = PlanCircuits(study, RingsOnly(mix.servers), degree);
        busiestOfRings =
            mixnetcore::LoadsOfMix(rings, mixnetcore::RouteMix(rings, mix)).busiest.All();
    }

    /// @param servers How many. @return a job that has rings laid on all NICs.
    static mixnetcore::TrafficMix RingsOnly(uint32_t servers)
    {
        return {servers, Bytes(1), Bytes(0)};
    }

    /// @param servers How many. @return the same from each to each other one.
    static mixnetcore::DemandMatrix Uniform(uint32_t servers)
    {
        constexpr Bytes MEGABYTE(1'000'000); // in eight parts or less, to the byte or nearly so
        return mixnetcore::TrafficMix{servers, Bytes(0), MEGABYTE}.Traffic().modelParallel;
    }
};

/// @param time A span of time. @return seconds.
double
Seconds(Picoseconds time)
{
    return static_cast<double>(time.count()) * 1e-12;
}

/// @param a A time. @param b Another, above 0. @return the first over the second.
double
Ratio(Picoseconds a, Picoseconds b)
{
    return static_cast<double>(a.count()) / static_cast<double>(b.count());
}

/**
 * @brief Runs the mixes at one degree, and tells of each as soon as it is done.
 */
class DegreeTable
{
  public:
    /// @param study What is asked for. @param degree NICs of a server. @param file Gets the rows.
    DegreeTable(const Study& study, uint32_t degree, OutputFile& file)
        : m_study(study),
          m_degree(degree),
          m_file(file)
    {
    }

    /// @brief Runs and prints all rows. @param plans Circuits of each mix.
    void Run(const std::vector<CircuitPlan>& plans) const
    {
        PrintHead();
        for (size_t row = 0; row < plans.size(); ++row)
        {
            RunRow(m_study.mixes[row], plans[row]);
        }
    }

  private:
    /// @brief Prints what the columns are.
    void PrintHead() const
    {
        std::cout << std::defaultfloat << std::setprecision(6) << "\n"
                  << m_study.mixes.front().mix.servers << " servers with " << m_degree
                  << " NICs of " << static_cast<double>(m_study.linkRate.Count()) * 1e-9
                  << " Gb/s\n"
                     "                  bandwidth  mean  dia-  busiest circuit, GB  over  "
                     "        TopoOpt, ms         ideal   TopoOpt over\n"
                     "share rings links       tax  hops meter  reduce  all-to-all  mean  "
                     "   time    bound    rings      ms   ideal  fat-tree at";
        for (const auto& fraction : m_study.fractions)
        {
            std::cout << ' ' << std::setw(6) << fraction.name;
        }
        std::cout << std::endl;
    }

    /// @param named A mix. @param circuits Its circuits.
    void RunRow(const NamedMix& named, const CircuitPlan& circuits) const
    {
        const auto& mix = named.mix;
        const auto topoOpt = Simulate(circuits.plan, mix, m_study.fidelity);
        Write(named, "topoopt", {"1", m_study.linkRate}, topoOpt, &circuits);
        PrintCircuits(named, circuits, topoOpt);
        const auto ideal =
            Simulate(PlanSwitch(m_study, mix.servers, m_degree), mix, m_study.fidelity);
        Write(named, "ideal-switch", {"1", m_study.linkRate}, ideal);
        std::cout << std::setprecision(2) << std::setw(8) << Seconds(ideal.time) * 1e3
                  << std::setprecision(3) << std::setw(8) << Ratio(topoOpt.time, ideal.time)
                  << std::string(13, ' ') << std::flush;
        for (const auto& fraction : m_study.fractions)
        {
            const auto tree =
                Simulate(PlanTree(mix.servers, m_degree, fraction.lineRate), mix, m_study.fidelity);
            Write(named, "fat-tree", fraction, tree);
            std::cout << std::setw(7) << Ratio(topoOpt.time, tree.time) << std::flush;
        }
        std::cout << std::endl;
    }

    /// @param named A mix. @param circuits Its circuits. @param result How it went over them.
    static void PrintCircuits(const NamedMix& named,
                              const CircuitPlan& circuits,
                              const Result& result)
    {
        std::cout << std::setw(5) << named.name << std::setw(6) << circuits.plan.rings.size()
                  << std::fixed << std::setprecision(1) << std::setw(6) << circuits.links
                  << std::setprecision(3) << std::setw(10) << result.loads.BandwidthTax(named.mix)
                  << std::setprecision(2) << std::setw(6) << circuits.statistics.meanHops
                  << std::setw(6) << circuits.statistics.diameter << std::setprecision(3)
                  << std::setw(8) << static_cast<double>(result.loads.busiest.allReduce) * 1e-9
                  << std::setw(12) << static_cast<double>(result.loads.busiest.allToAll) * 1e-9
                  << std::setw(7) << result.loads.Unevenness() << std::setprecision(2)
                  << std::setw(8) << Seconds(result.time) * 1e3 << std::setw(9)
                  << Seconds(result.bound) * 1e3 << std::setw(9)
                  << RingBound(circuits, result) * 1e3 << std::flush;
    }

    /// @param circuits Of a mix. @param result How it went over them. @return seconds that the
    /// busiest circuit would take if all NICs were in rings.
    static double RingBound(const CircuitPlan& circuits, const Result& result)
    {
        return Seconds(result.bound) * static_cast<double>(circuits.busiestOfRings) /
               static_cast<double>(result.loads.busiest.All());
    }

    /// @param named A mix. @param kind Of the network. @param fraction Its rate.
    /// @param result How it went. @param circuits Its circuits, where it has some.
    void Write(const NamedMix& named,
               const std::string& kind,
               const Fraction& fraction,
               const Result& result,
               const CircuitPlan* circuits = nullptr) const
    {
        m_file << m_degree << ',' << named.name << ',' << kind << ',' << fraction.name << ','
               << fraction.lineRate.Count() << ',';
        if (circuits)
        {
            m_file << circuits->plan.rings.size() << ',' << circuits->links << ','
                   << circuits->statistics.meanHops << ',' << circuits->statistics.diameter;
        }
        else
        {
            m_file << ",,,";
        }
        m_file << ',' << named.mix.RingBytes().Count() << ',' << named.mix.AllToAllBytes().Count()
               << ',' << result.loads.BandwidthTax(named.mix) << ','
               << result.loads.busiest.allReduce << ',' << result.loads.busiest.allToAll << ','
               << result.loads.Unevenness() << ',' << result.sentBytes << ','
               << Seconds(result.bound) << ',' << Seconds(result.time) << ',';
        if (circuits)
        {
            m_file << RingBound(*circuits, result);
        }
        m_file << std::endl;
    }

    const Study& m_study; //!< what is asked for
    uint32_t m_degree;    //!< NICs of a server
    OutputFile& m_file;   //!< rows of results
};

/**
 * @brief A bandwidth tax that was published for one mix of 128 servers.
 */
struct PublishedTax
{
    uint32_t degree; //!< NICs of a server
    double tax;      //!< bytes times circuits over bytes
};

/**
 * @brief Prints what TopoOpt's authors publish, and what that comes to here.
 *
 * With h circuits from server to server on average, the tax of a share s is
 * (1 + s h) / (1 + s); so a tax tells the share: (tax - 1) / (h - tax).
 *
 * @param study What is asked for.
 */
void
PrintPublished(const Study& study)
{
    constexpr uint32_t SERVERS = 128;
    constexpr PublishedTax published[] = {{4, 1.11}, {8, 1.05}};
    if (study.mixes.front().mix.servers != SERVERS)
    {
        return;
    }
    std::cout << "\nPublished (TopoOpt, NSDI 2023, all-to-alls, 128 servers):\n";
    for (const auto& [degree, tax] : published)
    {
        const auto hops =
            CircuitPlan(study, CircuitPlan::RingsOnly(SERVERS), degree).statistics.meanHops;
        std::cout << "  bandwidth tax " << std::setprecision(2) << tax << " at degree " << degree
                  << ", batch 64: with the " << hops << " hops of rings alone here that is a share "
                  << "of " << std::setprecision(3) << (tax - 1) / (hops - tax) << '\n';
    }
    std::cout << "  1.1 times the iteration of a fat-tree of the same cost at a share of 0.8, "
                 "computing included;\n  an ideal switch costs 3.2 times as much on average\n";
}

/// @param study What is asked for. @param file Gets the rows. @brief Prints diameters of rings.
void
PrintDiameters(const Study& study, OutputFile& file)
{
    constexpr uint32_t SERVERS[] = {8, 16, 32, 64, 128, 256, 512};
    constexpr uint32_t DEGREES[] = {2, 3, 4, 5, 6, 7, 8};
    std::ostringstream largest;
    double most = 0;
    file << "servers,degree,diameter,constant" << std::endl;
    std::cout << "Rings of an all-reduce of n servers with d NICs\n\n"
                 "       diameter                             over d n^(1/d)\n      n";
    for (const auto* end : {"  ", "\n"})
    {
        for (const auto degree : DEGREES)
        {
            std::cout << "  d=" << degree << (*end == '\n' ? "  " : " ");
        }
        std::cout << end;
    }
    std::cout << std::fixed;
    for (const auto servers : SERVERS)
    {
        std::ostringstream constants;
        constants << std::fixed << std::setprecision(2);
        std::cout << std::setw(7) << servers;
        for (const auto degree : DEGREES)
        {
            const auto plan = PlanCircuits(study, CircuitPlan::RingsOnly(servers), degree);
            const auto diameter =
                mixnetcore::CircuitGraph(servers, mixnetcore::CircuitsOf(plan)).Diameter();
            const double constant = diameter / (degree * std::pow(servers, 1.0 / degree));
            if (constant > most)
            {
                most = constant;
                largest.str("");
                largest << servers << " servers with " << degree << " NICs";
            }
            std::cout << std::setw(5) << diameter << ' ';
            constants << std::setw(5) << constant << "  ";
            file << servers << ',' << degree << ',' << diameter << ',' << constant << std::endl;
        }
        std::cout << "  " << constants.str() << std::endl;
    }
    std::cout << "\nThe largest constant is " << std::setprecision(3) << most << ", of "
              << largest.str() << ". Published: a diameter in the order of d n^(1/d).\n";
}

/// @return the options with their defaults.
ProgramOptions
DeclareOptions()
{
    constexpr auto mix = "a mix, no --diameters";
    ProgramOptions options(
        "Sends an all-reduce and an all-to-all at once over TopoOpt's circuits, an ideal switch "
        "and "
        "fat-trees of slower lines, and compares what it takes.",
        {"topoopt-mix --servers=32 --degrees=4 --shares=0,0.8", "topoopt-mix --diameters"});
    const auto fabric = options.Section(OptionGroup::Fabric);
    const auto traffic = options.Section(OptionGroup::Traffic);
    traffic
        .Add("shares",
             "Bytes of the all-to-all over those that the all-reduce sends, 0 to 10, with commas "
             "in between; only for as many as at 1, without the all-reduce",
             "0,0.2,0.4,0.8",
             mix)
        .Basic();
    traffic.Add("allReduceBytes", "Buffer of each server that is reduced, bytes", "1GB", mix)
        .Basic();
    fabric.Add("servers", "Servers, 2 to 512; each has one GPU", "128", mix).Basic();
    fabric.Add("degrees", "NICs of a server, 1 to 64, with commas in between", "4,8", mix).Basic();
    fabric.Add("linkRate", "Line rate of a NIC, bits per second, 1Gb/s at least", "100Gb/s", mix)
        .Basic();
    fabric
        .Add("rates",
             "Line rates of fat-trees, parts of linkRate, 0.01 to 1, as 0.4 or 1/3, with commas in "
             "between",
             "1,1/2,1/3,1/4",
             mix)
        .Basic();
    options.Section(OptionGroup::Fidelity)
        .Add("fidelity",
             "How messages are carried: flow, at max-min fair rates, or packet, which is for few "
             "servers and bytes",
             ToString(Fidelity::Flow),
             mix)
        .Basic();
    auto& diameters = options.Section(OptionGroup::Output)
                          .Add("diameters",
                               "Whether the diameters of rings are printed, of 8 to 512 servers "
                               "with 2 to 8 NICs, and nothing is sent",
                               "no")
                          .Basic()
                          .YesOrNo();
    diameters.bare = "yes";
    options.Section(OptionGroup::Output)
        .Add("output", "Folder for the tables, or none", ProgramOptions::NONE)
        .Basic()
        .Output();
    return options;
}

/// @param options The options. @param text One of --rates. @param linkRate The whole.
/// @return that part of it.
Fraction
ParseFraction(const ProgramOptions& options,
              const std::string& text,
              mixnetcore::BitsPerSecond linkRate)
{
    constexpr double LEAST = 0.01;
    constexpr uint64_t LARGEST = 1000;
    const auto slash = text.find('/');
    double part = 0;
    if (slash == std::string::npos)
    {
        part = mixnetcore::ParseNumber("rates", text, LEAST, 1);
    }
    else
    {
        const auto parts = mixnetcore::TryParseCount(text.substr(0, slash), 1, LARGEST);
        const auto whole = mixnetcore::TryParseCount(text.substr(slash + 1), 1, LARGEST);
        part = parts && whole ? static_cast<double>(*parts) / static_cast<double>(*whole) : 0;
        if (part < LEAST || part > 1)
        {
            options.Refuse("rates", text + " must be a part from 0.01 to 1, as 0.4 or 1/3");
        }
    }
    const auto rate = std::llround(part * static_cast<double>(linkRate.Count()));
    return {text, mixnetcore::BitsPerSecond(rate)};
}

/// @param options The options. @param text One of --shares. @param servers How many.
/// @param buffer Of the all-reduce. @return the mix.
NamedMix
ParseMix(const ProgramOptions& options, const std::string& text, uint32_t servers, uint64_t buffer)
{
    constexpr double LARGEST = 10;
    const bool isOnly = text == ONLY;
    const double share = isOnly ? 1 : mixnetcore::ParseNumber("shares", text, 0, LARGEST);
    // Of 2 (k - 1) / k buffers, to k - 1 others.
    const auto perPair = std::llround(share * 2 * static_cast<double>(buffer) / servers);
    if (share > 0 && perPair == 0)
    {
        options.Refuse("shares",
                       text + " of --allReduceBytes is less than a byte from each server to each "
                              "other");
    }
    return {text, {servers, Bytes(isOnly ? 0 : buffer), Bytes(perPair)}};
}

/// @param options The options. @param study Gets its mixes and networks.
void
ParseMixes(const ProgramOptions& options, Study& study)
{
    constexpr uint64_t MOST_SERVERS = 512;
    constexpr uint64_t MOST_NICS = 64;
    constexpr uint64_t LEAST_BYTES = 1000;
    constexpr uint64_t MOST_BYTES = 100'000'000'000;
    constexpr mixnetcore::BitsPerSecond SLOWEST(1'000'000'000);
    const uint32_t servers = options.Count("servers", 2, MOST_SERVERS, "servers");
    const auto buffer = options.Size("allReduceBytes", LEAST_BYTES, MOST_BYTES);
    study.mixes = mixnetcore::Mapped(
        mixnetcore::ParseList("shares", options.Text("shares")),
        [&](const auto& text) { return ParseMix(options, text, servers, buffer); });
    study.degrees =
        mixnetcore::Mapped(mixnetcore::ParseList("degrees", options.Text("degrees")),
                           [](const auto& text) {
                               return static_cast<uint32_t>(
                                   mixnetcore::ParseCount("degrees", text, 1, MOST_NICS, "NICs"));
                           });
    study.linkRate = options.Rate("linkRate");
    if (study.linkRate < SLOWEST)
    {
        options.Refuse("linkRate", "must be 1 Gb/s at least");
    }
    study.fractions = mixnetcore::Mapped(
        mixnetcore::ParseList("rates", options.Text("rates")),
        [&](const auto& text) { return ParseFraction(options, text, study.linkRate); });
    const auto flow = ToString(Fidelity::Flow);
    const auto fidelity = options.Choice("fidelity", {flow, ToString(Fidelity::Packet)});
    study.fidelity = fidelity == flow ? Fidelity::Flow : Fidelity::Packet;
}

/// @param study What is asked for. @param options The options. @return circuits of its mixes, by
/// degree.
std::vector<std::vector<CircuitPlan>>
PlanAllCircuits(const Study& study, const ProgramOptions& options)
{
    return mixnetcore::Mapped(study.degrees, [&](uint32_t degree) {
        return options.Made("degrees", [&] {
            return mixnetcore::Mapped(study.mixes, [&](const NamedMix& named) {
                return CircuitPlan(study, named.mix, degree);
            });
        });
    });
}

/// @brief Runs and prints all that is asked for. @param study What that is.
/// @param plans Circuits of its mixes, by degree. @param file Gets the rows.
void
RunMixes(const Study& study, const std::vector<std::vector<CircuitPlan>>& plans, OutputFile& file)
{
    file << "degree,share,fabric,rate,lineRateBitsPerSecond,rings,links,meanHops,diameter,"
            "allReduceBytes,allToAllBytes,bandwidthTax,busiestAllReduceBytes,"
            "busiestAllToAllBytes,busiestOverMean,sentBytes,boundSeconds,timeSeconds,"
            "boundOfRingsSeconds"
         << std::endl;
    std::cout << "An all-reduce and an all-to-all at once, "
              << (study.fidelity == Fidelity::Flow ? "as flows" : "packet by packet")
              << "\nshare: bytes of the all-to-all over those of the all-reduce"
                 "\nbound, rings: what the busiest circuit takes; if all NICs were in rings"
                 "\nTopoOpt over ideal = tax x busiest over mean x time over bound\n";
    for (size_t place = 0; place < study.degrees.size(); ++place)
    {
        DegreeTable(study, study.degrees[place], file).Run(plans[place]);
    }
    PrintPublished(study);
}

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
Compare(int argc, char* argv[])
{
    Time::SetResolution(Time::PS);
    auto options = DeclareOptions();
    options.Parse(argc, argv);
    Study study;
    study.linkRate = mixnetcore::BitsPerSecond(1'000'000'000);
    const bool wantsDiameters = options.Flag("diameters");
    std::vector<std::vector<CircuitPlan>> plans;
    if (!wantsDiameters)
    {
        ParseMixes(options, study);
        plans = PlanAllCircuits(study, options);
    }
    const auto& output = options.Text("output");
    options.Settle();
    const auto* table = wantsDiameters ? DIAMETER_TABLE : MIX_TABLE;
    std::optional<ResultFolder> folder;
    OutputFile file;
    if (output != ProgramOptions::NONE)
    {
        folder.emplace(output, std::vector<std::string>{table});
        file = folder->OpenStream(table);
        file << std::setprecision(12);
    }
    if (wantsDiameters)
    {
        PrintDiameters(study, file);
    }
    else
    {
        RunMixes(study, plans, file);
    }
    file.Close();
    if (folder)
    {
        folder->WriteSummary(options.Record().Summary(PROGRAM));
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
    return RunProgram(PROGRAM, Compare, argc, argv);
}
