// SPDX-License-Identifier: GPL-2.0-or-later
#include "rule_parser.hpp"

#include "words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>

namespace portknocko::check {
namespace {

using Words = std::vector<std::string>;

// Options whose value is any text, even one that looks like an option.
constexpr std::array free_text = {"--comment",     "--log-prefix", "--nflog-prefix",
                                  "--string",      "--hex-string", "--opensecret",
                                  "--closesecret", "--name",       "--knockports"};
constexpr std::array door_flags = {"--strict", "--once", "--checkip"};

template <typename List>
bool contains(const List& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

std::optional<unsigned> parse_number(std::string_view text) {
    unsigned number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    const auto number = parse_number(text);
    if (!number || *number > UINT16_MAX)
        return std::nullopt;
    return static_cast<std::uint16_t>(*number);
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const std::size_t end = std::min(text.find(separator), text.size());
        parts.emplace_back(text.substr(0, end));
        if (end == text.size())
            return parts;
        text.remove_prefix(end + 1);
    }
}

// "22", "22:25", ":25", "22:", and lists of these.
std::optional<std::vector<PortRange>> parse_ranges(std::string_view text) {
    std::vector<PortRange> ranges;
    for (const std::string& part : split(text, ',')) {
        const std::size_t colon = part.find(':');
        const std::string first = part.substr(0, colon);
        const std::string last = colon == std::string::npos ? first : part.substr(colon + 1);
        const auto low = first.empty() && colon == 0 ? std::uint16_t{0} : parse_port(first);
        const auto high = last.empty() && colon != std::string::npos ? std::uint16_t{UINT16_MAX}
                                                                     : parse_port(last);
        if (!low || !high)
            return std::nullopt;
        ranges.push_back({*low, *high});
    }
    return ranges;
}

// Goes through a rule's words from left to right.
class RuleParser {
public:
    explicit RuleParser(const Words& words) : words_(words) {}

    Result<Rule> parse() {
        rule_.chain = words_.front();
        rule_.text = "-A " + quote_word(rule_.chain);
        for (next_ = 1; next_ < words_.size();)
            parse_option();
        if (const Status status = complete(); !status)
            return status.error();
        return std::move(rule_);
    }

private:
    struct Option {
        std::string name;
        Words values;
        bool negated;

        const std::string& value() const {
            static const std::string none;
            return values.empty() ? none : values.front();
        }
    };

    struct KnockList {
        std::size_t match; // which of the rule's it belongs to
        std::string list;
    };

    bool in_door() const { return module_ == "pknock"; }

    // How many of the words at next_ belong to the option before them.
    std::size_t count_values(const std::string& name) const {
        if (in_door() && contains(door_flags, name))
            return 0;
        if (in_door() || contains(free_text, name))
            return next_ < words_.size() ? 1 : 0;
        std::size_t end = next_;
        while (end < words_.size() && words_[end] != "!" && !words_[end].starts_with('-'))
            ++end;
        return end - next_;
    }

    Option take_option() {
        Option option{words_[next_++], {}, false};
        if (option.name == "!" && next_ < words_.size()) {
            option.negated = true;
            option.name = words_[next_++];
        }
        // The module's own options are known by what stands behind its -m.
        if (option.name == "-m" || option.name == "-j" || option.name == "-g")
            module_.clear();
        const std::size_t count = count_values(option.name);
        for (std::size_t i = 0; i < count; ++i)
            option.values.push_back(words_[next_++]);
        return option;
    }

    void note_text(const Option& option) {
        if (option.negated)
            rule_.text += " !";
        rule_.text += " " + quote_word(option.name);
        const bool secret = option.name == "--opensecret" || option.name == "--closesecret";
        for (const std::string& value : option.values)
            rule_.text += " " + (secret ? std::string("(hidden)") : quote_word(value));
    }

    void parse_option() {
        const Option option = take_option();
        note_text(option);
        if (option.name == "-m")
            begin_module(option.value());
        else if (option.name == "-j" || option.name == "-g")
            begin_target(option);
        else if (!rule_.target.empty())
            return; // the target's own
        else if (in_door() && option.name.starts_with("--"))
            parse_door_option(option);
        else if (auto match = parse_match(option))
            rule_.matches.push_back(*std::move(match));
    }

    void begin_module(const std::string& name) {
        module_ = name;
        if (!in_door())
            return;
        knockports_.push_back({rule_.matches.size(), ""});
        rule_.matches.emplace_back(DoorMatch{});
    }

    void begin_target(const Option& option) {
        rule_.target = option.value();
        rule_.is_goto = option.name == "-g";
    }

    // None for what asks nothing of the packet.
    static std::optional<Match> parse_match(const Option& option) {
        const std::string& name = option.name;
        if (name == "--comment")
            return std::nullopt;
        if (name == "-p")
            return ProtocolMatch{option.value(), option.negated};
        if (name == "-s")
            return SourceMatch{option.value(), option.negated};
        if (name == "-i")
            return InterfaceMatch{option.value(), option.negated};
        if (name == "--state" || name == "--ctstate")
            return StateMatch{split(option.value(), ','), option.negated};
        if (name == "--syn" ||
            (name == "--tcp-flags" && option.values == Words{"FIN,SYN,RST,ACK", "SYN"}))
            return SynMatch{option.negated};
        if (name == "--dport" || name == "--dports" || name == "--destination-port")
            if (auto ranges = parse_ranges(option.value()))
                return PortMatch{*std::move(ranges), option.negated};
        return OtherMatch{};
    }

    void parse_door_option(const Option& option) {
        auto& door = std::get<DoorMatch>(rule_.matches[knockports_.back().match]);
        const std::string& value = option.value();
        const SecretMark secret{value.size(), std::hash<std::string>()(value)};
        if (option.name == "--name")
            door.name = value;
        else if (option.name == "--knockports")
            knockports_.back().list = value;
        else if (option.name == "--strict")
            door.strict = true;
        else if (option.name == "--once")
            door.once = true;
        else if (option.name == "--ttl" || option.name == "--autoclose")
            door.bounded = parse_number(value).value_or(0) != 0;
        else if (option.name == "--mask")
            door.mask = parse_number(value);
        else if (option.name == "--opensecret")
            door.opensecret = secret;
        else if (option.name == "--closesecret")
            door.closesecret = secret;
    }

    // A port's protocol may be the rule's, which is known only now.
    Result<KnockPort> parse_knock(const std::string& entry) const {
        const std::size_t slash = entry.find('/');
        const bool own = slash != std::string::npos;
        const auto port = parse_port(own ? entry.substr(slash + 1) : entry);
        if (!port)
            return Error{ExitCode::usage, "\"" + entry + "\" is not a knock port"};
        return KnockPort{own ? entry.substr(0, slash) : rule_.protocol().value_or(""), *port};
    }

    Status complete() {
        for (const auto& [match, list] : knockports_) {
            if (list.empty())
                continue;
            for (const std::string& entry : split(list, ',')) {
                Result<KnockPort> knock = parse_knock(entry);
                if (!knock)
                    return knock.error();
                std::get<DoorMatch>(rule_.matches[match]).knocks.push_back(*std::move(knock));
            }
        }
        return Done{};
    }

    const Words& words_;
    std::size_t next_ = 0;
    std::string module_;
    std::vector<KnockList> knockports_; // one for each -m pknock
    Rule rule_;
};

} // namespace

Result<Rule> parse_rule(const std::vector<std::string>& words) {
    return RuleParser(words).parse();
}

} // namespace portknocko::check
