/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef REFUSAL_H
#define REFUSAL_H

#include <stdexcept>
#include <string>

namespace mixnetcore::tests
{

/**
 * @tparam Error What is caught.
 * @param act What to do.
 * @return the message with which it is refused; empty when it is not.
 */
template <class Error = std::invalid_argument, class Act>
std::string
Refusal(const Act& act)
{
    try
    {
        act();
    }
    catch (const Error& error)
    {
        return error.what();
    }
    return "";
}

} // namespace mixnetcore::tests

#endif // REFUSAL_H
