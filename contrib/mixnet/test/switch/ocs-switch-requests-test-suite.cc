/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/ocs-testbed.h"

#include <algorithm>
#include <map>

namespace tests
{

using Outcome = ReconfigureResult::Outcome; //!< what becomes of a request

/**
 * @ingroup mixnet-tests
 * @brief Traces tell a reconfiguration in order: Begin, Down, then Up, End.
 */
class OcsTracesTestCase : public MixnetTestCase
{
  public:
    OcsTracesTestCase()
        : MixnetTestCase("Begin, CircuitDown, CircuitUp and End come in order at their times")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(6, 25);
        testbed.ReconfigureAt(100, {{0, 1}, {2, 3}, {5, 4}});
        testbed.ReconfigureAt(200, {{0, 2}, {3, 1}, {4, 5}});
        testbed.ReconfigureAt(300, {{4, 5}});
        for (const int64_t time : {99, 110, 124, 126, 210, 226, 326})
        {
            Simulator::Schedule(PicoSeconds(time), [&testbed, this]() {
                m_up.push_back(testbed.ocs->GetConfiguration().Circuits());
                m_reconfiguring.push_back(testbed.ocs->IsReconfiguring());
            });
        }
        Simulator::Run();

        const std::vector<std::string> expected{"100 Begin 0-1 2-3 4-5",
                                                "125 Up 0-1",
                                                "125 Up 2-3",
                                                "125 Up 4-5",
                                                "125 End 0-1 2-3 4-5",
                                                "200 Begin 0-2 1-3 4-5",
                                                "200 Down 0-1",
                                                "200 Down 2-3",
                                                "225 Up 0-2",
                                                "225 Up 1-3",
                                                "225 End 0-2 1-3 4-5",
                                                "300 Begin 4-5",
                                                "300 Down 0-2",
                                                "300 Down 1-3",
                                                "325 End 4-5"};
        const auto story = Story(testbed.events);
        if (!HasSize(story, expected.size(), "number of announcements"))
        {
            return;
        }
        for (size_t i = 0; i < expected.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ(story[i], expected[i], "announcement " << i);
        }
        for (const auto& [index, ports] : std::map<size_t, uint32_t>{{0, 6}, {5, 4}, {11, 4}})
        {
            NS_TEST_EXPECT_MSG_EQ(testbed.events[index].darkPorts, ports, "ports that change");
            NS_TEST_EXPECT_MSG_EQ(testbed.events[index].duration, 25, "time until the end");
        }
        const std::vector<Circuits>
            up{{}, {}, {}, {{0, 1}, {2, 3}, {4, 5}}, {{4, 5}}, {{0, 2}, {1, 3}, {4, 5}}, {{4, 5}}};
        NS_TEST_EXPECT_MSG_EQ((m_up == up),
                              true,
                              "GetConfiguration tells circuits that are up only");
        const std::vector<bool> reconfiguring{false, true, true, false, true, false, false};
        NS_TEST_EXPECT_MSG_EQ((m_reconfiguring == reconfiguring), true, "IsReconfiguring");
    }

    std::vector<Circuits> m_up;        //!< circuits that carry a signal, at some instants
    std::vector<bool> m_reconfiguring; //!< whether it reconfigures, at the same instants
};

/**
 * @ingroup mixnet-tests
 * @brief A request in the dark waits for its end; a later one takes its place.
 */
class OcsWaitingRequestTestCase : public MixnetTestCase
{
  public:
    OcsWaitingRequestTestCase()
        : MixnetTestCase("Of the requests during a blackout the last begins when it ends")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(4, 100);
        testbed.ReconfigureAt(1000, {{0, 1}});
        testbed.ReconfigureAt(1010, {{0, 2}}); // replaced
        testbed.ReconfigureAt(1020, {{0, 3}});
        testbed.ReconfigureAt(1150, {{1, 2}}); // waits again
        testbed.ReconfigureAt(1160, {{0, 3}}); // and is replaced by what is in flight
        Simulator::Run();

