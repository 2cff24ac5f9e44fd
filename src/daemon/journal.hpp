// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <syslog.h>
#include <vector>

namespace portknocko {

enum class Severity : int {
    error = LOG_ERR,
    warning = LOG_WARNING,
    notice = LOG_NOTICE,
    info = LOG_INFO,
};

// Where pknockd says what it does. Never fails: what cannot be logged is lost.
class Journal {
public:
    Journal() = default;
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;
    virtual ~Journal() = default;

    // `fields` are further ones of the entry, "NAME=value" each.
    virtual void write(Severity severity, const std::string& message,
                       const std::vector<std::string>& fields) = 0;

    void error(const std::string& message) { write(Severity::error, message, {}); }
    void warning(const std::string& message) { write(Severity::warning, message, {}); }
    void notice(const std::string& message) { write(Severity::notice, message, {}); }
};

// systemd's journal, with all fields.
class SystemJournal : public Journal {
public:
    void write(Severity severity, const std::string& message,
               const std::vector<std::string>& fields) override;
};

// Standard error, where fields are left out: messages tell it all.
class TerminalJournal : public Journal {
public:
    void write(Severity severity, const std::string& message,
               const std::vector<std::string>& fields) override;
};

// The text as one line that a terminal can take: other bytes than printable ASCII and UTF-8
// become "?".
std::string printable(std::string_view text);

} // namespace portknocko
