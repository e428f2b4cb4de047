/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "port-selector.h"

#include "ns3/assert.h"
#include "ns3/keyed-random.h"
#include "ns3/roce-header.h"

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(PortSelector);
NS_OBJECT_ENSURE_REGISTERED(EcmpSelector);
NS_OBJECT_ENSURE_REGISTERED(SpraySelector);

TypeId
PortSelector::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::PortSelector").SetParent<Object>().SetGroupName("Mixnet");
    return tid;
}

TypeId
EcmpSelector::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::EcmpSelector")
                            .SetParent<PortSelector>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<EcmpSelector>();
    return tid;
}

uint32_t
EcmpSelector::Select(const RoceFrame& frame,
                     uint32_t /* group */,
                     const std::vector<uint32_t>& ports)
{
    NS_ASSERT(!ports.empty());
    constexpr uint64_t UDP = 17; // protocol number (RFC 768)
    const uint64_t addresses = uint64_t{frame.source} << 32 | frame.destination;
    const uint64_t rest =
        uint64_t{UdpSourcePort(frame)} << 32 | uint64_t{wire::ROCE_UDP_PORT} << 8 | UDP;
    const uint64_t hash = mixnetcore::KeyedRandom(GetSalt()).At(addresses).Bits(rest);
    return ports[(hash >> 32) * ports.size() >> 32]; // the upper half of the bits as a fraction
}

TypeId
SpraySelector::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::SpraySelector")
                            .SetParent<PortSelector>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<SpraySelector>();
    return tid;
}

void
SpraySelector::BeginRound(uint32_t group, uint32_t ports)
{
    auto& round = m_rounds[group];
    const auto places = mixnetcore::KeyedRandom(GetSalt()).At(group);
    round.place = (places.Bits(round.number++) >> 32) % ports;
    round.ports = ports;
    round.left = ports;
}

uint32_t
SpraySelector::Select(const RoceFrame& /* frame */,
                      uint32_t group,
                      const std::vector<uint32_t>& ports)
{
    NS_ASSERT(!ports.empty());
    if (group >= m_rounds.size())
    {
        m_rounds.resize(group + 1);
    }
    auto& round = m_rounds[group];
    if (round.left == 0 || round.ports != ports.size())
    {
        BeginRound(group, ports.size());
    }
    --round.left;
    const uint32_t place = round.place;
    round.place = place + 1 < ports.size() ? place + 1 : 0;
    return ports[place];
}

mixnetcore::Registry<TypeId>&
PortSelectors()
{
    static mixnetcore::Registry<TypeId> registry(
        "load balancing",
        {{"spray", SpraySelector::GetTypeId(), "per frame"},
         {"ecmp", EcmpSelector::GetTypeId(), "per flow"}});
    return registry;
}

} // namespace mixnet
} // namespace ns3
