/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * The traffic of training, before any network: how much each parallelism moves, between which GPUs,
 * and how the load of experts differs between iterations and layers (the paper's Figures 2, 5, 4
 * and 18).
 *
 *     model, parallelism -> volumes by parallelism and group, matrix of GPUs
 *     load of experts    -> tokens of each expert by iteration and by layer
 *
 * Run:    ./ns3 run "training-traffic --driftVariation=0.3 --convergenceHalfLife=300"
 * Prints: a row of volumes per model. Writes summary.json and, for utils/plot.py volume,
 * gpu-matrix, load and layers, the tables volume.csv, groups.csv, gpu-matrix.csv, load.csv,
 * load-matrix.csv and layers.csv.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"

#include <algorithm>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

using mixnetcore::ALL_PARALLELISMS;

constexpr uint32_t MATRICES_OVER_TIME = 4; //!< of load-matrix.csv, as in the paper's Figure 4b

/**
 * @brief What the options describe.
 */
struct TrafficScenario
{
    std::vector<mixnetcore::TrafficVolume> volumes;     //!< the first is looked at in detail
    std::shared_ptr<const mixnetcore::ExpertLoad> load; //!< of the first
    uint32_t iterations{0};                             //!< of load.csv
    uint32_t interval{0};                               //!< iterations from row to row
    uint32_t layer{0};                                  //!< MoE layer of load.csv
    uint32_t iteration{0};                              //!< of gpu-matrix.csv and layers.csv
    std::string output;                                 //!< folder of results
    OptionRecord options;                               //!< all options in force
};

/// @return the options with their defaults: the three models of the paper's Figure 2.
ProgramOptions
DeclareOptions()
{
    ProgramOptions options("Counts the traffic of training, before any network: bytes of each "
                           "parallelism, between GPUs, and tokens of each expert.",
                           {"training-traffic --models=mixtral-8x7b",
                            "training-traffic --driftVariation=0.3 --iterations=500"});
    const auto load = options.Section(OptionGroup::Load);
    options.AddPresets(mixnetcore::FabricPlanners().Names());
    options.Section(OptionGroup::Model)
        .Add("models",
             "Models, with commas in between: names, or files *.json. The first is looked at in "
             "detail, for all there are volumes",
             "mixtral-8x7b,llama-moe,qwen-moe")
        .Basic()
        .OneOf("models", mixnetcore::Models());
    AddReplicaOptions(options);
    options.Section(OptionGroup::Parallelism)
        .Add("gatherAgain",
             "Whether backward gathers the inputs of tensor-parallel matrices again",
             "yes",
             "a model with several GPUs per EP rank")
        .YesOrNo();
    AddLoadOptions(options);
    load.Add("iterations", "Iterations of the load over time", "1000").Basic();
    load.Add("interval", "Iterations from one row of the load over time to the next", "10");
    load.Add("layer", "MoE layer of the load over time, from 0", "0");
    load.Add("iteration", "Iteration of the GPU matrix and of the load by layer, from 0", "0");
    options.Section(OptionGroup::General).Add("seed", "Seed of the synthetic load", "1").Basic();
    options.Section(OptionGroup::Output)
        .Add("output", "Folder for the tables", "training-traffic-output")
        .Basic()
        .Output();
    return options;
}

/// @param options The options. @param name Name of a model. @return its volumes.
mixnetcore::TrafficVolume
VolumeOf(const ProgramOptions& options, const std::string& name)
{
    const auto model = mixnetcore::FindModel(name);
    auto spec = mixnetcore::DefaultParallelism(model);
    spec.dataParallel = options.Count("dataParallel", 1, 1 << 16, "replicas");
    mixnetcore::TrafficOptions traffic;
    traffic.microbatches =
        ParseMicrobatches(options, spec.pipelineParallel, model.microbatches, 1 << 16);
    traffic.recompute = options.Flag("recompute");
    if (spec.tensorParallel > 1)
    {
        traffic.gatherAgain = options.Flag("gatherAgain");
    }
    return {model, mixnetcore::PlanParallel(model, spec), traffic};
}

