/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FABRIC_FILE_H
#define FABRIC_FILE_H

#include "ns3/fabric-plan.h"

#include <istream>
#include <string>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief Reads a fabric of any kind from the text of a JSON file.
 *
 * The file is an object. Times and rates are texts with a unit, as "1us" and "400Gb/s".
 *
 * | key              | value                                                                    |
 * | ---------------- | ------------------------------------------------------------------------ |
 * | name             | in tables and results; without it the path without folder and .json      |
 * | description      | a text for readers of the file                                           |
 * | linkRate         | of NICs and of links between packet switches that say nothing; 400Gb/s   |
 * | linkDelay        | of links that say nothing; 1us                                           |
 * | host             | inside of every host, see below; needed                                  |
 * | hosts            | how many: host0, host1, ...; needed                                      |
 * | switches         | list of switches                                                         |
 * | links            | list of fibres                                                           |
 * | regions          | list of regions: switches whose circuits a controller chooses            |
 * | schedules        | list of schedules: switches whose circuits no controller chooses         |
 * | rings            | list of rings of an all-reduce that circuits have been laid for          |
 * | routes           | list of paths of pairs that do not take the shortest ones                |
 * | forwarding       | one of AllToAllRouters(); without it UsualRouter()                       |
 * | relays           | list of hosts that pass on bytes of others, or "all", which relay and    |
 * |                  | valiant have without it                                                  |
 * | controlPathDelay | one-way delay of acknowledgements of one-way circuits; needed with these |
 *
 * host:
 *
 * | key                         | value                                                         |
 * | --------------------------- | ------------------------------------------------------------- |
 * | gpus                        | GPUs; needed                                                  |
 * | opticalNics, electricalNics | NICs of each side, placed as by PlanHost()                    |
 * | nics                        | instead: a list of NICs, each an object                       |
 * | nics[].side                 | "optical" or "electrical"; needed                             |
 * | nics[].gpu                  | GPU that it is attached to; GPUs in turn as by PlanHost()     |
 * | nics[].rate                 | linkRate                                                      |
 * | nics[].numaHalf             | 0 or 1; that of its GPU                                       |
 * | gpuPortRate                 | of a GPU's NVSwitch or NVLink port, each way; 3600Gb/s        |
 * | interconnect                | "nvswitch", or "nvlink-pairs"; nvswitch                       |
 * | pcieRate                    | of a GPU's PCIe, with nvlink-pairs only; no limit             |
 * | numaLinkRate                | between the halves; no limit                                  |
 * | nicAttachmentRate           | between a NIC and its GPU; no limit                           |
 *
 * Lists:
 *
 * | key                     | value                                                            |
 * | ----------------------- | ---------------------------------------------------------------- |
 * | switches[].name         | without /, and not that of a host; needed                        |
 * | switches[].kind         | "packet" or "ocs" (optical circuit switch); needed               |
 * | switches[].ports        | the highest that is used, and those before it                    |
 * | switches[].tier         | of a packet switch: 1 leaf, 2 spine, 3 core, 0 none of them; 1   |
 * | switches[].buffer       | of a packet switch: bytes, or a text as "32MiB"; as the model    |
 * |                         | has it                                                           |
 * | links[].ends            | two of NODE/PORT; of a switch alone its lowest free port         |
 * | links[].rate            | that of its NIC, which it has to be; between switches linkRate   |
 * | links[].delay           | linkDelay                                                        |
 * | regions[].hosts         | list of hosts, or "all"                                          |
 * | regions[].switches      | list of names, one for each plane                                |
 * | regions[].endpoints     | "hosts", or "gpus": each GPU with optical NICs of its own; hosts |
 * | schedules[].switch      | its name                                                         |
 * | schedules[].guard       | time between two slots; 0                                        |
 * | schedules[].slots       | list of slots, at least one                                      |
 * | ...slots[].duration     | above 0; not needed of an only slot, which stands for ever       |
 * | ...slots[].circuits     | list of pairs of NICs as host0/3, or of ports of the switch      |
 * | ...slots[].oneWay       | the same for one-way circuits: the NIC that sends comes first    |
 * | rings[].hosts, .nic     | hosts in their order, or "all"; number of the NIC, 0             |
 * | routes[].from, .to      | hosts                                                            |
 * | routes[].over           | list of hosts in between; none                                   |
 * | routes[].share          | of the bytes of the pair, over the sum of all its routes; 1      |
 *
 * A link without rate and delay may be the list of its two ends. Links join an electrical NIC and a
 * packet switch, an optical NIC and an optical circuit switch, two optical NICs, or two packet
 * switches. What ends at the switches of a region follows from the links.
 *
 * Checked are types, ranges and unknown names; that each port has one link, and one circuit at a
 * time; that electrical NICs have links, and optical circuit switches either a region or a
 * schedule; that rings and routes follow circuits; and CheckReach().
 *
 * @param text The text.
 * @param path Path of the file: for messages and the name.
 * @return the fabric.
 * @throws std::invalid_argument with one line: file, field, value and rule; for a mistake in the
 *         syntax file, line and column.
 */
FabricPlan ParseFabric(const std::string& text, const std::string& path);

/**
 * @ingroup mixnet-core
 * @param input Gives the text.
 * @param name What messages call it.
 * @return the fabric.
 * @throws std::invalid_argument as ParseFabric(), and when it cannot be read, is empty or has more
 *         than MAX_TEXT_BYTES.
 */
FabricPlan ReadFabric(std::istream& input, const std::string& name);

/**
 * @ingroup mixnet-core
 * @param path A JSON file.
 * @return the fabric in it.
 * @throws std::invalid_argument as ParseFabric(), and when the file cannot be read, is empty or has
 *         more than MAX_TEXT_BYTES.
 */
FabricPlan ReadFabricFile(const std::string& path);

} // namespace mixnetcore

#endif // FABRIC_FILE_H
