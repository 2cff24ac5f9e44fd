// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <sys/un.h>

namespace portknocko {

// Where metrics are served: a path, or a port of the loopback interface. Nothing else: what they
// tell is for this machine's users.
class ListenAddress {
public:
    // "unix:/run/portknocko/metrics.sock", "127.0.0.1:9712", "[::1]:9712"
    static Result<ListenAddress> from_text(std::string_view text);

    const std::string& text() const { return text_; }
    const std::string& path() const { return path_; } // empty: it is a port
    const sockaddr* data() const {
        return static_cast<const sockaddr*>(static_cast<const void*>(&storage_));
    }
    socklen_t size() const { return size_; }

    bool operator==(const ListenAddress& other) const { return text_ == other.text_; }

private:
    ListenAddress() = default;

    std::string text_;
    std::string path_;
    sockaddr_storage storage_{};
    socklen_t size_ = 0;
};

} // namespace portknocko