/// @param options Options there are. @param argc Number of arguments. @param argv The arguments.
/// @return what they describe.
TrafficScenario
ParseScenario(ProgramOptions& options, int argc, char* argv[])
{
    options.Parse(argc, argv);
    TrafficScenario scenario;
    scenario.volumes =
        mixnetcore::Mapped(mixnetcore::ParseList("models", options.Text("models")),
                           [&](const std::string& name) { return VolumeOf(options, name); });
    const auto& model = scenario.volumes[0].Model();
    const auto& plan = scenario.volumes[0].Plan();
    scenario.iterations = options.Count("iterations", 1, 1'000'000, "iterations");
    scenario.interval = options.Count("interval", 1, 1'000'000, "iterations");
    scenario.layer = options.Count("layer", 0, model.MoeLayers() - 1);
    scenario.iteration = options.Count("iteration", 0, UINT32_MAX);
    scenario.load = ParseLoadOptions(
        options,
        model,
        plan,
        {std::max<uint64_t>(scenario.iterations, scenario.iteration + 1ULL), model.MoeLayers()});
    scenario.output = options.Text("output");
    if (scenario.output == ProgramOptions::NONE)
    {
        options.Refuse("output", "must be a folder; its tables are what this program is for");
    }
    options.Seed();
    options.Settle();
    scenario.options = options.Record();
    return scenario;
}

/**
 * @brief Writes and prints the volumes of every model by parallelism: Figure 2.
 * @param scenario What to count. @param folder Where to write.
 */
void
WriteVolumes(const TrafficScenario& scenario, const ResultFolder& folder)
{
    auto table = folder.OpenWhole("volume.csv");
    table << "model,parallelism,sentBytes,sentPart,bufferBytes,bufferPart\n";
    std::cout << "                                each collective counted once          "
                 "what GPUs send\n"
                 "model                   GPUs      TP    EP    DP    PP       TB      "
                 "TP    EP    DP    PP       TB\n"
              << std::fixed;
    for (const auto& volume : scenario.volumes)
    {
        const auto sent = volume.Sent();
        const auto buffers = volume.Buffers();
        for (const auto parallelism : ALL_PARALLELISMS)
        {
            table << CsvField(volume.Model().name) << ',' << ToString(parallelism) << ','
                  << sent.Of(parallelism).Count() << ',' << sent.Part(parallelism) << ','
                  << buffers.Of(parallelism).Count() << ',' << buffers.Part(parallelism) << '\n';
        }
        std::cout << std::left << std::setw(22) << volume.Model().title << std::right
                  << std::setw(6) << volume.Plan().Ranks();
        for (const auto& counted : {buffers, sent})
        {
            std::cout << ' ' << std::setprecision(1);
            for (const auto parallelism : ALL_PARALLELISMS)
            {
                std::cout << std::setw(5) << 100 * counted.Part(parallelism) << '%';
            }
            std::cout << std::setprecision(3) << std::setw(9)
                      << static_cast<double>(counted.Total().Count()) * 1e-12;
        }
        std::cout << '\n';
    }
    std::cout << std::defaultfloat;
    table.Close();
}

/**
 * @brief Writes the volumes of every group of the first model.
 * @param volume Its volumes. @param folder Where to write.
 */
void
WriteGroups(const mixnetcore::TrafficVolume& volume, const ResultFolder& folder)
{
    auto table = folder.OpenWhole("groups.csv");
    table << "group,parallelism,firstRank,ranks,sentBytes,bufferBytes\n";
    size_t number = 0;
    for (const auto& group : volume.Groups())
    {
        table << number++ << ',' << ToString(group.parallelism) << ',' << group.ranks[0] << ','
              << group.ranks.size() << ',' << group.sent.Count() << ',' << group.buffers.Count()
              << '\n';
    }
    table.Close();
}

/**
 * @brief Writes the bytes between GPUs of the first model, pairs without any left out: Figure 5.
 * @param scenario What to count. @param folder Where to write.
 */
