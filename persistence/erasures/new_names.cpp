// Walks a map and copies every value but those that name somebody.
#include "persistence/erasures/new_names.hpp"

#include <utility>

#include "actors/encoding.hpp"
#include "persistence/packed.hpp"

namespace parley {

namespace {

std::optional<std::string> renamed_map(std::string_view map, const new_names& names);

std::optional<std::string> renamed_text(std::string_view value, const new_names& names) {
  packed_reader from{value};
  const auto user = from.text();
  const std::string* name = from.done() ? names(user) : nullptr;
  if (name == nullptr)
    return std::nullopt;
  packed_writer to;
  to.text(*name);
  return std::move(to).take();
}

/// Elements are users, or maps that name some.
std::optional<std::string> renamed_list(std::string_view value, const new_names& names,
                                        bool of_maps) {
  packed_reader from{value};
  const std::size_t count = from.array();
  std::string list = array_header(count);
  bool is_changed = false;
  for (std::size_t i = 0; i < count && from.ok(); ++i) {
    const auto each = from.raw();
    const auto changed = of_maps ? renamed_map(each, names) : renamed_text(each, names);
    is_changed = is_changed || changed;
    list += changed ? *changed : std::string(each);
  }
  return is_changed && from.done() ? std::optional{std::move(list)} : std::nullopt;
}

std::optional<std::string> renamed_value(std::string_view name, std::string_view value,
                                         const new_names& names) {
  if (name == "from" || name == "by" || name == "user" || name == "owner")
    return renamed_text(value, names);
  if (name == "mentions")
    return renamed_list(value, names, false);
  if (name == "users" || name == "members")
    return renamed_list(value, names, true);
  return std::nullopt;
}

/// Whether any of so many fields were changed; the rest is copied.
bool rename_fields(packed_reader& from, std::size_t count, const new_names& names, map_writer& to) {
  bool is_changed = false;
  for (std::size_t i = 0; i < count && from.ok(); ++i) {
    const auto name = from.text();
    const auto value = from.raw();
    const auto changed = renamed_value(name, value, names);
    is_changed = is_changed || changed;
    to.encoded(name, changed ? std::string_view{*changed} : value);
  }
  return is_changed && from.done();
}

std::optional<std::string> renamed_map(std::string_view map, const new_names& names) {
  packed_reader from{map};
  map_writer to;
  const std::size_t count = from.map();
  if (!rename_fields(from, count, names, to))
    return std::nullopt;
  return std::move(to).take();
}

} // namespace

std::optional<std::string> renamed_event(std::string_view event, const new_names& names) {
  return renamed_map(event, names);
}

std::optional<raw_fields> renamed_answer(const raw_fields& answer, const new_names& names) {
  packed_reader from{answer.bytes};
  map_writer to;
  if (!rename_fields(from, answer.count, names, to))
    return std::nullopt;
  return std::move(to).take_fields();
}

bool rename_in(user_id& user, const new_names& names) {
  const std::string* name = names(user.str());
  if (name == nullptr)
    return false;
  user = user_id{*name};
  return true;
}

bool rename_in(std::vector<user_id>& users, const new_names& names) {
  bool is_changed = false;
  for (auto& each : users)
    is_changed = rename_in(each, names) || is_changed;
  return is_changed;
}

} // namespace parley
