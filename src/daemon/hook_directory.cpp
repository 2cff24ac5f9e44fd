// SPDX-License-Identifier: GPL-2.0-or-later
#include "hook_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <memory>
#include <string_view>
#include <sys/stat.h>

namespace portknocko {
namespace {

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

bool is_hook_name(std::string_view name) {
    return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_-") == std::string_view::npos;
}

Error untrusted(const std::string& path, const char* reason) {
    return {ExitCode::internal, path + ": " + reason};
}

Status check_trust(const std::string& path, const struct stat& status, uid_t owner) {
    if (status.st_uid != owner)
        return untrusted(path, "belongs to somebody else than root, and is not run");
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return untrusted(path, "can be written by others than its owner, and is not run");
    return Done{};
}

Status check_hook(const std::string& path, uid_t owner) {
    struct stat status = {};
    if (stat(path.c_str(), &status) != 0)
        return system_error(ExitCode::internal, path, errno);
    if (!S_ISREG(status.st_mode))
        return untrusted(path, "is not a file, and is not run");
    if ((status.st_mode & S_IXOTH) == 0)
        return untrusted(path, "is not executable by all, and is not run");
    return check_trust(path, status, owner);
}

} // namespace

Result<std::vector<std::string>> list_hooks(const std::string& directory, uid_t owner,
                                            const std::function<void(const Error&)>& refuse) {
    std::vector<std::string> hooks;
    const Directory stream(opendir(directory.c_str()), closedir);
    if (stream == nullptr && errno == ENOENT)
        return hooks;
    struct stat status = {};
    if (stream == nullptr || fstat(dirfd(stream.get()), &status) != 0)
        return system_error(ExitCode::internal, directory, errno);
    if (const Status trust = check_trust(directory, status, owner); !trust)
        return trust.error();

    // pknockd has one thread.
    while (const dirent* entry = readdir(stream.get())) { // NOLINT(concurrency-mt-unsafe)
        const std::string name(std::begin(entry->d_name));
        if (!is_hook_name(name))
            continue;
        std::string path = directory;
        path.append("/").append(name);
        if (const Status hook = check_hook(path, owner); hook)
            hooks.push_back(path);
        else
            refuse(hook.error());
    }
    std::sort(hooks.begin(), hooks.end());
    return hooks;
}

} // namespace portknocko
