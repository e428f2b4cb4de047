/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ANIMATION_FILE_H
#define ANIMATION_FILE_H

#include "ns3/fabric-layout.h"
#include "ns3/nstime.h"
#include "ns3/output-file.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// @brief A colour, by its parts.
struct PictureColour
{
    uint8_t red{0};   //!< part of red
    uint8_t green{0}; //!< of green
    uint8_t blue{0};  //!< of blue

    /// @param other A colour. @return whether it is the same.
    bool operator==(const PictureColour& other) const
    {
        return red == other.red && green == other.green && blue == other.blue;
    }
};

/**
 * @ingroup mixnet
 * @brief An animation for NetAnim 3.108: an XML file, of elements that its parser reads.
 *
 * One function per element; what a picture needs beyond them is AnimationScene's. NetAnim sorts
 * elements by time, so that they may be written as they become known. Times are exact to the
 * picosecond. Until Close() the file has the name NAME.part.
 */
class AnimationFile
{
  public:
    /**
     * @param path Where to write; an older file is replaced when this one is closed.
     * @param unit Simulated time that NetAnim shows as a second: a power of 10 picoseconds.
     * @throws std::runtime_error when it cannot be opened, as all other functions when something
     * cannot be written.
     */
    explicit AnimationFile(const std::filesystem::path& path, const Time& unit = Seconds(1));

    /// @param node Number of a node: all numbers from 0 on are to be used. @param place Where.
    /// @param label Text beside it.
    void Node(uint32_t node, const mixnetcore::PicturePoint& place, const std::string& label);

    /// @param from A node. @param to Another. @param label Text on the line between them.
    void Link(uint32_t from, uint32_t to, const std::string& label = "");

    /// @param counter Number of a counter that nodes have. @param name Its name.
    void Counter(uint32_t counter, const std::string& name);

    /// @param at When. @param node A node. @param place Where it is from then on.
    void Move(const Time& at, uint32_t node, const mixnetcore::PicturePoint& place);

    /// @param at When. @param node A node. @param colour Its colour from then on.
    void Paint(const Time& at, uint32_t node, const PictureColour& colour);

    /// @param at When. @param node A node. @param size Its width and height from then on.
    void Resize(const Time& at, uint32_t node, double size);

    /// @param at When. @param node A node. @param label Text beside it from then on.
    void Describe(const Time& at, uint32_t node, const std::string& label);

    /// @param at When. @param counter A counter. @param node A node. @param value Of the counter
    /// at that node from then on.
    void Count(const Time& at, uint32_t counter, uint32_t node, double value);

    /// @brief When bits of a frame or message are where.
    struct Passage
    {
        Time firstSent;     //!< the first bit leaves
        Time lastSent;      //!< the last bit leaves
        Time firstReceived; //!< the first bit arrives
        Time lastReceived;  //!< the last bit arrives
    };

    /// @param from Node that sends. @param to Node that receives. @param passage When.
    /// @param text What NetAnim shows with it, of the form that its packets have; may be empty.
    void Packet(uint32_t from, uint32_t to, const Passage& passage, const std::string& text = "");

    /// @return bytes written so far.
    uint64_t GetSize() const
    {
        return m_size;
    }

    /// @brief Ends the file, which has its own name from now on.
    void Close();

  private:
    class Element; //!< builds one

    /// @param time A time, not before 0. @return it in units, with all digits that are not 0.
    std::string TimeText(const Time& time) const;

    /// @param line An element. @brief Writes it.
    void Write(const std::string& line);

    OutputFile m_file;  //!< on the disk
    int64_t m_unit;     //!< of times, ps
    uint64_t m_size{0}; //!< bytes so far
};

} // namespace mixnet
} // namespace ns3

#endif // ANIMATION_FILE_H
