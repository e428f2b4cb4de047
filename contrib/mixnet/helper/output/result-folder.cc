/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "result-folder.h"

#include "capture-file.h"

#include "ns3/assert.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <sys/resource.h>
#include <system_error>

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* SUMMARY = "summary.json"; //!< what every run but benchmarks writes

/// @brief A file of results.
struct ResultFile
{
    const char* name;      //!< its name
    const char* beginning; //!< how those of every version begin
};

/// All that programs write into result folders.
constexpr ResultFile RESULT_FILES[] = {
    {SUMMARY, "{\n  \"schemaVersion\":"},
    {"benchmark.csv", "job,level,"},
    {"circuits.csv", "decision,layer,"},
    {"cost.csv", "fabric,servers,"},
    {"diameters.csv", "servers,degree,"},
    {"flows.csv", "source,destination,bytes,"},
    {"gantt.csv", "iteration,stage,replica,"},
    {"gpu-matrix.csv", "fromGpu,toGpu,"},
    {"graph.dot", "digraph tasks {"},
    {"graph.json", "{\"schemaVersion\":"},
    {"groups.csv", "group,parallelism,"},
    {"iterations.csv", "iteration,beginSeconds,"},
    {"layers.csv", "layer,expert,tokens"},
    {"load-matrix.csv", "iteration,layer,sourceRank,"},
    {"load.csv", "iteration,layer,expert,tokens"},
    {"mix.csv", "degree,share,"},
    {"phases.csv", "name,direction,"},
    {"ports.csv", "host,nic,side,"},
    {"rates.csv", "time_s,flow,"},
    {"timeline.csv", "rank,name,direction,"},
    {"volume.csv", "model,parallelism,"},
};

/// @param name Name of a file of results. @return what is known of it.
const ResultFile&
FindResult(const std::string& name)
{
    const auto found = std::find_if(std::begin(RESULT_FILES),
                                    std::end(RESULT_FILES),
                                    [&](const ResultFile& one) { return name == one.name; });
    NS_ASSERT_MSG(found != std::end(RESULT_FILES), name << " is not in the list of results");
    return *found;
}

/// @param file A path. @return whether there is an empty file.
bool
IsEmptyFile(const std::filesystem::path& file)
{
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored) &&
           std::filesystem::file_size(file, ignored) == 0;
}

} // namespace

ResultFolder::ResultFolder(const std::filesystem::path& folder, std::vector<std::string> files)
    : m_folder(folder),
      m_files(std::move(files))
{
    m_files.emplace_back(SUMMARY);
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
    {
        Refuse(error.message());
    }
    CheckNames();
    m_summary = OpenWhole(SUMMARY);
    RemoveResults();
}

bool
ResultFolder::IsResult(const std::filesystem::path& name)
{
    return std::any_of(std::begin(RESULT_FILES),
                       std::end(RESULT_FILES),
                       [&name](const ResultFile& one) { return name == one.name; });
}

void
ResultFolder::Refuse(const std::string& reason) const
{
    throw std::invalid_argument("option --output=" + m_folder.string() +
                                ": cannot write there: " + reason);
}

void
ResultFolder::CheckNames() const
{
    for (const auto& name : m_files)
    {
        const auto path = m_folder / name;
        auto part = path;
        part += OutputFile::PART;
        for (const auto& one : {path, part})
        {
            std::error_code error;
            const auto status = std::filesystem::status(one, error);
            if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
            {
                Refuse(one.filename().string() + " is there and is no file");
            }
        }
        if (!BeginsWith(path, FindResult(name).beginning) && std::filesystem::exists(path) &&
            !IsEmptyFile(path))
        {
            Refuse(name + " is there and is no result of an earlier run; choose another folder, or "
                          "move the file");
        }
    }
}

void
ResultFolder::RemoveResults() const
{
    std::error_code error;
    for (const auto& known : RESULT_FILES)
    {
        const auto path = m_folder / known.name;
        if (!error && (BeginsWith(path, known.beginning) || IsEmptyFile(path)))
        {
            std::filesystem::remove(path, error);
        }
        auto part = path;
        part += OutputFile::PART;
        // That of the summary is open already.
        const bool isLeft = known.name != std::string(SUMMARY) &&
                            (BeginsWith(part, known.beginning) || IsEmptyFile(part));
        if (!error && isLeft)
        {
            std::filesystem::remove(part, error);
        }
    }
    if (!error)
    {
        CaptureFile::RemoveFrom(m_folder, false, error);
    }
    if (error)
    {
        Refuse(error.message());
    }
}

OutputFile
ResultFolder::Open(const std::string& name, OutputFile::Mode mode) const
{
    NS_ASSERT_MSG(std::find(m_files.begin(), m_files.end(), name) != m_files.end(),
                  name << " is not among the files of this run");
    try
    {
        return {m_folder / name, mode};
    }
    catch (const std::runtime_error& error)
    {
        throw std::invalid_argument("option --output=" + m_folder.string() + ": " + error.what());
    }
}

void
ResultFolder::WriteSummary(const nlohmann::ordered_json& summary)
{
    using Handler = nlohmann::ordered_json::error_handler_t;
    m_summary << summary.dump(2, ' ', false, Handler::replace) << '\n';
    m_summary.Close();
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
