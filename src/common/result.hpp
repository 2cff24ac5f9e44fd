// SPDX-License-Identifier: GPL-2.0-or-later
// A value or the reason why there is none. What fails returns it; nothing in this project throws.
#pragma once

#include <string>
#include <system_error>
#include <utility>
#include <variant>

namespace portknocko {

// What a program tells the shell; each man page documents those that its program uses.
enum class ExitCode : int {
    ok = 0,
    internal = 1, // memory, OpenSSL, or the output could not be written
    usage = 2,
    network = 3,
    secret = 4,
    not_loaded = 5, // the kernel module
    permission = 6, // CAP_NET_ADMIN
    not_found = 7,  // no such door or peer
    kernel = 8,     // it refused the request for another reason, or could not be asked
    file = 9,       // cannot be read or written, is malformed, or is open to others
    findings = 10,  // pknockctl check found something
};

struct Error {
    ExitCode code;
    std::string message; // one line, without the program's name and without a full stop
};

// "WHAT: No such file or directory"
inline Error system_error(ExitCode code, const std::string& what, int number) {
    return {code, what + ": " + std::generic_category().message(number)};
}

template <typename T>
class [[nodiscard]] Result {
public:
    // Implicit, so that a function returns its value or its error as it stands.
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return state_.index() == 0; }

    T& operator*() & { return std::get<0>(state_); }
    const T& operator*() const& { return std::get<0>(state_); }
    T&& operator*() && { return std::get<0>(std::move(state_)); }
    T* operator->() { return &std::get<0>(state_); }
    const T* operator->() const { return &std::get<0>(state_); }

    const Error& error() const { return std::get<1>(state_); }

private:
    std::variant<T, Error> state_;
};

struct Done {};
using Status = Result<Done>;

} // namespace portknocko
