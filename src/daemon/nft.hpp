// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"
#include "set_name.hpp"

#include <cstdint>
#include <memory>
#include <nftables/libnftables.h>
#include <string>
#include <string_view>

namespace portknocko {

// What decides which elements a set can take.
struct SetTraits {
    int family;           // of its addresses: AF_INET or AF_INET6
    bool intervals;       // takes prefixes
    bool timeouts;        // takes elements that end by themselves
    std::string identity; // another one when the set was deleted and made again
};

// Reads what nft says to "list set" and "list tables" in JSON.
Result<SetTraits> parse_set_traits(const SetName& set, std::string_view set_json,
                                   std::string_view tables_json);

// libnftables, in the network namespace of this process.
class Nft {
public:
    static Result<Nft> open();

    // Commands in nft's language: all of them take effect at once, or none. Returns the output.
    Result<std::string> run(const std::string& commands);

    Result<SetTraits> inspect(const SetName& set);

private:
    struct Release {
        void operator()(nft_ctx* context) const { nft_ctx_free(context); }
    };
    explicit Nft(nft_ctx* context) : context_(context) {}

    std::unique_ptr<nft_ctx, Release> context_;
};

} // namespace portknocko
