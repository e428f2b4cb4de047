/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/ocs-testbed.h"

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief A switch from whose beginning three ports are a ring of one-way circuits.
 */
class OcsOneWayTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    static constexpr int64_t BLACKOUT = 3'000'000; //!< ps

    /// @return circuits from 0 to 1, 1 to 2 and 2 to 0.
    static CircuitConfiguration Ring()
    {
        return {{}, {{0, 1}, {1, 2}, {2, 0}}};
    }

    /// @param testbed A switch. @brief Writes down one-way circuits.
    void Listen(OcsTestbed& testbed)
    {
        testbed.ocs->TraceConnectWithoutContext("OneWayUp",
                                                MakeCallback(&OcsOneWayTestCase::HandleUp, this));
        testbed.ocs->TraceConnectWithoutContext("OneWayDown",
                                                MakeCallback(&OcsOneWayTestCase::HandleDown, this));
    }

    std::vector<std::string> m_story; //!< one-way circuits that came and went

  private:
    /// @param from A port. @param to Another. @param what Has happened to them.
    void Note(uint32_t from, uint32_t to, const std::string& what)
    {
        m_story.push_back(std::to_string(Simulator::Now().GetPicoSeconds()) + " " + what + " " +
                          std::to_string(from) + ">" + std::to_string(to));
    }

    /// @param from A port. @param to Another.
    void HandleUp(uint32_t from, uint32_t to)
    {
        Note(from, to, "Up");
    }

    /// @param from A port. @param to Another.
    void HandleDown(uint32_t from, uint32_t to)
    {
        Note(from, to, "Down");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Light goes one way only, from the beginning of the run.
 */
class OcsOneWayPassingTestCase : public OcsOneWayTestCase
{
  public:
    OcsOneWayPassingTestCase()
        : OcsOneWayTestCase("A one-way circuit passes frames and signal on, and none back")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(4);
        Listen(testbed);
        testbed.ocs->SetInitialConfiguration(Ring());
        testbed.ocs->Initialize();
        constexpr int64_t firstBit = 5'000'000;
        for (uint32_t port = 0; port < 4; ++port)
        {
            testbed.SendToReachSwitchAt(port, firstBit, port);
        }
        Simulator::Run();

        for (uint32_t port = 0; port < 3; ++port)
        {
            const std::vector<std::pair<int64_t, uint64_t>> expected{
                {firstBit + FRAME_PS + DELAY_PS, (port + 2) % 3}};
            NS_TEST_EXPECT_MSG_EQ((ArrivalsOf(testbed.ports[port]) == expected),
                                  true,
                                  "port " << port << " gets the frame of the one before");
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::NotConnected), 1, "of port 3");
        NS_TEST_EXPECT_MSG_EQ((testbed.ocs->GetConfiguration() == Ring()), true, "what is held");
        NS_TEST_EXPECT_MSG_EQ(
            (m_story == std::vector<std::string>{"0 Up 0>1", "0 Up 1>2", "0 Up 2>0"}),
            true,
            "from the beginning");
        NS_TEST_EXPECT_MSG_EQ(testbed.events.empty(),
                              true,
                              "no blackout, no circuit of both directions");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A reconfiguration darkens the directions that change, and no others.
 */
class OcsOneWayReconfigurationTestCase : public OcsOneWayTestCase
{
  public:
    OcsOneWayReconfigurationTestCase()
        : OcsOneWayTestCase("Of one-way circuits the direction that changes goes dark")
    {
    }

  private:
    void DoRun() override
    {
        // 0 to 1 stays; 1 leads to 3 instead of 2, 2 nowhere, 3 to 0.
        constexpr int64_t when = 10'000'000;
        OcsTestbed testbed(4, BLACKOUT);
        Listen(testbed);
        testbed.ocs->SetInitialConfiguration(Ring());
        testbed.ocs->Initialize();
        Simulator::Schedule(PicoSeconds(when), [&] {
            testbed.results.push_back(testbed.ocs->Reconfigure({{}, {{0, 1}, {1, 3}, {3, 0}}}));
        });
        for (const uint32_t port : {0, 1, 2, 3})
        {
            testbed.SendToReachSwitchAt(port, when + 1'000'000, port);
            testbed.SendToReachSwitchAt(port, when + BLACKOUT, 10 + port);
        }
        Simulator::Run();

        if (!HasSize(testbed.results, 1, "one request"))
        {
            return;
        }
        // Of port 0 what leaves changes, of 1 what comes in, of 2 and 3 both.
        NS_TEST_EXPECT_MSG_EQ(testbed.results[0].darkPorts, 4, "all have a direction that changes");
        const auto later = when + BLACKOUT + FRAME_PS + DELAY_PS;
        const std::vector<std::vector<std::pair<int64_t, uint64_t>>> expected{
            {{later, 13}},
            {{when + 1'000'000 + FRAME_PS + DELAY_PS, 0}, {later, 10}},
            {},
            {{later, 11}}};
        for (uint32_t port = 0; port < 4; ++port)
        {
            NS_TEST_EXPECT_MSG_EQ((ArrivalsOf(testbed.ports[port]) == expected[port]),
                                  true,
                                  "frames at port " << port);
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::Reconfiguring), 3, "of 1, 2 and 3");
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::NotConnected), 1, "of 2, later");
        const auto at = [](int64_t time, const std::string& what) {
            return std::to_string(time) + " " + what;
        };
        const std::vector<std::string> story{"0 Up 0>1",
                                             "0 Up 1>2",
                                             "0 Up 2>0",
                                             at(when, "Down 1>2"),
                                             at(when, "Down 2>0"),
                                             at(when + BLACKOUT, "Up 1>3"),
                                             at(when + BLACKOUT, "Up 3>0")};
        NS_TEST_EXPECT_MSG_EQ((m_story == story), true, "circuits that come and go");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A circuit that becomes two one-way circuits, or back, is a change.
 */
