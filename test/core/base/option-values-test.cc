/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/option-values.h"

#include <array>
#include <gtest/gtest.h>
#include <stdexcept>
#include <vector>

using namespace mixnetcore;

namespace
{

/// What no number with a unit may look like.
const std::vector<std::string> NO_NUMBERS{
    "",     "s",      "Gb/s", "x5Gb/s", "5  Gb/s", " 5Gb/s",  "5Gb/s ",  "5Gb/s5",
    "5sec", "5min",   "5ss",  "nans",   "infs",    "nanGb/s", "infGb/s", "0x5s",
    "+5s",  "1e400s", "1,5s", "5 ",     "5e",      "5 MB"};

} // namespace

TEST(OptionValues, ReadsWholeNumbersUpToBothEndsOfTheirRange)
{
    EXPECT_EQ(ParseCount("layers", "1", 1, 56), 1U);
    EXPECT_EQ(ParseCount("layers", "56", 1, 56), 56U);
    EXPECT_EQ(ParseCount("rows", "18446744073709551615", 0, UINT64_MAX), UINT64_MAX);
}

TEST(OptionValues, RefusesWholeNumbersOutsideTheirRange)
{
    EXPECT_THROW(ParseCount("layers", "0", 1, 56), std::invalid_argument);
    EXPECT_THROW(ParseCount("layers", "57", 1, 56), std::invalid_argument);
    EXPECT_THROW(ParseCount("rows", "18446744073709551616", 0, UINT64_MAX), std::invalid_argument);
}

TEST(OptionValues, RefusesWhatIsNotAWholeNumberAsAWhole)
{
    for (const std::string text : {"", "-1", "+1", "1.0", "1e1", " 1", "1 ", "1x", "x", "0x1"})
    {
        EXPECT_THROW(ParseCount("layers", text, 0, 100), std::invalid_argument) << text;
    }
}

TEST(OptionValues, NamesOptionTextAndRangeOfACount)
{
    EXPECT_EQ(tests::Refusal([] { ParseCount("layers", "many", 1, 56); }),
              "option --layers=many: must be a whole number from 1 to 56");
    EXPECT_EQ(tests::Refusal([] { ParseCount("gpus", "many", 1, 56, "GPUs"); }),
              "option --gpus=many: must be a whole number from 1 to 56 GPUs");
}

TEST(OptionValues, NamesNoLargestCountWhereThereIsNone)
{
    EXPECT_EQ(tests::Refusal([] { ParseCount("rows", "-1", 3, UINT64_MAX); }),
              "option --rows=-1: must be a whole number, at least 3");
}

TEST(OptionValues, ReadsNumbersUpToBothEndsOfTheirRange)
{
    EXPECT_EQ(ParseNumber("skew", "0", 0, 10), 0);
    EXPECT_EQ(ParseNumber("skew", "10", 0, 10), 10);
    EXPECT_EQ(ParseNumber("skew", "0.25", 0, 10), 0.25);
    EXPECT_EQ(ParseNumber("skew", "25e-2", 0, 10), 0.25);
}

TEST(OptionValues, RefusesNumbersOutsideTheirRange)
{
    EXPECT_THROW(ParseNumber("skew", "-0.001", 0, 10), std::invalid_argument);
    EXPECT_THROW(ParseNumber("skew", "10.001", 0, 10), std::invalid_argument);
}

TEST(OptionValues, RefusesWhatIsNotANumberAsAWhole)
{
    for (const std::string text : {"", " 1", "1 ", "1x", "x", "nan", "inf", "-inf", "1e999", "1,5"})
    {
        EXPECT_THROW(ParseNumber("skew", text, -100, 100), std::invalid_argument) << text;
    }
}

TEST(OptionValues, NamesOptionTextAndRangeOfANumber)
{
    EXPECT_EQ(tests::Refusal([] { ParseNumber("teraflops", "fast", 1e-3, 1e6); }),
              "option --teraflops=fast: must be a number from 0.001 to 1e+06");
    EXPECT_EQ(tests::Refusal([] { ParseNumber("teraflops", "fast", 1, 9, "TFLOP/s"); }),
              "option --teraflops=fast: must be a number from 1 to 9 TFLOP/s");
}

