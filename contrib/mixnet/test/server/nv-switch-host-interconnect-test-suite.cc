/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/host-testbed.h"

#include <algorithm>
#include <utility>

namespace tests
{

/// @ingroup mixnet-tests
/// @brief Who sends to whom inside a server of eight GPUs.
enum class HostPattern
{
    OneToOneNear, //!< GPU 0 to GPU 2, of the same half, not its pair
    OneToOneFar,  //!< GPU 0 to GPU 4, of the other half
    AllToOne,     //!< GPUs 1 to 7 to GPU 0
    OneToAll,     //!< GPU 0 to GPUs 1 to 7
    AllToAll,     //!< everybody to everybody else
};

/**
 * @ingroup mixnet-tests
 * @brief Equal transfers end when the slowest thing that they cross has carried its share.
 *
 * Far transfers cross the NUMA link: it is shared by all that go the same way. Near ones share what
 * these leave of a GPU's port or PCIe. Transfers within an NVLink pair have their NVLink alone.
 */
class HostPatternTestCase : public HostTestCase
{
  public:
    /**
     * @param pattern Who sends to whom.
     * @param name The same in words.
     * @param pcie Rate of the PCIe with NVLink pairs, bytes per second; 0 for an NVSwitch.
     * @param numa Rate of the NUMA link, bytes per second; 0 for one that is no bottleneck.
     */
    HostPatternTestCase(HostPattern pattern, const std::string& name, int64_t pcie, int64_t numa)
        : HostTestCase(name + " inside a server, " +
                       (pcie > 0 ? "NVLink pairs with PCIe of " + std::to_string(pcie) + " B/s"
                                 : "NVSwitch") +
                       (numa > 0 ? ", NUMA link of " + std::to_string(numa) + " B/s" : "")),
          m_pattern(pattern),
          m_pcie(pcie),
          m_numa(numa)
    {
    }

  private:
    static constexpr uint32_t GPUS = 8;         //!< GPUs, four in each half
    static constexpr int64_t BYTES = 9'000'001; //!< size of each transfer

    /// @param from A GPU. @param to Another. @return whether that is part of the pattern.
    bool Sends(uint32_t from, uint32_t to) const
    {
        switch (m_pattern)
        {
        case HostPattern::OneToOneNear:
            return from == 0 && to == 2;
        case HostPattern::OneToOneFar:
            return from == 0 && to == 4;
        case HostPattern::AllToOne:
            return to == 0 && from != 0;
        case HostPattern::OneToAll:
            return from == 0 && to != 0;
        case HostPattern::AllToAll:
            return from != to;
        }
        return false;
    }

    /// @param from A GPU. @param to Another. @return whether an NVLink of their own joins them.
    bool IsPair(uint32_t from, uint32_t to) const
    {
        return m_pcie > 0 && from / 2 == to / 2;
    }

    void DoRun() override
    {
        auto plan = HostTestbed::WithGpus(GPUS);
        if (m_pcie > 0)
        {
            plan.interconnect = mixnetcore::GpuInterconnect::NvlinkPairs;
            plan.pcieRate = mixnetcore::BitsPerSecond(8 * m_pcie);
        }
        if (m_numa > 0)
        {
            plan.numaLinkRate = mixnetcore::BitsPerSecond(8 * m_numa);
        }
        HostTestbed testbed(plan);
        // What the busiest port carries: near and far transfers out of GPU 0, or into it.
        int64_t out[2]{};
        int64_t in[2]{};
        int64_t crossing = 0; // from half 0 to half 1, or back
        int64_t back = 0;
        for (uint32_t from = 0; from < GPUS; ++from)
        {
            for (uint32_t to = 0; to < GPUS; ++to)
            {
                if (!Sends(from, to))
                {
                    continue;
                }
                testbed.Begin(from, to, BYTES);
                const bool far = from / 4 != to / 4;
                crossing += far && from < 4;
                back += far && from >= 4;
                out[far] += from == 0 && !IsPair(from, to);
                in[far] += to == 0 && !IsPair(from, to);
            }
        }
        Simulator::Run();

        const auto& port = out[0] + out[1] > in[0] + in[1] ? out : in;
        const int64_t rate = m_pcie > 0 ? m_pcie : RATE;
        const int64_t ways = std::max(crossing, back);
        for (size_t i = 0; i < testbed.transfers.size(); ++i)
        {
            const auto& transfer = testbed.transfers[i];
            const bool far = transfer.fromGpu / 4 != transfer.toGpu / 4;
            if (IsPair(transfer.fromGpu, transfer.toGpu))
            {
                ExpectEnd(testbed, i, TimeFor(BYTES), "bytes / NVLink");
            }
            else if (m_numa == 0)
            {
                ExpectEnd(testbed, i, TimeFor(BYTES * (port[0] + port[1]), rate), "even shares");
            }
            else if (far)
            {
                ExpectEnd(testbed, i, TimeFor(BYTES * ways, m_numa), "NUMA link shared by all");
            }
            else
            {
                const int64_t left = rate - (ways > 0 ? port[1] * m_numa / ways : 0);
                ExpectEnd(testbed, i, TimeFor(BYTES * port[0], left), "what far ones leave");
            }
        }
    }

    HostPattern m_pattern; //!< who sends to whom
    int64_t m_pcie;        //!< rate of the PCIe, bytes per second; 0 for an NVSwitch
    int64_t m_numa;        //!< rate of the NUMA link, bytes per second; 0 for infinite
};

/**
 * @ingroup mixnet-tests
 * @brief With an infinite attachment, bytes between a NIC and its GPU take no time and no event.
 */
class HostInfiniteAttachmentTestCase : public HostTestCase
{
  public:
    HostInfiniteAttachmentTestCase()
        : HostTestCase("Bytes between a GPU and its NIC are over at once where nothing is in the "
                       "way")
    {
    }

