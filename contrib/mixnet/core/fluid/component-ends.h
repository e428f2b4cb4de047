/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef COMPONENT_ENDS_H
#define COMPONENT_ENDS_H

#include "end-times.h"

#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief When flows end, component by component (FlowComponents), and which component is next.
 *
 * Changes of the ends of a component cost what EndTimes say; NoteAll() then notes its earliest.
 * Ends that were noted and overtaken are dropped when they come up, or are most.
 */
class ComponentEnds
{
  public:
    /// @param component One that came to an end; its number may be used again.
    void Clear(uint32_t component);

    /**
     * @brief A flow has got a slot in a component.
     * @param component The component. @param slots How many slots that has by now.
     * @param slot Its slot. @param begin When it was added. @param end When it ends.
     */
    void Place(uint32_t component, size_t slots, uint32_t slot, Picoseconds begin, Picoseconds end);

    /// @param component A component. @param slot Of a flow. @param end When that ends.
    void Set(uint32_t component, uint32_t slot, Picoseconds end)
    {
        Change(component).times.Set(slot, end);
    }

    /// @brief Notes the next ends of the components that have changed.
    void NoteAll();

    /// @return the earliest end that was noted and is not overtaken; NEVER without any.
    Picoseconds Next();

    /// @return the component of that end, which is taken out. There is one.
    uint32_t TakeNext();

    /// @param component A component that was taken out. @param at When to come back for it.
    void Postpone(uint32_t component, Picoseconds at);

    /// @param component A component. @return ends of its flows by slot.
    EndTimes& TimesOf(uint32_t component)
    {
        return m_components[component].times;
    }

    /// @param component A component. @return the earliest beginning of its flows.
    Picoseconds BeginOf(uint32_t component) const
    {
        return m_components[component].begin;
    }

    /// @return ends that are noted, those that were overtaken included, for measuring.
    size_t Noted() const
    {
        return m_ends.size();
    }

  private:
    /// @brief The ends of a component's flows.
    struct Component
    {
        EndTimes times;                     //!< by slot
        Picoseconds begin{EndTimes::NEVER}; //!< the earliest of its flows' beginnings
        uint64_t serial{0};                 //!< of what was noted last
        bool changed{false};                //!< whether it is in m_changed
    };

    /// @brief The next end of a component.
    struct End
    {
        Picoseconds at;     //!< when
        uint64_t serial;    //!< of the component
        uint32_t component; //!< its number

        /// @param other Another. @return whether it is later; ties go to what was noted before.
        bool operator>(const End& other) const
        {
            return at != other.at ? at > other.at : serial > other.serial;
        }
    };

    /// @param component A component whose ends change. @return it.
    Component& Change(uint32_t component);

    /// @param component A component. @param at Its next end. @brief Notes that.
    void Note(uint32_t component, Picoseconds at);

    /// @param end An end. @return whether it was overtaken.
    bool IsOld(const End& end) const
    {
        return m_components[end.component].serial != end.serial;
    }

    /// @brief Takes the earliest end out of the heap.
    void Pop();

    std::vector<Component> m_components; //!< by number
    std::vector<uint32_t> m_changed;     //!< components whose ends have changed
    std::vector<End> m_ends;             //!< heap: of components, and old
    uint64_t m_serial{0};                //!< of the last noted end
};

} // namespace mixnetcore

#endif // COMPONENT_ENDS_H
