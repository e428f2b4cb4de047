/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-file.h"

#include "fabric-file-circuits.h"
#include "fabric-file-host.h"
#include "fabric-file-links.h"

#include "ns3/all-to-all-router.h"
#include "ns3/checks.h"
#include "ns3/fabric-reach.h"
#include "ns3/json-fields.h"
#include "ns3/json-item.h"

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace mixnetcore
{

namespace
{

constexpr uint64_t MAX_NICS_OF_FABRIC = uint64_t{1} << 20;  //!< of all hosts
constexpr uint64_t MAX_HOSTS_OF_FABRIC = uint64_t{1} << 16; //!< servers
constexpr BitsPerSecond USUAL_RATE{400'000'000'000};        //!< of a NIC
constexpr Picoseconds USUAL_DELAY{1'000'000};               //!< of a fibre
constexpr const char* RELAY = "relay";                      //!< a router
constexpr const char* VALIANT = "valiant";                  //!< a router
/// Fields of a fabric file
const std::vector<std::string> KNOWN{"name",
                                     "description",
                                     "linkRate",
                                     "linkDelay",
                                     "host",
                                     "hosts",
                                     "switches",
                                     "links",
                                     "regions",
                                     "schedules",
                                     "rings",
                                     "routes",
                                     "forwarding",
                                     "relays",
                                     "controlPathDelay"};

/// @param path Path of a file. @return its name without folder and .json.
std::string
StemOf(const std::string& path)
{
    const auto name = path.substr(path.find_last_of('/') + 1);
    const auto stem = name.substr(0, name.rfind(".json"));
    return stem.empty() ? name : stem;
}

/// @brief A fabric file that is being read.
class FabricFile
{
  public:
    /// @param json What is in it. @param path Its path.
    FabricFile(const nlohmann::json& json, const std::string& path)
        : m_path(path),
          m_file(json, path, "", KNOWN),
          m_links(m_plan),
          m_circuits(m_plan, m_links)
    {
    }

    FabricFile(const FabricFile&) = delete;
    FabricFile& operator=(const FabricFile&) = delete;

    /// @return the fabric.
    FabricPlan Read()
    {
        m_plan.name = m_file.Has("name") ? m_file.Text("name") : StemOf(m_path);
        if (m_file.Has("description"))
        {
            m_file.Text("description");
        }
        ReadNodesAndLinks();
        ReadCircuits();
        ReadForwarding();
        return m_plan;
    }

  private:
    /// @brief Reads hosts, switches and links.
    void ReadNodesAndLinks()
    {
        const auto rate = m_file.Has("linkRate") ? m_file.Item("linkRate").Rate() : USUAL_RATE;
        const auto delay =
            m_file.Has("linkDelay") ? m_file.Item("linkDelay").Duration() : USUAL_DELAY;
        m_plan.host = ReadHost(m_file.Item("host"), rate);
        const auto most = MAX_NICS_OF_FABRIC / m_plan.host.nics.size();
        AddHosts(m_plan, m_file.Count("hosts", 1, std::min(MAX_HOSTS_OF_FABRIC, most)));
        m_links.ReadSwitches(m_file.Items("switches"));
        m_links.ReadLinks(m_file.Items("links"), rate, delay);
        if (const auto nic = m_links.FindUnlinked())
        {
            Refuse(Phrase() << "electrical NIC host" << nic->host << "/" << nic->nic
                            << " has no link; expected one to a packet switch");
        }
    }

    /// @brief Reads regions, schedules, rings and routes.
    void ReadCircuits()
    {
        m_circuits.ReadRegions(m_file.Items("regions"));
        m_circuits.ReadSchedules(m_file.Items("schedules"));
        if (const auto node = m_circuits.FindUnused())
        {
            Refuse("optical circuit switch " + m_plan.nodes[*node].name +
                   " has no circuits; expected a region or a schedule with it");
        }
        m_circuits.ReadRings(m_file.Items("rings"));
        m_circuits.ReadRoutes(m_file.Items("routes"));
        if (m_file.Has("controlPathDelay"))
        {
            m_plan.controlDelay = m_file.Item("controlPathDelay").Duration();
        }
        if (HasOneWayCircuits(m_plan) != m_plan.controlDelay.has_value())
        {
            Refuse(
                m_plan.controlDelay
                    ? "controlPathDelay is there, but no one-way circuits; expected both or none"
                    : "there are one-way circuits; expected controlPathDelay, the delay of their "
                      "acknowledgements");
        }
    }

    /// @brief Reads how bytes go, and checks that they arrive.
    void ReadForwarding()
    {
        m_plan.router = m_file.Has("forwarding")
                            ? m_file.Item("forwarding").Choice(AllToAllRouters().Names())
                            : UsualRouter(m_plan);
        if (m_plan.router != RELAY && !m_plan.routes.empty())
        {
            Refuse("routes are there, but forwarding is " + m_plan.router + "; expected " + RELAY +
                   " or no routes");
        }
        if (m_file.Has("relays"))
        {
            m_plan.relays = ReadHostList(m_file.Item("relays"), m_plan.hosts, 0);
        }
        else if (m_plan.router == RELAY || m_plan.router == VALIANT)
        {
            m_plan.relays = AllHostsOf(m_plan.hosts);
        }
        try
        {
            CheckReach(m_plan);
        }
        catch (const std::invalid_argument& error)
        {
            Refuse("with forwarding " + m_plan.router + ": " + error.what());
        }
    }

    /// @param message What is wrong. @throws std::invalid_argument always.
    [[noreturn]] void Refuse(const std::string& message) const
    {
        mixnetcore::Refuse(m_path + ": " + message);
    }

    FabricPlan m_plan;             //!< what is made
    std::string m_path;            //!< path of the file
    JsonFields m_file;             //!< what is in it
    FabricFileLinks m_links;       //!< what ends where
    FabricFileCircuits m_circuits; //!< regions, schedules, rings and routes
};

} // namespace

FabricPlan
ParseFabric(const std::string& text, const std::string& path)
{
    const auto json =
        ParseJsonText(text, path, "a fabric, as contrib/mixnet/doc/mixnet-fabric-files.rst has it");
    return FabricFile(json, path).Read();
}

FabricPlan
ReadFabric(std::istream& input, const std::string& name)
{
    errno = 0;
    return ParseFabric(ReadText(input, name, "fabric"), name);
}

FabricPlan
ReadFabricFile(const std::string& path)
{
    return ParseFabric(ReadTextFile(path, "fabric"), path);
}

} // namespace mixnetcore