        const std::vector<Outcome> outcomes{Outcome::Begun,
                                            Outcome::Waiting,
                                            Outcome::Waiting,
                                            Outcome::Waiting,
                                            Outcome::Waiting};
        if (!HasSize(testbed.results, outcomes.size(), "requests"))
        {
            return;
        }
        for (size_t i = 0; i < outcomes.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_EQ((testbed.results[i].outcome == outcomes[i]),
                                  true,
                                  "outcome of request " << i);
        }
        const std::vector<std::string> expected{"1000 Begin 0-1",
                                                "1100 Up 0-1",
                                                "1100 End 0-1",
                                                "1100 Begin 0-3",
                                                "1100 Down 0-1",
                                                "1200 Up 0-3",
                                                "1200 End 0-3"};
        NS_TEST_EXPECT_MSG_EQ((Story(testbed.events) == expected), true, "two reconfigurations");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A request made when a blackout has just ended is later than the one that waits.
 */
class OcsRequestAtEndTestCase : public MixnetTestCase
{
  public:
    OcsRequestAtEndTestCase()
        : MixnetTestCase("A request at the announced end takes the place of the one that waits")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(4, 100);
        testbed.ReconfigureAt(1000, {{0, 1}});
        testbed.ReconfigureAt(1010, {{0, 2}});
        bool asked = false;
        std::vector<Circuits> ended;
        using Sink = Callback<void, const CircuitConfiguration&>;
        testbed.ocs->TraceConnectWithoutContext(
            "ReconfigurationEnd",
            Sink([&](const CircuitConfiguration&) {
                if (!asked)
                {
                    asked = true;
                    testbed.ocs->Reconfigure(CircuitConfiguration({{0, 3}}));
                }
            }));
        testbed.ocs->TraceConnectWithoutContext("ReconfigurationEnd",
                                                Sink([&](const CircuitConfiguration& inForce) {
                                                    ended.push_back(inForce.Circuits());
                                                }));
        Simulator::Run();

        NS_TEST_EXPECT_MSG_EQ((testbed.ocs->GetConfiguration() == CircuitConfiguration({{0, 3}})),
                              true,
                              "the last request counts");
        NS_TEST_EXPECT_MSG_EQ(Story(testbed.events).back(), "1200 End 0-3", "and nothing follows");
        const std::vector<Circuits> expected{{{0, 1}}, {{0, 3}}};
        NS_TEST_EXPECT_MSG_EQ((ended == expected),
                              true,
                              "sinks behind the one that asks are told what is in force, too");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The configuration that is in force, asked for again, changes nothing.
 */
class OcsSameConfigurationTestCase : public MixnetTestCase
{
  public:
    OcsSameConfigurationTestCase()
        : MixnetTestCase("The configuration in force, asked for again, changes nothing")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(4, 1'000'000);
        testbed.ReconfigureAt(0, {}); // nothing is what a new switch holds
        testbed.ReconfigureAt(10'000'000, {{0, 1}, {2, 3}});
        testbed.ReconfigureAt(20'000'000, {{3, 2}, {1, 0}});
        testbed.SendToReachSwitchAt(0, 20'000'000);
        Simulator::Run();

        if (!HasSize(testbed.results, 3, "requests"))
        {
            return;
        }
        for (const size_t i : {0, 2})
        {
            NS_TEST_EXPECT_MSG_EQ((testbed.results[i].outcome == Outcome::Nothing),
                                  true,
                                  "nothing to do in request " << i);
            NS_TEST_EXPECT_MSG_EQ(testbed.results[i].darkPorts, 0, "no port goes dark");
        }
        NS_TEST_EXPECT_MSG_EQ(testbed.events.size(), 4, "Begin, two Up, End of the only change");
        NS_TEST_EXPECT_MSG_EQ(testbed.ports[1]->GetArrivals().size(), 1, "frames pass");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A configuration that no switch of this size can hold is refused as a whole.
 */
class OcsRefusalTestCase : public MixnetTestCase
{
  public:
    /**
     * @param what What is wrong.
     * @param circuits The configuration.
     * @param parts What the message must name.
     */
    OcsRefusalTestCase(const std::string& what,
                       const Circuits& circuits,
                       const std::vector<std::string>& parts)
        : MixnetTestCase("Refused as a whole with a message: " + what),
          m_circuits(circuits),
          m_parts(parts)
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(6, 1'000'000);
        testbed.ReconfigureAt(0, {{0, 1}});
        testbed.ReconfigureAt(10'000'000, m_circuits);
        testbed.SendToReachSwitchAt(0, 10'000'000);
        // Also in the dark, where it must not take the place of a request that waits.
        testbed.ReconfigureAt(20'000'000, {{0, 2}});
        testbed.ReconfigureAt(20'000'001, {{0, 3}});
        testbed.ReconfigureAt(20'000'002, m_circuits);
        Simulator::Run();

