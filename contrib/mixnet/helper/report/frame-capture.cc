/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "frame-capture.h"

#include "ns3/capture-file.h"
#include "ns3/roce-header.h"
#include "ns3/simulator.h"

#include <stdexcept>
#include <string>

namespace ns3
{
namespace mixnet
{

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
          m_file(path)
    {
        m_port->TraceConnectWithoutContext("TransmitBegin", MakeCallback(&PortFile::Write, this));
        m_port->TraceConnectWithoutContext("Receive", MakeCallback(&PortFile::Write, this));
    }

    ~PortFile()
    {
        const auto sink = MakeCallback(&PortFile::Write, this);
        m_port->TraceDisconnectWithoutContext("TransmitBegin", sink);
        m_port->TraceDisconnectWithoutContext("Receive", sink);
    }

    /// @brief Writes what is left and closes the file.
    void Close()
    {
        m_file.Close();
    }

  private:
    /// @param frame A frame that leaves or has arrived. @brief Writes it.
    void Write(const RoceFrame& frame)
    {
        m_file.Write(Simulator::Now(), ToBytes(frame));
    }

    Ptr<EthernetPort> m_port; //!< the port
    CaptureFile m_file;       //!< the file
};

FrameCapture::FrameCapture(const CaptureSpec& spec, const Fabric& fabric)
{
    if (spec.folder.empty())
    {
        return;
    }
    const std::filesystem::path folder(spec.folder);
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!error)
    {
        CaptureFile::RemoveFrom(folder, true, error);
    }
    if (error)
    {
        throw std::invalid_argument("option --pcap=" + spec.folder +
                                    ": cannot write there: " + error.message());
    }
    for (const auto& port : spec.ports)
    {
        const auto& node = fabric.plan->nodes.at(port.node).name;
        Add(DynamicCast<EthernetPort>(FabricHelper::PortOf(fabric, port)),
            CaptureFile::NameOf(folder, node, port.port));
    }
}

FrameCapture::~FrameCapture() = default;

void
FrameCapture::Add(Ptr<EthernetPort> port, const std::filesystem::path& file)
{
    NS_ASSERT_MSG(port, "only Ethernet ports have frames to capture");
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    {
        throw std::invalid_argument(
            "packet capture " + file.string() +
            ": cannot write there: something that is no file has this name");
    }
    try
    {
        m_files.push_back(std::make_unique<PortFile>(port, file));
    }
    catch (const std::runtime_error& failure)
    {
        throw std::invalid_argument(std::string("packet capture ") + failure.what());
    }
}

void
FrameCapture::Close()
{
    const auto files = std::move(m_files);
    m_files.clear();
    for (const auto& file : files)
    {
        file->Close();
    }
}

} // namespace mixnet
} // namespace ns3
