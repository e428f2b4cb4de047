/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PHASE_FAMILY_H
#define PHASE_FAMILY_H

#include "ns3/phase-key.h"

#include <cstdint>
#include <string>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief What lanes of a rank show in timelines.
enum class PhaseFamily : uint32_t
{
    Compute,
    Tensor,
    AllToAll,
    Waiting, //!< for circuits
    Pipeline,
    Gradients,
};

/// @ingroup mixnet
/// @brief How many families there are.
inline constexpr uint32_t PHASE_FAMILIES = 6;

/// @ingroup mixnet
/// @param phase A phase. @return where it is shown.
PhaseFamily FamilyOf(const mixnetcore::PhaseKey& phase);

/// @ingroup mixnet
/// @param family A family. @return its name in timelines, for lanes and to filter by.
const char* TraceNameOf(PhaseFamily family);

/// @ingroup mixnet
/// @param phase A phase. @return its name in timelines.
std::string TraceNameOf(const mixnetcore::PhaseKey& phase);

/// @ingroup mixnet
/// @param phase A phase. @return name of its stage and replica in timelines.
std::string GroupNameOf(const mixnetcore::PhaseKey& phase);

} // namespace mixnet
} // namespace ns3

#endif // PHASE_FAMILY_H
