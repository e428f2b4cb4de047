/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "capture-file.h"

#include <array>
#include <regex>

namespace ns3
{
namespace mixnet
{

namespace
{

/// @tparam COUNT How many. @param words Numbers. @return their bytes, in the order of the machine.
template <size_t COUNT>
std::string
BytesOf(const std::array<uint32_t, COUNT>& words)
{
    return {reinterpret_cast<const char*>(words.data()), COUNT * sizeof(uint32_t)};
}

/// @return how every file begins.
std::string
FileHeader()
{
    constexpr uint32_t nanoseconds = 0xa1b23c4d;     // what tells them from microseconds
    constexpr std::array<uint16_t, 2> version{2, 4}; // major, minor
    constexpr uint32_t longest = 262'144; // no frame is longer; the most that readers take
    constexpr uint32_t ethernet = 1;      // LINKTYPE_ETHERNET
    return BytesOf<1>({nanoseconds}) +
           std::string(reinterpret_cast<const char*>(version.data()), sizeof(version)) +
           BytesOf<4>({0, 0, longest, ethernet});
}

} // namespace

CaptureFile::CaptureFile(const std::filesystem::path& path)
    : m_file(path, OutputFile::Mode::Whole)
{
    m_file << FileHeader();
}

void
CaptureFile::Write(const Time& time, const std::vector<uint8_t>& frame)
{
    constexpr int64_t second = 1'000'000'000;
    const auto size = static_cast<uint32_t>(frame.size());
    const int64_t now = time.GetNanoSeconds();
    const std::array<uint32_t, 4> header{static_cast<uint32_t>(now / second),
                                         static_cast<uint32_t>(now % second),
                                         size,
                                         size};
    m_file.write(reinterpret_cast<const char*>(header.data()), sizeof(header));
    m_file.write(reinterpret_cast<const char*>(frame.data()), size);
}

void
CaptureFile::RemoveFrom(const std::filesystem::path& folder, bool withParts, std::error_code& error)
{
    static const std::regex whole(R"(.+-port[0-9]+\.pcap)");
    static const std::regex part(R"(.+-port[0-9]+\.pcap\.part)");
    std::vector<std::filesystem::path> captures;
    auto entry = std::filesystem::directory_iterator(folder, error);
    while (!error && entry != std::filesystem::directory_iterator())
    {
        const auto& path = entry->path();
        std::error_code ignored;
        const bool isBegun = BeginsWith(path, FileHeader()) || entry->file_size(ignored) == 0;
        const auto name = path.filename().string();
        const bool isOurs =
            std::regex_match(name, whole) || (withParts && std::regex_match(name, part));
        if (isOurs && isBegun)
        {
            captures.push_back(path);
        }
        entry.increment(error);
    }
    for (const auto& capture : captures)
    {
        if (!error)
        {
            std::filesystem::remove(capture, error);
        }
    }
}

} // namespace mixnet
} // namespace ns3
