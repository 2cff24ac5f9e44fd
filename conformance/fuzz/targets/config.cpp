// SPDX-License-Identifier: GPL-2.0-or-later
// pknockd.toml: what is taken is within its limits, and is the same when it is written out and read
// again; a mistake has a place in the file and says something.
#include "fuzz.hpp"

#include <config.hpp>
#include <door.hpp>

using namespace portknocko;

namespace {

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        char escaped[8];
        if (byte < 0x20 || byte == 0x7f || c == '"' || c == '\\') {
            std::snprintf(escaped, sizeof(escaped), "\\u%04x", byte);
            result += escaped;
        } else {
            result += c;
        }
    }
    return result + '"';
}

template <typename List, typename Text>
std::string list_of(const List& list, Text text) {
    std::string result = "[";
    for (const auto& item : list)
        result += quoted(text(item)) + ", ";
    return result + "]";
}

std::string write(const Config& config) {
    const auto text_of = [](const auto& item) { return item.text(); };
    std::string text =
        "[hooks]\ndirectory = " + quoted(config.hooks.directory) +
        "\nuser = " + quoted(config.hooks.user) +
        "\nevents = " + list_of(config.hooks.events, [](const auto& event) { return event; }) +
        "\ntimeout = " + std::to_string(config.hooks.timeout.count()) +
        "\nconcurrency = " + std::to_string(config.hooks.concurrency) +
        "\nqueue = " + std::to_string(config.hooks.queue) +
        "\noutput-limit = " + std::to_string(config.hooks.output_limit) +
        "\n[metrics]\nlisten = " + list_of(config.metrics.listen, text_of) +
        "\n[saved-doors]\nenabled = " + (config.saved_doors.enabled ? "true" : "false") +
        "\nfile = " + quoted(config.saved_doors.file) + "\n";
    for (const auto& [name, door] : config.doors)
        text += "[door." + quoted(name) + "]\nnft-set = " + list_of(door.sets, text_of) +
                "\nflush-at-exit = " + (door.flush_at_exit ? "true" : "false") + "\n";
    return text;
}

void require_sound(const Config& config) {
    for (const std::string& path : {config.hooks.directory, config.saved_doors.file})
        REQUIRE(path.starts_with('/') && path.find('\0') == std::string::npos);
    REQUIRE(config.hooks.timeout.count() >= 1 && config.hooks.timeout.count() <= 3600);
    REQUIRE(config.hooks.concurrency >= 1 && config.hooks.concurrency <= 64);
    REQUIRE(config.hooks.queue >= 1 && config.hooks.queue <= 65536);
    REQUIRE(config.hooks.output_limit <= 1U << 20U);
    std::set<SetName> sets;
    for (const auto& [name, door] : config.doors) {
        REQUIRE(is_door_name(name));
        for (const SetName& set : door.sets)
            REQUIRE(sets.insert(set).second);
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = parse_config(fuzz::Input(data, size).rest());
    if (const auto* mistakes = std::get_if<Mistakes>(&parsed)) {
        REQUIRE(!mistakes->empty());
        const auto lines = static_cast<std::size_t>(std::count(data, data + size, '\n')) + 1;
        for (const Mistake& mistake : *mistakes)
            REQUIRE(!mistake.message.empty() && mistake.line <= lines + 1);
        return 0;
    }
    const auto& config = std::get<Config>(parsed);
    require_sound(config);
    const auto again = parse_config(write(config));
    REQUIRE(std::holds_alternative<Config>(again) && std::get<Config>(again) == config);
    return 0;
}
