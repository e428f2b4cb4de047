/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "result-folder.h"

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <sys/resource.h>
#include <system_error>

namespace ns3
{
namespace mixnet
{

ResultFolder::ResultFolder(const std::filesystem::path& folder)
    : m_folder(folder)
{
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!error)
    {
        std::filesystem::remove(folder / "summary.json", error);
    }
    if (error)
    {
        throw std::invalid_argument("option --output=" + folder.string() +
                                    ": cannot write there: " + error.message());
    }
}

std::ofstream
ResultFolder::OpenTable(const std::string& name) const
{
    std::ofstream file(m_folder / name);
    if (!file)
    {
        throw std::invalid_argument("option --output=" + m_folder.string() +
                                    ": cannot write there: " + std::strerror(errno));
    }
    return file;
}

void
ResultFolder::Remove(const std::string& name) const
{
    std::error_code error;
    std::filesystem::remove(m_folder / name, error);
}

void
ResultFolder::WriteSummary(const std::string& text) const
{
    const auto unfinished = m_folder / "summary.json.part";
    std::ofstream file(unfinished);
    file << text << '\n';
    file.close();
    std::error_code error;
    std::filesystem::rename(unfinished, m_folder / "summary.json", error);
    if (!file || error)
    {
        throw std::runtime_error("could not write the results to " + m_folder.string() +
                                 (error ? ": " + error.message() : ""));
    }
}

uint64_t
PeakMemoryBytes()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

} // namespace mixnet
} // namespace ns3
