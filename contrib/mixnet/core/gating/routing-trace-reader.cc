/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "routing-trace-reader.h"

#include "ns3/checks.h"

#include <algorithm>
#include <array>

namespace mixnetcore
{

namespace
{

constexpr const char* INDICES_FIELD = "top_indices"; //!< the experts of each token

/// Fields that a record must have, that one last; the position is the bit in m_seen.
constexpr std::array<const char*, 6> FIELDS{"step",
                                            "layer",
                                            "rank",
                                            "num_tokens",
                                            "topk",
                                            INDICES_FIELD};

constexpr const char* BLOCK_FIELD = "block"; //!< which part of the model a record is of
constexpr uint64_t MOST = uint64_t{1} << 53; //!< above any number a trace may hold

/// @param character A character or END. @return whether it is a digit.
bool
IsDigit(int character)
{
    return character >= '0' && character <= '9';
}

} // namespace

RoutingTraceReader::RoutingTraceReader(std::istream& input,
                                       const std::string& name,
                                       const RoutingTraceFormat& format)
    : m_input(input),
      m_name(name),
      m_format(format),
      m_buffer(BUFFER_BYTES),
      m_lastOfExpert(format.experts, 0)
{
    for (const auto& groups : format.groupOfExpert)
    {
        const auto last = groups.empty() ? 0 : *std::max_element(groups.begin(), groups.end());
        m_lastOfGroup.emplace_back(last + 1, 0);
    }
}

bool
RoutingTraceReader::Next(RoutingRecord& record)
{
    while (true)
    {
        ++m_line;
        SkipBlanks();
        if (Peek() == END)
        {
            --m_line;
            return false;
        }
        if (Peek() == '\n')
        {
            Get();
            continue;
        }
        m_seen = 0;
        m_isDecoder = true;
        record.counts.assign(m_format.experts, 0);
        record.distinct.resize(m_lastOfGroup.size());
        for (size_t way = 0; way < m_lastOfGroup.size(); ++way)
        {
            record.distinct[way].assign(m_lastOfGroup[way].size(), 0);
        }
        Expect('{', "record");
        for (bool more = HasFirst('}'); more; more = HasMore('}', "record"))
        {
            const auto field = ReadString("name of a field");
            Expect(':', "field " + field);
            ReadField(field, record);
        }
        SkipBlanks();
        if (Peek() != '\n' && Peek() != END)
        {
            RefuseLine(Phrase() << "after the record stands " << Found()
                                << "; expected one record per line");
        }
        CheckRecord(record);
        Get();
        if (m_isDecoder)
        {
            return true;
        }
    }
}

void
RoutingTraceReader::ReadField(const std::string& field, RoutingRecord& record)
{
    const auto found = std::find(FIELDS.begin(), FIELDS.end(), field);
    if (found == FIELDS.end())
    {
        SkipBlanks();
        if (field == BLOCK_FIELD && Peek() == '"')
        {
            m_isDecoder = ReadString("field block") == "decoder";
            return;
        }
        SkipValue(field, 0);
        return;
    }
    const auto bit = found - FIELDS.begin();
    if ((m_seen >> bit & 1) != 0)
    {
        RefuseLine(Phrase() << "field " << field << " stands twice; expected every field once");
    }
    m_seen |= 1U << bit;
    uint64_t* const numbers[] = {&record.step, &record.layer, &record.rank, &m_numTokens, &m_topK};
    if (field == INDICES_FIELD)
    {
        ReadIndices(record);
        return;
    }
    *numbers[bit] = ReadCount("field " + field);
}

void
RoutingTraceReader::CheckRecord(const RoutingRecord& record) const
{
    for (size_t bit = 0; bit < FIELDS.size(); ++bit)
    {
        if ((m_seen >> bit & 1) == 0)
        {
            RefuseLine(
                Phrase()
                << "field " << FIELDS[bit]
                << " is missing; expected step, layer, rank, num_tokens, topk and top_indices");
        }
    }
    if (m_topK != m_format.topK)
    {
        RefuseLine(Phrase() << "field topk is " << m_topK << "; expected " << m_format.topK
                            << " experts per token, as the model has");
    }
    if (m_numTokens != record.tokens)
    {
        RefuseLine(Phrase() << "field num_tokens is " << m_numTokens
                            << "; expected the number of lists in top_indices, " << record.tokens);
    }
    if (record.tokens == 0)
    {
        RefuseLine("field num_tokens is 0; expected 1 token or more");
    }
}

void
RoutingTraceReader::ReadIndices(RoutingRecord& record)
{
    record.tokens = 0;
    Expect('[', "field top_indices");
    for (bool more = HasFirst(']'); more; more = HasMore(']', "field top_indices"))
    {
        ReadToken(record.tokens, record);
        ++record.tokens;
    }
}

void
RoutingTraceReader::ReadToken(uint64_t token, RoutingRecord& record)
{
    static const std::string place = "field top_indices";
    ++m_serial;
    uint64_t count = 0;
    Expect('[', place);
    for (bool more = HasFirst(']'); more; more = HasMore(']', place))
    {
        Count(token, record, ReadCount(place));
        ++count;
    }
    if (count != m_format.topK)
    {
        RefuseLine(Phrase() << "field top_indices, token " << token << " (from 0) has " << count
                            << " experts; expected " << m_format.topK
                            << " experts per token, as the model has");
    }
}

void
RoutingTraceReader::Count(uint64_t token, RoutingRecord& record, uint64_t expert)
{
    if (expert >= m_format.experts)
    {
        RefuseLine(Phrase() << "field top_indices, token " << token << " (from 0) has expert "
                            << expert << "; expected 0 to " << m_format.experts - 1);
    }
    if (m_lastOfExpert[expert] == m_serial)
    {
        RefuseLine(Phrase() << "field top_indices, token " << token << " (from 0) has expert "
                            << expert << " twice; expected different experts");
    }
    m_lastOfExpert[expert] = m_serial;
    ++record.counts[expert];
    for (size_t way = 0; way < m_lastOfGroup.size(); ++way)
    {
        const auto group = m_format.groupOfExpert[way][expert];
        auto& last = m_lastOfGroup[way][group];
        record.distinct[way][group] += last == m_serial ? 0 : 1;
        last = m_serial;
    }
}

bool
RoutingTraceReader::Fill()
{
    m_input.read(m_buffer.data(), static_cast<std::streamsize>(m_buffer.size()));
    m_at = 0;
    m_end = static_cast<size_t>(m_input.gcount());
    return m_end > 0;
}

int
RoutingTraceReader::Peek()
{
    if (m_at == m_end && !Fill())
    {
        return END;
    }
    return static_cast<unsigned char>(m_buffer[m_at]);
}

int
RoutingTraceReader::Get()
{
    const auto character = Peek();
    m_at += character == END ? 0 : 1;
    return character;
}

void
RoutingTraceReader::SkipBlanks()
{
    for (auto next = Peek(); next == ' ' || next == '\t' || next == '\r'; next = Peek())
    {
        ++m_at;
    }
}

void
RoutingTraceReader::Expect(char character, const std::string& place)
{
    SkipBlanks();
    if (Peek() != character)
    {
        RefuseLine(Phrase() << place << ": found " << Found() << "; expected '" << character
                            << "'");
    }
    ++m_at;
}

bool
RoutingTraceReader::HasFirst(char close)
{
    SkipBlanks();
    const bool isEmpty = Peek() == close;
    m_at += isEmpty ? 1 : 0;
    return !isEmpty;
}

bool
RoutingTraceReader::HasMore(char close, const std::string& place)
{
    SkipBlanks();
    const auto next = Peek();
    if (next != ',' && next != close)
    {
        RefuseLine(Phrase() << place << ": found " << Found() << "; expected ',' or '" << close
                            << "'");
    }
    ++m_at;
    return next == ',';
}

std::string
RoutingTraceReader::ReadString(const std::string& place)
{
    constexpr size_t longest = 4096;
    Expect('"', place);
    std::string text;
    for (auto next = Peek(); next != '"'; next = Peek())
    {
        if (next == END || next < ' ' || text.size() > longest)
        {
            RefuseLine(
                Phrase()
                << place << ": found " << Found()
                << " in a string; expected a string of up to 4096 characters that ends with '\"'");
        }
        text.push_back(static_cast<char>(Get()));
        if (next == '\\' && Peek() != END)
        {
            text.push_back(static_cast<char>(Get()));
        }
    }
    ++m_at;
    return text;
}

uint64_t
RoutingTraceReader::ReadCount(const std::string& field)
{
    SkipBlanks();
    uint64_t value = 0;
    const auto first = Peek();
    int digits = 0;
    for (auto next = first; IsDigit(next) && value < MOST; next = Peek())
    {
        value = value * 10 + static_cast<uint64_t>(next - '0');
        ++digits;
        ++m_at;
    }
    const auto next = Peek();
    if (digits == 0 || value >= MOST || next == '.' || next == 'e' || next == 'E' ||
        (first == '0' && digits > 1))
    {
        RefuseLine(
            Phrase() << field
                     << (digits == 0 ? ": found " : ": " + std::to_string(value) + " and then ")
                     << Found() << "; expected a whole number, 0 or more");
    }
    return value;
}

void
RoutingTraceReader::SkipValue(const std::string& field, int depth)
{
    SkipBlanks();
    const auto first = Peek();
    if (depth > MOST_DEPTH)
    {
        RefuseLine(Phrase() << "field " << field << " is nested too deeply; expected at most "
                            << MOST_DEPTH << " lists in lists");
    }
    if (first == '"')
    {
        ReadString("field " + field);
        return;
    }
    if (first != '[' && first != '{')
    {
        SkipWord(field);
        return;
    }
    const auto close = first == '[' ? ']' : '}';
    Get();
    for (bool more = HasFirst(close); more; more = HasMore(close, "field " + field))
    {
        if (first == '{')
        {
            ReadString("field " + field);
            Expect(':', "field " + field);
        }
        SkipValue(field, depth + 1);
    }
}

void
RoutingTraceReader::SkipWord(const std::string& field)
{
    std::string word;
    for (auto next = Peek(); IsDigit(next) || (next >= 'a' && next <= 'z') || next == '-' ||
                             next == '+' || next == '.' || next == 'E';
         next = Peek())
    {
        word.push_back(static_cast<char>(Get()));
    }
    const auto isNumber = !word.empty() && (IsDigit(word[0]) || word[0] == '-') &&
                          word.find_first_not_of("0123456789+-.eE") == std::string::npos;
    if (!isNumber && word != "true" && word != "false" && word != "null")
    {
        RefuseLine(Phrase() << "field " << field << ": found "
                            << (word.empty() ? Found() : "'" + word + "'")
                            << "; expected a JSON value");
    }
}

std::string
RoutingTraceReader::Found()
{
    const auto next = Peek();
    if (next == END)
    {
        return "the end of the file";
    }
    if (next == '\n')
    {
        return "the end of the line";
    }
    if (next < ' ')
    {
        return "a control character";
    }
    if (next > '~')
    {
        return "a byte that is no ASCII character";
    }
    return std::string("'") + static_cast<char>(next) + "'";
}

void
RoutingTraceReader::RefuseLine(const std::string& problem) const
{
    Refuse(Phrase() << m_name << ", line " << m_line << ": " << problem);
}

} // namespace mixnetcore
