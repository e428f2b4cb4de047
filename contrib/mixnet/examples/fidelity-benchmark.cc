/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * What simulation costs at each level of fidelity: wall time, events and memory of reference jobs.
 *
 *     all-to-all N=8, 16, 32   a NIC per server on a fat-tree, MTU 9000
 *     EP64 balanced, synthetic a dispatch of Qwen1.5-MoE among 64 GPUs of 8 servers on a fat-tree
 *     1, 10, ... regions       layers of Mixtral 8x7B, forward and backward, 4 servers per region,
 *                              all at once or one after another (--spacing)
 *
 * Every job is a process of its own, so that its memory is its own. A fixed loop over integers and
 * memory is timed before and after; processor times over its time compare between machines, also
 * busy ones.
 *
 * Run:    ./ns3 run "fidelity-benchmark --part=0.1 --regions=1,10,100"
 * Prints: a line per job and level; writes benchmark.csv with --output.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"

#include <iomanip>
#include <iostream>
#include <optional>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

/// @param usage What a process has used. @return its processor time, seconds.
double
ProcessorSeconds(const rusage& usage)
{
    const auto seconds = [](const timeval& time) { return time.tv_sec + time.tv_usec * 1e-6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// @return processor time of this process so far, seconds.
double
OwnSeconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return ProcessorSeconds(usage);
}

/**
 * @brief How a job went, as its process tells.
 */
struct Outcome
{
    double simulatedSeconds; //!< what it took in the simulated world
    double setupSeconds;     //!< wall time until its first event
    double runSeconds;       //!< wall time of its events
    uint64_t events;         //!< of the simulator
};

/**
 * @brief How a job went, and what it needed.
 */
struct Sample
{
    Outcome outcome;         //!< as its process tells
    double processorSeconds; //!< processor time of its process
    uint64_t peakMemory;     //!< most memory of its process, bytes
};

/**
 * @brief Something to simulate at a level.
 */
struct Job
{
    std::string name;                      //!< for people
    std::function<Outcome(Fidelity)> run;  //!< simulates it
    std::vector<Fidelity> levels;          //!< at which
    std::optional<double> packetSeconds{}; //!< processor time of packets, when known
};

/**
 * @param job What to do.
 * @return how it went, in a process of its own.
 * @throws std::runtime_error when that did not get to its end.
 */
Sample
InOwnProcess(const std::function<Outcome()>& job)
{
    int ends[2];
    std::cout.flush();
    const pid_t child = pipe(ends) == 0 ? fork() : -1;
    if (child == 0)
    {
        int code = EXIT_FAILURE;
        try
        {
            const auto outcome = job();
            const bool isTold = write(ends[1], &outcome, sizeof(outcome)) == sizeof(outcome);
            code = isTold ? EXIT_SUCCESS : EXIT_FAILURE;
        }
        catch (const std::exception& error)
        {
            std::cerr << "fidelity-benchmark: " << error.what() << std::endl;
        }
        _exit(code);
    }
    if (child < 0)
    {
        throw std::runtime_error("there is no process for a measurement");
    }
    close(ends[1]);
    Sample sample{};
    const bool isWhole = read(ends[0], &sample.outcome, sizeof(Outcome)) == sizeof(Outcome);
    close(ends[0]);
    rusage usage{};
    int status = 0;
    if (wait4(child, &status, 0, &usage) != child || !isWhole || status != 0)
    {
        throw std::runtime_error("a measurement did not get to its end");
    }
    constexpr uint64_t KILOBYTE = 1024; // the unit of ru_maxrss
    sample.processorSeconds = ProcessorSeconds(usage);
    sample.peakMemory = usage.ru_maxrss * KILOBYTE;
    return sample;
}

/// @return processor time of a fixed chain of 64-bit operations, seconds.
double
ProbeIntegers()
{
    constexpr uint64_t STEPS = 300'000'000;
    const double begin = OwnSeconds();
    volatile uint64_t seed = 88172645463325252ULL; // of Marsaglia's xorshift
    uint64_t state = seed;
    for (uint64_t step = 0; step < STEPS; ++step)
    {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
    }
    seed = state;
    return OwnSeconds() - begin;
}

/// @return processor time of a fixed walk through more memory than caches hold, seconds.
double
ProbeMemory()
{
    constexpr uint32_t PLACES = 1 << 24; // of 4 bytes
    constexpr uint32_t STEPS = 4'000'000;
    std::vector<uint32_t> next(PLACES);
    for (uint32_t place = 0; place < PLACES; ++place)
    {
        next[place] = (place * 1'664'525U + 1'013'904'223U) % PLACES; // one round of all places
    }
    const double begin = OwnSeconds();
    volatile uint32_t end = 0;
    uint32_t place = end;
    for (uint32_t step = 0; step < STEPS; ++step)
    {
        place = next[place];
    }
    end = place;
    return OwnSeconds() - begin;
}

/// @return processor time of the probe of the machine, seconds.
double
Probe()
{
    const double integers = ProbeIntegers();
    const double memory = ProbeMemory();
    std::cout << std::fixed << std::setprecision(3) << "probe: " << integers << " s integers, "
              << memory << " s memory\n";
    return integers + memory;
}

/**
 * @param name Kind of fabric. @param fidelity Level. @param mtu Payload per frame, bytes.
 * @param hosts Servers. @param gpus GPUs of each. @param hostsPerRegion Servers of a region.
 * @return the fabric; all else as users get it.
 */
FabricScenario
ScenarioOf(const std::string& name,
           Fidelity fidelity,
           uint32_t mtu,
           uint32_t hosts,
           uint32_t gpus,
           uint32_t hostsPerRegion = 0)
{
    ProgramOptions options("");
    AddFabricOptions(options, name);
    options.Set("fidelity", ToString(fidelity));
    options.Set("mtu", std::to_string(mtu));
    return ParseFabricOptions(options, hosts, gpus, hostsPerRegion);
}

/// @param setup When set-up began. @param simulated Gives the end of what was simulated.
/// @return how a simulation went that is run now.
Outcome
RunEvents(WallClock::time_point setup, const std::function<mixnetcore::Picoseconds()>& simulated)
{
    Outcome outcome{};
    outcome.setupSeconds = SecondsSince(setup);
    const auto begin = WallClock::now();
    Simulator::Run();
    outcome.runSeconds = SecondsSince(begin);
    outcome.simulatedSeconds = simulated().count() * 1e-12;
    outcome.events = Simulator::GetEventCount();
    return outcome;
}

/**
 * @param scenario The fabric. @param flows What is sent.
 * @return how it went.
 */
Outcome
RunFlows(const FabricScenario& scenario, const std::vector<mixnetcore::FlowSpec>& flows)
{
    const auto setup = WallClock::now();
    const auto fabric = InstallFabric(scenario);
    FlowJob job(fabric, flows);
    job.SetRouter(mixnetcore::MakeRouter(*fabric.plan));
    Simulator::Run(); // until all links are up
    const auto start = ToPicoseconds(Simulator::Now());
    job.Start();
    return RunEvents(setup, [&] {
        NS_ABORT_MSG_UNLESS(job.IsComplete(), "flows did not arrive whole");
        return job.GetEnd() - start;
    });
}

/**
 * @param endpoints GPUs. @param hosts Servers of the tree. @param megabytes Of a flow.
 * @param part Of the bytes.
 * @return the reference all-to-all.
 */
Job
AllToAll(uint32_t endpoints, uint32_t hosts, uint64_t megabytes, double part)
{
    constexpr uint32_t MTU = 9000;
    mixnetcore::PatternSpec pattern;
    pattern.endpoints = endpoints;
    pattern.bytesPerFlow =
        mixnetcore::Bytes(std::max<uint64_t>(1, std::llround(megabytes * 1e6 * part)));
    return {"all-to-all N=" + std::to_string(endpoints),
            [=](Fidelity level) {
                return RunFlows(ScenarioOf("fat-tree", level, MTU, hosts, 1),
                                mixnetcore::MakePattern("uniform", pattern));
            },
            {Fidelity::Packet, Fidelity::Flow}};
}

/**
 * @param model A model. @param ranks EP ranks. @param tensorParallel GPUs of each.
 * @param replicas How many EP groups. @param layers Of the model. @param skew Scales the variation
 * of the load; 0 is balanced.
 * @return a job of so many groups, each with a load of its own, that share nothing.
 */
TrainingJobSpec
JobOf(const mixnetcore::ModelSpec& model,
      size_t ranks,
      size_t tensorParallel,
      size_t replicas,
      uint32_t layers,
      double skew)
{
    auto spec = mixnetcore::DefaultParallelism(model);
    spec.expertParallel = ranks;
    spec.tensorParallel = tensorParallel;
    spec.pipelineParallel = 1;
    spec.dataParallel = replicas;
    spec.gpusPerHost = GPUS_PER_HOST;
    const auto plan = mixnetcore::PlanParallel(model, spec);
    auto load = mixnetcore::SyntheticLoadOf(model, ranks);
    load.skew = skew;
    auto program = mixnetcore::DefaultTrainingProgram(model);
    program.microbatches = 1;
    program.excerpt = mixnetcore::LayerRange{model.denseLayers, layers};
    TrainingJobSpec job;
    job.model = model;
    job.program = std::make_shared<const mixnetcore::TrainingProgram>(plan, program);
    job.work = std::make_shared<const mixnetcore::MoeTrainingWork>(
        model,
        plan,
        std::make_shared<const mixnetcore::SyntheticExpertLoad>(load),
        mixnetcore::ComputeModel(model, tensorParallel),
        mixnetcore::OptimizerModel(mixnetcore::Picoseconds(0)));
    return job;
}

/**
 * @param name For people. @param skew Scales the variation of the load. @param part Of the bytes.
 * @return a dispatch among 64 ranks on 8 servers.
 */
Job
ExpertParallel64(const std::string& name, double skew, double part)
{
    constexpr uint32_t RANKS = 64;
    constexpr uint32_t MTU = 4096;
    return {name,
            [=](Fidelity level) {
                const auto& model = mixnetcore::FindModel("qwen-moe");
                const auto job = JobOf(model, RANKS, 1, 1, 1, skew);
                const auto& demand =
                    job.work->DemandOf(mixnetcore::PhaseKey().With(mixnetcore::PhaseKind::Dispatch))
                        .dispatch;
                std::vector<mixnetcore::FlowSpec> flows;
                for (uint32_t from = 0; from < demand.Rows(); ++from)
                {
                    for (uint32_t to = 0; to < demand.Columns(); ++to)
                    {
                        const auto bytes = std::llround(demand.At(from, to).Count() * part);
                        if (from != to && bytes > 0)
                        {
                            flows.push_back({from, to, mixnetcore::Bytes(bytes)});
                        }
                    }
                }
                return RunFlows(ScenarioOf("fat-tree", level, MTU, 8, 8), flows);
            },
            {Fidelity::Packet, Fidelity::Flow}};
}

/**
 * @brief When the last phase of any rank has ended.
 */
struct LastPhaseEnd
{
    Time at; //!< the instant

    /// @brief Notes when a rank has ended a phase.
    void Handle(const mixnetcore::PhaseKey& /* phase */, uint32_t /* rank */)
    {
        at = Simulator::Now();
    }
};

/**
 * @param regions How many, each with a load of its own. @param layers Of the model.
 * @param spacing Time from the start of one to that of the next. @param fidelity Level.
 * @return how it went.
 */
Outcome
RunRegions(uint32_t regions, uint32_t layers, const Time& spacing, Fidelity fidelity)
{
    constexpr uint32_t MTU = 4096;
    const auto setup = WallClock::now();
    const auto& model = mixnetcore::FindModel("mixtral-8x7b");
    const auto job = JobOf(model, model.expertParallel, model.tensorParallel, regions, layers, 1);
    const auto hosts = job.Plan().GroupLayout().Hosts();
    const auto fabric =
        InstallFabric(ScenarioOf("mixnet", fidelity, MTU, regions * hosts, 8, hosts));
    const auto groups = TrainingHelper().Install(fabric, job);
    LastPhaseEnd last;
    for (const auto& group : groups)
    {
        for (const auto& application : group.applications)
        {
            application->SetStartTime(spacing * group.number);
        }
        group.ConnectApplications("PhaseEnd", MakeCallback(&LastPhaseEnd::Handle, &last));
    }
    return RunEvents(setup, [&] {
        for (const auto& group : groups)
        {
            NS_ABORT_MSG_UNLESS(group.GetUnfinishedPhases().empty(),
                                "a region did not get through");
        }
        return ToPicoseconds(last.at);
    });
}

/// @brief Tells of the name of a job whether the user wants it.
using Choice = std::function<bool(const std::string&)>;

/**
 * @brief Adds the jobs of flows that are wanted.
 * @param options The options. @param isWanted Which are. @param jobs Where to add them.
 */
void
AddFlowJobs(const ProgramOptions& options, const Choice& isWanted, std::vector<Job>& jobs)
{
    const auto make = [](double part) {
        return std::vector<Job>{AllToAll(8, 16, 1000, part),
                                AllToAll(16, 16, 240, part),
                                AllToAll(32, 128, 56, part),
                                ExpertParallel64("EP64 balanced", 0, part),
                                ExpertParallel64("EP64 synthetic", 1, part)};
    };
    const auto all = make(1);
    if (std::none_of(all.begin(), all.end(), [&](const Job& job) { return isWanted(job.name); }))
    {
        return;
    }
    for (auto& job : make(options.Number("part", 1e-6, 1)))
    {
        if (isWanted(job.name))
        {
            jobs.push_back(std::move(job));
        }
    }
}

/**
 * @brief Adds the jobs of regions that are wanted.
 * @param options The options. @param isWanted Which are. @param jobs Where to add them.
 */
void
AddRegionJobs(const ProgramOptions& options, const Choice& isWanted, std::vector<Job>& jobs)
{
    const auto numbers =
        mixnetcore::Mapped(mixnetcore::ParseList("regions", options.Text("regions")),
                           [](const auto& word) {
                               return mixnetcore::ParseCount("regions", word, 1, 4096, "regions");
                           });
    for (const auto regions : numbers)
    {
        const auto name = std::to_string(regions) + (regions == 1 ? " region" : " regions");
        if (!isWanted(name))
        {
            continue;
        }
        const uint32_t layers = options.Count("layers", 1, 32, "layers");
        const Time spacing = ToTime(options.Duration("spacing"));
        std::vector<Fidelity> levels{Fidelity::Flow};
        if (regions <= options.Count("packetRegions", 0, 4096, "regions"))
        {
            levels.insert(levels.begin(), Fidelity::Packet);
        }
        jobs.push_back({name,
                        [=](Fidelity level) { return RunRegions(regions, layers, spacing, level); },
                        levels});
    }
}

/**
 * @brief What the user asks for.
 */
struct Settings
{
    std::vector<Job> jobs;              //!< in their order
    std::optional<ResultFolder> folder; //!< for results
};

/**
 * @param argc Number of arguments. @param argv The arguments.
 * @return what to do.
 */
Settings
ParseSettings(int argc, char* argv[])
{
    ProgramOptions options(
        "Measures wall time, events and memory of reference jobs at every level of fidelity, each "
        "in a process of its own, beside a probe of the machine.",
        {"fidelity-benchmark --part=0.001 --regions=1 --output=benchmark",
         "fidelity-benchmark --only=regions --regions=10 --packetRegions=0"});
    const auto section = options.Section(OptionGroup::Benchmark);
    section
        .Add("part",
             "Part of the bytes of the all-to-alls and EP64 phases, above 0, at most 1",
             "1",
             "an all-to-all or EP64 among the jobs, --only")
        .Basic();
    section.Add("regions", "Numbers of regions, with commas in between", "1,10,100,1000").Basic();
    section.Add("packetRegions",
                "Regions that are also simulated packet by packet, at most",
                "10",
                "regions among the jobs, --only");
    section.Add("layers",
                "MoE layers that each region passes",
                "1",
                "regions among the jobs, --only");
    section.Add("spacing",
                "Time from the start of one region to that of the next",
                "0us",
                "regions among the jobs, --only");
    section.Add("only", "Only jobs with this text in their names, as regions; or all", "all")
        .Basic();
    options.Section(OptionGroup::Output)
        .Add("output", "Folder for benchmark.csv, or none", FabricScenario::NONE)
        .Basic()
        .Output();
    options.Parse(argc, argv);
    const auto& only = options.Text("only");
    const auto isWanted = [&](const std::string& name) {
        return only == "all" || name.find(only) != std::string::npos;
    };
    Settings settings;
    AddFlowJobs(options, isWanted, settings.jobs);
    AddRegionJobs(options, isWanted, settings.jobs);
    if (settings.jobs.empty())
    {
        options.Refuse("only",
                       "no job has this in its name; there are all-to-all N=8, 16 and 32, EP64 "
                       "balanced and synthetic, and those of --regions");
    }
    const auto& output = options.Text("output");
    options.Settle();
    if (output != FabricScenario::NONE)
    {
        settings.folder.emplace(output, std::vector<std::string>{"benchmark.csv"});
    }
    return settings;
}

/**
 * @param job A job. @param level Level. @param sample How it went. @param probe Time of the probe.
 * @param base Memory of a process that simulates nothing, bytes.
 */
void
Print(const Job& job, Fidelity level, const Sample& sample, double probe, uint64_t base)
{
    const auto& outcome = sample.outcome;
    std::cout << std::left << std::setw(20) << job.name << std::setw(8) << ToString(level)
              << std::right << std::fixed << std::setprecision(3) << std::setw(12)
              << outcome.simulatedSeconds * 1e3 << std::setw(10) << outcome.setupSeconds
              << std::setw(10) << outcome.runSeconds << std::setw(10)
              << sample.processorSeconds / probe << std::setw(13) << outcome.events
              << std::setprecision(1) << std::setw(9)
              << (sample.peakMemory - std::min(sample.peakMemory, base)) * 1e-6;
    if (job.packetSeconds && level != Fidelity::Packet)
    {
        std::cout << std::setw(10) << *job.packetSeconds / sample.processorSeconds << " x";
    }
    std::cout << std::endl;
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
    auto settings = ParseSettings(argc, argv);
    OutputFile file;
    if (settings.folder)
    {
        file = settings.folder->OpenStream("benchmark.csv");
        file << "job,level,simulatedSeconds,setupSeconds,runSeconds,processorSeconds,events,"
                "peakMemoryBytes,"
                "probeSeconds"
             << std::endl;
    }
    const double probe = Probe();
    const auto base = InOwnProcess([] { return Outcome{}; }).peakMemory;
    std::cout << "a process that simulates nothing: " << std::setprecision(1) << base * 1e-6
              << " MB, not in the column MB\n\n"
              << "job                 level   simulated,ms   set-up,s     run,s   /probe"
                 "       events       MB  faster than packets\n";
    for (auto& job : settings.jobs)
    {
        for (const auto level : job.levels)
        {
            const auto sample = InOwnProcess([&] { return job.run(level); });
            const auto& outcome = sample.outcome;
            if (level == Fidelity::Packet)
            {
                job.packetSeconds = sample.processorSeconds;
            }
            Print(job, level, sample, probe, base);
            if (settings.folder)
            {
                file << job.name << ',' << ToString(level) << ',' << outcome.simulatedSeconds << ','
                     << outcome.setupSeconds << ',' << outcome.runSeconds << ','
                     << sample.processorSeconds << ',' << outcome.events << ',' << sample.peakMemory
                     << ',' << probe << std::endl;
            }
        }
    }
    file.Close();
    std::cout << "\n";
    Probe();
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
    return RunProgram("fidelity-benchmark", Measure, argc, argv);
}
