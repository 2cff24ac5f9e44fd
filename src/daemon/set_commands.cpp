// SPDX-License-Identifier: GPL-2.0-or-later
#include "set_commands.hpp"

#include <algorithm>

namespace portknocko {
namespace {

constexpr unsigned bits_per_byte = 8;
// Of one command.
constexpr std::size_t max_elements = 1000;

bool is_host(const Source& source) {
    return source.prefix() == source.address().bytes().size() * bits_per_byte;
}

std::string element_of(const Member& member) {
    std::string text = member.source.text();
    if (member.ttl)
        text += " timeout " + std::to_string(member.ttl->count()) + "ms";
    return text;
}

std::string element_command(const char* verb, const SetName& set, const std::string& elements) {
    return std::string(verb) + " element " + set.text() + " { " + elements + " }\n";
}

bool covers(const Source& wide, const Source& narrow) {
    const auto a = wide.address().bytes();
    const auto b = narrow.address().bytes();
    const std::size_t bytes = wide.prefix() / bits_per_byte;
    const unsigned bits = wide.prefix() % bits_per_byte;
    if (a.size() != b.size() || wide.prefix() > narrow.prefix() ||
        !std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(bytes), b.begin()))
        return false;
    return bits == 0 || (a[bytes] ^ b[bytes]) >> (bits_per_byte - bits) == 0;
}

} // namespace

Status check_fit(const SetTraits& traits, const Member& member) {
    if (!is_host(member.source) && !traits.intervals)
        return Error{ExitCode::usage,
                     "it needs \"flags interval\" to hold " + member.source.text()};
    if (member.ttl && !traits.timeouts)
        return Error{ExitCode::usage, "it needs \"flags timeout\", as the door closes by itself"};
    return Done{};
}

// "add" leaves an element that is there as it is, and "delete" fails where there is none. So it is
// added to be there, deleted, and added anew: nobody sees what is in between.
std::string put_command(const SetName& set, const Member& member) {
    return remove_command(set, member) + element_command("add", set, element_of(member));
}

std::string remove_command(const SetName& set, const Member& member) {
    const std::string key = member.source.text();
    return element_command("add", set, key) + element_command("delete", set, key);
}

std::string flush_command(const SetName& set) {
    return "flush set " + set.text() + "\n";
}

Disjoint make_disjoint(std::vector<Member> members) {
    // A prefix comes right before all that is within it.
    std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
        const auto x = a.source.address().bytes();
        const auto y = b.source.address().bytes();
        if (!std::equal(x.begin(), x.end(), y.begin(), y.end()))
            return std::lexicographical_compare(x.begin(), x.end(), y.begin(), y.end());
        return a.source.prefix() < b.source.prefix();
    });
    Disjoint result{{}, true};
    for (const Member& member : members) {
        if (!result.members.empty() && covers(result.members.back().source, member.source))
            result.all = false;
        else
            result.members.push_back(member);
    }
    return result;
}

std::vector<std::string> replace_commands(const SetName& set, const std::vector<Member>& members) {
    std::vector<std::string> commands{flush_command(set)};
    for (std::size_t begin = 0; begin < members.size(); begin += max_elements) {
        std::string elements;
        for (std::size_t i = begin; i < std::min(begin + max_elements, members.size()); i++)
            elements += (i > begin ? ", " : "") + element_of(members[i]);
        if (begin > 0)
            commands.emplace_back();
        commands.back() += element_command("add", set, elements);
    }
    return commands;
}

} // namespace portknocko
