/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef NV_SWITCH_HOST_H
#define NV_SWITCH_HOST_H

#include "ns3/event-id.h"
#include "ns3/fabric-device.h"
#include "ns3/host-interior.h"
#include "ns3/max-min-network.h"

#include <functional>
#include <map>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief The inside of a server: GPUs and NICs on an NVSwitch, or on NVLink pairs and PCIe.
 *
 * A HostPlan says what transfers cross: ports of GPUs, the NUMA link between the halves,
 * attachments of NICs (HostInterior). Transfers are a fluid (MaxMinNetwork): at every instant they
 * share what they cross max-min fairly, and rates change only when a transfer begins or ends, as
 * far as that reaches. Transfers that begin at the same instant are solved once. A transfer ends at
 * the first picosecond at which its last byte is over.
 *
 * RDMA reads and writes the memory of the GPU that its NIC is attached to; with a finite rate of
 * the attachment bytes cross it before they leave and after they come.
 *
 * Where other bytes cross the same resources, as messages of a FlowEngine do, the fluid that
 * carries those can be asked to carry the transfers, too: then all of them share max-min fairly.
 *
 * Guarantees: no port carries more than its rate; every transfer ends once; bytes begun = bytes
 * ended + bytes in flight.
 *
 * Not modelled: what is inside NVSwitch and NVLink (packets, latency, arbitration: not public).
 *
 * @see MixNet, section 7.1: 900 GB/s per GPU, both directions together
 */
class NvSwitchHost : public FabricDevice
{
  public:
    /**
     * @brief Get the type ID.
     * @return the object TypeId
     */
    static TypeId GetTypeId();

    /**
     * @brief Says what it is made of; before the first transfer.
     * @param plan Inside of the server.
     */
    void SetPlan(const mixnetcore::HostPlan& plan);

    /// Called when a transfer has ended.
    using TransferCallback = std::function<void()>;

    /// Carries bytes inside of this server: over what they cross (HostInterior), how many, and whom
    /// to tell when they are over, after it has returned.
    using Fluid = std::function<void(const std::vector<uint32_t>&, uint64_t, TransferCallback)>;

    /**
     * @brief Has transfers share what they cross with others; before the first transfer.
     * @param fluid Carries them from now on.
     */
    void SetFluid(Fluid fluid)
    {
        m_fluid = std::move(fluid);
    }

    /**
     * @brief Moves bytes from one GPU to another.
     * @param fromGpu GPU that holds them.
     * @param toGpu Another GPU of this server.
     * @param bytes How many; zero bytes end at this instant, after the caller has returned.
     * @param done Called once, when they are over.
     */
    void Transfer(uint32_t fromGpu, uint32_t toGpu, uint64_t bytes, TransferCallback done);

    /**
     * @brief Moves bytes from the memory of its GPU to a NIC.
     * @param nic A NIC of this server.
     * @param bytes How many.
     * @param done Called once; at once, before this has returned, where it crosses nothing.
     */
    void TransferToNic(uint32_t nic, uint64_t bytes, TransferCallback done)
    {
        BeginIfCrossing(m_interior.IntoNic(nic), bytes, std::move(done));
    }

    /**
     * @brief Moves bytes from a NIC to the memory of its GPU.
     * @param nic A NIC of this server.
     * @param bytes How many.
     * @param done Called once; at once, before this has returned, where it crosses nothing.
     */
    void TransferFromNic(uint32_t nic, uint64_t bytes, TransferCallback done)
    {
        BeginIfCrossing(m_interior.OutOfNic(nic), bytes, std::move(done));
    }

    /// @return transfers that have not ended.
    size_t GetTransfersInFlight() const
    {
        return m_moves.size() + m_carried;
    }

    /// @return crossings of transfers and what they cross that have been solved so far, for
    /// measuring; 0 where a fluid from elsewhere carries them.
    uint64_t GetSolvedCrossings() const
    {
        return m_network.Flows().SolvedCrossings();
    }

    /// @return bytes of all transfers that have ended.
    uint64_t GetTransferredBytes() const
    {
        return m_transferred;
    }

    /**
     * @brief TracedCallback signature for a transfer that begins or ends.
     * @param fromGpu GPU that holds the bytes.
     * @param toGpu GPU that gets them.
     * @param bytes How many.
     */
    typedef void (*TransferTracedCallback)(uint32_t fromGpu, uint32_t toGpu, uint64_t bytes);

  protected:
    void DoDispose() override;

  private:
    /// @brief A transfer in flight.
    struct Move
    {
        uint64_t bytes;        //!< how many
        TransferCallback done; //!< whom to tell
    };

    /// @param crossed What the bytes cross. @param bytes How many. @param done Whom to tell.
    void Begin(const std::vector<uint32_t>& crossed, uint64_t bytes, TransferCallback done);

    /// @param crossed What the bytes cross; where that is nothing they are over at once.
    /// @param bytes How many. @param done Whom to tell.
    void BeginIfCrossing(const std::vector<uint32_t>& crossed,
                         uint64_t bytes,
                         TransferCallback done);

    /// @brief Has the rates solved at this instant, after all that happens at it.
    void RequestSolution();

    /// @brief Shares the ports among the transfers and schedules the next end.
    void Solve();

    /// @brief Ends the transfers that are over now.
    void HandleEnds();

    mixnetcore::HostPlan m_plan;         //!< inside of the server
    mixnetcore::HostInterior m_interior; //!< what transfers cross
    mixnetcore::MaxMinNetwork m_network; //!< shares the ports
    std::map<uint32_t, Move> m_moves;    //!< in flight, by number
    uint32_t m_nextMove{0};              //!< number of the next transfer
    EventId m_solution;                  //!< the solution of this instant
    EventId m_nextEnd;                   //!< the next end
    Fluid m_fluid;                       //!< carries transfers in place of this
    size_t m_carried{0};                 //!< transfers in flight in that
    uint64_t m_transferred{0};           //!< bytes that are over

    TracedCallback<uint32_t, uint32_t, uint64_t> m_beginTrace; //!< a transfer begins
    TracedCallback<uint32_t, uint32_t, uint64_t> m_endTrace;   //!< a transfer has ended
};

} // namespace mixnet
} // namespace ns3

#endif // NV_SWITCH_HOST_H
