/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * A congestion control of your own: every queue pair sends at a quarter of its line, always.
 *
 * Run:    ./ns3 run "steady-congestion-control --congestionControl=steady --bytes=1000000"
 * Prints: what all-to-all prints.
 */

#include "ns3/mixnet-module.h"

namespace
{

/**
 * @brief A quarter of the line rate, whatever happens.
 */
class SteadyRate : public ns3::mixnet::CongestionControl
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static ns3::TypeId GetTypeId()
    {
        static ns3::TypeId tid = ns3::TypeId("SteadyRate")
                                     .SetParent<ns3::mixnet::CongestionControl>()
                                     .AddConstructor<SteadyRate>();
        return tid;
    }

  private:
    void DoStart() override
    {
        SetWindow(GetPath().window);
        SetRate(ns3::DataRate(GetPath().lineRate.GetBitRate() / 4));
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
    ns3::mixnet::CongestionControls().Add("steady",
                                          SteadyRate::GetTypeId(),
                                          "a quarter of the line rate, always");
    return ns3::mixnet::RunAllToAll(argc, argv);
}
