// SPDX-License-Identifier: GPL-2.0-or-later
// Rules as any program may hand them to the kernel, beside the table of options in section 1 of the
// specification, written down once more.
#include "fuzz.hpp"

#include <array>
#include <cstring>
#include <memory>
#include <netinet/in.h>
#include <optional>

extern "C" {
#include "check.h"
}

namespace {

using Info = xt_pknock_mtinfo2;

constexpr std::string_view name_characters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";

// The text in a field, which has to end in it.
template <std::size_t size>
std::optional<std::string> text_in(const char (&field)[size]) {
    const std::string_view all(field, size);
    const std::size_t end = all.find('\0');
    if (end == std::string_view::npos)
        return {};
    return std::string(all.substr(0, end));
}

class Table {
public:
    Table(const Info& info, unsigned bits, u8 protocol)
        : info_(info), bits_(bits), protocol_(protocol) {}

    bool allows() const {
        return info_.reserved == 0 && (info_.flags & ~XT_PKNOCK_F_ALL) == 0 && has_name() &&
               (has(XT_PKNOCK_OPT_CHECKIP) ? is_check_rule() : is_knock_rule());
    }

private:
    bool has(xt_pknock_option option) const { return (info_.flags >> option & 1U) != 0; }

    bool has_name() const {
        const auto name = text_in(info_.name);
        return has(XT_PKNOCK_OPT_NAME) && name && !name->empty() && *name != "." && *name != ".." &&
               name->find_first_not_of(name_characters) == std::string::npos;
    }

    // 0 unless the option is there; then from `low` to `high`.
    bool is_number(bool given, u64 value, u64 low, u64 high) const {
        return given ? value >= low && value <= high : value == 0;
    }

    bool has_mask() const { return is_number(has(XT_PKNOCK_OPT_MASK), info_.mask, 1, bits_); }

    bool is_check_rule() const {
        for (const auto option :
             {XT_PKNOCK_OPT_KNOCKPORTS, XT_PKNOCK_OPT_TIME, XT_PKNOCK_OPT_STRICT,
              XT_PKNOCK_OPT_AUTOCLOSE, XT_PKNOCK_OPT_TTL, XT_PKNOCK_OPT_OPENSECRET,
              XT_PKNOCK_OPT_CLOSESECRET, XT_PKNOCK_OPT_SKEW, XT_PKNOCK_OPT_MAX_PEERS})
            if (has(option))
                return false;
        return has_mask() && info_.port_count == 0 && info_.time == 0 && info_.ttl == 0 &&
               info_.skew == 0 && info_.max_peers == 0 && info_.opensecret[0] == 0 &&
               info_.closesecret[0] == 0;
    }

    bool is_knock_rule() const {
        return has(XT_PKNOCK_OPT_KNOCKPORTS) && has_mask() && has_ports() && has_lifetime() &&
               has_secrets() && is_number(has(XT_PKNOCK_OPT_TIME), info_.time, 1, UINT32_MAX) &&
               is_number(has(XT_PKNOCK_OPT_MAX_PEERS), info_.max_peers, 1, UINT32_MAX);
    }

    bool has_lifetime() const {
        if (has(XT_PKNOCK_OPT_AUTOCLOSE))
            return !has(XT_PKNOCK_OPT_TTL) && info_.ttl % 60 == 0;
        return has(XT_PKNOCK_OPT_TTL) || info_.ttl == 0;
    }

    u8 protocol_of(const xt_pknock_port& port) const {
        return port.protocol != 0 ? port.protocol : protocol_;
    }

    bool has_ports() const {
        if (info_.port_count < 1 || info_.port_count > 15)
            return false;
        for (unsigned i = 0; i < 15; i++) {
            const xt_pknock_port& port = info_.ports[i];
            const u8 protocol = protocol_of(port);
            const bool used = port.port != 0 && port.reserved == 0 &&
                              (protocol == IPPROTO_TCP || protocol == IPPROTO_UDP) &&
                              (protocol_ == 0 || protocol == protocol_);
            const bool unused = port.port == 0 && port.reserved == 0 && port.protocol == 0;
            if (i < info_.port_count ? !used : !unused)
                return false;
        }
        return true;
    }

