// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "event_loop.hpp"
#include "listen_address.hpp"
#include "unique_fd.hpp"

#include <chrono>
#include <functional>
#include <list>
#include <string>
#include <vector>

namespace portknocko {

// Serves one page, /metrics. Clients cannot hurt: there are only so many at a time, each may send
// only so much, and has only so long.
class MetricsServer {
public:
    static constexpr std::size_t max_connections = 16;
    static constexpr std::size_t max_request = 4096;

    // `page` makes the text when it is asked for. `loop` outlives this.
    MetricsServer(EventLoop& loop, std::function<std::string()> page,
                  std::chrono::milliseconds patience = std::chrono::seconds(5));

    // Closes what is not in the list, opens what is new in it. On an error the others are served.
    Status configure(const std::vector<ListenAddress>& addresses);

private:
    struct Listener {
        Listener(ListenAddress where, UniqueFd socket);
        Listener(const Listener&) = delete;
        Listener& operator=(const Listener&) = delete;
        ~Listener(); // takes the socket's file away

        ListenAddress address;
        UniqueFd fd;
        Waiting waiting;
    };
    struct Connection {
        UniqueFd fd;
        std::string received;
        std::string answer;
        std::size_t sent = 0; // of the answer
        Waiting io;
        Waiting timeout;
    };
    using Position = std::list<Connection>::iterator;

    Status listen(const ListenAddress& address);
    void accept(const Listener& listener);
    void receive(Position connection);
    void answer(Position connection, const std::string& text);
    void send(Position connection);
    std::string answer_to(const std::string& received) const;

    EventLoop& loop_;
    std::function<std::string()> page_;
    std::chrono::milliseconds patience_;
    std::list<Listener> listeners_;
    std::list<Connection> connections_;
};

} // namespace portknocko
