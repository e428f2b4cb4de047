/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-animation.h"

#include "ns3/number-text.h"
#include "ns3/roce-frame.h"
#include "ns3/simulator.h"

#include <algorithm>
#include <variant>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr double SERVER_SIZE = 11;      //!< diameter of a server, as of those that follow
constexpr double SWITCH_SIZE = 5;       //!< of switches of either kind
constexpr double NIC_SIZE = 1.4;        //!< of a NIC
constexpr double PEARL_SIZE = 1;        //!< of a node of a string
constexpr double LEGEND_SIZE = 2;       //!< of its colours
constexpr double SPOT = 0.01;           //!< of what is not to be seen
constexpr uint32_t PEARLS = 11;         //!< of a string, without its ends
constexpr uint32_t STRING = PEARLS + 2; //!< nodes of a string
constexpr double LEGEND_GAP = 5;        //!< between lines
constexpr double LEGEND_WIDTH = 45;     //!< of its text, about
constexpr int ON_TOP = 1;               //!< layer of devices, above that of circuits
constexpr int TEXT = 2;                 //!< layer of text
/// Parts of an interval to which times of arrows are rounded.
constexpr int64_t PARTS_OF_INTERVAL = 100;
constexpr double MEGABYTE = 1e6; //!< bytes

// Blue, amber and black are told apart by everybody; red is for what is broken.
constexpr PictureColour IDLE{238, 238, 238};      //!< of a server
constexpr PictureColour LIT{238, 153, 34};        //!< of a circuit that carries light
constexpr PictureColour DARK{17, 17, 17};         //!< of one that does not any more
constexpr PictureColour FREE{255, 255, 255};      //!< of an optical NIC without circuit
constexpr PictureColour ELECTRICAL{68, 119, 170}; //!< of packet switches and their NICs
constexpr PictureColour BROKEN{204, 0, 0};        //!< of what is at a cut fibre

/// @param of A part, 0 to 1. @param a A place. @param b Another. @return the place between them.
mixnetcore::PicturePoint
Between(double of, const mixnetcore::PicturePoint& a, const mixnetcore::PicturePoint& b)
{
    return {a.x + of * (b.x - a.x), a.y + of * (b.y - a.y)};
}

} // namespace

FabricAnimation::FabricAnimation(const AnimationSpec& spec,
                                 const Fabric& fabric,
                                 const std::string& title)
    : m_fabric(fabric),
      m_layout(mixnetcore::LayOut(*fabric.plan)),
      m_spec(spec),
      m_scene(spec),
      m_nextCount(fabric.plan->hosts)
{
    AddDevices();
    AddLinks();
    AddStrings();
    m_optical = m_scene.AddCounter("sent over circuits, MB");
    m_electrical = m_scene.AddCounter("sent over packet switches, MB");
    m_dark = m_scene.AddCounter("blackouts, ms");
    AddText(LegendPlace(), title);
    ++m_legend;
    if (!m_planes.empty())
    {
        AddLegend(LIT, "circuit");
        AddLegend(DARK, "circuit that is dark");
    }
    AddLegend(ELECTRICAL, "packet switch, and NICs at one");
    AddLegend(BROKEN, "NIC at a cut fibre");
}

void
FabricAnimation::AddDevices()
{
    const auto& plan = *m_fabric.plan;
    for (uint32_t node = 0; node < plan.nodes.size(); ++node)
    {
        const auto role = plan.nodes[node].role;
        const bool isServer = role == mixnetcore::NodeRole::Host;
        const bool isElectrical = role == mixnetcore::NodeRole::PacketSwitch;
        m_scene.AddNode({m_layout.nodes[node],
                         isServer ? SERVER_SIZE : SWITCH_SIZE,
                         isElectrical ? ELECTRICAL : IDLE,
                         "",
                         ON_TOP});
    }
    m_firstNic = static_cast<uint32_t>(plan.nodes.size());
    for (uint32_t host = 0; host < plan.hosts; ++host)
    {
        for (uint32_t nic = 0; nic < plan.host.nics.size(); ++nic)
        {
            const bool isOptical = plan.host.nics[nic].role == mixnetcore::NicRole::Optical;
            const auto node = m_scene.AddNode(
                {m_layout.nics[host][nic], NIC_SIZE, isOptical ? FREE : ELECTRICAL, "", ON_TOP});
            m_scene.AddLink(host, node);
        }
    }
    for (uint32_t node = 0; node < plan.nodes.size(); ++node)
    {
        const bool isServer = node < plan.hosts;
        const auto& place = m_layout.nodes[node];
        const auto label = AddText({place.x - (isServer ? 0.45 * SERVER_SIZE : 0.5 * SWITCH_SIZE),
                                    place.y - (isServer ? 0.5 * SERVER_SIZE : -0.3 * SWITCH_SIZE)},
                                   plan.nodes[node].name);
        m_firstLabel = node == 0 ? label : m_firstLabel;
    }
}

