/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#include "fabric-file-host.h"

#include "ns3/unit-text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace mixnetcore
{

namespace
{

constexpr uint64_t MAX_GPUS_OF_HOST = 1024;           //!< and NICs
constexpr const char* CROSSBAR = "nvswitch";          //!< what joins GPUs
constexpr const char* PAIRS = "nvlink-pairs";         //!< likewise
constexpr const char* OPTICAL_SIDE = "optical";       //!< of a NIC
constexpr const char* ELECTRICAL_SIDE = "electrical"; //!< likewise

/// @param fields The object "host". @param name One of its fields. @return the rate in it, if any.
std::optional<BitsPerSecond>
RateOf(const JsonFields& fields, const std::string& name)
{
    return fields.Has(name) ? std::optional(fields.Item(name).Rate()) : std::nullopt;
}

/// @param fields The object "host". @param host Has its GPUs, gets what joins them.
void
ReadInterior(const JsonFields& fields, HostPlan& host)
{
    host.gpuPortRate = RateOf(fields, "gpuPortRate").value_or(HostSpec().gpuPortRate);
    host.pcieRate = RateOf(fields, "pcieRate");
    host.numaLinkRate = RateOf(fields, "numaLinkRate");
    host.nicAttachmentRate = RateOf(fields, "nicAttachmentRate");
    if (fields.Has("interconnect") &&
        fields.Item("interconnect").Choice({CROSSBAR, PAIRS}) == PAIRS)
    {
        host.interconnect = GpuInterconnect::NvlinkPairs;
    }
    if (host.interconnect == GpuInterconnect::NvlinkPairs && host.gpus % 2 != 0)
    {
        fields.Refuse("gpus", std::string("an even number with ") + PAIRS);
    }
    if (host.interconnect == GpuInterconnect::NvSwitch && host.pcieRate)
    {
        fields.Refuse("pcieRate", std::string("none but with \"interconnect\": \"") + PAIRS + "\"");
    }
}

/// @param item An element of "nics". @param nic Has what it is unless it says otherwise.
/// @param host Has its GPUs.
void
ReadNic(const JsonItem& item, NicPlan& nic, const HostPlan& host)
{
    const auto fields = item.Fields({"side", "gpu", "rate", "numaHalf"});
    nic.role = fields.Item("side").Choice({OPTICAL_SIDE, ELECTRICAL_SIDE}) == OPTICAL_SIDE
                   ? NicRole::Optical
                   : NicRole::Electrical;
    nic.gpu = fields.CountOr("gpu", nic.gpu, 0, host.gpus - 1);
    nic.numaHalf = fields.CountOr("numaHalf", host.NumaHalfOf(nic.gpu), 0, 1);
    nic.rate = RateOf(fields, "rate").value_or(nic.rate);
}

/// @param fields The object "host", with the field "nics". @param linkRate Of NICs that say
/// nothing. @param host Has its GPUs, gets NICs.
void
ReadNicList(const JsonFields& fields, BitsPerSecond linkRate, HostPlan& host)
{
    for (const auto* name : {"opticalNics", "electricalNics"})
    {
        if (fields.Has(name))
        {
            fields.Refuse(name, "either numbers of NICs or the list nics, not both");
        }
    }
    const auto items = fields.Items("nics");
    if (items.empty() || items.size() > MAX_GPUS_OF_HOST)
    {
        fields.Refuse("nics", "1 to " + std::to_string(MAX_GPUS_OF_HOST) + " NICs");
    }
    for (const auto& item : items)
    {
        const uint32_t gpu = host.nics.size() * host.gpus / items.size();
        NicPlan nic{NicRole::Electrical, gpu, 0, linkRate};
        ReadNic(item, nic, host);
        host.nics.push_back(nic);
    }
}

/// @param host A server. @param linkRate Rate of its NICs. @return the NICs that PlanHost() gives
/// it when it has as many of each side.
std::vector<NicPlan>
UsualNics(const HostPlan& host, BitsPerSecond linkRate)
{
    HostSpec spec;
    spec.gpus = host.gpus;
    spec.opticalDegree = host.NicsOn(NicRole::Optical).size();
    spec.electricalNics = host.NicsOn(NicRole::Electrical).size();
    spec.linkRate = linkRate;
    return host.nics.size() > host.gpus ? std::vector<NicPlan>() : PlanHost(spec).nics;
}

/// @param host A server with NICs in any order. @param linkRate Rate of NICs that say nothing.
/// @return the list "nics".
nlohmann::ordered_json
NicsJson(const HostPlan& host, BitsPerSecond linkRate)
{
    auto list = nlohmann::ordered_json::array();
    for (const auto& nic : host.nics)
    {
        nlohmann::ordered_json item{
            {"side", nic.role == NicRole::Optical ? OPTICAL_SIDE : ELECTRICAL_SIDE},
            {"gpu", nic.gpu}};
        if (nic.rate != linkRate)
        {
            item["rate"] = ExactText(nic.rate);
        }
        if (nic.numaHalf != host.NumaHalfOf(nic.gpu))
        {
            item["numaHalf"] = nic.numaHalf;
        }
        list.push_back(std::move(item));
    }
    return list;
}

} // namespace

HostPlan
ReadHost(const JsonItem& item, BitsPerSecond linkRate)
{
    const auto fields = item.Fields({"gpus",
                                     "opticalNics",
                                     "electricalNics",
                                     "nics",
                                     "gpuPortRate",
                                     "interconnect",
                                     "pcieRate",
                                     "numaLinkRate",
                                     "nicAttachmentRate"});
    HostPlan host;
    host.gpus = fields.Count("gpus", 1, MAX_GPUS_OF_HOST);
    ReadInterior(fields, host);
    if (fields.Has("nics"))
    {
        ReadNicList(fields, linkRate, host);
        return host;
    }
    HostSpec spec;
    spec.gpus = host.gpus;
    spec.linkRate = linkRate;
    spec.opticalDegree = fields.CountOr("opticalNics", 0, 0, host.gpus);
    spec.electricalNics = fields.CountOr("electricalNics", 0, 0, host.gpus - spec.opticalDegree);
    if (spec.opticalDegree + spec.electricalNics == 0)
    {
        item.Refuse("a NIC at least: opticalNics, electricalNics, or a list nics");
    }
    host.nics = PlanHost(spec).nics;
    return host;
}

nlohmann::ordered_json
HostJson(const HostPlan& host, BitsPerSecond linkRate)
{
    const auto isSame = [](const NicPlan& a, const NicPlan& b) {
        return a.role == b.role && a.gpu == b.gpu && a.numaHalf == b.numaHalf && a.rate == b.rate;
    };
    nlohmann::ordered_json json{{"gpus", host.gpus}};
    const auto usual = UsualNics(host, linkRate);
    if (std::equal(usual.begin(), usual.end(), host.nics.begin(), host.nics.end(), isSame))
    {
        json["opticalNics"] = host.NicsOn(NicRole::Optical).size();
        json["electricalNics"] = host.NicsOn(NicRole::Electrical).size();
    }
    else
    {
        json["nics"] = NicsJson(host, linkRate);
    }
    json["gpuPortRate"] = ExactText(host.gpuPortRate);
    if (host.interconnect == GpuInterconnect::NvlinkPairs)
    {
        json["interconnect"] = PAIRS;
    }
    for (const auto& [name, rate] : {std::pair("pcieRate", host.pcieRate),
                                     std::pair("numaLinkRate", host.numaLinkRate),
                                     std::pair("nicAttachmentRate", host.nicAttachmentRate)})
    {
        if (rate)
        {
            json[name] = ExactText(*rate);
        }
    }
    return json;
}

} // namespace mixnetcore
