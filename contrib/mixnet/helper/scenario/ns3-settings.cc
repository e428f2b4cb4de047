/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "ns3-settings.h"

#include "ns3/data-rate.h"
#include "ns3/global-value.h"
#include "ns3/option-names.h"
#include "ns3/option-values.h"
#include "ns3/pointer.h"
#include "ns3/string.h"
#include "ns3/type-id.h"

#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <vector>

namespace ns3
{
namespace mixnet
{

namespace
{

/**
 * @param name Name of an option.
 * @param[out] attribute The attribute of an ns-3 class it names, as ns3::Class::Attribute.
 * @return whether it names one.
 */
bool
FindAttribute(const std::string& name, TypeId::AttributeInformation& attribute)
{
    const auto colons = name.rfind("::");
    TypeId type;
    return colons != std::string::npos &&
           TypeId::LookupByNameFailSafe(name.substr(0, colons), &type) &&
           type.LookupAttributeByName(name.substr(colons + 2), &attribute);
}

/// @param name Name of an option. @return the global value of that name, if there is one.
const GlobalValue*
FindGlobal(const std::string& name)
{
    for (auto global = GlobalValue::Begin(); global != GlobalValue::End(); ++global)
    {
        if ((*global)->GetName() == name)
        {
            return *global;
        }
    }
    return nullptr;
}

/// @tparam Value What is read. @param text What the user gave. @return whether ns-3 can read it as
/// a whole.
template <typename Value>
bool
IsRead(const std::string& text)
{
    std::istringstream stream(text);
    Value parsed{};
    return stream >> parsed && stream.peek() == EOF;
}

/// @param text What the user gave for a time. @return whether ns-3 can read it, which else aborts.
bool
IsTime(const std::string& text)
{
    static const std::set<std::string>
        units{"", "fs", "ps", "ns", "us", "ms", "s", "min", "h", "d", "y"};
    const auto number = text.substr(0, text.find_first_not_of("+-0123456789.eE"));
    return IsRead<double>(number) && units.count(text.substr(number.size())) > 0;
}

/**
 * @param value What the user gave. @param base A class, if it matters which.
 * @return whether it is the name of a class that can be made, and derives from the base.
 */
bool
IsClass(const std::string& value, const std::optional<TypeId>& base)
{
    TypeId type;
    return TypeId::LookupByNameFailSafe(value, &type) && type.HasConstructor() &&
           (!base || type == *base || type.IsChildOf(*base));
}

/// @param text What the user gave. @return whether ns-3 reads it as yes or no.
bool
IsFlag(const std::string& text)
{
    static const std::set<std::string> flags{"true", "1", "t", "false", "0", "f"};
    return flags.count(text) > 0;
}

std::string FaultOf(const AttributeChecker& checker, const std::string& value);

/**
 * @param checker What a setting of ns-3 allows, that is an object.
 * @param value What the user gave: a class, or one with attributes as in
 * ns3::UniformRandomVariable[Min=1|Max=2].
 * @return what is wrong with it, in words; empty when nothing is.
 */
std::string
FaultOfObject(const PointerChecker& checker, const std::string& value)
{
    const auto base = checker.GetPointeeTypeId();
    const auto name = value.substr(0, value.find('['));
    if (!IsClass(name, base))
    {
        return "must be the name of a class of " + base.GetName() +
               ", with or without attributes, as in ns3::Class[Attribute=1]";
    }
    if (name == value)
    {
        return {};
    }
    if (value.back() != ']')
    {
        return "must end with ']'";
    }
    std::istringstream attributes(value.substr(name.size() + 1, value.size() - name.size() - 2));
    for (std::string attribute; std::getline(attributes, attribute, '|');)
    {
        const auto equals = attribute.find('=');
        TypeId::AttributeInformation known;
        if (equals == std::string::npos ||
            !FindAttribute(name + "::" + attribute.substr(0, equals), known))
        {
            return "'" + attribute + "' must be ATTRIBUTE=VALUE with an attribute of " + name;
        }
        const auto fault = FaultOf(*known.checker, attribute.substr(equals + 1));
        if (!fault.empty())
        {
            return "'" + attribute + "' " + fault;
        }
    }
    return {};
}

/**
 * @param checker What a setting of ns-3 allows.
 * @param value What the user gave.
 * @return what is wrong with it, in words; empty when nothing is. ns-3 itself aborts where a text
 * does not parse, so that is looked at before.
 */
std::string
FaultOf(const AttributeChecker& checker, const std::string& value)
{
    using Test = bool (*)(const std::string&);
    static const std::map<std::string, Test> tests{{"TimeValue", IsTime},
                                                   {"UintegerValue", IsRead<double>},
                                                   {"IntegerValue", IsRead<double>},
                                                   {"DoubleValue", IsRead<double>},
                                                   {"BooleanValue", IsFlag},
                                                   {"DataRateValue", IsRead<DataRate>}};
    // Some have the namespace in front of them and some have not.
    const std::string space = "ns3::";
    const auto type = checker.GetValueTypeName();
    const auto kind = type.rfind(space, 0) == 0 ? type.substr(space.size()) : type;
    const auto test = tests.find(kind);
    if (test != tests.end() && !test->second(value))
    {
        return kind == "TimeValue"
                   ? "must be a time with its unit: y, d, h, min, s, ms, us, ns, ps or fs"
                   : "must be of type " + checker.GetUnderlyingTypeInformation();
    }
    if (kind == "UintegerValue" && !mixnetcore::TryParseCount(value, 0, UINT64_MAX))
    {
        return "must be of type " + checker.GetUnderlyingTypeInformation();
    }
    if (kind == "TypeIdValue")
    {
        return IsClass(value, std::nullopt) ? "" : "must be the name of a class of ns-3";
    }
    if (const auto* const object = dynamic_cast<const PointerChecker*>(&checker))
    {
        return FaultOfObject(*object, value);
    }
    if (!checker.CreateValidValue(StringValue(value)))
    {
        return "must be of type " + checker.GetUnderlyingTypeInformation();
    }
    return {};
}

} // namespace

bool
IsSetting(const std::string& name)
{
    TypeId::AttributeInformation attribute;
    return FindAttribute(name, attribute) || FindGlobal(name);
}

std::string
SuggestSetting(const std::string& name)
{
    std::vector<std::string> names;
    const auto colons = name.rfind("::");
    TypeId type;
    if (colons == std::string::npos)
    {
        for (auto global = GlobalValue::Begin(); global != GlobalValue::End(); ++global)
        {
            names.push_back((*global)->GetName());
        }
        return mixnetcore::SuggestName(names, name, "--");
    }
    const auto prefix = name.substr(0, colons + 2);
    if (!TypeId::LookupByNameFailSafe(name.substr(0, colons), &type))
    {
        return "; there is no class " + name.substr(0, colons) + ", --PrintTypeIds lists them";
    }
    for (size_t i = 0; i < type.GetAttributeN(); ++i)
    {
        names.push_back(type.GetAttribute(i).name);
    }
    const auto guess = mixnetcore::SuggestName(names, name.substr(colons + 2), "--" + prefix);
    return guess.empty() ? "; --PrintAttributes=" + type.GetName() + " lists its attributes"
                         : guess;
}

std::string
FaultOfSetting(const std::string& name, const std::string& value)
{
    TypeId::AttributeInformation attribute;
    const auto checker =
        FindAttribute(name, attribute) ? attribute.checker : FindGlobal(name)->GetChecker();
    return FaultOf(*checker, value);
}

} // namespace mixnet
} // namespace ns3