class OcsOneWayKindTestCase : public OcsOneWayTestCase
{
  public:
    OcsOneWayKindTestCase()
        : OcsOneWayTestCase("One way there and one back is not the same as a circuit")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(2, BLACKOUT);
        Listen(testbed);
        testbed.ReconfigureAt(0, {{0, 1}});
        Simulator::Schedule(PicoSeconds(10'000'000), [&] {
            testbed.results.push_back(testbed.ocs->Reconfigure({{}, {{0, 1}, {1, 0}}}));
        });
        Simulator::Run();

        if (!HasSize(testbed.results, 2, "two requests"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.results[1].darkPorts, 2, "both change");
        NS_TEST_EXPECT_MSG_EQ(
            (Story(testbed.events) == std::vector<std::string>{"0 Begin 0-1",
                                                               "3000000 Up 0-1",
                                                               "3000000 End 0-1",
                                                               "10000000 Begin",
                                                               "10000000 Down 0-1",
                                                               "13000000 End"}),
            true,
            "the circuit");
        NS_TEST_EXPECT_MSG_EQ(
            (m_story == std::vector<std::string>{"13000000 Up 0>1", "13000000 Up 1>0"}),
            true,
            "one-way circuits");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What a schedule takes up again after it has rested is there at once.
 */
class OcsHoldTestCase : public OcsOneWayTestCase
{
  public:
    OcsHoldTestCase()
        : OcsOneWayTestCase("Circuits that are held at once have no blackout")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(4, BLACKOUT);
        constexpr int64_t first = 10'000'000;
        constexpr int64_t second = 20'000'000;
        Simulator::Schedule(PicoSeconds(first),
                            &OcsSwitch::Hold,
                            testbed.ocs,
                            CircuitConfiguration({{0, 1}}));
        Simulator::Schedule(PicoSeconds(second),
                            &OcsSwitch::Hold,
                            testbed.ocs,
                            CircuitConfiguration({{0, 2}}));
        testbed.SendToReachSwitchAt(0, first - 1, 0);             // a bit before
        testbed.SendToReachSwitchAt(0, first + FRAME_PS, 1);      // on the first circuit
        testbed.SendToReachSwitchAt(0, second - FRAME_PS / 2, 2); // on both
        testbed.SendToReachSwitchAt(0, second + FRAME_PS, 3);     // on the second
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ(
            (ArrivalsOf(testbed.ports[1]) ==
             std::vector<std::pair<int64_t, uint64_t>>{{first + 2 * FRAME_PS + DELAY_PS, 1}}),
            true,
            "over the first circuit");
        NS_TEST_EXPECT_MSG_EQ(
            (ArrivalsOf(testbed.ports[2]) ==
             std::vector<std::pair<int64_t, uint64_t>>{{second + 2 * FRAME_PS + DELAY_PS, 3}}),
            true,
            "over the second circuit");
        NS_TEST_EXPECT_MSG_EQ(testbed.Dropped(DropReason::Reconfiguring),
                              2,
                              "frames that meet a change");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief One-way circuits of OcsSwitch.
 */
class OcsSwitchOneWayTestSuite : public TestSuite
{
  public:
    OcsSwitchOneWayTestSuite()
        : TestSuite("mixnet-ocs-switch-one-way", TestSuite::Type::UNIT)
    {
        AddTestCase(new OcsOneWayPassingTestCase);
        AddTestCase(new OcsOneWayReconfigurationTestCase);
        AddTestCase(new OcsOneWayKindTestCase);
        AddTestCase(new OcsHoldTestCase);
    }
};

OcsSwitchOneWayTestSuite g_ocsSwitchOneWayTestSuite; //!< registers the suite

} // namespace

} // namespace tests
