/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * Sends flows among the GPUs of a fabric, packet by packet.
 *
 *     GPU 0 ... GPU 15      one 400 Gb/s NIC each
 *       |         |
 *     [ three-tier fat-tree ]
 *
 * Run:    ./ns3 run "all-to-all --endpoints=8 --bytes=200000000 --mtu=9000"
 *         ./ns3 run "all-to-all --flows=FILE --fabric=rail-optimized --congestionControl=dcqcn"
 * Prints: completion time, the least the bytes could take on any and on these routes, their ratios,
 * packets and speed; writes summary.json and flows.csv, and rates.csv with --rateInterval.
 */

#include "ns3/mixnet-module.h"

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
main(int argc, char* argv[])
{
    return ns3::mixnet::RunAllToAll(argc, argv);
}
