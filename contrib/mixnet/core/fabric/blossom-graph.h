/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef BLOSSOM_GRAPH_H
#define BLOSSOM_GRAPH_H

#include "weighted-matching.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief A graph with a matching in which odd circles of nodes have been made one node.
 *
 * Nodes are the vertices, 0 to n - 1, and blossoms: odd circles of nodes, their children. A blossom
 * has its base as the first child; the others are matched in pairs along the circle. Outer nodes
 * are those that are in no blossom. An edge between two of them is the one between vertices of both
 * that is nearest to tight.
 *
 * Duals are those of edges of twice the weight, so that all stay whole.
 *
 * @see BlossomSearch, which uses it
 */
class BlossomGraph
{
  public:
    using Id = uint32_t; //!< number of a node

    static constexpr Id NONE = 0xffff'ffff; //!< no node

    /// @brief An edge from one node to another: the vertices at which it ends in them.
    struct Edge
    {
        Id from{NONE}; //!< vertex in the one node
        Id to{NONE};   //!< vertex in the other

        /// @return whether there is one.
        bool Exists() const
        {
            return from != NONE;
        }
    };

    /// @param weights Of all pairs of vertices; they stay where they are.
    explicit BlossomGraph(const PairWeights& weights);

    /// @return number of vertices.
    Id Vertices() const
    {
        return m_vertices;
    }

    /// @return one above the highest number of a node so far.
    Id Nodes() const
    {
        return m_nodes;
    }

    /// @return most nodes that there can be.
    Id MostNodes() const
    {
        return m_outer.size();
    }

    /// @param node A node. @return whether it is a blossom, or was one.
    bool IsBlossom(Id node) const
    {
        return node >= m_vertices;
    }

    /// @param node A node. @return whether it is an outer one.
    bool IsOuter(Id node) const
    {
        return m_outer[node] == node;
    }

    /// @param node A node in use. @return the outer node that it is in.
    Id Outer(Id node) const
    {
        return m_outer[node];
    }

    /// @param node A node. @return vertex that it is matched with, or NONE.
    Id Mate(Id node) const
    {
        return m_mate[node];
    }

    /// @param node An outer node. @return the outer node that it is matched with, or NONE.
    Id OuterMate(Id node) const
    {
        return m_mate[node] == NONE ? NONE : m_outer[m_mate[node]];
    }

    /// @param a A node. @param b Another. @return the edge; it may not exist.
    const Edge& Between(Id a, Id b) const
    {
        return m_edge[a][b];
    }

    /// @param edge An edge. @return how far it is from tight.
    int64_t SlackOf(const Edge& edge) const
    {
        return m_dual[edge.from] + m_dual[edge.to] - 2 * WeightOf(edge.from, edge.to);
    }

    /// @param node A node. @return its dual.
    int64_t Dual(Id node) const
    {
        return m_dual[node];
    }

    /// @param node A node. @param change What to add to its dual.
    void AddToDual(Id node, int64_t change)
    {
        m_dual[node] += change;
    }

    /// @param node A node. @return its children; a vertex has none.
    const std::vector<Id>& Children(Id node) const
    {
        return m_children[node];
    }

    /**
     * @brief Matches a node by an edge; inside of a blossom its base changes, and what is matched.
     * @param node A node.
     * @param to One to which it has an edge.
     */
    void MatchTo(Id node, Id to);

    /**
     * @brief Makes one node of a circle.
     * @param children Outer nodes, the base first, in the order of the circle; an odd number.
     * @return the blossom, of dual 0.
     */
    Id Shrink(std::vector<Id> children);

    /**
     * @brief Takes an outer blossom apart.
     * @param blossom The blossom.
     * @param entry Vertex in it.
     * @param[out] place Place of the child with that vertex in what is returned: even.
     * @return its children, now outer, around the circle from the base on, either way round.
     */
    std::vector<Id> Expand(Id blossom, Id entry, size_t& place);

  private:
    /// @param a A vertex. @param b Another, or the same. @return weight of the pair.
    int64_t WeightOf(Id a, Id b) const
    {
        return a == b ? 0 : static_cast<int64_t>(m_weights[a][b]);
    }

    /// @param node A node. @param outer The outer node that it is in now, with all in it.
    void SetOuter(Id node, Id outer);

    /// @return number of a blossom that is not in use.
    Id NewBlossom();

    /// @param blossom A new one. @brief Gives it the best of its children's edges to each node.
    void JoinEdges(Id blossom);

    /// @param blossom A blossom. @param child One of its children.
    /// @return place of the child, after the circle has been turned round if that is odd.
    size_t EvenPlaceOf(Id blossom, Id child);

    const PairWeights& m_weights;             //!< of all pairs
    Id m_vertices;                            //!< how many
    Id m_nodes;                               //!< vertices, and blossoms so far
    std::vector<std::vector<Edge>> m_edge;    //!< nearest to tight, from a node to another
    std::vector<std::vector<Id>> m_childWith; //!< child of a node that a vertex is in, or NONE
    std::vector<std::vector<Id>> m_children;  //!< of a blossom, around the circle from its base on
    std::vector<int64_t> m_dual;              //!< by node
    std::vector<Id> m_outer;                  //!< outer node that a node is in; NONE: not in use
    std::vector<Id> m_mate;                   //!< vertex that a node is matched with, or NONE
};

} // namespace mixnetcore

#endif // BLOSSOM_GRAPH_H
