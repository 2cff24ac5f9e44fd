// SPDX-License-Identifier: GPL-2.0-or-later
#include "iptables.hpp"

#include "program.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <unistd.h>

namespace portknocko::firewall {
namespace {

const char* command_of(Family family) {
    return family == Family::ipv4 ? "iptables" : "ip6tables";
}

// Why iptables failed, on one line. It also says which line of its input that was, and how to get
// help; what begins with "#" is about rules of others.
std::string reason(const std::string& complaints) {
    std::istringstream lines(complaints);
    std::string said;
    for (std::string line; std::getline(lines, line);)
        if (!line.empty() && line.front() != '#' && !line.starts_with("Try `") &&
            !line.starts_with("Error occurred at line"))
            said += (said.empty() ? "" : "; ") + line;
    return said;
}

Error failed(const std::vector<std::string>& words, const Outcome& outcome) {
    const std::string said = reason(outcome.complaints);
    return {ExitCode::internal,
            words.front() + ": " +
                (said.empty() ? "status " + std::to_string(outcome.status) : said)};
}

bool has_rules(Family family, Backend backend) {
    if (!in_use(family, backend))
        return false;
    const Result<std::string> saved = save_rules(family, backend);
    return saved && saved->find("\n-A ") != std::string::npos;
}

bool has_rules(Backend backend) {
    const std::vector<Family> all = families();
    return std::any_of(all.begin(), all.end(),
                       [&](Family family) { return has_rules(family, backend); });
}

} // namespace

const char* name_of(Family family) {
    return family == Family::ipv4 ? "ipv4" : "ipv6";
}

const char* name_of(Backend backend) {
    return backend == Backend::nft ? "nft" : "legacy";
}

std::string program(Family family, Backend backend, const std::string& action) {
    const std::string command = command_of(family);
    std::string full = command + "-" + name_of(backend) + "-" + action;
    return find_program(full).empty() ? command + "-" + action : full;
}

std::vector<Family> families() {
    if (access("/proc/net/if_inet6", F_OK) == 0)
        return {Family::ipv4, Family::ipv6};
    return {Family::ipv4};
}

bool in_use(Family family, Backend backend) {
    if (backend == Backend::nft)
        return !find_program(program(family, backend, "save")).empty();
    std::ifstream tables(family == Family::ipv4 ? "/proc/net/ip_tables_names"
                                                : "/proc/net/ip6_tables_names");
    std::string name;
    return static_cast<bool>(tables >> name);
}

Result<std::string> save_rules(Family family, Backend backend, const std::string& table) {
    std::vector<std::string> words{program(family, backend, "save")};
    if (!table.empty())
        words.insert(words.end(), {"-t", table});
    Result<Outcome> outcome = run_program(words);
    if (!outcome)
        return outcome.error();
    if (outcome->status != 0)
        return failed(words, *outcome);
    return std::move(outcome->output);
}

Status restore_rules(Family family, Backend backend, std::string_view text, bool trial) {
    // Another program may hold legacy's lock.
    std::vector<std::string> words{program(family, backend, "restore"), "--noflush", "--wait=5"};
    if (trial)
        words.emplace_back("--test");
    const Result<Outcome> outcome = run_program(words, text);
    if (!outcome)
        return outcome.error();
    if (outcome->status != 0)
        return failed(words, *outcome);
    return Done{};
}

Result<Backend> choose_backend() {
    const bool nft = has_rules(Backend::nft);
    const bool legacy = has_rules(Backend::legacy);
    if (nft != legacy)
        return nft ? Backend::nft : Backend::legacy;
    const Result<Outcome> outcome = run_program({"iptables", "-V"});
    if (!outcome)
        return outcome.error();
    return outcome->output.find("nf_tables") != std::string::npos ? Backend::nft : Backend::legacy;
}

} // namespace portknocko::firewall
