// SPDX-License-Identifier: GPL-2.0-or-later
#include "ruleset.hpp"

#include "rule_parser.hpp"
#include "words.hpp"

#include <algorithm>

namespace portknocko::check {
namespace {

// Reads line by line; each one acts on the table that the last "*NAME" began.
class ListingParser {
public:
    ListingParser(Family family, const std::string& origin) {
        ruleset_.family = family;
        ruleset_.origin = origin;
    }

    Status parse_line(std::string_view line) {
        ++number_;
        if (line.starts_with('#'))
            return Done{};
        const auto words = split_words(line);
        if (!words)
            return fault("a quote is not closed");
        if (words->empty())
            return Done{};
        return parse_words(*words);
    }

    Ruleset finish() && { return std::move(ruleset_); }

private:
    Error fault(const std::string& message) const {
        return {ExitCode::file, ruleset_.origin + ":" + std::to_string(number_) + ": " + message};
    }

    Status parse_words(const std::vector<std::string>& words) {
        const std::string& first = words.front();
        if (first.starts_with('*')) {
            ruleset_.tables.push_back({first.substr(1), {}});
            inside_ = true;
            return Done{};
        }
        if (first == "COMMIT") {
            inside_ = false;
            return Done{};
        }
        if (!inside_)
            return fault("neither a table (\"*filter\") nor a comment");
        if (first.starts_with(':') && words.size() > 1) {
            ruleset_.tables.back().chains[first.substr(1)].policy = words[1];
            return Done{};
        }
        return parse_rule_line(words);
    }

    Status parse_rule_line(const std::vector<std::string>& words) {
        // Counters of iptables-save -c stand before the rule.
        const std::size_t skipped = words.front().starts_with('[') ? 1 : 0;
        if (words.size() < skipped + 2 || words[skipped] != "-A")
            return fault("not a line of iptables-save");
        Result<Rule> rule =
            parse_rule({words.begin() + static_cast<std::ptrdiff_t>(skipped) + 1, words.end()});
        if (!rule)
            return fault(rule.error().message);
        rule->line = number_;
        Chain& chain = ruleset_.tables.back().chains[rule->chain];
        chain.rules.push_back(*std::move(rule));
        return Done{};
    }

    Ruleset ruleset_;
    std::size_t number_ = 0;
    bool inside_ = false;
};

template <typename T>
const T* find_match(const std::vector<Match>& matches) {
    for (const Match& match : matches)
        if (const T* found = std::get_if<T>(&match))
            return found;
    return nullptr;
}

} // namespace

const DoorMatch* Rule::door() const {
    return find_match<DoorMatch>(matches);
}

std::optional<std::string> Rule::protocol() const {
    const auto* match = find_match<ProtocolMatch>(matches);
    if (match == nullptr || match->negated)
        return std::nullopt;
    return match->protocol;
}

const PortMatch* Rule::ports() const {
    return find_match<PortMatch>(matches);
}

const Table* Ruleset::table(std::string_view name) const {
    const auto found = std::find_if(tables.begin(), tables.end(),
                                    [&](const Table& table) { return table.name == name; });
    return found == tables.end() ? nullptr : &*found;
}

Result<Ruleset> parse_ruleset(std::string_view text, Family family, const std::string& origin) {
    ListingParser parser(family, origin);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (const Status status = parser.parse_line(text.substr(0, end)); !status)
            return status.error();
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return std::move(parser).finish();
}

} // namespace portknocko::check
