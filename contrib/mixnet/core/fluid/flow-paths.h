/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef FLOW_PATHS_H
#define FLOW_PATHS_H

#include "end-times.h"
#include "flow-graph.h"

#include "ns3/forwarding-plan.h"
#include "ns3/host-interior.h"
#include "ns3/route.h"

#include <boost/container/flat_set.hpp>
#include <boost/container/small_vector.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

namespace mixnetcore
{

/// @ingroup mixnet-core
/// @brief How messages become frames and chunks, for those who reckon with their sizes.
struct FlowFraming
{
    uint32_t mtu{4096};           //!< payload per frame, bytes
    uint32_t frameOverhead{82};   //!< bytes on the line around the payload of a frame
    uint32_t firstOverhead{16};   //!< bytes more in the first frame of a chunk
    uint32_t acknowledgement{86}; //!< bytes of an acknowledgement on the line
    uint64_t chunkBytes{1 << 20}; //!< bytes of a message that travel a leg together
    uint32_t pipelineDepth{0};    //!< chunks of a message that may be unacknowledged; 0: enough

    /// @param bytes Of a message. @return those of its chunks but the last.
    uint64_t BeforeLastChunk(uint64_t bytes) const
    {
        return bytes > 0 ? (bytes - 1) / chunkBytes * chunkBytes : 0;
    }

    /// @param bytes Of a message. @return payload of its last frame, bytes.
    uint32_t LastFrame(uint64_t bytes) const;
};

/**
 * @ingroup mixnet-core
 * @brief Chunks of one message that keep its path busy while they are not acknowledged.
 * @param window Bytes in flight that keep the path busy, as its queue pair has them.
 * @param chunkBytes Size of a chunk, above 0.
 * @return those of a window, and one each that goes to the NIC, has begun to leave it, and is
 * acknowledged; four at least.
 */
uint32_t ChunksInFlight(uint64_t window, uint64_t chunkBytes);

/// @ingroup mixnet-core
/// @brief What a message has to know of its path while it is in flight.
struct FlowMeasures
{
    double volume;              //!< bytes in the unit of the capacities, overhead included
    double narrowest;           //!< least capacity of the resources, bytes per second
    Picoseconds beforeFirstNic; //!< until the first chunk is at the first NIC
    Picoseconds toLastNic;      //!< from the fluid's end until all is at the last NIC
    Picoseconds toEnd;          //!< from the fluid's end until all is at its GPU
    Picoseconds toAnswer;       //!< from the fluid's end until the sender knows
};

/// @ingroup mixnet-core
/// @brief The path of a message as a fluid: what it shares, and what time it adds.
struct FlowPath : public FlowMeasures
{
    ResourceList resources; //!< what it crosses, ascending, each once
    double limit;           //!< rate that a given pipelineDepth allows, of the volume per second
};

/**
 * @ingroup mixnet-core
 * @brief What messages cross in a fabric, as resources with capacities, and what time that takes
 * beside sharing.
 *
 * Resources, numbered from 0: the two directions of every NIC's link, what is inside of every
 * server (HostInterior), and, added as paths are asked for, bundles of links between packet
 * switches:
 *
 * - With spraying, all links that shortest paths between two switches offer at the same distance
 *   are one bundle of their summed rate.
 * - With a choice by flow (ECMP), every link is a bundle of its own.
 *
 * A bundle limits nothing as long as all NICs that have sent over it, or all that have received,
 * are together no faster than it: their own links are the limit. It is left out of paths until
 * then, so that in a fabric without oversubscription only NICs tie messages together.
 *
 * Capacities count payload: a line carries mtu / (mtu + frame overhead) of its rate. What frames of
 * a message add beyond that (a last frame that is not full, first frames) is part of its volume.
 *
 * Time, beside sharing, of a message of n chunks over stages (NVSwitch, attachment of a NIC, line)
 * of rates r: the first chunk crosses the stages before the slowest one by itself, and the last
 * chunk those behind it; a line adds propagation and one frame for every packet switch, which
 * stores and forwards.
 *
 * A link that is down is not used by the switches at its ends, as long as another port of the same
 * group is up. Where a path leads to a switch without such another, all paths between the two ends
 * are broken until there are new tables: what is sprayed there needs all its frames.
 *
 * Guarantees: equal calls in equal order give equal numbers.
 *
 * Not modelled: acknowledgements as load (0.13 % of a line in the other direction, at an MTU of
 * 4096); what gets through between two ends while one of their paths is broken; uneven shares of
 * links in a bundle.
 */
class FlowPaths
{
  public:
    /// A choice among ports of equal cost, as PortSelector::Select(): node of the switch, group,
    /// its usable ports, addresses of the NICs.
    using PortChoice = std::function<uint32_t(uint32_t node,
                                              uint32_t group,
                                              const std::vector<uint32_t>& ports,
                                              uint32_t from,
                                              uint32_t to)>;

