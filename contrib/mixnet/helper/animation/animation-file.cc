/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "animation-file.h"

#include "ns3/number-text.h"

namespace ns3
{
namespace mixnet
{

namespace
{

/// @param value A number. @return it with two digits behind the point, none that are 0.
std::string
ShortNumber(double value)
{
    auto text = mixnetcore::FixedText(value, 2);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
    {
        text.pop_back();
    }
    return text == "-0" ? "0" : text;
}

/// @param text A text. @return it as value of an attribute.
std::string
Escaped(const std::string& text)
{
    std::string escaped;
    for (const char character : text)
    {
        switch (character)
        {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        case '\n':
            escaped += "&#10;";
            break;
        default:
            // XML has no other control characters.
            escaped += static_cast<unsigned char>(character) < 0x20 ? ' ' : character;
        }
    }
    return escaped;
}

} // namespace

/**
 * @brief An element that has attributes and nothing in it.
 */
class AnimationFile::Element
{
  public:
    /// @param name Its name.
    explicit Element(const char* name)
        : m_text(std::string("<") + name)
    {
    }

    /// @param name Of an attribute. @param value Its value. @return this one.
    Element& Set(const char* name, const std::string& value)
    {
        m_text += std::string(" ") + name + "=\"" + Escaped(value) + '"';
        return *this;
    }

    /// @param name Of an attribute. @param value Its value. @return this one.
    Element& Set(const char* name, uint32_t value)
    {
        return Set(name, std::to_string(value));
    }

    /// @param name Of an attribute. @param value Its value. @return this one.
    Element& Set(const char* name, double value)
    {
        return Set(name, ShortNumber(value));
    }

    /// @return it as a line.
    std::string Line() const
    {
        return m_text + "/>\n";
    }

  private:
    std::string m_text; //!< so far
};

AnimationFile::AnimationFile(const std::filesystem::path& path, const Time& unit)
    : m_file(path, OutputFile::Mode::Whole),
      m_unit(unit.GetPicoSeconds())
{
    Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<anim ver=\"netanim-3.108\" filetype=\"animation\">\n");
}

std::string
AnimationFile::TimeText(const Time& time) const
{
    const int64_t picoseconds = time.GetPicoSeconds();
    auto text = std::to_string(picoseconds / m_unit);
    const auto part = std::to_string(m_unit + picoseconds % m_unit).substr(1);
    const auto last = part.find_last_not_of('0');
    return last == std::string::npos ? text : text + '.' + part.substr(0, last + 1);
}

void
AnimationFile::Write(const std::string& line)
{
    m_file << line;
    m_size += line.size();
}

void
AnimationFile::Node(uint32_t node, const mixnetcore::PicturePoint& place, const std::string& label)
{
    Write(Element("node")
              .Set("id", node)
              .Set("sysId", 0U)
              .Set("locX", place.x)
              .Set("locY", place.y)
              .Set("descr", label)
              .Line());
}

void
AnimationFile::Link(uint32_t from, uint32_t to, const std::string& label)
{
    Write(Element("link")
              .Set("fromId", from)
              .Set("toId", to)
              .Set("fd", "")
              .Set("td", "")
              .Set("ld", label)
              .Line());
}

void
AnimationFile::Counter(uint32_t counter, const std::string& name)
{
    Write(Element("ncs").Set("ncId", counter).Set("n", name).Set("t", "DOUBLE").Line());
}

void
AnimationFile::Move(const Time& at, uint32_t node, const mixnetcore::PicturePoint& place)
{
    Write(Element("nu")
              .Set("p", "p")
              .Set("t", TimeText(at))
              .Set("id", node)
              .Set("x", place.x)
              .Set("y", place.y)
              .Line());
}

void
AnimationFile::Paint(const Time& at, uint32_t node, const PictureColour& colour)
{
    Write(Element("nu")
              .Set("p", "c")
              .Set("t", TimeText(at))
              .Set("id", node)
              .Set("r", uint32_t{colour.red})
              .Set("g", uint32_t{colour.green})
              .Set("b", uint32_t{colour.blue})
              .Line());
}

void
AnimationFile::Resize(const Time& at, uint32_t node, double size)
{
    Write(Element("nu")
              .Set("p", "s")
              .Set("t", TimeText(at))
              .Set("id", node)
              .Set("w", size)
              .Set("h", size)
              .Line());
}

void
AnimationFile::Describe(const Time& at, uint32_t node, const std::string& label)
{
    Write(Element("nu")
              .Set("p", "d")
              .Set("t", TimeText(at))
              .Set("id", node)
              .Set("descr", label)
              .Line());
}

void
AnimationFile::Count(const Time& at, uint32_t counter, uint32_t node, double value)
{
    Write(Element("nc")
              .Set("c", counter)
              .Set("i", node)
              .Set("t", TimeText(at))
              .Set("v", value)
              .Line());
}

void
AnimationFile::Packet(uint32_t from, uint32_t to, const Passage& passage, const std::string& text)
{
    Element element("p");
    element.Set("fId", from)
        .Set("fbTx", TimeText(passage.firstSent))
        .Set("lbTx", TimeText(passage.lastSent));
    if (!text.empty())
    {
        element.Set("meta-info", text);
    }
    element.Set("tId", to)
        .Set("fbRx", TimeText(passage.firstReceived))
        .Set("lbRx", TimeText(passage.lastReceived));
    Write(element.Line());
}

void
AnimationFile::Close()
{
    Write("</anim>\n");
    m_file.Close();
}

} // namespace mixnet
} // namespace ns3
