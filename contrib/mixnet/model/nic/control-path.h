/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CONTROL_PATH_H
#define CONTROL_PATH_H

#include "ns3/nstime.h"
#include "ns3/object.h"
#include "ns3/roce-frame.h"

#include <vector>

namespace ns3
{
namespace mixnet
{

class RdmaNic;

/**
 * @ingroup mixnet
 * @brief What NICs that are joined by one-way circuits tell each other.
 *
 * On a one-way circuit nothing comes back: the light of the receiving NIC goes somewhere else.
 * Acknowledgements, NACKs and CNPs reach the sender here, Delay after they are made, whatever their
 * number; and so does word of whose light a NIC sees, by which the other end knows where its own
 * goes, and that it is lost.
 *
 * It stands for the management network of the servers, or for paths over other circuits: it takes
 * nothing of what data has, and loses nothing.
 *
 * Not modelled: its rate, its queues and its failures.
 */
class ControlPath : public Object
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /// @param nic A NIC, with its address; uses this path from now on.
    void AddNic(Ptr<RdmaNic> nic);

    /// @return time that what is told takes.
    const Time& GetDelay() const
    {
        return m_delay;
    }

    /// @return frames that were told so far.
    uint64_t GetFrames() const
    {
        return m_frames;
    }

    // Called by RdmaNic only.

    /// @param frame An acknowledgement, NACK or CNP for the NIC that it names.
    void Send(RoceFrame&& frame);

    /// @param source A NIC. @param by NIC that sees its light, or sees it no more. @param on Which.
    void TellSignal(NicAddress source, NicAddress by, bool on);

  protected:
    void DoDispose() override;

  private:
    /// @param address A NIC. @return it. Aborts where it does not use this path.
    RdmaNic& At(NicAddress address) const;

    std::vector<Ptr<RdmaNic>> m_nics; //!< by address
    uint64_t m_frames{0};             //!< that were told
    Time m_delay;                     //!< attribute
};

} // namespace mixnet
} // namespace ns3

#endif // CONTROL_PATH_H
