/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TEST_NETWORK_H
#define TEST_NETWORK_H

#include "mixnet-test-case.h"

#include "ns3/boolean.h"
#include "ns3/double.h"
#include "ns3/fibre.h"
#include "ns3/mixnet-planner.h"
#include "ns3/node.h"
#include "ns3/ns3-units.h"
#include "ns3/object-factory.h"
#include "ns3/ocs-switch.h"
#include "ns3/packet-switch.h"
#include "ns3/packet-transport.h"
#include "ns3/pointer.h"
#include "ns3/rdma-nic.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/uinteger.h"

#include <algorithm>
#include <vector>

namespace tests
{

using namespace ns3;
using namespace ns3::mixnet;

/**
 * @ingroup mixnet-tests
 * @brief Times of frames on a line, from their sizes on the wire: the tests' own arithmetic.
 */
struct LineTimes
{
    static constexpr uint64_t OVERHEAD = 82; //!< bytes around the payload of a RoCEv2 frame
    static constexpr uint64_t FIRST = 16;    //!< bytes more in the first frame of a message
    static constexpr uint64_t ACK = 86;      //!< bytes of an acknowledgement or NACK
    static constexpr uint64_t RAW = 38;      //!< bytes around a packet that is not RoCE

    uint64_t rate; //!< bits per second
    uint64_t mtu;  //!< payload per frame, bytes

    /// @param bytes Size on the wire. @return serialisation time.
    Time Of(uint64_t bytes) const
    {
        return PicoSeconds((bytes * 8'000'000'000'000 + rate / 2) / rate);
    }

    /// @param payload Bytes of a message in a frame. @return with their pad, to a multiple of 4.
    static uint64_t Padded(uint64_t payload)
    {
        return (payload + 3) / 4 * 4;
    }

    /// @return time of a full frame that is not the first of its message.
    Time Full() const
    {
        return Of(Padded(mtu) + OVERHEAD);
    }

    /// @return time of an acknowledgement.
    Time Ack() const
    {
        return Of(ACK);
    }

    /// @param bytes Size of a message. @return its frames.
    uint64_t Frames(uint64_t bytes) const
    {
        return bytes == 0 ? 1 : (bytes + mtu - 1) / mtu;
    }

    /// @param bytes Size of a message. @param from A frame of it. @return time from that on.
    Time From(uint64_t bytes, uint64_t from) const
    {
        Time sum(0);
        const uint64_t frames = Frames(bytes);
        for (uint64_t frame = from; frame < frames; ++frame)
        {
            const uint64_t payload = frame + 1 < frames ? mtu : bytes - frame * mtu;
            sum += Of(Padded(payload) + OVERHEAD + (frame == 0 ? FIRST : 0));
        }
        return sum;
    }

    /// @param bytes Size of a message. @return time of all its frames.
    Time Message(uint64_t bytes) const
    {
        return From(bytes, 0);
    }

