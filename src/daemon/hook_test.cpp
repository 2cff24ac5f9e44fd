// SPDX-License-Identifier: GPL-2.0-or-later
// Hooks that behave, and hooks that hang, crash, print megabytes or are nobody's to write.
#include "hook_directory.hpp"
#include "hook_runner.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>

using namespace portknocko;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

class Recorder : public Journal {
public:
    void write(Severity severity, const std::string& message,
               const std::vector<std::string>& /*fields*/) override {
        (severity == Severity::info ? said : complaints).push_back(message);
    }
    std::vector<std::string> said;
    std::vector<std::string> complaints;
};

// A directory of hooks, a runner and all that they need.
class HookFixture {
public:
    HookFixture() {
        std::string pattern = fs::temp_directory_path() / "hooks-XXXXXX";
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        directory = pattern;
        REQUIRE(chmod(pattern.c_str(), 0755) == 0); // hooks run as somebody else
        sigset_t mask;
        sigemptyset(&mask);
        sigaddset(&mask, SIGCHLD);
        sigprocmask(SIG_BLOCK, &mask, nullptr);
        config.directory = directory;
        config.user = "nobody";
    }
    HookFixture(const HookFixture&) = delete;
    HookFixture& operator=(const HookFixture&) = delete;
    ~HookFixture() { fs::remove_all(directory); }

    // The body of a shell script.
    void add(const std::string& name, const std::string& body, mode_t mode = 0755) const {
        std::ofstream(directory / name) << "#!/bin/sh\n" << body << "\n";
        REQUIRE(chmod((directory / name).c_str(), mode) == 0);
    }

    void configure() { REQUIRE(runner.configure(config)); }

    void submit(const std::string& subject = "a") {
        runner.submit("opened", subject, {"PKNOCK_DOOR=SSH", "PKNOCK_ADDRESS=192.0.2.1"});
    }

    void run_to_end() {
        for (int turns = 0; runner.statistics().running > 0; ++turns) {
            REQUIRE(turns < 100'000);
            REQUIRE(loop.turn(10s));
        }
    }

    fs::path directory;
    HooksConfig config;
    EventLoop loop = *EventLoop::create();
    Recorder journal;
    HookRunner runner{loop, journal, getuid()};
};

} // namespace

TEST_CASE_FIXTURE(HookFixture, "hooks run in the order of names, and only what is one") {
    add("20-b", "");
    add("10-a", "");
    add("30.sh", "");
    add("40~", "");
    add("not-executable", "", 0644);
    add("writable", "", 0775);
    fs::create_directory(directory / "directory");
    std::vector<std::string> refused;
    const auto hooks = list_hooks(directory, getuid(), [&](const Error& error) {
        refused.push_back(error.message.substr(error.message.rfind('/') + 1));
    });
    REQUIRE(hooks);
    CHECK(*hooks == std::vector<std::string>{directory / "10-a", directory / "20-b"});
    std::sort(refused.begin(), refused.end());
    CHECK(refused == std::vector<std::string>{
                         "directory: is not a file, and is not run",
                         "not-executable: is not executable by all, and is not run",
                         "writable: can be written by others than its owner, and is not run"});
}

TEST_CASE_FIXTURE(HookFixture,
                  "hooks of others, or in a directory that others write, are refused") {
    add("hook", "");
    const auto none = list_hooks(directory, getuid() + 1, [](const Error&) {});
    REQUIRE_FALSE(none);
    CHECK(none.error().message.find("belongs to somebody else") != std::string::npos);
    REQUIRE(chmod(directory.c_str(), 0777) == 0);
    CHECK_FALSE(list_hooks(directory, getuid(), [](const Error&) {}));
    CHECK(list_hooks(directory / "missing", getuid(), [](const Error&) {})->empty());
}

TEST_CASE_FIXTURE(HookFixture, "a hook gets the event, and nothing of the daemon") {
    setenv("SECRET", "of the daemon", 1);
    add("hook", "env | grep -v -e ^PWD= -e ^_= -e ^SHLVL= | sort; echo $# $PWD; cat; "
                "sed -n 's/^SigBlk:\\t0*0/0/p' /proc/self/status");
    configure();
    submit();
    run_to_end();
    const std::string hook_path =
        "hook hook: PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    CHECK(journal.said == std::vector<std::string>{hook_path, "hook hook: PKNOCK_ADDRESS=192.0.2.1",
                                                   "hook hook: PKNOCK_DOOR=SSH", "hook hook: 0 /",
                                                   "hook hook: 0"});
    CHECK(journal.complaints.empty());
    CHECK(runner.statistics().succeeded == 1);
}

TEST_CASE_FIXTURE(HookFixture, "a hook has no privileges") {
    add("hook", "sed -n -e 's/^NoNewPrivs:\\t//p' -e 's/^CapEff:\\t//p' -e 's/^CapAmb:\\t//p' "
                "/proc/self/status | tr '\\n' ' '; id -un; id -G | wc -w");
    configure();
    submit();
    run_to_end();
    REQUIRE(journal.said.size() == 2);
    if (getuid() == 0)
        CHECK(journal.said[0] == "hook hook: 0000000000000000 0000000000000000 1 nobody");
    CHECK(journal.said[0].find(" 1 ") != std::string::npos);
    CHECK(journal.said[1] == "hook hook: 1");
}

