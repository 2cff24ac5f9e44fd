// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.hpp"

#include <sys/socket.h>

namespace portknocko {
namespace {

constexpr int default_delay_ms = 200;
constexpr int max_delay_ms = 60'000;
constexpr const char* default_secret_variable = "PKNOCK_SECRET";

// The command line's words, before they are checked.
struct Words {
    std::string command;
    std::string host;
    bool ipv4 = false;
    bool ipv6 = false;
    bool dry_run = false;
    bool json = false;
    bool verbose = false;

    std::vector<std::string> knocks;
    bool udp = false;
    int delay_ms = default_delay_ms;

    std::string port;
    std::optional<std::string> source;
    std::optional<std::string> secret_file;
    std::optional<std::string> secret_variable;
};

void add_common_options(Arguments& command, Words& words) {
    command.positional("HOST", words.host, "name or address of the server")
        .required()
        .flag("-4,--ipv4", words.ipv4, "use IPv4 only")
        .flag("-6,--ipv6", words.ipv6, "use IPv6 only")
        .excludes("--ipv4")
        .flag("-n,--dry-run", words.dry_run, "show what would be sent, send nothing")
        .flag("--json", words.json, "report as JSON on standard output")
        .flag("-v,--verbose", words.verbose, "tell on standard error what was sent");
}

void add_sequence_command(Arguments& program, Words& words) {
    Arguments command = program.command("seq", "knock on ports in order");
    add_common_options(command, words);
    command.positional("PORT", words.knocks, "2002, tcp/2002, udp/2001, also with commas between")
        .required()
        .flag("--udp", words.udp, "ports without a protocol are UDP (default: TCP)")
        .option("--delay", words.delay_ms, "MS", {0, max_delay_ms},
                "milliseconds between two knocks")
        .on_choice([&words] { words.command = "seq"; });
}

void add_token_command(Arguments& program, const char* name, const char* description,
                       Words& words) {
    Arguments command = program.command(name, description);
    add_common_options(command, words);
    command.option("-p,--port", words.port, "PORT", "the door's UDP knock port")
        .required()
        .option("--source", words.source, "ADDR",
                "the address that the server sees (default: this machine's towards HOST)")
        .option("--secret-file", words.secret_file, "FILE",
                "file with the secret, closed to group and others")
        .option("--secret-env", words.secret_variable, "NAME",
                "environment variable with the secret")
        .excludes("--secret-file")
        .footer(std::string("Without --secret-file and --secret-env the secret comes from ") +
                default_secret_variable + ", if it is set, or from the terminal.")
        .on_choice([&words, name] { words.command = name; });
}

int chosen_family(const Words& words) {
    if (words.ipv4)
        return AF_INET;
    return words.ipv6 ? AF_INET6 : AF_UNSPEC;
}

Result<SequenceCommand> check_sequence(const Words& words) {
    auto knocks = parse_knocks(words.knocks, words.udp ? Protocol::udp : Protocol::tcp);
    if (!knocks)
        return knocks.error();
    return SequenceCommand{*std::move(knocks), std::chrono::milliseconds(words.delay_ms)};
}

Result<Address> check_source(const std::string& text, int family) {
    Result<Address> source = Address::from_text(text);
    if (!source)
        return Error{source.error().code, "--source: " + source.error().message};
    if (!source->is_unicast())
        return Error{ExitCode::usage, "--source: " + text + " cannot be a packet's source"};
    if (family != AF_UNSPEC && family != source->family())
        return Error{ExitCode::usage,
                     "--source: " + text + " is " + source->family_name() +
                         (family == AF_INET ? ", which -4 excludes" : ", which -6 excludes")};
    return source;
}

Result<TokenCommand> check_token(const Words& words) {
    const Result<std::uint16_t> port = parse_port(words.port);
    if (!port)
        return Error{port.error().code, "--port: " + port.error().message};
    std::optional<Address> source;
    if (words.source) {
        Result<Address> checked = check_source(*words.source, chosen_family(words));
        if (!checked)
            return checked.error();
        source = *checked;
    }
    SecretSource secret{.file = words.secret_file,
                        .variable = words.secret_variable,
                        .default_variable = default_secret_variable,
                        .prompt =
                            "Secret to " + words.command + " the door at " + words.host + ": "};
    return TokenCommand{*port, std::move(secret), source};
}

Result<std::variant<Options, Notice>> check_words(const Words& words) {
    Options options{.name = words.command,
                    .host = words.host,
                    .family = chosen_family(words),
                    .dry_run = words.dry_run,
                    .json = words.json,
                    .verbose = words.verbose,
                    .command = {}};
    if (words.command == "seq") {
        Result<SequenceCommand> sequence = check_sequence(words);
        if (!sequence)
            return sequence.error();
        options.command = *std::move(sequence);
    } else {
        Result<TokenCommand> token = check_token(words);
        if (!token)
            return token.error();
        options.command = *std::move(token);
    }
    return {std::move(options)};
}

} // namespace

Result<std::variant<Options, Notice>> parse_options(int argc, const char* const* argv) {
    Words words;
    CommandLine line("pknock", PORTKNOCKO_VERSION,
                     "Knocks at a door that the netfilter match pknock keeps.");
    add_sequence_command(line.arguments(), words);
    add_token_command(line.arguments(), "open", "open a door with a one-time token", words);
    add_token_command(line.arguments(), "close", "close a door with a one-time token", words);

    const auto notice = line.parse(argc, argv);
    if (!notice)
        return notice.error();
    if (*notice)
        return {**notice};
    return check_words(words);
}

} // namespace portknocko
