// SPDX-License-Identifier: GPL-2.0-or-later
#include "secret.hpp"

#include <algorithm>
#include <cstring>

namespace portknocko {

Result<Secret> Secret::from_text(std::string_view text, const std::string& origin) {
    if (text.empty())
        return Error{ExitCode::secret, origin + ": the secret is empty"};
    if (text.size() > max_size)
        return Error{ExitCode::secret,
                     origin + ": the secret is longer than " + std::to_string(max_size) + " bytes"};
    if (text.find('\0') != std::string_view::npos)
        return Error{ExitCode::secret, origin + ": the secret contains a NUL byte"};
    return Secret(text);
}

Secret::Secret(std::string_view text) : size_(text.size()) {
    std::copy(text.begin(), text.end(), bytes_.begin());
}

Secret::Secret(Secret&& other) noexcept : bytes_(other.bytes_), size_(other.size_) {
    other.wipe();
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this != &other) {
        bytes_ = other.bytes_;
        size_ = other.size_;
        other.wipe();
    }
    return *this;
}

Secret::~Secret() {
    wipe();
}

void Secret::wipe() noexcept {
    explicit_bzero(bytes_.data(), bytes_.size());
    size_ = 0;
}

} // namespace portknocko
