// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook_runner.hpp"

#include "hook_directory.hpp"

#include <algorithm>
#include <sstream>

namespace portknocko {
namespace {

constexpr const char* path_variable = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:"
                                      "/sbin:/bin";

std::string name_of(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

} // namespace

HookRunner::HookRunner(EventLoop& loop, Journal& journal, uid_t owner)
    : loop_(loop), journal_(journal), owner_(owner) {
}

Status HookRunner::configure(const HooksConfig& config) {
    const auto identity = hook_identity(config.user);
    if (!identity)
        return identity.error();
    identity_ = *identity;
    config_ = config;
    complaints_.clear();
    start_jobs();
    return Done{};
}

void HookRunner::submit(const std::string& kind, const std::string& subject,
                        const std::vector<std::string>& environment) {
    if (!config_.events.contains(kind))
        return;
    const auto hooks = list_hooks(config_.directory, owner_,
                                  [this](const Error& error) { complain_once(error.message); });
    if (!hooks) {
        complain_once(hooks.error().message);
        return;
    }
    std::vector<std::string> all = environment;
    all.emplace_back(path_variable);
    const auto shared = std::make_shared<const std::vector<std::string>>(std::move(all));
    for (const std::string& hook : *hooks) {
        if (waiting_.size() < config_.queue) {
            waiting_.push_back({hook, subject, shared});
            continue;
        }
        statistics_.dropped++;
        if (!overflowing_)
            journal_.warning("hooks are slower than events: hooks.queue is full, and some of "
                             "them are not run");
        overflowing_ = true;
    }
    start_jobs();
}

bool HookRunner::is_running(const Job& job) const {
    return std::any_of(running_.begin(), running_.end(), [&](const Run& run) {
        return run.job.path == job.path && run.job.subject == job.subject;
    });
}

void HookRunner::start_jobs() {
    for (auto job = waiting_.begin();
         job != waiting_.end() && running_.size() < config_.concurrency;) {
        if (is_running(*job)) {
            ++job;
            continue;
        }
        Job next = std::move(*job);
        job = waiting_.erase(job);
        start_job(std::move(next));
    }
    if (waiting_.empty())
        overflowing_ = false;
}

void HookRunner::start_job(Job job) {
    const auto run = running_.insert(running_.end(), {std::move(job), nullptr});
    auto process = HookProcess::start(loop_,
                                      {.path = run->job.path,
                                       .environment = *run->job.environment,
                                       .identity = identity_,
                                       .timeout = config_.timeout,
                                       .output_limit = config_.output_limit},
                                      [this, run](const HookEnd& end) { finish(run, end); });
    if (process) {
        run->process = *std::move(process);
        return;
    }
    statistics_.failed++;
    journal_.error("hook " + process.error().message);
    running_.erase(run);
}

void HookRunner::finish(std::list<Run>::iterator run, const HookEnd& end) {
    report(run->job, end);
    running_.erase(run);
    start_jobs();
}

void HookRunner::report(const Job& job, const HookEnd& end) {
    std::vector<std::string> fields = *job.environment;
    fields.pop_back(); // PATH
    fields.push_back("PKNOCK_HOOK=" + name_of(job.path));

    const std::string name = "hook " + name_of(job.path) + ": ";
    std::istringstream output(end.output);
    for (std::string line; std::getline(output, line);)
        journal_.write(Severity::info, name + printable(line), fields);
    if (end.output_cut)
        journal_.write(Severity::warning, name + "said more than hooks.output-limit", fields);

    if (end.succeeded) {
        statistics_.succeeded++;
        return;
    }
    (end.timed_out ? statistics_.timed_out : statistics_.failed)++;
    journal_.write(Severity::warning,
                   name + (end.timed_out ? "took longer than hooks.timeout, and " : "") + end.how,
                   fields);
}

void HookRunner::complain_once(const std::string& message) {
    if (complaints_.insert(message).second)
        journal_.error(message);
}

HookStatistics HookRunner::statistics() const {
    HookStatistics result = statistics_;
    result.running = running_.size();
    result.waiting = waiting_.size();
    return result;
}

} // namespace portknocko
