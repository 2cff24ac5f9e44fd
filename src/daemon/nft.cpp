// SPDX-License-Identifier: GPL-2.0-or-later
#include "nft.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sys/socket.h>

namespace portknocko {
namespace {

using Json = nlohmann::json;

// nft shows the command and underlines a part of it; the first line says what is wrong.
std::string first_line(const char* text) {
    const std::string_view view(text == nullptr ? "" : text);
    constexpr std::string_view prefix = "Error: ";
    std::string_view line = view.substr(0, view.find('\n'));
    if (line.starts_with(prefix))
        line.remove_prefix(prefix.size());
    return line.empty() ? "unknown error" : std::string(line);
}

// The first object of that kind that `wanted` takes, or null.
template <typename Wanted>
Json find_object(const Json& listing, const char* kind, const Wanted& wanted) {
    const auto objects = listing.find("nftables");
    if (objects == listing.end() || !objects->is_array())
        return {};
    for (const Json& object : *objects) {
        const auto found = object.find(kind);
        if (found != object.end() && found->is_object() && wanted(*found))
            return *found;
    }
    return {};
}

std::string member(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? "" : found->dump();
}

// Which family the addresses of a set of this type are of; 0: it is not one of addresses.
int family_of(const Json& set) {
    const std::string type = member(set, "type");
    if (type == "\"ipv4_addr\"")
        return AF_INET;
    return type == "\"ipv6_addr\"" ? AF_INET6 : 0;
}

bool has_flag(const Json& set, const char* flag) {
    const auto flags = set.find("flags");
    return flags != set.end() && std::find(flags->begin(), flags->end(), flag) != flags->end();
}

} // namespace

Result<SetTraits> parse_set_traits(const SetName& set, std::string_view set_json,
                                   std::string_view tables_json) {
    const Json found =
        find_object(Json::parse(set_json, nullptr, false), "set", [](const Json&) { return true; });
    const Json table =
        find_object(Json::parse(tables_json, nullptr, false), "table", [&](const Json& object) {
            return member(object, "family") == member(found, "family") &&
                   member(object, "name") == member(found, "table");
        });
    if (!found.is_object() || !table.is_object())
        return Error{ExitCode::internal, "set " + set.text() + ": cannot read what nft says of it"};
    const int family = family_of(found);
    if (family == 0)
        return Error{ExitCode::usage, "set " + set.text() + ": its type is " +
                                          member(found, "type") +
                                          ", neither ipv4_addr nor ipv6_addr"};
    return SetTraits{.family = family,
                     .intervals = has_flag(found, "interval"),
                     .timeouts = has_flag(found, "timeout"),
                     .identity = member(table, "handle") + "/" + member(found, "handle")};
}

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

Result<SetTraits> Nft::inspect(const SetName& set) {
    nft_ctx_output_set_flags(context_.get(),
                             NFT_CTX_OUTPUT_JSON | NFT_CTX_OUTPUT_TERSE | NFT_CTX_OUTPUT_HANDLE);
    const auto set_json = run("list set " + set.text());
    const auto tables_json = run("list tables");
    nft_ctx_output_set_flags(context_.get(), 0);
    for (const auto* listing : {&set_json, &tables_json})
        if (!*listing)
            return Error{ExitCode::internal, "set " + set.text() + ": " + listing->error().message};
    return parse_set_traits(set, *set_json, *tables_json);
}

} // namespace portknocko
