/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/test-bottleneck.h"
#include "../testbed/test-line.h"

#include <functional>
#include <string>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

/**
 * @brief A congestion control that does what a test says.
 */
class ScriptedControl : public CongestionControl
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("tests::ScriptedControl")
                                .SetParent<CongestionControl>()
                                .AddConstructor<ScriptedControl>();
        return tid;
    }

    using CongestionControl::SetRate;
    using CongestionControl::SetWindow;

    /// What to do at some occasion.
    using Script = std::function<void(ScriptedControl&)>;

    inline static Script onStart; //!< when it starts
    inline static Script onSent;  //!< when a data frame leaves
    inline static Script onAck;   //!< when an acknowledgement comes

    /// @brief Forgets all scripts.
    static void Reset()
    {
        onStart = onSent = onAck = nullptr;
    }

    // Documented in CongestionControl.
    void HandleAcknowledgement(uint64_t /* bytes */, const Time& /* roundTrip */) override
    {
        Play(onAck);
    }

    void HandleSent(uint32_t /* wireBytes */) override
    {
        Play(onSent);
    }

  private:
    void DoStart() override
    {
        Play(onStart);
    }

    /// @param script What to do, if anything.
    void Play(const Script& script)
    {
        if (script)
        {
            script(*this);
        }
    }
};

/**
 * @brief Two NICs on a fibre whose queue pairs follow scripts.
 */
class ScriptedTestCase : public MixnetTestCase
{
  protected:
    /// A data frame that has begun to leave NIC 0.
    struct Sent
    {
        Time at;        //!< when
        uint32_t queue; //!< its queue pair
        uint32_t bytes; //!< its size on the wire
    };

    /// @param name The promise.
    explicit ScriptedTestCase(const std::string& name)
        : MixnetTestCase(name)
    {
        ScriptedControl::Reset();
    }

    /// @brief Makes the network. @param window Window of the path, bytes.
    void SetUp(uint64_t window = 1'000'000)
    {
        m_network.SetNic("CongestionControl", StringValue("tests::ScriptedControl"));
        m_network.SetNic("Window", UintegerValue(window));
        m_network.AddNics(2, m_line);
        m_network.Join(m_network.nics[0], m_network.nics[1], MicroSeconds(1));
        m_network.nics[0]->TraceConnectWithoutContext("TransmitBegin",
                                                      MakeCallback(&ScriptedTestCase::Add, this));
    }

    /// @brief Simulates until nothing is left to do.
    void Run()
    {
        Simulator::Run();
        ScriptedControl::Reset();
    }

    /// @param frame A frame that begins to leave.
    void Add(const RoceFrame& frame)
    {
        if (frame.kind == FrameKind::Data)
        {
            m_sent.push_back({Simulator::Now(), frame.queuePair, frame.wireBytes});
        }
    }

    /// @param queuePair Number of a queue pair. @param bytes Size of a message on it, at 10 us.
    void Post(uint32_t queuePair, uint64_t bytes)
    {
        Simulator::Schedule(MicroSeconds(10), [this, queuePair, bytes] {
            m_ledger.Post(m_network.nics[0]->GetQueuePair(1, queuePair), bytes);
        });
    }

    const LineTimes m_line{RATE, MTU}; //!< the line
    NicNetwork m_network;              //!< two NICs
    WriteLedger m_ledger;              //!< messages
    std::vector<Sent> m_sent;          //!< data frames of NIC 0
};

/**
 * @ingroup mixnet-tests
 * @brief The pace between frames.
 */
class CongestionControlPaceTestCase : public ScriptedTestCase
{
  public:
    CongestionControlPaceTestCase()
        : ScriptedTestCase("A queue pair with a rate sends each frame when the one before it "
                           "would have left at that rate")
    {
    }

