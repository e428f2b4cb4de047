/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef MEASURED_LOAD_H
#define MEASURED_LOAD_H

#include "ns3/demand-matrix.h"

namespace tests
{

/**
 * @ingroup mixnet-tests
 * @return measured token counts of Mixtral 8x7B, source rank (row) by expert (column), one expert
 * on each of eight ranks. Every row adds up to 32768.
 */
inline mixnetcore::TokenMatrix
MeasuredTokens()
{
    return {
        {9810, 5338, 1231, 3042, 4452, 2004, 841, 6050},
        {9278, 6282, 839, 3722, 3821, 2903, 909, 5014},
        {10684, 5165, 1044, 2634, 4344, 3333, 675, 4889},
        {10897, 5629, 1086, 2114, 2762, 3463, 1059, 5758},
        {8684, 5666, 1046, 3955, 4334, 2952, 944, 5187},
        {8361, 5908, 777, 3043, 3984, 3422, 897, 6376},
        {10208, 5507, 1117, 4148, 3967, 3119, 904, 3798},
        {9781, 5211, 902, 3343, 4289, 2839, 1008, 5395},
    };
}

} // namespace tests

#endif // MEASURED_LOAD_H
