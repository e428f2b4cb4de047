/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "expert-loads.h"

#include "measured-expert-load.h"
#include "replicated-expert-load.h"
#include "routing-trace-expert-load.h"
#include "synthetic-expert-load.h"
#include "transition-matrix.h"

#include "ns3/checks.h"
#include "ns3/option-names.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>

namespace mixnetcore
{

namespace
{

constexpr double MOST_ITERATIONS = 1e9;             //!< longest time constant
constexpr const char* GROUPS = "expertGroups";      //!< an option
constexpr const char* PER_TOKEN = "groupsPerToken"; //!< an option

/// @param path A file or folder. @return whether it is to be read as a routing trace.
bool
IsTrace(const std::string& path)
{
    std::error_code error;
    return std::filesystem::path(path).extension() == ".jsonl" ||
           std::filesystem::is_directory(path, error);
}

/// @param path What is given in place of a name. @return whether it can only be a name: there is no
/// such file, and it looks like none.
bool
IsName(const std::string& path)
{
    std::error_code error;
    return path.find_first_of("./") == std::string::npos && !std::filesystem::exists(path, error);
}

/// @param options Values of options. @param model The model. @return to which experts tokens may
/// go.
GroupLimit
ReadGroupLimit(const OptionReader& options, const ModelSpec& model)
{
    GroupLimit limit{model.expertGroups, model.groupsPerToken};
    // Groups alone limit nothing, but they may lift the model's limit.
    const bool isUsed = limit.Holds() || options.Peek(PER_TOKEN) != "0";
    const auto groups = isUsed ? options.Count(GROUPS, 0, model.paddedExperts, "groups") : 0;
    if (groups > 0)
    {
        if (model.paddedExperts % groups != 0)
        {
            Refuse("option --expertGroups=" + options.Text(GROUPS) + ": must divide " +
                   DescribeExperts(model));
        }
        limit = {groups, groups};
    }
    if (limit.groups < 2)
    {
        return limit;
    }
    if (const auto perToken = options.Count(PER_TOKEN, 0, limit.groups, "groups"))
    {
        limit.groupsPerToken = perToken;
    }
    return limit;
}

/**
 * @brief How far the variation over experts may be scaled: with k experts per token none of them
 * has more than 1/k of the assignments.
 * @param synthetic Statistics of a load, unscaled.
 * @return the largest skew.
 */
double
LargestSkew(const SyntheticExpertLoadOptions& synthetic)
{
    const auto spread = double(synthetic.experts) / double(synthetic.topK);
    return std::min(10.0, std::sqrt(spread - 1) / synthetic.expertVariation);
}

/**
 * @brief Reads what depends on time and layers.
 * @param options Values of options. @param site What the load is made for.
 * @param[out] synthetic Has its skew, which is above 0.
 */
void
ReadVariations(const OptionReader& options,
               const ExpertLoadSite& site,
               SyntheticExpertLoadOptions& synthetic)
{
    constexpr double MOST_VARIATION = 9; // of popularities, after scaling
    synthetic.driftVariation =
        options.Number("driftVariation", 0, std::min(10.0, MOST_VARIATION / synthetic.skew));
    if (synthetic.driftVariation > 0 && site.iterations > 1)
    {
        synthetic.driftIterations =
            options.Number("driftIterations", 1, MOST_ITERATIONS, "iterations");
    }
    if (site.iterations > 1)
    {
        synthetic.convergenceHalfLife =
            options.Number("convergenceHalfLife", 0, MOST_ITERATIONS, "iterations");
    }
    if (synthetic.convergenceHalfLife > 0)
    {
        synthetic.convergedPart = options.Number("convergedPart", 0, 1);
    }
    if (site.layers > 1)
    {
        synthetic.layerCorrelation = options.Number("layerCorrelation", 0, 1);
    }
    if (synthetic.layerCorrelation > 0 && options.Text("transition") != "none")
    {
        synthetic.transition = ReadTransitionMatrix(options.Text("transition"), site.model.experts);
    }
}

/// @param options Values of options. @param site What it is made for. @return a seeded process.
std::shared_ptr<const ExpertLoad>
MakeSynthetic(const OptionReader& options, const ExpertLoadSite& site)
{
    auto synthetic = SyntheticLoadOf(site.model, site.ranks);
    synthetic.seed = site.seed;
    synthetic.skew = options.Number("skew", 0, LargestSkew(synthetic));
    if (synthetic.skew > 0)
    {
        ReadVariations(options, site, synthetic);
    }
    synthetic.limit = ReadGroupLimit(options, site.model);
    try
    {
        return std::make_shared<SyntheticExpertLoad>(synthetic);
    }
    catch (const std::invalid_argument& error)
    {
        const auto& groups = options.Peek(GROUPS);
        const auto& perToken = options.Peek(PER_TOKEN);
        const auto given = std::string("options --") + GROUPS + "=" + groups + ", --" + PER_TOKEN +
                           "=" + perToken + ": ";
        Refuse((groups != "0" || perToken != "0" ? given : "") + error.what());
    }
}

/// @param path A file or folder. @param site What it is made for. @return the load recorded there.
std::shared_ptr<const ExpertLoad>
ReadTrace(const std::string& path, const ExpertLoadSite& site)
{
    const auto& model = site.model;
    RoutingTraceShape shape;
    shape.sourceRanks = site.ranks;
    shape.experts = model.experts;
    shape.expertPlaces = model.paddedExperts;
    shape.topK = model.topK;
    shape.tokensPerSource = model.TokensPerMicrobatch();
    shape.layers = model.MoeLayers();
    shape.recordersPerSource = site.tensorParallel;
    if (model.paddedExperts % site.ranks == 0) // else copies are laid, in other groups
    {
        const auto perRank = model.paddedExperts / site.ranks;
        shape.groupSizes = {perRank, perRank * site.ranksPerHost};
    }
    return std::make_shared<RoutingTraceExpertLoad>(path, shape);
}

/// @param path A file. @param site What it is made for. @return the one load measured there.
std::shared_ptr<const ExpertLoad>
ReadMeasured(const std::string& path, const ExpertLoadSite& site)
{
    const auto& model = site.model;
    // Counts may be any shares, unless it matters which of them are of one token.
    return std::make_shared<MeasuredExpertLoad>(MeasuredExpertLoad::FromFile(
        path,
        site.ranks,
        model.paddedExperts,
        model.AssignmentsPerMicrobatch(),
        site.tellsTokensApart ? model.TokensPerMicrobatch() : Tokens(0)));
}

} // namespace

Registry<ExpertLoadMaker>&
ExpertLoads()
{
    static Registry<ExpertLoadMaker> registry(
        "expert load",
        {{"synthetic", MakeSynthetic, "a seeded process"}},
        "a routing trace of Megatron (*.jsonl, or a folder of them), or a file with measured token "
        "counts, [[..],[..]] source rank by expert");
    return registry;
}

std::shared_ptr<const ExpertLoad>
MakeExpertLoad(const OptionReader& options, const ExpertLoadSite& site)
{
    if (site.model.redundantExperts > 0)
    {
        auto once = site;
        once.model.SetRedundantExperts(0);
        return std::make_shared<ReplicatedExpertLoad>(MakeExpertLoad(options, once),
                                                      site.model.paddedExperts);
    }
    const auto& name = options.Text("expertLoad");
    if (ExpertLoads().Has(name))
    {
        return ExpertLoads().Make(name, options, site);
    }
    if (IsName(name))
    {
        Refuse("option --expertLoad=" + name + ": must be " + ExpertLoads().Describe() +
               SuggestName(ExpertLoads().Names(), name));
    }
    return IsTrace(name) ? ReadTrace(name, site) : ReadMeasured(name, site);
}

} // namespace mixnetcore
