/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/test-network.h"

#include "ns3/flow-rate-recorder.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

constexpr uint64_t RATE = 400'000'000'000; //!< bits per second
constexpr uint64_t MTU = 4096;             //!< bytes
constexpr uint64_t WINDOW = 500'000;       //!< bytes

/**
 * @brief Two NICs on a fibre, and a recorder of both directions.
 */
class FlowRateRecorderTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;

    /// A row of rates.csv.
    struct Row
    {
        double time;      //!< end of the interval, s
        int flow;         //!< number of the flow
        int source;       //!< NIC
        int destination;  //!< NIC
        double delivered; //!< Gb/s
        double rate;      //!< Gb/s
        uint64_t window;  //!< bytes
    };

    /// @brief Makes network and recorder. @param intervalUs Between samples, microseconds.
    void SetUp(int intervalUs)
    {
        m_network.SetNic("Window", UintegerValue(WINDOW));
        m_network.AddNics(2, m_line);
        m_network.Join(m_network.nics[0], m_network.nics[1], MicroSeconds(1));
        m_folder = CreateTempDirFilename("flow-rate-recorder");
        std::filesystem::create_directories(m_folder);
        m_recorder = std::make_unique<FlowRateRecorder>(FileIn(m_folder), MicroSeconds(intervalUs));
        m_recorder->Add(m_network.nics[0], m_network.nics[1]);
        m_recorder->Add(m_network.nics[1], m_network.nics[0]);
    }

    /// @param folder A folder. @return rates.csv in it.
    static OutputFile FileIn(const std::filesystem::path& folder)
    {
        return {folder / "rates.csv", OutputFile::Mode::Streamed};
    }

    /// @return rows of rates.csv; checks its header.
    std::vector<Row> Read()
    {
        std::ifstream file(m_folder / "rates.csv");
        std::string line;
        std::getline(file, line);
        NS_TEST_EXPECT_MSG_EQ(
            line,
            "time_s,flow,source,destination,delivered_gbps,rate_gbps,window_bytes",
            "header");
        std::vector<Row> rows;
        while (std::getline(file, line))
        {
            std::istringstream fields(line);
            Row row{};
            char comma;
            fields >> row.time >> comma >> row.flow >> comma >> row.source >> comma >>
                row.destination >> comma >> row.delivered >> comma >> row.rate >> comma >>
                row.window;
            NS_TEST_EXPECT_MSG_EQ(fields.fail(), false, line);
            rows.push_back(row);
        }
        return rows;
    }

    const LineTimes m_line{RATE, MTU};            //!< the line
    NicNetwork m_network;                         //!< two NICs
    WriteLedger m_ledger;                         //!< messages
    std::filesystem::path m_folder;               //!< where rates.csv is
    std::unique_ptr<FlowRateRecorder> m_recorder; //!< the one under test
};

/**
 * @ingroup mixnet-tests
 * @brief Rows add up to what was delivered, and end.
 */
class FlowRateRecorderRowsTestCase : public FlowRateRecorderTestCase
{
  public:
    FlowRateRecorderRowsTestCase()
        : FlowRateRecorderTestCase("Rows hold what arrived in each interval, until nothing is "
                                   "outstanding")
    {
    }

