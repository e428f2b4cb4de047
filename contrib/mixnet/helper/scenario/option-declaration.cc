/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "option-declaration.h"

#include "ns3/option-names.h"

#include <map>

namespace ns3
{
namespace mixnet
{

namespace
{

/**
 * @brief Texts of a group.
 */
struct GroupTexts
{
    std::string name;  //!< as --help=NAME takes it
    std::string title; //!< heading
};

/// @return the texts of every group.
const std::map<OptionGroup, GroupTexts>&
TextsOfGroups()
{
    static const std::map<OptionGroup, GroupTexts> texts{
        {OptionGroup::General, {"general", "General"}},
        {OptionGroup::Model, {"model", "What is trained"}},
        {OptionGroup::Parallelism, {"parallelism", "Parallelism and its schedule"}},
        {OptionGroup::Load, {"load", "Load of experts"}},
        {OptionGroup::Traffic, {"traffic", "What is sent"}},
        {OptionGroup::Compute, {"compute", "GPUs and computing times"}},
        {OptionGroup::Fabric, {"fabric", "Fabric: servers, switches, links"}},
        {OptionGroup::Server, {"server", "Inside of servers"}},
        {OptionGroup::Circuits, {"circuits", "Optical circuits and when they change"}},
        {OptionGroup::Transport, {"transport", "Transport, congestion and buffers"}},
        {OptionGroup::Failures, {"failures", "Failures"}},
        {OptionGroup::Fidelity, {"fidelity", "Fidelity: packets or flows"}},
        {OptionGroup::Cost, {"cost", "Cost of the network"}},
        {OptionGroup::Benchmark, {"benchmark", "What is measured"}},
        {OptionGroup::Output, {"output", "Output"}},
        {OptionGroup::Other, {"other", "Other"}},
    };
    return texts;
}

} // namespace

const std::vector<OptionGroup>&
AllOptionGroups()
{
    static const auto groups = [] {
        std::vector<OptionGroup> all;
        for (const auto& [group, texts] : TextsOfGroups())
        {
            all.push_back(group);
        }
        return all;
    }();
    return groups;
}

std::string
NameOf(OptionGroup group)
{
    return TextsOfGroups().at(group).name;
}

std::string
TitleOf(OptionGroup group)
{
    return TextsOfGroups().at(group).title;
}

std::string
OptionDeclaration::DescribeChoice() const
{
    if (isYesOrNo)
    {
        return "yes, no";
    }
    if (!names)
    {
        return {};
    }
    auto all = otherNames;
    all.insert(all.end(), names->Names().begin(), names->Names().end());
    return mixnetcore::JoinNames(all) + names->Otherwise();
}

} // namespace mixnet
} // namespace ns3
