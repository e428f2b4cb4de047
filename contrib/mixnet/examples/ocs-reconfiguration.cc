/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * Two circuits are swapped under traffic, and later swapped back: what is lost, when, and how the
 * transport recovers.
 *
 *     A --.       .-- B      at first    A-B and C-D
 *          [ OCS ]           swapped     A-D and C-B
 *     C --'       '-- D      at the end  A-B and C-D
 *
 * The first circuits take a blackout too. Four messages are posted at the start: A to B and C to D,
 * A to D and C to B. Each moves while there is a circuit between its ends, and is suspended while
 * there is none.
 *
 * Run:    ./ns3 run "ocs-reconfiguration --reconfigurationDelay=500us"
 * Prints: a line for each event of circuits, links and messages; goodput per interval and message;
 *         losses by reason. With --timeline=FILE all of that is written for Perfetto.
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"
#include "ns3/network-module.h"

#include <algorithm>
#include <array>
#include <iomanip>
#include <iostream>
#include <memory>
#include <numeric>
#include <optional>

using namespace ns3;
using namespace ns3::mixnet;

namespace
{

constexpr const char* PROGRAM = "ocs-reconfiguration"; //!< name in messages

constexpr uint32_t HOSTS = 4; //!< A to D; host n is at port n and has address n
constexpr std::array<char, HOSTS> NAMES{'A', 'B', 'C', 'D'}; //!< what they are called

/// @brief From, to.
using Stream = std::pair<uint32_t, uint32_t>;

/// The four messages: the first two on the first circuits, the others on the swapped ones.
constexpr std::array<Stream, 4> STREAMS{{{0, 1}, {2, 3}, {0, 3}, {2, 1}}};

/// Circuits at the start and at the end, and in between.
const mixnetcore::CircuitConfiguration STRAIGHT({{0, 1}, {2, 3}}); //!< A-B and C-D
const mixnetcore::CircuitConfiguration SWAPPED({{0, 3}, {2, 1}});  //!< A-D and C-B

/**
 * @brief What decides a run.
 */
struct Scenario
{
    Time reconfigurationDelay; //!< blackout of a swap
    Time swapAt;               //!< when circuits are swapped
    Time swapBackAt;           //!< when they are swapped back
    Time interval;             //!< of the goodput table
    DataRate linkRate;         //!< line rate
    uint64_t messageBytes;     //!< size of each message
    uint32_t mtu;              //!< payload per frame
    TimelineSpec timeline;     //!< timeline of trace events, if any
    AnimationSpec animation;   //!< for NetAnim
};

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return what decides the run.
 */
Scenario
ParseScenario(int argc, char* argv[])
{
    ProgramOptions options("Swaps two circuits under traffic, and later swaps them back.",
                           {"ocs-reconfiguration --reconfigurationDelay=500us",
                            "ocs-reconfiguration --linkRate=100Gb/s --messageBytes=10MB"});
    const auto circuits = options.Section(OptionGroup::Circuits);
    circuits.Add("reconfigurationDelay", "Blackout of a swap, a time", "500us").Basic();
    circuits.Add("swapAt", "When the circuits are swapped, a time", "1ms").Basic();
    circuits.Add("swapBackAt", "When they are swapped back, after swapAt, a time", "3ms").Basic();
    options.Section(OptionGroup::Output)
        .Add("interval", "Interval of the goodput table, a time of at least 1us", "500us");
    options.Section(OptionGroup::Fabric)
        .Add("linkRate", "Line rate of a NIC, bits per second", "400Gb/s")
        .Basic();
    options.Section(OptionGroup::Traffic)
        .Add("messageBytes", "Size of each of the four messages, bytes", "60000000")
        .Basic();
    options.Section(OptionGroup::Transport).Add("mtu", "Payload per frame, bytes", "4096");
    AddTimelineOption(options);
    AddAnimationOptions(options);
    options.Parse(argc, argv);
    Scenario scenario{ToTime(options.Duration("reconfigurationDelay")),
                      ToTime(options.Duration("swapAt")),
                      ToTime(options.Duration("swapBackAt")),
                      ToTime(options.Duration("interval")),
                      ToDataRate(options.Rate("linkRate")),
                      options.Size("messageBytes", 1, 1'000'000'000'000),
                      static_cast<uint32_t>(options.Size("mtu", 64, 65000)),
                      ParseTimeline(options, {}),
                      ParseAnimation(options)};
    options.Settle();
    if (scenario.swapBackAt <= scenario.swapAt)
    {
        mixnetcore::Refuse("options --swapAt=" + options.Text("swapAt") + ", --swapBackAt=" +
                           options.Text("swapBackAt") + ": the second must be after the first");
    }
    if (scenario.interval < MicroSeconds(1))
    {
        options.Refuse("interval", "must be at least 1us");
    }
    constexpr int64_t MOST_ROWS = 100'000;
    if (scenario.swapBackAt.GetPicoSeconds() / scenario.interval.GetPicoSeconds() > MOST_ROWS)
    {
        options.Refuse("interval",
                       "must make at most " + std::to_string(MOST_ROWS) +
                           " rows until swapBackAt, " + options.Text("swapBackAt"));
    }
    return scenario;
}

/**
 * @brief Four NICs on one optical circuit switch, and what they see.
 */
class Story
{
  public:
    /**
     * @param scenario What decides the run.
     */
    explicit Story(const Scenario& scenario)
        : m_scenario(scenario)
    {
        Install();
        Watch();
        if (scenario.timeline)
        {
            m_timeline.emplace(scenario.timeline.file,
                               m_ocs,
                               m_nics,
                               std::vector<std::string>{"A", "B", "C", "D"},
                               scenario.interval);
        }
        if (!scenario.animation.path.empty())
        {
            m_fabric = DescribeFabric();
            m_animation.emplace(scenario.animation, m_fabric, PROGRAM);
            m_animation->Begin();
        }
    }

