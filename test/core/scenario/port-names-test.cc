/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/port-names.h"

#include <gtest/gtest.h>
#include <stdexcept>

using namespace mixnetcore;

namespace
{

/**
 * @return nodes host0 and host1 with 3 ports each, ocs0 with 4 and eps0 with 2.
 */
FabricPlan
Region()
{
    FabricPlan plan;
    plan.hosts = 2;
    plan.nodes.push_back({NodeRole::Host, "host0", 3});
    plan.nodes.push_back({NodeRole::Host, "host1", 3});
    plan.nodes.push_back({NodeRole::OpticalCircuitSwitch, "ocs0", 4});
    plan.nodes.push_back({NodeRole::PacketSwitch, "eps0", 2});
    return plan;
}

/**
 * @param text What the user gives.
 * @param plan The fabric.
 * @return the ports as node index and number.
 */
std::vector<std::pair<uint32_t, uint32_t>>
PortsOf(const std::string& text, const FabricPlan& plan)
{
    std::vector<std::pair<uint32_t, uint32_t>> ports;
    for (const auto& port : ParsePorts("pcapPorts", text, plan))
    {
        ports.emplace_back(port.node, port.port);
    }
    return ports;
}

/**
 * @param text What the user gives.
 * @return the message it is refused with; empty when it is not.
 */
std::string
MessageOf(const std::string& text)
{
    return tests::Refusal([&] { ParsePorts("pcapPorts", text, Region()); });
}

} // namespace

TEST(PortNames, APortIsItsNodeAndNumber)
{
    EXPECT_EQ(PortsOf("host1/2", Region()), (std::vector<std::pair<uint32_t, uint32_t>>{{1, 2}}));
    EXPECT_EQ(PortsOf("eps0/1", Region()), (std::vector<std::pair<uint32_t, uint32_t>>{{3, 1}}));
}

TEST(PortNames, AListIsReadInTheOrderOfThePlanAndEachPortOnce)
{
    EXPECT_EQ(PortsOf("eps0/0,host1/0,host0/2,host1/0", Region()),
              (std::vector<std::pair<uint32_t, uint32_t>>{{0, 2}, {1, 0}, {3, 0}}));
}

TEST(PortNames, AllAreThoseOfHostsAndPacketSwitches)
{
    EXPECT_EQ(PortsOf("all", Region()),
              (std::vector<std::pair<uint32_t, uint32_t>>{{0, 0},
                                                          {0, 1},
                                                          {0, 2},
                                                          {1, 0},
                                                          {1, 1},
                                                          {1, 2},
                                                          {3, 0},
                                                          {3, 1}}));
}

TEST(PortNames, WhatDoesNotExistIsRefusedWithWhatDoes)
{
    EXPECT_EQ(MessageOf("host0/0,host2/0"),
              "option --pcapPorts=host0/0,host2/0: there is no port 'host2/0'; the ports are "
              "host0/0 to host1/2, eps0/0 to eps0/1, and all for every one");
    for (const std::string name : {"",
                                   "host0",
                                   "host0/3",
                                   "host0/00",
                                   "host0/0 ",
                                   "Host0/0",
                                   "host0/0,",
                                   "host0/0,all",
                                   "ocs0/0",
                                   "eps0/2",
                                   "/",
                                   "host0/-1"})
    {
        EXPECT_NE(MessageOf(name), "") << name;
    }
}

TEST(PortNames, ASinglePortIsDescribedAlone)
{
    FabricPlan plan;
    plan.nodes.push_back({NodeRole::Host, "host0", 1});
    plan.nodes.push_back({NodeRole::PacketSwitch, "leaf", 1});
    try
    {
        ParsePorts("pcapPorts", "x", plan);
        FAIL();
    }
    catch (const std::invalid_argument& error)
    {
        EXPECT_NE(std::string(error.what()).find("the ports are host0/0, leaf/0,"),
                  std::string::npos)
            << error.what();
    }
}
