/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "queue-fluid.h"

#include "water-level.h"

#include "ns3/lists.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>

namespace mixnetcore
{

namespace
{

constexpr double GRAIN = 20e-6;   //!< seconds of a full link whose bytes are mixed
constexpr double LEAST = 1e-6;    //!< part of a flow's bytes that is nothing
constexpr double ROUNDING = 1e-9; //!< part of a number

} // namespace

uint32_t
QueueFluid::AddSwitch(double buffer, double alpha, uint32_t members)
{
    m_switches.push_back({buffer, alpha, double(members), {}});
    return m_switches.size() - 1;
}

uint32_t
QueueFluid::AddInput(uint32_t place, uint32_t ports)
{
    m_inputs.push_back({place, double(ports)});
    m_switches.at(place).inputs.push_back(m_inputs.size() - 1);
    return m_inputs.size() - 1;
}

uint32_t
QueueFluid::AddQueue(double rate, uint32_t input)
{
    m_queues.push_back({rate, input, {}, {}, {}, {}});
    m_queues.back().bins.emplace_back();
    m_isSorted = false;
    return m_queues.size() - 1;
}

uint32_t
QueueFluid::AddSource(double rate, uint32_t input)
{
    m_sources.push_back({rate, input, {}, false, 0});
    return m_sources.size() - 1;
}

uint32_t
QueueFluid::AddFlow(uint32_t source, const Path& path, double bytes, double window, uint32_t group)
{
    uint32_t number = m_flows.size();
    if (m_free.empty())
    {
        m_flows.emplace_back();
    }
    else
    {
        number = TakeLast(m_free);
        m_flows[number] = {};
    }
    auto& flow = m_flows[number];
    flow.source = source;
    flow.left = bytes;
    flow.bytes = bytes;
    flow.window = window;
    flow.group = group;
    Enter(number, path);
    m_sources.at(source).flows.push_back(number);
    ++m_count;
    return number;
}

void
QueueFluid::Enter(uint32_t number, const Path& path)
{
    for (uint32_t hop = 0; hop < path.size(); ++hop)
    {
        auto& queue = m_queues.at(path[hop].queue);
        uint32_t place = queue.entries.size();
        if (queue.free.empty())
        {
            queue.entries.emplace_back();
            for (auto& bin : queue.bins)
            {
                bin.bytes.push_back(0);
            }
        }
        else
        {
            place = TakeLast(queue.free);
        }
        queue.entries[place] = {number, hop};
        if (hop > queue.rank)
        {
            queue.rank = hop;
            m_isSorted = false;
        }
        m_flows[number].path.push_back({path[hop].input, path[hop].queue, place});
    }
}

void
QueueFluid::Leave(Flow& flow)
{
    for (const auto& stop : flow.path)
    {
        auto& queue = m_queues[stop.queue];
        for (auto& bin : queue.bins)
        {
            const double gone = bin.bytes[stop.place];
            bin.bytes[stop.place] = 0;
            bin.sum = std::max(0.0, bin.sum - gone);
            queue.waiting = std::max(0.0, queue.waiting - gone);
            m_inputs[stop.input].held = std::max(0.0, m_inputs[stop.input].held - gone);
        }
        queue.entries[stop.place].flow = NONE;
        queue.free.push_back(stop.place);
    }
    flow.path.clear();
    flow.inFlight = 0;
}

void
QueueFluid::SetPath(uint32_t number, const Path& path)
{
    constexpr double LEAST_LEFT = 1;
    auto& flow = m_flows.at(number);
    Leave(flow);
    flow.left = std::max(LEAST_LEFT, flow.left);
    Enter(number, path);
}

void
QueueFluid::RemoveFlow(uint32_t number)
{
    auto& flows = m_sources[m_flows.at(number).source].flows;
    flows.erase(std::find(flows.begin(), flows.end(), number));
    Free(number);
}

void
QueueFluid::Free(uint32_t number)
{
    Leave(m_flows[number]);
    m_flows[number].source = NONE;
    m_free.push_back(number);
    --m_count;
}

void
QueueFluid::RemoveEnded()
{
    // Once for all of a source: they often end together.
    for (const auto number : m_ended)
    {
        m_sources[m_flows[number].source].hasEnded = true;
    }
    for (auto& source : m_sources)
    {
        if (!source.hasEnded)
        {
            continue;
        }
        source.hasEnded = false;
        const auto hasEnded = [this](uint32_t number) {
            return std::binary_search(m_ended.begin(), m_ended.end(), number);
        };
        auto& flows = source.flows;
        flows.erase(std::remove_if(flows.begin(), flows.end(), hasEnded), flows.end());
    }
    for (const auto number : m_ended)
    {
        Free(number);
    }
}

void
QueueFluid::SetHeld(uint32_t flow, bool held)
{
    m_flows.at(flow).held = held;
    m_flows[flow].quota = held ? m_flows[flow].quota : 0;
}

void
QueueFluid::LetWindowOut(uint32_t flow, double keep)
{
    auto& held = m_flows.at(flow);
    held.quota =
        std::max(0.0, std::min(held.window * WeightOf(held) - held.inFlight, held.left - keep));
}

void
QueueFluid::SetWeight(uint32_t group, double weight)
{
    Grown(m_weights, group, 1.0) = weight;
}

void
QueueFluid::Repeat(uint32_t flow, double bytes)
{
    auto& repeated = m_flows.at(flow);
    repeated.left = std::min(repeated.bytes, repeated.left + bytes);
}

double
QueueFluid::LongestStep() const
{
    constexpr double OF_THRESHOLD = 0.4;
    constexpr double OF_WINDOW = 0.7;
    constexpr double LONGEST = 20e-6;
    double threshold = std::numeric_limits<double>::infinity();
    for (const auto& place : m_switches)
    {
        const double ports =
            SumOf(place.inputs, [this](uint32_t input) { return m_inputs[input].ports; });
        // What an input may hold when all hold as much.
        threshold =
            std::min(threshold,
                     place.alpha * place.buffer / (1 + place.alpha * ports / place.members));
    }
    double longest = LONGEST;
    for (const auto& source : m_sources)
    {
        longest = std::min(longest, OF_THRESHOLD * threshold / source.rate);
        for (const auto flow : source.flows)
        {
            longest = std::min(longest, OF_WINDOW * m_flows[flow].window / source.rate);
        }
    }
    return longest;
}

double
QueueFluid::OpenOf(const Flow& flow) const
{
    if (flow.held)
    {
        return std::min(flow.left, flow.quota);
    }
    const double window = flow.window * WeightOf(flow);
    return std::min(flow.left, std::max(0.0, window - flow.inFlight + flow.delivered));
}

void
QueueFluid::Admit(const Switch& place)
{
    double held = 0;
    double wanted = 0;
    for (const auto number : place.inputs)
    {
        const auto& input = m_inputs[number];
        held += std::max(0.0, input.held - input.drained);
        wanted += input.wanted;
    }
    const auto admitAt = [&](double threshold) {
        double admitted = 0;
        for (const auto number : place.inputs)
        {
            auto& input = m_inputs[number];
            const double space =
                input.ports * threshold - std::max(0.0, input.held - input.drained);
            input.admitted = std::min(input.wanted, std::max(0.0, space));
            admitted += input.admitted;
        }
        return admitted;
    };
    const auto thresholdWith = [&](double admitted) {
        const double free = place.members * place.buffer - held - admitted;
        return place.alpha * std::max(0.0, free) / place.members;
    };
    if (admitAt(thresholdWith(wanted)) >= wanted * (1 - ROUNDING))
    {
        return; // nobody is near
    }
    constexpr int HALVINGS = 12;
    double low = 0;
    double high = thresholdWith(0);
    for (int n = 0; n < HALVINGS; ++n)
    {
        const double middle = 0.5 * (low + high);
        (thresholdWith(admitAt(middle)) > middle ? low : high) = middle;
    }
    admitAt(low);
}

void
QueueFluid::Put(Queue& queue, uint32_t place, double bytes)
{
    auto& bin = queue.bins.back();
    bin.bytes[place] += bytes;
    bin.sum += bytes;
    queue.waiting += bytes;
    queue.arrived += bytes;
}

void
QueueFluid::Send(Source& source)
{
    auto& input = m_inputs[source.input];
    double rest = input.admitted;
    m_open.clear();
    double weights = 0;
    for (const auto number : source.flows)
    {
        const auto& flow = m_flows[number];
        m_open.push_back(OpenOf(flow));
        weights += m_open.back() > 0 ? WeightOf(flow) : 0;
    }
    // Equal parts: those with less than a part leave theirs to others.
    double level = 0;
    if (rest > 0 && weights > 0)
    {
        level = WaterLevel(rest, rest / weights, ROUNDING, [&](const auto& take) {
            for (size_t n = 0; n < m_open.size(); ++n)
            {
                take(m_open[n], WeightOf(m_flows[source.flows[n]]));
            }
        });
    }
    double all = 0;
    for (size_t n = 0; n < m_open.size() && rest > 0; ++n)
    {
        auto& flow = m_flows[source.flows[n]];
        const double sent = std::min(m_open[n], level * WeightOf(flow));
        if (sent > 0)
        {
            m_moved += sent;
            all += sent;
            flow.left -= sent;
            flow.quota = std::max(0.0, flow.quota - sent);
            flow.inFlight += sent;
            input.held += sent;
            Put(m_queues[flow.path[0].queue], flow.path[0].place, sent);
        }
    }
    source.busy = all / (source.rate * m_seconds);
}

double
QueueFluid::Pass(Queue& queue, Bin& bin, double part)
{
    double passed = 0;
    for (size_t place = 0; place < queue.entries.size(); ++place)
    {
        const double bytes = part * bin.bytes[place];
        if (!(bytes > 0))
        {
            continue;
        }
        bin.bytes[place] -= bytes;
        passed += bytes;
        m_moved += bytes;
        const auto& entry = queue.entries[place];
        auto& flow = m_flows[entry.flow];
        m_inputs[flow.path[entry.hop].input].drained += bytes;
        if (entry.hop + 1 < flow.path.size())
        {
            const auto& next = flow.path[entry.hop + 1];
            m_inputs[next.input].held += bytes;
            Put(m_queues[next.queue], next.place, bytes);
        }
        else
        {
            flow.delivered += bytes;
            flow.inFlight -= bytes;
        }
    }
    return passed;
}

void
QueueFluid::Serve(Queue& queue, double seconds)
{
    double budget = std::min(queue.waiting, queue.rate * seconds);
    if (queue.input != NONE)
    {
        budget = std::min(budget, m_inputs[queue.input].admitted);
    }
    queue.busy = budget / (queue.rate * seconds);
    while (budget > 0)
    {
        auto& bin = queue.bins.front();
        double part = bin.sum > 0 ? budget / bin.sum : 1;
        part = part > 1 - LEAST ? 1 : part;
        budget -= part * bin.sum;
        const double passed = Pass(queue, bin, part);
        bin.sum = part == 1 ? 0 : bin.sum - passed;
        if (part < 1 || queue.bins.size() == 1)
        {
            break;
        }
        queue.spare.push_back(std::move(bin));
        queue.bins.pop_front();
    }
    queue.waiting = SumOf(queue.bins, [](const Bin& bin) { return bin.sum; });
}

void
QueueFluid::OpenBin(Queue& queue)
{
    if (queue.spare.empty())
    {
        queue.bins.emplace_back();
    }
    else
    {
        queue.bins.push_back(TakeLast(queue.spare));
    }
    queue.bins.back().bytes.assign(queue.entries.size(), 0);
    queue.bins.back().sum = 0;
}

double
QueueFluid::EndPart(const Flow& flow) const
{
    constexpr double MIDDLE = 0.5;
    const double carried =
        std::max(m_sources[flow.source].busy, m_queues[flow.path.back().queue].busy);
    return std::min(1.0, std::max(MIDDLE, carried));
}

void
QueueFluid::SortQueues()
{
    m_order.resize(m_queues.size());
    std::iota(m_order.begin(), m_order.end(), 0);
    std::stable_sort(m_order.begin(), m_order.end(), [this](uint32_t a, uint32_t b) {
        return m_queues[a].rank < m_queues[b].rank;
    });
    m_isSorted = true;
}

const std::vector<uint32_t>&
QueueFluid::Step(double seconds)
{
    assert(seconds > 0);
    m_seconds = seconds;
    m_moved = 0;
    if (!m_isSorted)
    {
        SortQueues();
    }
    for (auto& input : m_inputs)
    {
        input.wanted = 0;
    }
    for (const auto& source : m_sources)
    {
        const double open =
            SumOf(source.flows, [this](uint32_t flow) { return OpenOf(m_flows[flow]); });
        m_inputs[source.input].wanted = std::min(open, source.rate * seconds);
    }
    constexpr double NEARLY_EMPTY = 0.02; // of what it serves: no hop costs a step at the start
    for (auto& queue : m_queues)
    {
        if (queue.input != NONE)
        {
            const double most = queue.rate * seconds;
            const double has = queue.waiting + queue.arrived;
            m_inputs[queue.input].wanted += has < NEARLY_EMPTY * most ? most : std::min(has, most);
        }
        queue.arrived = 0;
    }
    for (const auto& place : m_switches)
    {
        Admit(place);
    }
    for (auto& input : m_inputs)
    {
        input.drained = 0;
    }
    for (auto& source : m_sources)
    {
        Send(source);
    }
    for (auto& flow : m_flows)
    {
        flow.delivered = 0;
    }
    for (const auto number : m_order)
    {
        auto& queue = m_queues[number];
        Serve(queue, seconds);
        if (queue.bins.back().sum > GRAIN * queue.rate)
        {
            OpenBin(queue);
        }
    }
    for (auto& input : m_inputs)
    {
        input.held = std::max(0.0, input.held - input.drained);
    }
    m_ended.clear();
    m_endParts.clear();
    for (uint32_t number = 0; number < m_flows.size(); ++number)
    {
        const auto& flow = m_flows[number];
        if (flow.source != NONE && flow.left + flow.inFlight <= LEAST * flow.bytes)
        {
            m_ended.push_back(number);
            m_endParts.push_back(EndPart(flow));
        }
    }
    RemoveEnded();
    return m_ended;
}

} // namespace mixnetcore
