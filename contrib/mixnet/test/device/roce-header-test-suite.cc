/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/test-network.h"
#include "../testbed/test-ports.h"
#include "roce-bytes.h"

#include "ns3/roce-header.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <sstream>

namespace tests
{

namespace
{

/**
 * @param text Bytes as hexadecimal digits, with blanks anywhere.
 * @return the bytes.
 */
ByteList
FromHex(const std::string& text)
{
    ByteList bytes;
    std::string digits;
    std::copy_if(text.begin(), text.end(), std::back_inserter(digits), [](char c) {
        return c != ' ';
    });
    for (size_t i = 0; i + 1 < digits.size(); i += 2)
    {
        bytes.push_back(std::stoul(digits.substr(i, 2), nullptr, 16));
    }
    return bytes;
}

/**
 * @brief The ICRC of annex A17, bit by bit.
 * @param bytes A RoCEv2 frame over IPv4 from its Ethernet header to its ICRC.
 * @return the four bytes that must be at its end.
 */
ByteList
ExpectedIcrc(const ByteList& bytes)
{
    ByteList covered(8, 0xff); // in place of the local route header of InfiniBand
    covered.insert(covered.end(), bytes.begin() + IPV4, bytes.end() - 4);
    const size_t ip = 8;
    for (const size_t masked : {ip + 1, ip + 8, ip + 10, ip + 11, ip + 26, ip + 27, ip + 32})
    {
        covered[masked] = 0xff;
    }
    uint32_t remainder = 0xffffffff;
    for (const uint8_t byte : covered)
    {
        for (int bit = 0; bit < 8; ++bit) // the lowest bit of a byte is the first on the wire
        {
            const bool out = ((remainder ^ (byte >> bit)) & 1) != 0;
            remainder = (remainder >> 1) ^ (out ? 0xedb88320 : 0); // 0x04c11db7, reversed
        }
    }
    remainder = ~remainder;
    return {uint8_t(remainder),
            uint8_t(remainder >> 8),
            uint8_t(remainder >> 16),
            uint8_t(remainder >> 24)};
}

/**
 * @param payload Bytes of the message in it. @param first Whether it is the first of its message.
 * @param last Whether it is the last.
 * @return a data frame from NIC 0x01020304 to NIC 5, with its size on the wire.
 */
RoceFrame
DataFrame(uint32_t payload, bool first, bool last)
{
    RoceFrame frame;
    frame.kind = FrameKind::Data;
    frame.ecn = EcnCodepoint::Capable;
    frame.trafficClass = DATA_CLASS;
    frame.firstOfMessage = first;
    frame.lastOfMessage = last;
    frame.payloadBytes = payload;
    frame.wireBytes = 82 + (payload + 3) / 4 * 4 + (first ? 16 : 0);
    frame.source = 0x01020304;
    frame.destination = 5;
    frame.queuePair = 2;
    frame.sequence = 0x123456;
    return frame;
}

/**
 * @param kind Acknowledgement, NACK or CNP. @param sequence Number expected or missing.
 * @return such a frame from NIC 7 to NIC 9.
 */
RoceFrame
ControlFrame(FrameKind kind, uint64_t sequence)
{
    RoceFrame frame;
    frame.kind = kind;
    frame.trafficClass = CONTROL_CLASS;
    frame.wireBytes = kind == FrameKind::CongestionNotification ? 82 + 16 : 82 + 4;
    frame.source = 7;
    frame.destination = 9;
    frame.messageNumber = 0xab123456;
    frame.sequence = sequence;
    return frame;
}

/// @return one frame of every kind that RoCEv2 has, and payloads with every pad.
std::vector<RoceFrame>
RoceFrames()
{
    std::vector<RoceFrame> frames{
        ControlFrame(FrameKind::Acknowledgement, 77),
        ControlFrame(FrameKind::NegativeAcknowledgement, 78),
        ControlFrame(FrameKind::CongestionNotification, 0),
        DataFrame(0, true, true),
        DataFrame(4096, true, false),
        DataFrame(4096, false, false),
        DataFrame(wire::LARGEST_PAYLOAD, true, false),
    };
    for (uint32_t payload = 1; payload < 9; ++payload)
    {
        frames.push_back(DataFrame(payload, true, true));
        frames.push_back(DataFrame(1020 + payload, false, true));
    }
    return frames;
}

/// @param classes Bit c for class c. @param quanta How long. @return a PFC frame of port 3.
RoceFrame
PauseFrame(uint8_t classes, uint16_t quanta)
{
    RoceFrame frame;
    frame.kind = FrameKind::Pause;
    frame.wireBytes = 64 + 20;
    frame.source = 3;
    frame.pausedClasses = classes;
    frame.pauseQuanta = quanta;
    return frame;
}

/// @param contents A packet. @return a raw frame with it.
RoceFrame
RawFrame(const ByteList& contents)
{
    RoceFrame frame;
    frame.kind = FrameKind::Raw;
    frame.wireBytes = contents.size() + 14 + 4 + 20;
    frame.source = 3;
    frame.protocol = 0x88cc;
    frame.packet = Create<Packet>(contents.data(), contents.size());
    return frame;
}

/**
 * @ingroup mixnet-tests
 * @brief Bytes of frames are as many as frames count.
 */
class RoceHeaderSizeTestCase : public MixnetTestCase
{
  public:
    RoceHeaderSizeTestCase()
        : MixnetTestCase("Frames of every kind and pad have the bytes they count, less 20 of "
                         "preamble and gap and 4 of FCS, and say so in IPv4 and UDP")
    {
    }