    /// @param bytes Size of a message. @return bytes of all its frames on the wire.
    uint64_t WireBytes(uint64_t bytes) const
    {
        const uint64_t full = Frames(bytes) - 1;
        return full * Padded(mtu) + Padded(bytes - full * mtu) + Frames(bytes) * OVERHEAD + FIRST;
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Writes down which messages arrived and how those posted ended.
 */
class WriteLedger
{
  public:
    /// A message that has arrived whole.
    struct Arrival
    {
        Ptr<const RdmaMessage> message; //!< the message
        NicAddress from;                //!< NIC it came from
        Time at;                        //!< when
    };

    /// A message that has ended at its sender.
    struct Ending
    {
        WriteCompletion completion; //!< how
        Time at;                    //!< when
    };

    std::vector<Ptr<const RdmaMessage>> posted; //!< in the order of posting
    std::vector<Arrival> arrivals;              //!< in the order of arrival
    std::vector<Ending> endings;                //!< in the order of ending

    /// @param nic A NIC whose arrivals to write down.
    void Listen(Ptr<RdmaNic> nic)
    {
        nic->SetMessageCallback(MakeCallback(&WriteLedger::HandleMessage, this));
    }

    /// @param queuePair Where to post. @param bytes How many.
    void Post(QueuePair& queuePair, uint64_t bytes)
    {
        posted.emplace_back(new RdmaMessage(bytes), false);
        queuePair.Post(posted.back(), MakeCallback(&WriteLedger::HandleCompletion, this));
    }

    /// @param at When to post. @param nic From. @param peer To. @param bytes How many.
    void PostAt(const Time& at, Ptr<RdmaNic> nic, NicAddress peer, uint64_t bytes)
    {
        Simulator::Schedule(at, [=, this_ = this] { this_->Post(nic->GetQueuePair(peer), bytes); });
    }

    /// @param message A message. @return how often it arrived.
    size_t Arrivals(const Ptr<const RdmaMessage>& message) const
    {
        return std::count_if(arrivals.begin(), arrivals.end(), [&](const Arrival& arrival) {
            return arrival.message == message;
        });
    }

    /// @param message A message. @return how often it ended.
    size_t Endings(const Ptr<const RdmaMessage>& message) const
    {
        return std::count_if(endings.begin(), endings.end(), [&](const Ending& ending) {
            return ending.completion.message == message;
        });
    }

    /// @param message A message that has ended. @return how.
    const Ending& EndingOf(const Ptr<const RdmaMessage>& message) const
    {
        return *std::find_if(endings.begin(), endings.end(), [&](const Ending& ending) {
            return ending.completion.message == message;
        });
    }

  private:
    /// @param message What has arrived. @param peer NIC it came from.
    void HandleMessage(Ptr<const RdmaMessage> message, NicAddress peer)
    {
        arrivals.push_back({message, peer, Simulator::Now()});
    }

    /// @param completion How a message has ended.
    void HandleCompletion(const WriteCompletion& completion)
    {
        endings.push_back({completion, Simulator::Now()});
    }
};

/**
 * @ingroup mixnet-tests
 * @brief NICs, each on a node of its own, and what joins them.
 *
 * An optical circuit switch has one port per NIC, in their order, and two spare ports whose circuit
 * comes and goes where a blackout of the whole switch is wanted.
 */
class NicNetwork
{
  public:
    NicNetwork()
    {
        m_factory.SetTypeId("ns3::mixnet::RdmaNic");
    }

    std::vector<Ptr<RdmaNic>> nics; //!< by address
    std::vector<Ptr<Fibre>> fibres; //!< in the order they were laid; that of a NIC has its number
    Ptr<OcsSwitch> ocs;             //!< optical circuit switch, if any
    Ptr<PacketSwitch> packetSwitch; //!< packet switch, if any

    /// @param name Attribute of the NICs to come. @param value Its value.
    void SetNic(const std::string& name, const AttributeValue& value)
    {
        m_factory.Set(name, value);
    }

    /// @param count How many NICs to add. @param line Their rate and MTU.
    void AddNics(uint32_t count, const LineTimes& line)
    {
        m_factory.Set("DataRate", DataRateValue(DataRate(line.rate)));
        m_factory.Set("Mtu", UintegerValue(line.mtu));
        for (uint32_t i = 0; i < count; ++i)
        {
            auto nic = m_factory.Create<RdmaNic>();
            nic->SetNicAddress(nics.size());
            CreateObject<Node>()->AddDevice(nic);
            nics.push_back(nic);
        }
    }

    /// @param a One end. @param b The other end. @param delay Propagation.
    void Join(Ptr<FibrePort> a, Ptr<FibrePort> b, const Time& delay)
    {
        auto fibre = CreateObject<Fibre>();
        fibre->SetAttribute("Delay", TimeValue(delay));
        fibre->Connect(a, b);
        fibres.push_back(fibre);
    }

    /// @param delay Propagation of each fibre. Puts all NICs on an optical circuit switch.
    void AddOcs(const Time& delay)
    {
        ocs = CreateObject<OcsSwitch>();
        CreateObject<Node>()->AddDevice(ocs);
        ocs->AddPorts(nics.size() + 2);
        for (size_t i = 0; i < nics.size(); ++i)
        {
            Join(nics[i], ocs->GetPort(i), delay);
        }
    }

    /// @param line Rate. @param delay Propagation of each fibre. All NICs on a packet switch.
    void AddPacketSwitch(const LineTimes& line, const Time& delay)
    {
        packetSwitch = CreateObject<PacketSwitch>();
        CreateObject<Node>()->AddDevice(packetSwitch);
        for (size_t i = 0; i < nics.size(); ++i)
        {
            const auto port = packetSwitch->AddPort(DataRate(line.rate));
            packetSwitch->SetRoute(nics[i]->GetNicAddress(), port);
            Join(nics[i], packetSwitch->GetPort(port), delay);
        }
    }

    /// @param circuits Circuits between NICs from now on. @param duration Reconfiguration time.
    void SetCircuits(std::vector<mixnetcore::Circuit> circuits, const Time& duration)
    {
        m_circuits = std::move(circuits);
        Reconfigure(duration, false);
    }

    /// @param duration How long the whole switch is dark from now on.
    void Blackout(const Time& duration)
    {
        m_spareCircuit = !m_spareCircuit;
        Reconfigure(duration, true);
    }

  private:
    /// @param duration Reconfiguration time. @param wholeSwitchDark Whether all ports go dark.
    void Reconfigure(const Time& duration, bool wholeSwitchDark)
    {
        auto time = CreateObject<ConstantRandomVariable>();
        time->SetAttribute("Constant", DoubleValue(duration.GetSeconds()));
        ocs->SetAttribute("ReconfigurationTime", PointerValue(time));
        ocs->SetAttribute("WholeSwitchDark", BooleanValue(wholeSwitchDark));
        auto circuits = m_circuits;
        if (m_spareCircuit)
        {
            circuits.emplace_back(nics.size(), nics.size() + 1);
        }
        ocs->Reconfigure(mixnetcore::CircuitConfiguration(circuits));
    }

    ObjectFactory m_factory;                     //!< makes NICs
    std::vector<mixnetcore::Circuit> m_circuits; //!< circuits between NICs
    bool m_spareCircuit{false};                  //!< whether the spare ports are joined
};

/**
 * @ingroup mixnet-tests
 * @brief Writes down which messages of transports arrived and how those posted ended.
 */
class MessageLedger
{
  public:
    /// A message that is at its GPU.
    struct Arrival
    {
        Message message; //!< the message
        Time at;         //!< when
    };

    /// A message that has ended at its sender.
    struct Ending
    {
        MessageCompletion completion; //!< how
        Time at;                      //!< when
    };

    std::vector<MessageId> posted; //!< in the order of posting
    std::vector<Arrival> arrivals; //!< in the order of arrival
    std::vector<Ending> endings;   //!< in the order of ending

    /// @param transport Where to post. @param transfer What. @param key For what.
    void Post(Ptr<MessageTransport> transport,
              const mixnetcore::Transfer& transfer,
              const mixnetcore::MessageKey& key = {})
    {
        posted.push_back(
            transport->Post(transfer, key, MakeCallback(&MessageLedger::HandleCompletion, this)));
    }

    /// @param message What has arrived.
    void HandleArrival(const Message& message)
    {
        arrivals.push_back({message, Simulator::Now()});
    }

    /// @param id A message. @return how often it arrived.
    size_t Arrivals(MessageId id) const
    {
        return std::count_if(arrivals.begin(), arrivals.end(), [&](const Arrival& arrival) {
            return arrival.message.id == id;
        });
    }

    /// @param id A message. @return how often it ended.
    size_t Endings(MessageId id) const
    {
        return std::count_if(endings.begin(), endings.end(), [&](const Ending& ending) {
            return ending.completion.message->id == id;
        });
    }

  private:
    /// @param completion How a message has ended.
    void HandleCompletion(const MessageCompletion& completion)
    {
        endings.push_back({completion, Simulator::Now()});
    }
};

/**
 * @ingroup mixnet-tests
 * @brief A fabric with a transport in every host, laid out by a plan: one MixNet region or another
 * with at most one switch of each kind.
 */
class RegionNetwork
{
  public:
    mixnetcore::FabricPlan plan;                  //!< what is laid out
    std::vector<std::vector<Ptr<RdmaNic>>> nics;  //!< by host and number
    std::vector<Ptr<NvSwitchHost>> servers;       //!< by host
    std::vector<Ptr<PacketTransport>> transports; //!< by host
    std::vector<Ptr<Fibre>> fibres;               //!< by link of the plan
    Ptr<OcsSwitch> ocs;                           //!< optical side, if any
    Ptr<PacketSwitch> packetSwitch;               //!< electrical side, if any
    MessageLedger ledger;                         //!< arrivals and ends

    /// @param spec The region. @param nicFactory Makes NICs; rates come from the plan.
    RegionNetwork(const mixnetcore::MixnetSpec& spec, ObjectFactory nicFactory)
        : RegionNetwork(mixnetcore::PlanMixnet(spec), nicFactory)
    {
    }

    /// @param fabric The fabric. @param nicFactory Makes NICs; rates come from the plan.
    RegionNetwork(const mixnetcore::FabricPlan& fabric, ObjectFactory nicFactory)
        : plan(fabric)
    {
        for (uint32_t host = 0; host < plan.hosts; ++host)
        {
            AddHost(host, nicFactory);
        }
        for (const auto& node : plan.nodes)
        {
            AddSwitch(node);
        }
        for (const auto& link : plan.links)
        {
            AddFibre(link);
        }
    }

    /// @param circuits In force from now on.
    void SetCircuits(const mixnetcore::CircuitConfiguration& circuits)
    {
        ocs->SetAttribute("ReconfigurationTime",
                          StringValue("ns3::ConstantRandomVariable[Constant=0]"));
        ocs->Reconfigure(circuits);
    }

    /// @param transfer What to post at its source's host.
    void Post(const mixnetcore::Transfer& transfer)
    {
        ledger.Post(transports[transfer.source.host], transfer);
    }

  private:
    /// @param host Index. @param nicFactory Makes NICs.
    void AddHost(uint32_t host, ObjectFactory& nicFactory)
    {
        auto node = CreateObject<Node>();
        auto server = CreateObject<NvSwitchHost>();
        server->SetPlan(plan.host);
        node->AddDevice(server);
        nics.emplace_back();
        for (uint32_t number = 0; number < plan.host.nics.size(); ++number)
        {
            nicFactory.Set("DataRate", DataRateValue(ToDataRate(plan.host.nics[number].rate)));
            auto nic = nicFactory.Create<RdmaNic>();
            nic->SetNicAddress(PacketTransport::AddressOf({host, number}, plan.host.nics.size()));
            node->AddDevice(nic);
            nics.back().push_back(nic);
        }
        auto transport = CreateObject<PacketTransport>();
        transport->SetHost(host);
        transport->SetServer(server, nics.back());
        transport->Join(transports.empty() ? transport : transports.front());
        transport->SetArrivalCallback(MakeCallback(&MessageLedger::HandleArrival, &ledger));
        servers.push_back(server);
        transports.push_back(transport);
    }

    /// @param plan A node; one that is a switch is made.
    void AddSwitch(const mixnetcore::NodePlan& plan)
    {
        if (plan.role == mixnetcore::NodeRole::OpticalCircuitSwitch)
        {
            ocs = CreateObject<OcsSwitch>();
            CreateObject<Node>()->AddDevice(ocs);
            ocs->AddPorts(plan.ports);
        }
        else if (plan.role == mixnetcore::NodeRole::PacketSwitch)
        {
            packetSwitch = CreateObject<PacketSwitch>();
            if (plan.buffer)
            {
                packetSwitch->SetAttribute("BufferSize", UintegerValue(plan.buffer->Count()));
            }
            CreateObject<Node>()->AddDevice(packetSwitch);
        }
    }

    /// @param link A fibre from a NIC to a switch.
    void AddFibre(const mixnetcore::LinkPlan& link)
    {
        const auto nic = nics[link.a.node][link.a.port];
        Ptr<FibrePort> port;
        if (plan.nodes[link.b.node].role == mixnetcore::NodeRole::PacketSwitch)
        {
            packetSwitch->SetRoute(nic->GetNicAddress(),
                                   packetSwitch->AddPort(ToDataRate(link.rate)));
            port = packetSwitch->GetPort(link.b.port);
        }
        else
        {
            port = ocs->GetPort(link.b.port);
        }
        auto fibre = CreateObject<Fibre>();
        fibre->SetAttribute("Delay", TimeValue(ToTime(link.delay)));
        fibre->Connect(nic, port);
        fibres.push_back(fibre);
    }
};

} // namespace tests

#endif // TEST_NETWORK_H
