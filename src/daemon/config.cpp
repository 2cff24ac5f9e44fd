// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.hpp"

#include "door.hpp"
#include "toml_reader.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <tuple>

namespace portknocko {
namespace {

constexpr std::array event_kinds{"opened", "closed", "expired", "revoked", "evicted", "refused"};
constexpr std::int64_t hour = 3600;

std::string check_path(const std::string& text) {
    if (text.starts_with('/') && text.find('\0') == std::string::npos)
        return "";
    return "must be an absolute path";
}

std::string check_user(const std::string& text) {
    return text.empty() ? "must be the name of a user" : "";
}

void read_hooks(TomlReader& reader, HooksConfig& hooks) {
    reader.text("directory", hooks.directory, check_path);
    reader.text("user", hooks.user, check_user);
    reader.number("timeout", hooks.timeout, 1, hour);
    reader.number("concurrency", hooks.concurrency, 1, 64);
    reader.number("queue", hooks.queue, 1, 65536);
    reader.number("output-limit", hooks.output_limit, 0, 1 << 20);

    std::set<std::string> events;
    bool given = false;
    reader.texts("events", [&](const std::string& name) -> std::string {
        given = true;
        if (std::find(event_kinds.begin(), event_kinds.end(), name) == event_kinds.end())
            return "\"" + name +
                   "\" is not an event; there are: opened, closed, expired, revoked, evicted, "
                   "refused";
        return events.insert(name).second ? "" : "\"" + name + "\" is there twice";
    });
    if (given)
        hooks.events = std::move(events);
}

void read_metrics(TomlReader& reader, MetricsConfig& metrics) {
    reader.texts("listen", [&](const std::string& text) -> std::string {
        const Result<ListenAddress> address = ListenAddress::from_text(text);
        if (!address)
            return address.error().message;
        if (std::find(metrics.listen.begin(), metrics.listen.end(), *address) !=
            metrics.listen.end())
            return "\"" + text + "\" is there twice";
        metrics.listen.push_back(*address);
        return "";
    });
}

void read_saved_doors(TomlReader& reader, SavedDoorsConfig& saved_doors) {
    reader.boolean("enabled", saved_doors.enabled);
    reader.text("file", saved_doors.file, check_path);
}

// What is in a set is decided by one door: two would take away each other's peers.
void read_door(TomlReader& reader, const std::string& name, DoorConfig& door,
               std::map<SetName, std::string>& owners) {
    if (!is_door_name(name))
        reader.add_mistake(R"(a door's name has 1 to 31 of A-Z, a-z, 0-9, "_", "." and "-")");
    reader.boolean("flush-at-exit", door.flush_at_exit);
    reader.texts("nft-set", [&](const std::string& text) -> std::string {
        const Result<SetName> set = SetName::from_text(text);
        if (!set)
            return set.error().message;
        const auto [owner, is_new] = owners.emplace(*set, name);
        if (!is_new)
            return "\"" + set->text() + "\" is there already, at door \"" + owner->second + "\"";
        door.sets.push_back(*set);
        return "";
    });
}

Config read_config(const toml::table& root, Mistakes& mistakes) {
    Config config;
    std::map<SetName, std::string> owners;
    TomlReader reader(root, "", mistakes);
    reader.table("hooks", [&](TomlReader& table) { read_hooks(table, config.hooks); });
    reader.table("metrics", [&](TomlReader& table) { read_metrics(table, config.metrics); });
    reader.table("saved-doors",
                 [&](TomlReader& table) { read_saved_doors(table, config.saved_doors); });
    reader.table("door", [&](TomlReader& doors) {
        doors.each_table([&](const std::string& name, TomlReader& table) {
            read_door(table, name, config.doors[name], owners);
        });
    });
    reader.refuse_unknown_keys();
    return config;
}

std::string describe(const std::string& path, const Mistake& mistake) {
    return path + ":" + std::to_string(mistake.line) + ":" + std::to_string(mistake.column) + ": " +
           (mistake.key.empty() ? "" : mistake.key + ": ") + mistake.message;
}

bool breaks_assertion(std::string_view text) {
    try {
        const auto parsed = toml::parse(text);
    } catch (const toml::parse_error&) {
        return false; // whose place is known
    } catch (const BrokenAssertion&) {
        return true;
    }
    return false;
}

// In the first line up to which it does.
Mistake find_broken_assertion(std::string_view text) {
    std::size_t line = 1;
    std::size_t end = text.find('\n');
    while (end != std::string_view::npos && !breaks_assertion(text.substr(0, end))) {
        line++;
        end = text.find('\n', end + 1);
    }
    return {line, 1, "", "this is no TOML: after \"[\" has to come the name of a table"};
}

} // namespace

std::variant<Config, Mistakes> parse_config(std::string_view text) {
    try {
        Mistakes mistakes;
        Config config = read_config(toml::parse(text), mistakes);
        if (mistakes.empty())
            return config;
        std::stable_sort(mistakes.begin(), mistakes.end(), [](const auto& a, const auto& b) {
            return std::tie(a.line, a.column) < std::tie(b.line, b.column);
        });
        return mistakes;
    } catch (const toml::parse_error& error) {
        const toml::source_position& where = error.source().begin;
        return Mistakes{{where.line, where.column, "", std::string(error.description())}};
    } catch (const BrokenAssertion&) {
        return Mistakes{find_broken_assertion(text)};
    }
}

Result<Config> load_config(const std::string& path) {
    std::ifstream file(path);
    if (!file)
        return system_error(ExitCode::usage, path, errno);
    const std::string text(std::istreambuf_iterator<char>(file), {});
    if (file.bad())
        return system_error(ExitCode::usage, path, EIO);

    auto parsed = parse_config(text);
    if (const auto* mistakes = std::get_if<Mistakes>(&parsed)) {
        std::string message;
        for (const Mistake& mistake : *mistakes)
            message += (message.empty() ? "" : "\n") + describe(path, mistake);
        return Error{ExitCode::usage, message};
    }
    return std::get<Config>(std::move(parsed));
}

} // namespace portknocko