  private:
    void DoRun() override
    {
        constexpr uint64_t BYTES = 10'000'000;
        SetUp(20);
        m_recorder->Start(MicroSeconds(10));
        m_ledger.PostAt(MicroSeconds(10), m_network.nics[0], 1, BYTES);
        m_ledger.PostAt(MicroSeconds(10), m_network.nics[1], 0, BYTES / 2);
        Simulator::Run();

        // The longer message takes 10 MB * 4178 / 4096 at 400 Gb/s and one delay each way: 206 us,
        // which is 11 intervals begun.
        const Time taken = m_line.Message(BYTES) + MicroSeconds(2);
        const size_t intervals = taken.GetMicroSeconds() / 20 + 1;
        const auto rows = Read();
        NS_TEST_EXPECT_MSG_EQ(rows.size(), 2 * intervals, "two rows per interval");
        double delivered[2] = {0, 0};
        for (size_t i = 0; i < rows.size(); ++i)
        {
            const auto& row = rows[i];
            NS_TEST_EXPECT_MSG_EQ(row.flow, static_cast<int>(i % 2), "flows in turn");
            NS_TEST_EXPECT_MSG_EQ(row.source, row.flow, "source");
            NS_TEST_EXPECT_MSG_EQ(row.destination, 1 - row.flow, "destination");
            NS_TEST_EXPECT_MSG_EQ_TOL(row.time, (10 + 20 * (i / 2 + 1)) * 1e-6, 1e-12, "time");
            NS_TEST_EXPECT_MSG_EQ(row.rate, 400, "rate");
            NS_TEST_EXPECT_MSG_EQ(row.window, WINDOW, "window");
            delivered[row.flow] += row.delivered * 20e-6 * 1e9 / 8;
        }
        NS_TEST_EXPECT_MSG_EQ_TOL(delivered[0], BYTES, 1, "bytes of flow 0");
        NS_TEST_EXPECT_MSG_EQ_TOL(delivered[1], BYTES / 2, 1, "bytes of flow 1");
        // A full interval: frames that fit, one more or less at its ends; flow 1's acknowledgements
        // are on the line, too: one of 86 bytes for 16 frames.
        const double frames = 20e-6 * RATE / 8 / (MTU + 82 + 86.0 / 16);
        NS_TEST_EXPECT_MSG_EQ_TOL(rows[2].delivered,
                                  frames * MTU * 8 / 20e-6 / 1e9,
                                  2 * MTU * 8 / 20e-6 / 1e9,
                                  "rate of a full interval");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A given end holds, busy or not.
 */
class FlowRateRecorderEndTestCase : public FlowRateRecorderTestCase
{
  public:
    FlowRateRecorderEndTestCase()
        : FlowRateRecorderTestCase("With an end, rows go on through idle times until then")
    {
    }

  private:
    void DoRun() override
    {
        SetUp(10);
        m_recorder->Start(MicroSeconds(0), MicroSeconds(105));
        m_ledger.PostAt(MicroSeconds(50), m_network.nics[0], 1, MTU);
        m_ledger.PostAt(MicroSeconds(95), m_network.nics[0], 1, 10'000'000);
        Simulator::Run();

        const auto rows = Read();
        if (!HasSize(rows, 20, "10 intervals end until 105 us"))
        {
            return;
        }
        for (size_t i = 0; i < rows.size(); i += 2)
        {
            const double expected = i == 2 * 5 ? MTU * 8 / 10e-6 / 1e9 : 0;
            if (i < 18)
            {
                NS_TEST_EXPECT_MSG_EQ_TOL(rows[i].delivered, expected, 1e-9, "interval " << i / 2);
            }
        }
        NS_TEST_EXPECT_MSG_GT(rows[18].delivered, 0, "busy when it ends");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What cannot be done is refused.
 */
class FlowRateRecorderRefusalTestCase : public FlowRateRecorderTestCase
{
  public:
    FlowRateRecorderRefusalTestCase()
        : FlowRateRecorderTestCase("An interval of zero is refused")
    {
    }

  private:
    void DoRun() override
    {
        SetUp(10);
        std::string refusal;
        try
        {
            FlowRateRecorder recorder(FileIn(m_folder), Time(0));
        }
        catch (const std::invalid_argument& error)
        {
            refusal = error.what();
        }
        NS_TEST_EXPECT_MSG_NE(refusal.find("above zero"),
                              std::string::npos,
                              "says what is allowed");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief The suite of FlowRateRecorder.
 */
class FlowRateRecorderTestSuite : public TestSuite
{
  public:
    FlowRateRecorderTestSuite()
        : TestSuite("mixnet-flow-rate-recorder", TestSuite::Type::UNIT)
    {
        AddTestCase(new FlowRateRecorderRowsTestCase);
        AddTestCase(new FlowRateRecorderEndTestCase);
        AddTestCase(new FlowRateRecorderRefusalTestCase);
    }
};

FlowRateRecorderTestSuite g_flowRateRecorderTestSuite; //!< registers the suite

} // namespace

} // namespace tests
