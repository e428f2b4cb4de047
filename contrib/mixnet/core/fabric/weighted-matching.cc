/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "weighted-matching.h"

#include "blossom-graph.h"

#include "ns3/checks.h"

#include <algorithm>
#include <limits>
#include <tuple>

namespace mixnetcore
{

namespace
{

/**
 * @brief Edmonds' algorithm with dual variables.
 *
 * Each search grows trees from the unmatched outer nodes, over tight edges, until one joins two
 * trees: along that path matched and unmatched edges change places. Where no edge is tight, the
 * duals change until one is. All unmatched vertices have the same dual, the smallest; at 0 the
 * matching is the heaviest.
 */
class BlossomSearch
{
  public:
    /// @param weights Of all pairs.
    explicit BlossomSearch(const PairWeights& weights)
        : m_graph(weights),
          m_parent(m_graph.MostNodes(), NONE),
          m_nearest(m_graph.MostNodes(), NONE),
          m_label(m_graph.MostNodes(), Label::None),
          m_visit(m_graph.MostNodes())
    {
    }

    /// @return the heaviest matching.
    Matching Run()
    {
        while (Augmented())
        {
        }
        Matching pairs;
        for (Id a = 0; a < m_graph.Vertices(); ++a)
        {
            const auto b = m_graph.Mate(a);
            if (b != NONE && a < b)
            {
                pairs.emplace_back(a, b);
            }
        }
        return pairs;
    }

  private:
    using Id = BlossomGraph::Id;     //!< number of a node
    using Edge = BlossomGraph::Edge; //!< between two nodes

    static constexpr Id NONE = BlossomGraph::NONE;                           //!< no node
    static constexpr int64_t NO_LIMIT = std::numeric_limits<int64_t>::max(); //!< of a change

    /// @brief Place of an outer node in the trees of a search.
    enum class Label
    {
        None, //!< not in a tree
        Even, //!< root, or an even number of edges from it
        Odd,  //!< an odd number of edges from its root; its matched edge leads on
    };

    /// @param from A vertex of an even node. @param node Outer node. @brief Remembers the edge if
    /// it is nearer to tight than the one that is known.
    void Offer(Id from, Id node)
    {
        if (m_nearest[node] == NONE || m_graph.SlackOf(m_graph.Between(from, node)) <
                                           m_graph.SlackOf(m_graph.Between(m_nearest[node], node)))
        {
            m_nearest[node] = from;
        }
    }

    /// @param node Outer node. @brief Looks for the nearest edge to it anew.
    void FindNearest(Id node)
    {
        m_nearest[node] = NONE;
        for (Id from = 0; from < m_graph.Vertices(); ++from)
        {
            const auto outer = m_graph.Outer(from);
            if (m_graph.Between(from, node).Exists() && outer != node &&
                m_label[outer] == Label::Even)
            {
                Offer(from, node);
            }
        }
    }

    /// @param node A node that has become even. @brief Has its vertices looked at.
    void Enqueue(Id node)
    {
        if (!m_graph.IsBlossom(node))
        {
            m_queue.push_back(node);
            return;
        }
        for (const auto child : m_graph.Children(node))
        {
            Enqueue(child);
        }
    }

    /// @param node An outer, odd node. @return the even one that it was reached from.
    Id Above(Id node) const
    {
        return m_graph.Outer(m_parent[node]);
    }

    /// @param node Outer, even. @param to Where an edge leads that is to be matched.
    /// @brief Makes matched edges of unmatched ones, and the other way round, up to the root.
    void AugmentFrom(Id node, Id to)
    {
        while (true)
        {
            const auto mate = m_graph.OuterMate(node);
            m_graph.MatchTo(node, to);
            if (mate == NONE)
            {
                return;
            }
            const auto above = Above(mate);
            m_graph.MatchTo(mate, above);
            node = above;
            to = mate;
        }
    }

    /// @param a Outer, even. @param b Another. @return the lowest node above both; NONE where they
    /// are in two trees.
    Id CommonAbove(Id a, Id b)
    {
        ++m_visits;
        while (a != NONE || b != NONE)
        {
            if (a != NONE)
            {
                if (m_visit[a] == m_visits)
                {
                    return a;
                }
                m_visit[a] = m_visits;
                const auto mate = m_graph.OuterMate(a);
                a = mate == NONE ? NONE : Above(mate);
            }
            std::swap(a, b);
        }
        return NONE;
    }

