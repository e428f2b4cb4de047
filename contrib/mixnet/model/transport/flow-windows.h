/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_WINDOWS_H
#define FLOW_WINDOWS_H

#include "flow-connections.h"

#include "ns3/flow-paths.h"
#include "ns3/window-peaks.h"

#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Adds up the windows of queue pairs that use a bundle of links at one time.
 *
 * So much may have waited, at most, in the packet switches before these links. Only bundles that
 * may be a limit count (FlowPaths).
 */
class FlowWindows
{
  public:
    /// @brief What queue pairs may have held, at most, before links that they share.
    struct Held
    {
        std::vector<uint32_t> switches; //!< nodes that send over these links, ascending
        double bytes;                   //!< windows of the queue pairs that used them at one time
    };

    /// @param paths Paths of the fabric. @param connections Its queue pairs. Both outlive this.
    FlowWindows(mixnetcore::FlowPaths& paths, const FlowConnections& connections);

    /// @param connection A queue pair whose first message begins. @brief Adds its window.
    void Add(uint32_t connection);

    /// @param connection A queue pair whose last message has left. @brief Takes its window away.
    void Remove(uint32_t connection);

    /// @brief Adds up the windows of all queue pairs with messages, on the paths of now.
    void CountAgain();

    /// @return the windows before all links between switches that may have been full.
    std::vector<Held> List() const;

  private:
    /**
     * @brief Changes the sums before the links that a queue pair uses, if there is something to add
     * up now: else nothing is a limit, or paths have changed and CountAgain() is still to come.
     * @param connection A queue pair. @param change What to do with each bundle and the window.
     */
    template <typename Change>
    void ChangeBundlesOf(uint32_t connection, const Change& change);

    mixnetcore::FlowPaths& m_paths;       //!< of the fabric
    const FlowConnections& m_connections; //!< queue pairs
    mixnetcore::WindowPeaks m_peaks;      //!< by bundle of links between switches
    uint64_t m_generation{0};             //!< of the paths
};

} // namespace mixnet
} // namespace ns3

#endif // FLOW_WINDOWS_H
