/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef OUTPUT_FILE_H
#define OUTPUT_FILE_H

#include <filesystem>
#include <memory>
#include <ostream>
#include <string>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A file that a program writes: what could not be written is an error, at once.
 *
 * Whatever the file system does not take ends in a std::runtime_error that names file and reason,
 * thrown by the output, the flush or the Close() that meets it. It is not to be caught on the way:
 * a program whose results are lost has no reason to go on.
 *
 * - Streamed: under its own name from the start, to be read while the program runs. After an error
 *   it ends with the last line that was written whole. If the program ends in another way before
 *   Close(), it has what was written until then.
 * - Whole: written as NAME.part and renamed by Close(). A file under its own name is complete; one
 *   that is not closed is removed.
 *
 * Not modelled: power failures; data are handed to the system, not forced to the disk.
 */
class OutputFile : public std::ostream
{
  public:
    /// @brief When there is a file of that name.
    enum class Mode
    {
        Streamed, //!< from the start
        Whole,    //!< when it is closed
    };

    static constexpr const char* PART = ".part"; //!< behind the name of a file that is not whole

    /// @brief No file.
    OutputFile();

    /**
     * @param path Where to write; an older file is replaced.
     * @param mode When there is a file of that name.
     * @throws std::runtime_error when it cannot be opened.
     */
    OutputFile(const std::filesystem::path& path, Mode mode);

    ~OutputFile() override;
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;

    /// @param other File that this one becomes; it has none afterwards.
    OutputFile(OutputFile&& other) noexcept;

    /// @param other File that this one becomes. @return this one; what it had is given up.
    OutputFile& operator=(OutputFile&& other) noexcept;

    /**
     * @brief Writes what is left and ends the file. Does nothing without one.
     * @throws std::runtime_error when something could not be written.
     */
    void Close();

  private:
    class Buffer; //!< what stands between the stream and the system

    std::unique_ptr<Buffer> m_buffer; //!< of the file; none without
};

/**
 * @ingroup mixnet
 * @param text A name or another text.
 * @return it as a field of a CSV file (RFC 4180): quoted where it has commas, quotes or line ends.
 */
std::string CsvField(const std::string& text);

/**
 * @ingroup mixnet
 * @param file A path. @param beginning How a file should begin.
 * @return whether there is a regular file, or a link to one, that begins like that.
 */
bool BeginsWith(const std::filesystem::path& file, const std::string& beginning);

} // namespace mixnet
} // namespace ns3

#endif // OUTPUT_FILE_H
