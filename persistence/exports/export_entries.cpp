// Keeps of each name the part that is not full yet.
#include "persistence/exports/export_entries.hpp"

#include <algorithm>
#include <utility>

#include "actors/limits_of_exports.hpp"

namespace parley {

namespace {

/// Digits of a part's number, so that names sort as they were written.
constexpr std::size_t part_digits = 6;

} // namespace

std::string numbered_for_export(std::uint64_t number) {
  std::string digits = std::to_string(number);
  return std::string(part_digits - std::min(part_digits, digits.size()), '0') + digits;
}

std::string export_entries::json(std::string_view map) {
  std::string text = to_json_(map);
  if (text.empty())
    error_ = failure{error_code::internal, "a row cannot be written as JSON", {}};
  text += '\n';
  return text;
}

void export_entries::document(const std::string& name, std::string_view map) {
  entries_.push_back({name, json(map), {}});
}

void export_entries::line(const std::string& name, std::string_view map) {
  part& to = parts_[name];
  to.lines += json(map);
  if (to.lines.size() >= limits::export_entry_bytes)
    cut(name, to);
}

void export_entries::cut(const std::string& name, part& which) {
  entries_.push_back({name + '-' + numbered_for_export(++which.number) + ".jsonl",
                      std::exchange(which.lines, {}),
                      {}});
}

void export_entries::file(const std::string& name, const file_id& file) {
  entries_.push_back({name, {}, file});
}

void export_entries::range(const export_range& what) {
  if (what.last.value() == 0)
    return;
  line("ranges", encode_export_range(what));
  ++counts.in_conversations;
  counts.messages += what.messages;
  if (counts.ranges.size() < limits::export_ranges_kept)
    counts.ranges.push_back(what);
}

void export_entries::end(const std::string& prefix) {
  auto each = parts_.lower_bound(prefix);
  while (each != parts_.end() && each->first.starts_with(prefix)) {
    if (!each->second.lines.empty())
      cut(each->first, each->second);
    each = parts_.erase(each);
  }
}

std::optional<export_entry> export_entries::take() {
  if (entries_.empty())
    return std::nullopt;
  export_entry first = std::move(entries_.front());
  entries_.pop_front();
  return first;
}

} // namespace parley
