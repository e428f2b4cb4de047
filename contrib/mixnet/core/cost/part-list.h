/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PART_LIST_H
#define PART_LIST_H

#include "ns3/mixnet-units.h"

#include <array>
#include <map>
#include <string>
#include <utility>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief Kinds of parts that a network is bought of.
enum class PartKind
{
    Nic,            //!< network card of a server, a port each
    Transceiver,    //!< optical module, at one end of a fibre
    ElectricalPort, //!< port of a packet switch
    OcsPort,        //!< port of an optical circuit switch: light in and light out
    PanelPort,      //!< port of a patch panel: light in and light out
    Fibre,          //!< duplex fibre between two transceivers
    CopperCable,    //!< direct-attach copper (DAC), with its ends
    OpticalCable,   //!< active optical cable (AOC), with its ends
};

/// @ingroup mixnet-core
/// @brief All kinds of parts, in the order of tables.
inline constexpr std::array<PartKind, 8> PART_KINDS{PartKind::Nic,
                                                    PartKind::Transceiver,
                                                    PartKind::ElectricalPort,
                                                    PartKind::OcsPort,
                                                    PartKind::PanelPort,
                                                    PartKind::Fibre,
                                                    PartKind::CopperCable,
                                                    PartKind::OpticalCable};

/// @ingroup mixnet-core
/// @param kind A kind of part. @return its name in price files and results: electricalPort.
const std::string& NameOf(PartKind kind);

/// @ingroup mixnet-core
/// @param kind A kind of part. @return whether it is made for a line rate, rather than for light.
bool HasRate(PartKind kind);

/**
 * @ingroup mixnet-core
 * @brief How many parts of which kind and line rate.
 *
 * Counts may be fractions: some rules of counting give half a fibre per NIC.
 */
class PartList
{
  public:
    /// A kind and a line rate; 0 for parts that have none.
    using Key = std::pair<PartKind, BitsPerSecond>;

    /// @param kind A kind. @param rate Line rate, no matter which where the kind has none.
    /// @param count How many more, not below 0; none changes nothing.
    void Add(PartKind kind, BitsPerSecond rate, double count);

    /// @param kind A kind. @return how many of all rates.
    double Count(PartKind kind) const;

    /// @return what there is, above 0, by kind and ascending rate.
    const std::map<Key, double>& Parts() const
    {
        return m_parts;
    }

  private:
    std::map<Key, double> m_parts; //!< counts
};

} // namespace mixnetcore

#endif // PART_LIST_H
