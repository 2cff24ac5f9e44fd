// SPDX-License-Identifier: GPL-2.0-or-later
#include "toml_reader.hpp"

namespace portknocko {

TomlReader::TomlReader(const toml::table& table, std::string path, Mistakes& mistakes)
    : table_(table), path_(std::move(path)), mistakes_(mistakes) {
}

std::string TomlReader::name_of(std::string_view key) const {
    std::string name = path_;
    if (!path_.empty() && !key.empty())
        name += '.';
    return name.append(key);
}

void TomlReader::add_mistake(const toml::source_region& where, std::string_view key,
                             std::string message) {
    mistakes_.push_back({where.begin.line, where.begin.column, name_of(key), std::move(message)});
}

void TomlReader::add_mistake(const std::string& message) {
    add_mistake(table_.source(), "", message);
}

const toml::node* TomlReader::find(const char* key) {
    known_.emplace(key);
    return table_.get(key);
}

void TomlReader::boolean(const char* key, bool& target) {
    const toml::node* node = find(key);
    if (node == nullptr)
        return;
    if (const auto value = node->value_exact<bool>())
        target = *value;
    else
        add_mistake(node->source(), key, "must be true or false");
}

bool TomlReader::number_in(const char* key, std::int64_t& target, std::int64_t min,
                           std::int64_t max) {
    const toml::node* node = find(key);
    if (node == nullptr)
        return false;
    const auto value = node->value_exact<std::int64_t>();
    if (!value || *value < min || *value > max) {
        add_mistake(node->source(), key,
                    "must be a whole number from " + std::to_string(min) + " to " +
                        std::to_string(max));
        return false;
    }
    target = *value;
    return true;
}

void TomlReader::text(const char* key, std::string& target, const Check& check) {
    const toml::node* node = find(key);
    if (node == nullptr)
        return;
    const auto value = node->value_exact<std::string>();
    std::string fault = value ? check(*value) : "must be a string";
    if (fault.empty())
        target = *value;
    else
        add_mistake(node->source(), key, std::move(fault));
}

void TomlReader::texts(const char* key,
                       const std::function<std::string(const std::string&)>& take) {
    const toml::node* node = find(key);
    if (node == nullptr)
        return;
    const auto take_one = [&](const toml::node& element) {
        const auto value = element.value_exact<std::string>();
        std::string fault = value ? take(*value) : "must be a string, or a list of strings";
        if (!fault.empty())
            add_mistake(element.source(), key, std::move(fault));
    };
    if (const toml::array* list = node->as_array()) {
        for (const toml::node& element : *list)
            take_one(element);
    } else {
        take_one(*node);
    }
}

void TomlReader::read_nested(std::string_view key, const toml::node& node,
                             const std::function<void(TomlReader&)>& read) {
    if (const toml::table* nested = node.as_table()) {
        TomlReader reader(*nested, name_of(key), mistakes_);
        read(reader);
        reader.refuse_unknown_keys();
    } else {
        add_mistake(node.source(), key, "must be a table");
    }
}

void TomlReader::table(const char* key, const std::function<void(TomlReader&)>& read) {
    if (const toml::node* node = find(key))
        read_nested(key, *node, read);
}

void TomlReader::each_table(const std::function<void(const std::string& key, TomlReader&)>& read) {
    for (const auto& [key, node] : table_) {
        known_.emplace(key.str());
        read_nested(key.str(), node,
                    [&, name = std::string(key.str())](TomlReader& reader) { read(name, reader); });
    }
}

void TomlReader::refuse_unknown_keys() {
    for (const auto& [key, node] : table_) {
        if (known_.find(key.str()) != known_.end())
            continue;
        std::string expected;
        for (const std::string& name : known_)
            expected += (expected.empty() ? "" : ", ") + name;
        add_mistake(key.source(), key.str(), "unknown key; there are: " + expected);
    }
}

} // namespace portknocko
