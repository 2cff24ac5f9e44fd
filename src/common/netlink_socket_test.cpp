// SPDX-License-Identifier: GPL-2.0-or-later
#include "netlink_message.hpp"
#include "netlink_socket.hpp"

#include <cerrno>
#include <climits>
#include <cstring>
#include <doctest/doctest.h>
#include <linux/netlink.h>

using namespace portknocko;

namespace {

constexpr unsigned sequence = 7;

// Messages one after the other, as the kernel puts them into one datagram.
class Datagram {
public:
    nlmsghdr& add(std::uint16_t type, std::uint16_t flags = 0) {
        nlmsghdr* message = mnl_nlmsg_put_header(buffer_.data() + size());
        message->nlmsg_type = type;
        message->nlmsg_flags = flags;
        message->nlmsg_seq = sequence;
        last_ = message;
        return *message;
    }

    // The end of a request with an errno, its words, and maybe what was asked.
    void add_error(int error, const char* words, std::uint16_t flags, std::size_t repeated) {
        nlmsghdr& message = add(NLMSG_ERROR, flags);
        auto* end = static_cast<nlmsgerr*>(
            mnl_nlmsg_put_extra_header(&message, sizeof(nlmsgerr) + repeated));
        end->error = -error;
        end->msg.nlmsg_len = static_cast<std::uint32_t>(sizeof(nlmsghdr) + repeated);
        mnl_attr_put_strz(&message, NLMSGERR_ATTR_MSG, words);
    }

    void add_done(int error) {
        nlmsghdr& message = add(NLMSG_DONE, NLM_F_MULTI);
        *static_cast<int*>(mnl_nlmsg_put_extra_header(&message, sizeof(int))) = -error;
    }

    std::size_t size() const {
        if (last_ == nullptr)
            return 0;
        const auto* start = static_cast<const std::byte*>(static_cast<const void*>(last_));
        return static_cast<std::size_t>(start - buffer_.data()) + MNL_ALIGN(last_->nlmsg_len);
    }

    const std::byte* start() const { return buffer_.data(); }
    std::span<const std::byte> bytes() const { return std::span(buffer_).first(size()); }

private:
    alignas(nlmsghdr) std::array<std::byte, 1024> buffer_{};
    const nlmsghdr* last_ = nullptr;
};

struct Read {
    bool ended;
    Answer answer;
    std::vector<std::uint16_t> types;
};

Read read(std::span<const std::byte> bytes) {
    Read result{};
    const auto note = [&](const nlmsghdr& message) { result.types.push_back(message.nlmsg_type); };
    result.ended = read_answer(bytes, sequence, note, result.answer);
    return result;
}

} // namespace

TEST_CASE("a message that is longer than its datagram, by any measure, is none") {
    for (const std::uint32_t longer :
         {1U, 0x7fff'ffffU - 16, 0x8000'0000U - 16, 0xffff'fffcU - 16}) {
        CAPTURE(longer);
        Datagram datagram;
        datagram.add(32).nlmsg_len += longer;
        std::vector<std::byte> bytes(sizeof(nlmsghdr));
        std::memcpy(bytes.data(), datagram.start(), bytes.size());
        CHECK(read(bytes).types.empty());
    }
}

TEST_CASE("a dump goes on until it is done") {
    Datagram part;
    part.add(32, NLM_F_MULTI);
    part.add(33, NLM_F_MULTI);
    CHECK_FALSE(read(part.bytes()).ended);
    CHECK(read(part.bytes()).types == std::vector<std::uint16_t>{32, 33});

    part.add_done(0);
    const Read whole = read(part.bytes());
    CHECK(whole.ended);
    CHECK(whole.answer.error == 0);
}

TEST_CASE("a dump may end with an error") {
    Datagram datagram;
    datagram.add(32, NLM_F_MULTI);
    datagram.add_done(ENOMEM);
    const Read end = read(datagram.bytes());
    CHECK(end.ended);
    CHECK(end.answer.error == ENOMEM);
}

TEST_CASE("the kernel's words, whether it repeats the request or not") {
    Datagram capped;
    capped.add_error(ENOENT, "no such door", NLM_F_ACK_TLVS | NLM_F_CAPPED, 0);
    CHECK(read(capped.bytes()).answer.error == ENOENT);
    CHECK(read(capped.bytes()).answer.explanation == "no such door");

    Datagram whole;
    whole.add_error(ENOENT, "no such door", NLM_F_ACK_TLVS, 40);
    CHECK(read(whole.bytes()).answer.explanation == "no such door");

    Datagram silent;
    silent.add_error(ENOENT, "not flagged", NLM_F_CAPPED, 0);
    CHECK(read(silent.bytes()).answer.explanation.empty());
}

TEST_CASE("an acknowledgement is an error of 0") {
    Datagram datagram;
    datagram.add_error(0, "", NLM_F_CAPPED, 0);
    CHECK(read(datagram.bytes()).ended);
    CHECK(read(datagram.bytes()).answer.error == 0);
}

TEST_CASE("what is left of an earlier request is passed over") {
    Datagram datagram;
    datagram.add(32).nlmsg_seq = sequence - 1;
    datagram.add_error(EPERM, "", 0, 0);
    const Read end = read(datagram.bytes());
    CHECK(end.types.empty());
    CHECK(end.answer.error == EPERM);
}

TEST_CASE("a datagram cut anywhere is read without harm") {
    Datagram datagram;
    datagram.add_error(ENOENT, "no such door", NLM_F_ACK_TLVS, 40);
    const auto all = datagram.bytes();
    for (std::size_t size = 0; size < all.size(); size++) {
        const std::vector<std::byte> exact(all.begin(), all.begin() + static_cast<long>(size));
        CHECK_FALSE(read(exact).ended);
    }
}

TEST_CASE("a length that lies about the request's copy is not followed") {
    Datagram datagram;
    datagram.add_error(ENOENT, "", NLM_F_ACK_TLVS, 0);
    auto bytes = std::vector<std::byte>(datagram.bytes().begin(), datagram.bytes().end());
    auto* message = static_cast<nlmsghdr*>(static_cast<void*>(bytes.data()));
    static_cast<nlmsgerr*>(mnl_nlmsg_get_payload(message))->msg.nlmsg_len = 0xffff'fff0;
    CHECK(read(bytes).answer.error == ENOENT);
    CHECK(read(bytes).answer.explanation.empty());
}

TEST_CASE("an errno that nobody has is an error, too") {
    Datagram datagram;
    datagram.add_done(0);
    auto bytes = std::vector<std::byte>(datagram.bytes().begin(), datagram.bytes().end());
    auto* message = static_cast<nlmsghdr*>(static_cast<void*>(bytes.data()));
    *static_cast<int*>(mnl_nlmsg_get_payload(message)) = INT_MIN;
    CHECK(read(bytes).answer.error == EPROTO);
}
