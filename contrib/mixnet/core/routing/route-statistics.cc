/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "route-statistics.h"

#include "ns3/checks.h"
#include "ns3/lists.h"

#include <algorithm>
#include <array>
#include <map>

namespace mixnetcore
{

namespace
{

using CircuitKey = std::array<uint32_t, 4>; //!< host and NIC that send, host and NIC that receive

/// @param from NIC that sends. @param to NIC that receives. @return the key of their circuit.
CircuitKey
KeyOf(const NicId& from, const NicId& to)
{
    return {from.host, from.nic, to.host, to.nic};
}

/// @brief Follows the bytes of a demand.
class RouteFollower
{
  public:
    /// @param plan A fabric. @param demand From host to host.
    RouteFollower(const FabricPlan& plan, const DemandMatrix& demand)
        : m_plan(plan),
          m_made(MakeRouter(plan)),
          m_router(dynamic_cast<const CircuitRouter*>(m_made.get()))
    {
        if (!m_router)
        {
            Refuse("router " + plan.router +
                   ": does not lead over circuits that stand or follow a "
                   "schedule");
        }
        if (demand.Rows() != plan.hosts || demand.Columns() != plan.hosts)
        {
            Refuse(Phrase() << "demand of " << demand.Rows() << " x " << demand.Columns()
                            << " hosts: as many as there are hosts, " << plan.hosts);
        }
        for (uint32_t from = 0; from < plan.hosts; ++from)
        {
            for (uint32_t to = 0; to < plan.hosts; ++to)
            {
                if (from != to)
                {
                    Follow(from, to, demand.At(from, to));
                }
            }
        }
    }

    /// @return what each circuit carries.
    std::vector<CircuitLoad> Loads() const
    {
        return Mapped(CircuitsOf(m_plan), [this](const DirectedCircuit& circuit) {
            const auto found = m_bytes.find(KeyOf(circuit.from, circuit.to));
            const auto bytes = found == m_bytes.end() ? Bytes(0) : found->second;
            const auto rate = m_plan.host.nics.at(circuit.from.nic).rate;
            return CircuitLoad{circuit, bytes, TransmissionTime(bytes, rate)};
        });
    }

    /// @return the statistics.
    RouteStatistics Statistics() const
    {
        RouteStatistics statistics;
        statistics.bandwidthTax = m_sent > 0 ? m_crossed / m_sent : 1;
        statistics.meanHops = MeanHops();
        statistics.mostHops = m_mostHops;
        statistics.diameter = m_router->Graph().Diameter();
        for (const auto& load : Loads())
        {
            if (load.time > statistics.mostLoaded.time)
            {
                statistics.mostLoaded = load;
            }
        }
        return statistics;
    }

  private:
    /// @param from A host. @param to Another. @param bytes Between them.
    void Follow(uint32_t from, uint32_t to, Bytes bytes)
    {
        for (const auto& transfer : m_router->Route({{{from, 0}, {to, 0}, bytes}}))
        {
            uint32_t hops = 0;
            for (const auto& leg : transfer.route)
            {
                if (const auto* rdma = std::get_if<RdmaLeg>(&leg))
                {
                    m_bytes[KeyOf(rdma->from, rdma->to)] += transfer.bytes;
                    ++hops;
                }
            }
            m_sent += double(transfer.bytes.Count());
            m_crossed += double(transfer.bytes.Count()) * hops;
            m_mostHops = std::max(m_mostHops, hops);
        }
    }

    /// @return circuits between two hosts, of all ordered pairs with a path.
    double MeanHops() const
    {
        double hops = 0;
        double pairs = 0;
        for (uint32_t from = 0; from < m_plan.hosts; ++from)
        {
            for (uint32_t to = 0; to < m_plan.hosts; ++to)
            {
                const auto paths = m_router->PathsBetween(from, to);
                pairs += from == to || paths.empty() ? 0 : 1;
                hops += SumOf(paths, [](const HostPath& path) {
                    return path.share * double(path.hosts.size() - 1);
                });
            }
        }
        return pairs > 0 ? hops / pairs : 0;
    }

    const FabricPlan& m_plan;                     //!< the fabric
    std::shared_ptr<const AllToAllRouter> m_made; //!< its router
    const CircuitRouter* m_router;                //!< the same
    std::map<CircuitKey, Bytes> m_bytes;          //!< by circuit
    double m_sent{0};                             //!< bytes
    double m_crossed{0};                          //!< bytes times circuits
    uint32_t m_mostHops{0};                       //!< on a route that bytes take
};

} // namespace

std::vector<CircuitLoad>
LoadsOfCircuits(const FabricPlan& plan, const DemandMatrix& demand)
{
    return RouteFollower(plan, demand).Loads();
}

RouteStatistics
StatisticsOfRoutes(const FabricPlan& plan, const DemandMatrix& demand)
{
    return RouteFollower(plan, demand).Statistics();
}

} // namespace mixnetcore
