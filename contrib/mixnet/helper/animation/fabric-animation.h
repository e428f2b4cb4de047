/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_ANIMATION_H
#define FABRIC_ANIMATION_H

#include "animation-scene.h"

#include "ns3/fabric-helper.h"
#include "ns3/fabric-layout.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Writes what happens in a fabric as an animation for NetAnim, while it runs.
 *
 * The picture is that of mixnetcore::LayOut(). NetAnim draws the links that there are at the start,
 * and neither colours them nor takes them away; but they follow their ends. So a circuit is a
 * string of small nodes on a link, which moves to the two NICs that it joins: amber while light
 * passes, black from the begin of the blackout that ends it, at the old place, until the blackout
 * is over. Ports that have no circuit have no string. NICs have the colour of their circuit.
 *
 * Where messages are packets, arrows are frames, but for acknowledgements: from NIC to NIC on a
 * circuit, to the switch where there is none, and hop by hop between packet switches. In each
 * interval one of the ports of a switch has its turn, and one of the NICs of a server on each side:
 * the first frame that it sends then is drawn. Where messages are flows, arrows are messages, from
 * the instant they are posted to that at which all is there, at most one that begins in an interval
 * for a pair of NICs: on circuits, and to and from the packet switches next to the NICs. Times of
 * arrows are rounded to a hundredth of the interval, a frame's up to one at least, since NetAnim
 * steps from one time to the next and would show hardly more than one arrow at a time.
 *
 * Servers count what their NICs have sent, optical circuit switches how long they had dark ports.
 *
 * Not shown: what happens inside of servers, which packet switches a flow passes between the first
 * and the last, and whether a frame that set out is lost on its way.
 */
class FabricAnimation
{
  public:
    /**
     * @param spec Where to write, and how much.
     * @param fabric The fabric, installed; outlives this object. Of it, plan, nodes, hosts' NICs
     * and transports, optical switches and fibres are used, by whom it may be put together.
     * @param title A line above all.
     * @throws std::runtime_error when the file cannot be written, as all other functions.
     */
    FabricAnimation(const AnimationSpec& spec, const Fabric& fabric, const std::string& title);

    FabricAnimation(const FabricAnimation&) = delete;
    FabricAnimation& operator=(const FabricAnimation&) = delete;

    /// @param colour A colour that servers may have. @param label What it means.
    void AddLegend(const PictureColour& colour, const std::string& label);

    /// @param host A server. @param colour Its colour from now on. @param text What is written in
    /// it from now on, behind its name.
    void ShowServer(uint32_t host, const PictureColour& colour, const std::string& text);

    /// @brief Ends what is there from the start; events are shown from now on.
    void Begin();

    /// @return the nodes of the animation. Those of the fabric have the numbers of their plan.
    AnimationScene& Scene()
    {
        return m_scene;
    }

    /// @brief Ends the file. @return a line that tells where it is, and what was left out.
    std::string Close();

  private:
    static constexpr uint32_t NONE = 0xffffffff; //!< no node, port or string

    /// @brief A circuit as it is drawn: an end, some pearls, another end.
    struct String
    {
        uint32_t firstNode{NONE}; //!< of it
        uint32_t a{NONE};         //!< port at its first end; NONE when it is put away
        uint32_t b{NONE};         //!< port at the other
        bool lit{false};          //!< whether light passes
    };

    /// @brief An optical circuit switch.
    struct Plane
    {
        uint32_t node{NONE};         //!< of the plan
        std::vector<uint32_t> nics;  //!< node of the NIC at each port; NONE without
        std::vector<uint32_t> peers; //!< port that light from a port leaves at, or NONE
        std::vector<String> strings; //!< as many as there may be circuits
        Time dark;                   //!< total of its blackouts
    };

    /// @brief What sends into a fibre.
    struct Sender
    {
        uint32_t node{NONE};      //!< where arrows begin
        uint32_t target{NONE};    //!< where they end; a plane's node where that depends
        uint32_t plane{NONE};     //!< of the far end, if it is one
        uint32_t port{NONE};      //!< of that plane
        uint32_t host{NONE};      //!< of the NIC that sends, if it is one
        Time delay;               //!< of the fibre
        uint32_t* turns{nullptr}; //!< how many of its node and side take turns
        uint32_t turn{0};         //!< which of them it is
        Time next;                //!< before then no frame of it is drawn
    };

    /// @param port A port of the plan. @return the node that it is drawn at.
    uint32_t NodeOf(const mixnetcore::PortPlan& port) const;

