/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRACE_EVENT_FILE_H
#define TRACE_EVENT_FILE_H

#include "output-file.h"

#include "ns3/nstime.h"

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief A timeline in the trace-event format, which Perfetto, chrome://tracing and speedscope
 * open.
 *
 * Events are written as they come, so that memory does not grow with the run; viewers sort them.
 * Times are in microseconds, exact to the picosecond. A file whose name ends in .gz is compressed.
 * Until Close() the file has the name NAME.part.
 *
 * A track is a lane of a process: slices of one track must lie beside or inside each other, which
 * the caller sees to.
 *
 * @see Trace Event Format, Google, 2016 ("JSON Object Format")
 */
class TraceEventFile
{
  public:
    using Arguments = nlohmann::ordered_json; //!< an object that viewers show with an event

    /// @brief Where an event is drawn.
    struct Track
    {
        uint32_t process{0}; //!< group of lanes
        uint32_t lane{0};    //!< in it
    };

    /// @brief Part of an arrow between slices.
    enum class FlowStep : char
    {
        Begin = 's', //!< leaves the slice that is there at that time
        Next = 't',  //!< passes it
        End = 'f',   //!< ends at it
    };

    /**
     * @param path Where to write; an older file is replaced when this one is closed.
     * @throws std::runtime_error when it cannot be opened, as all other functions when something
     * cannot be written.
     */
    explicit TraceEventFile(const std::filesystem::path& path);

    /**
     * @param path Where a timeline is to go.
     * @throws std::invalid_argument when something else is there, and not empty.
     */
    static void CheckReplaceable(const std::filesystem::path& path);

    ~TraceEventFile();
    TraceEventFile(const TraceEventFile&) = delete;
    TraceEventFile& operator=(const TraceEventFile&) = delete;

    /// @param name Of a new process. @return its number. Processes are shown as they are added.
    uint32_t AddProcess(const std::string& name);

    /// @param track A lane. @param name Its name. Lanes are shown in order of their numbers.
    void NameLane(const Track& track, const std::string& name);

    /**
     * @brief Something that took time.
     * @param track Where.
     * @param name What.
     * @param category By which viewers filter.
     * @param begin From when. @param end Until when; not before.
     * @param arguments More about it.
     */
    void Slice(const Track& track,
               const std::string& name,
               const std::string& category,
               const Time& begin,
               const Time& end,
               const Arguments& arguments = Arguments::object());

    /// @param track Where. @param name What happened. @param category By which viewers filter.
    /// @param at When. @param arguments More about it.
    void Instant(const Track& track,
                 const std::string& name,
                 const std::string& category,
                 const Time& at,
                 const Arguments& arguments = Arguments::object());

    /// @param process Where. @param name Of the counter. @param at When. @param values From then
    /// on, by name; they are stacked.
    void Counter(uint32_t process,
                 const std::string& name,
                 const Time& at,
                 const Arguments& values);

    /// @param track Where there is a slice at that time. @param step Which part of the arrow.
    /// @param name Of the arrow. @param number The same for all its parts, and for no other arrow.
    /// @param at When.
    void Flow(const Track& track,
              FlowStep step,
              const std::string& name,
              uint64_t number,
              const Time& at);

    /// @brief Ends the file, which has its own name from now on.
    void Close();

  private:
    class Compressor; //!< deflates what is written

    /// @return where text goes.
    std::ostream& Out();

    /// @param type Of the event. @param track Where. @param name What. @param at When.
    /// @param more Other fields of it, as JSON, each behind a comma. @brief Writes an event.
    void Write(char type,
               const Track& track,
               const std::string& name,
               const Time& at,
               const std::string& more);

    /// @param category Of an event. @param arguments More about it. @return both as fields.
    static std::string Labels(const std::string& category, const Arguments& arguments);

    OutputFile m_file;                          //!< on the disk
    std::unique_ptr<Compressor> m_compressor;   //!< none where it is plain
    std::unique_ptr<std::ostream> m_compressed; //!< likewise
    bool m_empty{true};                         //!< no event yet
    uint32_t m_processes{0};                    //!< so far
    bool m_open{true};                          //!< not closed yet
};

} // namespace mixnet
} // namespace ns3

#endif // TRACE_EVENT_FILE_H
