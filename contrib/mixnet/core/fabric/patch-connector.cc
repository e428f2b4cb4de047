/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "patch-connector.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <tuple>

namespace mixnetcore
{

namespace
{

/// Sums of worth pass 64 bits.
__extension__ using WideWorth = unsigned __int128;

/**
 * @brief Finds the duplex circuits without which a part of a fabric would be two.
 *
 * One search through depth: a circuit to a host below is needed if no other leads from there or
 * from below to a host above.
 */
class CutFinder
{
  public:
    /// @param board The circuits.
    explicit CutFinder(const PatchBoard& board)
        : m_board(board),
          m_depth(board.Spec().hosts),
          m_isCut(board.Nics())
    {
        for (uint32_t host = 0; host < m_depth.size(); ++host)
        {
            if (m_depth[host] == 0)
            {
                Visit(host, 1, NONE);
            }
        }
    }

    /// @return by NIC whether its circuit is such a one.
    std::vector<bool> Take()
    {
        return std::move(m_isCut);
    }

  private:
    static constexpr uint32_t NONE = 0xffff'ffff; //!< no NIC

    /// @param host Not visited before. @param depth Of it. @param entry NIC that it is entered by.
    /// @return the least depth that circuits from it or below lead to.
    uint32_t Visit(uint32_t host, uint32_t depth, uint32_t entry)
    {
        m_depth[host] = depth;
        auto least = depth;
        const auto nics = m_board.Spec().nics;
        for (uint32_t nic = host * nics; nic < (host + 1) * nics; ++nic)
        {
            const auto other = m_board.To(nic);
            const auto next = m_board.HostOf(other);
            if (nic == entry || next == host)
            {
                continue;
            }
            if (m_depth[next] > 0)
            {
                least = std::min(least, m_depth[next]);
                continue;
            }
            const auto below = Visit(next, depth + 1, other);
            m_isCut[nic] = m_isCut[other] = below > depth;
            least = std::min(least, below);
        }
        return least;
    }

    const PatchBoard& m_board;     //!< the circuits
    std::vector<uint32_t> m_depth; //!< by host, from 1; 0 before the visit
    std::vector<bool> m_isCut;     //!< by NIC
};

/// @brief A NIC that can change places with one of another part.
struct Opening
{
    uint32_t nic;    //!< the NIC
    bool isFree;     //!< whether it has no circuit
    bool isCut;      //!< whether its circuit holds the part together
    bool isBridge;   //!< whether it holds parts together that have been joined
    WideWorth worth; //!< of the circuit

    /// @param other Another. @return whether less is lost by this one.
    bool IsBetterThan(const Opening& other) const
    {
        return std::tuple(isCut, isBridge, !isFree, worth, nic) <
               std::tuple(other.isCut, other.isBridge, !other.isFree, other.worth, other.nic);
    }
};

/// @brief Joins parts, pair by pair.
class PartConnector
{
  public:
    /// @param board The circuits. @param matcher What links are worth. @param source What may be
    /// used.
    PartConnector(PatchBoard& board, const DemandMatcher& matcher, BridgeSource source)
        : m_board(board),
          m_source(source),
          m_matcher(matcher),
          m_part(board.Parts())
    {
        for (uint32_t a = 0; a < m_part.size(); ++a)
        {
            for (uint32_t b = a + 1; b < m_part.size(); ++b)
            {
                if (m_part[a] != m_part[b])
                {
                    m_demand[std::minmax(m_part[a], m_part[b])] += matcher.Worth(a, b);
                }
            }
        }
    }

    /// @brief Joins them until one is left, or none of them can be joined.
    void Run()
    {
        while (!m_demand.empty())
        {
            FindOpenings();
            if (!JoinOnePair())
            {
                return;
            }
            const auto now = m_board.Parts();
            for (auto place = m_demand.begin(); place != m_demand.end();)
            {
                const auto& [a, b] = place->first;
                place = now[a] == now[b] ? m_demand.erase(place) : std::next(place);
            }
        }
    }

  private:
    using Parts = std::pair<uint32_t, uint32_t>; //!< two of them, by their lowest hosts

    /// @brief Looks in each part, on each panel, for the NIC by which least is lost.
    void FindOpenings()
    {
        m_openings.clear();
        const auto isCut =
            m_board.Spec().duplex ? CutFinder(m_board).Take() : std::vector<bool>(m_board.Nics());
        for (uint32_t nic = 0; nic < m_board.Nics(); ++nic)
        {
            const auto use = m_board.UseOf(nic);
            const bool isFree = use == PatchBoard::Use::Free;
            if (use == PatchBoard::Use::Ring || (!isFree && m_source == BridgeSource::FreeNics))
            {
                continue;
            }
            const auto host = m_board.HostOf(nic);
            const auto worth = isFree ? 0 : m_matcher.Worth(host, m_board.HostOf(m_board.To(nic)));
            const Opening opening{nic, isFree, isCut[nic], use == PatchBoard::Use::Bridge, worth};
            const auto [found, isNew] =
                m_openings.try_emplace({m_part[host], m_board.PanelOf(nic)}, opening);
            if (!isNew && opening.IsBetterThan(found->second))
            {
                found->second = opening;
            }
        }
    }

    /// @param a Of one part. @param b Of another. @return whether they join all of both.
    static bool CanJoin(const Opening& a, const Opening& b)
    {
        return !(a.isCut && b.isCut) && !(a.isCut && b.isFree) && !(a.isFree && b.isCut);
    }

    /// @param parts Two parts. @return the NICs to change places, if there are any.
    std::optional<std::pair<Opening, Opening>> BestOpenings(const Parts& parts) const
    {
        std::optional<std::pair<Opening, Opening>> best;
        const auto lossOf = [](const Opening& a, const Opening& b) {
            return std::tuple(a.isBridge + b.isBridge, a.worth + b.worth, !a.isFree + !b.isFree);
        };
        for (uint32_t panel = 0; panel < m_board.Panels(); ++panel)
        {
            const auto a = m_openings.find({parts.first, panel});
            const auto b = m_openings.find({parts.second, panel});
            if (a == m_openings.end() || b == m_openings.end() || !CanJoin(a->second, b->second))
            {
                continue;
            }
            if (!best || lossOf(a->second, b->second) < lossOf(best->first, best->second))
            {
                best.emplace(a->second, b->second);
            }
        }
        return best;
    }

    /// @brief Joins the parts with the most demand that can be joined. @return whether there are
    /// any.
    bool JoinOnePair()
    {
        std::optional<Parts> most;
        for (const auto& [parts, demand] : m_demand)
        {
            if ((!most || demand > m_demand.at(*most)) && BestOpenings(parts))
            {
                most = parts;
            }
        }
        if (!most)
        {
            return false;
        }
        const auto [a, b] = *BestOpenings(*most);
        m_board.Exchange(a.nic, b.nic);
        return true;
    }

    PatchBoard& m_board;                 //!< the circuits
    BridgeSource m_source;               //!< what may be used
    const DemandMatcher& m_matcher;      //!< what links are worth
    std::vector<uint32_t> m_part;        //!< by host, the lowest host of its part at the beginning
    std::map<Parts, WideWorth> m_demand; //!< between any two parts that are not joined
    std::map<std::pair<uint32_t, uint32_t>, Opening> m_openings; //!< by part and panel
};

} // namespace

void
ConnectParts(PatchBoard& board, const DemandMatcher& matcher, BridgeSource source)
{
    PartConnector(board, matcher, source).Run();
}

} // namespace mixnetcore