    /// @param a Outer, even. @param base Above it. @param[in,out] children Gets the nodes from a up
    /// to below the base; odd ones among them become even.
    void AddBranch(Id a, Id base, std::vector<Id>& children)
    {
        for (Id node = a; node != base;)
        {
            const auto mate = m_graph.OuterMate(node);
            children.push_back(node);
            children.push_back(mate);
            Enqueue(mate);
            node = Above(mate);
        }
    }

    /// @param a Outer, even. @param base Lowest node above both. @param b Outer, even; an edge
    /// joins it and a. @brief Makes one node of the circle.
    void Shrink(Id a, Id base, Id b)
    {
        std::vector<Id> children{base};
        AddBranch(a, base, children);
        std::reverse(children.begin() + 1, children.end());
        AddBranch(b, base, children);
        const auto blossom = m_graph.Shrink(std::move(children));
        m_label[blossom] = Label::Even;
        m_parent[blossom] = m_parent[base];
        FindNearest(blossom);
    }

    /// @param blossom Outer, odd, of dual 0. @brief Takes it apart: its children on the way through
    /// it take its place in the tree, the others leave the tree.
    void Expand(Id blossom)
    {
        size_t place = 0;
        const auto entry = m_graph.Between(blossom, m_parent[blossom]).from;
        const auto children = m_graph.Expand(blossom, entry, place);
        for (size_t n = 0; n < place; n += 2)
        {
            const auto odd = children[n];
            const auto even = children[n + 1];
            m_parent[odd] = m_graph.Between(even, odd).from;
            m_label[odd] = Label::Odd;
            m_label[even] = Label::Even;
            m_nearest[odd] = NONE;
            FindNearest(even);
            Enqueue(even);
        }
        m_label[children[place]] = Label::Odd;
        m_parent[children[place]] = m_parent[blossom];
        m_nearest[children[place]] = NONE;
        for (size_t n = place + 1; n < children.size(); ++n)
        {
            m_label[children[n]] = Label::None;
            FindNearest(children[n]);
        }
    }

    /// @param edge Tight, from an even node to one that is not odd. @return whether the matching
    /// has grown.
    bool Follow(const Edge& edge)
    {
        const auto a = m_graph.Outer(edge.from);
        const auto b = m_graph.Outer(edge.to);
        if (m_label[b] == Label::None)
        {
            const auto mate = m_graph.OuterMate(b); // a node without one is a root
            m_parent[b] = edge.from;
            m_label[b] = Label::Odd;
            m_nearest[b] = m_nearest[mate] = NONE;
            m_label[mate] = Label::Even;
            Enqueue(mate);
        }
        else if (m_label[b] == Label::Even)
        {
            const auto base = CommonAbove(a, b);
            if (base == NONE)
            {
                AugmentFrom(a, b);
                AugmentFrom(b, a);
                return true;
            }
            Shrink(a, base, b);
        }
        return false;
    }

    /// @brief Makes the roots of a search. @return whether there are any.
    bool PlantTrees()
    {
        m_queue.clear();
        std::fill(m_label.begin(), m_label.end(), Label::None);
        std::fill(m_nearest.begin(), m_nearest.end(), NONE);
        for (Id node = 0; node < m_graph.Nodes(); ++node)
        {
            if (m_graph.IsOuter(node) && m_graph.Mate(node) == NONE)
            {
                m_parent[node] = NONE;
                m_label[node] = Label::Even;
                Enqueue(node);
            }
        }
        return !m_queue.empty();
    }

    /// @brief Follows tight edges from the vertices that have become even. @return whether the
    /// matching has grown.
    bool FollowQueue()
    {
        for (size_t place = 0; place < m_queue.size(); ++place)
        {
            const auto from = m_queue[place];
            for (Id to = 0; to < m_graph.Vertices(); ++to)
            {
                const auto& edge = m_graph.Between(from, to);
                const auto outer = m_graph.Outer(to);
                if (!edge.Exists() || m_graph.Outer(from) == outer || m_label[outer] == Label::Odd)
                {
                    continue;
                }
                if (m_graph.SlackOf(edge) > 0)
                {
                    Offer(from, outer);
                }
                else if (Follow(edge))
                {
                    return true;
                }
            }
        }
        m_queue.clear();
        return false;
    }

    /// @return how far the duals may change until something is tight, but for those of vertices.
    int64_t Change() const
    {
        int64_t change = NO_LIMIT;
        for (Id node = 0; node < m_graph.Nodes(); ++node)
        {
            if (!m_graph.IsOuter(node))
            {
                continue;
            }
            if (m_graph.IsBlossom(node) && m_label[node] == Label::Odd)
            {
                change = std::min(change, m_graph.Dual(node) / 2);
            }
            if (m_nearest[node] != NONE && m_label[node] != Label::Odd)
            {
                const auto slack = m_graph.SlackOf(m_graph.Between(m_nearest[node], node));
                change = std::min(change, m_label[node] == Label::Even ? slack / 2 : slack);
            }
        }
        return change;
    }

