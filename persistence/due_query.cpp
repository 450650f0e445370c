// Reads which messages are to go by now: their keys begin with the time.
#include "actors/limits.hpp"
#include "persistence/queries.hpp"

namespace parley {

result<due_messages> read_due_messages(const row_reader& rows, timestamp until,
                                       const std::string& behind) {
  const auto end = static_cast<std::uint64_t>(to_wire(until));
  due_messages found;
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
    if (place->at > end || found.items.size() == limits::expired_at_once) {
      found.next = timestamp{std::chrono::milliseconds{place->at}};
      break;
    }
    found.items.push_back({std::move(place->conversation), place->message});
    found.place = at.key();
  }
  if (at.error())
    return *at.error();
  return found;
}

} // namespace parley
