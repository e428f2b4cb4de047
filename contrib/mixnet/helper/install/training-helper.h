/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef TRAINING_HELPER_H
#define TRAINING_HELPER_H

#include "fabric-helper.h"

#include "ns3/moe-training-application.h"
#include "ns3/moe-training-work.h"
#include "ns3/regional-controller.h"
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
    std::shared_ptr<const mixnetcore::TaskSource> tasks;   //!< what its ranks do
    mixnetcore::ExpertParallelGroup layout{1, 1, 1};       //!< its ranks on GPUs
    uint32_t number{0};                                    //!< which: replica + DP * stage
    mixnetcore::PhaseKey lastPhase;                        //!< of an iteration, but for its number
    uint64_t phases{0};                                    //!< of all ranks and iterations

    /// @return EP ranks of the group; parts of them where they span hosts.
    size_t Ranks() const
    {
        return layout.Parts();
    }

    /// @param gpu GPU of a host of the group. @return its rank, or its part of one.
    uint32_t RankOf(const mixnetcore::GpuId& gpu) const;

    /// @param trace A trace of applications. @param sink Gets what each of them tells.
    void ConnectApplications(const std::string& trace, const CallbackBase& sink) const;

    /// @param trace A trace of transports. @param sink Gets what each of them tells.
    void ConnectTransports(const std::string& trace, const CallbackBase& sink) const;

    /// @param sink Gets the decisions of the controller, if there is one.
    void ConnectDecisions(const CallbackBase& sink) const;

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

/// @ingroup mixnet
/// @param groups The EP groups of a job. @return their messages that failed so far.
uint64_t CountFailedMessages(const std::vector<TrainingGroup>& groups);

/**
 * @ingroup mixnet
 * @brief A training job: all replicas and stages of a model, or one EP group and some layers.
 */
struct TrainingJobSpec
{
    mixnetcore::ModelSpec model;                                //!< model to train
    std::shared_ptr<const mixnetcore::TrainingProgram> program; //!< who does what
    std::shared_ptr<const mixnetcore::MoeTrainingWork> work;    //!< what it costs
    uint32_t iterations{1};                                     //!< how many, one after another

    /// @return ranks, and layers on stages.
    const mixnetcore::ParallelPlan& Plan() const
    {
        return program->Plan();
    }
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
    void SetApplicationAttribute(const std::string& name, const AttributeValue& value)
    {
        m_applicationFactory.Set(name, value);
    }

    /**
     * @param name Attribute of RegionalController.
     * @param value Its value.
     */
    void SetControllerAttribute(const std::string& name, const AttributeValue& value)
    {
        m_controllerFactory.Set(name, value);
    }

    /**
     * @param name Attribute of GradientReducer.
     * @param value Its value.
     */
    void SetReducerAttribute(const std::string& name, const AttributeValue& value)
    {
        m_reducerFactory.Set(name, value);
    }

    /**
     * @param fabric The fabric, at least as large as the job; on one with regions each of them
     * holds one EP group. Hosts are numbered as the job's plan numbers them.
     * @param job The job.
     * @return what was installed, by EP group: replica + DP * stage.
     */
    std::vector<TrainingGroup> Install(const Fabric& fabric, const TrainingJobSpec& job) const;

  private:
    /// @param fabric The fabric. @param hosts Those of all groups. @param[in,out] group Gets what
    /// is installed; its tasks, layout and number are there.
    void InstallGroup(const Fabric& fabric,
                      std::shared_ptr<const MoeTrainingApplication::GroupHosts> hosts,
                      TrainingGroup& group) const;

    /// @param fabric The fabric. @param job The job. @param[in,out] groups Get what reduces their
    /// gradients.
    void InstallReducers(const Fabric& fabric,
                         const TrainingJobSpec& job,
                         std::vector<TrainingGroup>& groups) const;

    /// @param fabric The fabric. @param group Group of a region. @return its controller.
    Ptr<RegionalController> InstallController(const Fabric& fabric,
                                              const TrainingGroup& group) const;

    ObjectFactory m_applicationFactory; //!< makes applications
    ObjectFactory m_controllerFactory;  //!< makes controllers
    ObjectFactory m_reducerFactory;     //!< makes reducers of gradients
};

} // namespace mixnet
} // namespace ns3

#endif // TRAINING_HELPER_H