        if (!HasSize(testbed.results, 5, "requests"))
        {
            return;
        }
        for (const size_t i : {1, 4})
        {
            const auto& result = testbed.results[i];
            NS_TEST_EXPECT_MSG_EQ((result.outcome == Outcome::Refused), true, "request " << i);
            for (const auto& part : m_parts)
            {
                NS_TEST_EXPECT_MSG_NE(result.message.find(part),
                                      std::string::npos,
                                      "names '" << part << "' in '" << result.message << "'");
            }
        }
        const auto refused =
            std::find_if(testbed.events.begin(), testbed.events.end(), [](const auto& event) {
                return event.what == "Refused";
            });
        NS_TEST_EXPECT_MSG_EQ(
            (refused != testbed.events.end() && refused->message == testbed.results[1].message),
            true,
            "the refusal is announced, with the message");
        NS_TEST_EXPECT_MSG_EQ(testbed.ports[1]->GetArrivals().size(), 1, "no circuit is touched");
        NS_TEST_EXPECT_MSG_EQ((testbed.ocs->GetConfiguration() == CircuitConfiguration({{0, 3}})),
                              true,
                              "the request that waits is not touched");
    }

    Circuits m_circuits;              //!< the configuration
    std::vector<std::string> m_parts; //!< what the message must name
};

/**
 * @ingroup mixnet-tests
 * @brief A switch without ports holds nothing.
 */
class OcsEmptyTestCase : public MixnetTestCase
{
  public:
    OcsEmptyTestCase()
        : MixnetTestCase("A switch without ports holds the empty configuration and refuses others")
    {
    }

  private:
    void DoRun() override
    {
        OcsTestbed testbed(0);
        testbed.ReconfigureAt(0, {});
        testbed.ReconfigureAt(1, {{0, 1}});
        Simulator::Run();

        if (!HasSize(testbed.results, 2, "requests"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ((testbed.results[0].outcome == Outcome::Nothing), true, "empty");
        NS_TEST_EXPECT_MSG_EQ((testbed.results[1].outcome == Outcome::Refused), true, "not empty");
        NS_TEST_EXPECT_MSG_NE(testbed.results[1].message.find("no ports"),
                              std::string::npos,
                              "says that there are none: " << testbed.results[1].message);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Suite mixnet-ocs-switch-requests.
 */
class OcsSwitchRequestsTestSuite : public TestSuite
{
  public:
    OcsSwitchRequestsTestSuite()
        : TestSuite("mixnet-ocs-switch-requests", TestSuite::Type::UNIT)
    {
        AddTestCase(new OcsTracesTestCase);
        AddTestCase(new OcsWaitingRequestTestCase);
        AddTestCase(new OcsRequestAtEndTestCase);
        AddTestCase(new OcsSameConfigurationTestCase);
        AddRefusals();
        AddTestCase(new OcsEmptyTestCase);
    }

  private:
    /// @brief Adds configurations that are refused; the switch has six ports.
    void AddRefusals()
    {
        const auto add = [this](auto... parameters) {
            AddTestCase(new OcsRefusalTestCase(parameters...));
        };
        using Parts = std::vector<std::string>;
        add("port 2 twice", Circuits{{2, 3}, {4, 2}}, Parts{"port 2", "twice"});
        add("port 4 joined with itself", Circuits{{4, 4}}, Parts{"port 4", "(4, 4)"});
        add("port 6 of 6", Circuits{{2, 3}, {0, 6}}, Parts{"port 6", "0 to 5"});
        add("port 4294967295", Circuits{{0, 4294967295}}, Parts{"port 4294967295", "0 to 5"});
    }
};

static OcsSwitchRequestsTestSuite g_ocsSwitchRequestsTestSuite; //!< the suite

} // namespace tests
