/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RESULT_FOLDER_H
#define RESULT_FOLDER_H

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief The folder that a program writes its results to.
 *
 * The folder is made, and an older summary taken away, before the run; the new one appears as a
 * whole at the end. So a summary is always that of the tables beside it.
 */
class ResultFolder
{
  public:
    /**
     * @param folder Where to write; made when it does not exist.
     * @throws std::invalid_argument when it cannot be written to.
     */
    explicit ResultFolder(const std::filesystem::path& folder);

    /**
     * @param name Name of a file in the folder.
     * @return the file, empty and open.
     * @throws std::invalid_argument when it cannot be written.
     */
    std::ofstream OpenTable(const std::string& name) const;

    /**
     * @brief Takes a table of an earlier run away, if there is one.
     * @param name Name of a file in the folder.
     */
    void Remove(const std::string& name) const;

    /**
     * @brief Writes summary.json.
     * @param text What to write.
     * @throws std::runtime_error when it cannot be written.
     */
    void WriteSummary(const std::string& text) const;

  private:
    std::filesystem::path m_folder; //!< where to write
};

/**
 * @ingroup mixnet
 * @return most memory that the process has used, bytes.
 */
uint64_t PeakMemoryBytes();

} // namespace mixnet
} // namespace ns3

#endif // RESULT_FOLDER_H
