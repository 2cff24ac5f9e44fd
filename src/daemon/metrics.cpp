// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics.hpp"

namespace portknocko {
namespace {

// Values of labels are names of doors and words of ours: nothing in them needs a backslash.
class Page {
public:
    void begin(const std::string& name, const char* type, const char* help) {
        name_ = "portknocko_" + name;
        text_ += "# HELP " + name_ + " " + help + "\n# TYPE " + name_ + " " + type + "\n";
    }
    void add(const std::string& labels, std::uint64_t value) {
        text_ +=
            name_ + (labels.empty() ? "" : "{" + labels + "}") + " " + std::to_string(value) + "\n";
    }
    void single(const std::string& name, const char* type, const char* help, std::uint64_t value) {
        begin(name, type, help);
        add("", value);
    }
    const std::string& text() const { return text_; }

private:
    std::string name_;
    std::string text_;
};

std::string label(const char* name, const std::string& value) {
    return std::string(name) + "=\"" + value + "\"";
}

void add_doors(Page& page, const std::vector<Door>& doors) {
    page.begin("door_total", "counter", "What happened at a door since it was made.");
    for (const Door& door : doors)
        for (const CounterField& field : counter_fields)
            page.add(label("door", door.name) + "," + label("what", field.name),
                     door.counters.*field.value);
    page.begin("door_peers", "gauge", "Peers of a door, by how far they have come.");
    for (const Door& door : doors) {
        page.add(label("door", door.name) + "," + label("state", "open"), door.open);
        page.add(label("door", door.name) + "," + label("state", "half-open"), door.half_open);
    }
    page.begin("door_rules", "gauge", "Rules that name the door.");
    for (const Door& door : doors)
        page.add(label("door", door.name), door.rules);
    page.begin("door_tokens", "gauge", "Tokens that are remembered so as not to take them again.");
    for (const Door& door : doors)
        page.add(label("door", door.name), door.tokens);
}

void add_events(Page& page, const Metrics& metrics) {
    page.begin("events_total", "counter", "Events that the kernel told of.");
    for (const EventKind kind : {EventKind::opened, EventKind::closed, EventKind::expired,
                                 EventKind::revoked, EventKind::evicted, EventKind::refused}) {
        const auto found = metrics.events.find(kind);
        page.add(label("event", name_of(kind)), found == metrics.events.end() ? 0 : found->second);
    }
    page.single("event_losses_total", "counter",
                "Times that events were lost, and all was read anew.", metrics.losses);
}

void add_hooks(Page& page, const HookStatistics& hooks) {
    page.begin("hooks_total", "counter", "Runs of hooks, by how they ended.");
    page.add(label("result", "succeeded"), hooks.succeeded);
    page.add(label("result", "failed"), hooks.failed);
    page.add(label("result", "timed-out"), hooks.timed_out);
    page.add(label("result", "dropped"), hooks.dropped);
    page.single("hooks_running", "gauge", "Hooks that run.", hooks.running);
    page.single("hooks_waiting", "gauge", "Runs of hooks that wait.", hooks.waiting);
}

void add_sets(Page& page, const SetStatistics& sets) {
    page.single("sets", "gauge", "Sets of nftables that are configured.", sets.configured);
    page.single("sets_in_step", "gauge", "Those that hold what their doors say.", sets.in_step);
    page.single("set_resyncs_total", "counter", "Times that a set was filled anew.", sets.resyncs);
    page.single("set_failures_total", "counter", "Times that a set could not be kept in step.",
                sets.failures);
}

} // namespace

std::string to_text(const Metrics& metrics) {
    Page page;
    page.begin("build_info", "gauge", "The version of pknockd.");
    page.add(label("version", metrics.version), 1);
    page.single("module_loaded", "gauge", "Whether the kernel module is loaded.",
                metrics.module_loaded ? 1 : 0);
    add_doors(page, metrics.doors);
    add_events(page, metrics);
    add_hooks(page, metrics.hooks);
    add_sets(page, metrics.sets);
    return page.text();
}

} // namespace portknocko
