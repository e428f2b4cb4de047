/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/host-plan.h"

#include <gtest/gtest.h>
#include <set>
#include <stdexcept>
#include <string>

using namespace mixnetcore;

namespace
{

using Numbers = std::vector<uint32_t>;

HostSpec
WithNics(uint32_t opticalDegree, uint32_t electricalNics)
{
    HostSpec spec;
    spec.opticalDegree = opticalDegree;
    spec.electricalNics = electricalNics;
    return spec;
}

/// @return the message with which a server is refused, empty when it is not.
std::string
RefusalOf(const HostSpec& spec)
{
    return tests::Refusal([&] { PlanHost(spec); });
}

} // namespace

TEST(HostPlan, OfThePaperHasEightGpusTwoElectricalAndSixOpticalNics)
{
    const auto plan = PlanHost({});

    EXPECT_EQ(plan.gpus, 8U);
    EXPECT_EQ(plan.NicsOn(NicRole::Electrical), (Numbers{0, 4}));
    EXPECT_EQ(plan.NicsOn(NicRole::Optical), (Numbers{1, 2, 3, 5, 6, 7}));
}

TEST(HostPlan, GivesEveryGpuNvlinkOf450GigabytesPerSecondEachWay)
{
    // 450e9 byte/s x 8 = 3.6 Tb/s.
    EXPECT_EQ(PlanHost({}).gpuPortRate, BitsPerSecond(450'000'000'000 * 8));
}

TEST(HostPlan, SpreadsNicsOverTheGpusAtTheLinkRate)
{
    // Four NICs on eight GPUs: NIC n at GPU n x 8 / 4.
    auto spec = WithNics(3, 1);
    spec.linkRate = BitsPerSecond(100'000'000'000);

    const auto plan = PlanHost(spec);

    ASSERT_EQ(plan.nics.size(), 4U);
    for (uint32_t nic = 0; nic < 4; ++nic)
    {
        EXPECT_EQ(plan.nics[nic].gpu, 2 * nic);
        EXPECT_EQ(plan.nics[nic].rate, spec.linkRate);
    }
}

TEST(HostPlan, PutsEveryNicIntoTheHalfOfItsGpu)
{
    for (uint32_t nics = 1; nics <= 8; ++nics)
    {
        const auto plan = PlanHost(WithNics(nics - 1, 1));
        std::set<uint32_t> gpus;
        for (const auto& nic : plan.nics)
        {
            EXPECT_EQ(nic.numaHalf, plan.NumaHalfOf(nic.gpu)) << nics << " NICs";
            gpus.insert(nic.gpu);
        }
        EXPECT_EQ(gpus.size(), nics) << "no GPU has two of " << nics << " NICs";
    }
}

TEST(HostPlan, SpreadsElectricalNicsEvenly)
{
    // NIC k x N / electrical, rounded up: 0, 8/3, 16/3 for three of eight.
    EXPECT_EQ(PlanHost(WithNics(7, 1)).NicsOn(NicRole::Electrical), (Numbers{0}));
    EXPECT_EQ(PlanHost(WithNics(5, 3)).NicsOn(NicRole::Electrical), (Numbers{0, 3, 6}));
    EXPECT_EQ(PlanHost(WithNics(4, 4)).NicsOn(NicRole::Electrical), (Numbers{0, 2, 4, 6}));
    EXPECT_EQ(PlanHost(WithNics(1, 2)).NicsOn(NicRole::Electrical), (Numbers{0, 2}));
}

TEST(HostPlan, PutsOneOfTwoElectricalNicsIntoEachHalf)
{
    for (uint32_t optical = 0; optical <= 6; ++optical)
    {
        const auto plan = PlanHost(WithNics(optical, 2));
        const auto electrical = plan.NicsOn(NicRole::Electrical);
        ASSERT_EQ(electrical.size(), 2U);
        EXPECT_EQ(plan.nics[electrical[0]].numaHalf, 0U) << optical << " optical";
        EXPECT_EQ(plan.nics[electrical[1]].numaHalf, 1U) << optical << " optical";
    }
}

TEST(HostPlan, MayHaveOneSideOnly)
{
    EXPECT_EQ(PlanHost(WithNics(0, 8)).NicsOn(NicRole::Electrical).size(), 8U);
    EXPECT_TRUE(PlanHost(WithNics(0, 8)).NicsOn(NicRole::Optical).empty());
    EXPECT_EQ(PlanHost(WithNics(8, 0)).NicsOn(NicRole::Optical).size(), 8U);
    EXPECT_TRUE(PlanHost(WithNics(8, 0)).NicsOn(NicRole::Electrical).empty());
}

TEST(HostPlan, SharesFewerNicsAndPutsMoreOfThemOnAGpu)
{
    // 4 NICs on every second of 8 GPUs; 16 NICs, two on each; 3 NICs on one GPU.
    const auto gpusOf = [](uint32_t gpus, uint32_t nics) {
        auto spec = WithNics(0, nics);
        spec.gpus = gpus;
        std::vector<uint32_t> places;
        for (const auto& nic : PlanHost(spec).nics)
        {
            places.push_back(nic.gpu);
        }
        return places;
    };
    EXPECT_EQ(gpusOf(8, 4), (std::vector<uint32_t>{0, 2, 4, 6}));
    EXPECT_EQ(gpusOf(2, 4), (std::vector<uint32_t>{0, 0, 1, 1}));
    EXPECT_EQ(gpusOf(1, 3), (std::vector<uint32_t>{0, 0, 0}));
}

TEST(HostPlan, GivesElectricalNicsARateOfTheirOwn)
{
    auto spec = WithNics(6, 2);
    spec.electricalRate = BitsPerSecond(100'000'000'000);
    for (const auto& nic : PlanHost(spec).nics)
    {
        EXPECT_EQ(nic.rate, nic.role == NicRole::Electrical ? *spec.electricalRate : spec.linkRate);
    }
    spec.electricalRate = BitsPerSecond(0);
    EXPECT_EQ(RefusalOf(spec), "electricalRate = 0: at least 1 bit/s, or none for linkRate");
}

TEST(HostPlan, RefusesMoreNicsThanAServerCanHave)
{
    EXPECT_EQ(RefusalOf(WithNics(1024, 0)), "");
    EXPECT_EQ(RefusalOf(WithNics(1025, 0)), "opticalDegree = 1025: at most 1024 NICs of a server");
    EXPECT_EQ(RefusalOf(WithNics(1000, 25)),
              "electricalNics = 25: at most 1024 NICs of a server, of which opticalDegree takes "
              "1000");
}

TEST(HostPlan, RefusesNumbersWhoseSumWouldWrap)
{
    EXPECT_EQ(RefusalOf(WithNics(1, UINT32_MAX)),
              "electricalNics = 4294967295: at most 1024 NICs of a server, of which opticalDegree "
              "takes 1");
}

TEST(HostPlan, RefusesAHostWithoutNics)
{
    EXPECT_EQ(RefusalOf(WithNics(0, 0)),
              "electricalNics = 0: at least 1 NIC, electrical or optical");
}

TEST(HostPlan, RefusesAHostWithoutGpus)
{
    HostSpec spec;
    spec.gpus = 0;

    EXPECT_EQ(RefusalOf(spec), "gpus = 0: at least 1");
}

TEST(HostPlan, RefusesRatesOfZero)
{
    HostSpec slowNics;
    slowNics.linkRate = BitsPerSecond(0);
    HostSpec slowGpus;
    slowGpus.gpuPortRate = BitsPerSecond(0);

    EXPECT_EQ(RefusalOf(slowNics), "linkRate = 0: at least 1 bit/s");
    EXPECT_EQ(RefusalOf(slowGpus), "gpuPortRate = 0: at least 1 bit/s");
}

TEST(HostPlan, RefusesFurtherRatesOfZeroButNotTheirAbsence)
{
    for (const auto& [field, rate] : {std::pair("pcieRate", &HostSpec::pcieRate),
                                      std::pair("numaLinkRate", &HostSpec::numaLinkRate),
                                      std::pair("nicAttachmentRate", &HostSpec::nicAttachmentRate)})
    {
        HostSpec spec;
        spec.*rate = BitsPerSecond(0);
        EXPECT_EQ(RefusalOf(spec),
                  std::string(field) + " = 0: at least 1 bit/s, or none for no limit");
        spec.*rate = BitsPerSecond(1);
        EXPECT_EQ(RefusalOf(spec), "");
    }
    EXPECT_EQ(RefusalOf(HostSpec{}), "");
}

TEST(HostPlan, RefusesAnOddNumberOfGpusForNvlinkPairs)
{
    HostSpec spec;
    spec.gpus = 7;
    spec.opticalDegree = 1;
    EXPECT_EQ(RefusalOf(spec), "");
    spec.interconnect = GpuInterconnect::NvlinkPairs;
    EXPECT_EQ(RefusalOf(spec), "gpus = 7: an even number for NVLink pairs");
    spec.gpus = 6;
    EXPECT_EQ(RefusalOf(spec), "");
}

TEST(HostPlan, HandsOnWhatItsInsideIsMadeOf)
{
    HostSpec spec;
    spec.interconnect = GpuInterconnect::NvlinkPairs;
    spec.pcieRate = BitsPerSecond(1);
    spec.numaLinkRate = BitsPerSecond(2);
    spec.nicAttachmentRate = BitsPerSecond(3);

    const auto plan = PlanHost(spec);

    EXPECT_EQ(plan.interconnect, GpuInterconnect::NvlinkPairs);
    EXPECT_EQ(plan.pcieRate, BitsPerSecond(1));
    EXPECT_EQ(plan.numaLinkRate, BitsPerSecond(2));
    EXPECT_EQ(plan.nicAttachmentRate, BitsPerSecond(3));
    EXPECT_EQ(PlanHost({}).interconnect, GpuInterconnect::NvSwitch);
    EXPECT_FALSE(PlanHost({}).pcieRate || PlanHost({}).numaLinkRate ||
                 PlanHost({}).nicAttachmentRate);
}

TEST(HostPlan, PutsTheFirstHalfOfTheGpusRoundedUpIntoHalfZero)
{
    HostPlan plan;
    plan.gpus = 8;
    EXPECT_EQ(plan.NumaHalfOf(3), 0U);
    EXPECT_EQ(plan.NumaHalfOf(4), 1U);
    plan.gpus = 5;
    EXPECT_EQ(plan.NumaHalfOf(2), 0U);
    EXPECT_EQ(plan.NumaHalfOf(3), 1U);
}
