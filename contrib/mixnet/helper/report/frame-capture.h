/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FRAME_CAPTURE_H
#define FRAME_CAPTURE_H

#include "ns3/capture-options.h"
#include "ns3/ethernet-port.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Writes a packet capture (pcap) for every port it is told of, to be read by Wireshark or
 * tcpdump.
 *
 * A file has the frames that its port has sent, each when its first bit leaves, and those that it
 * has taken in, each when its last bit is there; frames that the port has lost are in neither. Time
 * stamps are simulated time in whole nanoseconds, rounded down. Frames have all their bytes but
 * preamble, gap and Ethernet's check sequence; see RoceHeader.
 *
 * Files are there when they are closed, with all frames; a frame that cannot be written ends the
 * run with an error. Captures of an earlier run in the folder are removed.
 *
 * Not modelled: a limit of the bytes per frame or of the file.
 */
class FrameCapture
{
  public:
    /**
     * @brief Opens the files, called NODE-portN.pcap, and listens to the ports from now on.
     * @param spec What to capture; the folder is made if there is none.
     * @param fabric The fabric, installed.
     * @throws std::invalid_argument when a file cannot be written.
     */
    FrameCapture(const CaptureSpec& spec, const Fabric& fabric);

    /// @brief Gives up what has not been closed.
    ~FrameCapture();
    FrameCapture(const FrameCapture&) = delete;
    FrameCapture& operator=(const FrameCapture&) = delete;

    /**
     * @brief Captures one more port.
     * @param port The port; it does not outlive this object.
     * @param file Where to write.
     * @throws std::invalid_argument when the file cannot be written.
     */
    void Add(Ptr<EthernetPort> port, const std::filesystem::path& file);

    /**
     * @brief Ends the capture and closes the files.
     * @throws std::runtime_error when a file does not take all frames, as on a full disk.
     */
    void Close();

  private:
    class PortFile; //!< the file of one port

    std::vector<std::unique_ptr<PortFile>> m_files; //!< in the order they were added
};

} // namespace mixnet
} // namespace ns3

#endif // FRAME_CAPTURE_H
