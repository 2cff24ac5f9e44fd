// SPDX-License-Identifier: GPL-2.0-or-later
// Requests to the server of metrics, as they arrive: byte after byte.
#include "fuzz.hpp"

#include <http.hpp>
#include <vector>

using namespace portknocko;

namespace {

using Parsed = std::variant<HttpRequest, HttpIncomplete, HttpMalformed>;

Parsed parse(std::string_view text) {
    const auto bytes = fuzz::on_heap(text);
    return parse_http({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

bool same(const Parsed& a, const Parsed& b) {
    const auto* request = std::get_if<HttpRequest>(&a);
    return a.index() == b.index() && (request == nullptr || *request == std::get<HttpRequest>(b));
}

std::vector<std::string> split(const std::string& line) {
    std::vector<std::string> words{""};
    for (const char c : line)
        if (c == ' ')
            words.emplace_back();
        else
            words.back() += c;
    return words;
}

// METHOD SP TARGET SP VERSION, nothing more and nothing less.
void require_grammar(const std::string& text, const Parsed& parsed) {
    const auto words = split(text.substr(0, text.find("\r\n")));
    const bool right = words.size() == 3 && !words[0].empty() && words[1].starts_with('/') &&
                       (words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0");
    const auto* request = std::get_if<HttpRequest>(&parsed);
    REQUIRE((request != nullptr) == right);
    if (right)
        REQUIRE(request->method == words[0] &&
                request->target == words[1].substr(0, words[1].find('?')));
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text = fuzz::Input(data, size).rest();
    const Parsed whole = parse(text);
    const std::size_t head = text.find("\r\n\r\n");
    REQUIRE(std::holds_alternative<HttpIncomplete>(whole) == (head == std::string::npos));
    if (head == std::string::npos)
        return 0;
    // What came too early or too late changes nothing.
    REQUIRE(
        std::holds_alternative<HttpIncomplete>(parse(std::string_view(text).substr(0, head + 3))));
    REQUIRE(same(parse(std::string_view(text).substr(0, head + 4)), whole));
    REQUIRE(same(parse(text + "x\r\n\r\n"), whole));
    require_grammar(text, whole);
    if (const auto* request = std::get_if<HttpRequest>(&whole))
        REQUIRE(
            http_answer("200 OK", request->target, true).ends_with("\r\n\r\n" + request->target));
    return 0;
}
