/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "congestion-control.h"

#include "dcqcn.h"
#include "swift.h"

#include "ns3/log.h"
#include "ns3/trace-source-accessor.h"

#include <algorithm>

namespace ns3
{
namespace mixnet
{

NS_LOG_COMPONENT_DEFINE("CongestionControl");

NS_OBJECT_ENSURE_REGISTERED(CongestionControl);
NS_OBJECT_ENSURE_REGISTERED(FixedWindow);

TypeId
CongestionControl::GetTypeId()
{
    static TypeId tid =
        TypeId("ns3::mixnet::CongestionControl")
            .SetParent<Object>()
            .SetGroupName("Mixnet")
            .AddTraceSource("Change",
                            "Window or rate have changed: window in bytes, rate.",
                            MakeTraceSourceAccessor(&CongestionControl::m_changeTrace),
                            "ns3::mixnet::CongestionControl::ChangeTracedCallback");
    return tid;
}

void
CongestionControl::DoDispose()
{
    m_changed.Nullify();
    Object::DoDispose();
}

void
CongestionControl::Start(const PathTraits& path, Callback<void> changed)
{
    m_path = path;
    m_window = path.window;
    m_rate = path.lineRate;
    DoStart();
    m_changed = changed;
}

void
CongestionControl::SetWindow(uint64_t bytes)
{
    const uint64_t least = std::min<uint64_t>(m_path.mtu, GetLargestWindow());
    const uint64_t window = std::clamp(bytes, least, GetLargestWindow());
    if (window == m_window)
    {
        return;
    }
    NS_LOG_LOGIC("window of " << window << " bytes");
    m_window = window;
    m_changeTrace(m_window, m_rate);
    if (!m_changed.IsNull())
    {
        m_changed();
    }
}

void
CongestionControl::SetRate(const DataRate& rate)
{
    const DataRate bounded = std::min(rate, m_path.lineRate);
    if (bounded == m_rate)
    {
        return;
    }
    NS_LOG_LOGIC("rate of " << bounded);
    m_rate = bounded;
    m_paced = m_rate < m_path.lineRate;
    m_changeTrace(m_window, m_rate);
    if (!m_changed.IsNull())
    {
        m_changed();
    }
}

void
CongestionControl::HandleAcknowledgement(uint64_t /* bytes */, const Time& /* roundTrip */)
{
}

void
CongestionControl::HandleSent(uint32_t /* wireBytes */)
{
}

void
CongestionControl::HandleLoss(bool /* timeout */)
{
}

TypeId
FixedWindow::GetTypeId()
{
    static TypeId tid = TypeId("ns3::mixnet::FixedWindow")
                            .SetParent<CongestionControl>()
                            .SetGroupName("Mixnet")
                            .AddConstructor<FixedWindow>();
    return tid;
}

mixnetcore::Registry<TypeId>&
CongestionControls()
{
    static mixnetcore::Registry<TypeId> registry(
        "congestion control",
        {{"window", FixedWindow::GetTypeId(), "one bandwidth-delay product"},
         {"dcqcn", Dcqcn::GetTypeId(), "rate by ECN marks"},
         {"swift", Swift::GetTypeId(), "window by delay"}},
        "the TypeId of a class of your own");
    return registry;
}

TypeId
FindCongestionControl(const std::string& name)
{
    TypeId found;
    const bool isTypeId = !CongestionControls().Has(name) &&
                          TypeId::LookupByNameFailSafe(name, &found) && found.HasConstructor() &&
                          found.IsChildOf(CongestionControl::GetTypeId());
    return isTypeId ? found : CongestionControls().Get(name);
}

} // namespace mixnet
} // namespace ns3
