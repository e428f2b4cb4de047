/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PORT_REPORT_H
#define PORT_REPORT_H

#include "ns3/fabric-helper.h"
#include "ns3/result-folder.h"

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Tells how busy the NICs of a fabric were: a line per side for people, and ports.csv.
 *
 * A NIC is as busy as its bytes, headers and gaps included, take at line rate, over the time of the
 * run.
 */
class PortReport
{
  public:
    /**
     * @param fabric The fabric, after a run; outlives this object.
     * @param seconds Simulated time of the run; without any, nothing is busy.
     */
    PortReport(const Fabric& fabric, double seconds);

    /**
     * @brief Prints, for each side that there is, the NIC that was busiest sending, as host3/1, and
     * the average.
     * @param out Where to print.
     */
    void Print(std::ostream& out) const;

    /**
     * @brief Writes ports.csv, a row per NIC.
     * @param folder Where to.
     * @throws std::runtime_error when it cannot be written.
     */
    void Write(const ResultFolder& folder) const;

    /// @param[in,out] summary Gets nicUtilization: by side, busiest and mean, 0 to 1, sending.
    void Write(nlohmann::ordered_json& summary) const;

  private:
    /// @brief How busy the NICs of a side were sending, 0 to 1.
    struct SideLoad
    {
        double busiest{0}; //!< of one NIC
        double mean{0};    //!< of all
        std::string name;  //!< of the busiest one; empty when none sent anything
    };

    /// @param side A side with NICs. @return how busy they were.
    SideLoad LoadOf(mixnetcore::NicRole side) const;

    /// @param nic Number of a NIC in its host. @param bytes Of one way. @return how busy they kept
    /// it, 0 to 1.
    double Share(uint32_t nic, uint64_t bytes) const;

    /// @return name and load of each side that there is.
    std::vector<std::pair<std::string, SideLoad>> Loads() const;

    const Fabric& m_fabric; //!< the fabric
    double m_seconds;       //!< time of the run
};

/**
 * @ingroup mixnet
 * @param frames Counters of a fabric.
 * @return frames lost, by reason, for summary.json.
 */
nlohmann::ordered_json SummarizeDrops(const FrameCounters& frames);

/**
 * @ingroup mixnet
 * @brief Prints how many frames were lost for each reason that there was.
 * @param out Where to print.
 * @param frames Counters of a fabric.
 * @param separator What stands before each reason.
 */
void PrintDrops(std::ostream& out, const FrameCounters& frames, const std::string& separator);

} // namespace mixnet
} // namespace ns3

#endif // PORT_REPORT_H
