// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <libmnl/libmnl.h>
#include <memory>

namespace portknocko {

// Hears from the kernel that tables or sets of nftables were made or deleted.
class SetWatch {
public:
    static Result<SetWatch> open();

    // Does not block.
    int fd() const { return mnl_socket_get_fd(socket_.get()); }

    // Takes all that is there; whether any of it is of concern, or may have been.
    bool drain();

    // Hears nothing as long as this lives. While somebody listens, the kernel has a page for each
    // element that a transaction adds or deletes: half a GB for a hundred thousand.
    class Pause {
    public:
        explicit Pause(SetWatch& watch) : watch_(watch) { watch_.set_membership(false); }
        ~Pause() { watch_.set_membership(true); }
        Pause(const Pause&) = delete;
        Pause& operator=(const Pause&) = delete;

    private:
        SetWatch& watch_;
    };

private:
    struct Close {
        void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
    };
    explicit SetWatch(mnl_socket* socket) : socket_(socket) {}

    bool set_membership(bool wanted);

    std::unique_ptr<mnl_socket, Close> socket_;
};

} // namespace portknocko
