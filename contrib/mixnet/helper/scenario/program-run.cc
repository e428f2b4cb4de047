/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "program-run.h"

#include "program-options.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iostream>
#include <stdexcept>
#include <streambuf>

namespace ns3
{
namespace mixnet
{

namespace
{

/**
 * @brief Takes what is printed, and keeps nothing.
 */
class NoOutput : public std::streambuf
{
  private:
    /// @param letter A character, or none. @return that it was taken.
    int_type overflow(int_type letter) override
    {
        return traits_type::not_eof(letter);
    }

    /// @param size Number of characters. @return the same: all were taken.
    std::streamsize xsputn(const char* /* text */, std::streamsize size) override
    {
        return size;
    }
};

/// @return whether everything on standard output has been written; says so when not.
/// @param name Name of the program.
bool
EndOutput(const std::string& name)
{
    errno = 0;
    std::cout.flush();
    const bool isWritten = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout;
    if (!isWritten)
    {
        if (errno == 0) // it was an earlier flush that failed; one more byte meets the reason again
        {
            std::fputc('\n', stdout);
            std::fflush(stdout);
        }
        std::cerr << name << ": standard output: cannot write"
                  << (errno != 0 ? std::string(": ") + std::strerror(errno) : "") << std::endl;
    }
    return isWritten;
}

} // namespace

void
SilenceOutput()
{
    static auto* const nowhere = new NoOutput; // outlives everything that prints
    std::cout.rdbuf(nowhere);
}

std::string
RunName(const std::string& path)
{
    auto name = std::filesystem::path(path).filename().string();
    if (name.rfind("ns3", 0) != 0)
    {
        return name;
    }
    const std::string development = "ns3-dev-";
    name.erase(0, name.rfind(development, 0) == 0 ? development.size() : name.find('-') + 1);
    for (const std::string behind :
         {"-optimized", "-debug", "-default", "-release", "-relwithdebinfo", "-minsizerel"})
    {
        const auto size = behind.size();
        if (name.size() > size && name.compare(name.size() - size, size, behind) == 0)
        {
            name.erase(name.size() - size);
            break;
        }
    }
    return name;
}

int
RunProgram(const std::string& name, int (*main)(int, char*[]), int argc, char* argv[])
{
    // ns-3 ends the program this way after it has said what is wrong; there is no more to tell.
    std::set_terminate([] { std::_Exit(1); });
    // A file that has become too long is an error like a full disk, with a message.
    std::signal(SIGXFSZ, SIG_IGN);
    try
    {
        const int code = main(argc, argv);
        if (!ProgramOptions::IsAllSettled())
        {
            throw std::logic_error("options were parsed and not settled");
        }
        return EndOutput(name) || code != 0 ? code : 1;
    }
    catch (const ProgramEnded&)
    {
        return EndOutput(name) ? 0 : 1;
    }
    catch (const std::exception& error)
    {
        std::cerr << name << ": " << error.what() << std::endl;
        return 1;
    }
}

} // namespace mixnet
} // namespace ns3
