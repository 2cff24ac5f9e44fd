// SPDX-License-Identifier: GPL-2.0-or-later
#include "plan.hpp"

#include "words.hpp"

#include <sstream>

namespace portknocko::setup {
namespace {

std::string jump(const std::string& chain) {
    return "INPUT -j " + chain;
}

// What a saved table has of a chain.
struct Trace {
    bool exists = false;
    bool jumped_to = false;
    std::string rules;
};

Trace trace(const std::string& saved, const std::string& chain) {
    Trace found;
    std::istringstream lines(saved);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(":" + chain + " "))
            found.exists = true;
        else if (line.starts_with("-A " + chain + " "))
            found.rules += line + "\n";
        else if (line.starts_with("-A " + jump(chain)) &&
                 line.find_first_not_of(' ', 3 + jump(chain).size()) == std::string::npos)
            found.jumped_to = true;
    }
    return found;
}

std::string join(const std::vector<std::uint16_t>& ports) {
    std::string list;
    for (const std::uint16_t port : ports)
        list += (list.empty() ? "" : ",") + std::to_string(port);
    return list;
}

// The rules of a chain, each with its "-A CHAIN".
class Rules {
public:
    explicit Rules(std::string chain) : chain_(std::move(chain)) {}

    void add(const std::string& rule) { text_ += "-A " + chain_ + " " + rule + "\n"; }
    const std::string& text() const { return text_; }

private:
    std::string chain_;
    std::string text_;
};

void add_method(Rules& rules, const Plan& plan, const Sequence& sequence,
                const SecretTexts& /*secrets*/) {
    const std::string port = std::to_string(plan.port);
    rules.add("-p tcp -m conntrack --ctstate NEW -m pknock --knockports " + join(sequence.ports) +
              " --name " + plan.door + " --time 10 --strict --ttl " +
              std::to_string(plan.ttl.count()) + " -m tcp --dport " + port + " -j ACCEPT");
    // A rule names 15 ports at the most, which is as long as a sequence may be.
    rules.add("-p tcp -m multiport --dports " + join(sequence.ports) + " -j DROP");
}

void add_method(Rules& rules, const Plan& plan, const Spa& spa, const SecretTexts& secrets) {
    const std::string knock = std::to_string(spa.port);
    rules.add("-p udp -m pknock --knockports " + knock + " --name " + plan.door + " --ttl " +
              std::to_string(plan.ttl.count()) + " --opensecret " +
              check::quote_word(secrets.open) + " --closesecret " +
              check::quote_word(secrets.close));
    rules.add("-p udp -m udp --dport " + knock + " -j DROP");
    rules.add("-p tcp -m conntrack --ctstate NEW -m pknock --checkip --name " + plan.door +
              " -m tcp --dport " + std::to_string(plan.port) + " -j ACCEPT");
}

} // namespace

std::string rules_text(const Plan& plan, const SecretTexts& secrets, const std::string& before) {
    const std::string port = std::to_string(plan.port);
    Rules rules(plan.chain());
    rules.add("-i lo -j RETURN");
    rules.add("-p tcp -m tcp --dport " + port +
              " -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT");
    // Connections from before connection tracking was there look new to it.
    rules.add("-p tcp -m tcp --dport " + port +
              " ! --tcp-flags FIN,SYN,RST,ACK SYN -m socket -j ACCEPT");
    std::visit([&](const auto& method) { add_method(rules, plan, method, secrets); }, plan.method);
    rules.add("-p tcp -m tcp --dport " + port + " -j DROP");

    std::string text = "*filter\n:" + plan.chain() + " - [0:0]\n" + rules.text();
    if (!trace(before, plan.chain()).jumped_to)
        text += "-I INPUT 1 -j " + plan.chain() + "\n";
    return text + "COMMIT\n";
}

std::string undo_text(const std::string& chain, const std::string& before, const std::string& now) {
    const Trace then = trace(before, chain);
    const Trace present = trace(now, chain);
    std::string text;
    if (present.jumped_to && !then.jumped_to)
        text += "-D " + jump(chain) + "\n";
    if (then.exists) {
        // A chain that is declared is emptied.
        if (present.rules != then.rules || !present.exists)
            text = ":" + chain + " - [0:0]\n" + text + then.rules;
        if (then.jumped_to && !present.jumped_to)
            text += "-I INPUT 1 -j " + chain + "\n";
    } else if (present.exists) {
        text += "-F " + chain + "\n-X " + chain + "\n";
    }
    return text.empty() ? "" : "*filter\n" + text + "COMMIT\n";
}

} // namespace portknocko::setup
