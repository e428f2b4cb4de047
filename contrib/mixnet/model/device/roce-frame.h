/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ROCE_FRAME_H
#define ROCE_FRAME_H

#include "ns3/nstime.h"
#include "ns3/packet.h"
#include "ns3/ptr.h"
#include "ns3/simple-ref-count.h"

#include <cstdint>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief Address of a NIC port, unique in a fabric; what the Ethernet and IP addresses stand for.
using NicAddress = uint32_t;

/// @ingroup mixnet
/// @brief Sizes of a RoCEv2 frame on the wire (IEEE 802.3, RFC 791, RFC 768, InfiniBand
/// specification annex A17), in bytes.
namespace wire
{
static constexpr uint32_t ETHERNET_HEADER = 14;       //!< addresses and type
static constexpr uint32_t FRAME_CHECK_SEQUENCE = 4;   //!< Ethernet FCS
static constexpr uint32_t PREAMBLE_AND_GAP = 20;      //!< 8 preamble and delimiter, 12 gap
static constexpr uint32_t IPV4_HEADER = 20;           //!< without options
static constexpr uint32_t UDP_HEADER = 8;             //!< destination port 4791
static constexpr uint32_t BASE_TRANSPORT_HEADER = 12; //!< BTH
static constexpr uint32_t INVARIANT_CRC = 4;          //!< ICRC
static constexpr uint32_t RDMA_HEADER = 16;           //!< RETH, in the first frame of a message
static constexpr uint32_t ACK_HEADER = 4;             //!< AETH, in acknowledgements and NACKs
static constexpr uint32_t CNP_PAYLOAD = 16;           //!< reserved bytes of a CNP
static constexpr uint32_t PAUSE_FRAME = 64;           //!< PFC frame (IEEE 802.1Qbb) with its FCS

static constexpr uint16_t ROCE_UDP_PORT = 4791; //!< UDP destination port of RoCEv2

/// A PFC frame with all around it.
static constexpr uint32_t PAUSE_FRAME_ON_WIRE = PAUSE_FRAME + PREAMBLE_AND_GAP;
/// Everything around the payload of a RoCEv2 frame.
static constexpr uint32_t ROCE_OVERHEAD = ETHERNET_HEADER + IPV4_HEADER + UDP_HEADER +
                                          BASE_TRANSPORT_HEADER + INVARIANT_CRC +
                                          FRAME_CHECK_SEQUENCE + PREAMBLE_AND_GAP;
/// Everything around a packet that is not RoCE.
static constexpr uint32_t ETHERNET_OVERHEAD =
    ETHERNET_HEADER + FRAME_CHECK_SEQUENCE + PREAMBLE_AND_GAP;
/// Payloads are padded to a multiple of it.
static constexpr uint32_t PAYLOAD_WORD = 4;
/// Most payload of a frame: whole words, so that an IPv4 packet with all headers has 65535 bytes.
static constexpr uint32_t LARGEST_PAYLOAD =
    (65535 - IPV4_HEADER - UDP_HEADER - BASE_TRANSPORT_HEADER - RDMA_HEADER - INVARIANT_CRC) /
    PAYLOAD_WORD * PAYLOAD_WORD;

/// @param payloadBytes Bytes of a message in a frame. @return pad bytes that follow them.
constexpr uint32_t
PadBytes(uint32_t payloadBytes)
{
    return (PAYLOAD_WORD - payloadBytes % PAYLOAD_WORD) % PAYLOAD_WORD;
}
} // namespace wire

/// @ingroup mixnet
/// @brief What a frame is for.
enum class FrameKind : uint8_t
{
    Data,                    //!< part of an RDMA WRITE
    Acknowledgement,         //!< all before the sequence number has arrived
    NegativeAcknowledgement, //!< a gap: send again, from the sequence number on or it alone
    CongestionNotification,  //!< CNP: data frames of the queue pair met congestion
    Pause,                   //!< PFC: from port to port, to stop or start traffic classes
    Raw,                     //!< a packet handed to NetDevice::Send
};

