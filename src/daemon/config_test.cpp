// SPDX-License-Identifier: GPL-2.0-or-later
#include "config.hpp"

#include <doctest/doctest.h>
#include <fstream>
#include <iterator>

using namespace portknocko;

namespace {

Config config_of(std::string_view text) {
    auto parsed = parse_config(text);
    REQUIRE(std::holds_alternative<Config>(parsed));
    return std::get<Config>(std::move(parsed));
}

// "LINE:COLUMN KEY: MESSAGE" of each mistake.
std::vector<std::string> mistakes_of(std::string_view text) {
    const auto parsed = parse_config(text);
    REQUIRE(std::holds_alternative<Mistakes>(parsed));
    std::vector<std::string> lines;
    for (const Mistake& mistake : std::get<Mistakes>(parsed))
        lines.push_back(std::to_string(mistake.line) + ":" + std::to_string(mistake.column) + " " +
                        mistake.key + ": " + mistake.message);
    return lines;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines)
        text += line + "\n";
    return text;
}

std::string read_shipped_file() {
    std::ifstream file(PKNOCKD_TOML);
    return {std::istreambuf_iterator<char>(file), {}};
}

// The file with each "# key = value" and "# [table]" made part of it.
std::string without_comment_signs(const std::string& text) {
    std::string result;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string line = text.substr(begin, end - begin);
        begin = end + 1;
        const bool assigns = line.find(" = ") != std::string::npos || line.starts_with("# [");
        if (line.starts_with("# ") && assigns)
            line.erase(0, 2);
        result += line + "\n";
    }
    return result;
}

} // namespace

TEST_CASE("an empty file is the default") {
    CHECK(config_of("") == Config{});
}

TEST_CASE("the file that is shipped changes nothing, and shows the defaults") {
    const std::string text = read_shipped_file();
    CHECK(config_of(text) == Config{});

    Config shown = config_of(without_comment_signs(text));
    CHECK(shown.metrics.listen.size() == 2);
    CHECK(shown.doors.at("SSH").sets.size() == 2);
    shown.metrics = {};
    shown.doors.clear();
    CHECK(shown == Config{});
}

TEST_CASE("everything can be set") {
    const Config config = config_of(R"(
        [hooks]
        directory = "/srv/hooks"
        user = "somebody"
        events = ["refused"]
        timeout = 5
        concurrency = 1
        queue = 2
        output-limit = 3
        [metrics]
        listen = "[::1]:9712"
        [saved-doors]
        enabled = false
        file = "/srv/doors"
        [door.SSH]
        nft-set = "inet  filter allowed"
        flush-at-exit = true
        [door."a.b"]
    )");
    CHECK(config.hooks.directory == "/srv/hooks");
    CHECK(config.hooks.user == "somebody");
    CHECK(config.hooks.events == std::set<std::string>{"refused"});
    CHECK(config.hooks.timeout == std::chrono::seconds(5));
    CHECK(config.hooks.concurrency == 1);
    CHECK(config.hooks.queue == 2);
    CHECK(config.hooks.output_limit == 3);
    REQUIRE(config.metrics.listen.size() == 1);
    CHECK(config.metrics.listen.front().text() == "[::1]:9712");
    CHECK_FALSE(config.saved_doors.enabled);
    CHECK(config.saved_doors.file == "/srv/doors");
    REQUIRE(config.doors.at("SSH").sets.size() == 1);
    CHECK(config.doors.at("SSH").sets.front().text() == "inet filter allowed");
    CHECK(config.doors.at("SSH").flush_at_exit);
    CHECK(config.doors.at("a.b").sets.empty());
}

TEST_CASE("every mistake is told at once, in order, with place and key") {
    CHECK(joined(mistakes_of("[hooks]\n"
                             "timeout = \"soon\"\n"
                             "queue = 0\n"
                             "events = [\"opened\", \"opend\", 3]\n"
                             "  colour = \"red\"\n"
                             "[metrics]\n"
                             "listen = [\"0.0.0.0:80\"]\n"
                             "[door.SSH]\n"
                             "flush-at-exit = 1\n"
                             "nft-set = \"inet filter\"\n"
                             "[nonsense]\n")) ==
          "2:11 hooks.timeout: must be a whole number from 1 to 3600\n"
          "3:9 hooks.queue: must be a whole number from 1 to 65536\n"
          "4:21 hooks.events: \"opend\" is not an event; there are: opened, closed, expired, "
          "revoked, evicted, refused\n"
          "4:30 hooks.events: must be a string, or a list of strings\n"
          "5:3 hooks.colour: unknown key; there are: concurrency, directory, events, "
          "output-limit, queue, timeout, user\n"
          "7:11 metrics.listen: \"0.0.0.0:80\" is neither \"unix:/PATH\" nor a port of the "
          "loopback interface, such as \"127.0.0.1:9712\" or \"[::1]:9712\"\n"
          "9:17 door.SSH.flush-at-exit: must be true or false\n"
          "10:11 door.SSH.nft-set: \"inet filter\" is not a set: \"FAMILY TABLE SET\" is "
          "meant, as in \"inet filter ssh_allowed\"\n"
          "11:2 nonsense: unknown key; there are: door, hooks, metrics, saved-doors\n");
}

