/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/broken-fabrics.h"

#include "ns3/json-fields.h"

#include <streambuf>

using namespace mixnetcore;

namespace
{

/// @brief Blanks without end.
class Blanks : public std::streambuf
{
    int_type underflow() override
    {
        setg(m_blanks.data(), m_blanks.data(), m_blanks.data() + m_blanks.size());
        return ' ';
    }

    std::string m_blanks = std::string(1 << 16, ' '); //!< again and again
};

/// @param host What hosts are made of. @param rest Other fields, each with a comma before it.
/// @return the refusal of a fabric of four hosts.
std::string
RefusalOfFour(const std::string& host, const std::string& rest)
{
    return tests::Refusal(
        [&] { ParseFabric(R"({"hosts": 4, "host": )" + host + rest + "}", "my.json"); });
}

} // namespace

TEST(FabricFileRefusal, OfWhatIsNoFabric)
{
    const auto refusalOf = [](const std::string& text) {
        return tests::Refusal([&] { ParseFabric(text, "my.json"); });
    };
    EXPECT_EQ(refusalOf("{\"hosts\": 3,\n \"host\" }"),
              "my.json: not valid JSON at line 2, column 9: found '}'; expected a fabric, as "
              "contrib/mixnet/doc/mixnet-fabric-files.rst has it");
    EXPECT_EQ(refusalOf("{\"hosts\": 3, \"hosts\": 3}"),
              "my.json: field hosts is there twice in one object; expected once");
    EXPECT_EQ(refusalOf("[1, 2]").substr(0, 66),
              "my.json: the file is [1,2]; expected an object with the fields nam");
}

TEST(FabricFileRefusal, OfWhatCannotBeRead)
{
    EXPECT_EQ(tests::Refusal([] { ReadFabricFile("no/such.json"); }),
              "cannot read the fabric file no/such.json: No such file or directory");
    EXPECT_EQ(tests::Refusal([] { ReadFabricFile("/"); }),
              "cannot read the fabric file /: Is a directory");
    std::istringstream empty;
    EXPECT_EQ(tests::Refusal([&] { ReadFabric(empty, "input"); }),
              "cannot read the fabric file input: it is empty");
    Blanks blanks;
    std::istream endless(&blanks);
    EXPECT_EQ(tests::Refusal([&] { ReadFabric(endless, "input"); }),
              "cannot read the fabric file input: it has more than " +
                  std::to_string(MAX_TEXT_BYTES) + " bytes");
}

TEST(FabricFileRefusal, OfHostsAndNics)
{
    tests::ExpectRefused(
        tests::RightFabric(),
        {
            {"/server",
             "1",
             "unknown field server; expected fields of the file are name, description, linkRate, "
             "linkDelay, host, hosts, switches, links, regions, schedules, rings, routes, "
             "forwarding, relays, controlPathDelay"},
            {"/hosts", "", "field hosts is missing"},
            {"/hosts", "0", "hosts is 0; expected a whole number from 1 to 65536"},
            {"/hosts", "\"many\"", "hosts is \"many\"; expected a whole number from 1 to 65536"},
            {"/hosts", "65537", "hosts is 65537; expected a whole number from 1 to 65536"},
            {"/name", "\"\"", "name is \"\"; expected a text in quotes, not empty"},
            {"/description", "7", "description is 7; expected a text in quotes, not empty"},
            {"/host", "", "field host is missing"},
            {"/host",
             "[]",
             "host is []; expected an object with the fields gpus, opticalNics, electricalNics, "
             "nics, gpuPortRate, interconnect, pcieRate, numaLinkRate, nicAttachmentRate"},
            {"/host",
             R"({"gpus": 8})",
             "host is {\"gpus\":8}; expected a NIC at least: opticalNics, electricalNics, or a "
             "list nics"},
            {"/host/nics", "[]", "host.nics is []; expected 1 to 1024 NICs"},
            {"/host/nics", R"([{"gpu": 0}])", "field host.nics[0].side is missing"},
            {"/host/nics/0/side",
             "\"left\"",
             "host.nics[0].side is \"left\"; expected one of optical, electrical"},
            {"/host/nics/0/side",
             "\"optcal\"",
             "host.nics[0].side is \"optcal\"; expected one of optical, electrical; did you mean "
             "optical?"},
            {"/host/nics/0/gpu", "4", "host.nics[0].gpu is 4; expected a whole number from 0 to 3"},
            {"/host/nics/0/numaHalf",
             "2",
             "host.nics[0].numaHalf is 2; expected a whole number from 0 to 1"},
            {"/host/nics/0/rate",
             "\"0Gb/s\"",
             "host.nics[0].rate is \"0Gb/s\"; expected a data rate from 1b/s to 1000Tb/s with its "
             "unit, in bits: 400Gb/s, 100Gbps or 400G"},
            {"/host/opticalNics",
             "2",
             "host.opticalNics is 2; expected either numbers of NICs or the list nics, not both"},
            {"/host/gpus", "0", "host.gpus is 0; expected a whole number from 1 to 1024"},
            {"/host/gpus /host/interconnect",
             "3\n\"nvlink-pairs\"",
             "host.gpus is 3; expected an even number with nvlink-pairs"},
            {"/host/pcieRate",
             "\"256Gb/s\"",
             "host.pcieRate is \"256Gb/s\"; expected none but with \"interconnect\": "
             "\"nvlink-pairs\""},
            {"/host/interconnect",
             "\"nvlink\"",
             "host.interconnect is \"nvlink\"; expected one of nvswitch, nvlink-pairs; did you "
             "mean nvlink-pairs?"},
            {"/host",
             R"({"gpus": 8, "opticalNics": 6, "electricalNics": 3})",
             "host.electricalNics is 3; expected a whole number from 0 to 2"},
            {"/linkRate",
             "400",
             "linkRate is 400; expected a data rate from 1b/s to 1000Tb/s with its unit, in bits: "
             "400Gb/s, 100Gbps or 400G"},
            {"/linkDelay",
             "\"-1us\"",
             "linkDelay is \"-1us\"; expected a time from 0 to 1e6s with its unit: s, ms, us, ns "
             "or ps"},
        });
}

