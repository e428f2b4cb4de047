/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "load-options.h"

#include "fabric-options.h"

#include "ns3/measured-expert-load.h"
#include "ns3/routing-trace-expert-load.h"
#include "ns3/synthetic-expert-load.h"
#include "ns3/transition-matrix.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* DEDUPLICATE = "deduplicate"; //!< an option
constexpr const char* SYNTHETIC = "synthetic";     //!< in place of a file
constexpr double MOST_ITERATIONS = 1e9;            //!< longest time constant

/// What options of the synthetic load need.
constexpr const char* NEEDS_SYNTHETIC = "--expertLoad=synthetic";

/// What options of its variation need.
constexpr const char* NEEDS_SKEW = "--expertLoad=synthetic with --skew above 0";

/// @param path A file or folder. @return whether it is to be read as a routing trace.
bool
IsTrace(const std::string& path)
{
    std::error_code error;
    return std::filesystem::path(path).extension() == ".jsonl" ||
           std::filesystem::is_directory(path, error);
}

/// @param options The options. @param model The model. @return to which experts tokens may go.
mixnetcore::GroupLimit
ParseGroupLimit(const ProgramOptions& options, const mixnetcore::ModelSpec& model)
{
    mixnetcore::GroupLimit limit{model.expertGroups, model.groupsPerToken};
    // Groups alone limit nothing, but they may lift the model's limit.
    const bool isUsed = limit.Holds() || options.Peek("groupsPerToken") != "0";
    const auto groups = isUsed ? options.Count("expertGroups", 0, model.paddedExperts) : 0;
    if (groups > 0)
    {
        if (model.paddedExperts % groups != 0)
        {
            throw std::invalid_argument("option --expertGroups=" + options.Text("expertGroups") +
                                        ": must divide " + DescribeExperts(model));
        }
        limit = {groups, groups};
    }
    if (limit.groups < 2)
    {
        return limit;
    }
    if (const auto perToken = options.Count("groupsPerToken", 0, limit.groups))
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
LargestSkew(const mixnetcore::SyntheticExpertLoadOptions& synthetic)
{
    const auto spread = double(synthetic.experts) / double(synthetic.topK);
    return std::min(10.0, std::sqrt(spread - 1) / synthetic.expertVariation);
}

/**
 * @brief Reads what depends on time and layers.
 * @param options The options. @param model The model. @param span What is drawn.
 * @param[out] synthetic Has its skew, which is above 0.
 */
void
ParseVariations(const ProgramOptions& options,
                const mixnetcore::ModelSpec& model,
                const LoadSpan& span,
                mixnetcore::SyntheticExpertLoadOptions& synthetic)
{
    constexpr double MOST_VARIATION = 9; // of popularities, after scaling
    synthetic.driftVariation =
        options.Number("driftVariation", 0, std::min(10.0, MOST_VARIATION / synthetic.skew));
    if (synthetic.driftVariation > 0 && span.iterations > 1)
    {
        synthetic.driftIterations = options.Number("driftIterations", 1, MOST_ITERATIONS);
    }
    if (span.iterations > 1)
    {
        synthetic.convergenceHalfLife = options.Number("convergenceHalfLife", 0, MOST_ITERATIONS);
    }
    if (synthetic.convergenceHalfLife > 0)
    {
        synthetic.convergedPart = options.Number("convergedPart", 0, 1);
    }
    if (span.layers > 1)
    {
        synthetic.layerCorrelation = options.Number("layerCorrelation", 0, 1);
    }
    if (synthetic.layerCorrelation > 0 && options.Text("transition") != "none")
    {
        synthetic.transition =
            mixnetcore::ReadTransitionMatrix(options.Text("transition"), model.experts);
    }
}

/**
 * @param options The options. @param model The model. @param ranks EP ranks.
 * @param span What is drawn.
 * @return the synthetic process.
 */
mixnetcore::SyntheticExpertLoadOptions
SyntheticOptions(const ProgramOptions& options,
                 const mixnetcore::ModelSpec& model,
                 size_t ranks,
                 const LoadSpan& span)
{
    auto synthetic = mixnetcore::SyntheticLoadOf(model, ranks);
    synthetic.seed = options.Seed();
    synthetic.skew = options.Number("skew", 0, LargestSkew(synthetic));
    if (synthetic.skew > 0)
    {
        ParseVariations(options, model, span, synthetic);
    }
    synthetic.limit = ParseGroupLimit(options, model);
    return synthetic;
}

/**
 * @param options The options.
 * @return whether a program sends a token once where it goes to several experts.
 */
bool
TellsTokensApart(const ProgramOptions& options)
{
    return options.Has(DEDUPLICATE) && options.Peek(DEDUPLICATE) != "none";
}

} // namespace

std::string
DescribeExperts(const mixnetcore::ModelSpec& model)
{
    const auto count = std::to_string(model.experts);
    return "the " + count + " experts of " + model.name +
           (model.paddedExperts == model.experts
                ? ""
                : ", padded to " + std::to_string(model.paddedExperts));
}

