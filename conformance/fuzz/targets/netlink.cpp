// SPDX-License-Identifier: GPL-2.0-or-later
// Conversations with a kernel that says anything: what libmnl's sockets do is done here instead,
// and each datagram that arrives is the next piece of the input.
#include "fuzz.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <netlink.hpp>
#include <saved_doors.hpp>
#include <unistd.h>

struct mnl_socket {};

namespace {

constexpr std::size_t max_datagrams = 64;

// Who is at the other end of every socket.
struct Kernel {
    fuzz::Input* input = nullptr;
    std::size_t datagrams = 0;
    std::uint32_t sequence = 0; // of the last request
    std::uint16_t family = 0;   // that it went to
};
Kernel kernel;

// Numbers that no fuzzer finds, and no kernel gets wrong.
void complete(nlmsghdr& message, std::size_t size, std::uint8_t how) {
    if ((how & 1U) != 0)
        message.nlmsg_seq = kernel.sequence;
    if ((how & 2U) != 0)
        message.nlmsg_len = static_cast<std::uint32_t>(size);
    if ((how & 4U) != 0)
        message.nlmsg_type = kernel.family;
}

} // namespace

extern "C" {

mnl_socket* mnl_socket_open2(int /*bus*/, int /*flags*/) {
    return new mnl_socket;
}

int mnl_socket_close(mnl_socket* socket) {
    delete socket;
    return 0;
}

int mnl_socket_bind(mnl_socket* /*socket*/, unsigned /*groups*/, pid_t /*pid*/) {
    return 0;
}

int mnl_socket_get_fd(const mnl_socket* /*socket*/) {
    return -1;
}

int mnl_socket_setsockopt(const mnl_socket* /*socket*/, int /*type*/, void* /*value*/,
                          socklen_t /*size*/) {
    return kernel.input->byte() == 0xff ? -1 : 0;
}

ssize_t mnl_socket_sendto(const mnl_socket* /*socket*/, const void* request, size_t size) {
    const auto& header = *static_cast<const nlmsghdr*>(request);
    REQUIRE(size == header.nlmsg_len && mnl_nlmsg_ok(&header, static_cast<int>(size)));
    kernel.sequence = header.nlmsg_seq;
    kernel.family = header.nlmsg_type;
    return static_cast<ssize_t>(size);
}

ssize_t mnl_socket_recvfrom(const mnl_socket* /*socket*/, void* buffer, size_t size) {
    if (kernel.input->empty() || kernel.datagrams++ == max_datagrams) {
        errno = EAGAIN;
        return -1;
    }
    const std::uint8_t how = kernel.input->byte();
    if (how >= 0xf0) {
        errno = how == 0xff ? ENOBUFS : how == 0xfe ? ENOSPC : EAGAIN;
        return -1;
    }
    const std::string datagram = kernel.input->text(kernel.input->byte());
    REQUIRE(datagram.size() <= size);
    std::memcpy(buffer, datagram.data(), datagram.size());
    if (datagram.size() >= sizeof(nlmsghdr))
        complete(*static_cast<nlmsghdr*>(buffer), datagram.size(), how);
    return static_cast<ssize_t>(datagram.size());
}
}

using namespace portknocko;

namespace {

void require_sound(const std::string& door) {
    REQUIRE(is_door_name(door));
}

// What is saved of what a kernel told can be read and asked for again.
void save_and_restore(Client& client) {
    static const std::string file =
        "/dev/shm/pknock-fuzz-" + std::to_string(getpid()) + "/doors.json";
    const auto count = save_doors(client, file);
    if (!count)
        return;
    const auto saved = load_saved(file);
    REQUIRE(saved && saved->peers.size() == *count);
    std::filesystem::remove_all(std::filesystem::path(file).parent_path());
    const auto restored = restore_doors(client, *saved);
    if (restored)
        REQUIRE(restored->opened + restored->open_already + restored->over + restored->refused ==
                *count);
}

void administer(fuzz::Input& input) {
    auto client = Client::open();
    if (!client)
        return;
    if (const auto doors = client->doors())
        for (const Door& door : *doors)
            require_sound(door.name);
    if (const auto peers = client->peers())
        for (const Peer& peer : *peers)
            require_sound(peer.door);
    save_and_restore(*client);
    const auto target = Target::from_text(input.flag() ? "192.0.2.7" : "2001:db8::7/64");
    (void)client->revoke("SSH", *target);
    (void)client->flush({});
}

void listen() {
    auto source = EventSource::open();
    if (!source)
        return;
    for (bool more = true; more;) {
        const auto reception =
            source->receive([](const Event& event) { require_sound(event.door); });
        more = reception && reception->more;
        if (reception && reception->unloaded && !reception->loaded)
            REQUIRE(!source->is_loaded());
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    kernel = Kernel{&input, 0, 0, 0};
    if (input.flag())
        administer(input);
    else
        listen();
    return 0;
}
