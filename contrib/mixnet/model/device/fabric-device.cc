/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-device.h"

#include "ns3/channel.h"
#include "ns3/node.h"
#include "ns3/simulator.h"

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(FabricDevice);

TypeId
FabricDevice::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::FabricDevice").SetParent<NetDevice>().SetGroupName("Mixnet");
    return tid;
}

FabricDevice::FabricDevice()
    : m_context(Simulator::NO_CONTEXT)
{
}

FabricDevice::~FabricDevice() = default;

void
FabricDevice::DoDispose()
{
    m_node = nullptr;
    m_receive.Nullify();
    m_promiscuous.Nullify();
    NetDevice::DoDispose();
}

void
FabricDevice::DeliverPacket(Ptr<Packet> packet, uint16_t protocol, const Address& sender)
{
    if (!m_promiscuous.IsNull())
    {
        m_promiscuous(this, packet, protocol, sender, GetAddress(), PACKET_HOST);
    }
    if (!m_receive.IsNull())
    {
        m_receive(this, packet, protocol, sender);
    }
}

Ptr<Channel>
FabricDevice::GetChannel() const
{
    return nullptr;
}

bool
FabricDevice::SetMtu(const uint16_t mtu)
{
    m_mtu = mtu;
    return true;
}

bool
FabricDevice::Send(Ptr<Packet> /* packet */, const Address& /* dest */, uint16_t /* protocol */)
{
    return false;
}

bool
FabricDevice::SendFrom(Ptr<Packet> /* packet */,
                       const Address& /* source */,
                       const Address& /* dest */,
                       uint16_t /* protocol */)
{
    return false;
}

Ptr<Node>
FabricDevice::GetNode() const
{
    return m_node;
}

void
FabricDevice::SetNode(Ptr<Node> node)
{
    m_node = node;
    m_context = node->GetId();
}

} // namespace mixnet
} // namespace ns3