TEST_CASE_FIXTURE(HookFixture, "a hook that hangs is killed, with what it started") {
    config.timeout = 1s;
    add("hook", "trap '' TERM; sleep 1000 & echo $!; wait; wait; sleep 1000");
    configure();
    submit();
    run_to_end();
    CHECK(journal.complaints ==
          std::vector<std::string>{"hook hook: took longer than hooks.timeout, and was killed by "
                                   "signal 9"});
    CHECK(runner.statistics().timed_out == 1);
    REQUIRE(journal.said.size() == 1);
    const pid_t sleeper = std::stoi(journal.said.front().substr(sizeof("hook hook: ") - 1));
    while (kill(sleeper, 0) == 0) // until its new parent has taken note
        usleep(1000);
}

TEST_CASE_FIXTURE(HookFixture, "a hook that prints megabytes ends, and little of it is kept") {
    config.output_limit = 20;
    add("hook", "head -c 5000000 /dev/zero | tr '\\0' x; printf '\\33[2J' >&2");
    configure();
    submit();
    run_to_end();
    CHECK(journal.said == std::vector<std::string>{"hook hook: " + std::string(20, 'x')});
    CHECK(journal.complaints ==
          std::vector<std::string>{"hook hook: said more than hooks.output-limit"});
    CHECK(runner.statistics().succeeded == 1);
}

TEST_CASE_FIXTURE(HookFixture, "what a hook says cannot write to the terminal of who reads it") {
    add("hook", R"(printf 'a\33[2Jb\rc\n')");
    configure();
    submit();
    run_to_end();
    CHECK(journal.said == std::vector<std::string>{"hook hook: a?[2Jb?c"});
}

TEST_CASE_FIXTURE(HookFixture, "a hook that crashes, fails or cannot be run is told of") {
    add("1", "kill -SEGV $$");
    add("2", "exit 3");
    std::ofstream(directory / "3") << "#!/nonexistent\n";
    REQUIRE(chmod((directory / "3").c_str(), 0755) == 0);
    configure();
    submit();
    run_to_end();
    std::sort(journal.complaints.begin(), journal.complaints.end());
    CHECK(journal.complaints == std::vector<std::string>{"hook 1: was killed by signal 11",
                                                         "hook 2: exited with status 3",
                                                         "hook 3: exited with status 126"});
    CHECK(runner.statistics().failed == 3);
}

TEST_CASE_FIXTURE(HookFixture, "what is not run is told of once, until it is read again") {
    add("anybodys", "echo run", 0777);
    configure();
    submit();
    submit("b");
    const std::string complaint = (directory / "anybodys").string() +
                                  ": can be written by others than its owner, and is not run";
    CHECK(journal.complaints == std::vector<std::string>{complaint});
    configure();
    submit();
    CHECK(journal.complaints == std::vector<std::string>{complaint, complaint});

    REQUIRE(chmod(directory.c_str(), 0777) == 0);
    submit();
    CHECK(journal.complaints.back() ==
          directory.string() + ": can be written by others than its owner, and is not run");
    CHECK(runner.statistics().running == 0);
    CHECK(journal.said.empty());
}

TEST_CASE_FIXTURE(HookFixture, "so many at once, so many wait, the others are counted") {
    config.concurrency = 2;
    config.queue = 3;
    add("hook", "sleep 0.1");
    configure();
    for (int i = 0; i < 10; ++i)
        submit(std::to_string(i));
    CHECK(runner.statistics().running == 2);
    CHECK(runner.statistics().waiting == 3);
    CHECK(runner.statistics().dropped == 5);
    CHECK(journal.complaints.size() == 1);
    run_to_end();
    CHECK(runner.statistics().succeeded == 5);
}

TEST_CASE_FIXTURE(HookFixture, "events of one peer keep their order, others need not wait") {
    add("hook", "[ $PKNOCK_N = 1 ] && sleep 0.3; echo $PKNOCK_N");
    configure();
    runner.submit("opened", "a", {"PKNOCK_N=1"});
    runner.submit("closed", "a", {"PKNOCK_N=2"});
    runner.submit("opened", "b", {"PKNOCK_N=3"});
    runner.submit("refused", "b", {"PKNOCK_N=4"});
    CHECK(runner.statistics().running == 2);
    run_to_end();
    CHECK(journal.said == std::vector<std::string>{"hook hook: 3", "hook hook: 1", "hook hook: 2"});
}

TEST_CASE_FIXTURE(HookFixture, "an unknown user is refused") {
    config.user = "no such user";
    if (getuid() == 0)
        CHECK(runner.configure(config).error().message ==
              "hooks.user: there is no user \"no such user\"");
}
