/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3/host-interior.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <set>

using namespace mixnetcore;

namespace
{

constexpr double PORT = 450e9;   //!< of a GPU, bytes per second
constexpr double PCIE = 32e9;    //!< likewise
constexpr double NUMA = 20e9;    //!< between the halves
constexpr double ATTACHED = 5e9; //!< between a NIC and its GPU

/// @param bytesPerSecond Rate. @return the same in bits.
BitsPerSecond
Rate(double bytesPerSecond)
{
    return BitsPerSecond(static_cast<uint64_t>(8 * bytesPerSecond));
}

/// @param interconnect What joins the GPUs. @return eight GPUs, eight NICs, all rates finite.
HostPlan
Host(GpuInterconnect interconnect)
{
    HostSpec spec;
    spec.gpuPortRate = Rate(PORT);
    spec.interconnect = interconnect;
    spec.numaLinkRate = Rate(NUMA);
    spec.nicAttachmentRate = Rate(ATTACHED);
    if (interconnect == GpuInterconnect::NvlinkPairs)
    {
        spec.pcieRate = Rate(PCIE);
    }
    return PlanHost(spec);
}

using Rates = std::multiset<double>;   //!< bytes per second
using Crossed = std::vector<uint32_t>; //!< resources

/// @param interior Inside. @param crossed Resources. @return their rates.
Rates
RatesOf(const HostInterior& interior, const Crossed& crossed)
{
    Rates rates;
    for (const auto resource : crossed)
    {
        rates.insert(interior.Capacities().at(resource));
    }
    return rates;
}

/// @param interior Inside. @param a Resources. @param b Others. @return rates of those in both.
Rates
Shared(const HostInterior& interior, const Crossed& a, const Crossed& b)
{
    Crossed both;
    std::copy_if(a.begin(), a.end(), std::back_inserter(both), [&](uint32_t resource) {
        return std::count(b.begin(), b.end(), resource) > 0;
    });
    return RatesOf(interior, both);
}

} // namespace

TEST(HostInterior, CrossesTheTwoPortsOfANvswitch)
{
    const HostInterior interior(Host(GpuInterconnect::NvSwitch));
    const auto crossed = interior.Between(0, 1);
    EXPECT_EQ(RatesOf(interior, crossed), (Rates{PORT, PORT}));
    EXPECT_EQ(Shared(interior, crossed, interior.Between(0, 2)), Rates{PORT}) << "out of GPU 0";
    EXPECT_EQ(Shared(interior, crossed, interior.Between(2, 1)), Rates{PORT}) << "into GPU 1";
    EXPECT_EQ(Shared(interior, crossed, interior.Between(1, 0)), Rates{}) << "full duplex";
    EXPECT_EQ(Shared(interior, crossed, interior.Between(1, 2)), Rates{}) << "in is not out";
    EXPECT_EQ(Shared(interior, crossed, interior.Between(2, 3)), Rates{}) << "others";
}

TEST(HostInterior, CrossesTheNumaLinkBetweenHalvesInItsDirection)
{
    const HostInterior interior(Host(GpuInterconnect::NvSwitch));
    const auto crossed = interior.Between(0, 4);
    EXPECT_EQ(RatesOf(interior, crossed), (Rates{PORT, PORT, NUMA}));
    EXPECT_EQ(Shared(interior, crossed, interior.Between(3, 7)), Rates{NUMA}) << "the same way";
    EXPECT_EQ(Shared(interior, crossed, interior.Between(7, 3)), Rates{}) << "the other way";
    EXPECT_EQ(RatesOf(interior, interior.Between(7, 3)), (Rates{PORT, PORT, NUMA}));
    EXPECT_EQ(RatesOf(interior, interior.Between(4, 7)), (Rates{PORT, PORT})) << "one half";
}

TEST(HostInterior, CrossesNvlinkWithinAPairAndPcieBetweenPairs)
{
    const HostInterior interior(Host(GpuInterconnect::NvlinkPairs));
    EXPECT_EQ(RatesOf(interior, interior.Between(0, 1)), (Rates{PORT, PORT}));
    EXPECT_EQ(RatesOf(interior, interior.Between(3, 2)), (Rates{PORT, PORT}));
    EXPECT_EQ(RatesOf(interior, interior.Between(1, 2)), (Rates{PCIE, PCIE}));
    EXPECT_EQ(RatesOf(interior, interior.Between(1, 6)), (Rates{PCIE, PCIE, NUMA}));
    EXPECT_EQ(Shared(interior, interior.Between(1, 2), interior.Between(1, 3)), Rates{PCIE});
    EXPECT_EQ(Shared(interior, interior.Between(1, 2), interior.Between(0, 2)), Rates{PCIE});
    EXPECT_EQ(Shared(interior, interior.Between(1, 2), interior.Between(1, 0)), Rates{});
    EXPECT_EQ(Shared(interior, interior.Between(1, 2), interior.Between(2, 1)), Rates{});
}