    /// @brief Plays it, and prints what happens. @return exit code.
    int Play()
    {
        SimulationRun run([this] { return GetProgress(); });
        std::cout << "      time, us  event" << std::endl;
        Simulator::ScheduleNow(&Story::Begin, this);
        Simulator::Schedule(m_scenario.swapAt, &Story::Ask, this, SWAPPED);
        Simulator::Schedule(m_scenario.swapBackAt, &Story::Ask, this, STRAIGHT);
        run.Run();
        TellLosses();
        const bool isComplete = run.GetProblems().empty() || m_ended == STREAMS.size();
        if (!isComplete)
        {
            std::cout << "\nINCOMPLETE: what follows is of the time until then\n";
        }
        PrintGoodput();
        PrintLosses();
        EndTimeline();
        if (m_animation)
        {
            std::cout << m_animation->Close();
        }
        auto problems = isComplete ? std::vector<std::string>() : run.GetProblems();
        if (m_failed > 0)
        {
            problems.push_back(std::to_string(m_failed) + " of " + std::to_string(STREAMS.size()) +
                               " messages ended with an error");
        }
        TellProblems(PROGRAM, problems);
        return run.GetExitCode(problems.empty());
    }

  private:
    /// @return how far it has come: payload that has arrived.
    SimulationRun::Progress GetProgress() const
    {
        const auto bytes = mixnetcore::SumOf(m_goodput, [](const auto& slot) {
            return std::accumulate(slot.begin(), slot.end(), 0.0);
        });
        const double all = double(m_scenario.messageBytes) * STREAMS.size();
        return {1e-6 * std::min(bytes, all), 1e-6 * all, "MB"};
    }

    /// @brief Makes nodes, devices and fibres.
    void Install()
    {
        m_ocs = CreateObject<OcsSwitch>();
        const auto delay = CreateObject<ConstantRandomVariable>();
        delay->SetAttribute("Constant",
                            DoubleValue(m_scenario.reconfigurationDelay.GetPicoSeconds() * 1e-12));
        m_ocs->SetAttribute("ReconfigurationTime", PointerValue(delay));
        const auto switchNode = CreateObject<Node>();
        switchNode->AddDevice(m_ocs);
        m_ocs->AddPorts(HOSTS);
        for (uint32_t host = 0; host < HOSTS; ++host)
        {
            const auto nic = CreateObject<RdmaNic>();
            nic->SetAttribute("DataRate", DataRateValue(m_scenario.linkRate));
            nic->SetAttribute("Mtu", UintegerValue(m_scenario.mtu));
            nic->SetNicAddress(host);
            CreateObject<Node>()->AddDevice(nic);
            m_nics.push_back(nic);
            m_fibres.push_back(CreateObject<Fibre>());
            m_fibres.back()->Connect(nic, m_ocs->GetPort(host));
        }
    }

