/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MIXNET_TEST_CASE_H
#define MIXNET_TEST_CASE_H

#include "ns3/nstime.h"
#include "ns3/simulator.h"
#include "ns3/test.h"

#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

/**
 * @ingroup mixnet
 * @defgroup mixnet-tests Tests of mixnet
 */

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @brief Makes the picosecond the resolution of this process; calling it again does nothing.
 *
 * Not done when the test library is loaded, since the suites of other modules are linked to it and
 * expect nanoseconds. ns-3 allows one change, before the first Simulator::Run of the process:
 * suites of mixnet may share one, and need one without suites of other modules, as test.py does.
 */
inline void
UsePicoseconds()
{
    if (ns3::Time::GetResolution() != ns3::Time::PS)
    {
        ns3::Time::SetResolution(ns3::Time::PS);
    }
}

/**
 * @ingroup mixnet-tests
 * @brief A test case that runs simulations in picoseconds.
 *
 * The test runner makes its objects at nanosecond resolution: parameters are kept as numbers and
 * become Time objects in DoRun.
 */
class MixnetTestCase : public ns3::TestCase
{
  protected:
    using ns3::TestCase::TestCase;

    /**
     * @brief Checks a number of elements; NS_TEST_ASSERT would go on behind a failure.
     * @param container A container.
     * @param size How many elements it must have.
     * @param what What they are.
     * @return whether it has as many, so that they may be looked at.
     */
    template <class Container>
    bool HasSize(const Container& container, size_t size, const std::string& what)
    {
        NS_TEST_EXPECT_MSG_EQ(container.size(), size, what);
        return container.size() == size;
    }

    /**
     * @brief Checks that something aborts with a message that helps.
     * @param program What to run.
     * @param parts What the message must name.
     */
    void ExpectAbort(const std::function<void()>& program, const std::vector<std::string>& parts);

  private:
    void DoSetup() override
    {
        UsePicoseconds();
    }

    void DoTeardown() override
    {
        ns3::Simulator::Destroy();
    }
};

/**
 * @ingroup mixnet-tests
 * @brief Runs something that is expected to abort, in a process of its own.
 * @param program What to run.
 * @return what it wrote to its standard error; nothing when it did not abort.
 */
inline std::string
AbortMessageOf(const std::function<void()>& program)
{
    int ends[2];
    if (pipe(ends) != 0)
    {
        return "";
    }
    std::cout.flush();
    const pid_t child = fork();
    if (child == 0)
    {
        const rlimit noCoreDump{0, 0};
        setrlimit(RLIMIT_CORE, &noCoreDump);
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        program();
        _exit(EXIT_SUCCESS);
    }
    close(ends[1]);
    std::string message;
    char buffer[256];
    for (ssize_t count; (count = read(ends[0], buffer, sizeof(buffer))) > 0;)
    {
        message.append(buffer, count);
    }
    close(ends[0]);
    int status = 0;
    const bool ended = child > 0 && waitpid(child, &status, 0) == child;
    return ended && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? message : "";
}

inline void
MixnetTestCase::ExpectAbort(const std::function<void()>& program,
                            const std::vector<std::string>& parts)
{
    const auto message = AbortMessageOf(program);
    for (const auto& part : parts)
    {
        NS_TEST_EXPECT_MSG_NE(message.find(part),
                              std::string::npos,
                              "aborts naming '" << part << "', said '" << message << "'");
    }
}

} // namespace tests

#endif // MIXNET_TEST_CASE_H
