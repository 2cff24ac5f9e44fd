// SPDX-License-Identifier: GPL-2.0-or-later
#include "trusted_file.hpp"

#include "unique_fd.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <libgen.h>
#include <sys/stat.h>
#include <unistd.h>

namespace portknocko {
namespace {

Error file_error(const std::string& path) {
    return system_error(ExitCode::file, path, errno);
}

Status check_owner(const std::string& path, int fd) {
    struct stat status {};
    if (fstat(fd, &status) != 0)
        return file_error(path);
    if (!S_ISREG(status.st_mode))
        return Error{ExitCode::file, path + ": not a regular file"};
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return Error{ExitCode::file, path + ": root does not own it"};
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return Error{ExitCode::file, path + ": others can write it"};
    return Done{};
}

std::string folder_of(std::string path) {
    return dirname(path.data());
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

// The new name is as durable as the new file.
bool sync_folder(const std::string& folder) {
    const UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return fd && fsync(fd.get()) == 0;
}

} // namespace

Result<std::string> read_trusted_file(const std::string& path) {
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!fd)
        return file_error(path);
    if (const Status status = check_owner(path, fd.get()); !status)
        return status.error();

    std::string text;
    std::array<char, 65'536> buffer{};
    for (;;) {
        const ssize_t size = read(fd.get(), buffer.data(), buffer.size());
        if (size == 0)
            return text;
        if (size < 0 && errno != EINTR)
            return file_error(path);
        if (size > 0)
            text.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

Status write_file_atomically(const std::string& path, const std::string& text) {
    const std::string folder = folder_of(path);
    if (mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST)
        return file_error(folder);
    std::string temporary = path + ".XXXXXX"; // mkostemp() gives mode 0600
    const UniqueFd fd(mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd)
        return file_error(temporary);
    if (!write_all(fd.get(), text) || fsync(fd.get()) != 0 ||
        rename(temporary.c_str(), path.c_str()) != 0) {
        const Error error = file_error(path);
        unlink(temporary.c_str());
        return error;
    }
    if (!sync_folder(folder))
        return file_error(folder);
    return Done{};
}

} // namespace portknocko
