/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OPTION_DECLARATION_H
#define OPTION_DECLARATION_H

#include "ns3/registry.h"

#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What options are about, in the order in which help lists them.
 */
enum class OptionGroup
{
    General,     //!< where values are from, help, the seed
    Model,       //!< what is trained
    Parallelism, //!< over how many GPUs, and in which order
    Load,        //!< which tokens go to which expert
    Traffic,     //!< what is sent where no model says so
    Compute,     //!< GPUs, and how long they compute
    Fabric,      //!< servers, switches and links between them
    Server,      //!< what joins GPUs and NICs inside of servers
    Circuits,    //!< optical circuit switches, and when circuits change
    Transport,   //!< frames, congestion, load balancing, buffers
    Failures,    //!< fibres that are cut, and what comes after
    Fidelity,    //!< how exactly messages are simulated
    Cost,        //!< prices, and what parts are bought as
    Benchmark,   //!< what is measured, and how often
    Output,      //!< what is printed and written
    Other,       //!< of options whose declaration names no group, which is a mistake
};

/// @ingroup mixnet
/// @return all groups, in the order of help.
const std::vector<OptionGroup>& AllOptionGroups();

/// @ingroup mixnet
/// @param group A group. @return its name, as --help=NAME takes it.
std::string NameOf(OptionGroup group);

/// @ingroup mixnet
/// @param group A group. @return the heading of its options.
std::string TitleOf(OptionGroup group);

/**
 * @ingroup mixnet
 * @brief All that is said of an option where it is declared: help, lists and messages follow from
 * it.
 */
struct OptionDeclaration
{
    std::string name;                      //!< without dashes
    std::string help;                      //!< what it means, unit included
    std::string standard;                  //!< default
    std::string need;                      //!< what it needs to have an effect; may be empty
    OptionGroup group{OptionGroup::Other}; //!< what it is about
    bool isBasic{false};                   //!< whether newcomers use it: the short help has it
    bool isYesOrNo{false};                 //!< whether it is yes or no
    bool isOutput{false};                  //!< whether it names what is written, or none
    std::string bare;                      //!< value where it stands alone; empty: it needs one
    std::string family;                    //!< what --list calls the names it takes; may be empty
    /// The names it takes; there may be more when it is read.
    const mixnetcore::RegistryNames* names{nullptr};
    std::vector<std::string> otherNames; //!< words it takes besides

    /// @param about What it is about. @return this.
    OptionDeclaration& In(OptionGroup about)
    {
        group = about;
        return *this;
    }

    /// @brief Newcomers use it. @return this.
    OptionDeclaration& Basic()
    {
        isBasic = true;
        return *this;
    }

    /// @brief It is yes or no. @return this.
    OptionDeclaration& YesOrNo()
    {
        isYesOrNo = true;
        return *this;
    }

    /// @brief It names a file or folder that is written, or none. @return this.
    OptionDeclaration& Output()
    {
        isOutput = true;
        return *this;
    }

    /**
     * @brief It takes a name.
     * @param what What --list calls the family of names, in the plural.
     * @param registry The family; outlives the options.
     * @param others Words it takes besides, with a meaning of their own that the help explains.
     * @return this.
     */
    OptionDeclaration& OneOf(const std::string& what,
                             const mixnetcore::RegistryNames& registry,
                             const std::vector<std::string>& others = {})
    {
        family = what;
        names = &registry;
        otherNames = others;
        return *this;
    }

    /// @return what it takes, in words, where that is a choice; empty where it is not.
    std::string DescribeChoice() const;
};

} // namespace mixnet
} // namespace ns3

#endif // OPTION_DECLARATION_H
