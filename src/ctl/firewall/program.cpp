// SPDX-License-Identifier: GPL-2.0-or-later
#include "program.hpp"

#include "unique_fd.hpp"

#include <array>
#include <cerrno>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

namespace portknocko::firewall {
namespace {

constexpr std::array directories = {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"};

Error failure(const std::string& what, int number) {
    return system_error(ExitCode::internal, what, number);
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = write(fd, text.data(), text.size());
        if (count < 0 && errno != EINTR)
            return false;
        if (count > 0)
            text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

Result<std::string> read_file(int fd) {
    struct stat status = {};
    if (fstat(fd, &status) != 0)
        return failure("output of a program", errno);
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t size = 0;
    while (size < text.size()) {
        const ssize_t count =
            pread(fd, text.data() + size, text.size() - size, static_cast<off_t>(size));
        if (count == 0)
            break;
        if (count > 0)
            size += static_cast<std::size_t>(count);
        else if (errno != EINTR)
            return failure("output of a program", errno);
    }
    text.resize(size);
    return text;
}

// Standard input and outputs of the program, as files in memory: neither side ever waits for the
// other, and there is no pipe to break.
class Streams {
public:
    Status open(std::string_view input) {
        for (UniqueFd& file : files_) {
            file = UniqueFd(memfd_create("portknocko", MFD_CLOEXEC));
            if (!file)
                return failure("file in memory", errno);
        }
        if (!write_all(files_[STDIN_FILENO].get(), input) ||
            lseek(files_[STDIN_FILENO].get(), 0, SEEK_SET) != 0)
            return failure("file in memory", errno);
        return Done{};
    }

    int get(int stream) const { return files_[static_cast<std::size_t>(stream)].get(); }

private:
    std::array<UniqueFd, 3> files_;
};

Result<pid_t> spawn(const std::string& path, const std::vector<std::string>& words,
                    const Streams& streams) {
    std::vector<char*> arguments;
    arguments.reserve(words.size() + 1);
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str())); // NOLINT(*-const-cast): POSIX
    arguments.push_back(nullptr);
    std::string search = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    std::string locale = "LC_ALL=C";
    std::array<char*, 3> environment = {search.data(), locale.data(), nullptr};

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        posix_spawn_file_actions_adddup2(&actions, streams.get(stream), stream);
    pid_t child = 0;
    const int error =
        posix_spawn(&child, path.c_str(), &actions, nullptr, arguments.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        return failure(path, error);
    return child;
}

Result<int> wait_for(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return failure("waiting for a program", errno);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace

std::string find_program(const std::string& name) {
    for (const std::string directory : directories)
        if (access((directory + name).c_str(), X_OK) == 0)
            return directory + name;
    return "";
}

Result<Outcome> run_program(const std::vector<std::string>& words, std::string_view input) {
    const std::string path = find_program(words.front());
    if (path.empty())
        return Error{ExitCode::kernel, words.front() + " is not installed"};
    Streams streams;
    if (const Status status = streams.open(input); !status)
        return status.error();
    const Result<pid_t> child = spawn(path, words, streams);
    if (!child)
        return child.error();
    const Result<int> status = wait_for(*child);
    if (!status)
        return status.error();
    Result<std::string> output = read_file(streams.get(STDOUT_FILENO));
    Result<std::string> complaints = read_file(streams.get(STDERR_FILENO));
    if (!output || !complaints)
        return (!output ? output : complaints).error();
    return Outcome{*status, *std::move(output), *std::move(complaints)};
}

} // namespace portknocko::firewall
