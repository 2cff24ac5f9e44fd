// SPDX-License-Identifier: GPL-2.0-or-later
// As much of HTTP/1.1 as it takes to serve one page.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace portknocko {

struct HttpRequest {
    std::string method;
    std::string target; // without a query

    bool operator==(const HttpRequest&) const = default;
};

struct HttpIncomplete {};
struct HttpMalformed {};

// Reads the bytes that came so far. Only the first line counts, but all of the head must be there.
std::variant<HttpRequest, HttpIncomplete, HttpMalformed> parse_http(std::string_view bytes);

// An answer after which the connection ends. `status` is "200 OK"; to HEAD there is no body.
std::string http_answer(std::string_view status, std::string_view body, bool with_body);

} // namespace portknocko
