/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RESULT_FOLDER_H
#define RESULT_FOLDER_H

#include "output-file.h"

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief The folder that a program writes its results to; it belongs to one run.
 *
 * Before the run the folder is made, it is seen to that the run can write there, and what an
 * earlier run of any of our programs has left is removed. summary.json appears as a whole at the
 * end; until then there is a summary.json.part. So a summary is always that of the tables beside
 * it, and a folder without one has no complete results.
 *
 * All names of results, and how their files begin, are in one list. A file is a result of ours if
 * it has such a name and beginning; files of others are left alone, and where the run would need
 * their names the folder is refused.
 */
class ResultFolder
{
  public:
    static constexpr uint32_t SCHEMA_VERSION = 2; //!< of summary.json, of all programs

    /**
     * @param folder Where to write; made when it does not exist.
     * @param files Names of all files that the run may write there, but summary.json.
     * @throws std::invalid_argument when it cannot be written to, or something else has one of
     * their names.
     */
    ResultFolder(const std::filesystem::path& folder, std::vector<std::string> files);

    /**
     * @param name Name of a file, one of those that the run may write.
     * @return the file, to be written while the run goes on and read at the same time.
     * @throws std::invalid_argument when it cannot be written.
     */
    OutputFile OpenStream(const std::string& name) const
    {
        return Open(name, OutputFile::Mode::Streamed);
    }

    /**
     * @param name Name of a file, one of those that the run may write.
     * @return the file, which will be there when it is closed.
     * @throws std::invalid_argument when it cannot be written.
     */
    OutputFile OpenWhole(const std::string& name) const
    {
        return Open(name, OutputFile::Mode::Whole);
    }

    /**
     * @brief Writes summary.json, once.
     * @param summary What to write; texts that are not UTF-8 are made so.
     * @throws std::runtime_error when it cannot be written.
     */
    void WriteSummary(const nlohmann::ordered_json& summary);

    /// @param name Name of a file. @return whether results have it.
    static bool IsResult(const std::filesystem::path& name);

  private:
    /// @param name Name of a file. @param mode When there is a file of that name. @return it, open.
    OutputFile Open(const std::string& name, OutputFile::Mode mode) const;

    /// @param reason Why the folder cannot be used. @throws std::invalid_argument with it.
    [[noreturn]] void Refuse(const std::string& reason) const;

    /// @brief Refuses the folder when others have the names of our files.
    void CheckNames() const;

    /// @brief Removes results of earlier runs.
    void RemoveResults() const;

    std::filesystem::path m_folder;   //!< where to write
    std::vector<std::string> m_files; //!< what the run may write
    OutputFile m_summary;             //!< summary.json
};

/**
 * @ingroup mixnet
 * @return most memory that the process has used, bytes.
 */
uint64_t PeakMemoryBytes();

} // namespace mixnet
} // namespace ns3

#endif // RESULT_FOLDER_H