TEST(HostInterior, CrossesTheAttachmentOfANicInItsDirection)
{
    const HostInterior interior(Host(GpuInterconnect::NvSwitch));
    std::set<uint32_t> attachments;
    for (uint32_t nic = 0; nic < 8; ++nic)
    {
        EXPECT_EQ(RatesOf(interior, interior.IntoNic(nic)), Rates{ATTACHED});
        EXPECT_EQ(RatesOf(interior, interior.OutOfNic(nic)), Rates{ATTACHED});
        attachments.insert(interior.IntoNic(nic).front());
        attachments.insert(interior.OutOfNic(nic).front());
    }
    EXPECT_EQ(attachments.size(), 16U) << "each NIC and each direction has its own";
}

TEST(HostInterior, CrossesThePcieOfTheNicsGpuWithNvlinkPairs)
{
    auto plan = Host(GpuInterconnect::NvlinkPairs);
    plan.nics[3].gpu = 6;
    const HostInterior interior(plan);
    EXPECT_EQ(RatesOf(interior, interior.IntoNic(3)), (Rates{ATTACHED, PCIE}));
    EXPECT_EQ(RatesOf(interior, interior.OutOfNic(3)), (Rates{ATTACHED, PCIE}));
    // The NIC reads what its GPU sends out, and writes what comes into it.
    EXPECT_EQ(Shared(interior, interior.IntoNic(3), interior.Between(6, 0)), Rates{PCIE});
    EXPECT_EQ(Shared(interior, interior.OutOfNic(3), interior.Between(0, 6)), Rates{PCIE});
    EXPECT_EQ(Shared(interior, interior.IntoNic(3), interior.Between(0, 6)), Rates{});
    EXPECT_EQ(Shared(interior, interior.IntoNic(3), interior.Between(3, 0)), Rates{});
    EXPECT_EQ(Shared(interior, interior.IntoNic(3), interior.IntoNic(6)), Rates{PCIE});
}

TEST(HostInterior, NamesNothingOnTheWayToANicThatIsNoBottleneck)
{
    for (const auto interconnect : {GpuInterconnect::NvSwitch, GpuInterconnect::NvlinkPairs})
    {
        auto plan = Host(interconnect);
        plan.pcieRate.reset();
        plan.nicAttachmentRate.reset();
        const HostInterior interior(plan);
        EXPECT_TRUE(interior.IntoNic(5).empty());
        EXPECT_TRUE(interior.OutOfNic(5).empty());
    }
    auto plan = Host(GpuInterconnect::NvlinkPairs);
    plan.nicAttachmentRate.reset();
    const HostInterior interior(plan);
    EXPECT_EQ(RatesOf(interior, interior.IntoNic(5)), Rates{PCIE});
    EXPECT_EQ(RatesOf(interior, interior.OutOfNic(5)), Rates{PCIE});
}

TEST(HostInterior, HasInfiniteRatesWhereNoneIsGiven)
{
    HostSpec spec;
    spec.gpuPortRate = Rate(PORT);
    const HostInterior interior(PlanHost(spec));
    const auto rates = RatesOf(interior, interior.Between(0, 4));
    EXPECT_EQ(rates.count(PORT), 2U);
    for (const auto rate : rates)
    {
        EXPECT_TRUE(rate == PORT || std::isinf(rate));
    }
}

TEST(HostInterior, PutsTheMiddleGpuOfAnOddNumberIntoHalfZero)
{
    auto plan = Host(GpuInterconnect::NvSwitch);
    plan.gpus = 5;
    plan.nics.resize(5);
    const HostInterior interior(plan);
    EXPECT_EQ(RatesOf(interior, interior.Between(0, 2)), (Rates{PORT, PORT}));
    EXPECT_EQ(RatesOf(interior, interior.Between(2, 3)), (Rates{PORT, PORT, NUMA}));
}
