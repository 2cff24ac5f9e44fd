// SPDX-License-Identifier: GPL-2.0-or-later
// Files of any name and mode in the directory of hooks: run is only what run-parts(8) would take,
// and what nobody but the owner can have written.
#include "fuzz.hpp"

#include <algorithm>
#include <cctype>
#include <fcntl.h>
#include <filesystem>
#include <hook_directory.hpp>
#include <map>
#include <sys/stat.h>
#include <unique_fd.hpp>
#include <unistd.h>

using namespace portknocko;

namespace {

class Directory {
public:
    Directory() : path_("/dev/shm/pknock-hooks-XXXXXX") {
        REQUIRE(mkdtemp(path_.data()) != nullptr);
    }
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;
    ~Directory() { std::filesystem::remove_all(path_); }

    const std::string& path() const { return path_; }

    // A file, unless there can be none of that name.
    bool put(const std::string& name, mode_t mode) const {
        const std::string whole = path_ + "/" + name;
        const UniqueFd fd(open(whole.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        return fd && fchmod(fd.get(), mode) == 0;
    }

    void remove(const std::string& name) const { unlink((path_ + "/" + name).c_str()); }

private:
    std::string path_;
};

bool may_run(const std::string& name, mode_t mode) {
    return std::all_of(name.begin(), name.end(),
                       [](unsigned char c) {
                           return c < 0x80 && (std::isalnum(c) != 0 || c == '_' || c == '-');
                       }) &&
           (mode & S_IXOTH) != 0 && (mode & (S_IWGRP | S_IWOTH)) == 0;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Directory directory;
    fuzz::Input input(data, size);
    std::map<std::string, mode_t> files;
    std::vector<std::string> expected;
    while (!input.empty() && files.size() < 4) {
        const mode_t mode = input.number<std::uint16_t>() & 0777;
        std::string name = input.text_until('\n');
        name.erase(
            std::remove_if(name.begin(), name.end(), [](char c) { return c == '/' || c == '\0'; }),
            name.end());
        if (!name.empty() && directory.put(name, mode) && files.emplace(name, mode).second &&
            may_run(name, mode))
            expected.push_back(directory.path() + "/" + name);
    }
    std::sort(expected.begin(), expected.end());

    const auto hooks = list_hooks(directory.path(), geteuid(), [](const Error& error) {
        REQUIRE(error.message.find("is not run") != std::string::npos);
    });
    for (const auto& [name, mode] : files)
        directory.remove(name);
    REQUIRE(hooks && *hooks == expected);
    return 0;
}
