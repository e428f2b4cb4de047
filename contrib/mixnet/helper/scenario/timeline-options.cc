/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "timeline-options.h"

#include "ns3/output-file.h"
#include "ns3/result-folder.h"
#include "ns3/trace-event-file.h"

#include <filesystem>
#include <system_error>

namespace ns3
{
namespace mixnet
{

namespace
{

namespace fs = std::filesystem;

constexpr const char* NEEDS_TIMELINE = "a timeline, --timeline=FILE"; //!< of its other options

/// @param path A path. @return it without links and dots, as far as it is there.
fs::path
Resolved(const fs::path& path)
{
    std::error_code error;
    const auto absolute = fs::absolute(path, error);
    const auto resolved = fs::weakly_canonical(absolute, error);
    return error ? absolute.lexically_normal() : resolved;
}

/// @param options The options. @param folders Where the program writes.
/// @brief Refuses a file that is another one of the program's.
void
CheckOthers(const ProgramOptions& options, const std::vector<std::string>& folders)
{
    const auto file = Resolved(options.Text("timeline"));
    if (options.Has("animation") && options.Peek("animation") != ProgramOptions::NONE &&
        file == Resolved(options.Peek("animation")))
    {
        options.Refuse("timeline", "is the file of --animation, too; choose another name");
    }
    for (const auto& folder : folders)
    {
        if (folder.empty() || folder == ProgramOptions::NONE ||
            file.parent_path() != Resolved(fs::path(folder) / "x").parent_path())
        {
            continue;
        }
        const auto whole = file.extension() == OutputFile::PART ? file.stem() : file.filename();
        if (ResultFolder::IsResult(whole) || whole.extension() == ".pcap")
        {
            options.Refuse("timeline",
                           "is a file that the run itself writes into " + folder +
                               "; choose another name");
        }
    }
}

} // namespace

void
AddTimelineOption(ProgramOptions& options)
{
    options.Section(OptionGroup::Output)
        .Add("timeline",
             "File for a timeline that Perfetto, chrome://tracing and speedscope open (JSON trace "
             "events; compressed if it ends in .gz), or none",
             ProgramOptions::NONE)
        .Basic()
        .Output();
}

void
AddTimelineIntervalOption(ProgramOptions& options)
{
    options.Section(OptionGroup::Output)
        .Add("timelineInterval",
             "Time between samples of how busy NICs are, at first, at least 100ns: it doubles in a "
             "long run, so that the timeline stays small",
             "10us",
             NEEDS_TIMELINE);
}

TimelineSpec
ParseTimeline(const ProgramOptions& options, const std::vector<std::string>& folders)
{
    constexpr mixnetcore::Picoseconds shortest{100'000};
    const auto& file = options.Text("timeline");
    if (file == ProgramOptions::NONE)
    {
        return {};
    }
    CheckOthers(options, folders);
    options.Made("timeline", [&file] {
        TraceEventFile::CheckReplaceable(file);
        return true;
    });
    TimelineSpec spec{file};
    if (options.Has("timelineInterval"))
    {
        spec.interval = options.Duration("timelineInterval");
        if (spec.interval < shortest)
        {
            options.Refuse("timelineInterval", "must be at least 100ns");
        }
    }
    return spec;
}

} // namespace mixnet
} // namespace ns3
