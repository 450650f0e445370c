// Reads which messages are to go by now: their keys begin with the time.
#include <map>

#include "actors/limits.hpp"
#include "persistence/queries.hpp"

namespace parley {

namespace {

/// Which conversations are held, each looked up once.
class holds_seen {
public:
  explicit holds_seen(const row_reader& rows) : rows_(rows) {}
  result<bool> is_held(const conversation_id& conversation) {
    const auto [known, unseen] = seen_.try_emplace(conversation, false);
    if (unseen) {
      auto row = rows_.hold(conversation);
      if (!row)
        return row.error();
      known->second = row->has_value();
    }
    return known->second;
  }

private:
  const row_reader& rows_;
  std::map<conversation_id, bool> seen_;
};

} // namespace

result<due_messages> read_due_messages(const row_reader& rows, timestamp until,
                                       const std::string& behind) {
  const auto end = static_cast<std::uint64_t>(to_wire(until));
  due_messages found;
  holds_seen holds{rows};
  std::size_t looked_at = 0;
  cursor at = rows.rows(model_table::expiries);
  bool more = behind.empty() ? at.first() : at.seek(behind);
  if (more && at.key() == behind)
    more = at.next();
  for (; more; more = at.next()) {
    auto place = split_expiry_key(at.key());
    if (!place)
      return failure{error_code::internal,
                     describe_row(model_table::expiries, at.key()) + " has a bad key",
                     {}};
    found.more = place->at <= end && looked_at++ == limits::expired_at_once;
    if (place->at > end || found.more) {
      found.next = timestamp{std::chrono::milliseconds{place->at}};
      break;
    }
    found.place = at.key();
    auto held = holds.is_held(place->conversation);
    if (!held)
      return held.error();
    if (!*held)
      found.items.push_back({std::move(place->conversation), place->message});
  }
  if (at.error())
    return *at.error();
  return found;
}

} // namespace parley
