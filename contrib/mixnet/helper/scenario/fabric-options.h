/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_OPTIONS_H
#define FABRIC_OPTIONS_H

#include "program-options.h"

#include "ns3/fabric-helper.h"
#include "ns3/host-traffic.h"
#include "ns3/route-statistics.h"

#include <functional>
#include <optional>

namespace ns3
{
namespace mixnet
{

/// What options of circuits need.
inline constexpr const char* NEEDS_CIRCUITS = "circuits, as with --fabric=mixnet";

/// @ingroup mixnet
/// What options of patch panels need.
inline constexpr const char* NEEDS_PANELS = "patch panels, --fabric=topoopt";

/**
 * @ingroup mixnet
 * @brief A fabric as a program's options describe it: its plan and how its devices behave.
 */
struct FabricScenario
{
    static constexpr const char* NONE = "none";      //!< in place of a name: none of them
    static constexpr const char* UP_DOWN = "updown"; //!< rule of paths without cycles

    mixnetcore::FabricPlan plan;                   //!< what is installed
    Fidelity opticalFidelity{Fidelity::Packet};    //!< how messages cross circuits
    Fidelity electricalFidelity{Fidelity::Packet}; //!< how messages cross packet switches
    double endTolerance{0.001};                    //!< of flows, part of the longest one's
    bool pauses{false};                            //!< whether flows wait in queues
    uint32_t mtu{4096};                            //!< payload per frame, bytes
    std::string congestionControl{"window"};       //!< one of CongestionControls()
    std::string loadBalancing{"spray"};            //!< one of PortSelectors()
    bool pfc{true};                                //!< whether switches pause their neighbours
    std::optional<mixnetcore::Bytes> buffer;       //!< of a packet switch, if not the default
    bool phased{false};                            //!< whole messages go leg by leg
    uint64_t chunkBytes{1 << 20};                  //!< bytes that travel a leg together
    uint32_t pipelineDepth{0};                     //!< chunks of a message in flight; 0: enough
    mixnetcore::Picoseconds convergenceDelay{0};   //!< of routing, after a link has changed
    std::string reroute{UP_DOWN};                  //!< or shortest: paths after cuts
    mixnetcore::Picoseconds pfcWatchdog{0};        //!< of packet switches; 0 for none
    mixnetcore::Picoseconds deadlockTimeout{10'000'000'000}; //!< before a run ends with an error
    mixnetcore::Picoseconds reconfigurationDelay{0};         //!< of the optical circuit switch
    std::string ocsTechnology{NONE};                         //!< in place of the delay, or NONE
    std::string blackout;                                    //!< the one or the other, for people
    std::string numaRule{"spread"};                          //!< spread or pack
    std::string allocator{"greedy"};                         //!< name of the circuit allocator

    std::string planFile{NONE}; //!< for the plan, or NONE

    /// How far the expected demand goes over circuits that no controller commands; none without
    /// any, or in a fabric of more than MOST_ROUTED servers.
    std::optional<mixnetcore::RouteStatistics> routes;

    static constexpr uint32_t MOST_ROUTED = 512; //!< servers whose routes are looked at

    /// @param side A side of the fabric. @return how its messages are carried; without an optical
    /// side that of the electrical one.
    Fidelity FidelityOf(mixnetcore::NicRole side) const
    {
        return side == mixnetcore::NicRole::Optical ? opticalFidelity : electricalFidelity;
    }

    /// @param role A kind of node. @return whether the fabric has one.
    bool Has(mixnetcore::NodeRole role) const;

    /// @param fidelity A level. @return whether both sides have it.
    bool IsAll(Fidelity fidelity) const
    {
        return opticalFidelity == fidelity && electricalFidelity == fidelity;
    }
};

/**
 * @ingroup mixnet
 * @brief Declares the options that describe a fabric, alike in all programs.
 * @param options Where to.
 * @param fabric Default of --fabric.
 */
void AddFabricOptions(ProgramOptions& options, const std::string& fabric);

/**
 * @ingroup mixnet
 * @brief Reads the options that describe a fabric.
 * @param options The options.
 * @param hosts Servers.
 * @param gpusPerHost GPUs of each.
 * @param hostsPerRegion Servers of an optical region (mixnet), a divisor of hosts; 0 for all.
 * @param traffic What is expected to be sent, for fabrics that are planned for it; without it the
 * same between all servers.
 * @return the fabric.
 * @throws std::invalid_argument with one line that says which option is wrong and what is allowed.
 */
FabricScenario ParseFabricOptions(const ProgramOptions& options,
                                  uint32_t hosts,
                                  uint32_t gpusPerHost,
                                  uint32_t hostsPerRegion = 0,
                                  std::function<mixnetcore::HostTraffic()> traffic = {});

/**
 * @ingroup mixnet
 * @brief Installs a fabric, and writes its plan where a file is asked for.
 * @param scenario A fabric as options describe it.
 * @return its objects, with random streams assigned.
 * @throws std::invalid_argument when the plan cannot be written as a file.
 * @throws std::runtime_error when its file cannot be written.
 */
Fabric InstallFabric(const FabricScenario& scenario);

} // namespace mixnet
} // namespace ns3

#endif // FABRIC_OPTIONS_H
