/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "frame-capture.h"

#include "ns3/boolean.h"
#include "ns3/pcap-file-wrapper.h"
#include "ns3/port-names.h"
#include "ns3/roce-header.h"
#include "ns3/simulator.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* NO_FOLDER = "none";     //!< in place of a folder: no capture
constexpr uint32_t ETHERNET_LINK_TYPE = 1;    //!< LINKTYPE_ETHERNET of pcap files
constexpr uint32_t SNAPSHOT_LENGTH = 262'144; //!< no frame is longer; the most that readers take

} // namespace

/**
 * @brief The file of one port.
 */
class FrameCapture::PortFile
{
  public:
    /**
     * @param port The port.
     * @param path Where to write.
     */
    PortFile(Ptr<EthernetPort> port, const std::filesystem::path& path)
        : m_port(port),
          m_path(path)
    {
        m_file->SetAttribute("NanosecMode", BooleanValue(true));
        m_file->Open(path.string(), std::ios::out | std::ios::trunc);
        if (!m_file->Fail())
        {
            m_file->Init(ETHERNET_LINK_TYPE, SNAPSHOT_LENGTH);
        }
        if (m_file->Fail())
        {
            throw std::invalid_argument("packet capture " + path.string() +
                                        ": cannot write there: " + std::strerror(errno));
        }
        m_port->TraceConnectWithoutContext("TransmitBegin", MakeCallback(&PortFile::Write, this));
        m_port->TraceConnectWithoutContext("Receive", MakeCallback(&PortFile::Write, this));
    }

    ~PortFile()
    {
        const auto sink = MakeCallback(&PortFile::Write, this);
        m_port->TraceDisconnectWithoutContext("TransmitBegin", sink);
        m_port->TraceDisconnectWithoutContext("Receive", sink);
        m_file->Close();
    }

    /// @brief Writes what is left and closes the file. @return whether all frames are in it.
    bool Close()
    {
        m_file->Close();
        return !m_file->Fail();
    }

    /// @return where it is.
    const std::filesystem::path& GetPath() const
    {
        return m_path;
    }

  private:
    /// @param frame A frame that leaves or has arrived. @brief Writes it, unless writing has
    /// failed.
    void Write(const RoceFrame& frame)
    {
        if (!m_file->Fail())
        {
            const auto bytes = ToBytes(frame);
            m_file->Write(Simulator::Now(), bytes.data(), bytes.size());
        }
    }

    Ptr<EthernetPort> m_port;                                     //!< the port
    std::filesystem::path m_path;                                 //!< where the file is
    Ptr<PcapFileWrapper> m_file{CreateObject<PcapFileWrapper>()}; //!< the file
};

void
AddCaptureOptions(ProgramOptions& options)
{
    options.Add("pcap", "Folder for a packet capture of each port, or none", NO_FOLDER);
    options.Add("pcapPorts",
                "Ports to capture, as node/number separated by commas (host0/0,leaf0/3), or all",
                "all",
                "a folder for captures, --pcap");
}

void
CheckCapture(const CaptureSpec& spec, const FabricScenario& scenario)
{
    if (spec.folder.empty() || scenario.IsAll(Fidelity::Packet))
    {
        return;
    }
    for (const auto& port : spec.ports)
    {
        const auto& node = scenario.plan.nodes.at(port.node);
        const auto side = node.role == mixnetcore::NodeRole::Host
                              ? scenario.plan.host.nics.at(port.port).role
                              : mixnetcore::NicRole::Electrical;
        if (scenario.FidelityOf(side) != Fidelity::Packet)
        {
            throw std::invalid_argument("option --pcap=" + spec.folder +
                                        ": needs packets, --fidelity=packet, at all its ports; " +
                                        node.name + "/" + std::to_string(port.port) + " has flows");
        }
    }
}

CaptureSpec
ParseCapture(const ProgramOptions& options, const mixnetcore::FabricPlan& plan)
{
    const auto& folder = options.Text("pcap");
    if (folder == NO_FOLDER)
    {
        return {};
    }
    return {folder, mixnetcore::ParsePorts("pcapPorts", options.Text("pcapPorts"), plan)};
}

FrameCapture::FrameCapture(const CaptureSpec& spec, const Fabric& fabric)
{
    if (spec.folder.empty())
    {
        return;
    }
    const std::filesystem::path folder(spec.folder);
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
    {
        throw std::invalid_argument("option --pcap=" + spec.folder +
                                    ": cannot write there: " + error.message());
    }
    for (const auto& port : spec.ports)
    {
        const auto& node = fabric.plan->nodes.at(port.node).name;
        Add(DynamicCast<EthernetPort>(FabricHelper::PortOf(fabric, port)),
            folder / (node + "-port" + std::to_string(port.port) + ".pcap"));
    }
}

FrameCapture::~FrameCapture() = default;

void
FrameCapture::Add(Ptr<EthernetPort> port, const std::filesystem::path& file)
{
    NS_ASSERT_MSG(port, "only Ethernet ports have frames to capture");
    m_files.push_back(std::make_unique<PortFile>(port, file));
}

void
FrameCapture::Close()
{
    const auto files = std::move(m_files);
    m_files.clear();
    for (const auto& file : files)
    {
        if (!file->Close())
        {
            throw std::runtime_error(file->GetPath().string() +
                                     ": this packet capture is not complete; its end could not "
                                     "be written");
        }
    }
}

} // namespace mixnet
} // namespace ns3