TEST(FabricFileRefusal, OfSwitchesAndLinks)
{
    tests::ExpectRefused(
        tests::RightFabric(),
        {
            {"/switches/0/kind",
             "\"optical\"",
             "switches[0].kind is \"optical\"; expected one of ocs, packet"},
            {"/switches/0/kind", "", "field switches[0].kind is missing"},
            {"/switches/0/tier",
             "1",
             "unknown field switches[0].tier; expected fields of switches[0] are name, kind, "
             "ports"},
            {"/switches/1/tier", "4", "switches[1].tier is 4; expected a whole number from 0 to 3"},
            {"/switches/1/buffer",
             "0",
             "switches[1].buffer is 0; expected a whole number from 1 to 1000000000000000000"},
            {"/switches/1/buffer",
             "\"32Mb\"",
             "switches[1].buffer is \"32Mb\"; expected a number of bytes, or a size such as 32MB "
             "(10^6) or 32MiB (2^20)"},
            {"/switches/1/name",
             "\"ocs0\"",
             "switches[1].name is \"ocs0\"; expected a name that no other switch has"},
            {"/switches/1/name",
             "\"host7\"",
             "switches[1].name is \"host7\"; expected a name without /, other than those of hosts"},
            {"/switches/1/name",
             "\"a/b\"",
             "switches[1].name is \"a/b\"; expected a name without /, other than those of hosts"},
            {"/switches/0/ports",
             "2",
             "links[2][1] is \"ocs0/2\"; expected a port of the switch: 0 to 1"},
            {"/switches/1/ports",
             "2",
             "links[5][1] is \"leaf0\"; expected a switch with a free port: all its 2 have links"},
            {"/switches/1/ports",
             "0",
             "switches[1].ports is 0; expected a whole number from 1 to 1048576"},
            {"/links", "{}", "links is {}; expected a list"},
            {"/links/0",
             "\"host0/0\"",
             "links[0] is \"host0/0\"; expected an object with the fields ends, rate, delay"},
            {"/links/0",
             R"(["host0/0"])",
             "links[0] is [\"host0/0\"]; expected two ends, as [\"host0/0\", \"leaf0/3\"]"},
            {"/links/6/ends/1", "7", "links[6].ends[1] is 7; expected a text in quotes, not empty"},
            {"/links/6/length",
             "7",
             "unknown field links[6].length; expected fields of links[6] are ends, rate, delay"},
            {"/links/0",
             R"(["host3/0", "ocs0/0"])",
             "links[0][0] is \"host3/0\"; expected a host from host0 to host2"},
            {"/links/0",
             R"(["host00/0", "ocs0/0"])",
             "links[0][0] is \"host00/0\"; expected a host from host0 to host2"},
            {"/links/0",
             R"(["host0/3", "ocs0/0"])",
             "links[0][0] is \"host0/3\"; expected a NIC of the host: 0 to 2"},
            {"/links/0",
             R"(["host0", "ocs0/0"])",
             "links[0][0] is \"host0\"; expected NODE/PORT with the number of a port, as host0/0"},
            {"/links/0",
             R"(["host0/a", "ocs0/0"])",
             "links[0][0] is \"host0/a\"; expected NODE/PORT with the number of a port, as "
             "host0/0"},
            {"/links/0",
             R"(["host0/0", "osc0/0"])",
             "links[0][1] is \"osc0/0\"; expected NODE/PORT with a host, as host0/0, or the name "
             "of one of the switches; did you mean ocs0?"},
            {"/links/3",
             R"(["host0/2", "leaf0/4294967295"])",
             "links[3][1] is \"leaf0/4294967295\"; expected a port of the switch: 0 to 1048575"},
            {"/links/1",
             R"(["host1/0", "ocs0/0"])",
             "links[1][1] is \"ocs0/0\"; expected a port that no other link ends at, as "
             "links[0][1] does"},
            {"/links/6/ends/1",
             "\"host0/0\"",
             "links[6].ends[1] is \"host0/0\"; expected a port that no other link ends at, as "
             "links[0][0] does"},
            {"/links/6/ends/1",
             "\"host0/1\"",
             "links[6].ends[1] is \"host0/1\"; expected a port that no other link ends at, as "
             "links[6].ends[0] does"},
            {"/links/6/ends",
             "[\"ocs0/3\", \"leaf0/3\"]",
             "links[6] is {\"delay\":\"2us\",\"ends\":[\"ocs0/3\",\"leaf0/3\"]}; expected an "
             "optical NIC at the other end of a link from an optical circuit switch; there are "
             "ocs0/3, of an optical circuit switch, and leaf0/3, of a packet switch"},
            {"/links/6/ends",
             "[\"leaf0/7\", \"leaf0/8\"]",
             "links[6] is {\"delay\":\"2us\",\"ends\":[\"leaf0/7\",\"leaf0/8\"]}; expected ends at "
             "two nodes; there are leaf0/7, of a packet switch, and leaf0/8, of a packet switch"},
            {"/links/6 /links/4",
             "\n[\"host0/1\", \"host1/2\"]",
             "links[4] is [\"host0/1\",\"host1/2\"]; expected two optical NICs where a link joins "
             "hosts; there are host0/1, an optical NIC of 400Gb/s, and host1/2, an electrical NIC "
             "of 400Gb/s"},
            {"/links/6 /host/nics/1/rate /links/1",
             "\n\"1G\"\n[\"host0/1\", \"host1/0\"]",
             "links[1] is [\"host0/1\",\"host1/0\"]; expected two NICs of the same rate; there are "
             "host0/1, an optical NIC of 1Gb/s, and host1/0, an optical NIC of 400Gb/s"},
            {"/links/0",
             R"(["host0/0", "leaf0"])",
             "links[0] is [\"host0/0\",\"leaf0\"]; expected an electrical NIC at a packet switch; "
             "there are host0/0, an optical NIC of 400Gb/s, and leaf0/0, of a packet switch"},
            {"/links/3",
             R"(["host0/2", "ocs0/3"])",
             "links[3] is [\"host0/2\",\"ocs0/3\"]; expected an optical NIC at an optical circuit "
             "switch; there are host0/2, an electrical NIC of 400Gb/s, and ocs0/3, of an optical "
             "circuit switch"},
            {"/links/3", "", "electrical NIC host0/2 has no link; expected one to a packet switch"},
            {"/links/6/delay",
             "\"-1us\"",
             "links[6].delay is \"-1us\"; expected a time from 0 to 1e6s with its unit: s, ms, us, "
             "ns or ps"},
            {"/links/6/delay",
             "2",
             "links[6].delay is 2; expected a time from 0 to 1e6s with its unit: s, ms, us, ns or "
             "ps"},
            {"/links/6/rate",
             "\"0b/s\"",
             "links[6].rate is \"0b/s\"; expected a data rate from 1b/s to 1000Tb/s with its unit, "
             "in bits: 400Gb/s, 100Gbps or 400G"},
            {"/links/6/rate",
             "\"100Gb/s\"",
             "links[6].rate is \"100Gb/s\"; expected the rate of its NIC, 400Gb/s"},
        });
}