    /// @return what Install() has made, as a fabric of one region.
    Fabric DescribeFabric() const
    {
        mixnetcore::FabricPlan plan;
        plan.name = PROGRAM;
        plan.host.gpus = 1;
        plan.host.nics = {{mixnetcore::NicRole::Optical,
                           0,
                           0,
                           mixnetcore::BitsPerSecond(m_scenario.linkRate.GetBitRate())}};
        mixnetcore::AddHosts(plan, HOSTS);
        const auto ports = mixnetcore::NicPorts(plan, mixnetcore::NicRole::Optical, 0, HOSTS);
        mixnetcore::OpticalPlane plane;
        plane.opticalSwitch =
            mixnetcore::AddSwitch(plan,
                                  ports,
                                  {mixnetcore::NodeRole::OpticalCircuitSwitch, "OCS", 0},
                                  mixnetcore::Picoseconds::zero());
        mixnetcore::RegionPlan region;
        Fabric fabric;
        for (uint32_t host = 0; host < HOSTS; ++host)
        {
            plan.nodes[host].name = std::string(1, NAMES[host]);
            region.endpoints.push_back({host});
            fabric.nodes.Add(m_nics[host]->GetNode());
            fabric.hosts.push_back({m_nics[host]->GetNode(), nullptr, {m_nics[host]}});
        }
        region.planes = {plane};
        plan.regions = {region};
        fabric.nodes.Add(m_ocs->GetNode());
        fabric.opticalSwitches = {m_ocs};
        fabric.fibres = m_fibres;
        fabric.plan = std::make_shared<const mixnetcore::FabricPlan>(plan);
        return fabric;
    }

    /// @brief Subscribes to what is told.
    void Watch()
    {
        auto tellCircuit = MakeCallback(&Story::TellCircuit, this);
        m_ocs->TraceConnectWithoutContext("CircuitUp", tellCircuit.Bind("up"));
        m_ocs->TraceConnectWithoutContext("CircuitDown", tellCircuit.Bind("down"));
        m_ocs->TraceConnectWithoutContext("Drop", MakeCallback(&Story::CountSwitchDrop, this));
        m_ocs->TraceConnectWithoutContext("ReconfigurationEnd",
                                          MakeCallback(&Story::HandleEnd, this));
        for (uint32_t host = 0; host < HOSTS; ++host)
        {
            m_nics[host]->TraceConnectWithoutContext(
                "StateTransition",
                MakeCallback(&Story::TellLink, this).Bind(NAMES[host]));
            m_nics[host]->TraceConnectWithoutContext("Drop", MakeCallback(&Story::CountDrop, this));
            m_nics[host]->TraceConnectWithoutContext("Receive",
                                                     MakeCallback(&Story::CountBytes, this));
        }
    }

    /// @brief Joins the first circuits and posts the messages.
    void Begin()
    {
        Ask(STRAIGHT);
        for (const auto& [from, to] : STREAMS)
        {
            m_nics[from]->GetQueuePair(to).Post(Create<RdmaMessage>(m_scenario.messageBytes),
                                                MakeCallback(&Story::TellEnd, this).Bind(from, to));
            if (m_timeline)
            {
                m_timeline->BeginMessage(from, to, m_scenario.messageBytes);
            }
        }
    }

    /// @param configuration Circuits to ask for.
    void Ask(mixnetcore::CircuitConfiguration configuration)
    {
        const auto result = m_ocs->Reconfigure(configuration);
        if (result.outcome == ReconfigureResult::Outcome::Waiting)
        {
            Line() << "the next change waits for the end of the blackout\n";
        }
    }

    /// @return the line's beginning: the time.
    static std::ostream& Line()
    {
        return std::cout << std::setw(14) << std::fixed << std::setprecision(3)
                         << Simulator::Now().GetPicoSeconds() * 1e-6 << "  ";
    }

    /// @param change What has become of a circuit. @param a A port. @param b Another.
    void TellCircuit(const char* change, uint32_t a, uint32_t b)
    {
        Line() << "circuit " << NAMES[a] << '-' << NAMES[b] << ' ' << change << '\n';
    }

    /// @param name NIC. @param to State of its link from now on.
    void TellLink(char name, RdmaNic::LinkState /* from */, RdmaNic::LinkState to)
    {
        if (to == RdmaNic::LinkState::Up || to == RdmaNic::LinkState::Down)
        {
            Line() << "NIC " << name << (to == RdmaNic::LinkState::Up ? " sees a" : " has lost its")
                   << " signal\n";
        }
    }

    /// @param from Sender. @param to Receiver. @param completion How the message ended.
    void TellEnd(uint32_t from, uint32_t to, const WriteCompletion& completion)
    {
        if (m_timeline)
        {
            m_timeline->EndMessage(from, to, completion);
        }
        ++m_ended;
        m_failed += completion.status == CompletionStatus::Success ? 0 : 1;
        Line() << "message " << NAMES[from] << " to " << NAMES[to]
               << " ended: " << mixnet::ToString(completion.status) << ", "
               << completion.bytesDelivered * 1e-6 << " MB delivered, "
               << m_nics[from]->GetQueuePair(to).GetRetransmittedFrames()
               << " frames retransmitted\n";
    }

