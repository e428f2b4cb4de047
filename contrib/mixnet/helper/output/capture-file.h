/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef CAPTURE_FILE_H
#define CAPTURE_FILE_H

#include "output-file.h"

#include "ns3/nstime.h"

#include <cstdint>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A packet capture of Ethernet frames: a pcap file (version 2.4) with nanoseconds, in the
 * byte order of the machine.
 *
 * It is there when it is closed, and has all frames then; until then it is a NAME.part.
 */
class CaptureFile
{
  public:
    /**
     * @param path Where to write.
     * @throws std::runtime_error when it cannot be opened.
     */
    explicit CaptureFile(const std::filesystem::path& path);

    /**
     * @param time When the frame was there, rounded down to nanoseconds.
     * @param frame Its bytes.
     * @throws std::runtime_error when something could not be written.
     */
    void Write(const Time& time, const std::vector<uint8_t>& frame);

    /**
     * @brief Ends the capture.
     * @throws std::runtime_error when something could not be written.
     */
    void Close()
    {
        m_file.Close();
    }

    /**
     * @param folder A folder. @param host Name of a node. @param port Number of its port.
     * @return where the capture of the port goes: NODE-portN.pcap.
     */
    static std::filesystem::path NameOf(const std::filesystem::path& folder,
                                        const std::string& host,
                                        uint32_t port)
    {
        return folder / (host + "-port" + std::to_string(port) + ".pcap");
    }

    /**
     * @brief Removes captures of earlier runs: files whose names and beginnings are those of ours.
     * @param folder Where to look.
     * @param withParts Whether those that were never closed go as well; they may be of this run.
     * @param error What went wrong, if anything.
     */
    static void RemoveFrom(const std::filesystem::path& folder,
                           bool withParts,
                           std::error_code& error);

  private:
    OutputFile m_file; //!< the file
};

} // namespace mixnet
} // namespace ns3

#endif // CAPTURE_FILE_H
