// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "result.hpp"

#include <memory>
#include <nftables/libnftables.h>
#include <string>

namespace portknocko {

// libnftables, in the network namespace of this process.
class Nft {
public:
    static Result<Nft> open();

    // Commands in nft's language: all of them take effect at once, or none. Returns the output.
    Result<std::string> run(const std::string& commands);

private:
    struct Release {
        void operator()(nft_ctx* context) const { nft_ctx_free(context); }
    };
    explicit Nft(nft_ctx* context) : context_(context) {}

    std::unique_ptr<nft_ctx, Release> context_;
};

} // namespace portknocko