/// @ingroup mixnet
/// @brief ECN field of the IP header (RFC 3168).
enum class EcnCodepoint : uint8_t
{
    NotCapable = 0,  //!< the sender does not react to marks
    Capable = 2,     //!< ECT(0)
    Experienced = 3, //!< CE: a switch has marked it
};

/// @ingroup mixnet
/// @brief Number of traffic classes of a port; the higher is served first.
static constexpr uint32_t TRAFFIC_CLASSES = 8;

/// @ingroup mixnet
/// @brief Class of data frames: the one that RoCE networks commonly make lossless.
static constexpr uint8_t DATA_CLASS = 3;

/// @ingroup mixnet
/// @brief Class of acknowledgements, NACKs and CNPs: above data.
static constexpr uint8_t CONTROL_CLASS = 6;

/**
 * @ingroup mixnet
 * @brief One RDMA WRITE as a queue pair sees it: a number of bytes.
 *
 * Whoever posts it may derive from it to say what the bytes are; the NIC that receives the last of
 * them hands it over.
 */
class RdmaMessage : public SimpleRefCount<RdmaMessage>
{
  public:
    /**
     * @param bytes Size; a message of zero bytes is one frame without payload.
     */
    explicit RdmaMessage(uint64_t bytes)
        : m_bytes(bytes)
    {
    }

    virtual ~RdmaMessage() = default;

    /// @return size in bytes.
    uint64_t GetBytes() const
    {
        return m_bytes;
    }

  private:
    uint64_t m_bytes; //!< size
};

/**
 * @ingroup mixnet
 * @brief One Ethernet frame between two ports, as the models pass it on.
 *
 * A value of a few words: headers count in its size on the wire and become bytes (ToBytes) only
 * when somebody looks at them, so that a frame costs no buffer. Sequence numbers are counted
 * through in 64 bits; the wire shows their low 24 bits, which tell the same, since queue pairs keep
 * far fewer than 2^23 frames in flight.
 */
struct RoceFrame
{
    FrameKind kind{FrameKind::Raw};             //!< what it is for
    EcnCodepoint ecn{EcnCodepoint::NotCapable}; //!< ECN field
    uint8_t trafficClass{CONTROL_CLASS};        //!< queue it waits in, and its priority
    bool acknowledgeRequest{false};             //!< the sender asks for an acknowledgement
    bool reportRequest{false};                  //!< the sender asks for a NACK for every gap
    bool firstOfMessage{false};                 //!< carries the begin of its message
    bool lastOfMessage{false};                  //!< carries the end of its message
    uint8_t pausedClasses{0};                   //!< of a pause: bit c is set for class c
    uint16_t pauseQuanta{0};                    //!< of a pause: how long, 512 bit times each
    uint16_t protocol{0};                       //!< Ethernet type of a raw frame
    uint32_t wireBytes{0};                      //!< size with headers, preamble and gap
    uint32_t payloadBytes{0};                   //!< bytes of the message in it
    NicAddress source{0};                       //!< NIC that made it
    NicAddress destination{0};                  //!< NIC it is for
    uint32_t queuePair{0};                      //!< which of the queue pairs between the two
    uint32_t messageNumber{0};                  //!< of acknowledgements: messages received whole
    uint64_t sequence{0};                       //!< of data: its number; else expected or missing
    uint64_t skippedFrom{0};                    //!< of data: from here to its own none will come
    Time sentAt;                                //!< of data: first bit left; of others: echoed
    Time duration;                              //!< serialisation time at the port it left last
    Ptr<const RdmaMessage> message;             //!< what data frames belong to
    Ptr<Packet> packet;                         //!< contents of a raw frame
};

} // namespace mixnet
} // namespace ns3

#endif // ROCE_FRAME_H