TEST(OptionValues, ReadsRatesInEveryUnit)
{
    EXPECT_EQ(ParseRate("linkRate", "7b/s"), BitsPerSecond(7));
    EXPECT_EQ(ParseRate("linkRate", "7bps"), BitsPerSecond(7));
    EXPECT_EQ(ParseRate("linkRate", "7kb/s"), BitsPerSecond(7'000));
    EXPECT_EQ(ParseRate("linkRate", "7kbps"), BitsPerSecond(7'000));
    EXPECT_EQ(ParseRate("linkRate", "7Mb/s"), BitsPerSecond(7'000'000));
    EXPECT_EQ(ParseRate("linkRate", "7Mbps"), BitsPerSecond(7'000'000));
    EXPECT_EQ(ParseRate("linkRate", "7Gb/s"), BitsPerSecond(7'000'000'000));
    EXPECT_EQ(ParseRate("linkRate", "7Gbps"), BitsPerSecond(7'000'000'000));
    EXPECT_EQ(ParseRate("linkRate", "7Tb/s"), BitsPerSecond(7'000'000'000'000));
    EXPECT_EQ(ParseRate("linkRate", "7Tbps"), BitsPerSecond(7'000'000'000'000));
}

TEST(OptionValues, ReadsRatesInAnyCaseWithASpaceAndShort)
{
    for (const auto& text :
         {"400G", "400g", "400 Gb/s", "400gbps", "400 Gbit/s", "400GBit/s", "0.4T"})
    {
        const bool isOfBytes = std::string(text).find('B') != std::string::npos;
        if (isOfBytes)
        {
            EXPECT_THROW(ParseRate("linkRate", text), std::invalid_argument) << text;
        }
        else
        {
            EXPECT_EQ(ParseRate("linkRate", text), BitsPerSecond(400'000'000'000)) << text;
        }
    }
}

TEST(OptionValues, ReadsSizesInEveryUnit)
{
    const std::vector<std::pair<std::string, uint64_t>> sizes{
        {"7", 7},
        {"7B", 7},
        {"2e8", 200'000'000},
        {"7kB", 7'000},
        {"7K", 7'000},
        {"32MB", 32'000'000},
        {"32 mb", 32'000'000},
        {"7GB", 7'000'000'000},
        {"7TB", 7'000'000'000'000},
        {"7KiB", 7 * 1024},
        {"32MiB", uint64_t{32} << 20},
        {"1.5 MiB", uint64_t{3} << 19},
        {"7gib", uint64_t{7} << 30},
        {"7Ti", uint64_t{7} << 40},
    };
    for (const auto& [text, bytes] : sizes)
    {
        EXPECT_EQ(ParseSize("bytes", text, 1, uint64_t{1} << 50), bytes) << text;
    }
    EXPECT_EQ(ParseSize("bytes", "18446744073709551615", 0, UINT64_MAX), UINT64_MAX);
}

TEST(OptionValues, RefusesWhatIsNoSizeOrOutsideItsRange)
{
    for (const std::string text : {"",
                                   "MB",
                                   "x7",
                                   "-7",
                                   "7Mb",
                                   "7Kib",
                                   "7MB/s",
                                   "0.5",
                                   "1.0001kB",
                                   "7  MB",
                                   "nan",
                                   "1e30TB",
                                   "7m b",
                                   "7 "})
    {
        EXPECT_THROW(ParseSize("bytes", text, 0, UINT64_MAX), std::invalid_argument) << text;
    }
    EXPECT_EQ(tests::Refusal([] { ParseSize("mtu", "63B", 64, 65000); }),
              "option --mtu=63B: must be a size from 64 to 65000 bytes, such as 4096, 32MB (10^6) "
              "or 32MiB (2^20)");
    EXPECT_THROW(ParseSize("mtu", "65001", 64, 65000), std::invalid_argument);
}

TEST(OptionValues, TakesListsApart)
{
    EXPECT_EQ(ParseList("cut", "a"), (std::vector<std::string>{"a"}));
    EXPECT_EQ(ParseList("cut", "a,b b,c"), (std::vector<std::string>{"a", "b b", "c"}));
    for (const std::string text : {"", ",", "a,", ",a", "a,,b"})
    {
        EXPECT_THROW(ParseList("cut", text), std::invalid_argument) << text;
    }
    EXPECT_EQ(tests::Refusal([] { ParseList("cut", "a,b,"); }),
              "option --cut=a,b,: must be a list with one comma between two parts and none at its "
              "ends; part 3 is empty");
}

TEST(OptionValues, ReadsFractionsOfAUnitToTheNearestBit)
{
    EXPECT_EQ(ParseRate("linkRate", "0.4Tb/s"), BitsPerSecond(400'000'000'000));
    EXPECT_EQ(ParseRate("linkRate", "1.1kb/s"), BitsPerSecond(1'100));
    EXPECT_EQ(ParseRate("linkRate", "4e2Gb/s"), BitsPerSecond(400'000'000'000));
}

TEST(OptionValues, ReadsRatesUpToBothEndsOfTheirRange)
{
    EXPECT_EQ(ParseRate("linkRate", "1b/s"), BitsPerSecond(1));
    EXPECT_EQ(ParseRate("linkRate", "1000Tb/s"), BitsPerSecond(1'000'000'000'000'000));
    EXPECT_THROW(ParseRate("linkRate", "0.9b/s"), std::invalid_argument);
    EXPECT_THROW(ParseRate("linkRate", "0Gb/s"), std::invalid_argument);
    EXPECT_THROW(ParseRate("linkRate", "-1Gb/s"), std::invalid_argument);
    EXPECT_THROW(ParseRate("linkRate", "1001Tb/s"), std::invalid_argument);
}

TEST(OptionValues, RefusesARateWithoutItsUnit)
{
    EXPECT_THROW(ParseRate("linkRate", "400"), std::invalid_argument);
    EXPECT_THROW(ParseRate("linkRate", "0"), std::invalid_argument);
    EXPECT_THROW(ParseRate("linkRate", "400ms"), std::invalid_argument);
    EXPECT_THROW(ParseRate("linkRate", "400GB/s"), std::invalid_argument); // bytes are not meant
}

TEST(OptionValues, RefusesWhatIsNotARateAsAWhole)
{
    for (const auto& text : NO_NUMBERS)
    {
        EXPECT_THROW(ParseRate("linkRate", text), std::invalid_argument) << text;
    }
}

TEST(OptionValues, NamesOptionTextAndRangeOfARate)
{
    EXPECT_EQ(tests::Refusal([] { ParseRate("linkRate", "400"); }),
              "option --linkRate=400: must be a data rate from 1b/s to 1000Tb/s with its unit, in "
              "bits: 400Gb/s, 100Gbps or 400G; did you mean 400Gb/s?");
}

TEST(OptionValues, SayWhatIsWrongWithAUnit)
{
    // Nothing to say of a good unit, and of what has no number.
    const std::vector<std::array<std::string, 2>> rates{
        {"25", "400G; did you mean 25Gb/s?"},
        {"25GB/s", "400G; 'GB/s' is of bytes, 'Gb/s' of bits"},
        {"25ms", "400G; 'ms' is no unit of a rate"},
        {"0Gb/s", "or 400G"},
        {"fast", "or 400G"}};
    for (const auto& [text, end] : rates)
    {
        const auto message = tests::Refusal([text = text] { ParseRate("linkRate", text); });
        EXPECT_EQ(message.substr(message.size() - end.size()), end) << message;
    }
    const std::vector<std::array<std::string, 2>> times{{"25", "or ps; did you mean 25ms or 25us?"},
                                                        {"25sec", "or ps; did you mean 25s?"},
                                                        {"25 \u00b5s", "or ps; did you mean 25us?"},
                                                        {"25Gb/s", "or ps; 'Gb/s' is no such unit"},
                                                        {"-25", "ns or ps"},
                                                        {"2000000s", "ns or ps"},
                                                        {"soon", "ns or ps"}};
    for (const auto& [text, end] : times)
    {
        const auto message = tests::Refusal([text = text] { ParseDuration("linkDelay", text); });
        EXPECT_EQ(message.substr(message.size() - end.size()), end) << message;
    }
    const std::vector<std::array<std::string, 2>> sizes{
        {"7Mb", "(2^20); 'Mb' is of bits, 'MB' of bytes"},
        {"7Gb/s", "(2^20); 'Gb/s' is no unit of a size"},
        {"7.5", "or 32MiB (2^20)"},
        {"70GB", "or 32MiB (2^20)"}};
    for (const auto& [text, end] : sizes)
    {
        const auto message = tests::Refusal([text = text] { ParseSize("mtu", text, 1, 9); });
        EXPECT_EQ(message.substr(message.size() - end.size()), end) << message;
    }
}

TEST(OptionValues, ReadsTimesInEveryUnit)
{
    EXPECT_EQ(ParseDuration("linkDelay", "3ps"), Picoseconds(3));
    EXPECT_EQ(ParseDuration("linkDelay", "3ns"), Picoseconds(3'000));
    EXPECT_EQ(ParseDuration("linkDelay", "3us"), Picoseconds(3'000'000));
    EXPECT_EQ(ParseDuration("linkDelay", "3ms"), Picoseconds(3'000'000'000));
    EXPECT_EQ(ParseDuration("linkDelay", "3s"), Picoseconds(3'000'000'000'000));
    EXPECT_EQ(ParseDuration("linkDelay", "3 S"), Picoseconds(3'000'000'000'000));
    EXPECT_EQ(ParseDuration("linkDelay", "3MS"), Picoseconds(3'000'000'000));
    EXPECT_EQ(ParseDuration("linkDelay", "1e-3s"), Picoseconds(1'000'000'000));
}

TEST(OptionValues, ReadsFractionsOfAUnitToTheNearestPicosecond)
{
    EXPECT_EQ(ParseDuration("linkDelay", "0.1us"), Picoseconds(100'000));
    EXPECT_EQ(ParseDuration("linkDelay", "0.0004ns"), Picoseconds(0));
    EXPECT_EQ(ParseDuration("linkDelay", "0.0006ns"), Picoseconds(1));
    EXPECT_EQ(ParseDuration("linkDelay", "25e-3s"), Picoseconds(25'000'000'000));
}

TEST(OptionValues, ReadsTimesUpToBothEndsOfTheirRange)
{
    EXPECT_EQ(ParseDuration("linkDelay", "0s"), Picoseconds(0));
    EXPECT_EQ(ParseDuration("linkDelay", "1000000s"), Picoseconds(1'000'000'000'000'000'000));
    EXPECT_THROW(ParseDuration("linkDelay", "-1ps"), std::invalid_argument);
    EXPECT_THROW(ParseDuration("linkDelay", "1000001s"), std::invalid_argument);
}

TEST(OptionValues, ATimeNeedsItsUnitUnlessItIsZero)
{
    EXPECT_EQ(ParseDuration("linkDelay", "0"), Picoseconds(0));
    EXPECT_THROW(ParseDuration("linkDelay", "1"), std::invalid_argument);
    EXPECT_THROW(ParseDuration("linkDelay", "00"), std::invalid_argument);
    EXPECT_THROW(ParseDuration("linkDelay", "1Gb/s"), std::invalid_argument);
}

TEST(OptionValues, RefusesWhatIsNotATimeAsAWhole)
{
    for (const auto& text : NO_NUMBERS)
    {
        EXPECT_THROW(ParseDuration("linkDelay", text), std::invalid_argument) << text;
    }
}

TEST(OptionValues, NamesOptionTextAndRangeOfATime)
{
    EXPECT_EQ(
        tests::Refusal([] { ParseDuration("linkDelay", "1h"); }),
        "option --linkDelay=1h: must be a time from 0 to 1e6s with its unit: s, ms, us, ns or "
        "ps; 'h' is no such unit");
}

TEST(OptionValues, ReadsYesAndNo)
{
    for (const auto& text : {"yes", "Yes", "true", "TRUE", "1"})
    {
        EXPECT_TRUE(ParseFlag("backward", text)) << text;
    }
    for (const auto& text : {"no", "NO", "false", "False", "0"})
    {
        EXPECT_FALSE(ParseFlag("backward", text)) << text;
    }
}

TEST(OptionValues, RefusesAnythingElseThanYesAndNo)
{
    for (const auto& text : {"", "y", "2", "00", "yes ", "nope"})
    {
        EXPECT_THROW(ParseFlag("backward", text), std::invalid_argument) << text;
    }
    EXPECT_EQ(tests::Refusal([] { ParseFlag("backward", "maybe"); }),
              "option --backward=maybe: must be yes or no");
}