uint32_t
FabricAnimation::AddText(const mixnetcore::PicturePoint& place, const std::string& text)
{
    return m_scene.AddNode({place, SPOT, FREE, text, TEXT});
}

void
FabricAnimation::Describe(uint32_t node, const std::string& text)
{
    m_scene.Describe(m_firstLabel + node, m_fabric.plan->nodes[node].name + text);
}

void
FabricAnimation::ShowServer(uint32_t host, const PictureColour& colour, const std::string& text)
{
    m_scene.Paint(host, colour);
    Describe(host, text);
}

uint32_t
FabricAnimation::NodeOf(const mixnetcore::PortPlan& port) const
{
    return port.node < m_fabric.plan->hosts ? NicNode(port.node, port.port) : port.node;
}

void
FabricAnimation::AddLinks()
{
    const auto& plan = *m_fabric.plan;
    for (const auto& region : plan.regions)
    {
        for (const auto& plane : region.planes)
        {
            const auto ports = plan.nodes[plane.opticalSwitch].ports;
            m_planeOf[plane.opticalSwitch] = static_cast<uint32_t>(m_planes.size());
            m_planes.push_back({plane.opticalSwitch,
                                std::vector<uint32_t>(ports, NONE),
                                std::vector<uint32_t>(ports, NONE)});
        }
    }
    m_nextSwitch.resize(plan.hosts * plan.host.nics.size(), NONE);
    for (uint32_t link = 0; link < plan.links.size(); ++link)
    {
        const auto& [a, b, rate, delay] = plan.links[link];
        AddSender(link, a, b);
        AddSender(link, b, a);
        if (m_planeOf.count(a.node) + m_planeOf.count(b.node) == 0)
        {
            m_scene.AddLink(NodeOf(a), NodeOf(b));
        }
    }
}

void
FabricAnimation::AddSender(uint32_t link,
                           const mixnetcore::PortPlan& from,
                           const mixnetcore::PortPlan& to)
{
    const auto& plan = *m_fabric.plan;
    const auto plane = m_planeOf.find(to.node);
    const bool isServer = from.node < plan.hosts;
    if (isServer && plane != m_planeOf.end())
    {
        m_planes[plane->second].nics.at(to.port) = NodeOf(from);
    }
    else if (isServer)
    {
        m_nextSwitch[NodeOf(from) - m_firstNic] = NodeOf(to);
    }
    const auto port = DynamicCast<EthernetPort>(FabricHelper::PortOf(m_fabric, from));
    if (!port)
    {
        return; // of an optical circuit switch, through which light only passes
    }
    port->TraceConnectWithoutContext("TransmitBegin",
                                     MakeCallback(&FabricAnimation::HandleFrame, this)
                                         .Bind(static_cast<uint32_t>(m_senders.size())));
    Sender sender{NodeOf(from), NodeOf(to)};
    sender.delay = m_fabric.fibres[link]->GetDelay();
    sender.host = isServer ? from.node : NONE;
    const auto side =
        isServer ? plan.host.nics.at(from.port).role : mixnetcore::NicRole::Electrical;
    sender.turns = &m_turns[{from.node, side}];
    sender.turn = (*sender.turns)++;
    if (plane != m_planeOf.end())
    {
        sender.plane = plane->second;
        sender.port = to.port;
    }
    m_senders.push_back(sender);
}

