/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_HELPER_H
#define TRAINING_HELPER_H

#include "fabric-helper.h"

#include "ns3/application-container.h"
#include "ns3/moe-training-application.h"
#include "ns3/phase-sequence.h"
#include "ns3/training-program.h"

namespace ns3
{
namespace mixnet
{

/**
 * @ingroup mixnet
 * @brief The installed training of one EP group.
 */
struct TrainingGroup
{
    std::vector<Ptr<MoeTrainingApplication>> applications; //!< by host of the region
    std::vector<Ptr<CollectiveEngine>> engines;            //!< likewise
    Ptr<RegionalController> controller;                    //!< of the region; none without optics
    std::vector<Ptr<MessageTransport>> transports;         //!< by host of the region
    std::vector<Ptr<GradientReducer>> reducers;            //!< by host; of a whole job only
    std::shared_ptr<const mixnetcore::MoeGroupWorkload> workload; //!< work of the group
    std::shared_ptr<const mixnetcore::PhaseProgram> program;      //!< phases of its ranks

    /// @return EP ranks of the group; parts of them where they span hosts.
    size_t Ranks() const;

    /// @return messages that failed so far.
    uint64_t GetFailedMessages() const;

    /// @return phases that ranks have begun and not ended; empty when all are through.
    std::vector<MoeTrainingApplication::UnfinishedPhase> GetUnfinishedPhases() const;
};

/**
 * @ingroup mixnet
 * @param unfinished A phase that a rank has begun and not ended.
 * @return what the rank does, for people, as "Computing in expert, forward, of layer 3, microbatch
 * 0".
 */
std::string ToString(const MoeTrainingApplication::UnfinishedPhase& unfinished);

/**
 * @ingroup mixnet
 * @param groups The EP groups of a job.
 * @return what ranks wait for, a line each, the first ten of them.
 */
std::vector<std::string> DescribeUnfinished(const std::vector<TrainingGroup>& groups);

/**
 * @ingroup mixnet
 * @brief A whole training job: all replicas and stages of a model.
 */
struct TrainingJobSpec
{
    mixnetcore::ModelSpec model;                                //!< model to train
    std::shared_ptr<const mixnetcore::TrainingProgram> program; //!< who does what
    std::shared_ptr<const mixnetcore::TrainingWork> work;       //!< what it costs
    std::shared_ptr<const mixnetcore::ExpertLoad> load;         //!< which tokens go where
    std::shared_ptr<const mixnetcore::ComputeModel> compute;    //!< times of computing phases
    mixnetcore::Deduplication deduplication{mixnetcore::Deduplication::None}; //!< how often sent
    uint32_t iterations{1}; //!< how many, one after another
};

/**
 * @ingroup mixnet
 * @brief Installs the training of EP groups: an application per host, a controller per region.
 */
class TrainingHelper
{
  public:
    TrainingHelper();

    /**
     * @param name Attribute of MoeTrainingApplication.
     * @param value Its value.
     */
    void SetApplicationAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @param name Attribute of RegionalController.
     * @param value Its value.
     */
    void SetControllerAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @param name Attribute of GradientReducer.
     * @param value Its value.
     */
    void SetReducerAttribute(const std::string& name, const AttributeValue& value);

    /**
     * @param fabric The fabric: its region of that index, or, without optics, its first hosts, on
     * which every GPU uses its own NIC. The group must fit.
     * @param workload Work of the group.
     * @param sequence What to go through, and in which region; whether there are tensor-parallel
     * collectives follows from the group.
     * @return what was installed.
     */
    TrainingGroup Install(const Fabric& fabric,
                          std::shared_ptr<const mixnetcore::MoeGroupWorkload> workload,
                          mixnetcore::PhaseSequenceSpec sequence) const;

    /**
     * @param fabric The fabric, as large as the job; on MixNet each region holds one EP group.
     * Hosts are numbered as the job's plan numbers them.
     * @param job The job.
     * @return what was installed, by EP group: replica + DP * stage.
     */
    std::vector<TrainingGroup> InstallJob(const Fabric& fabric, const TrainingJobSpec& job) const;

  private:
    /// @param fabric The fabric. @param hosts Those of a group. @param region Of the group; on a
    /// fabric with regions. @param group What is installed; its program and workload are there.
    void InstallGroup(const Fabric& fabric,
                      const std::vector<uint32_t>& hosts,
                      uint32_t region,
                      TrainingGroup& group) const;

    /// @param fabric The fabric. @param region Index of a region. @param program What its hosts
    /// do. @return its controller.
    Ptr<RegionalController> InstallController(
        const Fabric& fabric,
        uint32_t region,
        std::shared_ptr<const mixnetcore::PhaseProgram> program) const;

    ObjectFactory m_applicationFactory; //!< makes applications
    ObjectFactory m_controllerFactory;  //!< makes controllers
    ObjectFactory m_reducerFactory;     //!< makes reducers of gradients
};

} // namespace mixnet
} // namespace ns3

#endif // TRAINING_HELPER_H
