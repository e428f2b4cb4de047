/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * A router of your own: all bytes leave a server, and arrive, by its first NIC.
 *
 *     GPU 0 .. GPU 7 -- NVSwitch -- GPU 0, NIC 0 ==== NIC 0, GPU 0 -- NVSwitch -- GPU 0 .. GPU 7
 *
 * Run:    ./ns3 run "first-nic-router --forwarding=first-nic --hosts=2 --gpusPerHost=8"
 * Prints: what all-to-all prints.
 */

#include "ns3/mixnet-module.h"

namespace
{

using namespace mixnetcore;

/**
 * @brief Gathers by NVSwitch, crosses between the first NICs, and scatters by NVSwitch.
 */
class FirstNicRouter : public AllToAllRouter
{
  public:
    /// @param host Inside of every host.
    explicit FirstNicRouter(const HostPlan& host)
        : m_host(host)
    {
    }

  private:
    void RouteBetweenHosts(const std::vector<GpuDemand>& demand,
                           std::vector<Transfer>& transfers) const override
    {
        const auto nic = m_host.NicsOn(NicRole::Electrical).front();
        for (const auto& [source, destination, bytes] : demand)
        {
            transfers.push_back({source,
                                 destination,
                                 bytes,
                                 DelegatedRoute(m_host, source, destination, nic, nic)});
        }
    }

    HostPlan m_host; //!< inside of every host
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
    AllToAllRouters().Add(
        "first-nic",
        [](const FabricPlan& fabric, const FabricState& /* circuits */) {
            return std::make_shared<FirstNicRouter>(fabric.host);
        },
        "by the first NIC of a server");
    return ns3::mixnet::RunAllToAll(argc, argv);
}