  private:
    void DoRun() override
    {
        for (const auto& frame : RoceFrames())
        {
            const auto bytes = ToBytes(frame);
            NS_TEST_EXPECT_MSG_EQ(bytes.size(), frame.wireBytes - 24, "bytes of the frame");
            NS_TEST_EXPECT_MSG_EQ(Field(bytes, IPV4 + 2, 2), bytes.size() - 14, "IPv4 length");
            NS_TEST_EXPECT_MSG_EQ(Field(bytes, UDP + 4, 2), bytes.size() - 34, "UDP length");
            NS_TEST_EXPECT_MSG_EQ(ToPacket(frame)->GetSize(), bytes.size(), "the packet's too");
        }
        NS_TEST_EXPECT_MSG_EQ(ToBytes(PauseFrame(8, 1)).size(), 60, "a PFC frame");
        NS_TEST_EXPECT_MSG_EQ(ToBytes(RawFrame(ByteList(100))).size(), 114, "a raw frame");
        NS_TEST_EXPECT_MSG_EQ(ToBytes(RawFrame({})).size(), 14, "a raw frame without contents");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Ethernet and IPv4 fields.
 */
class RoceHeaderNetworkTestCase : public MixnetTestCase
{
  public:
    RoceHeaderNetworkTestCase()
        : MixnetTestCase("Addresses come from those of NICs, DSCP from the class, and the IPv4 "
                         "checksum is right")
    {
    }

  private:
    void DoRun() override
    {
        auto frame = DataFrame(100, true, true);
        const auto bytes = ToBytes(frame);
        NS_TEST_EXPECT_MSG_EQ(Field(bytes, 0, 6), 0x020000000005, "destination, local and unicast");
        NS_TEST_EXPECT_MSG_EQ(Field(bytes, 6, 6), 0x020001020304, "source, local and unicast");
        NS_TEST_EXPECT_MSG_EQ(Field(bytes, 12, 2), 0x0800, "IPv4");
        NS_TEST_EXPECT_MSG_EQ(+bytes[IPV4], 0x45, "version 4, 5 words");
        NS_TEST_EXPECT_MSG_EQ(Field(bytes, IPV4 + 4, 2), 0x3456, "identification");
        NS_TEST_EXPECT_MSG_EQ(Field(bytes, IPV4 + 6, 2), 0x4000, "don't fragment, no offset");
        NS_TEST_EXPECT_MSG_EQ(+bytes[IPV4 + 8], 64, "time to live");
        NS_TEST_EXPECT_MSG_EQ(+bytes[IPV4 + 9], 17, "UDP");
        NS_TEST_EXPECT_MSG_EQ(Field(bytes, IPV4 + 12, 4), 0x0a020304, "10.2.3.4");
        NS_TEST_EXPECT_MSG_EQ(Field(bytes, IPV4 + 16, 4), 0x0a000005, "10.0.0.5");

        // The class selector is the upper three of the six bits of DSCP, above two of ECN.
        for (uint8_t trafficClass = 0; trafficClass < 8; ++trafficClass)
        {
            for (const uint8_t ecn : {0, 2, 3})
            {
                frame.trafficClass = trafficClass;
                frame.ecn = static_cast<EcnCodepoint>(ecn);
                const auto marked = ToBytes(frame);
                NS_TEST_EXPECT_MSG_EQ(+marked[IPV4 + 1], trafficClass * 32 + ecn, "DSCP and ECN");
                CheckSum(marked);
            }
        }
        for (const auto& other : RoceFrames())
        {
            CheckSum(ToBytes(other));
        }
    }

    /// @param bytes A frame. @brief The words of its IPv4 header add up to ones (RFC 791).
    void CheckSum(const ByteList& bytes)
    {
        uint32_t sum = 0;
        for (size_t word = 0; word < 10; ++word)
        {
            sum += Field(bytes, IPV4 + 2 * word, 2);
            sum = sum > 0xffff ? sum - 0xffff : sum; // carries come back at the low end
        }
        NS_TEST_EXPECT_MSG_EQ(sum, 0xffff, "checksum of the IPv4 header");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief UDP fields, and the port that switches spread flows by.
 */
class RoceHeaderUdpTestCase : public MixnetTestCase
{
  public:
    RoceHeaderUdpTestCase()
        : MixnetTestCase("UDP goes to 4791 without checksum, from one dynamic port per queue pair; "
                         "ports spread evenly")
    {
    }

  private:
    void DoRun() override
    {
        auto frame = DataFrame(100, true, false);
        const auto bytes = ToBytes(frame);
        const uint16_t port = UdpSourcePort(frame);
        NS_TEST_EXPECT_MSG_EQ(Field(bytes, UDP, 2), port, "source port");
        NS_TEST_EXPECT_MSG_EQ(Field(bytes, UDP + 2, 2), 4791, "destination port");
        NS_TEST_EXPECT_MSG_EQ(Field(bytes, UDP + 6, 2), 0, "no checksum");

        auto later = DataFrame(50, false, true);
        later.sequence = 0x999999;
        NS_TEST_EXPECT_MSG_EQ(UdpSourcePort(later), port, "all frames of a queue pair");

        // Of 64 x 63 flows an eighth each takes one of 8 ways: 504, give or take 5 deviations of
        // sqrt(4032 x 1/8 x 7/8) = 21.
        std::map<uint32_t, int> ways;
        for (frame.source = 0; frame.source < 64; ++frame.source)
        {
            for (frame.destination = 0; frame.destination < 64; ++frame.destination)
            {
                const uint32_t one = UdpSourcePort(frame);
                NS_TEST_EXPECT_MSG_EQ((one >= 49152 && one <= 65535), true, "a dynamic port");
                ways[one % 8] += frame.source == frame.destination ? 0 : 1;
            }
        }
        NS_TEST_EXPECT_MSG_EQ(ways.size(), 8, "all ways");
        for (const auto& [way, flows] : ways)
        {
            NS_TEST_EXPECT_MSG_EQ_TOL(flows, 504, 105, "flows of way " << way);
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief BTH and RETH of data frames.
 */
class RoceHeaderDataTestCase : public MixnetTestCase
{
  public:
    RoceHeaderDataTestCase()
        : MixnetTestCase("Data frames are RDMA WRITE First, Middle, Last or Only; the first says "
                         "how long the message is; the payload is zeros and padded")
    {
    }

  private:
    void DoRun() override
    {
        const auto check = [this](bool first, bool last, uint8_t opcode) {
            auto frame = DataFrame(1021, first, last);
            frame.message = Ptr<const RdmaMessage>(new RdmaMessage(0x12345678), false);
            const auto bytes = ToBytes(frame);
            NS_TEST_EXPECT_MSG_EQ(+bytes[BTH], +opcode, "operation code");
            // No solicited event, MigReq, 3 pad bytes for 1021, header version 0.
            NS_TEST_EXPECT_MSG_EQ(+bytes[BTH + 1], 0x40 + 3 * 16, "flags");
            NS_TEST_EXPECT_MSG_EQ(Field(bytes, BTH + 2, 2), 0xffff, "partition key");
            NS_TEST_EXPECT_MSG_EQ(+bytes[BTH + 4], 0, "no FECN, no BECN");
            // Pair 2 is the third; then the low 16 bits of the source.
            NS_TEST_EXPECT_MSG_EQ(Field(bytes, BTH + 5, 3), 0x030304, "queue pair");
            NS_TEST_EXPECT_MSG_EQ(Field(bytes, BTH + 9, 3), 0x123456, "PSN");
            if (first)
            {
                NS_TEST_EXPECT_MSG_EQ(Field(bytes, EXTENSION, 8), 0x12345600000000, "address");
                NS_TEST_EXPECT_MSG_EQ(Field(bytes, EXTENSION + 8, 4), 0x030304, "key");
                NS_TEST_EXPECT_MSG_EQ(Field(bytes, EXTENSION + 12, 4), 0x12345678, "length");
            }
            const auto payload = bytes.begin() + EXTENSION + (first ? 16 : 0);
            NS_TEST_EXPECT_MSG_EQ(std::count(payload, bytes.end() - 4, 0), 1024, "zeros");
        };
        check(true, false, 6);
        check(false, false, 7);
        check(false, true, 8);
        check(true, true, 10);

        auto frame = DataFrame(4, true, true);
        frame.message = Ptr<const RdmaMessage>(new RdmaMessage(uint64_t{1} << 32), false);
        NS_TEST_EXPECT_MSG_EQ(Field(ToBytes(frame), EXTENSION + 12, 4), 0xffffffff, "too long");
        for (const bool acknowledge : {false, true})
        {
            for (const bool report : {false, true})
            {
                frame.acknowledgeRequest = acknowledge;
                frame.reportRequest = report;
                NS_TEST_EXPECT_MSG_EQ(+ToBytes(frame)[BTH + 8],
                                      (acknowledge ? 0x80 : 0) + (report ? 0x40 : 0),
                                      "AckReq, and the request for a report");
            }
        }
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Numbers of acknowledgements.
 */
class RoceHeaderAckTestCase : public MixnetTestCase
{
  public:
    RoceHeaderAckTestCase()
        : MixnetTestCase("An ACK has the last number that arrived, a NAK the missing one, a CNP "
                         "none; low 24 bits, across the wrap")
    {
    }

  private:
    void DoRun() override
    {
        for (const uint64_t expected : {uint64_t{1}, WRAP - 1, WRAP, WRAP + 1, 5 * WRAP})
        {
            const auto ack = ToBytes(ControlFrame(FrameKind::Acknowledgement, expected));
            NS_TEST_EXPECT_MSG_EQ(+ack[BTH], 17, "Acknowledge");
            NS_TEST_EXPECT_MSG_EQ(Field(ack, BTH + 9, 3), (expected + WRAP - 1) % WRAP, "PSN");
            NS_TEST_EXPECT_MSG_EQ(+ack[EXTENSION], 0x1f, "ACK without credits");
            NS_TEST_EXPECT_MSG_EQ(Field(ack, EXTENSION + 1, 3), 0x123456, "MSN, 24 bits");

            const auto nak = ToBytes(ControlFrame(FrameKind::NegativeAcknowledgement, expected));
            NS_TEST_EXPECT_MSG_EQ(+nak[BTH], 17, "Acknowledge");
            NS_TEST_EXPECT_MSG_EQ(Field(nak, BTH + 9, 3), expected % WRAP, "PSN");
            NS_TEST_EXPECT_MSG_EQ(+nak[EXTENSION], 0x60, "NAK, sequence error");
            NS_TEST_EXPECT_MSG_EQ(Field(nak, EXTENSION + 1, 3), 0x123456, "MSN, 24 bits");
        }
        const auto none = ToBytes(ControlFrame(FrameKind::Acknowledgement, 0));
        NS_TEST_EXPECT_MSG_EQ(Field(none, BTH + 9, 3), WRAP - 1, "nothing arrived, first is 0");

        const auto cnp = ToBytes(ControlFrame(FrameKind::CongestionNotification, 0));
        const ByteList header(cnp.begin() + BTH, cnp.end() - 4);
        // Opcode, flags, key, BECN, queue pair, no request, PSN 0, 16 reserved bytes.
        auto expected = FromHex("81 00 ffff 40 010007 00 000000");
        expected.resize(12 + 16);
        NS_TEST_EXPECT_MSG_EQ((header == expected), true, "CNP as in annex A17.9.3");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The check sequence at the end.
 */
class RoceHeaderIcrcTestCase : public MixnetTestCase
{
  public:
    RoceHeaderIcrcTestCase()
        : MixnetTestCase("The ICRC is that of published packets and of the bitwise definition, and "
                         "does not change with what changes on the way")
    {
    }

  private:
    /// @param packet A frame as somebody else's, with its ICRC.
    void CheckPublished(const ByteList& packet)
    {
        const uint32_t crc = InvariantCrc({packet.begin() + IPV4, packet.end() - 4});
        const ByteList bytes{uint8_t(crc),
                             uint8_t(crc >> 8),
                             uint8_t(crc >> 16),
                             uint8_t(crc >> 24)};
        const ByteList end(packet.end() - 4, packet.end());
        NS_TEST_EXPECT_MSG_EQ((bytes == end), true, "ICRC of the class");
        NS_TEST_EXPECT_MSG_EQ((ExpectedIcrc(packet) == end), true, "ICRC of this test");
    }

    void DoRun() override
    {
        // A CNP that a ConnectX-4 Lx has sent, and a UC SEND Only with pad bytes; both are among
        // the test vectors of Scapy's RoCE layer.
        CheckPublished(FromHex("e41d2dab2bc2 7cfe90643b32 0800"
                               "45c2003c 718c4000 40119161 0a001101 0a001201"
                               "0000 12b7 0028 0000"
                               "81 00 ffff 40 000118 00 000000"
                               "00000000 00000000 00000000 00000000 82fd002a"));
        CheckPublished(FromHex("248a07a8fa22 248a07a8fa22 0800"
                               "45010040 04784000 4011b4d5 c0a80007 c0a80007"
                               "c000 12b7 002c aca2"
                               "24 60 ffff 00 0000d3 00 cf1710"
                               "4630818b e28935d9 0e9a9550 5401be88 5e500000 78f353f3"));
        for (const auto& frame : RoceFrames())
        {
            const auto bytes = ToBytes(frame);
            const ByteList end(bytes.end() - 4, bytes.end());
            NS_TEST_EXPECT_MSG_EQ((ExpectedIcrc(bytes) == end), true, "ICRC of the frame");
        }
        auto frame = DataFrame(1021, true, true);
        const auto before = ToBytes(frame);
        frame.ecn = EcnCodepoint::Experienced;
        const auto after = ToBytes(frame);
        NS_TEST_EXPECT_MSG_EQ((before == after), false, "the mark shows");
        NS_TEST_EXPECT_MSG_EQ(std::equal(before.end() - 4, before.end(), after.end() - 4),
                              true,
                              "the ICRC of a marked frame stays");
        frame.sequence += 1;
        const auto other = ToBytes(frame);
        NS_TEST_EXPECT_MSG_EQ(std::equal(before.end() - 4, before.end(), other.end() - 4),
                              false,
                              "that of another number does not");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Frames that are not RoCE.
 */
class RoceHeaderOtherFramesTestCase : public MixnetTestCase
{
  public:
    RoceHeaderOtherFramesTestCase()
        : MixnetTestCase("PFC frames are MAC control with a timer per class; raw frames are an "
                         "Ethernet header and their packet")
    {
    }

  private:
    void DoRun() override
    {
        // Address of MAC control, source, type, opcode, classes 3 and 6, eight timers.
        auto expected = FromHex("0180c2000001 020000000003 8808 0101 0048"
                                "0000 0000 0000 ffff 0000 0000 ffff 0000");
        expected.resize(60);
        NS_TEST_EXPECT_MSG_EQ((ToBytes(PauseFrame(0x48, 0xffff)) == expected), true, "pause");
        std::fill(expected.begin() + 18, expected.end(), 0);
        NS_TEST_EXPECT_MSG_EQ((ToBytes(PauseFrame(0x48, 0)) == expected), true, "resume");

        const auto raw = FromHex("0180c200000e 020000000003 88cc 010203");
        NS_TEST_EXPECT_MSG_EQ((ToBytes(RawFrame({1, 2, 3})) == raw), true, "raw");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Headers can be taken off a packet and read.
 */
class RoceHeaderReadTestCase : public MixnetTestCase
{
  public:
    RoceHeaderReadTestCase()
        : MixnetTestCase("Headers taken off a packet are those put in front, and can be printed")
    {
    }

  private:
    void DoRun() override
    {
        auto frames = RoceFrames();
        frames.push_back(PauseFrame(8, 100));
        frames.push_back(RawFrame({1, 2, 3}));
        for (const auto& frame : frames)
        {
            const RoceHeader expected(frame);
            const auto packet = ToPacket(frame)->Copy();
            RoceHeader header;
            const uint32_t taken = packet->RemoveHeader(header);
            NS_TEST_EXPECT_MSG_EQ(taken, expected.GetSerializedSize(), "size");
            std::ostringstream text;
            std::ostringstream other;
            header.Print(text);
            expected.Print(other);
            NS_TEST_EXPECT_MSG_EQ(text.str(), other.str(), "text");
            const bool isRoce = frame.kind != FrameKind::Pause && frame.kind != FrameKind::Raw;
            NS_TEST_EXPECT_MSG_EQ(header.IsRoce(), isRoce, "RoCE or not");
        }
        std::ostringstream text;
        RoceHeader(DataFrame(8, true, false)).Print(text);
        NS_TEST_EXPECT_MSG_EQ(text.str(),
                              "10.2.3.4 > 10.0.0.5, opcode 0x6, queue pair 0x30304, PSN 1193046",
                              "what is printed");
        RoceHeader empty;
        Create<Packet>(5)->RemoveHeader(empty);
        NS_TEST_EXPECT_MSG_EQ(empty.GetSerializedSize(), 5, "what is cut off is not read beyond");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Queue pairs of one NIC have different numbers.
 */
class RoceHeaderQueuePairTestCase : public MixnetTestCase
{
  public:
    RoceHeaderQueuePairTestCase()
        : MixnetTestCase("Queue pairs of one NIC have different numbers, none of them reserved")
    {
    }

  private:
    void DoRun() override
    {
        std::map<uint32_t, int> numbers;
        RoceFrame frame;
        for (const uint32_t pair : {0, 1, 127, 252, 253})
        {
            for (const uint32_t source : {0U, 1U, 255U, 65535U})
            {
                frame.queuePair = pair;
                frame.source = source;
                ++numbers[QueuePairNumber(frame)];
            }
        }
        NS_TEST_EXPECT_MSG_EQ(numbers.size(), 5 * 4, "all differ");
        NS_TEST_EXPECT_MSG_GT(numbers.begin()->first, 1, "0 and 1 are for management");
        NS_TEST_EXPECT_MSG_LT(numbers.rbegin()->first, WRAP - 1, "the last is for multicast");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Bytes of frames.
 */
class RoceHeaderTestSuite : public TestSuite
{
  public:
    RoceHeaderTestSuite()
        : TestSuite("mixnet-roce-header", TestSuite::Type::UNIT)
    {
        AddTestCase(new RoceHeaderSizeTestCase);
        AddTestCase(new RoceHeaderNetworkTestCase);
        AddTestCase(new RoceHeaderUdpTestCase);
        AddTestCase(new RoceHeaderDataTestCase);
        AddTestCase(new RoceHeaderAckTestCase);
        AddTestCase(new RoceHeaderIcrcTestCase);
        AddTestCase(new RoceHeaderOtherFramesTestCase);
        AddTestCase(new RoceHeaderReadTestCase);
        AddTestCase(new RoceHeaderQueuePairTestCase);
    }
};

RoceHeaderTestSuite g_roceHeaderTestSuite; //!< registers the suite

} // namespace

} // namespace tests
