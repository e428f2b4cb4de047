/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "load-options.h"

#include "ns3/expert-loads.h"

#include <string>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* DEDUPLICATE = "deduplicate"; //!< an option

/// What options of the synthetic load need.
constexpr const char* NEEDS_SYNTHETIC = "--expertLoad=synthetic";

/// What options of its variation need.
constexpr const char* NEEDS_SKEW = "--expertLoad=synthetic with --skew above 0";

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

void
AddLoadOptions(ProgramOptions& options)
{
    const auto section = options.Section(OptionGroup::Load);
    section.Add("expertLoad", "Which tokens go to which expert", "synthetic")
        .Basic()
        .OneOf("expert-loads", mixnetcore::ExpertLoads());
    section
        .Add("skew",
             "Scales the variations of the synthetic load: 0 uniform, 0.5 as pre-trained models on "
             "real text, 1 as measured early in training (variation over experts 0.65)",
             "0.5",
             NEEDS_SYNTHETIC)
        .Basic();
    section.Add("driftVariation",
                "Coefficient of variation of an expert's popularity over iterations; 0 for none",
                "0",
                NEEDS_SKEW);
    section.Add("driftIterations",
                "Iterations in which drift forgets two thirds of itself",
                "100",
                "--driftVariation above 0, and several iterations");
    section.Add("convergenceHalfLife",
                "Iterations in which the variation over experts halves; 0 for no convergence",
                "0",
                "several iterations of a synthetic load with --skew above 0");
    section.Add("convergedPart",
                "Part of the variation over experts that stays, 0 to 1",
                "0.3",
                "--convergenceHalfLife above 0");
    section.Add("layerCorrelation",
                "Part of a layer's load that follows from the layer before, 0 to 1",
                "0",
                "several layers of a synthetic load with --skew above 0");
    section.Add("transition",
                "File with probabilities [[..],[..]] from expert to expert of the next layer, or "
                "none for experts of the same rank of popularity",
                "none",
                "--layerCorrelation above 0");
    section.Add("expertGroups",
                "Groups of experts, of which a token may go to some only; 0 for the model's, 1 for "
                "no limit",
                "0",
                "--groupsPerToken or a model with such groups, and --expertLoad=synthetic");
    section.Add("groupsPerToken",
                "Groups a token may go to; 0 for the model's, or all where --expertGroups is given",
                "0",
                "several groups of experts, --expertGroups, and --expertLoad=synthetic");
}

std::shared_ptr<const mixnetcore::ExpertLoad>
ParseLoadOptions(const ProgramOptions& options,
                 const mixnetcore::ModelSpec& model,
                 const mixnetcore::ParallelPlan& plan,
                 const LoadSpan& span)
{
    mixnetcore::ExpertLoadSite site;
    site.model = model;
    site.ranks = plan.ExpertParallel();
    site.tensorParallel = plan.TensorParallel();
    site.ranksPerHost = plan.GroupLayout().RanksOfHost(0).size();
    site.seed = options.Seed();
    site.iterations = span.iterations;
    site.layers = span.layers;
    site.tellsTokensApart = TellsTokensApart(options);
    return mixnetcore::MakeExpertLoad(options, site);
}

void
AddDeduplicationOption(ProgramOptions& options)
{
    options.Section(OptionGroup::Load)
        .Add(DEDUPLICATE,
             "How often a token is sent that goes to several experts; host not in task graphs",
             "none",
             "several experts per EP rank, where it is rank")
        .OneOf("deduplication", mixnetcore::Deduplications());
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
    const auto kind = mixnetcore::Deduplications().Get(
        options.Choice(DEDUPLICATE, mixnetcore::Deduplications().Names()));
    const bool isHost = kind == mixnetcore::Deduplication::Host;
    if (isHost && ranksPerHost == 0)
    {
        options.Refuse(DEDUPLICATE,
                       "must be none or rank where EP ranks span servers, and in task graphs: "
                       "nothing is passed on inside of servers");
    }
    if (kind != mixnetcore::Deduplication::None)
    {
        const auto perRank = load.Experts() / load.SourceRanks();
        options.Made(DEDUPLICATE, [&] {
            load.DrawDistinct({}, perRank);
            load.DrawDistinct({}, isHost ? perRank * ranksPerHost : perRank);
        });
    }
    return kind;
}

} // namespace mixnet
} // namespace ns3
