/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * Trains a Mixture-of-Experts model over a reconfigurable fabric, or an electrical one.
 *
 *     host 0 ... host 7     8 GPUs each on an NVSwitch, 8 NICs
 *      | | |      | | |     6 optical NICs to the OCS, 2 electrical NICs to packet switches
 *     [ OCS ] [ packet switches ]
 *
 * Without --gpus, the MoE layers of one EP group on its region: for every layer, forward and
 * backward, attention, gate, dispatch over circuits chosen for its demand, expert, combine. With
 * --gpus=N, a whole job: all stages and replicas, a region per EP group, pipeline and gradients,
 * for some iterations. --fabric has other fabrics, --fidelity flows in place of packets.
 *
 * Run:    ./ns3 run "mixnet-training --layers=2 --reconfigurationDelay=10us"
 *         ./ns3 run "mixnet-training --gpus=1024 --fidelity=flow"
 * Prints: of a group, one line per phase, then totals; of a job, what an iteration's time went
 *         into, traffic by kind and busiest NICs. Writes summary.json and CSV files.
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
    return ns3::mixnet::RunMixnetTraining(argc, argv);
}
