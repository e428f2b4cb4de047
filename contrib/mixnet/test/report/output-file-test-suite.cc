/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/mixnet-test-case.h"

#include "ns3/output-file.h"

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <sys/resource.h>

using namespace ns3;
using namespace ns3::mixnet;

namespace tests
{

namespace
{

/**
 * @ingroup mixnet-tests
 * @brief What tests of files have in common.
 */
class OutputFileTestCase : public MixnetTestCase
{
  protected:
    using MixnetTestCase::MixnetTestCase;
    using Mode = OutputFile::Mode; //!< when there is a file

    /// @param name Name of a file. @return where it is, in a folder of this test.
    std::filesystem::path PathOf(const std::string& name)
    {
        return CreateTempDirFilename(name);
    }

    /// @param path A file. @return what is in it.
    static std::string Read(const std::filesystem::path& path)
    {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    /// @param path A file. @return its name while it is not whole.
    static std::filesystem::path PartOf(std::filesystem::path path)
    {
        return path += OutputFile::PART;
    }

    /// @param work What to do. @return the message of the error that it ends with, if any.
    static std::string ErrorOf(const std::function<void()>& work)
    {
        try
        {
            work();
        }
        catch (const std::runtime_error& error)
        {
            return error.what();
        }
        return "";
    }
};

/**
 * @ingroup mixnet-tests
 * @brief When files are there.
 */
class OutputFileModesTestCase : public OutputFileTestCase
{
  public:
    OutputFileModesTestCase()
        : OutputFileTestCase("A stream can be read from its first flush on; a whole file appears "
                             "when it is closed, and only then")
    {
    }

