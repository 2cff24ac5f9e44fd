// SPDX-License-Identifier: GPL-2.0-or-later
// Secrets out of files and variables: as many bytes as there are, but for one newline, or a
// sentence that has none of them.
#include "fuzz.hpp"

#include <array>
#include <cstdlib>
#include <secret_source.hpp>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unique_fd.hpp>
#include <unistd.h>

using namespace portknocko;

namespace {

bool is_secret(const std::string& text) {
    return !text.empty() && text.size() <= 127 && text.find('\0') == std::string::npos;
}

void compare(const Result<Secret>& secret, const std::string& expected) {
    REQUIRE(static_cast<bool>(secret) == is_secret(expected));
    if (secret)
        REQUIRE(std::string(secret->bytes().begin(), secret->bytes().end()) == expected);
    else
        REQUIRE(
            secret.error().code == ExitCode::secret &&
            (expected.size() < 30 || secret.error().message.find(expected) == std::string::npos));
}

void try_file(std::string content, mode_t mode) {
    const UniqueFd fd(memfd_create("secret", MFD_CLOEXEC));
    REQUIRE(fd && write(fd.get(), content.data(), content.size()) ==
                      static_cast<ssize_t>(content.size()));
    REQUIRE(fchmod(fd.get(), mode) == 0);
    const auto secret = read_secret_file("/proc/self/fd/" + std::to_string(fd.get()));
    if ((mode & 077) != 0) {
        REQUIRE(!secret && secret.error().message.find("group or others") != std::string::npos);
        return;
    }
    if (content.ends_with('\n'))
        content.pop_back();
    compare(secret, content);
}

void try_variable(std::string value) {
    value.erase(std::remove(value.begin(), value.end(), '\0'), value.end());
    // setenv() would keep memory for good each time.
    static std::array<char, 4096> variable;
    REQUIRE(std::snprintf(variable.data(), variable.size(), "PKNOCK_FUZZ=%s", value.c_str()) <
            static_cast<int>(variable.size()));
    REQUIRE(putenv(variable.data()) == 0);
    const char* place = getenv("PKNOCK_FUZZ");
    compare(take_secret_variable("PKNOCK_FUZZ"), value);
    REQUIRE(getenv("PKNOCK_FUZZ") == nullptr);
    REQUIRE(*place == '\0');
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const std::uint8_t choice = input.byte();
    if (choice % 4 == 0)
        try_variable(input.rest());
    else
        try_file(input.rest(), choice % 4 == 1 ? S_IRUSR | (choice >> 2U) : S_IRUSR);
    return 0;
}