void
FabricAnimation::AddStrings()
{
    for (auto& plane : m_planes)
    {
        const auto& place = m_layout.nodes[plane.node];
        plane.strings.resize(plane.nics.size() / 2);
        for (auto& string : plane.strings)
        {
            for (uint32_t pearl = 0; pearl < STRING; ++pearl)
            {
                const auto node = m_scene.AddNode({place, PEARL_SIZE, LIT});
                string.firstNode = std::min(string.firstNode, node);
            }
            m_scene.AddLink(string.firstNode, string.firstNode + STRING - 1);
        }
    }
}

mixnetcore::PicturePoint
FabricAnimation::LegendPlace() const
{
    // NetAnim shows a square: there is room below what is wide, and to the left of what is high.
    const bool isWide = m_layout.width > m_layout.height;
    return isWide
               ? mixnetcore::PicturePoint{0, m_layout.height + LEGEND_GAP}
               : mixnetcore::PicturePoint{std::min(-LEGEND_WIDTH, m_layout.width - m_layout.height),
                                          LEGEND_GAP};
}

void
FabricAnimation::AddLegend(const PictureColour& colour, const std::string& label)
{
    auto place = LegendPlace();
    place.y += LEGEND_GAP * ++m_legend;
    m_scene.AddNode({place, LEGEND_SIZE, colour, "", ON_TOP});
    AddText({place.x + LEGEND_SIZE, place.y - 0.5 * LEGEND_GAP}, label);
}

void
FabricAnimation::Begin()
{
    for (const auto& corner :
         {LegendPlace(), mixnetcore::PicturePoint{m_layout.width, m_layout.height}})
    {
        m_scene.AddNode({corner, SPOT, FREE});
    }
    m_scene.Begin();
    Watch();
}

void
FabricAnimation::Watch()
{
    for (uint32_t number = 0; number < m_planes.size(); ++number)
    {
        const auto& ocs = m_fabric.opticalSwitches.at(number);
        ocs->TraceConnectWithoutContext(
            "CircuitUp",
            MakeCallback(&FabricAnimation::HandleUp, this).Bind(number));
        ocs->TraceConnectWithoutContext(
            "CircuitDown",
            MakeCallback(&FabricAnimation::HandleDown, this).Bind(number));
        ocs->TraceConnectWithoutContext(
            "ReconfigurationBegin",
            MakeCallback(&FabricAnimation::HandleBlackout, this).Bind(number));
        ocs->TraceConnectWithoutContext(
            "ReconfigurationEnd",
            MakeCallback(&FabricAnimation::HandleEnd, this).Bind(number));
        const auto configuration = ocs->GetConfiguration();
        for (const auto& [a, b] : configuration.Circuits())
        {
            HandleUp(number, a, b);
        }
    }
    for (uint32_t link = 0; link < m_fabric.fibres.size(); ++link)
    {
        m_fabric.fibres[link]->TraceConnectWithoutContext(
            "Cut",
            MakeCallback(&FabricAnimation::HandleCut, this).Bind(link));
    }
    for (const auto& host : m_fabric.hosts)
    {
        if (host.flows)
        {
            host.transport->TraceConnectWithoutContext(
                "Post",
                MakeCallback(&FabricAnimation::HandlePost, this));
            host.flows->TraceConnectWithoutContext(
                "Arrival",
                MakeCallback(&FabricAnimation::HandleArrival, this));
        }
    }
}

void
FabricAnimation::Put(const Plane& plane, const String& string)
{
    const auto& middle = m_layout.nodes[plane.node];
    const auto placeOf = [&](uint32_t port) {
        const auto node = port == NONE ? NONE : plane.nics[port];
        const auto perHost = static_cast<uint32_t>(m_fabric.plan->host.nics.size());
        return node == NONE
                   ? middle
                   : m_layout.nics[(node - m_firstNic) / perHost][(node - m_firstNic) % perHost];
    };
    for (uint32_t pearl = 0; pearl < STRING; ++pearl)
    {
        const auto node = string.firstNode + pearl;
        m_scene.Move(node,
                     Between(double(pearl) / (STRING - 1), placeOf(string.a), placeOf(string.b)));
        m_scene.Paint(node, string.lit ? LIT : DARK);
    }
    for (const auto port : {string.a, string.b})
    {
        if (port != NONE && plane.nics[port] != NONE)
        {
            m_scene.Paint(plane.nics[port], string.lit ? LIT : DARK);
        }
    }
}

