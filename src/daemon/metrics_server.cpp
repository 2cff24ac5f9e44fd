// SPDX-License-Identifier: GPL-2.0-or-later
#include "metrics_server.hpp"

#include "http.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace portknocko {
namespace {

constexpr int backlog = 16;
constexpr mode_t socket_mode = 0660;

Result<UniqueFd> open_socket(const ListenAddress& address) {
    UniqueFd fd(socket(address.data()->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const int on = 1;
    if (!address.path().empty())
        unlink(address.path().c_str()); // of a pknockd that was killed
    else if (fd)
        setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (!fd || bind(fd.get(), address.data(), address.size()) != 0 ||
        (!address.path().empty() && chmod(address.path().c_str(), socket_mode) != 0) ||
        listen(fd.get(), backlog) != 0)
        return system_error(ExitCode::network, "metrics.listen: " + address.text(), errno);
    return fd;
}

} // namespace

MetricsServer::Listener::Listener(ListenAddress where, UniqueFd socket)
    : address(std::move(where)), fd(std::move(socket)) {
}

MetricsServer::Listener::~Listener() {
    if (!address.path().empty())
        unlink(address.path().c_str());
}

MetricsServer::MetricsServer(EventLoop& loop, std::function<std::string()> page,
                             std::chrono::milliseconds patience)
    : loop_(loop), page_(std::move(page)), patience_(patience) {
}

Status MetricsServer::configure(const std::vector<ListenAddress>& addresses) {
    listeners_.remove_if([&](const Listener& listener) {
        return std::find(addresses.begin(), addresses.end(), listener.address) == addresses.end();
    });
    Status result = Done{};
    for (const ListenAddress& address : addresses) {
        const bool listens =
            std::any_of(listeners_.begin(), listeners_.end(),
                        [&](const Listener& listener) { return listener.address == address; });
        if (listens)
            continue;
        if (const Status status = listen(address); !status)
            result = status;
    }
    return result;
}

Status MetricsServer::listen(const ListenAddress& address) {
    auto fd = open_socket(address);
    if (!fd)
        return fd.error();
    Listener& listener = listeners_.emplace_back(address, *std::move(fd));
    auto waiting =
        loop_.on_io(listener.fd.get(), EPOLLIN, [this, &listener](auto) { accept(listener); });
    if (!waiting) {
        listeners_.pop_back();
        return waiting.error();
    }
    listener.waiting = *std::move(waiting);
    return Done{};
}

void MetricsServer::accept(const Listener& listener) {
    UniqueFd fd(accept4(listener.fd.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd || connections_.size() >= max_connections)
        return;
    const auto connection = connections_.emplace(connections_.end());
    connection->fd = std::move(fd);
    auto io = loop_.on_io(connection->fd.get(), EPOLLIN,
                          [this, connection](auto) { receive(connection); });
    auto timeout = loop_.after(patience_, [this, connection] { connections_.erase(connection); });
    if (!io || !timeout) {
        connections_.erase(connection);
        return;
    }
    connection->io = *std::move(io);
    connection->timeout = *std::move(timeout);
}

void MetricsServer::receive(Position connection) {
    std::array<char, max_request> buffer{};
    const ssize_t count = recv(connection->fd.get(), buffer.data(), buffer.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        connections_.erase(connection);
        return;
    }
    connection->received.append(buffer.data(), static_cast<std::size_t>(count));
    const std::string text = answer_to(connection->received);
    if (!text.empty())
        answer(connection, text);
}

// Empty: the request goes on.
std::string MetricsServer::answer_to(const std::string& received) const {
    const auto parsed = parse_http(received);
    const auto* request = std::get_if<HttpRequest>(&parsed);
    if (request == nullptr) {
        const bool too_long = received.size() >= max_request;
        if (std::holds_alternative<HttpIncomplete>(parsed) && !too_long)
            return "";
        return http_answer("400 Bad Request", "", true);
    }
    if (request->method != "GET" && request->method != "HEAD")
        return http_answer("405 Method Not Allowed\r\nAllow: GET, HEAD", "", true);
    if (request->target != "/metrics")
        return http_answer("404 Not Found", "", true);
    return http_answer("200 OK", page_(), request->method == "GET");
}

void MetricsServer::answer(Position connection, const std::string& text) {
    connection->answer = text;
    connection->io.reset(); // a descriptor is waited for once
    auto io =
        loop_.on_io(connection->fd.get(), EPOLLOUT, [this, connection](auto) { send(connection); });
    if (!io) {
        connections_.erase(connection);
        return;
    }
    connection->io = *std::move(io);
}

void MetricsServer::send(Position connection) {
    const std::string_view left = std::string_view(connection->answer).substr(connection->sent);
    const ssize_t count = ::send(connection->fd.get(), left.data(), left.size(), MSG_NOSIGNAL);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count < 0 || static_cast<std::size_t>(count) == left.size())
        connections_.erase(connection);
    else
        connection->sent += static_cast<std::size_t>(count);
}

} // namespace portknocko
