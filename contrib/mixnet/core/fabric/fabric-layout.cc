/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-layout.h"

#include "ns3/portable-math.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace mixnetcore
{

namespace
{

constexpr double SERVER_GAP = 28;   //!< between neighbours on a circle or in a row, at least
constexpr double LEAST_RADIUS = 38; //!< of a region
constexpr double NIC_DISTANCE = 7;  //!< from the middle of a server
constexpr double NIC_TURNS = 0.055; //!< between neighbours around a server, at most
constexpr double MOST_TURNS = 0.45; //!< between the first and the last of them
constexpr double MARGIN = 12;       //!< around a region or a server of a row
constexpr double TIER_GAP = 14;     //!< between tiers of switches
constexpr double PLANE_GAP = 8;     //!< between optical circuit switches of a region
constexpr size_t MOST_IN_ROW = 16;  //!< servers

/**
 * @param turns Angle in turns, clockwise from the top, any number.
 * @return that point of the circle of radius 1 around the origin.
 */
PicturePoint
OnCircle(double turns)
{
    constexpr double RADIANS_PER_TURN = 6.28318530717958648;
    const auto cosine = [](double of) {
        // Folded to a quarter turn either way, where it is defined.
        const double part = std::abs(of - std::round(of));
        return part <= 0.25 ? PortableCosine(part * RADIANS_PER_TURN)
                            : -PortableCosine((0.5 - part) * RADIANS_PER_TURN);
    };
    return {cosine(turns - 0.25), -cosine(turns)};
}

/**
 * @brief Places the parts of one fabric.
 */
class Drawing
{
  public:
    /// @param plan The fabric.
    explicit Drawing(const FabricPlan& plan)
        : m_plan(plan),
          m_placed(plan.hosts)
    {
        m_layout.nodes.resize(plan.nodes.size());
        m_layout.nics.resize(plan.hosts, std::vector<PicturePoint>(plan.host.nics.size()));
    }

    /// @return the layout.
    FabricLayout Make()
    {
        PlaceRegions();
        PlaceRows();
        PlaceTiers();
        Shift();
        return m_layout;
    }

  private:
    /// @param place A place that is taken. @brief Makes the picture large enough for it.
    void Include(const PicturePoint& place)
    {
        m_right = std::max(m_right, place.x);
        m_top = std::min(m_top, place.y);
        m_bottom = std::max(m_bottom, place.y);
    }

    /// @param at One of several. @param count How many. @return its distance from their middle,
    /// neighbours 1 apart.
    static double FromMiddle(size_t at, size_t count)
    {
        return double(at) - 0.5 * double(count - 1);
    }

    /// @param host A server that has its place. @param side Which of its NICs. @param turns
    /// Direction in which they are, clockwise from the top. @brief Places them.
    void PlaceNics(uint32_t host, NicRole side, double turns)
    {
        const auto nics = m_plan.host.NicsOn(side);
        const auto& server = m_layout.nodes[host];
        const double gap = std::min(NIC_TURNS, MOST_TURNS / double(nics.size()));
        for (size_t nic = 0; nic < nics.size(); ++nic)
        {
            const auto point = OnCircle(turns + gap * FromMiddle(nic, nics.size()));
            m_layout.nics[host][nics[nic]] = {server.x + NIC_DISTANCE * point.x,
                                              server.y + NIC_DISTANCE * point.y};
        }
    }

    /// @brief Places servers with circuits, and what switches these.
    void PlaceRegions()
    {
        size_t most = 0;
        for (const auto& region : m_plan.regions)
        {
            most = std::max(most, region.Hosts().size());
        }
        constexpr double PI = 3.14159265358979324;
        const double radius = std::max(LEAST_RADIUS, double(most) * SERVER_GAP / (2 * PI));
        const double size = 2 * (radius + MARGIN);
        const auto columns =
            std::max<size_t>(1, std::ceil(std::sqrt(2.0 * double(m_plan.regions.size()))));
        for (size_t region = 0; region < m_plan.regions.size(); ++region)
        {
            const PicturePoint middle{(double(region % columns) + 0.5) * size,
                                      (double(region / columns) + 0.5) * size};
            PlaceRegion(m_plan.regions[region], middle, radius);
            Include({middle.x + 0.5 * size, middle.y + 0.5 * size});
        }
    }

    /// @param region A region. @param middle Its middle. @param radius Where its servers are.
    void PlaceRegion(const RegionPlan& region, const PicturePoint& middle, double radius)
    {
        const auto hosts = region.Hosts();
        for (size_t place = 0; place < hosts.size(); ++place)
        {
            const auto host = hosts[place];
            const double turns = double(place) / double(hosts.size());
            const auto point = OnCircle(turns);
            m_layout.nodes[host] = {middle.x + radius * point.x, middle.y + radius * point.y};
            m_placed[host] = 1;
            PlaceNics(host, NicRole::Optical, turns + 0.5);
            PlaceNics(host, NicRole::Electrical, turns);
        }
        for (size_t plane = 0; plane < region.planes.size(); ++plane)
        {
            m_layout.nodes[region.planes[plane].opticalSwitch] = {
                middle.x,
                middle.y + PLANE_GAP * FromMiddle(plane, region.planes.size())};
        }
    }

    /// @brief Places servers without circuits.
    void PlaceRows()
    {
        const auto left = static_cast<size_t>(std::count(m_placed.begin(), m_placed.end(), 0));
        const auto inRow = left <= MOST_IN_ROW
                               ? left
                               : std::max<size_t>(MOST_IN_ROW, std::ceil(std::sqrt(2.0 * left)));
        const double top = m_bottom;
        size_t place = 0;
        for (uint32_t host = 0; host < m_plan.hosts; ++host)
        {
            if (m_placed[host])
            {
                continue;
            }
            m_layout.nodes[host] = {(double(place % inRow) + 0.5) * SERVER_GAP,
                                    top + (double(place / inRow) + 0.5) * SERVER_GAP};
            PlaceNics(host, NicRole::Optical, 0.5);
            PlaceNics(host, NicRole::Electrical, 0);
            Include({m_layout.nodes[host].x + MARGIN, m_layout.nodes[host].y + MARGIN});
            ++place;
        }
    }

    /// @brief Places packet switches, evenly in their tiers.
    void PlaceTiers()
    {
        std::map<uint32_t, std::vector<uint32_t>> tiers;
        for (uint32_t node = m_plan.hosts; node < m_plan.nodes.size(); ++node)
        {
            if (m_plan.nodes[node].role == NodeRole::PacketSwitch)
            {
                tiers[std::max(1U, m_plan.nodes[node].tier)].push_back(node);
            }
        }
        const double width = m_right;
        const double top = m_top;
        for (const auto& [tier, switches] : tiers)
        {
            for (size_t at = 0; at < switches.size(); ++at)
            {
                m_layout.nodes[switches[at]] = {(double(at) + 0.5) * width /
                                                    double(switches.size()),
                                                top - double(tier) * TIER_GAP};
                Include(m_layout.nodes[switches[at]]);
            }
        }
    }

    /// @brief Moves all so that no y is below 0, with a margin at the top.
    void Shift()
    {
        const double up = m_top - MARGIN;
        for (auto& node : m_layout.nodes)
        {
            node.y -= up;
        }
        for (auto& nics : m_layout.nics)
        {
            for (auto& nic : nics)
            {
                nic.y -= up;
            }
        }
        m_layout.width = m_right;
        m_layout.height = m_bottom - up;
    }

    const FabricPlan& m_plan;   //!< what is drawn
    FabricLayout m_layout;      //!< where
    std::vector<char> m_placed; //!< by host: whether it is in a region
    double m_right{0};          //!< end of what is placed so far
    double m_top{0};            //!< likewise
    double m_bottom{0};         //!< likewise
};

} // namespace

FabricLayout
LayOut(const FabricPlan& plan)
{
    return Drawing(plan).Make();
}

} // namespace mixnetcore
