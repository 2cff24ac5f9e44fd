// SPDX-License-Identifier: GPL-2.0-or-later
#include "secrets.hpp"

#include "random.hpp"
#include "secret_source.hpp"
#include "unique_fd.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace portknocko::setup {
namespace {

constexpr std::size_t secret_bytes = 32;

Status make_directory(const std::string& path) {
    for (std::size_t end = path.find('/', 1); end != std::string::npos;
         end = path.find('/', end + 1))
        if (mkdir(path.substr(0, end).c_str(), 0755) != 0 && errno != EEXIST)
            return system_error(ExitCode::file, path.substr(0, end), errno);
    if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
        return system_error(ExitCode::file, path, errno);
    return Done{};
}

Status write_new(const std::string& path, const std::string& text) {
    const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd)
        return system_error(ExitCode::file, path, errno);
    // So small a write is whole or fails.
    if (write(fd.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        fsync(fd.get()) != 0) {
        const int number = errno;
        unlink(path.c_str());
        return system_error(ExitCode::file, path, number);
    }
    return Done{};
}

Result<std::string> provide(const std::string& path) {
    if (access(path.c_str(), F_OK) == 0) {
        const Result<Secret> secret = read_secret_file(path);
        if (!secret)
            return secret.error();
        return std::string(secret->bytes().begin(), secret->bytes().end());
    }
    Result<std::string> text = random_hex(secret_bytes);
    if (!text)
        return text;
    if (const Status status = write_new(path, *text + "\n"); !status)
        return status.error();
    return text;
}

} // namespace

SecretFiles secret_files(const std::string& directory, const std::string& door) {
    const std::string stem = directory + "/" + door;
    return {stem + ".open", stem + ".close"};
}

Result<SecretTexts> provide_secrets(const std::string& directory, const std::string& door) {
    if (const Status status = make_directory(directory); !status)
        return status.error();
    const SecretFiles files = secret_files(directory, door);
    Result<std::string> open = provide(files.open);
    if (!open)
        return open.error();
    Result<std::string> close = provide(files.close);
    if (!close)
        return close.error();
    return SecretTexts{*std::move(open), *std::move(close)};
}

} // namespace portknocko::setup
