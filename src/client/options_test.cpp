// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.hpp"

#include <doctest/doctest.h>

using namespace portknocko;

namespace {

auto parse(std::vector<const char*> words) {
    words.insert(words.begin(), "pknock");
    return parse_options(static_cast<int>(words.size()), words.data());
}

Options options_of(std::vector<const char*> words) {
    const auto parsed = parse(std::move(words));
    REQUIRE(parsed);
    return std::get<Options>(*parsed);
}

std::string refusal_of(std::vector<const char*> words) {
    const auto parsed = parse(std::move(words));
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == ExitCode::usage);
    CHECK(parsed.error().message.find('\n') == std::string::npos);
    return parsed.error().message;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("seq: defaults") {
    const Options options = options_of({"seq", "gate", "2002", "udp/2001"});
    CHECK(options.name == "seq");
    CHECK(options.host == "gate");
    CHECK(options.family == AF_UNSPEC);
    CHECK_FALSE(options.dry_run);
    CHECK_FALSE(options.json);
    CHECK_FALSE(options.verbose);
    const auto& command = std::get<SequenceCommand>(options.command);
    CHECK(command.delay.count() == 200);
    CHECK(command.knocks ==
          std::vector<Knock>{{Protocol::tcp, 2002, ""}, {Protocol::udp, 2001, "\n"}});
}

TEST_CASE("seq: options before, between and after the ports") {
    const Options options =
        options_of({"seq", "-6", "gate", "2002", "--udp", "--delay", "50", "2001", "-nv"});
    CHECK(options.family == AF_INET6);
    CHECK(options.dry_run);
    CHECK(options.verbose);
    const auto& command = std::get<SequenceCommand>(options.command);
    CHECK(command.delay.count() == 50);
    CHECK(command.knocks ==
          std::vector<Knock>{{Protocol::udp, 2002, "\n"}, {Protocol::udp, 2001, "\n"}});
}

TEST_CASE("seq: a host may be called like a command") {
    CHECK(options_of({"seq", "open", "2002"}).host == "open");
}

TEST_CASE("open and close: where the secret is and which source it vouches for") {
    const Options open = options_of({"open", "gate", "--port", "2000", "--secret-file", "f",
                                     "--source", "203.0.113.7", "--json"});
    CHECK(open.name == "open");
    CHECK(open.json);
    const auto& command = std::get<TokenCommand>(open.command);
    CHECK(command.port == 2000);
    CHECK(command.source == *Address::from_text("203.0.113.7"));
    CHECK(command.secret.file == "f");
    CHECK_FALSE(command.secret.variable);
    CHECK(command.secret.default_variable == "PKNOCK_SECRET");
    CHECK(command.secret.prompt == "Secret to open the door at gate: ");

    const Options close = options_of({"close", "-4", "gate", "-p", "2000", "--secret-env", "S"});
    CHECK(close.name == "close");
    CHECK(close.family == AF_INET);
    CHECK(std::get<TokenCommand>(close.command).secret.variable == "S");
    CHECK_FALSE(std::get<TokenCommand>(close.command).source);
}

TEST_CASE("what is missing or too much is refused") {
    CHECK(contains(refusal_of({}), "subcommand is required"));
    CHECK(contains(refusal_of({"knock", "gate"}), "subcommand"));
    CHECK(contains(refusal_of({"seq"}), "HOST"));
    CHECK(contains(refusal_of({"seq", "gate"}), "PORT"));
    CHECK(contains(refusal_of({"open", "gate"}), "--port"));
    CHECK(contains(refusal_of({"open", "--port", "2000"}), "HOST"));
    CHECK(contains(refusal_of({"open", "gate", "door", "--port", "2000"}), "door"));
    CHECK(contains(refusal_of({"open", "gate", "--port", "2000", "--secret", "s"}), "--secret"));
    CHECK(contains(refusal_of({"seq", "gate", "2002", "--source", "192.0.2.1"}), "--source"));
}

TEST_CASE("what contradicts itself is refused") {
    CHECK(contains(refusal_of({"seq", "-4", "-6", "gate", "1"}), "ipv4"));
    CHECK(contains(refusal_of({"open", "gate", "-p1", "--secret-env", "S", "--secret-file", "f"}),
                   "--secret-file"));
    CHECK(refusal_of({"open", "-6", "gate", "-p1", "--source", "192.0.2.1"}) ==
          "--source: 192.0.2.1 is IPv4, which -6 excludes");
    CHECK(refusal_of({"open", "-4", "gate", "-p1", "--source", "::1"}) ==
          "--source: ::1 is IPv6, which -4 excludes");
}

TEST_CASE("bad values are refused by option") {
    CHECK(contains(refusal_of({"open", "gate", "--port", "0"}), "--port: \"0\" is not a port"));
    CHECK(contains(refusal_of({"open", "gate", "--port", "65536"}), "--port: \"65536\""));
    CHECK(contains(refusal_of({"seq", "gate", "tcp/"}), "\"\" is not a port"));
    CHECK(contains(refusal_of({"seq", "gate", "host2", "2002"}), "\"host2\" is not a port"));
    CHECK(contains(refusal_of({"seq", "gate", "1", "--delay", "-1"}), "--delay"));
    CHECK(contains(refusal_of({"seq", "gate", "1", "--delay", "60001"}), "--delay"));
    CHECK(contains(refusal_of({"seq", "gate", "1", "--delay", "soon"}), "--delay"));
    CHECK(contains(refusal_of({"open", "gate", "-p1", "--source", "gate"}), "--source: \"gate\""));
    CHECK(contains(refusal_of({"open", "gate", "-p1", "--source", "ff02::1"}), "cannot be"));
}

TEST_CASE("--help and --version are no errors") {
    const auto version = parse({"--version"});
    REQUIRE(version);
    CHECK(std::get<Notice>(*version).text == "pknock " PORTKNOCKO_VERSION "\n");

    const auto help = parse({"--help"});
    REQUIRE(help);
    for (const char* command : {"seq", "open", "close"})
        CHECK(contains(std::get<Notice>(*help).text, command));

    const auto open_help = parse({"open", "--help"});
    REQUIRE(open_help);
    CHECK(contains(std::get<Notice>(*open_help).text, "--secret-file"));
}
