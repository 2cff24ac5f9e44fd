// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft.hpp"

#include <string_view>

namespace portknocko {
namespace {

// nft shows the command and underlines a part of it; the first line says what is wrong.
std::string first_line(const char* text) {
    const std::string_view view(text == nullptr ? "" : text);
    constexpr std::string_view prefix = "Error: ";
    std::string_view line = view.substr(0, view.find('\n'));
    if (line.starts_with(prefix))
        line.remove_prefix(prefix.size());
    return line.empty() ? "unknown error" : std::string(line);
}

} // namespace

Result<Nft> Nft::open() {
    Nft nft(nft_ctx_new(NFT_CTX_DEFAULT));
    if (nft.context_ == nullptr || nft_ctx_buffer_output(nft.context_.get()) != 0 ||
        nft_ctx_buffer_error(nft.context_.get()) != 0)
        return Error{ExitCode::internal, "libnftables: cannot begin"};
    return nft;
}

Result<std::string> Nft::run(const std::string& commands) {
    const int status = nft_run_cmd_from_buffer(context_.get(), commands.c_str());
    // Both buffers are emptied by being read.
    std::string output(nft_ctx_get_output_buffer(context_.get()));
    const std::string error = first_line(nft_ctx_get_error_buffer(context_.get()));
    if (status != 0)
        return Error{ExitCode::internal, error};
    return output;
}

} // namespace portknocko
