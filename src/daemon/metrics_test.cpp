// SPDX-License-Identifier: GPL-2.0-or-later
// The page, and clients that ask for it: fast, slow and hostile ones.
#include "http.hpp"
#include "metrics.hpp"
#include "metrics_server.hpp"

#include <array>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace portknocko;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr const char* get = "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";

class MetricsFixture {
public:
    // Long enough for any machine, where it is not the matter.
    explicit MetricsFixture(std::chrono::milliseconds patience = 1min)
        : server(
              loop, [this] { return page; }, patience) {
        std::string pattern = fs::temp_directory_path() / "metrics-XXXXXX";
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        directory = pattern;
        address = *ListenAddress::from_text("unix:" + (directory / "socket").string());
        REQUIRE(server.configure({*address}));
    }
    MetricsFixture(const MetricsFixture&) = delete;
    MetricsFixture& operator=(const MetricsFixture&) = delete;
    ~MetricsFixture() { fs::remove_all(directory); }

    UniqueFd connect() const {
        UniqueFd fd(socket(AF_UNIX, SOCK_STREAM, 0));
        REQUIRE(::connect(fd.get(), address->data(), address->size()) == 0);
        return fd;
    }

    static void send(const UniqueFd& fd, std::string_view text) {
        REQUIRE(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(text.size()));
    }

    // All that comes until the server closes.
    std::string receive(const UniqueFd& fd) {
        std::string text;
        for (;;) {
            std::array<char, 65536> buffer{};
            const ssize_t count = recv(fd.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
            if (count == 0)
                return text;
            if (count > 0)
                text.append(buffer.data(), static_cast<std::size_t>(count));
            else if (errno == ECONNRESET)
                return text;
            else
                REQUIRE(loop.turn(10ms));
        }
    }

    std::string ask(std::string_view request) {
        const UniqueFd fd = connect();
        send(fd, request);
        return receive(fd);
    }

    fs::path directory;
    std::optional<ListenAddress> address;
    EventLoop loop = *EventLoop::create();
    std::string page = "the page\n";
    MetricsServer server;
};

class ImpatientFixture : public MetricsFixture {
public:
    ImpatientFixture() : MetricsFixture(100ms) {}
};

bool starts(const std::string& text, const std::string& status) {
    return text.starts_with("HTTP/1.1 " + status + "\r\n");
}

} // namespace

TEST_CASE_FIXTURE(MetricsFixture, "the page is served") {
    CHECK(ask(get) == "HTTP/1.1 200 OK\r\n"
                      "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
                      "Content-Length: 9\r\n"
                      "Connection: close\r\n\r\nthe page\n");
    const std::string head = ask("HEAD /metrics?x HTTP/1.0\r\n\r\n");
    CHECK(starts(head, "200 OK"));
    CHECK(head.ends_with("\r\n\r\n"));
    page.assign(2'000'000, 'x'); // more than a socket takes at once
    CHECK(ask(get).size() > page.size());
}

TEST_CASE_FIXTURE(MetricsFixture, "other requests are refused") {
    CHECK(starts(ask("GET / HTTP/1.1\r\n\r\n"), "404 Not Found"));
    CHECK(starts(ask("POST /metrics HTTP/1.1\r\n\r\n"), "405 Method Not Allowed"));
    CHECK(starts(ask("\r\n\r\n"), "400 Bad Request"));
    CHECK(starts(ask("GET http://x/metrics HTTP/1.1\r\n\r\n"), "400 Bad Request"));
    CHECK(starts(ask("GET /metrics HTTP/2\r\n\r\n"), "400 Bad Request"));
    CHECK(starts(ask(std::string(MetricsServer::max_request, 'x')), "400 Bad Request"));
}

TEST_CASE_FIXTURE(ImpatientFixture, "who is slow, says nothing or does not read is let go of") {
    page.assign(2'000'000, 'x');
    const UniqueFd silent = connect();
    const UniqueFd slow = connect();
    const UniqueFd deaf = connect();
    send(slow, "GET /metrics");
    send(deaf, get);
    CHECK(receive(silent).empty());
    CHECK(receive(slow).empty());
    REQUIRE(loop.turn(200ms));
    CHECK(receive(deaf).size() < page.size());
}

TEST_CASE_FIXTURE(ImpatientFixture, "only so many are served at a time") {
    std::vector<UniqueFd> clients;
    for (std::size_t i = 0; i < MetricsServer::max_connections; ++i)
        clients.push_back(connect());
    for (const UniqueFd& client : clients) {
        send(client, "GET");
        REQUIRE(loop.turn(0ms));
    }
    const UniqueFd surplus = connect();
    CHECK(receive(surplus).empty());
    CHECK(receive(clients.front()).empty()); // by the timeout
    CHECK(starts(ask(get), "200 OK"));
}

TEST_CASE_FIXTURE(MetricsFixture, "the socket is the group's, and goes with the server") {
    struct stat status = {};
    REQUIRE(stat(address->path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0660);
    REQUIRE(server.configure({*address}));
    CHECK(starts(ask(get), "200 OK"));
    REQUIRE(server.configure({}));
    CHECK_FALSE(fs::exists(address->path()));

    const auto missing = ListenAddress::from_text("unix:/nonexistent/socket");
    const Status status_of_both = server.configure({*missing, *address});
    REQUIRE_FALSE(status_of_both);
    CHECK(status_of_both.error().message ==
          "metrics.listen: unix:/nonexistent/socket: No such file or directory");
    CHECK(starts(ask(get), "200 OK"));
}

TEST_CASE("requests come in pieces") {
    const std::string_view whole = get;
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(std::holds_alternative<HttpIncomplete>(parse_http(whole.substr(0, size))));
    CHECK(std::get<HttpRequest>(parse_http(whole)) == HttpRequest{"GET", "/metrics"});
}

TEST_CASE("the text of metrics") {
    Metrics metrics;
    metrics.version = "1.2.3";
    metrics.module_loaded = true;
    Door door{.name = "SSH", .rules = 2, .open = 3, .half_open = 4, .tokens = 5, .counters = {}};
    door.counters.bad_mac = 6;
    metrics.doors.push_back(door);
    metrics.events[EventKind::opened] = 7;
    metrics.losses = 8;
    metrics.hooks.timed_out = 9;
    metrics.sets.configured = 10;
    const std::string text = to_text(metrics);
    for (const char* line :
         {R"(portknocko_build_info{version="1.2.3"} 1)", "portknocko_module_loaded 1",
          R"(portknocko_door_total{door="SSH",what="bad-mac"} 6)",
          R"(portknocko_door_peers{door="SSH",state="open"} 3)",
          R"(portknocko_door_peers{door="SSH",state="half-open"} 4)",
          R"(portknocko_door_rules{door="SSH"} 2)", R"(portknocko_door_tokens{door="SSH"} 5)",
          R"(portknocko_events_total{event="opened"} 7)",
          R"(portknocko_events_total{event="refused"} 0)", "portknocko_event_losses_total 8",
          R"(portknocko_hooks_total{result="timed-out"} 9)", "portknocko_sets 10",
          "# TYPE portknocko_sets gauge"})
        CHECK_MESSAGE(("\n" + text).find("\n" + std::string(line) + "\n") != std::string::npos,
                      line);
}
