/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

/**
 * @file
 * @ingroup mixnet
 * What the module says about itself: attributes and trace sources of its classes, as their TypeIds
 * have them, and all names in its registries. utils/manual.py makes tables of it.
 *
 * Run:    ./ns3 run mixnet-reference
 * Prints: a JSON object with "types" and "families".
 */

#include "ns3/core-module.h"
#include "ns3/mixnet-module.h"

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

using namespace ns3;
using namespace ns3::mixnet;
using nlohmann::ordered_json;

namespace
{

constexpr const char* NAMESPACE = "ns3::mixnet::"; //!< of the module's classes

/// @param type A class. @return its attributes, without those of its base classes.
ordered_json
AttributesOf(const TypeId& type)
{
    auto attributes = ordered_json::array();
    for (size_t i = 0; i < type.GetAttributeN(); ++i)
    {
        const auto attribute = type.GetAttribute(i);
        const auto& checker = attribute.checker;
        const bool isPointer = attribute.originalInitialValue == nullptr ||
                               DynamicCast<const PointerValue>(attribute.originalInitialValue);
        attributes.push_back(
            {{"name", attribute.name},
             {"help", attribute.help},
             {"type", checker->GetValueTypeName()},
             {"range",
              checker->HasUnderlyingTypeInformation() ? checker->GetUnderlyingTypeInformation()
                                                      : ""},
             {"default",
              isPointer ? "" : attribute.originalInitialValue->SerializeToString(checker)},
             {"settable", (attribute.flags & TypeId::ATTR_SET) != 0}});
    }
    return attributes;
}

/// @param type A class. @return its trace sources, without those of its base classes.
ordered_json
TraceSourcesOf(const TypeId& type)
{
    auto sources = ordered_json::array();
    for (size_t i = 0; i < type.GetTraceSourceN(); ++i)
    {
        const auto source = type.GetTraceSource(i);
        sources.push_back(
            {{"name", source.name}, {"help", source.help}, {"callback", source.callback}});
    }
    return sources;
}

/// @return the classes of the module, by name.
ordered_json
DescribeTypes()
{
    std::vector<TypeId> types;
    for (uint16_t i = 0; i < TypeId::GetRegisteredN(); ++i)
    {
        types.push_back(TypeId::GetRegistered(i));
    }
    std::sort(types.begin(), types.end(), [](const TypeId& a, const TypeId& b) {
        return a.GetName() < b.GetName();
    });
    auto described = ordered_json::array();
    for (const auto& type : types)
    {
        if (type.GetName().rfind(NAMESPACE, 0) == 0)
        {
            described.push_back({{"name", type.GetName()},
                                 {"parent", type.GetParent().GetName()},
                                 {"attributes", AttributesOf(type)},
                                 {"traceSources", TraceSourcesOf(type)}});
        }
    }
    return described;
}

/// @return the registries, each with its names.
ordered_json
DescribeFamilies()
{
    auto families = ordered_json::array();
    for (const auto& family : NameFamilies())
    {
        auto entries = ordered_json::array();
        for (const auto& name : family.names->Names())
        {
            entries.push_back({{"name", name}, {"summary", family.names->SummaryOf(name)}});
        }
        families.push_back({{"title", family.title},
                            {"accessor", family.accessor},
                            {"option", family.option},
                            {"entries", entries}});
    }
    return families;
}

/// @param argc Number of arguments. @param argv The arguments. @return exit code.
int
PrintReference(int argc, char* argv[])
{
    ProgramOptions options(
        "Prints attributes, trace sources and registries of the module as JSON.");
    options.Parse(argc, argv);
    options.Settle();
    const ordered_json reference{{"types", DescribeTypes()}, {"families", DescribeFamilies()}};
    std::cout << reference.dump(1) << "\n";
    return 0;
}

} // namespace

/**
 * @param argc Number of arguments.
 * @param argv The arguments.
 * @return exit code.
 */
int
main(int argc, char* argv[])
{
    return RunProgram("mixnet-reference", PrintReference, argc, argv);
}
