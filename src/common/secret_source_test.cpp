// SPDX-License-Identifier: GPL-2.0-or-later
#include "secret_source.hpp"

#include "unique_fd.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

using namespace portknocko;

namespace {

class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& content, mode_t mode = S_IRUSR | S_IWUSR)
        : path_(std::filesystem::temp_directory_path() / "pknock-secret-XXXXXX") {
        const UniqueFd fd(mkstemp(path_.data()));
        REQUIRE(fd);
        REQUIRE(write(fd.get(), content.data(), content.size()) ==
                static_cast<ssize_t>(content.size()));
        REQUIRE(fchmod(fd.get(), mode) == 0);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { unlink(path_.c_str()); }

    const std::string& path() const { return path_; }

private:
    std::string path_;
};

std::string text_of(const Result<Secret>& secret) {
    REQUIRE(secret);
    return {secret->bytes().begin(), secret->bytes().end()};
}

void check_refused(const Result<Secret>& secret, const std::string& reason) {
    REQUIRE_FALSE(secret);
    CHECK(secret.error().code == ExitCode::secret);
    CHECK_MESSAGE(secret.error().message.find(reason) != std::string::npos, secret.error().message);
}

} // namespace

TEST_CASE("secret file: exactly one newline at the end is dropped") {
    CHECK(text_of(read_secret_file(TemporaryFile("word").path())) == "word");
    CHECK(text_of(read_secret_file(TemporaryFile("word\n").path())) == "word");
    CHECK(text_of(read_secret_file(TemporaryFile("word\n\n").path())) == "word\n");
    CHECK(text_of(read_secret_file(TemporaryFile(" two words ").path())) == " two words ");
}

TEST_CASE("secret file: 1 to 127 bytes, whether a newline follows or not") {
    const std::string longest(127, 'k');
    CHECK(text_of(read_secret_file(TemporaryFile(longest).path())) == longest);
    CHECK(text_of(read_secret_file(TemporaryFile(longest + "\n").path())) == longest);
    check_refused(read_secret_file(TemporaryFile(longest + "k").path()), "longer than 127");
    check_refused(read_secret_file(TemporaryFile(longest + "k\n").path()), "longer than 127");
    check_refused(read_secret_file(TemporaryFile(std::string(100'000, 'k')).path()), "longer than");
    check_refused(read_secret_file(TemporaryFile("").path()), "empty");
    check_refused(read_secret_file(TemporaryFile("\n").path()), "empty");
    check_refused(read_secret_file(TemporaryFile(std::string("a\0b", 3)).path()), "NUL");
}

TEST_CASE("secret file: closed to group and others") {
    CHECK(text_of(read_secret_file(TemporaryFile("word", S_IRUSR).path())) == "word");
    for (const mode_t extra : {S_IRGRP, S_IWGRP, S_IROTH, S_IWOTH}) {
        const TemporaryFile file("word", S_IRUSR | extra);
        check_refused(read_secret_file(file.path()), "group or others");
    }
}

TEST_CASE("secret file: what is missing or no file is named") {
    check_refused(read_secret_file("/nonexistent/secret"), "/nonexistent/secret: No such file");
    std::string directory = std::filesystem::temp_directory_path() / "pknock-secret-XXXXXX";
    REQUIRE(mkdtemp(directory.data()) != nullptr);
    check_refused(read_secret_file(directory), "Is a directory");
    rmdir(directory.c_str());
}

TEST_CASE("secret variable: read once, then gone") {
    setenv("PKNOCK_TEST_SECRET", "word", 1);
    const char* const place = getenv("PKNOCK_TEST_SECRET");
    CHECK(text_of(take_secret_variable("PKNOCK_TEST_SECRET")) == "word");
    CHECK(getenv("PKNOCK_TEST_SECRET") == nullptr);
    CHECK(std::string(place).empty());
    check_refused(take_secret_variable("PKNOCK_TEST_SECRET"), "no such environment variable");
}

TEST_CASE("a file goes before a variable, and a named variable before the default one") {
    const TemporaryFile file("from file");
    SecretSource source{.file = file.path(),
                        .variable = "PKNOCK_TEST_NAMED",
                        .default_variable = "PKNOCK_TEST_DEFAULT",
                        .prompt = {}};
    setenv("PKNOCK_TEST_NAMED", "named", 1);
    setenv("PKNOCK_TEST_DEFAULT", "default", 1);
    CHECK(text_of(load_secret(source)) == "from file");
    source.file.reset();
    CHECK(text_of(load_secret(source)) == "named");
    check_refused(load_secret(source), "PKNOCK_TEST_NAMED");
    source.variable.reset();
    CHECK(text_of(load_secret(source)) == "default");
}

TEST_CASE("a variable that is set but empty is an error and no reason to ask") {
    setenv("PKNOCK_TEST_DEFAULT", "", 1);
    const SecretSource source{
        .file = {}, .variable = {}, .default_variable = "PKNOCK_TEST_DEFAULT", .prompt = {}};
    check_refused(load_secret(source), "PKNOCK_TEST_DEFAULT: the secret is empty");
}
