// SPDX-License-Identifier: GPL-2.0-or-later
#include "options.hpp"

#include <CLI/CLI.hpp>

namespace portknocko {
namespace {

constexpr int default_delay_ms = 200;
constexpr int max_delay_ms = 60'000;
constexpr const char* default_secret_variable = "PKNOCK_SECRET";

// The command line's words, before they are checked.
struct Arguments {
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

void add_common_options(CLI::App& command, Arguments& arguments) {
    command.add_option("HOST", arguments.host, "name or address of the server")
        ->required()
        ->type_name("");
    auto* ipv4 = command.add_flag("-4,--ipv4", arguments.ipv4, "use IPv4 only");
    auto* ipv6 = command.add_flag("-6,--ipv6", arguments.ipv6, "use IPv6 only");
    ipv6->excludes(ipv4);
    command.add_flag("-n,--dry-run", arguments.dry_run, "show what would be sent, send nothing");
    command.add_flag("--json", arguments.json, "report as JSON on standard output");
    command.add_flag("-v,--verbose", arguments.verbose, "tell on standard error what was sent");
}

void add_sequence_command(CLI::App& app, Arguments& arguments) {
    CLI::App& command = *app.add_subcommand("seq", "knock on ports in order");
    add_common_options(command, arguments);
    command
        .add_option("PORT", arguments.knocks, "2002, tcp/2002, udp/2001, also with commas between")
        ->required()
        ->type_name("");
    command.add_flag("--udp", arguments.udp, "ports without a protocol are UDP (default: TCP)");
    command.add_option("--delay", arguments.delay_ms, "milliseconds between two knocks")
        ->check(CLI::Range(0, max_delay_ms))
        ->type_name("MS")
        ->capture_default_str();
}

void add_token_command(CLI::App& app, const std::string& name, const std::string& description,
                       Arguments& arguments) {
    CLI::App& command = *app.add_subcommand(name, description);
    add_common_options(command, arguments);
    command.add_option("-p,--port", arguments.port, "the door's UDP knock port")
        ->required()
        ->type_name("PORT");
    command
        .add_option("--source", arguments.source,
                    "the address that the server sees (default: this machine's towards HOST)")
        ->type_name("ADDR");
    auto* file = command.add_option("--secret-file", arguments.secret_file,
                                    "file with the secret, closed to group and others");
    auto* variable = command.add_option("--secret-env", arguments.secret_variable,
                                        "environment variable with the secret");
    file->type_name("FILE");
    variable->type_name("NAME")->excludes(file);
    command.footer(std::string("Without --secret-file and --secret-env the secret comes from ") +
                   default_secret_variable + ", if it is set, or from the terminal.");
}

int chosen_family(const Arguments& arguments) {
    if (arguments.ipv4)
        return AF_INET;
    return arguments.ipv6 ? AF_INET6 : AF_UNSPEC;
}

Result<SequenceCommand> check_sequence(const Arguments& arguments) {
    auto knocks = parse_knocks(arguments.knocks, arguments.udp ? Protocol::udp : Protocol::tcp);
    if (!knocks)
        return knocks.error();
    return SequenceCommand{*std::move(knocks), std::chrono::milliseconds(arguments.delay_ms)};
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

Result<TokenCommand> check_token(const Arguments& arguments, const std::string& name) {
    const Result<std::uint16_t> port = parse_port(arguments.port);
    if (!port)
        return Error{port.error().code, "--port: " + port.error().message};
    std::optional<Address> source;
    if (arguments.source) {
        Result<Address> checked = check_source(*arguments.source, chosen_family(arguments));
        if (!checked)
            return checked.error();
        source = *checked;
    }
    SecretSource secret{.file = arguments.secret_file,
                        .variable = arguments.secret_variable,
                        .default_variable = default_secret_variable,
                        .prompt = "Secret to " + name + " the door at " + arguments.host + ": "};
    return TokenCommand{*port, std::move(secret), source};
}

Result<std::variant<Options, Notice>> check_arguments(const Arguments& arguments,
                                                      const std::string& name) {
    Options options{.name = name,
                    .host = arguments.host,
                    .family = chosen_family(arguments),
                    .dry_run = arguments.dry_run,
                    .json = arguments.json,
                    .verbose = arguments.verbose,
                    .command = {}};
    if (name == "seq") {
        Result<SequenceCommand> sequence = check_sequence(arguments);
        if (!sequence)
            return sequence.error();
        options.command = *std::move(sequence);
    } else {
        Result<TokenCommand> token = check_token(arguments, name);
        if (!token)
            return token.error();
        options.command = *std::move(token);
    }
    return {std::move(options)};
}

} // namespace

Result<std::variant<Options, Notice>> parse_options(int argc, const char* const* argv) {
    Arguments arguments;
    CLI::App app("Knocks at a door that the netfilter match pknock keeps.", "pknock");
    app.set_version_flag("--version", std::string("pknock ") + PORTKNOCKO_VERSION);
    app.require_subcommand(1);
    add_sequence_command(app, arguments);
    add_token_command(app, "open", "open a door with a one-time token", arguments);
    add_token_command(app, "close", "close a door with a one-time token", arguments);

    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return {Notice{app.help()}};
    } catch (const CLI::CallForVersion& version) {
        return {Notice{std::string(version.what()) + "\n"}};
    } catch (const CLI::ParseError& error) {
        return Error{ExitCode::usage, std::string(error.what()) + " (try \"pknock --help\")"};
    }
    return check_arguments(arguments, app.get_subcommands().front()->get_name());
}

} // namespace portknocko
