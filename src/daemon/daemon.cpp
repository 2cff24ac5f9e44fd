// SPDX-License-Identifier: GPL-2.0-or-later
#include "daemon.hpp"

#include "event_report.hpp"

#include <array>
#include <csignal>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>

namespace portknocko {
namespace {

constexpr uid_t root = 0;

// What is left of an event's time now: the kernel told of it some moments ago.
std::optional<std::chrono::milliseconds> time_left(const Event& event) {
    if (!event.ttl)
        return std::nullopt;
    const auto passed = std::chrono::system_clock::now() - event.time;
    return std::chrono::duration_cast<std::chrono::milliseconds>(*event.ttl - passed);
}

} // namespace

Daemon::Daemon(EventLoop& loop, Journal& journal, Nft& nft, SetWatch& set_watch,
               std::string config_path)
    : loop_(loop), journal_(journal), set_watch_(set_watch), config_path_(std::move(config_path)),
      hooks_(loop, journal, root), sets_(loop, journal, nft, set_watch,
                                         [this](const std::string& door) { return members(door); }),
      memory_(loop, journal), metrics_server_(loop, [this] { return to_text(metrics()); }) {
}

Status Daemon::run(const Config& config) {
    if (const Status status = start(config); !status)
        return status.error();
    sd_notify(0, "READY=1");
    Status status = loop_.run();
    sd_notify(0, "STOPPING=1");
    memory_.leave();
    sets_.leave();
    return status;
}

Status Daemon::start(const Config& config) {
    // Before anything is read, so that no change falls in between.
    auto events = EventSource::open();
    if (!events)
        return events.error();
    events_ = *std::move(events);

    if (const Status status = configure(config); !status)
        return status.error();
    if (!events_->is_loaded())
        journal_.notice("xt_pknock is not loaded yet: the first rule with -m pknock does it");
    return wait();
}

Status Daemon::wait() {
    const auto quit = [this] { loop_.exit(); };
    std::array added{
        loop_.on_io(events_->fd(), EPOLLIN, [this](auto) { receive(); }),
        loop_.on_io(set_watch_.fd(), EPOLLIN,
                    [this](auto) {
                        if (set_watch_.drain())
                            sets_.look();
                    }),
        loop_.on_signal(SIGHUP, [this] { reload(); }),
        loop_.on_signal(SIGTERM, quit),
        loop_.on_signal(SIGINT, quit),
    };
    for (auto& waiting : added) {
        if (!waiting)
            return waiting.error();
        waiting_.push_back(*std::move(waiting));
    }
    return loop_.feed_watchdog();
}

Status Daemon::configure(const Config& config) {
    if (const Status status = hooks_.configure(config.hooks); !status)
        return status.error();
    sets_.configure(config.doors);
    memory_.configure(config.saved_doors);
    if (const Status status = metrics_server_.configure(config.metrics.listen); !status)
        return status.error();
    if (events_->is_loaded())
        memory_.recall();
    return Done{};
}

void Daemon::reload() {
    sd_notify(0, "RELOADING=1");
    const Result<Config> config = load_config(config_path_);
    const Status status = config ? configure(*config) : Status(config.error());
    if (status)
        journal_.notice("read " + config_path_ + " again");
    else if (config)
        journal_.error(status.error().message);
    else
        journal_.error(status.error().message + "\nnothing is changed");
    sd_notify(0, "READY=1");
}

void Daemon::receive() {
    const auto reception = events_->receive([this](const Event& event) { handle(event); });
    sets_.commit();
    if (reception)
        note(*reception);
    else
        journal_.error(reception.error().message);
}

void Daemon::handle(const Event& event) {
    received_[event.kind]++;
    std::vector<std::string> fields = fields_of(event);
    hooks_.submit(name_of(event.kind), event.door + " " + event.source.text(), fields);
    fields.push_back(std::string("MESSAGE_ID=") + message_id_of(event.kind));
    journal_.write(severity_of(event.kind), describe(event), fields);
    if (!events_->is_losing()) // else sets are filled anew, and this is of the past by then
        tell_sets(event);
    if (event.kind != EventKind::refused && event.kind != EventKind::evicted)
        memory_.note_change();
}

// What expired has ended in sets as well, by itself.
void Daemon::tell_sets(const Event& event) {
    const Member member{event.source, time_left(event)};
    const bool is_over = member.ttl && *member.ttl <= std::chrono::milliseconds(0);
    if (event.kind == EventKind::opened && !is_over)
        sets_.open(event.door, member);
    else if (event.kind == EventKind::closed || event.kind == EventKind::revoked)
        sets_.close(event.door, member);
}

void Daemon::note(const Reception& reception) {
    if (reception.lost) {
        losses_++;
        journal_.warning("some events were lost, and their hooks are not run; all doors are read "
                         "anew");
    }
    if (reception.unloaded)
        journal_.notice("xt_pknock was unloaded: all doors are closed");
    if (reception.loaded)
        journal_.notice("xt_pknock was loaded");
    if (reception.unloaded)
        memory_.forget();
    if (events_->is_loaded())
        memory_.recall();
    if (reception.lost)
        memory_.note_change();
    if (reception.lost || reception.unloaded || reception.loaded)
        sets_.resync();
}

Result<std::vector<Member>> Daemon::members(const std::string& door) {
    std::vector<Member> members;
    if (!events_->is_loaded())
        return members;
    auto client = Client::open();
    if (!client)
        return client.error();
    const auto peers = client->peers({.door = door, .target = {}});
    if (!peers)
        return peers.error();
    for (const Peer& peer : *peers)
        if (peer.state == State::open)
            members.push_back({peer.source, peer.ttl});
    return members;
}

Metrics Daemon::metrics() {
    Metrics metrics{.version = PORTKNOCKO_VERSION,
                    .module_loaded = events_->is_loaded(),
                    .doors = {},
                    .events = received_,
                    .losses = losses_,
                    .hooks = hooks_.statistics(),
                    .sets = sets_.statistics()};
    if (auto client = Client::open())
        if (auto doors = client->doors())
            metrics.doors = *std::move(doors);
    return metrics;
}

} // namespace portknocko
