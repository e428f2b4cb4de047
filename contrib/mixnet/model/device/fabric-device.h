/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_DEVICE_H
#define FABRIC_DEVICE_H

#include "ns3/mac48-address.h"
#include "ns3/net-device.h"
#include "ns3/traced-callback.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What every device of the module answers as a NetDevice.
 *
 * Our traffic does not pass the protocol stack of a node: transports hand messages to NICs
 * directly. So the defaults here are those of a device without a stack: it is not a broadcast
 * medium, needs no ARP, and declines packets handed to it (Send returns false). Subclasses that
 * carry packets override Send.
 */
class FabricDevice : public NetDevice
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    FabricDevice();
    ~FabricDevice() override;
    FabricDevice(const FabricDevice&) = delete;
    FabricDevice& operator=(const FabricDevice&) = delete;

    /// @return identifier of the node, the context of this device's events.
    uint32_t GetContext() const
    {
        return m_context;
    }

    // Documented in NetDevice.
    void SetIfIndex(const uint32_t index) override
    {
        m_ifIndex = index;
    }

    uint32_t GetIfIndex() const override
    {
        return m_ifIndex;
    }

    Ptr<Channel> GetChannel() const override;

    void SetAddress(Address address) override
    {
        m_address = Mac48Address::ConvertFrom(address);
    }

    Address GetAddress() const override
    {
        return m_address;
    }

    bool SetMtu(const uint16_t mtu) override;

    uint16_t GetMtu() const override
    {
        return m_mtu;
    }

    bool IsLinkUp() const override
    {
        return true;
    }

    void AddLinkChangeCallback(Callback<void> callback) override
    {
        m_linkChange.ConnectWithoutContext(callback);
    }

    bool IsBroadcast() const override
    {
        return false;
    }

    Address GetBroadcast() const override
    {
        return Mac48Address::GetBroadcast();
    }

    bool IsMulticast() const override
    {
        return false;
    }

    Address GetMulticast(Ipv4Address multicastGroup) const override
    {
        return Mac48Address::GetMulticast(multicastGroup);
    }

    Address GetMulticast(Ipv6Address addr) const override
    {
        return Mac48Address::GetMulticast(addr);
    }

    bool IsBridge() const override
    {
        return false;
    }

    bool IsPointToPoint() const override
    {
        return false;
    }

    bool Send(Ptr<Packet> packet, const Address& dest, uint16_t protocolNumber) override;
    bool SendFrom(Ptr<Packet> packet,
                  const Address& source,
                  const Address& dest,
                  uint16_t protocolNumber) override;
    Ptr<Node> GetNode() const override;
    void SetNode(Ptr<Node> node) override;

    bool NeedsArp() const override
    {
        return false;
    }

    void SetReceiveCallback(NetDevice::ReceiveCallback cb) override
    {
        m_receive = cb;
    }

    void SetPromiscReceiveCallback(PromiscReceiveCallback cb) override
    {
        m_promiscuous = cb;
    }

    bool SupportsSendFrom() const override
    {
        return false;
    }

  protected:
    void DoDispose() override;

    /**
     * @brief Tells those who registered with AddLinkChangeCallback.
     */
    void NotifyLinkChange()
    {
        m_linkChange();
    }

    /**
     * @brief Hands a packet to whoever registered for packets.
     * @param packet The packet.
     * @param protocol Its Ethernet type.
     * @param sender Address it came from.
     */
    void DeliverPacket(Ptr<Packet> packet, uint16_t protocol, const Address& sender);

  private:
    Ptr<Node> m_node;                     //!< where the device is installed
    uint32_t m_context;                   //!< identifier of the node
    uint32_t m_ifIndex{0};                //!< index among the devices of the node
    uint16_t m_mtu{4096};                 //!< payload per frame, bytes
    Mac48Address m_address;               //!< Ethernet address
    TracedCallback<> m_linkChange;        //!< those who want to know of link changes
    NetDevice::ReceiveCallback m_receive; //!< protocol stack, if any
    PromiscReceiveCallback m_promiscuous; //!< promiscuous listener, if any
};

} // namespace mixnet
} // namespace ns3

#endif // FABRIC_DEVICE_H
