// SPDX-License-Identifier: GPL-2.0-or-later
// What nobody can guess, from the kernel.
#pragma once

#include "result.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace portknocko::setup {

// So many bytes, as lower-case hexadecimal digits.
Result<std::string> random_hex(std::size_t bytes);

// So many different ports above the system's and below those of clients' ends of connections, that
// `taken` does not want to be kept.
Result<std::vector<std::uint16_t>> random_ports(std::size_t count,
                                                const std::function<bool(std::uint16_t)>& taken);

} // namespace portknocko::setup
