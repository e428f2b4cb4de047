/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef ROUTING_TRACE_READER_H
#define ROUTING_TRACE_READER_H

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief What a routing trace must look like, and what is counted of it.
 */
struct RoutingTraceFormat
{
    size_t experts{0}; //!< experts of the model: indices are below
    uint64_t topK{0};  //!< experts per token

    /// For each way of counting distinct tokens, the group of every expert, counted from 0.
    std::vector<std::vector<uint32_t>> groupOfExpert;
};

/**
 * @ingroup mixnet-core
 * @brief One line of a routing trace, counted.
 */
struct RoutingRecord
{
    uint64_t step{0};             //!< training iteration
    uint64_t layer{0};            //!< layer of the model
    uint64_t rank{0};             //!< rank that recorded it
    uint64_t tokens{0};           //!< tokens
    std::vector<uint64_t> counts; //!< tokens of each expert

    /// For each way of counting, tokens of each group: a token counts once for a group.
    std::vector<std::vector<uint64_t>> distinct;
};

/**
 * @ingroup mixnet-core
 * @brief Reads a routing trace of Megatron-core (--moe-routing-trace-path) record by record.
 *
 * One JSON object per line, fields in any order:
 *
 *     {"step": 0, "layer": 3, "rank": 0, "num_tokens": 2, "topk": 2, "top_indices": [[1, 7], [0,
 * 1]]}
 *
 * Other fields are skipped; a record whose field "block" is not "decoder" (prediction of further
 * tokens) is skipped as a whole. Empty lines are allowed.
 *
 * The experts of a token are counted while they are read, so memory does not depend on the length
 * of a line or of the trace. A parser of its own instead of the JSON library: traces have hundreds
 * of megabytes, of which nearly all is this one list.
 *
 * Guarantees: every line is checked in full. A record has all six fields once, num_tokens lists of
 * topk different experts.
 */
class RoutingTraceReader
{
  public:
    /**
     * @param input Text of the trace; outlives the reader.
     * @param name What messages call it: its path.
     * @param format What it must look like; outlives the reader.
     */
    RoutingTraceReader(std::istream& input,
                       const std::string& name,
                       const RoutingTraceFormat& format);

    /**
     * @brief Reads the next record.
     * @param record Where to put it.
     * @return whether there was one.
     * @throws std::invalid_argument with one line (input, line number, field, value, what is
     *         expected) when a line is broken.
     */
    bool Next(RoutingRecord& record);

    /// @return number of the line read last, counted from 1.
    uint64_t Line() const
    {
        return m_line;
    }

  private:
    static constexpr size_t BUFFER_BYTES = size_t{1} << 16; //!< read at once
    static constexpr int END = -1;                          //!< no more characters
    static constexpr int MOST_DEPTH = 64;                   //!< of values that are skipped

    /// @return the next character, or END.
    int Peek();

    /// @return the next character, or END; it is read.
    int Get();

    /// @return whether the buffer has characters again.
    bool Fill();

    /// @brief Skips blanks of a line.
    void SkipBlanks();

    /// @param character What has to come after blanks; it is read. @param place Where, for
    /// messages.
    void Expect(char character, const std::string& place);

    /// @param close The closing character of a list that was opened; it is read if it comes next.
    /// @return whether something else does.
    bool HasFirst(char close);

    /**
     * @param place Where, for messages.
     * @return whether a comma came rather than the closing character, either of which is read.
     * @param close The closing character.
     */
    bool HasMore(char close, const std::string& place);

    /// @param place Where, for messages. @return a string, its escapes as they stand.
    std::string ReadString(const std::string& place);

    /// @param field Its name. @return a whole number below 2^53.
    uint64_t ReadCount(const std::string& field);

    /// @brief Skips any value. @param field Its name. @param depth How deep it is in others.
    void SkipValue(const std::string& field, int depth);

    /// @brief Skips true, false, null or a number. @param field Its name.
    void SkipWord(const std::string& field);

    /// @brief Reads and counts the experts of all tokens. @param record Where to.
    void ReadIndices(RoutingRecord& record);

    /// @brief Reads and counts the experts of a token. @param token Its number. @param record
    /// Where.
    void ReadToken(uint64_t token, RoutingRecord& record);

    /// @param token A token. @param record Counts. @param expert One of its experts.
    void Count(uint64_t token, RoutingRecord& record, uint64_t expert);

    /// @brief Reads the value of a field. @param field Its name. @param record Where to.
    void ReadField(const std::string& field, RoutingRecord& record);

    /// @brief Checks a record that has been read. @param record It.
    void CheckRecord(const RoutingRecord& record) const;

    /// @param problem What is wrong.
    [[noreturn]] void RefuseLine(const std::string& problem) const;

    /// @return what comes next, for messages.
    std::string Found();

    std::istream& m_input;              //!< text
    std::string m_name;                 //!< what messages call it
    const RoutingTraceFormat& m_format; //!< what it must look like
    std::vector<char> m_buffer;         //!< characters read ahead
    size_t m_at{0};                     //!< next character
    size_t m_end{0};                    //!< characters in the buffer
    uint64_t m_line{0};                 //!< number of the line
    uint64_t m_serial{0};               //!< tokens counted so far, to tell them apart

    unsigned m_seen{0};      //!< fields of this record that have been read, one bit each
    uint64_t m_numTokens{0}; //!< field num_tokens
    uint64_t m_topK{0};      //!< field topk
    bool m_isDecoder{true};  //!< whether the record counts

    std::vector<uint64_t> m_lastOfExpert;             //!< last token of each expert
    std::vector<std::vector<uint64_t>> m_lastOfGroup; //!< last token of each group
};

} // namespace mixnetcore

#endif // ROUTING_TRACE_READER_H
