/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "port-report.h"

#include <iomanip>
#include <nlohmann/json.hpp>

namespace ns3
{
namespace mixnet
{

namespace
{

/// @param side A side of a fabric. @return its name.
const char*
NameOf(mixnetcore::NicRole side)
{
    return side == mixnetcore::NicRole::Optical ? "optical" : "electrical";
}

} // namespace

PortReport::PortReport(const Fabric& fabric, double seconds)
    : m_fabric(fabric),
      m_seconds(seconds)
{
}

double
PortReport::Share(uint32_t nic, uint64_t bytes) const
{
    const double most = m_fabric.plan->host.nics[nic].rate.Count() / 8.0 * m_seconds;
    return most > 0 ? bytes / most : 0;
}

PortReport::SideLoad
PortReport::LoadOf(mixnetcore::NicRole side) const
{
    SideLoad load;
    const auto numbers = m_fabric.plan->host.NicsOn(side);
    for (uint32_t host = 0; host < m_fabric.hosts.size(); ++host)
    {
        for (const auto number : numbers)
        {
            const double share = Share(number, m_fabric.GetSentBytes(host, number));
            if (share > load.busiest)
            {
                load.busiest = share;
                load.name = "host" + std::to_string(host) + "/" + std::to_string(number);
            }
            load.mean += share / (numbers.size() * m_fabric.hosts.size());
        }
    }
    return load;
}

std::vector<std::pair<std::string, PortReport::SideLoad>>
PortReport::Loads() const
{
    std::vector<std::pair<std::string, SideLoad>> loads;
    for (const auto side : {mixnetcore::NicRole::Optical, mixnetcore::NicRole::Electrical})
    {
        if (!m_fabric.plan->host.NicsOn(side).empty())
        {
            loads.emplace_back(NameOf(side), LoadOf(side));
        }
    }
    return loads;
}

void
PortReport::Print(std::ostream& out) const
{
    for (const auto& [side, load] : Loads())
    {
        out << std::left << std::setw(22) << side + " NICs" << std::right << std::fixed
            << std::setprecision(2) << std::setw(7) << 100 * load.busiest << " % busy at most"
            << (load.name.empty() ? "" : " (" + load.name + ")") << "," << std::setw(7)
            << 100 * load.mean << " % on average (sending)\n";
    }
}

void
PortReport::Write(nlohmann::ordered_json& summary) const
{
    for (const auto& [side, load] : Loads())
    {
        summary["nicUtilization"][side] = {{"busiest", load.busiest}, {"mean", load.mean}};
    }
}

void
PortReport::Write(const ResultFolder& folder) const
{
    auto file = folder.OpenWhole("ports.csv");
    file << "host,nic,side,sentBytes,receivedBytes,sendUtilisation,receiveUtilisation\n";
    const auto& nics = m_fabric.plan->host.nics;
    for (uint32_t host = 0; host < m_fabric.hosts.size(); ++host)
    {
        for (uint32_t nic = 0; nic < nics.size(); ++nic)
        {
            const auto sent = m_fabric.GetSentBytes(host, nic);
            const auto received = m_fabric.GetReceivedBytes(host, nic);
            file << host << ',' << nic << ',' << NameOf(nics[nic].role) << ',' << sent << ','
                 << received << ',' << nlohmann::json(Share(nic, sent)) << ','
                 << nlohmann::json(Share(nic, received)) << '\n';
        }
    }
    file.Close();
}

nlohmann::ordered_json
SummarizeDrops(const FrameCounters& frames)
{
    auto drops = nlohmann::ordered_json::object();
    for (size_t i = 0; i < DROP_REASONS; ++i)
    {
        drops[ToString(static_cast<DropReason>(i))] = frames.dropped[i].frames;
    }
    return drops;
}

void
PrintDrops(std::ostream& out, const FrameCounters& frames, const std::string& separator)
{
    const auto drops = SummarizeDrops(frames);
    for (const auto& [reason, lost] : drops.items())
    {
        if (lost > 0)
        {
            out << separator << reason << ' ' << lost;
        }
    }
}

} // namespace mixnet
} // namespace ns3
