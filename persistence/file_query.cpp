// Reads what there is to know of files: for who sends them, who reads them, and who takes them
// away.
#include <algorithm>

#include "actors/limits.hpp"
#include "persistence/event_facts.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

failure no_such_file() { return {error_code::not_found, "no such file", {}}; }

failure bad_key(model_table table, std::string_view key) {
  return {error_code::internal, describe_row(table, key) + " has a bad key", {}};
}

/// Whether somebody may read a message that is there at this moment.
result<bool> may_read(const row_reader& rows, const file_use_place& in, const user_id& reader,
                      timestamp now) {
  auto member = rows.member(in.conversation, reader);
  if (!member)
    return member.error();
  if (!*member)
    return false;
  auto seen = is_visible(rows, in.conversation, in.message, reader);
  if (!seen || !*seen)
    return seen;
  auto hidden = rows.is_hidden(in.conversation, in.message, reader);
  if (!hidden)
    return hidden.error();
  if (*hidden)
    return false;
  auto event = rows.required_event(in.conversation, in.message);
  if (!event)
    return event.error();
  const auto facts = facts_of(event->event);
  const auto at = static_cast<std::uint64_t>(to_wire(now));
  if (!facts || facts->expires_at == 0 || facts->expires_at > at)
    return facts.has_value();
  auto held = rows.hold(in.conversation);
  if (!held)
    return held.error();
  return held->has_value();
}

} // namespace

result<std::vector<stored_file>> read_stored_files(const row_reader& rows,
                                                   const std::vector<file_id>& files) {
  std::vector<stored_file> found;
  for (const auto& each : files) {
    if (!is_file_id(each.str()))
      continue;
    auto row = rows.file(each);
    if (!row)
      return row.error();
    if (*row)
      found.push_back(std::move(**row));
  }
  return found;
}

result<file_facts> read_file_for(const row_reader& rows, const file_id& file, const user_id& reader,
                                 timestamp now) {
  if (!is_file_id(file.str()))
    return no_such_file();
  auto row = rows.file(file);
  if (!row)
    return row.error();
  if (!*row)
    return no_such_file();
  if (!(*row)->sent && (*row)->by == reader)
    return (*row)->what;
  cursor at = rows.rows(model_table::file_uses);
  for (bool more = at.seek(file.str()); more && at.key().starts_with(file.str());
       more = at.next()) {
    const auto place = split_file_use_key(at.key());
    if (!place)
      return bad_key(model_table::file_uses, at.key());
    auto may = may_read(rows, *place, reader, now);
    if (!may)
      return may.error();
    if (*may)
      return (*row)->what;
  }
  return at.error() ? *at.error() : no_such_file();
}

result<unsent_files> read_unsent_files(const row_reader& rows, const user_id& user) {
  unsent_files sum;
  const std::string prefix = membership_prefix(user);
  cursor at = rows.rows(model_table::unsent_files);
  for (bool more = at.seek(prefix); more && at.key().starts_with(prefix); more = at.next()) {
    auto bytes = decode_unsent(at.key(), at.value());
    if (!bytes)
      return bytes.error();
    ++sum.files;
    sum.bytes += *bytes;
  }
  if (at.error())
    return *at.error();
  return sum;
}

result<unused_files> read_unused_files(const row_reader& rows, timestamp until) {
  unused_files found;
  cursor at = rows.rows(model_table::unused_files);
  for (bool more = at.first(); more; more = at.next()) {
    auto place = split_unused_file_key(at.key());
    if (!place)
      return bad_key(model_table::unused_files, at.key());
    if (place->first > until || found.items.size() == limits::files_dropped_at_once) {
      found.next = place->first;
      break;
    }
    found.items.push_back(std::move(place->second));
  }
  if (at.error())
    return *at.error();
  return found;
}

} // namespace parley
