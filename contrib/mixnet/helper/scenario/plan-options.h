/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef PLAN_OPTIONS_H
#define PLAN_OPTIONS_H

#include "compute-options.h"
#include "load-options.h"
#include "program-options.h"

#include "ns3/moe-training-work.h"
#include "ns3/parallel-plan.h"
#include "ns3/training-program.h"

#include <memory>
#include <string>

namespace ns3
{
namespace mixnet
{

/// @ingroup mixnet
/// What options of the inside of a rank need.
inline constexpr const char* NEEDS_TENSOR = "several GPUs per EP rank, --tensorParallel";

/// @ingroup mixnet
/// @brief GPUs of a server (paper, section 7.1).
inline constexpr uint32_t GPUS_PER_HOST = 8;

/**
 * @ingroup mixnet
 * @brief What training costs: which tokens go where, and how long GPUs compute.
 */
struct WorkScenario
{
    ComputeScenario compute;                                 //!< how long GPUs compute
    std::shared_ptr<const mixnetcore::MoeTrainingWork> work; //!< all of it, phase by phase
};

/**
 * @ingroup mixnet
 * @brief Declares --model.
 * @param options Where to declare it.
 * @param value Its default, a name.
 */
void AddModelOption(ProgramOptions& options, const std::string& value);

/**
 * @ingroup mixnet
 * @brief Declares --dataParallel, --microbatches and --recompute of programs that look at a job
 * without running it.
 * @param options Where to declare them.
 */
void AddReplicaOptions(ProgramOptions& options);

/**
 * @ingroup mixnet
 * @brief Declares --expertParallel, --tensorParallel and --pipelineParallel.
 * @param options Where to declare them.
 * @param need What stages need to have an effect, if anything.
 */
void AddDegreeOptions(ProgramOptions& options, const std::string& need = "");

/**
 * @ingroup mixnet
 * @brief Declares --schedule, --chunks, --attentionCollectives, --overlapGradients and
 * --gradientBytes.
 * @param options Where to declare them.
 * @param need What a schedule needs to have an effect, if anything.
 * @param ofGradients What gradients need, if anything.
 */
void AddScheduleOptions(ProgramOptions& options,
                        const std::string& need = "",
                        const std::string& ofGradients = "");

/**
 * @ingroup mixnet
 * @param options The options, --servers and --regionServers among them.
 * @param servers Servers of a fabric, one of --servers.
 * @return servers of each of its regions; 0 for all.
 * @throws std::invalid_argument with one line when these do not divide the servers.
 */
uint32_t ParseRegionServers(const ProgramOptions& options, uint64_t servers);

/**
 * @ingroup mixnet
 * @param options The options, parsed.
 * @return the model that --model names.
 * @throws std::invalid_argument with one line that says what is wrong with the option or file.
 */
mixnetcore::ModelSpec ParseModel(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @param options The options, --model and --layers among them; 0 for all layers.
 * @return the model, with as many layers as asked for, from the first on.
 * @throws std::invalid_argument with one line when that is more than it has, or dense layers only.
 */
mixnetcore::ModelSpec ParseModelWithLayers(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @param options The options, --expertParallel, --tensorParallel, --pipelineParallel and --chunks
 * among them; 0 for the model's degree.
 * @param model The model.
 * @param mostTensor Largest TP degree.
 * @param isWhole Whether the whole model is meant; else one EP group of one stage.
 * @return degrees and layers; GPUs and replicas are the caller's.
 * @throws std::invalid_argument with one line that says which option is wrong.
 */
mixnetcore::ParallelPlanSpec ParseDegrees(const ProgramOptions& options,
                                          const mixnetcore::ModelSpec& model,
                                          uint64_t mostTensor,
                                          bool isWhole = true);

/**
 * @ingroup mixnet
 * @brief Reads --microbatches: a number, or as 4x a number per pipeline stage.
 * @param options The options.
 * @param stages Pipeline stages.
 * @param otherwise What 0 stands for.
 * @param most Largest number.
 * @return microbatches per replica.
 * @throws std::invalid_argument with one line that names the option, its value and its range.
 */
uint64_t ParseMicrobatches(const ProgramOptions& options,
                           uint64_t stages,
                           uint64_t otherwise,
                           uint64_t most);

/**
 * @ingroup mixnet
 * @param options The options, --schedule, --microbatches, --recompute, --attentionCollectives and
 * --overlapGradients among them, and maybe --backward; 0 for the model's microbatches.
 * @param model The model.
 * @param degrees Degrees of its parallelism.
 * @param isWhole Whether the whole model is meant; else one EP group, which has no schedule.
 * @return what stages do in an iteration; which one it is, is the caller's.
 * @throws std::invalid_argument with one line that says which option is wrong.
 */
mixnetcore::TrainingProgramOptions ParseTrainingProgram(const ProgramOptions& options,
                                                        const mixnetcore::ModelSpec& model,
                                                        const mixnetcore::ParallelPlan& degrees,
                                                        bool isWhole = true);

/**
 * @ingroup mixnet
 * @param group An EP group on its hosts.
 * @return EP ranks of a host, which pass tokens on to each other; 0 where ranks span hosts, and
 * none does.
 */
size_t RanksThatForward(const mixnetcore::ExpertParallelGroup& group);

/**
 * @ingroup mixnet
 * @param options The options, --gradientBytes among them; it is not marked as read.
 * @return bytes of a parameter's gradient as it is reduced, 2 or 4.
 * @throws std::invalid_argument with one line that names the option and its values.
 */
uint64_t ParseGradientBytes(const ProgramOptions& options);

/**
 * @ingroup mixnet
 * @param options The options, those of loads and computing, --deduplicate and --gradientBytes among
 * them.
 * @param model The model.
 * @param plan Ranks, and layers on stages.
 * @param ranksThatForward EP ranks of a host that pass tokens on to each other; 0 for none.
 * @param span What is trained.
 * @return what training costs.
 * @throws std::invalid_argument with one line that says which option or file is wrong.
 */
WorkScenario ParseWork(const ProgramOptions& options,
                       const mixnetcore::ModelSpec& model,
                       const mixnetcore::ParallelPlan& plan,
                       size_t ranksThatForward,
                       const LoadSpan& span);

} // namespace mixnet
} // namespace ns3

#endif // PLAN_OPTIONS_H