  private:
    void DoRun() override
    {
        const auto streamed = PathOf("streamed.csv");
        OutputFile stream(streamed, Mode::Streamed);
        stream << "a,b" << std::endl;
        NS_TEST_EXPECT_MSG_EQ(Read(streamed), "a,b\n", "flushed");
        stream << 1 << ',' << 2.5 << '\n';
        stream.Close();
        NS_TEST_EXPECT_MSG_EQ(Read(streamed), "a,b\n1,2.5\n", "closed");
        stream.Close();

        const auto whole = PathOf("whole.json");
        OutputFile file(whole, Mode::Whole);
        file << "{}" << std::endl;
        NS_TEST_EXPECT_MSG_EQ(std::filesystem::exists(whole), false, "not yet");
        NS_TEST_EXPECT_MSG_EQ(Read(PartOf(whole)), "{}\n", "so far");
        OutputFile moved(std::move(file));
        moved << "more\n";
        OutputFile again;
        again = std::move(moved);
        again << "and more\n";
        again.Close();
        NS_TEST_EXPECT_MSG_EQ(Read(whole), "{}\nmore\nand more\n", "renamed");
        NS_TEST_EXPECT_MSG_EQ(std::filesystem::exists(PartOf(whole)), false, "not twice");

        const auto left = PathOf("left.csv");
        const auto given = PathOf("given.json");
        {
            OutputFile stays(left, Mode::Streamed);
            stays << "row\n";
            OutputFile goes(given, Mode::Whole);
            goes << "half" << std::flush;
        }
        NS_TEST_EXPECT_MSG_EQ(Read(left), "row\n", "what there is of a stream stays");
        NS_TEST_EXPECT_MSG_EQ(std::filesystem::exists(given), false, "a half file goes");
        NS_TEST_EXPECT_MSG_EQ(std::filesystem::exists(PartOf(given)), false, "and its part");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief What cannot be written.
 */
class OutputFileErrorsTestCase : public OutputFileTestCase
{
  public:
    OutputFileErrorsTestCase()
        : OutputFileTestCase("What is not taken is an error with file and reason, of the output, "
                             "flush or close that meets it; a stream then ends with a line")
    {
    }

  private:
    void DoRun() override
    {
        const std::string full = std::string("/dev/full: cannot write: ") + std::strerror(ENOSPC);
        const auto errorOf = [](const std::function<void(OutputFile&)>& work) {
            OutputFile file("/dev/full", Mode::Streamed);
            file << 1;
            return ErrorOf([&] { work(file); });
        };
        NS_TEST_EXPECT_MSG_EQ(errorOf([](OutputFile& file) { file << std::endl; }), full, "flush");
        NS_TEST_EXPECT_MSG_EQ(errorOf([](OutputFile& file) { file.Close(); }), full, "close");
        NS_TEST_EXPECT_MSG_EQ(errorOf([](OutputFile& file) { file << std::string(1 << 20, 'x'); }),
                              full,
                              "output");
        NS_TEST_EXPECT_MSG_EQ(errorOf([](OutputFile& file) {
                                  ErrorOf([&] { file.flush(); });
                                  file.Close();
                              }),
                              full,
                              "no close without an error after one");

        const auto nowhere = PathOf("nowhere") / "file";
        NS_TEST_EXPECT_MSG_EQ(ErrorOf([&] { OutputFile file(nowhere, Mode::Whole); }),
                              nowhere.string() + ": cannot write: " + std::strerror(ENOENT),
                              "open");
        const auto taken = PathOf("taken");
        std::filesystem::create_directories(taken / "by a folder");
        NS_TEST_EXPECT_MSG_EQ(ErrorOf([&] {
                                  OutputFile(taken, Mode::Whole).Close();
                              }).find(taken.string() + ": cannot write: "),
                              0,
                              "rename");
        NS_TEST_EXPECT_MSG_EQ(std::filesystem::exists(PartOf(taken)), false, "no part is left");
        CheckLimit();
    }

    /// @brief Writes rows until a file must not grow any more.
    void CheckLimit()
    {
        constexpr rlim_t most = 1000;
        const std::string row = "0123456789,0123456789\n";
        const auto path = PathOf("limited.csv");
        auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        const rlimit limit{most, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &limit);
        const auto message = ErrorOf([&] {
            OutputFile file(path, Mode::Streamed);
            for (size_t i = 0; i < 2 * most / row.size(); ++i)
            {
                file << row << (i % 2 == 0 ? "" : "\n");
                file.flush();
            }
        });
        setrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, handler);
        NS_TEST_EXPECT_MSG_EQ(message,
                              path.string() + ": cannot write: " + std::strerror(EFBIG),
                              "the limit");
        const auto content = Read(path);
        NS_TEST_EXPECT_MSG_EQ(content.empty(), false, "what went before stays");
        NS_TEST_EXPECT_MSG_EQ(content.back(), '\n', "and ends with a line");
        NS_TEST_EXPECT_MSG_GT(content.size() + row.size() + 1, most, "the last that fitted");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Texts in CSV files.
 */
class CsvFieldTestCase : public OutputFileTestCase
{
  public:
    CsvFieldTestCase()
        : OutputFileTestCase("A text with commas, quotes or line ends is one field")
    {
    }

  private:
    void DoRun() override
    {
        NS_TEST_EXPECT_MSG_EQ(CsvField(""), "", "nothing");
        NS_TEST_EXPECT_MSG_EQ(CsvField("plain text"), "plain text", "as it is");
        NS_TEST_EXPECT_MSG_EQ(CsvField("a,b"), "\"a,b\"", "quoted");
        NS_TEST_EXPECT_MSG_EQ(CsvField("a\"b"), "\"a\"\"b\"", "quotes twice");
        NS_TEST_EXPECT_MSG_EQ(CsvField("a\nb"), "\"a\nb\"", "line ends");
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Files that programs write.
 */
class OutputFileTestSuite : public TestSuite
{
  public:
    OutputFileTestSuite()
        : TestSuite("mixnet-output-file", TestSuite::Type::UNIT)
    {
        AddTestCase(new OutputFileModesTestCase);
        AddTestCase(new OutputFileErrorsTestCase);
        AddTestCase(new CsvFieldTestCase);
    }
};

OutputFileTestSuite g_outputFileTestSuite; //!< registers the suite

} // namespace

} // namespace tests