  private:
    void DoRun() override
    {
        ScriptedControl::onStart = [](auto& control) { control.SetRate(DataRate(RATE / 3)); };
        SetUp();
        Post(0, 20 * MTU);
        Run();

        const LineTimes paced{RATE / 3, MTU};
        if (!HasSize(m_sent, 20, "frames"))
        {
            return;
        }
        Time at = MicroSeconds(10);
        for (const auto& frame : m_sent)
        {
            NS_TEST_EXPECT_MSG_EQ(frame.at, at, "begin of a frame");
            at += paced.Of(frame.bytes);
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Paces that fit into the line together are all kept.
 */
class CongestionControlPacesTestCase : public ScriptedTestCase
{
  public:
    CongestionControlPacesTestCase()
        : ScriptedTestCase("Four queue pairs at a quarter of the line each use all of it, equally")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t BYTES = 1000 * MTU;
        ScriptedControl::onStart = [](auto& control) { control.SetRate(DataRate(RATE / 4)); };
        SetUp();
        for (const uint32_t queuePair : {0, 1, 2, 3})
        {
            Post(queuePair, BYTES);
        }
        Run();

        if (!HasSize(m_ledger.endings, 4, "messages"))
        {
            return;
        }
        const Time ideal = MicroSeconds(12) + 4 * m_line.Message(BYTES);
        NS_TEST_EXPECT_MSG_LT(m_ledger.endings.back().at, ideal * 1.01, "the line is in use");
        NS_TEST_EXPECT_MSG_GT(m_ledger.endings.front().at, ideal * 0.99, "equally");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A rate that changes between two frames.
 */
class CongestionControlRaisedTestCase : public ScriptedTestCase
{
  public:
    CongestionControlRaisedTestCase()
        : ScriptedTestCase("A queue pair whose rate becomes the line's sends on at once")
    {
    }

  private:
    void DoRun() override
    {
        ScriptedControl* control = nullptr;
        ScriptedControl::onStart = [&control](auto& started) {
            control = &started;
            started.SetRate(DataRate(1'000'000));
        };
        SetUp();
        Post(0, 3 * MTU);
        Simulator::Schedule(MicroSeconds(100), [&control] { control->SetRate(DataRate(RATE)); });
        Run();

        if (!HasSize(m_sent, 3, "frames"))
        {
            return;
        }
        NS_TEST_EXPECT_MSG_EQ(m_sent[0].at, MicroSeconds(10), "first");
        NS_TEST_EXPECT_MSG_EQ(m_sent[1].at, MicroSeconds(100), "second");
        NS_TEST_EXPECT_MSG_EQ(m_sent[2].at, MicroSeconds(100) + m_line.Full(), "third");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Changes while sending do not give an advantage.
 */
class CongestionControlTurnTestCase : public ScriptedTestCase
{
  public:
    CongestionControlTurnTestCase()
        : ScriptedTestCase("A queue pair whose window changes with each frame takes turns with "
                           "another like any")
    {
    }

  private:
    void DoRun() override
    {
        uint64_t frames = 0;
        ScriptedControl* first = nullptr;
        ScriptedControl::onStart = [&first](auto& control) { first = first ? first : &control; };
        ScriptedControl::onSent = [&](auto& control) {
            if (&control == first)
            {
                control.SetWindow(900'000 + ++frames);
            }
        };
        SetUp();
        Post(0, 100 * MTU);
        Post(1, 100 * MTU);
        Run();

        if (!HasSize(m_sent, 200, "frames"))
        {
            return;
        }
        // The first to post has two frames ahead of the other, which has the last two for itself.
        for (size_t i = 2; i + 1 < m_sent.size(); ++i)
        {
            NS_TEST_EXPECT_MSG_NE(m_sent[i].queue, m_sent[i - 1].queue, "in turn, frame " << i);
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Windows that shrink.
 */
class CongestionControlShrinkTestCase : public ScriptedTestCase
{
  public:
    /// @param frames Window before the first acknowledgement, frames.
    explicit CongestionControlShrinkTestCase(int frames)
        : ScriptedTestCase("A window that shrinks from " + std::to_string(frames) +
                           " frames to one at an acknowledgement never waits for the timer"),
          m_frames(frames)
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t FRAMES = 100;
        bool wide = true;
        ScriptedControl::onAck = [&](auto& control) {
            wide = !wide;
            control.SetWindow(wide ? m_frames * MTU : MTU);
        };
        SetUp(m_frames * MTU);
        Post(0, FRAMES * MTU);
        Run();

        if (!HasSize(m_ledger.endings, 1, "messages"))
        {
            return;
        }
        // A round trip for each frame is the most that windows of one frame take.
        const Time roundTrip = m_line.Of(MTU + 98) + m_line.Ack() + MicroSeconds(2);
        NS_TEST_EXPECT_MSG_LT(m_ledger.endings[0].at,
                              MicroSeconds(10) + static_cast<int>(FRAMES) * roundTrip,
                              "no timeout of 4 ms");
        NS_TEST_EXPECT_MSG_EQ(m_network.nics[0]->GetRetransmittedFrames(), 0, "nothing again");
        NS_TEST_EXPECT_MSG_EQ(m_sent.size(), FRAMES, "frames");
    }

    int m_frames; //!< window before the first acknowledgement
};

/**
 * @ingroup mixnet-tests
 * @brief Bounds of window and rate.
 */
class CongestionControlBoundsTestCase : public ScriptedTestCase
{
  public:
    CongestionControlBoundsTestCase()
        : ScriptedTestCase("The window stays between one frame and the largest, the rate at the "
                           "line's at most")
    {
    }

  private:
    void DoRun() override
    {
        auto control = CreateObject<ScriptedControl>();
        control->Start({DataRate(RATE), 100'000, MicroSeconds(2), MTU, MTU + 82}, Callback<void>());
        NS_TEST_EXPECT_MSG_EQ(control->GetWindow(), 100'000, "the path's at first");
        control->SetWindow(0);
        NS_TEST_EXPECT_MSG_EQ(control->GetWindow(), MTU, "one frame");
        control->SetWindow(100'001);
        NS_TEST_EXPECT_MSG_EQ(control->GetWindow(), 100'000, "the largest");
        control->SetRate(DataRate(RATE - 1));
        NS_TEST_EXPECT_MSG_EQ(control->IsPaced(), true, "below the line");
        control->SetRate(DataRate(RATE + 1));
        NS_TEST_EXPECT_MSG_EQ(control->GetRate().GetBitRate(), RATE, "the line");
        NS_TEST_EXPECT_MSG_EQ(control->IsPaced(), false, "the line");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Who may be marked.
 */
class CongestionControlMarkTestCase : public MixnetTestCase
{
  public:
    /// @param control A class. @param capable Whether switches may mark its frames.
    CongestionControlMarkTestCase(const std::string& control, bool capable)
        : MixnetTestCase("A switch that marks all it may marks " +
                         std::string(capable ? "frames of " : "no frame of ") + control),
          m_control(control),
          m_capable(capable)
    {
    }

  private:
    void DoRun() override
    {
        NicNetwork network;
        network.SetNic("CongestionControl", StringValue("ns3::mixnet::" + m_control));
        network.SetNic("Window", UintegerValue(200'000));
        BottleneckNetwork bottleneck(network, 2, {RATE, MTU}, MicroSeconds(1), Marking{1, 1, 1});
        network.nics[2]->TraceConnectWithoutContext(
            "TransmitBegin",
            MakeCallback(&CongestionControlMarkTestCase::Add, this));
        bottleneck.Flow(MicroSeconds(10), 0, MicroSeconds(200));
        bottleneck.Flow(MicroSeconds(10), 1, MicroSeconds(200));
        bottleneck.Run();
        NS_TEST_EXPECT_MSG_GT(network.packetSwitch->GetPeakBufferedBytes(),
                              0,
                              "frames had to wait");
        NS_TEST_EXPECT_MSG_EQ((network.packetSwitch->GetMarkedFrames() > 0), m_capable, "marks");
        NS_TEST_EXPECT_MSG_EQ((m_notifications > 0), m_capable, "CNPs");
        // 50 us between two CNPs of one queue pair: at 0, 50, 100, 150 and 200 us at most, each.
        NS_TEST_EXPECT_MSG_LT_OR_EQ(m_notifications, 2 * 5, "CNPs");
    }

    /// @param frame A frame that the receiver sends.
    void Add(const RoceFrame& frame)
    {
        m_notifications += frame.kind == FrameKind::CongestionNotification ? 1 : 0;
        NS_TEST_EXPECT_MSG_EQ((frame.ecn == EcnCodepoint::NotCapable), true, "control frames");
    }

    std::string m_control;  //!< class of the congestion controls
    bool m_capable;         //!< whether switches may mark their frames
    int m_notifications{0}; //!< CNPs that the receiver has sent
};

/**
 * @ingroup mixnet-tests
 * @brief Windows that sequence numbers cannot tell apart.
 */
class CongestionControlReachTestCase : public MixnetTestCase
{
  public:
    CongestionControlReachTestCase()
        : MixnetTestCase("A congestion control whose window may reach half of the sequence numbers "
                         "is refused by name")
    {
    }

  private:
    void DoRun() override
    {
        const auto message = AbortMessageOf([] {
            auto nic = CreateObject<RdmaNic>();
            nic->SetAttribute("CongestionControl", StringValue("ns3::mixnet::Dcqcn"));
            // 8 windows of 2^20 frames.
            nic->SetAttribute("Window", UintegerValue(MTU << 20));
            nic->GetQueuePair(1).GetCongestionControl();
        });
        NS_TEST_EXPECT_MSG_NE(message.find("ns3::mixnet::Dcqcn may have a window of"),
                              std::string::npos,
                              message);
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The suite of CongestionControl, and of what queue pairs make of it.
 */
class CongestionControlTestSuite : public TestSuite
{
  public:
    CongestionControlTestSuite()
        : TestSuite("mixnet-congestion-control", TestSuite::Type::UNIT)
    {
        ScriptedControl::GetTypeId();
        AddTestCase(new CongestionControlPaceTestCase);
        AddTestCase(new CongestionControlPacesTestCase);
        AddTestCase(new CongestionControlRaisedTestCase);
        AddTestCase(new CongestionControlTurnTestCase);
        for (const int frames : {2, 12, 15, 20, 50})
        {
            AddTestCase(new CongestionControlShrinkTestCase(frames));
        }
        AddTestCase(new CongestionControlBoundsTestCase);
        AddTestCase(new CongestionControlMarkTestCase("FixedWindow", false));
        AddTestCase(new CongestionControlMarkTestCase("Swift", false));
        AddTestCase(new CongestionControlMarkTestCase("Dcqcn", true));
        AddTestCase(new CongestionControlReachTestCase);
    }
};

CongestionControlTestSuite g_congestionControlTestSuite; //!< registers the suite

} // namespace

} // namespace tests
