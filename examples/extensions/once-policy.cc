/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * A reconfiguration policy of your own: circuits are set up once and never change.
 *
 * Run:    ./ns3 run "once-policy --policy=once --layers=2 --fidelity=flow"
 * Prints: what mixnet-training prints; only the first all-to-all has ports that changed.
 */

#include "ns3/mixnet-module.h"

namespace
{

using namespace mixnetcore;

/**
 * @brief Every all-to-all keeps the circuits of the one before; the first finds those for a uniform
 * demand.
 */
class OncePolicy : public ReconfigurationPolicy
{
  private:
    bool KeepsCircuits(const PhaseKey& /* phase */) const override
    {
        return true;
    }
};

} // namespace

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
main(int argc, char* argv[])
{
    ReconfigurationPolicies().Add("once",
                                  MakeStrategy<ReconfigurationPolicy, OncePolicy>,
                                  "circuits never change");
    return ns3::mixnet::RunMixnetTraining(argc, argv);
}
