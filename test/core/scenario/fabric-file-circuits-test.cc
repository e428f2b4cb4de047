/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/broken-fabrics.h"

using namespace mixnetcore;

TEST(FabricFileCircuits, RefusesMistakesOfSchedules)
{
    tests::ExpectRefused(
        tests::RightFabric(),
        {
            {"/schedules",
             "",
             "optical circuit switch ocs0 has no circuits; expected a region or a schedule with "
             "it"},
            {"/schedules/0/switch",
             "\"leaf0\"",
             "schedules[0].switch is \"leaf0\"; expected the name of an optical circuit switch"},
            {"/schedules/0/switch",
             "\"ocs1\"",
             "schedules[0].switch is \"ocs1\"; expected the name of an optical circuit switch; did "
             "you mean ocs0?"},
            {"/schedules/0/guard",
             "\"-1us\"",
             "schedules[0].guard is \"-1us\"; expected a time from 0 to 1e6s with its unit: s, ms, "
             "us, ns or ps"},
            {"/schedules/0/slots",
             "[]",
             "schedules[0].slots is []; expected a list with at least one element"},
            {"/schedules/0/slots", "", "field schedules[0].slots is missing"},
            {"/schedules/0/slots/1/duration",
             "",
             "field schedules[0].slots[1].duration is missing"},
            {"/schedules/0/slots/1/duration",
             "\"0\"",
             "schedules[0].slots[1].duration is \"0\"; expected a time above 0"},
            {"/schedules/0/slots/1/circuit",
             "[]",
             "unknown field schedules[0].slots[1].circuit; expected fields of "
             "schedules[0].slots[1] are duration, circuits, oneWay"},
            {"/schedules/0/slots/1/circuits/0",
             "[\"host1/0\"]",
             "schedules[0].slots[1].circuits[0] is [\"host1/0\"]; expected two NICs, as "
             "[\"host0/0\", \"host1/0\"]"},
            {"/schedules/0/slots/1/circuits/0/0",
             "\"host2/0\"",
             "schedules[0].slots[1].circuits[0] is [\"host2/0\",\"host2/0\"]; expected two "
             "different NICs"},
            {"/schedules/0/slots/1/circuits/0/0",
             "\"host1/1\"",
             "schedules[0].slots[1].circuits[0][0] is \"host1/1\"; expected a NIC that ends at "
             "ocs0, as host0/0, or the number of a port"},
            {"/schedules/0/slots/1/circuits/0/0",
             "\"ocs0/1\"",
             "schedules[0].slots[1].circuits[0][0] is \"ocs0/1\"; expected a NIC that ends at "
             "ocs0, as host0/0, or the number of a port"},
            {"/schedules/0/slots/1/circuits/0/0",
             "3",
             "schedules[0].slots[1].circuits[0][0] is 3; expected a port of ocs0 at which a NIC "
             "ends"},
            {"/schedules/0/slots/1/circuits/0/0",
             "4",
             "schedules[0].slots[1].circuits[0][0] is 4; expected a whole number from 0 to 3"},
            {"/schedules/0/slots/0/circuits/1",
             "[\"host2/0\", \"host0/0\"]",
             "schedules[0].slots[0].circuits[1][1] is \"host0/0\"; expected a NIC that no other "
             "circuit of the slot uses, as schedules[0].slots[0].circuits[0][0] does"},
            {"/schedules/0/slots/0/oneWay",
             "[[\"host2/0\", \"host0/0\"]]",
             "schedules[0].slots[0].oneWay[0][1] is \"host0/0\"; expected a NIC that no other "
             "circuit of the slot uses, as schedules[0].slots[0].circuits[0][0] does"},
            {"/schedules/0/slots/0/oneWay",
             "[[\"host2/0\", 2]]",
             "schedules[0].slots[0].oneWay[0] is [\"host2/0\",2]; expected two different NICs"},
            {"/schedules/0/slots/0 /controlPathDelay",
             "{\"duration\": \"1us\", \"oneWay\": [[0, 1], [2, 1]]}\n\"1us\"",
             "schedules[0].slots[0].oneWay[1][1] is 1; expected a NIC that no other circuit of the "
             "slot uses, as schedules[0].slots[0].oneWay[0][1] does"},
            {"/schedules/0/slots/0",
             "{\"duration\": \"1us\", \"oneWay\": [[0, 1]]}",
             "there are one-way circuits; expected controlPathDelay, the delay of their "
             "acknowledgements"},
            {"/controlPathDelay",
             "\"1us\"",
             "controlPathDelay is there, but no one-way circuits; expected both or none"},
            {"/schedules/1",
             "{\"switch\": \"ocs0\", \"slots\": [{}]}",
             "schedules[1].switch is \"ocs0\"; expected a switch of one region or one schedule; "
             "schedules[0].switch has it, too"},
            {"/regions",
             "[{\"hosts\": [0, 1, 2], \"switches\": [\"ocs0\"]}]",
             "schedules[0].switch is \"ocs0\"; expected a switch of one region or one schedule; "
             "regions[0].switches[0] has it, too"},
        });
}

