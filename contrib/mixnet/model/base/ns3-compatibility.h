/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef NS3_COMPATIBILITY_H
#define NS3_COMPATIBILITY_H

#include "ns3/event-id.h"

namespace ns3
{
namespace mixnet
{

// The few places where ns-3 3.37 and later releases differ, each behind a name of our own.

/**
 * @ingroup mixnet
 * @brief EventId::IsRunning until 3.41, EventId::IsPending since 3.42.
 * @tparam Id EventId.
 * @param event An event.
 * @return whether it is still to come.
 */
template <class Id>
auto
IsPending(const Id& event) -> decltype(event.IsPending())
{
    return event.IsPending();
}

/// @cond
template <class Id, class... Older>
auto
IsPending(const Id& event, Older...) -> decltype(event.IsRunning())
{
    return event.IsRunning();
}

/// @endcond

} // namespace mixnet
} // namespace ns3

#endif // NS3_COMPATIBILITY_H