    /// @param frame A frame that was lost at the switch. @param reason Why.
    void CountSwitchDrop(const RoceFrame& frame, uint32_t /* port */, DropReason reason)
    {
        CountDrop(frame, reason);
    }

    /// @brief Counts a frame that was lost, at a NIC or at the switch.
    void CountDrop(const RoceFrame& /* frame */, DropReason /* reason */)
    {
        m_firstDrop = m_drops++ == 0 ? Simulator::Now() : m_firstDrop;
        m_lastDrop = Simulator::Now();
    }

    /// @brief Tells of the losses of a blackout that has ended.
    void HandleEnd(const mixnetcore::CircuitConfiguration& /* configuration */)
    {
        TellLosses();
    }

    /// @brief Tells of the losses since the last time.
    void TellLosses()
    {
        if (m_drops > 0)
        {
            Line() << m_drops << " frames were lost, from " << m_firstDrop.GetPicoSeconds() * 1e-6
                   << " to " << m_lastDrop.GetPicoSeconds() * 1e-6 << " us\n";
        }
        m_drops = 0;
    }

    /// @param frame A frame that was received.
    void CountBytes(const RoceFrame& frame)
    {
        const size_t slot =
            Simulator::Now().GetPicoSeconds() / m_scenario.interval.GetPicoSeconds();
        m_goodput.resize(std::max(m_goodput.size(), slot + 1));
        for (size_t stream = 0; stream < STREAMS.size(); ++stream)
        {
            if (STREAMS[stream] == Stream(frame.source, frame.destination))
            {
                m_goodput[slot][stream] += frame.payloadBytes;
            }
        }
    }

    /// @brief Prints payload that arrived per interval and message, repetitions included.
    void PrintGoodput() const
    {
        std::cout << "\npayload that arrived, Gb/s\n    from, us";
        for (const auto& [from, to] : STREAMS)
        {
            std::cout << "    " << NAMES[from] << " to " << NAMES[to];
        }
        std::cout << '\n';
        for (size_t slot = 0; slot < m_goodput.size(); ++slot)
        {
            std::cout << std::setw(12) << std::setprecision(1)
                      << slot * m_scenario.interval.GetPicoSeconds() * 1e-6;
            for (const auto bytes : m_goodput[slot])
            {
                std::cout << std::setw(10) << bytes * 8e3 / m_scenario.interval.GetPicoSeconds();
            }
            std::cout << '\n';
        }
    }

    /// @brief Ends the timeline, if there is one, and says what is not in it.
    void EndTimeline()
    {
        if (m_timeline)
        {
            const auto leftOut = m_timeline->Close();
            std::cout << "timeline              " << m_scenario.timeline.file
                      << (leftOut.empty() ? "" : " (" + leftOut + ")") << '\n';
        }
    }

    /// @brief Prints where frames went, and that none is missing.
    void PrintLosses() const
    {
        const auto countersOf = [](const auto& counted) { return counted->GetCounters(); };
        auto sum = mixnetcore::SumOf(m_nics, countersOf);
        sum.AddLosses(m_ocs->GetCounters());
        sum.AddLosses(mixnetcore::SumOf(m_fibres, countersOf));
        std::cout << "\nframes sent " << sum.sent.frames << " = received " << sum.received.frames;
        PrintDrops(std::cout, sum, " + ");
        std::cout << " + in flight "
                  << sum.sent.frames - sum.received.frames - sum.AllDropped().frames << '\n';
    }

    Scenario m_scenario;                            //!< what decides the run
    std::optional<ReconfigurationTrace> m_timeline; //!< timeline, if any
    Fabric m_fabric;                                //!< all of it, for the animation
    std::optional<FabricAnimation> m_animation;     //!< for NetAnim
    Ptr<OcsSwitch> m_ocs;                           //!< the switch
    std::vector<Ptr<RdmaNic>> m_nics;               //!< A to D
    std::vector<Ptr<Fibre>> m_fibres;               //!< theirs
    std::vector<std::array<uint64_t, 4>> m_goodput; //!< bytes by interval and stream
    size_t m_ended{0};                              //!< messages that have ended
    uint32_t m_failed{0};                           //!< messages that ended with an error
    uint64_t m_drops{0};                            //!< frames lost since that was last told
    Time m_firstDrop;                               //!< when the first of them was
    Time m_lastDrop;                                //!< when the last was
};

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
Reconfigure(int argc, char* argv[])
{
    Time::SetResolution(Time::PS);
    const auto scenario = ParseScenario(argc, argv);
    Story story(scenario);
    const int code = story.Play();
    Simulator::Destroy();
    return code;
}

} // namespace

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
main(int argc, char* argv[])
{
    return RunProgram(PROGRAM, Reconfigure, argc, argv);
}
