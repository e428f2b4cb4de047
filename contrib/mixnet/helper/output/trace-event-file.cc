/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "trace-event-file.h"

#include "ns3/checks.h"

#include <array>
#include <sstream>
#include <stdexcept>
#include <streambuf>
#include <system_error>
#include <utility>
#ifdef MIXNET_HAS_ZLIB
#include <zlib.h>
#endif

namespace ns3
{
namespace mixnet
{

namespace
{

constexpr const char* BEGINNING = R"({"displayTimeUnit":"ns")"; //!< of every timeline
constexpr const char* PACKED = "\x1f\x8b\x08";                  //!< the same, compressed

/// @brief A time as JSON: microseconds with all their picoseconds.
struct Microseconds
{
    Time time; //!< an instant or a duration
};

/// @param out Where to write. @param microseconds What. @return the stream.
std::ostream&
operator<<(std::ostream& out, const Microseconds& microseconds)
{
    constexpr int64_t PER_MICROSECOND = 1'000'000;
    const int64_t picoseconds = microseconds.time.GetPicoSeconds();
    return out << picoseconds / PER_MICROSECOND << '.'
               << std::to_string(PER_MICROSECOND + picoseconds % PER_MICROSECOND).substr(1);
}

/// @param text A text. @return it as JSON.
std::string
Quoted(const std::string& text)
{
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

#ifdef MIXNET_HAS_ZLIB

/**
 * @brief Deflates what is put into it, as a gzip file without name and time, so that equal runs
 * give equal bytes.
 */
class TraceEventFile::Compressor : public std::streambuf
{
  public:
    /// @param sink Where the compressed bytes go; outlives this object.
    explicit Compressor(std::ostream& sink)
        : m_sink(sink)
    {
        constexpr int GZIP = 16; // added to the window's size: write gzip's header
        if (deflateInit2(&m_stream,
                         Z_DEFAULT_COMPRESSION,
                         Z_DEFLATED,
                         MAX_WBITS + GZIP,
                         8,
                         Z_DEFAULT_STRATEGY) != Z_OK)
        {
            throw std::runtime_error("no memory to compress a timeline");
        }
        setp(m_plain.data(), m_plain.data() + m_plain.size());
    }

    ~Compressor() override
    {
        deflateEnd(&m_stream);
    }

    /// @brief Writes what is left, and the end of the stream.
    void Finish()
    {
        Deflate(Z_FINISH);
    }

  protected:
    // Inherited from std::streambuf
    int_type overflow(int_type character) override
    {
        Deflate(Z_NO_FLUSH);
        if (character != traits_type::eof())
        {
            sputc(traits_type::to_char_type(character));
        }
        return traits_type::not_eof(character);
    }

  private:
    /// @param flush Whether more comes. @brief Compresses what is there.
    void Deflate(int flush)
    {
        m_stream.next_in = reinterpret_cast<Bytef*>(pbase());
        m_stream.avail_in = static_cast<uInt>(pptr() - pbase());
        do
        {
            m_stream.next_out = reinterpret_cast<Bytef*>(m_packed.data());
            m_stream.avail_out = static_cast<uInt>(m_packed.size());
            deflate(&m_stream, flush);
            m_sink.write(m_packed.data(), m_packed.size() - m_stream.avail_out);
        } while (m_stream.avail_out == 0);
        setp(m_plain.data(), m_plain.data() + m_plain.size());
    }

    std::ostream& m_sink;                 //!< gets the compressed bytes
    z_stream m_stream{};                  //!< state of zlib
    std::array<char, 1 << 16> m_plain{};  //!< not compressed yet
    std::array<char, 1 << 16> m_packed{}; //!< compressed
};

#else

/// @brief Without zlib nothing can be compressed.
class TraceEventFile::Compressor : public std::streambuf
{
  public:
    /// @throws std::invalid_argument always.
    explicit Compressor(std::ostream& /* sink */)
    {
        mixnetcore::Refuse("a timeline cannot be compressed: this was built without zlib; give a "
                           "file name without .gz");
    }

    /// @brief Never called.
    void Finish()
    {
    }
};

#endif

TraceEventFile::TraceEventFile(const std::filesystem::path& path)
    : m_file(path, OutputFile::Mode::Whole)
{
    if (path.extension() == ".gz")
    {
        m_compressor = std::make_unique<Compressor>(m_file);
        m_compressed = std::make_unique<std::ostream>(m_compressor.get());
        m_compressed->exceptions(std::ios::badbit | std::ios::failbit);
    }
    Out() << BEGINNING << R"(,"traceEvents":[)";
}

void
TraceEventFile::CheckReplaceable(const std::filesystem::path& path)
{
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status))
    {
        return;
    }
    if (!std::filesystem::is_regular_file(status))
    {
        mixnetcore::Refuse("is there and is no file");
    }
    if (std::filesystem::file_size(path, error) > 0 && !BeginsWith(path, BEGINNING) &&
        !BeginsWith(path, PACKED))
    {
        mixnetcore::Refuse("is there and is no timeline; choose another name, or move the file");
    }
}

TraceEventFile::~TraceEventFile() = default;

std::ostream&
TraceEventFile::Out()
{
    return m_compressed ? *m_compressed : m_file;
}

void
TraceEventFile::Write(char type,
                      const Track& track,
                      const std::string& name,
                      const Time& at,
                      const std::string& more)
{
    Out() << (std::exchange(m_empty, false) ? "\n" : ",\n") << R"({"ph":")" << type << R"(","pid":)"
          << track.process << R"(,"tid":)" << track.lane << R"(,"ts":)" << Microseconds{at}
          << R"(,"name":)" << Quoted(name) << more << '}';
}

std::string
TraceEventFile::Labels(const std::string& category, const Arguments& arguments)
{
    return R"(,"cat":)" + Quoted(category) +
           (arguments.empty() ? "" : R"(,"args":)" + arguments.dump());
}

uint32_t
TraceEventFile::AddProcess(const std::string& name)
{
    const uint32_t process = m_processes++;
    const Track track{process, 0};
    Write('M', track, "process_name", Time(0), R"(,"args":{"name":)" + Quoted(name) + "}");
    Write('M',
          track,
          "process_sort_index",
          Time(0),
          R"(,"args":{"sort_index":)" + std::to_string(process) + "}");
    return process;
}

void
TraceEventFile::NameLane(const Track& track, const std::string& name)
{
    Write('M', track, "thread_name", Time(0), R"(,"args":{"name":)" + Quoted(name) + "}");
    Write('M',
          track,
          "thread_sort_index",
          Time(0),
          R"(,"args":{"sort_index":)" + std::to_string(track.lane) + "}");
}

void
TraceEventFile::Slice(const Track& track,
                      const std::string& name,
                      const std::string& category,
                      const Time& begin,
                      const Time& end,
                      const Arguments& arguments)
{
    if (end < begin)
    {
        mixnetcore::Refuse(mixnetcore::Phrase() << "slice " << name << ": ends before it begins");
    }
    std::ostringstream duration;
    duration << R"(,"dur":)" << Microseconds{end - begin};
    Write('X', track, name, begin, duration.str() + Labels(category, arguments));
}

void
TraceEventFile::Instant(const Track& track,
                        const std::string& name,
                        const std::string& category,
                        const Time& at,
                        const Arguments& arguments)
{
    Write('i', track, name, at, R"(,"s":"t")" + Labels(category, arguments));
}

void
TraceEventFile::Counter(uint32_t process,
                        const std::string& name,
                        const Time& at,
                        const Arguments& values)
{
    Write('C', {process, 0}, name, at, R"(,"args":)" + values.dump());
}

void
TraceEventFile::Flow(const Track& track,
                     FlowStep step,
                     const std::string& name,
                     uint64_t number,
                     const Time& at)
{
    const std::string atSlice = step == FlowStep::End ? R"(,"bp":"e")" : "";
    Write(static_cast<char>(step),
          track,
          name,
          at,
          R"(,"cat":"flow","id":)" + std::to_string(number) + atSlice);
}

void
TraceEventFile::Close()
{
    if (!m_open)
    {
        return;
    }
    m_open = false;
    Out() << "\n]}\n";
    if (m_compressor)
    {
        m_compressor->Finish();
    }
    m_file.Close();
}

} // namespace mixnet
} // namespace ns3