    /// @param host A host. @param nic A NIC of it. @return its node.
    uint32_t NicNode(uint32_t host, uint32_t nic) const
    {
        return m_firstNic + host * static_cast<uint32_t>(m_fabric.plan->host.nics.size()) + nic;
    }

    /// @return where the legend begins.
    mixnetcore::PicturePoint LegendPlace() const;

    /// @brief Adds servers, switches and NICs.
    void AddDevices();

    /// @param place Where it begins. @param text A text. @return its node.
    uint32_t AddText(const mixnetcore::PicturePoint& place, const std::string& text);

    /// @param node A node of the plan. @param text Behind its name from now on.
    void Describe(uint32_t node, const std::string& text);

    /// @brief Adds links, and learns what is at the ports of optical circuit switches.
    void AddLinks();

    /// @brief Adds strings for circuits.
    void AddStrings();

    /// @param link A link of the plan. @param from Its end that sends. @param to The other.
    void AddSender(uint32_t link, const mixnetcore::PortPlan& from, const mixnetcore::PortPlan& to);

    /// @brief Listens to the fabric.
    void Watch();

    /// @param plane A plane. @param string One of it. @brief Draws it where it belongs.
    void Put(const Plane& plane, const String& string);

    /// @param number A plane. @param a A port. @param b Another: light passes between them.
    void HandleUp(uint32_t number, uint32_t a, uint32_t b);

    /// @param number A plane. @param a A port. @param b Another: light passes no more.
    void HandleDown(uint32_t number, uint32_t a, uint32_t b);

    /// @param number A plane. @param configuration To come. @param darkPorts Ports that go dark.
    /// @param duration How long.
    void HandleBlackout(uint32_t number,
                        const mixnetcore::CircuitConfiguration& configuration,
                        uint32_t darkPorts,
                        Time duration);

    /// @param number A plane. @param configuration In force.
    void HandleEnd(uint32_t number, const mixnetcore::CircuitConfiguration& configuration);

    /// @param link A link of the plan. @param cut Whether it is cut, or spliced.
    void HandleCut(uint32_t link, bool cut);

    /// @return interval of samples, ps, above 0.
    int64_t Interval() const
    {
        return std::max<int64_t>(1, m_spec.interval.GetPicoSeconds());
    }

    /// @return when the next interval begins.
    Time NextInterval() const;

    /// @param time A time. @param up Whether it may grow, or shrink.
    /// @return it, rounded as times of arrows are.
    Time Rounded(const Time& time, bool up) const;

    /// @param sender Which. @param frame What it sends.
    void HandleFrame(uint32_t sender, const RoceFrame& frame);

    /// @param message A message that sets out.
    void HandlePost(const Message& message);

    /// @param message A message that is there.
    void HandleArrival(const Message& message);

    /// @param leg Of a message. @param begin When it was posted. @brief Draws it.
    void DrawLeg(const mixnetcore::RdmaLeg& leg, const Time& begin);

    /// @param host A host. @brief Tells what it has sent so far.
    void CountBytes(uint32_t host);

    const Fabric& m_fabric;                  //!< what is shown
    const mixnetcore::FabricLayout m_layout; //!< where
    const AnimationSpec m_spec;              //!< where to write, and how much
    AnimationScene m_scene;                  //!< the animation
    uint32_t m_firstNic{0};                  //!< node of the first NIC of all
    uint32_t m_firstLabel{0};                //!< node of the text in the first server
    std::vector<Plane> m_planes;             //!< in the order of the fabric's switches
    std::map<uint32_t, uint32_t> m_planeOf;  //!< plane by node of the plan
    std::vector<Sender> m_senders;           //!< all
    /// Senders that take turns, by node of the plan and side.
    std::map<std::pair<uint32_t, mixnetcore::NicRole>, uint32_t> m_turns;
    std::vector<Time> m_nextCount;      //!< by host: when bytes are counted again
    std::vector<uint32_t> m_nextSwitch; //!< node of the packet switch at each NIC, or NONE
    std::unordered_map<uint64_t, Time> m_nextMessage; //!< as Sender::next, by pair of NICs
    std::unordered_map<MessageId, Time> m_begun;      //!< messages that will be drawn
    uint32_t m_optical{0};                            //!< counter of bytes
    uint32_t m_electrical{0};                         //!< counter of bytes
    uint32_t m_dark{0};                               //!< counter of blackouts
    uint32_t m_legend{0};                             //!< lines so far
    uint64_t m_framesLeft{0};                         //!< that came too soon
    uint64_t m_messagesLeft{0};                       //!< likewise
};

} // namespace mixnet
} // namespace ns3

#endif // FABRIC_ANIMATION_H
