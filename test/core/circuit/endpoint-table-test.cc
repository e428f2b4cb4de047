/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "../testbed/refusal.h"

#include "ns3/endpoint-table.h"

#include <gtest/gtest.h>

using namespace mixnetcore;

namespace
{

/// @return bytes from GPU to GPU of four: all different.
DemandMatrix
FourGpus()
{
    DemandMatrix demand(4, 4);
    for (size_t from = 0; from < 4; ++from)
    {
        for (size_t to = 0; to < 4; ++to)
        {
            demand.At(from, to) = Bytes(uint64_t{1} << (4 * from + to));
        }
    }
    return demand;
}

} // namespace

TEST(EndpointTable, AddsUpWhatHostsSendToHosts)
{
    // A region of three hosts, of which a group has GPUs 2 and 3 of the last and of the first.
    const EndpointTable table({{7}, {8}, {9}}, {{9, 2}, {9, 3}, {7, 2}, {7, 3}});
    EXPECT_EQ(table.OfHost(9), (std::vector<uint32_t>{2}));
    EXPECT_EQ(table.OfHost(8), (std::vector<uint32_t>{}));
    // GPUs 0 and 1 of the group are at endpoint 2: rows of 4 bits, to GPUs 2 and 3 the upper two.
    EXPECT_EQ(table.From(FourGpus(), 2), (std::vector<Bytes>{Bytes(0xcc), Bytes(0), Bytes(0x33)}));
    EXPECT_EQ(table.From(FourGpus(), 0),
              (std::vector<Bytes>{Bytes(0xcc00), Bytes(0), Bytes(0x3300)}));
    EXPECT_EQ(table.From(FourGpus(), 1), std::vector<Bytes>(3));
    EXPECT_EQ(table.Between(FourGpus()).Total(), Bytes(0xffff));
    EXPECT_EQ(table.Between(FourGpus()).At(2, 0), Bytes(0xcc));
}

TEST(EndpointTable, KeepsGpusWithPortsOfTheirOwnApart)
{
    const EndpointTable table({{5, 0}, {5, 1}, {6}}, {{5, 0}, {5, 1}, {6, 0}, {6, 1}});
    EXPECT_EQ(table.OfHost(5), (std::vector<uint32_t>{0, 1}));
    EXPECT_EQ(table.From(FourGpus(), 0), (std::vector<Bytes>{Bytes(1), Bytes(2), Bytes(0xc)}));
    EXPECT_EQ(table.From(FourGpus(), 1),
              (std::vector<Bytes>{Bytes(0x10), Bytes(0x20), Bytes(0xc0)}));
}

TEST(EndpointTable, ServesTwoGroupsThatShareAServer)
{
    const std::vector<Endpoint> endpoints{{0}, {1}};
    const EndpointTable first(endpoints, {{0, 0}, {0, 1}, {1, 0}, {1, 1}});
    const EndpointTable second(endpoints, {{0, 2}, {0, 3}, {1, 2}, {1, 3}});
    EXPECT_TRUE(first.Between(FourGpus()) == second.Between(FourGpus()));
}

TEST(EndpointTable, RefusesAGpuOutsideTheRegion)
{
    EXPECT_EQ(tests::Refusal([] {
                  EndpointTable({{5, 0}}, {{5, 1}});
              }),
              "GPU 1 of host 5 belongs to no endpoint of the region");
}
