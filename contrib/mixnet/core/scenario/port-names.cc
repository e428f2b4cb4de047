/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "port-names.h"

#include "ns3/checks.h"

#include <set>
#include <sstream>

namespace mixnetcore
{

namespace
{

constexpr const char* ALL = "all"; //!< in place of a list: every port

/**
 * @param node A node.
 * @return whether its ports are Ethernet ports.
 */
bool
HasEthernetPorts(const NodePlan& node)
{
    return node.role != NodeRole::OpticalCircuitSwitch && node.ports > 0;
}

/**
 * @param name Name of a node.
 * @return it without the number it ends with.
 */
std::string
FamilyOf(const std::string& name)
{
    return name.substr(0, name.find_last_not_of("0123456789") + 1);
}

/**
 * @param plan A fabric.
 * @return its Ethernet ports in words; neighbours of one family and size together.
 */
std::string
DescribePorts(const FabricPlan& plan)
{
    std::string text;
    for (size_t first = 0; first < plan.nodes.size();)
    {
        const auto& node = plan.nodes[first];
        size_t end = first + 1;
        while (end < plan.nodes.size() && plan.nodes[end].ports == node.ports &&
               plan.nodes[end].role == node.role &&
               FamilyOf(plan.nodes[end].name) == FamilyOf(node.name))
        {
            ++end;
        }
        if (HasEthernetPorts(node))
        {
            text += text.empty() ? "" : ", ";
            text += node.name + "/0";
            text += end - first > 1 || node.ports > 1 ? " to " : "";
            text += end - first > 1 || node.ports > 1
                        ? plan.nodes[end - 1].name + "/" + std::to_string(node.ports - 1)
                        : "";
        }
        first = end;
    }
    return text;
}

} // namespace

std::vector<PortPlan>
ParsePorts(const std::string& option, const std::string& text, const FabricPlan& plan)
{
    std::set<std::string> wanted;
    std::istringstream list(text + ",");
    for (std::string name; std::getline(list, name, ',');)
    {
        wanted.insert(name);
    }
    const bool wantsAll = text == ALL;
    std::vector<PortPlan> ports;
    for (uint32_t index = 0; index < plan.nodes.size(); ++index)
    {
        const auto& node = plan.nodes[index];
        for (uint32_t port = 0; HasEthernetPorts(node) && port < node.ports; ++port)
        {
            if (wantsAll || wanted.erase(node.name + "/" + std::to_string(port)) > 0)
            {
                ports.push_back({index, port});
            }
        }
    }
    if (!wantsAll && !wanted.empty())
    {
        Refuse("option --" + option + "=" + text + ": there is no port '" + *wanted.begin() +
               "'; the ports are " + DescribePorts(plan) + ", and " + ALL + " for every one");
    }
    return ports;
}

} // namespace mixnetcore
