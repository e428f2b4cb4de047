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
FabricDevice::NotifyLinkChange()
{
    m_linkChange();
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

void
FabricDevice::SetIfIndex(const uint32_t index)
{
    m_ifIndex = index;
}

uint32_t
FabricDevice::GetIfIndex() const
{
    return m_ifIndex;
}

Ptr<Channel>
FabricDevice::GetChannel() const
{
    return nullptr;
}

void
FabricDevice::SetAddress(Address address)
{
    m_address = Mac48Address::ConvertFrom(address);
}

Address
FabricDevice::GetAddress() const
{
    return m_address;
}

bool
FabricDevice::SetMtu(const uint16_t mtu)
{
    m_mtu = mtu;
    return true;
}

uint16_t
FabricDevice::GetMtu() const
{
    return m_mtu;
}

bool
FabricDevice::IsLinkUp() const
{
    return true;
}

void
FabricDevice::AddLinkChangeCallback(Callback<void> callback)
{
    m_linkChange.ConnectWithoutContext(callback);
}

bool
FabricDevice::IsBroadcast() const
{
    return false;
}

Address
FabricDevice::GetBroadcast() const
{
    return Mac48Address::GetBroadcast();
}

bool
FabricDevice::IsMulticast() const
{
    return false;
}

Address
FabricDevice::GetMulticast(Ipv4Address multicastGroup) const
{
    return Mac48Address::GetMulticast(multicastGroup);
}

Address
FabricDevice::GetMulticast(Ipv6Address addr) const
{
    return Mac48Address::GetMulticast(addr);
}

bool
FabricDevice::IsBridge() const
{
    return false;
}

bool
FabricDevice::IsPointToPoint() const
{
    return false;
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

bool
FabricDevice::NeedsArp() const
{
    return false;
}

void
FabricDevice::SetReceiveCallback(NetDevice::ReceiveCallback cb)
{
    m_receive = cb;
}

void
FabricDevice::SetPromiscReceiveCallback(PromiscReceiveCallback cb)
{
    m_promiscuous = cb;
}

bool
FabricDevice::SupportsSendFrom() const
{
    return false;
}

} // namespace mixnet
} // namespace ns3
