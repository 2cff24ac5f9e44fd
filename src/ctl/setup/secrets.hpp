// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "plan.hpp"
#include "result.hpp"

namespace portknocko::setup {

constexpr const char* secrets_directory = "/etc/portknocko/secrets";

// Where a door's secrets are kept, for the client to copy.
struct SecretFiles {
    std::string open;
    std::string close;
};
SecretFiles secret_files(const std::string& directory, const std::string& door);

// The door's secrets: those of its files, or new ones, which are then in its files. So a second
// setup, or one after a rollback, asks nothing new of clients. Files and directory are root's
// alone.
Result<SecretTexts> provide_secrets(const std::string& directory, const std::string& door);

} // namespace portknocko::setup
