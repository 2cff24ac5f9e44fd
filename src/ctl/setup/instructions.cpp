// SPDX-License-Identifier: GPL-2.0-or-later
#include "instructions.hpp"

#include <array>
#include <cstdlib>
#include <sstream>
#include <unistd.h>

namespace portknocko::setup {
namespace {

constexpr std::uint16_t ssh_port = 22;

std::string ssh_command(const Plan& plan, const Client& client) {
    return "ssh " + (plan.port == ssh_port ? "" : "-p " + std::to_string(plan.port) + " ") +
           client.host;
}

std::string knock_command(const Plan& plan, const Client& client) {
    if (const auto* sequence = std::get_if<Sequence>(&plan.method)) {
        std::string command = "pknock seq " + client.host;
        for (const std::uint16_t port : sequence->ports)
            command += " " + std::to_string(port);
        return command;
    }
    return "pknock open " + client.host + " --port " +
           std::to_string(std::get<Spa>(plan.method).port) + " --secret-file ~/.config/pknock/" +
           plan.door + ".open" + (client.source ? " --source " + *client.source : "");
}

} // namespace

std::string host_for_client() {
    const char* connection = std::getenv("SSH_CONNECTION"); // NOLINT(concurrency-mt-unsafe)
    std::istringstream fields(connection != nullptr ? connection : "");
    std::string field;
    if (fields >> field >> field >> field)
        return field;
    std::array<char, 256> name{};
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "yourserver";
}

std::string copy_command(const Plan& plan, const Client& client) {
    if (!std::holds_alternative<Spa>(plan.method))
        return "";
    const bool ipv6 = client.host.find(':') != std::string::npos;
    return "mkdir -p ~/.config/pknock && scp -p -P " + std::to_string(plan.port) + " \"root@" +
           (ipv6 ? "[" + client.host + "]" : client.host) + ":" + secrets_directory + "/" +
           plan.door + ".*\" ~/.config/pknock/";
}

std::string open_command(const Plan& plan, const Client& client) {
    return knock_command(plan, client) + " && " + ssh_command(plan, client);
}

std::string describe(const Plan& plan, const Client& client) {
    std::string text = "Door " + plan.door + " before tcp/" + std::to_string(plan.port) +
                       ", open for " + std::to_string(plan.ttl.count()) + " s after knocking.\n";
    if (const std::string copy = copy_command(plan, client); !copy.empty())
        text += "Its secrets are in " + std::string(secrets_directory) +
                ". Before the port is shut, on the client:\n    " + copy + "\n";
    return text + "From then on, on the client:\n    " + open_command(plan, client) + "\n";
}

std::string describe_waiting(const std::string& token, std::chrono::seconds patience) {
    return "The rules are loaded. They are rolled back in " + std::to_string(patience.count()) +
           " s, unless you log in anew, by knocking, and run there:\n"
           "    pknockctl setup ssh --confirm " +
           token + "\n";
}

std::string describe(Fate fate) {
    switch (fate) {
    case Fate::kept:
        return "Kept. To have the rules after a reboot, too, with the package "
               "iptables-persistent:\n    netfilter-persistent save\n";
    case Fate::undone:
        return "Rolled back: the rules are as before.\n";
    default:
        return "The rules could not be rolled back; the system's log says why.\n";
    }
}

} // namespace portknocko::setup
