/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../device/roce-bytes.h"
#include "../testbed/test-network.h"

#include "ns3/frame-capture.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief Two NICs whose numbers wrap, and the files of both ports.
 */
class FrameCaptureTestCase : public MixnetTestCase
{
  public:
    FrameCaptureTestCase()
        : MixnetTestCase("A capture has each frame of a port once with its time and bytes; numbers "
                         "go on modulo 2^24 and acknowledgements count messages")
    {
    }

  private:
    /// A frame of a file.
    struct Record
    {
        int64_t nanoseconds; //!< when
        ByteList bytes;      //!< what
    };

    /// @param file A file. @return its frames.
    std::vector<Record> Read(const std::string& file)
    {
        std::ifstream stream(file, std::ios::binary);
        const ByteList bytes{std::istreambuf_iterator<char>(stream), {}};
        const auto word = [&](size_t offset) {
            return bytes.at(offset) + (bytes.at(offset + 1) << 8) + (bytes.at(offset + 2) << 16) +
                   (uint64_t{bytes.at(offset + 3)} << 24);
        };
        std::vector<Record> records;
        if (!HasSize(ByteList(bytes.begin(), bytes.begin() + std::min<size_t>(24, bytes.size())),
                     24,
                     "the head of a file"))
        {
            return records;
        }
        NS_TEST_EXPECT_MSG_EQ(word(0), 0xa1b23c4d, "nanoseconds");
        NS_TEST_EXPECT_MSG_EQ(word(4), 2 + (4 << 16), "version 2.4");
        NS_TEST_EXPECT_MSG_EQ(word(20), 1, "Ethernet");
        for (size_t at = 24; at < bytes.size();)
        {
            const size_t size = word(at + 8);
            NS_TEST_EXPECT_MSG_EQ(word(at + 12), size, "whole frames");
            const auto first = bytes.begin() + at + 16;
            const int64_t when = word(at) * 1'000'000'000 + word(at + 4);
            records.push_back({when, {first, first + size}});
            at += 16 + size;
        }
        return records;
    }

    void DoRun() override
    {
        const LineTimes line{100'000'000'000, 1024};
        const Time delay = MicroSeconds(1);
        const uint64_t first = WRAP - 3;
        NicNetwork network;
        WriteLedger ledger;
        network.SetNic("FirstSequence", UintegerValue(first));
        network.SetNic("AckInterval", UintegerValue(100));
        network.AddNics(2, line);
        network.Join(network.nics[0], network.nics[1], delay);
        ledger.Listen(network.nics[1]);
        // 1, then 7 frames; the last of them has 77 bytes and 3 of pad.
        const Time start = MicroSeconds(10);
        ledger.PostAt(start, network.nics[0], 1, 0);
        ledger.PostAt(start, network.nics[0], 1, 6 * 1024 + 77);
        {
            FrameCapture capture({}, {});
            for (const uint32_t nic : {0, 1})
            {
                capture.Add(network.nics[nic], FileOf(nic));
            }
            Simulator::Run();
            capture.Close();
        }

        const auto sent = Read(FileOf(0));
        const auto seen = Read(FileOf(1));
        if (!HasSize(sent, 10, "8 data frames, 2 acknowledgements") ||
            !HasSize(seen, 10, "the same at the other end"))
        {
            return;
        }
        CheckData(sent, seen, line, start);
        // An acknowledgement of each message: of its last frame.
        const std::vector<uint64_t> last{first, (first + 7) % WRAP};
        size_t acks = 0;
        for (const auto& record : sent)
        {
            if (record.bytes[BTH] == 17 && acks < 2)
            {
                NS_TEST_EXPECT_MSG_EQ(Field(record.bytes, BTH + 9, 3), last[acks], "PSN");
                NS_TEST_EXPECT_MSG_EQ(Field(record.bytes, EXTENSION + 1, 3), acks + 1, "MSN");
                ++acks;
            }
        }
        NS_TEST_EXPECT_MSG_EQ(acks, 2, "acknowledgements");
    }

    /**
     * @param sent Frames of the sender's file. @param seen Those of the receiver's.
     * @param line Rate and MTU. @param start When the first left.
     */
    void CheckData(const std::vector<Record>& sent,
                   const std::vector<Record>& seen,
                   const LineTimes& line,
                   const Time& start)
    {
        const auto dataOf = [](const std::vector<Record>& records) {
            std::vector<Record> data;
            std::copy_if(records.begin(), records.end(), std::back_inserter(data), [](auto& one) {
                return one.bytes[BTH] != 17;
            });
            return data;
        };
        const auto out = dataOf(sent);
        const auto in = dataOf(seen);
        if (!HasSize(out, 8, "data frames that left") || !HasSize(in, 8, "that arrived"))
        {
            return;
        }
        const ByteList opcodes{10, 6, 7, 7, 7, 7, 7, 8};
        Time leaves = start;
        for (size_t i = 0; i < 8; ++i)
        {
            const auto& bytes = out[i].bytes;
            NS_TEST_EXPECT_MSG_EQ(+bytes[BTH], +opcodes[i], "operation code");
            NS_TEST_EXPECT_MSG_EQ(Field(bytes, BTH + 9, 3), (WRAP - 3 + i) % WRAP, "PSN");
            NS_TEST_EXPECT_MSG_EQ((bytes == in[i].bytes), true, "the same at both ends");
            const Time duration = line.Of(bytes.size() + 24);
            NS_TEST_EXPECT_MSG_EQ(out[i].nanoseconds, leaves.GetNanoSeconds(), "first bit");
            leaves += duration;
            NS_TEST_EXPECT_MSG_EQ(in[i].nanoseconds,
                                  (leaves + MicroSeconds(1)).GetNanoSeconds(),
                                  "last bit, a fibre later");
        }
        NS_TEST_EXPECT_MSG_EQ(+out[7].bytes[BTH + 1], 0x40 + 3 * 16, "3 pad bytes behind 77");
    }

    /// @param nic A NIC. @return its file.
    std::string FileOf(uint32_t nic)
    {
        return CreateTempDirFilename("nic" + std::to_string(nic) + ".pcap");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Folders and files that cannot be written.
 */
class FrameCaptureRefusalTestCase : public MixnetTestCase
{
  public:
    FrameCaptureRefusalTestCase()
        : MixnetTestCase("A folder that cannot be made is refused with one message")
    {
    }

  private:
    void DoRun() override
    {
        const std::string file = CreateTempDirFilename("file");
        std::ofstream(file) << "in the way";
        NS_TEST_EXPECT_MSG_EQ(MessageOf({file + "/folder", {}}).find("option --pcap=" + file),
                              0,
                              "the message names option and folder");
        NS_TEST_EXPECT_MSG_EQ(MessageOf({"", {}}), "", "no folder, no capture");
    }

    /// @param spec A capture. @return the message it is refused with; empty when it is not.
    static std::string MessageOf(const CaptureSpec& spec)
    {
        try
        {
            FrameCapture capture(spec, {});
        }
        catch (const std::invalid_argument& error)
        {
            return error.what();
        }
        return "";
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Captures of frames.
 */
class FrameCaptureTestSuite : public TestSuite
{
  public:
    FrameCaptureTestSuite()
        : TestSuite("mixnet-frame-capture", TestSuite::Type::UNIT)
    {
        AddTestCase(new FrameCaptureTestCase);
        AddTestCase(new FrameCaptureRefusalTestCase);
    }
};

FrameCaptureTestSuite g_frameCaptureTestSuite; //!< registers the suite

} // namespace

} // namespace tests
