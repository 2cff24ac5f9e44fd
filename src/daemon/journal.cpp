// SPDX-License-Identifier: GPL-2.0-or-later
#include "journal.hpp"

#include <algorithm>
#include <iostream>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

namespace portknocko {

void SystemJournal::write(Severity severity, const std::string& message,
                          const std::vector<std::string>& fields) {
    std::vector<std::string> all = fields;
    all.push_back("MESSAGE=" + message);
    all.push_back("PRIORITY=" + std::to_string(static_cast<int>(severity)));
    all.emplace_back("SYSLOG_IDENTIFIER=pknockd");

    std::vector<iovec> entry;
    entry.reserve(all.size());
    for (std::string& field : all)
        entry.push_back({field.data(), field.size()});
    sd_journal_sendv(entry.data(), static_cast<int>(entry.size()));
}

void TerminalJournal::write(Severity /*severity*/, const std::string& message,
                            const std::vector<std::string>& /*fields*/) {
    std::cerr << "pknockd: " + message + "\n";
}

std::string printable(std::string_view text) {
    constexpr unsigned char first_printable = 0x20;
    constexpr unsigned char del = 0x7f;
    std::string result(text);
    std::replace_if(
        result.begin(), result.end(),
        [](char c) {
            const auto byte = static_cast<unsigned char>(c);
            return byte < first_printable || byte == del;
        },
        '?');
    return result;
}

} // namespace portknocko
