/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef BROKEN_FABRICS_H
#define BROKEN_FABRICS_H

#include "refusal.h"

#include "ns3/fabric-file.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace mixnetcore::tests
{

/// @return a fabric that is right: three hosts of two optical NICs and an electrical one, an OCS
/// with a schedule for the first optical NICs, and a fibre from NIC to NIC.
inline nlohmann::json
RightFabric()
{
    return nlohmann::json::parse(R"({
        "host": {"gpus": 4, "nics": [{"side": "optical"}, {"side": "optical"},
                                     {"side": "electrical"}]},
        "hosts": 3,
        "switches": [{"name": "ocs0", "kind": "ocs", "ports": 4},
                     {"name": "leaf0", "kind": "packet"}],
        "links": [["host0/0", "ocs0/0"], ["host1/0", "ocs0/1"], ["host2/0", "ocs0/2"],
                  ["host0/2", "leaf0"], ["host1/2", "leaf0"], ["host2/2", "leaf0"],
                  {"ends": ["host0/1", "host1/1"], "delay": "2us"}],
        "schedules": [{"switch": "ocs0", "guard": "10us", "slots": [
            {"duration": "100us", "circuits": [["host0/0", "host1/0"]]},
            {"duration": "50us", "circuits": [["host1/0", "host2/0"]]}]}],
        "rings": [{"hosts": [0, 1], "nic": 1}],
        "routes": [{"from": 0, "to": 2, "over": [1]}],
        "relays": [1]
    })");
}

/// @return one with a region in place of schedules, rings and routes.
inline nlohmann::json
RightRegion()
{
    auto fabric = RightFabric();
    for (const auto* key : {"schedules", "rings", "routes", "relays"})
    {
        fabric.erase(key);
    }
    fabric["regions"] = {{{"hosts", {0, 1, 2}}, {"switches", {"ocs0"}}}};
    return fabric;
}

/// @brief A value that is put into a file, and what is said of it.
struct Mistake
{
    std::string pointer; //!< where, as /links/0; several with a space in between
    std::string value; //!< JSON, one for each with a line in between; none to remove what is there
    std::string message; //!< without the name of the file
};

/// @param fabric What is in the file. @return the refusal; empty when there is none.
inline std::string
RefusalOfFabric(const nlohmann::json& fabric)
{
    return Refusal([&] { ParseFabric(fabric.dump(), "my.json"); });
}

/// @param right A fabric that is right. @param mistakes What to put into it, one at a time.
inline void
ExpectRefused(const nlohmann::json& right, const std::vector<Mistake>& mistakes)
{
    EXPECT_EQ(RefusalOfFabric(right), "");
    for (const auto& [pointer, value, message] : mistakes)
    {
        auto fabric = right;
        std::istringstream pointers(pointer);
        std::istringstream values(value);
        for (std::string place; pointers >> place;)
        {
            std::string text;
            std::getline(values, text);
            if (text.empty())
            {
                fabric = fabric.patch({{{"op", "remove"}, {"path", place}}});
                continue;
            }
            fabric[nlohmann::json::json_pointer(place)] = nlohmann::json::parse(text);
        }
        EXPECT_EQ(RefusalOfFabric(fabric), "my.json: " + message) << pointer << " " << value;
    }
}

} // namespace mixnetcore::tests

#endif // BROKEN_FABRICS_H
