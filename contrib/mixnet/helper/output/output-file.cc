/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "output-file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <stdexcept>
#include <streambuf>
#include <string_view>
#include <unistd.h>

namespace ns3
{
namespace mixnet
{

/**
 * @brief Collects what is put out and hands it to the system.
 */
class OutputFile::Buffer : public std::streambuf
{
  public:
    /**
     * @param path The file. @param mode When there is a file of that name.
     */
    Buffer(const std::filesystem::path& path, Mode mode)
        : m_path(path),
          m_mode(mode)
    {
        m_file = open(Place().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
        if (m_file < 0)
        {
            Fail(errno);
        }
        setp(m_bytes.data(), m_bytes.data() + m_bytes.size());
    }

    ~Buffer() override
    {
        if (m_file < 0)
        {
            return;
        }
        if (m_mode == Mode::Streamed && m_failure == 0)
        {
            Write();
        }
        close(m_file);
        if (m_mode == Mode::Whole)
        {
            std::error_code ignored;
            std::filesystem::remove(Place(), ignored);
        }
    }

    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    /// @brief Writes what is left, closes the file and gives it its name.
    void Close()
    {
        Drain();
        const int file = m_file;
        m_file = -1;
        std::error_code error;
        if (close(file) != 0)
        {
            error.assign(errno, std::generic_category());
        }
        if (!error && m_mode == Mode::Whole)
        {
            std::filesystem::rename(Place(), m_path, error);
        }
        if (error)
        {
            std::error_code ignored;
            if (m_mode == Mode::Whole)
            {
                std::filesystem::remove(Place(), ignored);
            }
            Fail(error.value());
        }
    }

  private:
    /// @return where the bytes go for now.
    std::filesystem::path Place() const
    {
        auto place = m_path;
        return m_mode == Mode::Whole ? place += PART : place;
    }

    /// @param reason As in errno. @throws std::runtime_error that names file and reason.
    [[noreturn]] void Fail(int reason) const
    {
        throw std::runtime_error(m_path.string() + ": cannot write: " + std::strerror(reason));
    }

    /// @brief Hands on what has been collected. @return 0, or the reason why it was not taken.
    int Write()
    {
        const char* next = pbase();
        while (next < pptr())
        {
            const auto taken = ::write(m_file, next, pptr() - next);
            if (taken < 0 && errno == EINTR)
            {
                continue;
            }
            if (taken <= 0)
            {
                m_failure = taken < 0 ? errno : EIO;
                DropPartOfLine();
                return m_failure;
            }
            const auto end = std::string_view(next, taken).rfind('\n');
            if (end != std::string_view::npos)
            {
                m_lines = m_written + static_cast<off_t>(end) + 1;
            }
            m_written += taken;
            next += taken;
        }
        setp(m_bytes.data(), m_bytes.data() + m_bytes.size());
        return 0;
    }

    /// @brief Makes a file that is to stay end with a line, where the system can do that.
    void DropPartOfLine() const
    {
        [[maybe_unused]] const int ignored =
            m_mode == Mode::Streamed ? ftruncate(m_file, m_lines) : 0;
    }

    /// @brief Hands on what has been collected. @throws std::runtime_error when it is not taken.
    void Drain()
    {
        if (const int reason = m_failure != 0 ? m_failure : Write())
        {
            Fail(reason);
        }
    }

    /// @param character One more, or none. @return not none.
    int_type overflow(int_type character) override
    {
        Drain();
        return traits_type::eq_int_type(character, traits_type::eof())
                   ? traits_type::not_eof(character)
                   : sputc(traits_type::to_char_type(character));
    }

    /// @return 0.
    int sync() override
    {
        Drain();
        return 0;
    }

    std::filesystem::path m_path;        //!< name of the file
    Mode m_mode;                         //!< when there is a file of that name
    int m_file{-1};                      //!< descriptor; -1 when closed
    int m_failure{0};                    //!< why the system has refused something, as in errno
    off_t m_written{0};                  //!< bytes in the file
    off_t m_lines{0};                    //!< of these, until the last end of a line
    std::array<char, 1 << 14> m_bytes{}; //!< not handed on yet
};

OutputFile::OutputFile()
    : std::ostream(nullptr)
{
}

OutputFile::OutputFile(const std::filesystem::path& path, Mode mode)
    : std::ostream(nullptr),
      m_buffer(std::make_unique<Buffer>(path, mode))
{
    rdbuf(m_buffer.get());
    exceptions(std::ios::badbit); // what the buffer throws goes through
}

OutputFile::~OutputFile() = default;

OutputFile::OutputFile(OutputFile&& other) noexcept
    : std::ostream(std::move(other)),
      m_buffer(std::move(other.m_buffer))
{
    set_rdbuf(m_buffer.get());
}

OutputFile&
OutputFile::operator=(OutputFile&& other) noexcept
{
    std::ostream::operator=(std::move(other));
    m_buffer = std::move(other.m_buffer);
    set_rdbuf(m_buffer.get());
    return *this;
}

void
OutputFile::Close()
{
    if (!m_buffer)
    {
        return;
    }
    m_buffer->Close();
    exceptions(std::ios::goodbit);
    rdbuf(nullptr);
    m_buffer.reset();
}

std::string
CsvField(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos)
    {
        return text;
    }
    std::string field = "\"";
    for (const char character : text)
    {
        field += character;
        if (character == '"')
        {
            field += character;
        }
    }
    return field + '"';
}

bool
BeginsWith(const std::filesystem::path& file, const std::string& beginning)
{
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored))
    {
        return false;
    }
    std::string begin(beginning.size(), '\0');
    std::ifstream stream(file, std::ios::binary);
    return stream.read(begin.data(), begin.size()) && begin == beginning;
}

} // namespace mixnet
} // namespace ns3
