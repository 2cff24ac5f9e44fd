// SPDX-License-Identifier: GPL-2.0-or-later
#include "secret_source.hpp"

#include "unique_fd.hpp"

#include <bsd/readpassphrase.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

namespace portknocko {
namespace {

// Room for one byte more than a secret may have and for the newline or NUL after it, so that what
// is too long is seen to be so.
class Scratch {
public:
    static constexpr std::size_t size = Secret::max_size + 2;

    Scratch() = default;
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() { explicit_bzero(bytes_.data(), bytes_.size()); }

    char* data() { return bytes_.data(); }

private:
    std::array<char, size> bytes_{};
};

Status check_permissions(int fd, const std::string& path) {
    struct stat status = {};
    if (fstat(fd, &status) != 0)
        return system_error(ExitCode::secret, path, errno);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return Error{ExitCode::secret, path + ": group or others have access to this file; run "
                                              "\"chmod 600\" on it, and consider a new secret"};
    return Done{};
}

// Reads until `scratch` is full or the file ends; returns how much came.
Result<std::size_t> read_all(int fd, Scratch& scratch, const std::string& path) {
    std::size_t size = 0;
    while (size < Scratch::size) {
        const ssize_t count = read(fd, scratch.data() + size, Scratch::size - size);
        if (count == 0)
            break;
        if (count > 0)
            size += static_cast<std::size_t>(count);
        else if (errno != EINTR)
            return system_error(ExitCode::secret, path, errno);
    }
    return size;
}

} // namespace

Result<Secret> read_secret_file(const std::string& path) {
    const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd)
        return system_error(ExitCode::secret, path, errno);
    if (const Status status = check_permissions(fd.get(), path); !status)
        return status.error();

    Scratch scratch;
    const Result<std::size_t> size = read_all(fd.get(), scratch, path);
    if (!size)
        return size.error();
    std::string_view text(scratch.data(), *size);
    if (text.ends_with('\n'))
        text.remove_suffix(1);
    return Secret::from_text(text, path);
}

Result<Secret> take_secret_variable(const std::string& name) {
    char* value = getenv(name.c_str());
    if (value == nullptr)
        return Error{ExitCode::secret, name + ": no such environment variable"};
    Result<Secret> secret = Secret::from_text(value, name);
    explicit_bzero(value, std::strlen(value));
    unsetenv(name.c_str());
    return secret;
}

Result<Secret> prompt_for_secret(const std::string& prompt) {
    Scratch scratch;
    if (readpassphrase(prompt.c_str(), scratch.data(), Scratch::size, RPP_REQUIRE_TTY) == nullptr)
        return Error{ExitCode::secret,
                     "no secret was given, and there is no terminal to ask for it on"};
    return Secret::from_text(scratch.data(), "terminal");
}

Result<Secret> load_secret(const SecretSource& source) {
    if (source.file)
        return read_secret_file(*source.file);
    if (source.variable)
        return take_secret_variable(*source.variable);
    if (getenv(source.default_variable.c_str()) != nullptr)
        return take_secret_variable(source.default_variable);
    return prompt_for_secret(source.prompt);
}

} // namespace portknocko
