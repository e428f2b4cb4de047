/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MIXNET_H
#define MIXNET_H

/**
 * @defgroup mixnet MixNet: reconfigurable optical-electrical fabrics
 *
 * Regional optical circuit switches beside packet switches, electrical fabrics to compare with,
 * servers with NVSwitch and RDMA NICs, and the training of Mixture-of-Experts models over them.
 */

/**
 * @brief Devices, channels, applications and helpers of MixNet.
 */
namespace ns3::mixnet
{
}

#endif // MIXNET_H