void
AddLoadOptions(ProgramOptions& options)
{
    options.Add("expertLoad",
                "Which tokens go where: synthetic (a seeded process), a routing trace of Megatron "
                "(*.jsonl, or a folder of them), or a file with measured token counts, [[..],[..]] "
                "source rank by expert",
                SYNTHETIC);
    options.Add("skew",
                "Scales the variations of the synthetic load: 0 uniform, 0.5 as pre-trained models "
                "on real text, 1 as measured early in training (variation over experts 0.65)",
                "0.5",
                NEEDS_SYNTHETIC);
    options.Add("driftVariation",
                "Coefficient of variation of an expert's popularity over iterations; 0 for none",
                "0",
                NEEDS_SKEW);
    options.Add("driftIterations",
                "Iterations in which drift forgets two thirds of itself",
                "100",
                "--driftVariation above 0, and several iterations");
    options.Add("convergenceHalfLife",
                "Iterations in which the variation over experts halves; 0 for no convergence",
                "0",
                "several iterations of a synthetic load with --skew above 0");
    options.Add("convergedPart",
                "Part of the variation over experts that stays, 0 to 1",
                "0.3",
                "--convergenceHalfLife above 0");
    options.Add("layerCorrelation",
                "Part of a layer's load that follows from the layer before, 0 to 1",
                "0",
                "several layers of a synthetic load with --skew above 0");
    options.Add("transition",
                "File with probabilities [[..],[..]] from expert to expert of the next layer, or "
                "none for experts of the same rank of popularity",
                "none",
                "--layerCorrelation above 0");
    options.Add("expertGroups",
                "Groups of experts, of which a token may go to some only; 0 for the model's, 1 for "
                "no limit",
                "0",
                "--groupsPerToken or a model with such groups, and --expertLoad=synthetic");
    options.Add("groupsPerToken",
                "Groups a token may go to; 0 for the model's, or all where --expertGroups is given",
                "0",
                "several groups of experts, --expertGroups, and --expertLoad=synthetic");
}

std::shared_ptr<const mixnetcore::ExpertLoad>
ParseLoadOptions(const ProgramOptions& options,
                 const mixnetcore::ModelSpec& model,
                 size_t ranks,
                 size_t tensorParallel,
                 size_t ranksPerHost,
                 const LoadSpan& span)
{
    const auto& path = options.Text("expertLoad");
    if (path == SYNTHETIC)
    {
        const auto synthetic = SyntheticOptions(options, model, ranks, span);
        try
        {
            return std::make_shared<mixnetcore::SyntheticExpertLoad>(synthetic);
        }
        catch (const std::invalid_argument& error)
        {
            const std::string groups = "expertGroups";
            const std::string perToken = "groupsPerToken";
            const bool isLimited = options.Peek(groups) != "0" || options.Peek(perToken) != "0";
            throw std::invalid_argument((isLimited ? "options --" + groups + "=" +
                                                         options.Peek(groups) + ", --" + perToken +
                                                         "=" + options.Peek(perToken) + ": "
                                                   : "") +
                                        error.what());
        }
    }
    if (!IsTrace(path))
    {
        // Counts may be any shares, unless it matters which of them are of one token.
        const auto tokens =
            TellsTokensApart(options) ? model.TokensPerMicrobatch() : mixnetcore::Tokens(0);
        return std::make_shared<mixnetcore::MeasuredExpertLoad>(
            mixnetcore::MeasuredExpertLoad::FromFile(path,
                                                     ranks,
                                                     model.paddedExperts,
                                                     model.AssignmentsPerMicrobatch(),
                                                     tokens));
    }
    mixnetcore::RoutingTraceShape shape;
    shape.sourceRanks = ranks;
    shape.experts = model.experts;
    shape.expertPlaces = model.paddedExperts;
    shape.topK = model.topK;
    shape.tokensPerSource = model.TokensPerMicrobatch();
    shape.layers = model.MoeLayers();
    shape.recordersPerSource = tensorParallel;
    const auto perRank = model.paddedExperts / ranks;
    shape.groupSizes = {perRank, perRank * ranksPerHost};
    return std::make_shared<mixnetcore::RoutingTraceExpertLoad>(path, shape);
}

void
AddDeduplicationOption(ProgramOptions& options)
{
    options.Add(DEDUPLICATE,
                "How often a token is sent that goes to several experts: " +
                    mixnetcore::Deduplications().Describe() + "; host not in task graphs",
                "none",
                "several experts per EP rank, where it is rank");
}

mixnetcore::Deduplication
ParseDeduplicationOption(const ProgramOptions& options,
                         const mixnetcore::ExpertLoad& load,
                         size_t ranksPerHost)
{
    const std::string rank = "rank";
    if (options.Peek(DEDUPLICATE) == rank && load.Experts() == load.SourceRanks())
    {
        return mixnetcore::Deduplication::None; // a token has one expert on a rank at most
    }
    const auto& name = options.Text(DEDUPLICATE);
    const auto kind = mixnetcore::Deduplications().Get(
        options.Choice(DEDUPLICATE, mixnetcore::Deduplications().Names()));
    const bool isHost = kind == mixnetcore::Deduplication::Host;
    if (isHost && ranksPerHost == 0)
    {
        throw std::invalid_argument("option --deduplicate=host: must be none or rank where EP "
                                    "ranks span servers, and in task graphs: nothing is passed on "
                                    "inside of servers");
    }
    if (kind != mixnetcore::Deduplication::None)
    {
        try
        {
            const auto perRank = load.Experts() / load.SourceRanks();
            load.DrawDistinct({}, perRank);
            load.DrawDistinct({}, isHost ? perRank * ranksPerHost : perRank);
        }
        catch (const std::invalid_argument& error)
        {
            throw std::invalid_argument("option --deduplicate=" + name + ": " + error.what());
        }
    }
    return kind;
}

} // namespace mixnet
} // namespace ns3