  private:
    void DoRun() override
    {
        HostTestbed testbed(mixnetcore::PlanHost({}));
        const Time when = MicroSeconds(3);
        testbed.BeginAt(Time(0), 2, 3, 4'500'000);
        Simulator::Schedule(when, [&]() {
            for (const bool toNic : {false, true})
            {
                const size_t number = testbed.BeginAtNic(2, toNic, 1'000'000);
                NS_TEST_EXPECT_MSG_EQ(testbed.transfers[number].ends, 1, "before the return");
                NS_TEST_EXPECT_MSG_EQ(testbed.host->GetTransfersInFlight(), 1, "the other one");
            }
        });
        Simulator::Run();
        ExpectEnd(testbed, 0, TimeFor(4'500'000), "alone");
        ExpectEnd(testbed, 1, when, "at once");
        ExpectEnd(testbed, 2, when, "at once");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The attachment of a NIC carries its rate each way, and nothing but the bytes of its NIC.
 */
class HostAttachmentTestCase : public HostTestCase
{
  public:
    HostAttachmentTestCase()
        : HostTestCase("Bytes share the attachment of their NIC in their direction with nobody "
                       "else's")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t rate = 50'000'000'000;
        constexpr int64_t bytes = 1'000'003;
        mixnetcore::HostSpec spec;
        spec.nicAttachmentRate = mixnetcore::BitsPerSecond(8 * rate);
        spec.gpuPortRate = mixnetcore::BitsPerSecond(8 * RATE);
        HostTestbed testbed(mixnetcore::PlanHost(spec));
        testbed.BeginAtNic(1, true, bytes);
        testbed.BeginAtNic(1, true, bytes);
        testbed.BeginAtNic(1, false, bytes);
        testbed.BeginAtNic(2, true, bytes);
        testbed.Begin(1, 2, bytes);
        NS_TEST_EXPECT_MSG_EQ(testbed.ended, 0, "none before its time");
        Simulator::Run();
        ExpectEnd(testbed, 0, TimeFor(2 * bytes, rate), "two share the way to NIC 1");
        ExpectEnd(testbed, 1, TimeFor(2 * bytes, rate), "two share the way to NIC 1");
        ExpectEnd(testbed, 2, TimeFor(bytes, rate), "alone from NIC 1");
        ExpectEnd(testbed, 3, TimeFor(bytes, rate), "alone to NIC 2");
        ExpectEnd(testbed, 4, TimeFor(bytes), "alone out of the port of GPU 1");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief With NVLink pairs a NIC and the other GPUs share the PCIe of the NIC's GPU.
 */
class HostPcieSharingTestCase : public HostTestCase
{
  public:
    HostPcieSharingTestCase()
        : HostTestCase("A NIC shares the PCIe of its GPU with transfers to other pairs, not with "
                       "NVLink")
    {
    }

  private:
    void DoRun() override
    {
        constexpr int64_t rate = 32'000'000'000;
        constexpr int64_t bytes = 1'000'003;
        mixnetcore::HostSpec spec;
        spec.interconnect = mixnetcore::GpuInterconnect::NvlinkPairs;
        spec.pcieRate = mixnetcore::BitsPerSecond(8 * rate);
        spec.gpuPortRate = mixnetcore::BitsPerSecond(8 * RATE);
        HostTestbed testbed(mixnetcore::PlanHost(spec));
        testbed.BeginAtNic(1, true, bytes);
        testbed.Begin(1, 2, bytes);
        testbed.Begin(1, 0, bytes);
        testbed.BeginAtNic(6, false, bytes);
        testbed.Begin(4, 6, bytes);
        testbed.Begin(3, 6, bytes);
        Simulator::Run();
        ExpectEnd(testbed, 0, TimeFor(2 * bytes, rate), "PCIe out of GPU 1, two");
        ExpectEnd(testbed, 1, TimeFor(2 * bytes, rate), "PCIe out of GPU 1, two");
        ExpectEnd(testbed, 2, TimeFor(bytes), "NVLink");
        for (const size_t number : {3, 4, 5})
        {
            ExpectEnd(testbed, number, TimeFor(3 * bytes, rate), "PCIe into GPU 6, three");
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-nv-switch-host-interconnect.
 */
class NvSwitchHostInterconnectTestSuite : public TestSuite
{
  public:
    NvSwitchHostInterconnectTestSuite()
        : TestSuite("mixnet-nv-switch-host-interconnect", TestSuite::Type::UNIT)
    {
        for (const auto& [pattern, name] :
             {std::pair(HostPattern::OneToOneNear, "One to one in a half"),
              std::pair(HostPattern::OneToOneFar, "One to one in the other half"),
              std::pair(HostPattern::AllToOne, "All to one"),
              std::pair(HostPattern::OneToAll, "One to all"),
              std::pair(HostPattern::AllToAll, "All to all")})
        {
            for (const int64_t numa : {int64_t{0}, int64_t{20'000'000'000}})
            {
                AddTestCase(new HostPatternTestCase(pattern, name, 0, numa));
                AddTestCase(new HostPatternTestCase(pattern, name, 32'000'000'000, numa));
            }
            AddTestCase(new HostPatternTestCase(pattern, name, 0, 90'000'000'000));
        }
        AddTestCase(new HostInfiniteAttachmentTestCase);
        AddTestCase(new HostAttachmentTestCase);
        AddTestCase(new HostPcieSharingTestCase);
    }
};

static NvSwitchHostInterconnectTestSuite g_nvSwitchHostInterconnectTestSuite; //!< the suite

} // namespace tests
