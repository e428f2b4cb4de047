/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "blossom-graph.h"

#include <algorithm>

namespace mixnetcore
{

BlossomGraph::BlossomGraph(const PairWeights& weights)
    : m_weights(weights),
      m_vertices(weights.size()),
      m_nodes(m_vertices)
{
    const auto most = m_vertices + m_vertices / 2 + 1; // each blossom has two nodes of its own
    m_edge.assign(most, std::vector<Edge>(most));
    m_childWith.assign(most, std::vector<Id>(m_vertices, NONE));
    m_children.resize(most);
    m_dual.resize(most);
    m_outer.assign(most, NONE);
    m_mate.assign(most, NONE);
    int64_t heaviest = 0;
    for (Id a = 0; a < m_vertices; ++a)
    {
        m_outer[a] = a;
        m_childWith[a][a] = a;
        for (Id b = 0; b < m_vertices; ++b)
        {
            m_edge[a][b] = WeightOf(a, b) > 0 ? Edge{a, b} : Edge{};
            heaviest = std::max(heaviest, WeightOf(a, b));
        }
    }
    std::fill_n(m_dual.begin(), m_vertices, heaviest);
}

void
BlossomGraph::SetOuter(Id node, Id outer)
{
    m_outer[node] = outer;
    for (const auto child : m_children[node])
    {
        SetOuter(child, outer);
    }
}

size_t
BlossomGraph::EvenPlaceOf(Id blossom, Id child)
{
    auto& children = m_children[blossom];
    const auto find = [&] {
        return std::find(children.begin(), children.end(), child) - children.begin();
    };
    if (find() % 2 != 0)
    {
        std::reverse(children.begin() + 1, children.end());
    }
    return find();
}

void
BlossomGraph::MatchTo(Id node, Id to)
{
    const auto edge = m_edge[node][to];
    m_mate[node] = edge.to;
    if (!IsBlossom(node))
    {
        return;
    }
    const auto child = m_childWith[node][edge.from];
    const auto place = EvenPlaceOf(node, child);
    auto& children = m_children[node];
    for (size_t n = 0; n < place; ++n)
    {
        MatchTo(children[n], children[n ^ 1]);
    }
    MatchTo(child, to);
    std::rotate(children.begin(), children.begin() + place, children.end());
}

BlossomGraph::Id
BlossomGraph::NewBlossom()
{
    Id blossom = m_vertices;
    while (blossom < m_nodes && m_outer[blossom] != NONE)
    {
        ++blossom;
    }
    m_nodes = std::max(m_nodes, blossom + 1);
    return blossom;
}

BlossomGraph::Id
BlossomGraph::Shrink(std::vector<Id> children)
{
    const auto blossom = NewBlossom();
    m_dual[blossom] = 0;
    m_mate[blossom] = m_mate[children.front()];
    m_children[blossom] = std::move(children);
    SetOuter(blossom, blossom);
    JoinEdges(blossom);
    return blossom;
}

void
BlossomGraph::JoinEdges(Id blossom)
{
    std::fill(m_childWith[blossom].begin(), m_childWith[blossom].end(), NONE);
    for (Id node = 0; node < m_nodes; ++node)
    {
        m_edge[blossom][node] = m_edge[node][blossom] = {};
    }
    for (const auto child : m_children[blossom])
    {
        for (Id node = 0; node < m_nodes; ++node)
        {
            const auto& edge = m_edge[child][node];
            const auto& known = m_edge[blossom][node];
            if (edge.Exists() && (!known.Exists() || SlackOf(edge) < SlackOf(known)))
            {
                m_edge[blossom][node] = edge;
                m_edge[node][blossom] = m_edge[node][child];
            }
        }
        for (Id vertex = 0; vertex < m_vertices; ++vertex)
        {
            if (m_childWith[child][vertex] != NONE)
            {
                m_childWith[blossom][vertex] = child;
            }
        }
    }
}

std::vector<BlossomGraph::Id>
BlossomGraph::Expand(Id blossom, Id entry, size_t& place)
{
    place = EvenPlaceOf(blossom, m_childWith[blossom][entry]);
    auto children = std::move(m_children[blossom]);
    m_children[blossom].clear();
    m_outer[blossom] = NONE;
    for (const auto child : children)
    {
        SetOuter(child, child);
    }
    return children;
}

} // namespace mixnetcore