    /**
     * @param plan The fabric.
     * @param forwarding Tables of its packet switches.
     * @param framing Sizes.
     * @param choice How a flow finds its port; empty for spraying.
     */
    FlowPaths(std::shared_ptr<const FabricPlan> plan,
              std::shared_ptr<const ForwardingPlan> forwarding,
              const FlowFraming& framing,
              PortChoice choice = {});

    /// @return capacity of each resource so far, payload bytes per second.
    const std::vector<double>& Capacities() const
    {
        return m_capacities;
    }

    /**
     * @param host A server. @param inside Index of a resource in it, as HostInterior counts.
     * @return its number here.
     */
    uint32_t InsideOf(uint32_t host, uint32_t inside) const
    {
        return m_firstInterior + host * m_interior.Capacities().size() + inside;
    }

    /**
     * @param transfer A message.
     * @return its path.
     * @throws std::invalid_argument when there is no such NIC or no path for a leg of its route.
     */
    FlowPath Of(const Transfer& transfer);

    /**
     * @param forwarding Tables from now on; of the same switches.
     */
    void SetForwarding(std::shared_ptr<const ForwardingPlan> forwarding);

    /**
     * @return how often a bundle has become a limit, or links have changed: paths that were asked
     * for before may lack a resource.
     */
    uint64_t Generation() const
    {
        return m_generation;
    }

    /**
     * @param leg A leg between hosts.
     * @return whether links that are up lead from one NIC to the other; for an optical leg, whether
     * those of both NICs are up.
     */
    bool IsOpen(const RdmaLeg& leg);

    /// @param link Link of the plan. @return its propagation.
    Picoseconds DelayOf(uint32_t link) const
    {
        return m_plan->links[link].delay;
    }

    /// @brief What of a leg's frames crosses a link between packet switches.
    struct LinkShare
    {
        double part;     //!< of the frames, 0 to 1
        double capacity; //!< of the link, payload bytes per second; infinite if nothing does
    };

    /**
     * @param leg A leg between hosts.
     * @param link A link between packet switches.
     * @return what of the leg's frames crosses it.
     */
    LinkShare ShareOf(const RdmaLeg& leg, uint32_t link);

    /// @brief A link, or bundle of links, that a leg crosses, and what is behind it.
    struct Stretch
    {
        uint32_t resource;           //!< of the link or bundle
        double rate;                 //!< payload bytes per second
        uint32_t links;              //!< how many
        std::vector<uint32_t> nodes; //!< packet switches at their ends, ascending; none for a NIC
    };

    /// @param leg A leg between hosts, over packet switches. @return what it crosses, in order.
    std::vector<Stretch> StretchesOf(const RdmaLeg& leg);

    /// @brief Where a frame is after it has left a NIC.
    struct Passage
    {
        Picoseconds behindFirst; //!< from the far end of the first link to the last NIC
        Picoseconds finalFrame;  //!< serialisation time on the last link
        Picoseconds firstFrame;  //!< the same on the first link
    };

    /// @param leg A leg between hosts. @param payload Of a frame, bytes. @return its passage.
    Passage PassageOf(const RdmaLeg& leg, uint32_t payload);

    /// @brief Numbers of bundles of links between packet switches.
    using BundleList = boost::container::small_vector<uint32_t, 4>;

    /// @return whether any bundle may be a limit.
    bool HasLimits() const
    {
        return m_hasLimits;
    }

