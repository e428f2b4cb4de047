/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ANIMATION_SCENE_H
#define ANIMATION_SCENE_H

#include "animation-file.h"

#include "ns3/animation-options.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief The nodes of an animation, how they look, and what moves between them.
 *
 * Knows how every node looks at any time, and writes what changes while the time is in the window
 * of the animation; at its begin, what has changed until then. Nothing is written twice. A file
 * that reaches its largest size gets no more arrows from three quarters of it on, and nothing at
 * all at the end of it; Close() says what was left out.
 *
 * NetAnim 3.108 takes an arrow away no sooner than another one moves. So where something changes
 * after arrows have ended, a short one is drawn from a node to itself, far from the others.
 *
 * NetAnim makes room beyond positive coordinates and draws a grid there. So all are moved to where
 * they are negative.
 *
 * Nodes, links and counters are added first; Begin() ends that.
 */
class AnimationScene
{
  public:
    /// @brief How a node looks.
    struct Look
    {
        mixnetcore::PicturePoint place; //!< where it is
        double size{1};                 //!< width and height
        PictureColour colour;           //!< of the inside
        std::string label{};            //!< text beside it; may be empty
        int layer{0};                   //!< nodes cover those of lower layers
    };

    /**
     * @param spec Where to write, and how much.
     * @throws std::runtime_error when the file cannot be written, as all other functions.
     */
    explicit AnimationScene(const AnimationSpec& spec);

    /// @param look How a node looks at first. @return its number, counted from 0.
    uint32_t AddNode(const Look& look);

    /// @param from A node. @param to Another; a line is drawn between them from now on.
    void AddLink(uint32_t from, uint32_t to);

    /// @param name Of a counter that nodes may have. @return its number.
    uint32_t AddCounter(const std::string& name);

    /// @brief Writes all nodes, links and counters.
    /// @throws std::invalid_argument when they take more than the largest size.
    void Begin();

    /// @param node A node. @param place Where it is from now on.
    void Move(uint32_t node, const mixnetcore::PicturePoint& place);

    /// @param node A node. @param colour Its colour from now on.
    void Paint(uint32_t node, const PictureColour& colour);

    /// @param node A node that had a text at first. @param label Its text from now on.
    void Describe(uint32_t node, const std::string& label);

    /// @param counter A counter. @param node A node. @param value Its value there from now on.
    void Count(uint32_t counter, uint32_t node, double value);

    /// @param begin When an arrow begins. @param end When it ends, or the latest that it may.
    /// @return whether it would be drawn, as far as is known now.
    bool WantsArrow(const Time& begin, const Time& end) const
    {
        return begin <= m_spec.until && end >= m_spec.from && !m_full;
    }

    /// @param from Node that sends. @param to Node that receives. @param passage When; its begin
    /// is now or was before. @param text As AnimationFile::Packet() has it.
    void AddArrow(uint32_t from,
                  uint32_t to,
                  AnimationFile::Passage passage,
                  const std::string& text = "");

    /// @return arrows drawn so far.
    uint64_t GetArrows() const
    {
        return m_arrows;
    }

    /// @brief Ends the file. @return what was left out, a clause each.
    std::vector<std::string> Close();

  private:
    /// @brief A node.
    struct Actor
    {
        Look first; //!< as it was written at first
        Look now;   //!< as it is
    };

    /// @return whether what changes now is to be written; writes what has changed before, if it is
    /// the first time.
    bool IsOpen();

    /// @param at When. @brief Makes NetAnim take arrows away that have ended before.
    void Sweep(const Time& at);

    /**
     * @brief Changes how a node looks.
     * @tparam Value Of what changes. @tparam Write Function of a time.
     * @param now Where it is kept. @param value What it becomes. @param write Writes it.
     */
    template <class Value, class Write>
    void Change(Value& now, const Value& value, const Write& write);

    /// @return whether there is room for more than arrows.
    bool HasRoom();

    /// @param place A place. @return it as it is written.
    mixnetcore::PicturePoint Shifted(const mixnetcore::PicturePoint& place) const
    {
        return {place.x - m_corner.x, place.y - m_corner.y};
    }

    AnimationSpec m_spec;                               //!< where and how much
    AnimationFile m_file;                               //!< the animation
    std::vector<Actor> m_actors;                        //!< by number
    std::vector<std::pair<uint32_t, uint32_t>> m_links; //!< from, to
    std::vector<std::string> m_counters;                //!< names by number
    /// Values at the begin of the window, by counter and node, until then.
    std::map<std::pair<uint32_t, uint32_t>, double> m_values;
    mixnetcore::PicturePoint m_corner; //!< lower right end of all nodes
    uint32_t m_broom{0};               //!< node of the arrows that make others go
    bool m_entered{false};             //!< whether the window has begun
    bool m_full{false};                //!< whether the file has reached its size
    Time m_fullAt;                     //!< when
    Time m_lastArrow{-1};              //!< end of the last arrow that is to be taken away
    uint64_t m_arrows{0};              //!< drawn
    uint64_t m_arrowsWithoutRoom{0};   //!< not drawn for want of room
};

} // namespace mixnet
} // namespace ns3

#endif // ANIMATION_SCENE_H
