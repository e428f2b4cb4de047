/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_LAYOUT_H
#define FABRIC_LAYOUT_H

#include "fabric-plan.h"

#include <vector>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief A place in a picture: x to the right, y downwards, in units of the picture's own.
struct PicturePoint
{
    double x{0}; //!< to the right
    double y{0}; //!< downwards

    /// @param other A place. @return whether it is the same.
    bool operator==(const PicturePoint& other) const
    {
        return x == other.x && y == other.y;
    }
};

/**
 * @ingroup mixnet-core
 * @brief Where the parts of a fabric are drawn.
 *
 * The servers of a region stand on a circle, the first at the top, the others clockwise; its
 * optical circuit switches are in the middle, one below the other. NICs are around their server,
 * optical ones on the inner side and electrical ones on the outer, so that circuits are chords of
 * the circle. Regions fill rows of a grid. Servers without a region fill rows below,
 * their NICs above them. Packet switches are above all, a row per tier, leaves lowest.
 *
 * Not avoided: links that cross servers or each other.
 */
struct FabricLayout
{
    std::vector<PicturePoint> nodes;             //!< by node of the plan
    std::vector<std::vector<PicturePoint>> nics; //!< by host and NIC
    double width{0};                             //!< all x are from 0 to here
    double height{0};                            //!< all y are from 0 to here
};

/// @ingroup mixnet-core
/// @param plan A fabric. @return where its parts are drawn; the same on every machine.
FabricLayout LayOut(const FabricPlan& plan);

} // namespace mixnetcore

#endif // FABRIC_LAYOUT_H