TEST(FabricFileRefusal, OfHostsThatCannotReachEachOther)
{
    const std::string optical = R"({"gpus": 2, "opticalNics": 2})";
    const std::string electrical = R"({"gpus": 2, "electricalNics": 2})";
    const std::string mixed = R"({"gpus": 2, "opticalNics": 1, "electricalNics": 1})";
    const std::string pairs = R"("links": [["host0/0", "host1/0"], ["host2/0", "host3/0"]])";
    // Two islands
    EXPECT_EQ(RefusalOfFour(optical, "," + pairs),
              "my.json: with forwarding relay: host0 cannot reach host2: no path over circuits, "
              "and no electrical NICs");
    // A line 0 - 1 - 2 - 3
    const std::string line =
        R"(, "links": [["host0/0", "host1/0"], ["host1/1", "host2/1"], ["host2/0", "host3/0"]])";
    EXPECT_EQ(RefusalOfFour(optical, line), "");
    EXPECT_EQ(RefusalOfFour(optical, line + R"(, "forwarding": "valiant")"),
              "my.json: with forwarding valiant: host0 cannot reach host3: no path over two "
              "circuits, and no electrical NICs");
    // Light that goes from 0 to 3, and not back
    EXPECT_EQ(RefusalOfFour(optical, R"(, "switches": [{"name": "x", "kind": "ocs"}],
        "links": [["host0/0", "x"], ["host1/0", "x"], ["host2/0", "x"], ["host3/0", "x"]],
        "controlPathDelay": "1us", "schedules": [{"switch": "x",
            "slots": [{"oneWay": [[0, 1], [1, 2], [2, 3]]}]}])"),
              "my.json: with forwarding relay: host1 cannot reach host0: no path over circuits, "
              "and no electrical NICs");
    // A switch for each half; the NICs of each number
    const auto onTwo = [](const std::string& a, const std::string& b, const std::string& more) {
        return R"(, "switches": [{"name": "a", "kind": "packet"}, {"name": "b", "kind": "packet"}],
            "links": [["host0/0", "a"], ["host0/1", ")" +
               b + R"("], ["host1/0", "a"],
                      ["host1/1", ")" +
               b + R"("], ["host2/0", ")" + a + R"("], ["host2/1", "b"],
                      ["host3/0", ")" +
               a + R"("], ["host3/1", "b"]])" + more;
    };
    EXPECT_EQ(RefusalOfFour(electrical, onTwo("b", "a", "")),
              "my.json: with forwarding own-nic: host0/0 cannot reach host2/0: no path over packet "
              "switches that goes first up and then down by their tiers");
    EXPECT_EQ(RefusalOfFour(electrical, onTwo("a", "b", R"(, "forwarding": "own-nic")")),
              "my.json: with forwarding own-nic: host0/0 cannot reach host1/1: no path over packet "
              "switches that goes first up and then down by their tiers");
    EXPECT_EQ(RefusalOfFour(electrical, onTwo("a", "b", R"(, "forwarding": "rail")")), "");
    // Regions alone, and with electrical NICs in two halves
    EXPECT_EQ(RefusalOfFour(optical, R"(, "switches": [{"name": "x", "kind": "ocs"}],
        "links": [["host0/0", "x"], ["host1/0", "x"], ["host2/0", "x"], ["host3/0", "x"]],
        "regions": [{"hosts": "all", "switches": ["x"]}])"),
              "my.json: with forwarding delegate: host0 cannot reach host1 at all times: circuits "
              "of regions change, and there are no electrical NICs");
    EXPECT_EQ(RefusalOfFour(mixed, R"(, "switches": [{"name": "a", "kind": "packet"},
                                                     {"name": "b", "kind": "packet"}],
        "links": [["host0/0", "a"], ["host1/0", "a"], ["host2/0", "b"], ["host3/0", "b"],
                  ["host0/1", "host1/1"], ["host2/1", "host3/1"]])"),
              "my.json: with forwarding relay: host0/0 cannot reach host2/0: no path over packet "
              "switches that goes first up and then down by their tiers");
    // Two leaves that meet below: by tiers no path goes down and up again.
    EXPECT_EQ(RefusalOfFour(R"({"gpus": 1, "electricalNics": 1})", R"(, "switches": [
        {"name": "a", "kind": "packet", "tier": 2}, {"name": "b", "kind": "packet", "tier": 2},
        {"name": "c", "kind": "packet", "tier": 1}],
        "links": [["host0/0", "a"], ["host1/0", "a"], ["host2/0", "b"], ["host3/0", "b"],
                  ["a", "c"], ["c", "b"]])"),
              "my.json: with forwarding own-nic: host0/0 cannot reach host2/0: no path over packet "
              "switches that goes first up and then down by their tiers");
}
