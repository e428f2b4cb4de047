/*
 * Copyright (c) 2026 The mixnet authors
 *
 * SPDX-License-Identifier: GPL-2.0-only
 */

#ifndef REGISTRY_H
#define REGISTRY_H

#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mixnetcore
{

/**
 * @ingroup mixnet-core
 * @brief The names of a family of alternatives, in the order in which they were added.
 */
class RegistryNames
{
  public:
    /**
     * @param family What one of them is called in messages, as "circuit allocator".
     * @param otherwise What users may give in place of a name, as "the path of a JSON file".
     */
    explicit RegistryNames(std::string family, std::string otherwise = "");

    /// @return the names.
    const std::vector<std::string>& Names() const
    {
        return m_names;
    }

    /// @param name A name, in letters of any case. @return whether it is known.
    bool Has(const std::string& name) const;

    /// @param name A name, in letters of any case. @return it as it was added.
    /// @throws std::invalid_argument as IndexOf().
    const std::string& NameOf(const std::string& name) const
    {
        return m_names[IndexOf(name)];
    }

    /// @param name A name, in letters of any case. @return what it stands for, in a few words.
    /// @throws std::invalid_argument as IndexOf().
    const std::string& SummaryOf(const std::string& name) const
    {
        return m_summaries[IndexOf(name)];
    }

    /// @return all names, each with its summary in parentheses, and what may stand in place of
    /// a name, in one line.
    std::string Describe() const;

    /// @return what may stand in place of a name, to be added to names; empty where nothing may.
    std::string Otherwise() const;

  protected:
    /**
     * @param name A new name.
     * @param summary What it stands for.
     * @throws std::invalid_argument when it is empty or there is such a name.
     */
    void AddName(const std::string& name, const std::string& summary);

    /**
     * @param name A name, in letters of any case.
     * @return its place.
     * @throws std::invalid_argument with one line: the known names, and which of them is near.
     */
    size_t IndexOf(const std::string& name) const;

  private:
    std::string m_family;                 //!< what one of them is called
    std::string m_otherwise;              //!< what may stand in place of a name
    std::vector<std::string> m_names;     //!< as added
    std::vector<std::string> m_summaries; //!< by place
};

/**
 * @ingroup mixnet-core
 * @brief A family of alternatives from which users choose by name.
 *
 * Each family has one function that returns its registry, as CircuitAllocators(). The function adds
 * what the module brings along when it is first called, so neither the linker nor the order of
 * static initialisation can lose any of it. A program adds alternatives of its own at the beginning
 * of main(). Options, their help, lists and messages follow from the registry.
 *
 * @tparam Entry What a name stands for: often a function that makes a strategy.
 */
template <typename Entry>
class Registry : public RegistryNames
{
  public:
    /// A name, what it stands for, and the same in a few words.
    struct Item
    {
        std::string name;    //!< for options and results
        Entry entry;         //!< what it stands for
        std::string summary; //!< for help and lists
    };

    /**
     * @param family What one entry is called in messages, as "circuit allocator".
     * @param items What there is from the beginning.
     * @param otherwise What users may give in place of a name, as "the path of a JSON file".
     */
    Registry(std::string family, std::initializer_list<Item> items, std::string otherwise = "")
        : RegistryNames(std::move(family), std::move(otherwise))
    {
        for (const auto& [name, entry, summary] : items)
        {
            Add(name, entry, summary);
        }
    }

    /**
     * @param name A new name.
     * @param entry What it stands for.
     * @param summary The same in a few words, for help and lists.
     * @throws std::invalid_argument when the name is empty or there is such a name.
     */
    void Add(const std::string& name, Entry entry, const std::string& summary)
    {
        AddName(name, summary);
        m_entries.push_back(std::move(entry));
    }

    /// @param name A name, in letters of any case. @return its entry; it stays where it is.
    /// @throws std::invalid_argument with one line: the known names, and which of them is near.
    const Entry& Get(const std::string& name) const
    {
        return m_entries[IndexOf(name)];
    }

    /// @return the entries, in the order of their names.
    const std::deque<Entry>& Entries() const
    {
        return m_entries;
    }

    /// @param name A name of a family of functions. @param arguments What to call it with.
    /// @return what it returns.
    /// @throws std::invalid_argument as Get(), and what the function throws.
    template <typename... Arguments>
    auto Make(const std::string& name, Arguments&&... arguments) const
    {
        return Get(name)(std::forward<Arguments>(arguments)...);
    }

  private:
    std::deque<Entry> m_entries; //!< by place
};

/**
 * @ingroup mixnet-core
 * @tparam Entry Has a name. @tparam Summarize Gives a text of it.
 * @param family What one entry is called in messages.
 * @param entries What there is from the beginning.
 * @param summarize Gives the summary of an entry.
 * @return a registry of them, by name.
 */
template <typename Entry, typename Summarize>
Registry<Entry>
RegistryOf(std::string family, std::initializer_list<Entry> entries, const Summarize& summarize)
{
    Registry<Entry> registry(std::move(family), {});
    for (const auto& entry : entries)
    {
        registry.Add(entry.name, entry, summarize(entry));
    }
    return registry;
}

/**
 * @ingroup mixnet-core
 * @tparam Strategy Base class of a family.
 * @tparam Class One of them.
 * @return one made without arguments.
 */
template <typename Strategy, typename Class>
std::unique_ptr<Strategy>
MakeStrategy()
{
    return std::make_unique<Class>();
}

} // namespace mixnetcore

#endif // REGISTRY_H
