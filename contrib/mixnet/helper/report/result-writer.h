/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef RESULT_WRITER_H
#define RESULT_WRITER_H

#include "ns3/fabric-helper.h"
#include "ns3/program-options.h"
#include "result-folder.h"

#include "ns3/training-totals.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief What a run was, for its summary.
 */
struct RunDescription
{
    std::string program;                //!< name of the program
    OptionRecord options;               //!< all options in force
    uint64_t seed;                      //!< seed of the run
    std::string model;                  //!< name of the model
    std::string fabric;                 //!< kind of fabric
    std::string forwarding;             //!< inside of servers, as ForwardingOf()
    mixnetcore::BitsPerSecond linkRate; //!< line rate of a NIC
    std::string opticalFidelity;        //!< how messages cross circuits
    std::string electricalFidelity;     //!< how messages cross packet switches
    std::string expertLoad;             //!< where the load comes from
    bool expertLoadRepeats;             //!< whether one matrix serves every phase
};

/**
 * @ingroup mixnet
 * @brief How a run ended, for its summary.
 */
struct RunOutcome
{
    std::vector<std::string> problems; //!< why the result is not complete; none when it is
    mixnetcore::TrainingTotals totals; //!< what the phases add up to
    FrameCounters frames;              //!< of the whole fabric
    uint64_t retransmittedFrames;      //!< frames sent again
    uint64_t failedMessages;           //!< messages that ended with an error
    uint64_t events;                   //!< events of the simulator
    double wallSeconds;                //!< time that the run took
    uint64_t peakMemoryBytes;          //!< most memory of the process
    double windowsOverBuffer;          //!< as BufferNeed::Ratio()
};

/**
 * @ingroup mixnet
 * @brief Writes phases.csv while a run goes on, and summary.json at its end.
 *
 * A summary is always that of the phases beside it, see ResultFolder. Keys of the summary are
 * lowerCamelCase with the unit in the name; they are listed in the documentation and only ever
 * added to.
 */
class ResultWriter
{
  public:
    static constexpr uint32_t SCHEMA_VERSION = 1;          //!< of summary.json
    static constexpr uint64_t MAX_SUMMARY_PHASES = 10'000; //!< phases in summary.json at most

    /**
     * @param folder Where to write; it outlives this object, and phases.csv is among its files.
     * @throws std::invalid_argument when it cannot be written to.
     */
    explicit ResultWriter(ResultFolder& folder);

    /// @param record One more phase.
    void Write(const mixnetcore::PhaseRecord& record);

    /**
     * @brief Ends phases.csv and writes the summary.
     * @param description What the run was.
     * @param outcome How it ended.
     * @param more Further keys and their values.
     * @throws std::runtime_error when something could not be written.
     */
    void WriteSummary(const RunDescription& description,
                      const RunOutcome& outcome,
                      const nlohmann::ordered_json& more);

  private:
    ResultFolder& m_folder;                        //!< where to write
    OutputFile m_csv;                              //!< phases.csv
    uint64_t m_written{0};                         //!< phases so far
    std::vector<mixnetcore::PhaseRecord> m_phases; //!< for the summary
};

} // namespace mixnet
} // namespace ns3

#endif // RESULT_WRITER_H