void
FabricAnimation::HandleUp(uint32_t number, uint32_t a, uint32_t b)
{
    auto& plane = m_planes[number];
    plane.peers[a] = b;
    plane.peers[b] = a;
    // A string that is there already, or turns around one of its ends, is easier to follow.
    String* best = nullptr;
    int bestFit = -1;
    for (auto& string : plane.strings)
    {
        const int fit = string.lit                       ? -1
                        : string.a == a && string.b == b ? 3
                        : string.a == a || string.b == b ? 2
                        : string.a == NONE               ? 1
                                                         : 0;
        if (fit > bestFit)
        {
            best = &string;
            bestFit = fit;
        }
    }
    if (best)
    {
        best->a = a;
        best->b = b;
        best->lit = true;
        Put(plane, *best);
    }
}

void
FabricAnimation::HandleDown(uint32_t number, uint32_t a, uint32_t b)
{
    auto& plane = m_planes[number];
    plane.peers[a] = NONE;
    plane.peers[b] = NONE;
    for (auto& string : plane.strings)
    {
        if (string.lit && string.a == a && string.b == b)
        {
            string.lit = false;
            Put(plane, string);
        }
    }
}

void
FabricAnimation::HandleBlackout(uint32_t number,
                                const mixnetcore::CircuitConfiguration& /* configuration */,
                                uint32_t darkPorts,
                                Time duration)
{
    auto& plane = m_planes[number];
    plane.dark += duration;
    m_scene.Paint(plane.node, DARK);
    Describe(plane.node,
             ": " + std::to_string(darkPorts) + " ports\ndark for " +
                 mixnetcore::FixedText(duration.GetPicoSeconds() * 1e-9, 3) + " ms");
}

void
FabricAnimation::HandleEnd(uint32_t number, const mixnetcore::CircuitConfiguration& configuration)
{
    auto& plane = m_planes[number];
    for (auto& string : plane.strings)
    {
        if (!string.lit && string.a != NONE)
        {
            for (const auto port : {string.a, string.b})
            {
                if (plane.nics[port] != NONE && plane.peers[port] == NONE)
                {
                    m_scene.Paint(plane.nics[port], FREE);
                }
            }
            string.a = NONE;
            string.b = NONE;
            for (uint32_t pearl = 0; pearl < STRING; ++pearl)
            {
                m_scene.Move(string.firstNode + pearl, m_layout.nodes[plane.node]);
            }
        }
    }
    m_scene.Paint(plane.node, IDLE);
    Describe(plane.node, ": " + std::to_string(configuration.Size()) + " circuits");
    m_scene.Count(m_dark, plane.node, plane.dark.GetPicoSeconds() * 1e-9);
}

void
FabricAnimation::HandleCut(uint32_t link, bool cut)
{
    const auto& plan = *m_fabric.plan;
    for (const auto& end : {plan.links[link].a, plan.links[link].b})
    {
        if (end.node < plan.hosts)
        {
            const bool isOptical = plan.host.nics[end.port].role == mixnetcore::NicRole::Optical;
            m_scene.Paint(NodeOf(end), cut ? BROKEN : isOptical ? FREE : ELECTRICAL);
        }
    }
}

Time
FabricAnimation::Rounded(const Time& time, bool up) const
{
    const int64_t unit = std::max<int64_t>(1, Interval() / PARTS_OF_INTERVAL);
    const int64_t parts = (time.GetPicoSeconds() + (up ? unit - 1 : 0)) / unit;
    return PicoSeconds(parts * unit);
}

Time
FabricAnimation::NextInterval() const
{
    return PicoSeconds((Simulator::Now().GetPicoSeconds() / Interval() + 1) * Interval());
}