    bool has_secrets() const {
        if (!has(XT_PKNOCK_OPT_OPENSECRET) && !has(XT_PKNOCK_OPT_CLOSESECRET))
            return !has(XT_PKNOCK_OPT_SKEW) && info_.skew == 0 && info_.opensecret[0] == 0 &&
                   info_.closesecret[0] == 0;
        const auto open = text_in(info_.opensecret);
        const auto close = text_in(info_.closesecret);
        return has(XT_PKNOCK_OPT_OPENSECRET) && has(XT_PKNOCK_OPT_CLOSESECRET) && open && close &&
               !open->empty() && !close->empty() && *open != *close && info_.port_count == 1 &&
               protocol_of(info_.ports[0]) == IPPROTO_UDP &&
               is_number(has(XT_PKNOCK_OPT_SKEW), info_.skew, 0, 5);
    }

    const Info& info_;
    unsigned bits_;
    u8 protocol_;
};

enum class Kind { check, knock, spa, bytes, longest };

// A rule that is right, from which changes lead to all others.
void begin(Info& info, Kind kind) {
    std::strcpy(info.name, "SSH");
    info.flags = XT_PKNOCK_F(NAME);
    if (kind == Kind::check) {
        info.flags |= XT_PKNOCK_F(CHECKIP);
        return;
    }
    info.flags |= XT_PKNOCK_F(KNOCKPORTS);
    info.port_count = kind == Kind::longest ? XT_PKNOCK_PORTS_MAX : kind == Kind::knock ? 2 : 1;
    const u8 protocol = kind == Kind::spa ? IPPROTO_UDP : IPPROTO_TCP;
    for (unsigned i = 0; i < info.port_count; i++)
        info.ports[i] = {2000, protocol, 0};
    if (kind == Kind::spa) {
        info.flags |= XT_PKNOCK_F(OPENSECRET) | XT_PKNOCK_F(CLOSESECRET);
        std::strcpy(info.opensecret, "open");
        std::strcpy(info.closesecret, "close");
    }
}

// Fields by themselves: in 376 bytes a change would seldom meet the ones that count.
void change(Info& info, fuzz::Input& input) {
    switch (input.byte() % 12) {
    case 0:
        info.flags ^= 1U << (input.byte() % 32);
        break;
    case 1:
        info.time = input.number<u32>();
        break;
    case 2:
        info.ttl = input.number<u16>();
        break;
    case 3:
        info.max_peers = input.number<u32>();
        break;
    case 4:
        info.mask = input.byte();
        break;
    case 5:
        info.skew = input.byte();
        break;
    case 6:
        info.port_count = input.byte();
        break;
    case 7:
        info.ports[input.byte() % XT_PKNOCK_PORTS_MAX] = {input.number<u16>(), input.byte(), 0};
        break;
    case 8:
        info.name[input.byte() % sizeof(info.name)] = static_cast<char>(input.byte());
        break;
    case 9:
        std::memset(input.flag() ? info.opensecret : info.closesecret, input.byte(),
                    input.byte() % (XT_PKNOCK_SECRET_SIZE + 1));
        break;
    case 10:
        std::memset(info.name, input.byte(), input.byte() % (sizeof(info.name) + 1));
        break;
    default:
        reinterpret_cast<u8*>(&info)[input.number<u16>() % sizeof(info)] = input.byte();
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::Input input(data, size);
    const auto kind = static_cast<Kind>(input.byte() % 5);
    const unsigned bits = input.flag() ? 128 : 32;
    const u8 protocol = input.one_of(std::array<u8, 4>{0, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP});
    const auto info = std::make_unique<Info>(); // whoever reads beyond it is seen
    if (kind == Kind::bytes) {
        const std::string bytes = input.text(sizeof(*info));
        std::memcpy(info.get(), bytes.data(), bytes.size());
    } else {
        begin(*info, kind);
    }
    while (!input.empty())
        change(*info, input);

    const char* complaint = pknock_check(info.get(), bits, protocol);
    REQUIRE((complaint == nullptr) == Table(*info, bits, protocol).allows());
    REQUIRE(complaint == nullptr || std::strlen(complaint) > 10);
    return 0;
}