TEST(FabricFileCircuits, RefusesMistakesOfRingsRoutesAndForwarding)
{
    tests::ExpectRefused(
        tests::RightFabric(),
        {
            {"/rings/0/hosts",
             "[0, 1, 0]",
             "rings[0].hosts is [0,1,0]; expected at least 2 hosts: a list of hosts, numbers from "
             "0 to 2, each once, or \"all\""},
            {"/rings/0/hosts",
             "[0]",
             "rings[0].hosts is [0]; expected at least 2 hosts: a list of hosts, numbers from 0 to "
             "2, each once, or \"all\""},
            {"/rings/0/hosts",
             "[0, 3]",
             "rings[0].hosts[1] is 3; expected a whole number from 0 to 2"},
            {"/rings/0/hosts",
             "\"some\"",
             "rings[0].hosts is \"some\"; expected at least 2 hosts: a list of hosts, numbers from "
             "0 to 2, each once, or \"all\""},
            {"/rings/0/hosts",
             "7",
             "rings[0].hosts is 7; expected at least 2 hosts: a list of hosts, numbers from 0 to "
             "2, each once, or \"all\""},
            {"/rings/0/nic", "3", "rings[0].nic is 3; expected a whole number from 0 to 2"},
            {"/rings/0/hosts",
             "[0, 2]",
             "rings[0].hosts is [0,2]; expected hosts in the order of a ring of circuits; none "
             "leads from host0/1 to host2/1"},
            {"/routes/0/from", "3", "routes[0].from is 3; expected a whole number from 0 to 2"},
            {"/routes/0/to", "", "field routes[0].to is missing"},
            {"/routes/0/to",
             "0",
             "routes[0] is {\"from\":0,\"over\":[1],\"to\":0}; expected a path that comes to host "
             "0 once"},
            {"/routes/0/over",
             "[1, 1]",
             "routes[0].over is [1,1]; expected a list of hosts, numbers from 0 to 2, each once, "
             "or \"all\""},
            {"/routes/0/over",
             "[0]",
             "routes[0] is {\"from\":0,\"over\":[0],\"to\":2}; expected a path that comes to host "
             "0 once"},
            {"/routes/0/over",
             "",
             "routes[0] is {\"from\":0,\"to\":2}; expected a path over circuits; none leads from "
             "host 0 to host 2"},
            {"/routes/0/share", "0", "routes[0].share is 0; expected a number above 0"},
            {"/routes/0/share", "-0.5", "routes[0].share is -0.5; expected a number above 0"},
            {"/routes/0/share",
             "\"half\"",
             "routes[0].share is \"half\"; expected a number above 0"},
            {"/forwarding",
             "\"rely\"",
             "forwarding is \"rely\"; expected one of own-nic, rail, spread, delegate, "
             "two-circuits, relay, valiant; did you mean relay?"},
            {"/forwarding",
             "\"valiant\"",
             "routes are there, but forwarding is valiant; expected relay or no routes"},
            {"/forwarding /routes",
             "\"own-nic\"\n",
             "with forwarding own-nic: NIC 0: must be electrical where every GPU uses its own"},
            {"/forwarding /routes",
             "\"spread\"\n",
             "with forwarding spread: NIC 0: must be electrical where bytes are spread over all "
             "NICs"},
            {"/relays",
             "[]",
             "with forwarding relay: host 1 is no relay, but bytes from host 0 to host 2 go over "
             "it"},
            {"/relays", "[3]", "relays[0] is 3; expected a whole number from 0 to 2"},
            {"/relays",
             "\"none\"",
             "relays is \"none\"; expected a list of hosts, numbers from 0 to 2, each once, or "
             "\"all\""},
        });
}