void
WriteGpuMatrix(const TrafficScenario& scenario, const ResultFolder& folder)
{
    const auto& volume = scenario.volumes[0];
    auto table = folder.OpenWhole("gpu-matrix.csv");
    table << "fromGpu,toGpu,tpBytes,epBytes,dpBytes,ppBytes\n";
    const auto gpus = volume.Plan().Ranks();
    if (gpus > mixnetcore::TrafficMatrices::MAX_GPUS)
    {
        std::cout << "gpu-matrix.csv is empty: " << gpus << " GPUs are more than the "
                  << mixnetcore::TrafficMatrices::MAX_GPUS << " it is made for\n";
        table.Close();
        return;
    }
    const auto matrices = TrafficBetweenGpus(volume, *scenario.load, scenario.iteration);
    for (size_t from = 0; from < gpus; ++from)
    {
        for (size_t to = 0; to < gpus; ++to)
        {
            uint64_t all = 0;
            std::ostringstream row;
            for (const auto parallelism : ALL_PARALLELISMS)
            {
                const auto bytes = matrices.Of(parallelism).At(from, to).Count();
                all += bytes;
                row << ',' << bytes;
            }
            if (all > 0)
            {
                table << from << ',' << to << row.str() << '\n';
            }
        }
    }
    table.Close();
}

/**
 * @brief Writes the tokens of every expert of a layer over iterations: Figure 4.
 * @param scenario What to draw. @param folder Where to write.
 */
void
WriteLoadOverTime(const TrafficScenario& scenario, const ResultFolder& folder)
{
    auto loads = folder.OpenWhole("load.csv");
    auto matrices = folder.OpenWhole("load-matrix.csv");
    loads << "iteration,layer,expert,tokens\n";
    matrices << "iteration,layer,sourceRank,expert,tokens\n";
    const auto rows = (scenario.iterations - 1) / scenario.interval + 1;
    const auto step = std::max<uint32_t>(1, (rows - 1) / (MATRICES_OVER_TIME - 1));
    for (uint32_t row = 0; row < rows; ++row)
    {
        const auto iteration = row * scenario.interval;
        const auto tokens = scenario.load->Draw({iteration, scenario.layer, 0, 0});
        const auto isShown = row % step == 0 && row / step < MATRICES_OVER_TIME;
        for (size_t expert = 0; expert < tokens.Columns(); ++expert)
        {
            loads << iteration << ',' << scenario.layer << ',' << expert << ','
                  << tokens.ColumnSum(expert).Count() << '\n';
            for (size_t source = 0; isShown && source < tokens.Rows(); ++source)
            {
                matrices << iteration << ',' << scenario.layer << ',' << source << ',' << expert
                         << ',' << tokens.At(source, expert).Count() << '\n';
            }
        }
    }
    loads.Close();
    matrices.Close();
}

/**
 * @brief Writes the tokens of every expert of every MoE layer in one iteration: Figure 18.
 * @param scenario What to draw. @param folder Where to write.
 */
void
WriteLayers(const TrafficScenario& scenario, const ResultFolder& folder)
{
    auto table = folder.OpenWhole("layers.csv");
    table << "layer,expert,tokens\n";
    for (uint32_t layer = 0; layer < scenario.volumes[0].Model().MoeLayers(); ++layer)
    {
        const auto tokens = scenario.load->Draw({scenario.iteration, layer, 0, 0});
        for (size_t expert = 0; expert < tokens.Columns(); ++expert)
        {
            table << layer << ',' << expert << ',' << tokens.ColumnSum(expert).Count() << '\n';
        }
    }
    table.Close();
}

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
CountTraffic(int argc, char* argv[])
{
    auto options = DeclareOptions();
    const auto scenario = ParseScenario(options, argc, argv);
    ResultFolder folder(scenario.output,
                        {"volume.csv",
                         "groups.csv",
                         "gpu-matrix.csv",
                         "load.csv",
                         "load-matrix.csv",
                         "layers.csv"});

    std::cout << scenario.options.DescribePreset();
    WriteVolumes(scenario, folder);
    WriteGroups(scenario.volumes[0], folder);
    WriteGpuMatrix(scenario, folder);
    WriteLoadOverTime(scenario, folder);
    WriteLayers(scenario, folder);

    auto summary = scenario.options.Summary("training-traffic");
    summary["parallelism"] = scenario.volumes[0].Plan().Summary();
    summary["expertLoad"] = scenario.load->Description();
    folder.WriteSummary(summary);
    std::cout << "load: " << scenario.load->Description() << "\ntables: " << scenario.output
              << '\n';
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
    return RunProgram("training-traffic", CountTraffic, argc, argv);
}
