/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TEST_RELAY_H
#define TEST_RELAY_H

#include "test-network.h"

#include <array>
#include <functional>
#include <utility>
#include <vector>

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief One of the two ports of a relay: it passes signals on as a mirror would, and of each frame
 * as many copies as it is told, each when it is told.
 *
 * It has no line: frames that it held back may overlap others on the fibre.
 */
class TestRelayPort : public FibrePort
{
  public:
    /// How long each copy of a frame is held; none to lose it.
    using Rule = std::function<std::vector<Time>(RoceFrame& frame)>;

    /// A copy of a frame that was passed on.
    struct Passed
    {
        RoceFrame frame; //!< the frame
        Time at;         //!< when its last bit left
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId()
    {
        static TypeId tid = TypeId("tests::TestRelayPort").SetParent<FibrePort>();
        return tid;
    }

    Rule rule;                  //!< what becomes of frames that come in here; passed on if empty
    std::vector<Passed> passed; //!< copies that came in here and left at the other port
    uint64_t lost{0};           //!< frames of which no copy was passed on
    uint64_t added{0};          //!< copies beyond the first of each frame

    /// @param other The other port.
    void SetOther(Ptr<TestRelayPort> other)
    {
        m_other = PeekPointer(other);
    }

    /// @param at When. @param frame A frame that leaves here, made up by the test.
    void SendAt(const Time& at, const RoceFrame& frame)
    {
        Simulator::ScheduleWithContext(GetContext(), at - Simulator::Now(), [this, frame] {
            Launch(RoceFrame(frame), Time(0));
        });
    }

    /// @param kind A kind of frame. @return copies of that kind that were passed on from here.
    uint64_t Count(FrameKind kind) const
    {
        return std::count_if(passed.begin(), passed.end(), [&](const Passed& entry) {
            return entry.frame.kind == kind;
        });
    }

    // Documented in FibrePort.
    void HandleFrame(RoceFrame&& frame) override
    {
        m_counters.Receive(frame);
        const auto holds = rule ? rule(frame) : std::vector<Time>{Time(0)};
        lost += holds.empty() ? 1 : 0;
        added += holds.empty() ? 0 : holds.size() - 1;
        for (const Time& hold : holds)
        {
            if (hold.IsZero())
            {
                PassOn(frame);
            }
            else
            {
                Simulator::Schedule(hold, &TestRelayPort::PassOn, this, frame);
            }
        }
    }

    void HandleSignal(const LinkSignal& signal) override
    {
        m_other->Emit(signal);
    }

  private:
    /// @param frame A frame that leaves at the other port now.
    void PassOn(RoceFrame frame)
    {
        passed.push_back({frame, Simulator::Now()});
        m_other->Launch(std::move(frame), Time(0));
    }

    TestRelayPort* m_other{nullptr}; //!< the other port, which lives as long
};

/**
 * @ingroup mixnet-tests
 * @brief A relay between two NICs.
 */
struct TestRelay
{
    std::array<Ptr<TestRelayPort>, 2> ports; //!< that at NIC 0, where its frames come in; at NIC 1

    /// @param network Network with two NICs that are to be joined. @param delay Of each fibre.
    TestRelay(NicNetwork& network, const Time& delay)
    {
        for (size_t i = 0; i < ports.size(); ++i)
        {
            ports[i] = CreateObject<TestRelayPort>();
            CreateObject<Node>()->AddDevice(ports[i]);
            network.Join(network.nics[i], ports[i], delay);
        }
        ports[0]->SetOther(ports[1]);
        ports[1]->SetOther(ports[0]);
    }

    /// @return frames that were lost here, both ways.
    uint64_t Lost() const
    {
        return ports[0]->lost + ports[1]->lost;
    }

    /// @return copies that were added here, both ways.
    uint64_t Added() const
    {
        return ports[0]->added + ports[1]->added;
    }
};

} // namespace tests

#endif // TEST_RELAY_H
