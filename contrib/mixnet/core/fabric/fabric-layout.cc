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
#include <set>
#include <utility>
#include <vector>

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

/// @brief Servers around the optical circuit switches that they are on.
struct Cluster
{
    std::vector<uint32_t> hosts;    //!< in their order
    std::vector<uint32_t> switches; //!< node indices
};

/// @param plan A fabric. @param known Nodes that are in a cluster. @param first An optical switch.
/// @return it with all servers and optical switches that fibres join to it; they are known then.
Cluster
ClusterAround(const FabricPlan& plan, std::set<uint32_t>& known, uint32_t first)
{
    Cluster cluster;
    std::vector<uint32_t> open{first};
    known.insert(first);
    while (!open.empty())
    {
        const auto node = open.back();
        open.pop_back();
        const bool isHost = plan.nodes[node].role == NodeRole::Host;
        (isHost ? cluster.hosts : cluster.switches).push_back(node);
        for (const auto& link : plan.links)
        {
            for (const auto& [from, to] :
                 {std::pair(link.a.node, link.b.node), std::pair(link.b.node, link.a.node)})
            {
                const auto role = plan.nodes[to].role;
                if (from == node && role != NodeRole::PacketSwitch &&
                    (role != NodeRole::Host || !isHost) && known.insert(to).second)
                {
                    open.push_back(to);
                }
            }
        }
    }
    std::sort(cluster.hosts.begin(), cluster.hosts.end());
    std::sort(cluster.switches.begin(), cluster.switches.end());
    return cluster;
}

/// @param plan A fabric. @return its regions, and what is around optical switches without one.
std::vector<Cluster>
ClustersOf(const FabricPlan& plan)
{
    std::vector<Cluster> clusters;
    std::set<uint32_t> known;
    for (const auto& region : plan.regions)
    {
        clusters.push_back({region.Hosts(), {}});
        for (const auto& plane : region.planes)
        {
            clusters.back().switches.push_back(plane.opticalSwitch);
        }
        known.insert(clusters.back().hosts.begin(), clusters.back().hosts.end());
        known.insert(clusters.back().switches.begin(), clusters.back().switches.end());
    }
    for (uint32_t node = plan.hosts; node < plan.nodes.size(); ++node)
    {
        if (plan.nodes[node].role == NodeRole::OpticalCircuitSwitch && known.count(node) == 0)
        {
            clusters.push_back(ClusterAround(plan, known, node));
        }
    }
    return clusters;
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
        PlaceClusters();
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
    void PlaceClusters()
    {
        const auto clusters = ClustersOf(m_plan);
        size_t most = 0;
        for (const auto& cluster : clusters)
        {
            most = std::max(most, cluster.hosts.size());
        }
        constexpr double PI = 3.14159265358979324;
        const double radius = std::max(LEAST_RADIUS, double(most) * SERVER_GAP / (2 * PI));
        const double size = 2 * (radius + MARGIN);
        const auto columns =
            std::max<size_t>(1, std::ceil(std::sqrt(2.0 * double(clusters.size()))));
        for (size_t at = 0; at < clusters.size(); ++at)
        {
            const PicturePoint middle{(double(at % columns) + 0.5) * size,
                                      (double(at / columns) + 0.5) * size};
            PlaceCluster(clusters[at], middle, radius);
            Include({middle.x + 0.5 * size, middle.y + 0.5 * size});
        }
    }

    /// @param cluster A cluster. @param middle Its middle. @param radius Where its servers are.
    void PlaceCluster(const Cluster& cluster, const PicturePoint& middle, double radius)
    {
        for (size_t place = 0; place < cluster.hosts.size(); ++place)
        {
            const auto host = cluster.hosts[place];
            const double turns = double(place) / double(cluster.hosts.size());
            const auto point = OnCircle(turns);
            m_layout.nodes[host] = {middle.x + radius * point.x, middle.y + radius * point.y};
            m_placed[host] = 1;
            PlaceNics(host, NicRole::Optical, turns + 0.5);
            PlaceNics(host, NicRole::Electrical, turns);
        }
        for (size_t at = 0; at < cluster.switches.size(); ++at)
        {
            m_layout.nodes[cluster.switches[at]] = {
                middle.x,
                middle.y + PLANE_GAP * FromMiddle(at, cluster.switches.size())};
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
