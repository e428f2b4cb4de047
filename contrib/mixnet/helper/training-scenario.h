/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_SCENARIO_H
#define TRAINING_SCENARIO_H

#include "program-options.h"

#include "ns3/mixnet-planner.h"
#include "ns3/moe-group-workload.h"
#include "ns3/phase-sequence.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief Everything that decides a run of mixnet-training, checked.
 */
struct TrainingScenario
{
    static constexpr const char* NONE = "none"; //!< in place of a name: none of them

    std::map<std::string, std::string> options;                   //!< all options in force
    mixnetcore::ModelSpec model;                                  //!< model to train
    std::shared_ptr<const mixnetcore::MoeGroupWorkload> workload; //!< work of the EP group
    mixnetcore::FabricPlan fabric;                                //!< fabric of its region
    mixnetcore::Picoseconds reconfigurationDelay{0};              //!< of the optical circuit switch
    std::string ocsTechnology;                 //!< in place of the delay, or NONE
    mixnetcore::Picoseconds controlLatency{0}; //!< between hosts and controller
    std::string allocator;                     //!< name of the circuit allocator
    uint32_t mtu{4096};                        //!< payload per frame, bytes
    mixnetcore::PhaseSequenceSpec sequence;    //!< layers, microbatches, passes
    std::string policy;                        //!< name of the reconfiguration policy
    std::string numaRule;                      //!< spread or pack
    std::string tensorAlgorithm;               //!< direct or ring
    uint64_t chunkBytes{1 << 20};              //!< bytes that travel a leg together
    uint32_t pipelineDepth{4};                 //!< chunks of a message under way
    uint64_t seed{1};                          //!< seed of everything random
    uint64_t tableRows{60};                    //!< rows of the table at most
    std::string output;                        //!< folder for results, or NONE
};

/**
 * @ingroup mixnet
 * @brief Reads the options of mixnet-training.
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return the scenario.
 * @throws std::invalid_argument with one line that says which option, file or value is wrong.
 */
TrainingScenario ParseTrainingScenario(int argc, char* argv[]);

} // namespace mixnet
} // namespace ns3

#endif // TRAINING_SCENARIO_H
