/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "roce-header.h"

#include "ns3/assert.h"
#include "ns3/ipv4-address.h"
#include "ns3/keyed-random.h"

#include <algorithm>
#include <boost/crc.hpp>

namespace ns3
{
namespace mixnet
{

NS_OBJECT_ENSURE_REGISTERED(RoceHeader);

namespace
{

constexpr uint64_t UNICAST = uint64_t{0x0200} << 32;        //!< of local administration
constexpr uint64_t PAUSE_ADDRESS = 0x0180c2000001;          //!< of MAC control (IEEE 802.3, 31B)
constexpr uint64_t NEAREST_BRIDGE_ADDRESS = 0x0180c200000e; //!< passed on by no bridge (802.1Q)
constexpr uint32_t CLASS_CONTROL = 0x0101;                  //!< opcode of PFC (IEEE 802.1Qbb)
constexpr uint32_t NETWORK = 10U << 24;                     //!< 10.0.0.0/8
constexpr uint32_t DONT_FRAGMENT = 0x4000;                  //!< flags and offset of IPv4
constexpr uint32_t TIME_TO_LIVE = 64;                       //!< hops
constexpr uint32_t UDP_PROTOCOL = 17;                       //!< in the IPv4 header
constexpr uint32_t LOW_24 = 0xffffff;                       //!< 24 bits
constexpr uint32_t MIGRATED = 0x40;                         //!< MigReq of the BTH
constexpr uint32_t PARTITION = 0xffff;                      //!< the default partition key
constexpr uint32_t BACKWARD_CONGESTION = 0x40;              //!< BECN of the BTH
constexpr uint32_t ACKNOWLEDGE_REQUEST = 0x80;              //!< AckReq of the BTH
constexpr uint32_t REPORT_REQUEST = 0x40;                   //!< the reserved bit after it
constexpr uint32_t ACK_WITHOUT_CREDITS = 0x1f;              //!< syndrome of the AETH
constexpr uint32_t NAK_SEQUENCE_ERROR = 0x60;               //!< syndrome of the AETH

/**
 * @param address A NIC.
 * @return its Ethernet address.
 */
uint64_t
EthernetAddress(NicAddress address)
{
    return UNICAST | address;
}

/**
 * @param frame A RoCEv2 frame.
 * @return its operation code.
 */
uint8_t
OpcodeOf(const RoceFrame& frame)
{
    if (frame.kind == FrameKind::CongestionNotification)
    {
        return RoceHeader::CONGESTION_NOTIFICATION;
    }
    if (frame.kind != FrameKind::Data)
    {
        return RoceHeader::ACKNOWLEDGE;
    }
    if (frame.firstOfMessage)
    {
        return frame.lastOfMessage ? RoceHeader::WRITE_ONLY : RoceHeader::WRITE_FIRST;
    }
    return frame.lastOfMessage ? RoceHeader::WRITE_LAST : RoceHeader::WRITE_MIDDLE;
}

/**
 * @param opcode An operation code.
 * @return bytes of the headers that follow the BTH.
 */
uint32_t
ExtensionBytes(uint8_t opcode)
{
    switch (opcode)
    {
    case RoceHeader::WRITE_FIRST:
    case RoceHeader::WRITE_ONLY:
        return wire::RDMA_HEADER;
    case RoceHeader::ACKNOWLEDGE:
        return wire::ACK_HEADER;
    case RoceHeader::CONGESTION_NOTIFICATION:
        return wire::CNP_PAYLOAD;
    default:
        return 0;
    }
}

/**
 * @param frame A RoCEv2 frame.
 * @return what its BTH says for its number.
 */
uint32_t
SequenceOf(const RoceFrame& frame)
{
    switch (frame.kind)
    {
    case FrameKind::CongestionNotification:
        return 0;
    case FrameKind::Acknowledgement:
        return (frame.sequence - 1) & LOW_24;
    default:
        return frame.sequence & LOW_24;
    }
}

} // namespace

TypeId
RoceHeader::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::RoceHeader")
                            .SetParent<Header>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<RoceHeader>();
    return tid;
}

RoceHeader::RoceHeader(const RoceFrame& frame)
{
    if (frame.kind == FrameKind::Pause)
    {
        PutPause(frame);
        return;
    }
    const bool isRaw = frame.kind == FrameKind::Raw;
    Put(isRaw ? NEAREST_BRIDGE_ADDRESS : EthernetAddress(frame.destination), 6);
    Put(EthernetAddress(frame.source), 6);
    Put(isRaw ? frame.protocol : IPV4_TYPE, 2);
    if (isRaw)
    {
        return;
    }
    const uint32_t length = EXTENSION - IPV4 + ExtensionBytes(OpcodeOf(frame)) +
                            frame.payloadBytes + wire::PadBytes(frame.payloadBytes) +
                            wire::INVARIANT_CRC;
    PutIpv4(frame, length);
    Put(UdpSourcePort(frame), 2);
    Put(wire::ROCE_UDP_PORT, 2);
    Put(length - wire::IPV4_HEADER, 2);
    Put(0, 2);
    PutTransport(frame);
}

void
RoceHeader::PutPause(const RoceFrame& frame)
{
    Put(PAUSE_ADDRESS, 6);
    Put(EthernetAddress(frame.source), 6);
    Put(CONTROL_TYPE, 2);
    Put(CLASS_CONTROL, 2);
    Put(frame.pausedClasses, 2);
    for (uint32_t trafficClass = 0; trafficClass < TRAFFIC_CLASSES; ++trafficClass)
    {
        const bool isMeant = (frame.pausedClasses >> trafficClass & 1) != 0;
        Put(isMeant ? frame.pauseQuanta : 0, 2);
    }
    m_size = wire::PAUSE_FRAME - wire::FRAME_CHECK_SEQUENCE;
}

void
RoceHeader::PutIpv4(const RoceFrame& frame, uint32_t length)
{
    NS_ASSERT_MSG(length <= UINT16_MAX, "a payload beyond wire::LARGEST_PAYLOAD");
    Put(0x45, 1); // version 4, five words
    Put(frame.trafficClass << 5U | static_cast<uint32_t>(frame.ecn), 1);
    Put(length, 2);
    Put(frame.sequence & UINT16_MAX, 2);
    Put(DONT_FRAGMENT, 2);
    Put(TIME_TO_LIVE, 1);
    Put(UDP_PROTOCOL, 1);
    Put(0, 2); // checksum
    Put(NETWORK | (frame.source & LOW_24), 4);
    Put(NETWORK | (frame.destination & LOW_24), 4);
    uint32_t sum = 0;
    for (uint32_t offset = IPV4; offset < UDP; offset += 2)
    {
        sum += At(offset, 2);
    }
    sum = (sum & UINT16_MAX) + (sum >> 16);
    sum = ~(sum + (sum >> 16));
    m_bytes[IPV4 + 10] = sum >> 8 & UINT8_MAX;
    m_bytes[IPV4 + 11] = sum & UINT8_MAX;
}

void
RoceHeader::PutTransport(const RoceFrame& frame)
{
    const bool isCnp = frame.kind == FrameKind::CongestionNotification;
    Put(OpcodeOf(frame), 1);
    Put((isCnp ? 0 : MIGRATED) | wire::PadBytes(frame.payloadBytes) << 4U, 1);
    Put(PARTITION, 2);
    Put(isCnp ? BACKWARD_CONGESTION : 0, 1);
    Put(QueuePairNumber(frame), 3);
    Put((frame.acknowledgeRequest ? ACKNOWLEDGE_REQUEST : 0) |
            (frame.reportRequest ? REPORT_REQUEST : 0),
        1);
    Put(SequenceOf(frame), 3);
    if (isCnp)
    {
        m_size += wire::CNP_PAYLOAD;
    }
    else if (frame.kind != FrameKind::Data)
    {
        const bool isAck = frame.kind == FrameKind::Acknowledgement;
        Put(isAck ? ACK_WITHOUT_CREDITS : NAK_SEQUENCE_ERROR, 1);
        Put(frame.messageNumber & LOW_24, 3);
    }
    else if (frame.firstOfMessage)
    {
        const uint64_t bytes = frame.message ? frame.message->GetBytes() : frame.payloadBytes;
        Put(frame.sequence << 32, 8);
        Put(QueuePairNumber(frame), 4);
        Put(std::min<uint64_t>(bytes, UINT32_MAX), 4);
    }
}

void
RoceHeader::Put(uint64_t value, uint32_t bytes)
{
    while (bytes-- > 0)
    {
        m_bytes[m_size++] = value >> (8 * bytes) & UINT8_MAX;
    }
}

uint64_t
RoceHeader::At(uint32_t offset, uint32_t bytes) const
{
    uint64_t value = 0;
    for (uint32_t i = offset; i < offset + bytes; ++i)
    {
        value = value << 8 | m_bytes[i];
    }
    return value;
}

bool
RoceHeader::IsRoce() const
{
    return m_size >= EXTENSION && GetEthernetType() == IPV4_TYPE &&
           m_bytes[IPV4 + 9] == UDP_PROTOCOL && At(UDP + 2, 2) == wire::ROCE_UDP_PORT;
}

uint32_t
RoceHeader::Measure() const
{
    if (IsRoce())
    {
        return EXTENSION + ExtensionBytes(GetOpcode());
    }
    return GetEthernetType() == CONTROL_TYPE ? wire::PAUSE_FRAME - wire::FRAME_CHECK_SEQUENCE
                                             : wire::ETHERNET_HEADER;
}

uint32_t
RoceHeader::Deserialize(Buffer::Iterator start)
{
    m_bytes = {};
    m_size = std::min<uint32_t>(start.GetRemainingSize(), m_bytes.size());
    start.Read(m_bytes.data(), m_size);
    m_size = std::min(m_size, Measure());
    return m_size;
}

void
RoceHeader::Print(std::ostream& os) const
{
    if (!IsRoce())
    {
        os << "Ethernet type 0x" << std::hex << GetEthernetType() << std::dec;
        return;
    }
    os << Ipv4Address(At(IPV4 + 12, 4)) << " > " << Ipv4Address(At(IPV4 + 16, 4)) << ", opcode 0x"
       << std::hex << +GetOpcode() << ", queue pair 0x" << GetQueuePairNumber() << std::dec
       << ", PSN " << GetSequence();
}

uint32_t
QueuePairNumber(const RoceFrame& frame)
{
    return ((frame.queuePair + 1) << 16 | (frame.source & UINT16_MAX)) & LOW_24;
}

uint32_t
InvariantCrc(std::vector<uint8_t> packet)
{
    constexpr std::array<uint8_t, 8> LINK_HEADER{255, 255, 255, 255, 255, 255, 255, 255};
    constexpr uint32_t UDP = wire::IPV4_HEADER;
    constexpr uint32_t BTH = UDP + wire::UDP_HEADER;
    // Type of service, time to live, checksums of IPv4 and UDP, FECN and BECN with their byte.
    for (const uint32_t variant : {1U, 8U, 10U, 11U, UDP + 6, UDP + 7, BTH + 4})
    {
        packet.at(variant) = UINT8_MAX;
    }
    boost::crc_32_type crc;
    crc.process_bytes(LINK_HEADER.data(), LINK_HEADER.size());
    crc.process_bytes(packet.data(), packet.size());
    return crc.checksum();
}

std::vector<uint8_t>
ToBytes(const RoceFrame& frame)
{
    const RoceHeader header(frame);
    Buffer buffer;
    buffer.AddAtStart(header.GetSerializedSize());
    header.Serialize(buffer.Begin());
    std::vector<uint8_t> bytes(header.GetSerializedSize());
    buffer.CopyData(bytes.data(), bytes.size());
    if (frame.kind == FrameKind::Raw)
    {
        const uint32_t size = frame.packet ? frame.packet->GetSize() : 0;
        bytes.resize(bytes.size() + size);
        if (frame.packet)
        {
            frame.packet->CopyData(bytes.data() + bytes.size() - size, size);
        }
    }
    else if (frame.kind != FrameKind::Pause)
    {
        bytes.resize(bytes.size() + frame.payloadBytes + wire::PadBytes(frame.payloadBytes));
        uint32_t crc = InvariantCrc({bytes.begin() + wire::ETHERNET_HEADER, bytes.end()});
        for (uint32_t i = 0; i < wire::INVARIANT_CRC; ++i, crc >>= 8)
        {
            bytes.push_back(crc & UINT8_MAX);
        }
    }
    NS_ASSERT_MSG(bytes.size() + wire::FRAME_CHECK_SEQUENCE + wire::PREAMBLE_AND_GAP ==
                      frame.wireBytes,
                  "a frame counts " << frame.wireBytes << " bytes on the wire and has "
                                    << bytes.size() << " without preamble, gap and FCS");
    return bytes;
}

uint16_t
UdpSourcePort(const RoceFrame& frame)
{
    constexpr uint16_t FIRST_DYNAMIC_PORT = 49152;
    constexpr uint16_t DYNAMIC_PORTS = 16384;
    const uint64_t addresses = uint64_t{frame.source} << 32 | frame.destination;
    const uint64_t hash = mixnetcore::KeyedRandom(addresses).Bits(frame.queuePair);
    return FIRST_DYNAMIC_PORT + hash % DYNAMIC_PORTS;
}

Ptr<const Packet>
ToPacket(const RoceFrame& frame)
{
    const auto bytes = ToBytes(frame);
    return Create<Packet>(bytes.data(), bytes.size());
}

} // namespace mixnet
} // namespace ns3