void
FabricAnimation::HandleFrame(uint32_t number, const RoceFrame& frame)
{
    auto& sender = m_senders[number];
    const Time now = Simulator::Now();
    if (now < sender.next || frame.kind == FrameKind::Acknowledgement)
    {
        ++m_framesLeft;
        return;
    }
    const auto interval = now.GetPicoSeconds() / Interval();
    const auto turn = interval / *sender.turns * *sender.turns + sender.turn;
    const bool isItsTurn = turn == interval;
    sender.next = PicoSeconds((turn > interval ? turn : turn + *sender.turns) * Interval());
    if (!isItsTurn || !m_scene.WantsArrow(now, now + frame.duration + 2 * sender.delay))
    {
        ++m_framesLeft;
        return;
    }
    auto target = sender.target;
    Time delay = sender.delay;
    if (sender.plane != NONE)
    {
        const auto& plane = m_planes[sender.plane];
        const auto peer = plane.peers[sender.port];
        if (peer != NONE && plane.nics[peer] != NONE)
        {
            target = plane.nics[peer];
            delay += sender.delay; // fibres of a plane are alike
        }
    }
    const auto begin = Rounded(now, false);
    const auto duration = Rounded(frame.duration, true);
    delay = Rounded(delay, true);
    m_scene.AddArrow(sender.node,
                     target,
                     {begin, begin + duration, begin + delay, begin + duration + delay});
    if (sender.host != NONE)
    {
        CountBytes(sender.host);
    }
}

void
FabricAnimation::HandlePost(const Message& message)
{
    const Time now = Simulator::Now();
    for (const auto& leg : message.transfer.route)
    {
        const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg);
        if (!rdma)
        {
            continue;
        }
        const uint64_t pair = uint64_t{NicNode(rdma->from.host, rdma->from.nic)} << 32 |
                              NicNode(rdma->to.host, rdma->to.nic);
        auto& next = m_nextMessage[pair];
        if (now < next)
        {
            ++m_messagesLeft;
        }
        else if (m_scene.WantsArrow(now, Time::Max()))
        {
            next = NextInterval();
            m_begun[message.id] = now;
        }
        return; // the first leg decides over all
    }
}

void
FabricAnimation::HandleArrival(const Message& message)
{
    const auto found = m_begun.find(message.id);
    if (found == m_begun.end())
    {
        return;
    }
    const Time begin = found->second;
    m_begun.erase(found);
    for (const auto& leg : message.transfer.route)
    {
        if (const auto* rdma = std::get_if<mixnetcore::RdmaLeg>(&leg))
        {
            DrawLeg(*rdma, begin);
        }
    }
}

void
FabricAnimation::DrawLeg(const mixnetcore::RdmaLeg& leg, const Time& begin)
{
    const Time first = Rounded(begin, false);
    const Time last = std::max(Rounded(Simulator::Now(), false), first + Rounded(Time(1), true));
    // The first bit is soon there; the last one leaves when all but what is on the way has gone.
    const Time soon = (last - first) / int64_t{8};
    const AnimationFile::Passage passage{first, last - soon, first + soon, last};
    const auto from = NicNode(leg.from.host, leg.from.nic);
    const auto to = NicNode(leg.to.host, leg.to.nic);
    if (leg.side == mixnetcore::NicRole::Optical)
    {
        m_scene.AddArrow(from, to, passage);
    }
    else
    {
        m_scene.AddArrow(from, m_nextSwitch[from - m_firstNic], passage);
        m_scene.AddArrow(m_nextSwitch[to - m_firstNic], to, passage);
    }
    CountBytes(leg.from.host);
}

void
FabricAnimation::CountBytes(uint32_t host)
{
    if (Simulator::Now() < m_nextCount[host])
    {
        return;
    }
    m_nextCount[host] = NextInterval();
    for (const auto side : {mixnetcore::NicRole::Optical, mixnetcore::NicRole::Electrical})
    {
        double bytes = 0;
        for (const auto nic : m_fabric.plan->host.NicsOn(side))
        {
            bytes += double(m_fabric.GetSentBytes(host, nic));
        }
        m_scene.Count(side == mixnetcore::NicRole::Optical ? m_optical : m_electrical,
                      host,
                      bytes / MEGABYTE);
    }
}

std::string
FabricAnimation::Close()
{
    for (uint32_t host = 0; host < m_fabric.plan->hosts; ++host)
    {
        m_nextCount[host] = Time(0);
        CountBytes(host);
    }
    const auto left = m_scene.Close();
    auto text =
        "animation             " + m_spec.path +
        ", with samples of the frames and messages: " + std::to_string(m_scene.GetArrows()) +
        " of " + std::to_string(m_scene.GetArrows() + m_framesLeft + m_messagesLeft);
    for (const auto& part : left)
    {
        text += (&part == &left.front() ? "; without " : "; ") + part;
    }
    return text + "\n";
}

} // namespace mixnet
} // namespace ns3
