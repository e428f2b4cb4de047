/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef NAME_FAMILIES_H
#define NAME_FAMILIES_H

#include "ns3/registry.h"

#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A family of alternatives from which users choose by name.
 */
struct NameFamily
{
    std::string title;                      //!< what they are called together, as "GPU types"
    std::string accessor;                   //!< function that returns their registry
    std::string option;                     //!< option of programs that chooses one
    const mixnetcore::RegistryNames* names; //!< the registry; never null
};

/**
 * @ingroup mixnet
 * @return every family there is, what a program has added included: for the manual's lists.
 */
std::vector<NameFamily> NameFamilies();

} // namespace mixnet
} // namespace ns3

#endif // NAME_FAMILIES_H
