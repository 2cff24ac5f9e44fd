// SPDX-License-Identifier: GPL-2.0-or-later
#include "flows.hpp"

#include <algorithm>
#include <cerrno>
#include <libnetfilter_conntrack/libnetfilter_conntrack.h>
#include <memory>

namespace portknocko::ctl {
namespace {

struct Close {
    void operator()(nfct_handle* handle) const { nfct_close(handle); }
};
using Handle = std::unique_ptr<nfct_handle, Close>;

struct Destroy {
    void operator()(nf_conntrack* flow) const { nfct_destroy(flow); }
};
using Flow = std::unique_ptr<nf_conntrack, Destroy>;

// Who began it.
Address origin_of(const nf_conntrack* flow) {
    const bool is_v4 = nfct_get_attr_u8(flow, ATTR_ORIG_L3PROTO) == AF_INET;
    const void* bytes = nfct_get_attr(flow, is_v4 ? ATTR_ORIG_IPV4_SRC : ATTR_ORIG_IPV6_SRC);
    return Address::from_bytes(
        {static_cast<const std::uint8_t*>(bytes), is_v4 ? sizeof(in_addr) : sizeof(in6_addr)});
}

// Context of a dump: whose flows to keep, and those that were found.
struct Search {
    const std::vector<Source>& sources;
    std::vector<Flow> found;
};

int keep_if_wanted(nf_conntrack_msg_type /*type*/, nf_conntrack* flow, void* context) {
    auto& search = *static_cast<Search*>(context);
    const Address origin = origin_of(flow);
    const bool is_wanted =
        std::any_of(search.sources.begin(), search.sources.end(), [&](const Source& source) {
            return origin.family() == source.address().family() &&
                   Source(origin, source.prefix()) == source;
        });
    if (!is_wanted)
        return NFCT_CB_CONTINUE;
    search.found.emplace_back(flow);
    return NFCT_CB_STOLEN;
}

Error conntrack_error(const char* what) {
    return system_error(ExitCode::kernel, std::string("conntrack: ") + what, errno);
}

} // namespace

Result<std::size_t> kill_flows(const std::vector<Source>& sources) {
    const Handle handle(nfct_open(CONNTRACK, 0));
    if (!handle)
        return conntrack_error("open");
    Search search{sources, {}};
    nfct_callback_register(handle.get(), NFCT_T_ALL, keep_if_wanted, &search);
    const std::uint32_t any_family = AF_UNSPEC;
    if (nfct_query(handle.get(), NFCT_Q_DUMP, &any_family) < 0)
        return conntrack_error("list");

    std::size_t killed = 0;
    for (const Flow& flow : search.found) {
        if (nfct_query(handle.get(), NFCT_Q_DESTROY, flow.get()) == 0)
            killed++;
        else if (errno != ENOENT) // it may have ended by itself
            return conntrack_error("end a connection");
    }
    return killed;
}

} // namespace portknocko::ctl