TEST_CASE("what is there twice is refused") {
    CHECK(mistakes_of("[hooks]\nqueue = 1\nqueue = 2\n").size() == 1);
    CHECK(mistakes_of("[hooks]\nevents = [\"closed\", \"closed\"]\n") ==
          std::vector<std::string>{"2:21 hooks.events: \"closed\" is there twice"});
    CHECK(mistakes_of("[metrics]\nlisten = [\"[::1]:1\", \"[::1]:1\"]\n") ==
          std::vector<std::string>{"2:22 metrics.listen: \"[::1]:1\" is there twice"});
    CHECK(mistakes_of("[door.a]\nnft-set = \"ip t s\"\n[door.b]\nnft-set = \"ip t  s\"\n") ==
          std::vector<std::string>{
              "4:11 door.b.nft-set: \"ip t s\" is there already, at door \"a\""});
}

TEST_CASE("tables have to be tables, and doors have names that a rule can have") {
    CHECK(mistakes_of("hooks = 1\ndoor = { SSH = 2 }\n") ==
          std::vector<std::string>{"1:9 hooks: must be a table", "2:16 door.SSH: must be a table"});
    CHECK(mistakes_of("[door.\"a b\"]\n").front().starts_with("1:1 door.a b: a door's name"));
    CHECK(mistakes_of("[door." + std::string(32, 'x') + "]\n").size() == 1);
    config_of("[door." + std::string(31, 'x') + "]\n");
}

TEST_CASE("what is no TOML is told with its place") {
    const auto mistakes = mistakes_of("[hooks]\ntimeout = \n");
    REQUIRE(mistakes.size() == 1);
    CHECK(mistakes.front().starts_with("2:"));
    CHECK(mistakes_of(std::string_view("\0\xff\xfe", 3)).size() == 1);
}

// In whose words depends on the version of toml++.
TEST_CASE("a table's header without a name is told with its line") {
    const auto told = [](std::string_view text, const std::string& line) {
        const auto mistakes = mistakes_of(text);
        return mistakes.size() == 1 && mistakes.front().starts_with(line + ":");
    };
    CHECK(told("[!hooks]", "1"));
    CHECK(told("[hooks]\n\n[[ !]]\ntimeout = 1\n", "3"));
    CHECK(told(std::string_view("[hooks]\n[\0x]\n", 13), "2"));
}

TEST_CASE("a set's name can do nothing but name a set") {
    CHECK(SetName::from_text("ip6 my-table.2 s_1")->text() == "ip6 my-table.2 s_1");
    for (const char* text :
         {"", "inet", "inet t", "inet t s x", "arp t s", "inet t s;", "inet t {s}", "inet 1t s",
          "inet t s\n", "inet \"t\" s", "inet t @s", "inet t \xc3\xa4"})
        CHECK_FALSE_MESSAGE(SetName::from_text(text), text);
}

TEST_CASE("metrics are served to this machine only") {
    CHECK(ListenAddress::from_text("unix:/run/x")->path() == "/run/x");
    CHECK(ListenAddress::from_text("127.1.2.3:65535")->path().empty());
    for (const char* text : {"", "unix:", "unix:/", "unix:run/x", "127.0.0.1", "127.0.0.1:",
                             "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:80x", "192.0.2.1:80",
                             "[::]:80", "::1:80", "[::1:80", "localhost:80", "127.0.0.1:-1"})
        CHECK_FALSE_MESSAGE(ListenAddress::from_text(text), text);
    CHECK_FALSE(ListenAddress::from_text("unix:/" + std::string(108, 'x')));
    CHECK_FALSE(ListenAddress::from_text(std::string_view("unix:/run/x\0y", 13)));
    CHECK_FALSE(ListenAddress::from_text(std::string_view("127.0.0.1\0x:9712", 16)));
}