    /// @param leg A leg between hosts. @return bundles on its line that may be a limit.
    BundleList LimitsOf(const RdmaLeg& leg);

    /// @param bundle A bundle. @return nodes of the packet switches that send over it, ascending.
    std::vector<uint32_t> SendersOf(uint32_t bundle) const
    {
        return EndsOf(bundle, true);
    }

    /// @param bundle A bundle. @return nodes of the packet switches that it leads to, ascending.
    std::vector<uint32_t> ReceiversOf(uint32_t bundle) const
    {
        return EndsOf(bundle, false);
    }

    /**
     * @brief Takes a link away or brings it back; paths asked for from now on differ.
     * @param link Link of the plan.
     * @param up Whether it is up.
     */
    void SetLinkUp(uint32_t link, bool up);

  private:
    static constexpr uint32_t NONE = 0xffffffff; //!< in place of a link

    using AccessSet = boost::container::flat_set<uint32_t>; //!< numbers of access switches

    /// @brief Links between packet switches that are one resource.
    struct Bundle
    {
        double capacity;             //!< payload bytes per second
        uint32_t resource;           //!< its number
        std::vector<uint32_t> links; //!< directed, ascending
        bool isLimit;                //!< whether those that use it can fill it
        AccessSet in;                //!< where bytes enter the switches, as Segment::from
        AccessSet out;               //!< where bytes leave them
        double inRate;               //!< of all NICs where bytes enter
        double outRate;              //!< of all NICs where bytes leave
    };

    /// @brief From some packet switches to the next ones on the paths to an access switch.
    struct Hop
    {
        std::optional<uint32_t> bundle; //!< links to them; none where one of them leads nowhere
        std::vector<uint32_t> ends;     //!< nodes of the next ones, ascending
    };

    /// @brief From packet switch to packet switch.
    struct Segment
    {
        std::vector<uint32_t> bundles; //!< indices
        double rate;                   //!< the least of their capacities
        Picoseconds propagation;       //!< of all links
        double secondsPerByte;         //!< of a byte on each of these links, one after another
        bool open;                     //!< whether links lead on
    };

    /// @brief From NIC to NIC.
    struct Line
    {
        uint32_t from;           //!< address of the NIC
        uint32_t to;             //!< address of its peer
        const Segment* switches; //!< in between; m_direct for a circuit or a single switch
        double rate;             //!< the least capacity
        Picoseconds propagation; //!< of all links
        double switchSeconds;    //!< of a byte on the lines behind packet switches
        double secondsPerByte;   //!< the same and the NIC's own line
    };

    /// @brief Resources inside of a server that a leg crosses.
    struct Inside
    {
        ResourceList resources; //!< numbers within the server
        double rate;            //!< the least of their capacities
    };

    /// @brief A part of a message's path that a chunk crosses as a whole before it goes on.
    struct Stage
    {
        double rate;      //!< payload bytes per second
        const Line* line; //!< if it is one between NICs
    };

    using Stages = boost::container::small_vector<Stage, 8>; //!< in the order of the path

    /// @param leg A leg. @return its line. @throws std::invalid_argument when there is no path.
    Line LineOf(const RdmaLeg& leg);

    /// @param from Address of a NIC. @param to Another. @return what is between their switches.
    const Segment& SegmentOf(uint32_t from, uint32_t to);

    /// @param from Address of a NIC. @param to Another. @return the same, newly found.
    Segment FindSegment(uint32_t from, uint32_t to);

    /// @param nodes Packet switches, ascending. @param from Address of a NIC. @param to Another.
    /// @return the next hop of what is sent from one NIC to the other and is at these switches.
    std::shared_ptr<const Hop> HopOf(const std::vector<uint32_t>& nodes,
                                     uint32_t from,
                                     uint32_t to);

    /// @param nodes Packet switches, ascending. @param from Address of a NIC. @param to Another.
    /// @return the same, newly found.
    std::shared_ptr<const Hop> FindHop(const std::vector<uint32_t>& nodes,
                                       uint32_t from,
                                       uint32_t to);

    /// @brief Paths between packet switches may be others from now on.
    void ForgetSegments();

