// SPDX-License-Identifier: GPL-2.0-or-later
#include "trusted_file.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <sys/stat.h>

using namespace portknocko;
namespace fs = std::filesystem;

namespace {

class Folder {
public:
    Folder() { REQUIRE(mkdtemp(name_.data()) != nullptr); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() { fs::remove_all(name_); }

    std::string file(const std::string& name) const { return name_ + "/" + name; }
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(name_), fs::directory_iterator{}));
    }

private:
    std::string name_ = fs::temp_directory_path() / "trusted_file.XXXXXX";
};

mode_t mode_of(const std::string& path) {
    struct stat status {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & ALLPERMS;
}

std::string distrust(const std::string& path) {
    const auto text = read_trusted_file(path);
    REQUIRE_FALSE(text);
    CHECK(text.error().code == ExitCode::file);
    return text.error().message.substr(path.size());
}

} // namespace

TEST_CASE("what was written is read, and nothing else is left") {
    const Folder folder;
    const std::string path = folder.file("doors");
    const std::string text(200'000, 'x');
    REQUIRE(write_file_atomically(path, "before"));
    REQUIRE(write_file_atomically(path, text));
    CHECK(*read_trusted_file(path) == text);
    CHECK(mode_of(path) == 0600);
    CHECK(folder.files() == 1);
}

TEST_CASE("the folder is made, for the owner alone; its parent is not") {
    const Folder folder;
    REQUIRE(write_file_atomically(folder.file("new/doors"), ""));
    CHECK(mode_of(folder.file("new")) == 0700);
    CHECK_FALSE(write_file_atomically(folder.file("a/b/doors"), ""));
}

TEST_CASE("where a file cannot be put nothing is left") {
    const Folder folder;
    fs::create_directory(folder.file("doors"));
    const Status status = write_file_atomically(folder.file("doors"), "text");
    REQUIRE_FALSE(status);
    CHECK(status.error().code == ExitCode::file);
    CHECK(folder.files() == 1);
}

TEST_CASE("what others could have written is not read") {
    const Folder folder;
    const std::string path = folder.file("doors");
    REQUIRE(write_file_atomically(path, "text"));
    for (const mode_t mode : {0620, 0602, 0666}) {
        REQUIRE(chmod(path.c_str(), mode) == 0);
        CHECK(distrust(path) == ": others can write it");
    }
    REQUIRE(chmod(path.c_str(), 0644) == 0);
    CHECK(read_trusted_file(path));
}

TEST_CASE("what is not a file is not read") {
    const Folder folder;
    CHECK(distrust(folder.file("none")) == ": No such file or directory");
    CHECK(distrust("/") == ": not a regular file");
    const std::string pipe = folder.file("pipe");
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    CHECK(distrust(pipe) == ": not a regular file");
}
