/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ROCE_HEADER_H
#define ROCE_HEADER_H

#include "roce-frame.h"

#include "ns3/header.h"

#include <array>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief All headers of a frame as the bytes that a wire shows, from the Ethernet addresses on.
 *
 * - Ethernet II: unicast addresses of local administration, 02:00 and the NIC address.
 * - IPv4: 10.x.y.z with the low 24 bits of the NIC address; DSCP class selector of the traffic
 *   class, ECN field, don't fragment, time to live 64, low 16 bits of the number as identification.
 * - UDP: UdpSourcePort() to 4791, without a checksum.
 * - BTH: RDMA WRITE First, Middle, Last or Only; Acknowledge; CNP with BECN. Partition key 0xffff,
 *   MigReq as connections without path migration have it. An ACK has the number of the last frame
 *   that it acknowledges, one less than the one expected next; a NAK the one missing; a CNP 0. The
 *   request for a report is the first reserved bit behind AckReq.
 * - RETH, in the first frame of a message: memory is not modelled, so the address is the number of
 *   the frame times 2^32, where no two messages of a queue pair overlap, and the key the number of
 *   the queue pair. Lengths beyond 2^32 - 1 are shown as that.
 * - AETH: ACK without end-to-end credits, or NAK for a sequence error; messages received whole.
 * - PFC frames: MAC control to 01:80:c2:00:00:01, whole with their padding.
 * - Raw frames: to 01:80:c2:00:00:0e, which no bridge passes on, as they reach the other end of a
 *   fibre and no further.
 *
 * Not on the wire, since no NIC has a field for it: which numbers a sender skips, and the time
 * stamp that acknowledgements echo. Short raw frames are not padded to 64 bytes.
 *
 * @see IEEE 802.3, 802.1Qbb; RFC 791, 768, 2474, 3168; InfiniBand specification, volume 1, chapter
 * 9 and annex A17 (RoCEv2)
 */
class RoceHeader : public Header
{
  public:
    static constexpr uint16_t IPV4_TYPE = 0x0800;    //!< Ethernet type
    static constexpr uint16_t CONTROL_TYPE = 0x8808; //!< Ethernet type of MAC control

    /// Operation codes of the BTH, of reliable connections (InfiniBand specification, table 38).
    enum Opcode : uint8_t
    {
        WRITE_FIRST = 0x06,            //!< RDMA WRITE First
        WRITE_MIDDLE = 0x07,           //!< RDMA WRITE Middle
        WRITE_LAST = 0x08,             //!< RDMA WRITE Last
        WRITE_ONLY = 0x0a,             //!< RDMA WRITE Only
        ACKNOWLEDGE = 0x11,            //!< Acknowledge
        CONGESTION_NOTIFICATION = 0x81 //!< CNP (annex A17.9.3)
    };

    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// @brief Headers to be read by Deserialize.
    RoceHeader() = default;

    /// @param frame A frame.
    explicit RoceHeader(const RoceFrame& frame);

    /// @return Ethernet type.
    uint16_t GetEthernetType() const
    {
        return At(IPV4 - 2, 2);
    }

    /// @return whether it is a RoCEv2 frame: UDP over IPv4 to its port.
    bool IsRoce() const;

    /// @return operation code. @pre IsRoce()
    uint8_t GetOpcode() const
    {
        return m_bytes[BTH];
    }

    /// @return number of the queue pair at the destination, 24 bits. @pre IsRoce()
    uint32_t GetQueuePairNumber() const
    {
        return At(BTH + 5, 3);
    }

    /// @return sequence number, 24 bits. @pre IsRoce()
    uint32_t GetSequence() const
    {
        return At(BTH + 9, 3);
    }

    // Documented in Header.
    TypeId GetInstanceTypeId() const override
    {
        return GetTypeId();
    }

    uint32_t GetSerializedSize() const override
    {
        return m_size;
    }

    void Serialize(Buffer::Iterator start) const override
    {
        start.Write(m_bytes.data(), m_size);
    }

    uint32_t Deserialize(Buffer::Iterator start) override;
    void Print(std::ostream& os) const override;

  private:
    /// @param value A number. @param bytes How many bytes of it to append, the highest first.
    void Put(uint64_t value, uint32_t bytes);

    /// @param offset From here. @param bytes How many, up to 8. @return them as a number.
    uint64_t At(uint32_t offset, uint32_t bytes) const;

    /// @param frame A PFC frame.
    void PutPause(const RoceFrame& frame);

    /// @param frame A frame. @param length Bytes of the IPv4 packet.
    void PutIpv4(const RoceFrame& frame, uint32_t length);

    /// @param frame A RoCEv2 frame: appends BTH and what follows it before the payload.
    void PutTransport(const RoceFrame& frame);

    /// @return how many of the bytes are headers.
    uint32_t Measure() const;

    /// First byte of IPv4.
    static constexpr uint32_t IPV4 = wire::ETHERNET_HEADER;
    /// First byte of UDP.
    static constexpr uint32_t UDP = IPV4 + wire::IPV4_HEADER;
    /// First byte of the BTH.
    static constexpr uint32_t BTH = UDP + wire::UDP_HEADER;
    /// First byte after the BTH.
    static constexpr uint32_t EXTENSION = BTH + wire::BASE_TRANSPORT_HEADER;

    std::array<uint8_t, EXTENSION + wire::RDMA_HEADER> m_bytes{}; //!< the headers
    uint32_t m_size{0};                                           //!< how many bytes there are
};

/**
 * @ingroup mixnet
 * @brief The number that the destination of a frame knows its queue pair by.
 *
 * Different for all queue pairs of a NIC while a fabric has 65536 NICs and two NICs 254 queue pairs
 * between them; never one of the reserved numbers 0, 1 and 0xffffff.
 *
 * @param frame A frame.
 * @return 24 bits.
 */
uint32_t QueuePairNumber(const RoceFrame& frame);

/**
 * @ingroup mixnet
 * @brief The check sequence that covers all that stays the same on the way of a RoCEv2 frame.
 *
 * CRC-32 of Ethernet over 8 bytes of ones and the packet, in which type of service, time to live,
 * checksums and the byte with FECN and BECN count as ones (InfiniBand specification, annex
 * A17.3.3).
 *
 * @param packet From the IPv4 header to the pad bytes.
 * @return the check sequence; its lowest byte comes first on the wire.
 */
uint32_t InvariantCrc(std::vector<uint8_t> packet);

/**
 * @ingroup mixnet
 * @brief The bytes of a frame on the wire, without preamble, gap and Ethernet's check sequence.
 *
 * The payload of messages is zeros.
 *
 * @param frame A frame.
 * @return its bytes, as many as it counts less those three.
 */
std::vector<uint8_t> ToBytes(const RoceFrame& frame);

/**
 * @ingroup mixnet
 * @brief The UDP source port of a queue pair, by which equal-cost multipath tells flows apart.
 *
 * RoCEv2 leaves it to the NIC, which derives it from the queue pair (InfiniBand specification,
 * annex A17); here it is a hash of both addresses and the number of the queue pair, among the
 * dynamic ports (RFC 6335).
 *
 * @param frame A frame.
 * @return the port, 49152 to 65535.
 */
uint16_t UdpSourcePort(const RoceFrame& frame);

/**
 * @ingroup mixnet
 * @param frame A frame.
 * @return a packet with its bytes from the Ethernet header to the ICRC, made for the purpose.
 */
Ptr<const Packet> ToPacket(const RoceFrame& frame);

} // namespace mixnet
} // namespace ns3

#endif // ROCE_HEADER_H