TEST(FabricFileCircuits, RefusesMistakesOfRegions)
{
    tests::ExpectRefused(
        tests::RightRegion(),
        {
            {"/regions",
             "[]",
             "optical circuit switch ocs0 has no circuits; expected a region or a schedule with "
             "it"},
            {"/regions/0/hosts",
             "[0, 1]",
             "regions[0].hosts is [0,1]; expected host 2, too, which has a NIC at ocs0"},
            {"/regions/0/hosts",
             "[0, 1, 2, 3]",
             "regions[0].hosts[3] is 3; expected a whole number from 0 to 2"},
            {"/regions/0/hosts",
             "[]",
             "regions[0].hosts is []; expected a list of hosts, numbers from 0 to 2, each once, or "
             "\"all\""},
            {"/regions/0/hosts", "", "field regions[0].hosts is missing"},
            {"/regions/0/hosts",
             "[0, 1, 2, 2]",
             "regions[0].hosts is [0,1,2,2]; expected a list of hosts, numbers from 0 to 2, each "
             "once, or \"all\""},
            {"/regions/0/switches",
             "[]",
             "regions[0].switches is []; expected a list with at least one element"},
            {"/regions/0/switches",
             "[\"leaf0\"]",
             "regions[0].switches[0] is \"leaf0\"; expected the name of an optical circuit switch"},
            {"/regions/0/switches",
             "[\"ocs0\", \"ocs0\"]",
             "regions[0].switches[1] is \"ocs0\"; expected a switch of one region or one schedule; "
             "regions[0].switches[0] has it, too"},
            {"/regions/0/endpoints",
             "\"gpu\"",
             "regions[0].endpoints is \"gpu\"; expected one of hosts, gpus; did you mean gpus?"},
            {"/regions/1",
             "{\"hosts\": [2], \"switches\": [\"ocs0\"]}",
             "regions[1].hosts is [2]; expected hosts of no other region; regions[0] has host 2, "
             "too"},
            {"/switches/2 /regions/0/switches/1",
             "{\"name\": \"ocs1\", \"kind\": \"ocs\"}\n\"ocs1\"",
             "regions[0].switches is [\"ocs0\",\"ocs1\"]; expected switches with links; ocs1 has "
             "none"},
            {"/switches/2",
             "{\"name\": \"ocs1\", \"kind\": \"ocs\"}",
             "optical circuit switch ocs1 has no circuits; expected a region or a schedule with "
             "it"},
            {"/links/2",
             "[\"host2/1\", \"host2/0\"]",
             "links[2] is [\"host2/1\",\"host2/0\"]; expected ends at two nodes; there are "
             "host2/1, an optical NIC of 400Gb/s, and host2/0, an optical NIC of 400Gb/s"},
            {"/links/2",
             "[\"host1/0\", \"ocs0/3\"]",
             "links[2][0] is \"host1/0\"; expected a port that no other link ends at, as "
             "links[1][0] does"},
            {"/links/2",
             "",
             "regions[0].hosts is [0,1,2]; expected hosts with NICs at its switches; host 2 has "
             "none"},
        });
}
