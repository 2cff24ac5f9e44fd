// SPDX-License-Identifier: GPL-2.0-or-later
#include "http.hpp"

namespace portknocko {

std::variant<HttpRequest, HttpIncomplete, HttpMalformed> parse_http(std::string_view bytes) {
    if (bytes.find("\r\n\r\n") == std::string_view::npos)
        return HttpIncomplete{};
    const std::string_view line = bytes.substr(0, bytes.find("\r\n"));
    const std::size_t first = line.find(' ');
    const std::size_t second = line.find(' ', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos || first == 0)
        return HttpMalformed{};
    const std::string_view target = line.substr(first + 1, second - first - 1);
    const std::string_view version = line.substr(second + 1);
    if (!target.starts_with('/') || (version != "HTTP/1.1" && version != "HTTP/1.0"))
        return HttpMalformed{};
    return HttpRequest{std::string(line.substr(0, first)),
                       std::string(target.substr(0, target.find('?')))};
}

std::string http_answer(std::string_view status, std::string_view body, bool with_body) {
    std::string answer = "HTTP/1.1 ";
    answer.append(status);
    answer += "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: " +
              std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n";
    if (with_body)
        answer.append(body);
    return answer;
}

} // namespace portknocko
