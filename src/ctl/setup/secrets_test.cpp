// SPDX-License-Identifier: GPL-2.0-or-later
#include "secrets.hpp"

#include <cstdlib>
#include <doctest/doctest.h>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

using namespace portknocko;
using namespace portknocko::setup;

namespace {

mode_t mode(const std::string& path) {
    struct stat status = {};
    REQUIRE(stat(path.c_str(), &status) == 0);
    return status.st_mode & 0777U;
}

} // namespace

TEST_CASE("secrets are made once, kept, and root's alone") {
    std::string top = "/tmp/portknocko-secrets-XXXXXX";
    REQUIRE(mkdtemp(top.data()) != nullptr);
    const std::string directory = top + "/a/b";
    const auto made = provide_secrets(directory, "SSH");
    REQUIRE(made);
    CHECK(made->open.size() == 64);
    CHECK(made->open != made->close);
    const SecretFiles files = secret_files(directory, "SSH");
    CHECK(mode(directory) == 0700);
    CHECK(mode(files.open) == 0600);
    CHECK(mode(files.close) == 0600);

    std::ofstream(files.close) << "one of the admin's own\n";
    const auto kept = provide_secrets(directory, "SSH");
    REQUIRE(kept);
    CHECK(kept->open == made->open);
    CHECK(kept->close == "one of the admin's own");
    CHECK(provide_secrets(directory, "WEB")->open != made->open);

    REQUIRE(chmod(files.open.c_str(), 0644) == 0);
    CHECK_FALSE(provide_secrets(directory, "SSH"));
    CHECK_FALSE(provide_secrets("/proc/no", "SSH"));
    std::filesystem::remove_all(top);
}