    /// @brief Changes the duals. @return whether something can be tight; if not, the end is
    /// reached.
    bool ChangeDuals()
    {
        const auto change = Change();
        for (Id vertex = 0; vertex < m_graph.Vertices(); ++vertex)
        {
            if (m_label[m_graph.Outer(vertex)] == Label::Even && m_graph.Dual(vertex) <= change)
            {
                return false;
            }
        }
        for (Id node = 0; node < m_graph.Nodes(); ++node)
        {
            const bool isBlossom = m_graph.IsBlossom(node);
            if (isBlossom && !m_graph.IsOuter(node))
            {
                continue;
            }
            const auto label = m_label[m_graph.Outer(node)];
            const auto sign = label == Label::Even ? -1 : (label == Label::Odd ? 1 : 0);
            m_graph.AddToDual(node, isBlossom ? -2 * sign * change : sign * change);
        }
        return true;
    }

    /// @brief Follows edges that have become tight. @return whether the matching has grown.
    bool FollowNearest()
    {
        for (Id node = 0; node < m_graph.Nodes(); ++node)
        {
            if (!m_graph.IsOuter(node) || m_nearest[node] == NONE || m_label[node] == Label::Odd ||
                m_graph.Outer(m_nearest[node]) == node)
            {
                continue;
            }
            const auto edge = m_graph.Between(m_nearest[node], node);
            if (m_graph.SlackOf(edge) == 0 && Follow(edge))
            {
                return true;
            }
        }
        return false;
    }

    /// @brief Takes apart odd blossoms of dual 0.
    void ExpandEmpty()
    {
        for (Id node = m_graph.Vertices(); node < m_graph.Nodes(); ++node)
        {
            if (m_graph.IsOuter(node) && m_label[node] == Label::Odd && m_graph.Dual(node) == 0)
            {
                Expand(node);
            }
        }
    }

    /// @brief Carries out one search. @return whether the matching has grown.
    bool Augmented()
    {
        if (!PlantTrees())
        {
            return false;
        }
        while (true)
        {
            if (FollowQueue())
            {
                return true;
            }
            if (!ChangeDuals())
            {
                return false;
            }
            if (FollowNearest())
            {
                return true;
            }
            ExpandEmpty();
        }
    }

    BlossomGraph m_graph;          //!< nodes, edges and the matching
    std::vector<Id> m_parent;      //!< of an odd node: vertex that it was reached from
    std::vector<Id> m_nearest;     //!< of an outer node: even vertex with the edge nearest to tight
    std::vector<Label> m_label;    //!< by outer node
    std::vector<uint64_t> m_visit; //!< last visit of CommonAbove() to a node
    uint64_t m_visits{0};          //!< calls of CommonAbove()
    std::vector<Id> m_queue;       //!< vertices that have become even
};

} // namespace

Matching
MatchByWeight(const PairWeights& weights)
{
    for (const auto& row : weights)
    {
        for (const auto weight : row)
        {
            if (weight > MOST_PAIR_WEIGHT)
            {
                Refuse(Phrase() << "weight " << weight << ": at most " << MOST_PAIR_WEIGHT);
            }
        }
    }
    return BlossomSearch(weights).Run();
}

Matching
MatchGreedily(const PairWeights& weights)
{
    std::vector<std::tuple<uint64_t, uint32_t, uint32_t>> pairs;
    for (uint32_t a = 0; a < weights.size(); ++a)
    {
        for (uint32_t b = a + 1; b < weights.size(); ++b)
        {
            if (weights[a][b] > 0)
            {
                pairs.emplace_back(weights[a][b], a, b);
            }
        }
    }
    std::stable_sort(pairs.begin(), pairs.end(), [](const auto& left, const auto& right) {
        return std::get<0>(left) > std::get<0>(right);
    });
    std::vector<bool> isMatched(weights.size());
    Matching matching;
    for (const auto& [weight, a, b] : pairs)
    {
        if (!isMatched[a] && !isMatched[b])
        {
            isMatched[a] = isMatched[b] = true;
            matching.emplace_back(a, b);
        }
    }
    std::sort(matching.begin(), matching.end());
    return matching;
}

} // namespace mixnetcore