    /// @param bundle Index of a bundle. @param from NIC that sends over it. @param to One that
    /// receives. @brief Looks whether it may be a limit by now.
    void Use(uint32_t bundle, uint32_t from, uint32_t to);

    /// @param from Address of a NIC. @param to Another.
    /// @throws std::invalid_argument that says that nothing leads from one to the other.
    [[noreturn]] void ThrowNoPath(uint32_t from, uint32_t to) const;

    /**
     * @param node A packet switch. @param from Address of a NIC. @param to Another.
     * @param[out] ports On which frames between the two leave; none where there is no path.
     */
    void ListPorts(uint32_t node, uint32_t from, uint32_t to, std::vector<uint32_t>& ports) const;

    /// @param links Directed links, ascending. @return index of their bundle.
    uint32_t BundleOf(const std::vector<uint32_t>& links);

    /// @param bundle A bundle. @param senders Whether those that send are meant, or those that
    /// receive. @return nodes at its ends, ascending.
    std::vector<uint32_t> EndsOf(uint32_t bundle, bool senders) const;

    /// @param link A directed link. @return payload bytes per second.
    double CapacityOf(uint32_t link) const;

    /// @param nic A NIC. @return its address. @throws std::invalid_argument when there is none.
    uint32_t AddressOf(const NicId& nic) const;

    /// @param address Address of a NIC. @return whether what is sent from there is acknowledged on
    /// a control path.
    bool HasControlPath(uint32_t address) const;

    /// @param address Address of a NIC. @return the directed link out of it.
    uint32_t LinkOut(uint32_t address) const;

    /// @param bytes Payload of a message. @return with the overhead of its frames, in the unit of
    /// the capacities.
    double VolumeOf(uint64_t bytes) const;

    /// @param inside What a leg crosses in a server. @return the same without what has no limit.
    Inside FiniteOf(const std::vector<uint32_t>& inside) const;

    /// @param path Gets resources. @param host Of this host. @param inside In it.
    void CrossInside(FlowPath& path, uint32_t host, const Inside& inside) const;

    /// @param path Gets resources. @param line From NIC to NIC.
    void CrossLine(FlowPath& path, const Line& line) const;

    /// @param path Gets its times. @param stages Of its path. @param bytes Payload.
    void SetTimes(FlowPath& path, const Stages& stages, uint64_t bytes) const;

    std::shared_ptr<const FabricPlan> m_plan;           //!< the fabric
    std::shared_ptr<const ForwardingPlan> m_allUp;      //!< tables of the whole fabric
    std::shared_ptr<const ForwardingPlan> m_forwarding; //!< tables in force
    FlowFraming m_framing;                              //!< sizes
    PortChoice m_choice;                                //!< empty for spraying
    double m_efficiency;                                //!< payload of what a line carries
    Segment m_direct{{}, FlowGraph::UNLIMITED, Picoseconds(0), 0, true}; //!< without switches
    HostInterior m_interior;                                             //!< inside of a server
    uint32_t m_firstInterior;                             //!< resource of the first server
    std::vector<double> m_capacities;                     //!< by resource
    std::vector<std::vector<uint32_t>> m_linkAt;          //!< directed link by node and port
    std::vector<char> m_linkUp;                           //!< by link
    std::vector<Bundle> m_bundles;                        //!< in the order of first use
    std::map<std::vector<uint32_t>, uint32_t> m_bundleOf; //!< indices by directed links
    std::unordered_map<uint64_t, Segment> m_segments;     //!< by ends, looked up only
    std::map<std::pair<uint32_t, std::vector<uint32_t>>, std::shared_ptr<const Hop>>
        m_hops;                        //!< by access switch at the end, and nodes; for spraying
    std::vector<double> m_accessRates; //!< of all NICs of an access switch, bytes per second
    std::vector<Inside> m_between;     //!< by GPU and GPU
    std::vector<Inside> m_intoNic;     //!< by NIC
    std::vector<Inside> m_outOfNic;    //!< by NIC
    uint64_t m_generation{0};          //!< changes that make paths longer
    bool m_hasLimits{false};           //!< whether any bundle may be a limit
};

} // namespace mixnetcore

#endif // FLOW_PATHS_H
