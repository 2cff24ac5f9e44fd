// SPDX-License-Identifier: GPL-2.0-or-later
#include "guard.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>

using namespace portknocko;
using namespace portknocko::setup;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds at_once{0};
constexpr milliseconds long_enough{60'000};

// A directory for sockets, and a file in it that undoing makes: the guard is another process.
class Place {
public:
    Place() {
        std::string name = "/tmp/portknocko-guard-XXXXXX";
        REQUIRE(mkdtemp(name.data()) != nullptr);
        directory_ = name;
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
        for (const char* file : {"/undone", "/lock", "/cafe"})
            unlink((directory_ + file).c_str());
        rmdir(directory_.c_str());
    }

    const std::string& directory() const { return directory_; }
    bool undone() const { return access((directory_ + "/undone").c_str(), F_OK) == 0; }

    Result<Guard> start(milliseconds patience, bool able = true) const {
        return Guard::start(directory_, "cafe", patience, [this, able]() -> Status {
            if (!able)
                return Error{ExitCode::kernel, "it cannot"};
            const UniqueFd fd(open((directory_ + "/undone").c_str(), O_WRONLY | O_CREAT, 0600));
            return Done{};
        });
    }

private:
    std::string directory_;
};

} // namespace

TEST_CASE("who waits too long is undone") {
    const Place place;
    const Result<Guard> guard = place.start(at_once);
    REQUIRE(guard);
    CHECK(guard->fate() == Fate::undone);
    CHECK(place.undone());
    CHECK_FALSE(confirm(place.directory(), "cafe"));
}

TEST_CASE("who started it can keep it, or have it undone") {
    const Place place;
    CHECK(place.start(long_enough)->keep() == Fate::kept);
    CHECK_FALSE(place.undone());
    CHECK(place.start(long_enough)->undo() == Fate::undone);
    CHECK(place.undone());
}

TEST_CASE("a failure to undo is told") {
    const Place place;
    CHECK(place.start(long_enough, false)->undo() == Fate::failed);
}

TEST_CASE("another process confirms, and the one that started it hears of it") {
    const Place place;
    const Result<Guard> guard = place.start(long_enough);
    REQUIRE(guard);
    const auto fate = confirm(place.directory(), "cafe");
    REQUIRE(fate);
    CHECK(*fate == Fate::kept);
    pollfd fd{guard->fd(), POLLIN, 0};
    CHECK(poll(&fd, 1, -1) == 1);
    CHECK(guard->fate() == Fate::kept);
    CHECK_FALSE(place.undone());
}

TEST_CASE("the guard outlives who started it") {
    const Place place;
    const pid_t child = fork();
    if (child == 0)
        _exit(place.start(long_enough) ? EXIT_SUCCESS : EXIT_FAILURE);
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(status == 0);
    CHECK(*confirm(place.directory(), "cafe") == Fate::kept);
}

TEST_CASE("one guard at a time") {
    const Place place;
    const Result<Guard> first = place.start(long_enough);
    REQUIRE(first);
    const Result<Guard> second = place.start(long_enough);
    REQUIRE_FALSE(second);
    CHECK(second.error().message == "another setup waits to be confirmed or rolled back");
    CHECK(first->keep() == Fate::kept);
}

TEST_CASE("tokens are digits, not ways to other sockets") {
    for (const std::string token : {"", "../x", "CAFE", "cafe "}) {
        const auto fate = confirm("/nowhere", token);
        REQUIRE_FALSE(fate);
        CHECK(fate.error().code == ExitCode::usage);
    }
    CHECK(confirm("/nowhere", "cafe").error().code == ExitCode::not_found);
}
